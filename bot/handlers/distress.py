"""🆘 求救: the first tap, the second, undo; taking and clearing."""

from __future__ import annotations

from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.calling import Raised
from alerts.patrol.distress.model import DistressStage
from bot.actions.distress import (
    DistressClear,
    DistressCleared,
    DistressConfirm,
    DistressGoesOn,
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

    def unit(c: Connection) -> None:
        raised = distress.raise_distress(c, person, now, rules, done_at=context.done_at)
        distress.answer_press(c, raised, person, now)
        if raised.pressed_before:
            return  # the position was asked for with the first press
        distress.ask_where(c, raised, person, now)

    await context.write(unit)


def added_screen(added: Raised, language: str, duty: str) -> Screen:
    """What a person in distress reads after adding a picture or words."""
    if added.call.stage is DistressStage.PENDING:
        return views.kept(language)
    return views.passed_on(len(added.told), language, duty)


async def confirm(context: Context, action: DistressConfirm) -> None:
    """🆘 立即求救."""
    person, now, language = context.known(), context.now, context.language
    rules, zone = context.services.rules.distress, context.zone
    query = context.incoming.callback_query
    message = None if query is None else query.message

    def unit(c: Connection) -> None:
        raised = distress.confirm(c, action.id, person, now, rules)
        if message is not None:  # its buttons may be back: it had lost them if it was too late
            distress.keep_prompt(c, raised.call, person, message.message_id)
        context.will_show(c, views.sent(raised.call, raised.told, language, zone=zone))

    await context.write(unit)


async def undo(context: Context, action: DistressUndo) -> None:
    """↩️ 误报，撤销."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        raised = distress.undo(c, action.id, person, now)
        context.will_show(c, views.prompt_over(raised.call, context.language, zone=context.zone))
        context.will_say(c, views.undone(raised.told, context.language))

    await context.write(unit)


async def take(context: Context, action: DistressTake) -> None:
    """🙋 我来处置."""
    officer, now = context.known(), context.now

    def unit(c: Connection) -> None:
        call = distress.take(c, action.id, officer, now).call
        # A new message: the call itself stays readable above.
        distress.show_state(c, call, officer, now)

    await context.write(unit)


async def ask_clear(context: Context, action: DistressClear) -> None:
    """✅ 人已安全，解除: the first tap asks whether that is so."""
    officer, now = context.known(), context.now
    # A message that is remembered: its buttons go when somebody else is faster.
    await context.write(lambda c: distress.ask_to_clear(c, action.id, officer, now))


async def clear(context: Context, action: DistressCleared) -> None:
    """✅ 确认安全，解除: the second tap."""
    officer, now = context.known(), context.now

    def unit(c: Connection) -> None:
        call = distress.clear(c, action.id, officer, now).call
        person = people_store.person(c, call.person_id)
        assert person is not None
        context.will_show(c, views.state(call, person, officer.name, context.language))

    await context.write(unit)


async def go_on(context: Context, action: DistressGoesOn) -> None:
    """↩️ 还没有，继续处置."""
    officer, now = context.known(), context.now

    def unit(c: Connection) -> None:
        _, person = distress.to_be_cleared(c, action.id, officer, now)
        context.will_show(c, views.goes_on(person, context.language))

    await context.write(unit)


async def from_button(context: Context, _action: DistressRaise) -> None:
    """🆘 求救 from a button under a message."""
    await context.toast()
    await raise_distress(context)


TAPS: dict[type, TapHandler] = {
    DistressConfirm: confirm,
    DistressUndo: undo,
    DistressTake: take,
    DistressClear: ask_clear,
    DistressCleared: clear,
    DistressGoesOn: go_on,
    DistressRaise: from_button,
}
