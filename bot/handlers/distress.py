"""🆘 求救: the first tap, the second, undo; taking and clearing."""

from __future__ import annotations

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
    rules = context.services.rules.distress
    raised = await context.write(lambda c: distress.raise_distress(c, person, now, rules))
    if raised.call.stage is not DistressStage.PENDING:
        again = raised.already
        await context.say(views.sent(raised.call, raised.told, context.language, again=again))
        return
    screen, ask = views.asked(raised.call, rules.confirm_seconds, context.language)
    await context.say(screen)
    # Nobody waits for the second: a chat takes one message a second, and the next tap is for help.
    await context.say_in_turn(ask)


async def heard(context: Context, text: str) -> bool:
    """Words of somebody in distress go on to those called; whether that was so."""
    person, now = context.known(), context.now
    added = await context.write(lambda c: distress.add_to_distress(c, person, now, note=text))
    if added is None:
        return False
    await context.say(added_screen(added, context.language))
    return True


def added_screen(added: Raised, language: str) -> Screen:
    """What a person in distress reads after adding a picture or words."""
    if added.call.stage is DistressStage.PENDING:
        return views.kept(language)
    return views.passed_on(len(added.told), language)


async def confirm(context: Context, action: DistressConfirm) -> None:
    """🆘 立即求救."""
    person, now = context.known(), context.now
    rules = context.services.rules.distress
    raised = await context.write(lambda c: distress.confirm(c, action.id, person, now, rules))
    await context.toast()
    await context.show(views.sent(raised.call, raised.told, context.language))


async def undo(context: Context, action: DistressUndo) -> None:
    """↩️ 误报，撤销."""
    person, now = context.known(), context.now
    raised = await context.write(lambda c: distress.undo(c, action.id, person, now))
    await context.toast()
    await context.show(views.state(raised.call, person, person.name, context.language, own=True))


async def take(context: Context, action: DistressTake) -> None:
    """🙋 我来处置."""
    officer, now = context.known(), context.now
    await _show_state(
        context, await context.write(lambda c: distress.take(c, action.id, officer, now))
    )


async def clear(context: Context, action: DistressClear) -> None:
    """✅ 人已安全，解除."""
    officer, now = context.known(), context.now
    await _show_state(
        context, await context.write(lambda c: distress.clear(c, action.id, officer, now))
    )


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


async def _show_state(context: Context, raised: Raised) -> None:
    """A new message, with the button that clears it: the call itself stays readable above."""
    call = raised.call

    def look(c: Connection) -> Screen:
        person = people_store.person(c, call.person_id)
        by = people_store.person(c, call.cleared_by or call.taken_by or 0)
        assert person is not None
        return views.state(call, person, "" if by is None else by.name, context.language)

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)
