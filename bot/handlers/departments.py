"""The departments that a warning called: 🏢 部门 of its card."""

from __future__ import annotations

from alerts.lookup import watched_alert
from bot.actions.mechanism import DepartmentsPage
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.releases import departments_of
from bot.views.screen import Screen
from bot.views.warnings.departments import departments_page
from data.database import Connection


async def page(context: Context, action: DepartmentsPage) -> None:
    """How each of them stands now."""
    person = await context.read(context.on_watch)

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        alert = watched_alert(c, action.id, person)
        shown = departments_of(facts, alert)
        return departments_page(alert, facts.area(alert), shown, context.language, page=action.page)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


TAPS: dict[type, TapHandler] = {DepartmentsPage: page}
