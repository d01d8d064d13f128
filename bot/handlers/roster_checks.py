"""Roster checks (名册核对): begun by officers under /coverage, answered by everybody."""

from __future__ import annotations

from alerts.roster_checks import asking, store
from alerts.roster_checks.model import DAYS
from bot.actions.roster_checks import RosterAnswer, RosterCheckPreview, RosterCheckStart
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.roster_checks import standing_screen
from bot.views.roster import checks as views
from bot.views.screen import Screen
from contacts.access import may_take_charge, require
from data.database import Connection


async def answered(context: Context, action: RosterAnswer) -> None:
    """还管这里, 不归我管 or 不是本人; the buttons stay, for whoever pressed the wrong one."""
    person, now, done_at = context.known(), context.now, context.done_at
    reply = Screen(views.answered(action.answer, context.language))

    def record(connection: Connection) -> None:
        asking.answer(connection, action.id, person, action.answer, now, done_at=done_at)
        context.will_say(connection, reply)

    await context.write(record)
    await context.toast()


async def previewed(context: Context, action: RosterCheckPreview) -> None:
    """📋 全员核对: how many would be asked, or how the check that runs stands."""
    person, code = context.known(), action.code
    require(may_take_charge(person, code), division=code)

    def look(connection: Connection) -> Screen:
        running = store.running(connection, code)
        if running is not None:
            facts = context.facts(connection)
            return standing_screen(facts, running, person, context.language)
        persons, reached = asking.preview(connection, person, code)
        place = context.services.gazetteer.name(code)
        return views.preview(code, place, persons, reached, DAYS, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def started(context: Context, action: RosterCheckStart) -> None:
    """✅ 开始核对; pressed twice it begins one check."""
    person, now = context.known(), context.now

    def begin(connection: Connection) -> None:
        check = asking.start(connection, person, action.code, now).check
        facts = context.facts(connection)
        context.will_show(connection, standing_screen(facts, check, person, context.language))

    await context.write(begin)
    await context.toast()


TAPS: dict[type, TapHandler] = {
    RosterAnswer: answered,
    RosterCheckPreview: previewed,
    RosterCheckStart: started,
}
