"""🆘 求救: the first tap, the second, undo; taking and clearing."""

from __future__ import annotations

from collections.abc import Callable

from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.calling import Raised
from alerts.patrol.distress.model import DistressStage
from bot.actions.distress import (
    DistressClear,
    DistressConfirm,
    DistressRaise,
    DistressTake,
    DistressUndo,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.membership import help_message
from bot.views.patrol import distress as views
from bot.views.screen import Screen
from contacts import people_store
from data.database import Connection


async def raise_distress(context: Context) -> None:
    """The first tap: committed before anything is said, and sent by itself if none follows."""
    person, now = context.person, context.now
    if person is None:
        await context.say(views.stranger(context.language))
        return
    rules, language = context.services.rules.distress, context.language

    def unit(c: Connection) -> None:
        raised = distress.raise_distress(c, person, now, rules, done_at=context.done_at)
        if raised.call.stage is not DistressStage.PENDING:
            context.will_say(
                c,
                views.sent(
                    raised.call,
                    raised.told,
                    language,
                    again=raised.already,
                    zone=context.services.zone,
                ),
            )
            return
        for screen in views.asked(raised.call, rules.confirm_seconds, language):
            context.will_say(c, screen)

    await context.write(unit)


async def heard(context: Context, text: str) -> None:
    """Words of somebody in distress go on to those called; anybody else's get a short help."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        added = distress.add_to_distress(c, person, now, note=text)
        screen = help_message(person, context.language)
        context.will_say(c, screen if added is None else added_screen(added, context.language))

    await context.write(unit)


def added_screen(added: Raised, language: str) -> Screen:
    """What a person in distress reads after adding a picture or words."""
    if added.call.stage is DistressStage.PENDING:
        return views.kept(language)
    return views.passed_on(len(added.told), language)


async def confirm(context: Context, action: DistressConfirm) -> None:
    """🆘 立即求救."""
    person, now = context.known(), context.now
    rules = context.services.rules.distress

    def unit(c: Connection) -> None:
        raised = distress.confirm(c, action.id, person, now, rules)
        context.will_show(c, views.sent(raised.call, raised.told, context.language))

    await context.write(unit)


async def undo(context: Context, action: DistressUndo) -> None:
    """↩️ 误报，撤销."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        raised = distress.undo(c, action.id, person, now)
        context.will_show(
            c, views.state(raised.call, person, person.name, context.language, own=True)
        )

    await context.write(unit)


async def take(context: Context, action: DistressTake) -> None:
    """🙋 我来处置."""
    officer, now = context.known(), context.now
    await _then_state(context, lambda c: distress.take(c, action.id, officer, now))


async def clear(context: Context, action: DistressClear) -> None:
    """✅ 人已安全，解除."""
    officer, now = context.known(), context.now
    await _then_state(context, lambda c: distress.clear(c, action.id, officer, now))


async def from_button(context: Context, _action: DistressRaise) -> None:
    """🆘 求救 from a button under a message."""
    await context.toast()
    await raise_distress(context)


TAPS: dict[type, TapHandler] = {
    DistressConfirm: confirm,
    DistressUndo: undo,
    DistressTake: take,
    DistressClear: clear,
    DistressRaise: from_button,
}


async def _then_state(context: Context, change: Callable[[Connection], Raised]) -> None:
    """A new message, with the button that clears it: the call itself stays readable above."""

    def unit(c: Connection) -> None:
        call = change(c).call
        person = people_store.person(c, call.person_id)
        by = people_store.person(c, call.cleared_by or call.taken_by or 0)
        assert person is not None
        context.will_say(
            c, views.state(call, person, "" if by is None else by.name, context.language)
        )

    await context.write(unit)
