"""A warning that was held, because it is overdue by too much, is sent anew."""

from __future__ import annotations

from alerts.holding import send_anew
from bot.actions.warnings import SendAnew
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.warnings import holding as views
from data.database import Connection


async def send(context: Context, action: SendAnew) -> None:
    """📤 还要发."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings

    def unit(c: Connection) -> None:
        alert = send_anew(c, action.id, person, rules, now)
        place = context.facts(c).area(alert)
        context.will_show(c, views.sent_anew(alert, context.language, place, zone=context.zone))

    await context.write(unit)


TAPS: dict[type, TapHandler] = {SendAnew: send}
