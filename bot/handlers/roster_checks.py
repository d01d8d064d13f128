"""Roster checks (名册核对): begun by officers under /coverage, answered by everybody."""

from __future__ import annotations

from alerts.roster_checks import asking, store
from alerts.roster_checks.model import DAYS, StillThere
from bot.actions.roster_checks import (
    RosterAnswer,
    RosterCheckPreview,
    RosterCheckStart,
    RosterPostGone,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.roster_checks import posts_and_places, standing_screen
from bot.views.roster import checks as views
from bot.views.screen import Screen
from contacts.access import may_take_charge, require
from data.database import Connection


async def answered(context: Context, action: RosterAnswer) -> None:
    """还管这里, 不归我管 or 不是本人; the buttons stay, for whoever pressed the wrong one."""
    person, now, done_at = context.known(), context.now, context.done_at
    language = context.language

    def record(connection: Connection) -> None:
        if action.answer is StillThere.ELSEWHERE and len(person.posts) > 1:
            posts = posts_and_places(context.facts(connection), person)
            context.will_say(connection, views.which_post_gone(action.id, posts, language))
            return
        asking.answer(connection, action.id, person, action.answer, now, done_at=done_at)
        context.will_say(connection, Screen(views.answered(action.answer, language)))

    await context.write(record)
    await context.toast()


async def post_gone(context: Context, action: RosterPostGone) -> None:
    """One of several posts is not theirs any more; its button goes, the others stay."""
    person, now, done_at = context.known(), context.now, context.done_at

    def record(connection: Connection) -> None:
        posts = posts_and_places(context.facts(connection), person)[: action.number]
        post, place = posts[-1]
        if len(posts) < action.number or post.division_code != action.division:
            context.will_say(connection, Screen(views.list_changed(context.language)))
            return
        answer = StillThere.ELSEWHERE
        asking.answer(connection, action.id, person, answer, now, done_at=done_at, gone=post)
        context.will_take_button_away(connection)
        context.will_say(connection, Screen(views.post_gone(post, place, context.language)))

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
    RosterPostGone: post_gone,
    RosterCheckPreview: previewed,
    RosterCheckStart: started,
}
