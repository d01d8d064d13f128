"""Test calls (测试呼叫), begun by who commands a division, under /coverage."""

from __future__ import annotations

from alerts.test_calls import proving, running, store
from alerts.test_calls.model import TestProblem, code_in
from bot.actions.test_calls import TestPreview, TestResults, TestStart, TestStop
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.test_calls import standing_screen, tell_results
from bot.views import test_calls as views
from bot.views.screen import Screen
from bot.views.warnings.test_words import proof_words
from contacts.access import may_take_charge, require
from data.database import Connection
from data.errors import NotFound


async def previewed(context: Context, action: TestPreview) -> None:
    """📞: whom it would ring; how one stands that runs there, or above."""
    person, code, now = context.known(), action.code, context.now
    require(may_take_charge(person, code), division=code)
    rules, services = context.services.rules.tests, context.services

    def look(connection: Connection) -> Screen:
        test = store.running(connection, code)
        if test is not None:
            return standing_screen(connection, services, test, person, context.language)
        planned = running.plan(connection, person, code, (), rules, now)
        return views.preview(planned, services.gazetteer.name(code), context.language, context.zone)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def started(context: Context, action: TestStart) -> None:
    """✅; pressed twice it begins one test."""
    person, now, services = context.known(), context.now, context.services

    def begin(connection: Connection) -> None:
        test = store.running(connection, action.code)
        if test is None or test.division_code != action.code:
            rules = services.rules.tests
            test, _ = running.start(connection, person, action.code, (), rules, now)
        screen = standing_screen(connection, services, test, person, context.language)
        context.will_show(connection, screen)

    await context.write(begin)
    await context.toast()


async def looked_at(context: Context, action: TestResults) -> None:
    """🔄."""
    person, services = context.known(), context.services

    def look(connection: Connection) -> Screen:
        test = store.test_call(connection, action.id)
        if test is None:
            raise NotFound(TestProblem.NONE)
        require(may_take_charge(person, test.division_code), division=test.division_code)
        return standing_screen(connection, services, test, person, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def stopped(context: Context, action: TestStop) -> None:
    """⏹: what is still to be rung is not."""
    person, now, services = context.known(), context.now, context.services

    def end(connection: Connection) -> bool:
        test = running.stop(connection, person, action.id, now)
        if test is not None:
            tell_results(connection, services, test, now)
        shown = test or store.test_call(connection, action.id)
        if shown is not None:
            screen = standing_screen(connection, services, shown, person, context.language)
            context.will_show(connection, screen)
        return test is not None

    was_open = await context.write(end)
    await context.toast(views.stopped_toast(context.language, was_open=was_open))


def code_typed(c: Connection, context: Context, text: str) -> bool:
    """A code of a test that somebody typed to the bot; whether it was one."""
    code = code_in(text)
    if not code:
        return False
    person = context.known()
    proof = proving.by_code(c, [person.id], code, context.done_at, context.now)
    if proof is None:
        return False
    duty = context.facts(c).duty_phone(person)
    words = proof_words(proof, person.name, context.language, duty=duty)
    context.will_say(c, Screen(words))
    return True


TAPS: dict[type, TapHandler] = {
    TestPreview: previewed,
    TestStart: started,
    TestResults: looked_at,
    TestStop: stopped,
}
