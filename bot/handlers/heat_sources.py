"""🏭 已知热源: what is masked, and un-learning it."""

from __future__ import annotations

from alerts.patrol.hotspots.heat_sources import forget_source, may_forget, sources_for
from bot.actions.hotspots import HeatForget, HeatSources
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.patrol import heat_sources as views
from bot.views.screen import Screen
from contacts.people import Person
from data.database import Connection


async def listed(context: Context, _action: HeatSources) -> None:
    """The heat sources of the reader's division."""
    person = context.known()
    screen = await context.read(lambda c: _screen(c, context, person))
    await context.toast()
    await context.say(screen)


async def forgotten(context: Context, action: HeatForget) -> None:
    """✖️ 取消."""
    person, now = context.known(), context.now
    source = await context.write(lambda c: forget_source(c, action.id, person, now))
    screen = await context.read(lambda c: _screen(c, context, person))
    await context.toast(views.forgotten(source, context.language))
    await context.show(screen)


TAPS: dict[type, TapHandler] = {HeatSources: listed, HeatForget: forgotten}


def _screen(connection: Connection, context: Context, person: Person) -> Screen:
    facts = context.facts(connection)
    found = sources_for(connection, person, context.now)
    rows = [(source, facts.place(source.county_code)) for source in found]
    may = may_forget(person, person.division_code).allowed
    return views.sources(rows, context.language, forget=may, zone=context.zone)
