"""The end of a warning: lifted or cancelled; of its calling: closed (销号). Each asks first."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from alerts import call_store, report
from alerts import conversation_store as conversations
from alerts.cards import progress_card_store
from alerts.closing import cancel, close, lift, permit_close, permit_end
from alerts.conversation_store import ConversationTopic
from alerts.follow_up import check_reason
from alerts.model import Alert
from alerts.same_warnings import others_in_force
from bot.actions.warnings import (
    CancelAsk,
    CancelNow,
    CloseAsk,
    CloseNow,
    CloseWithReason,
    LiftAsk,
    LiftNow,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.questions import too_late
from bot.views.screen import Screen
from bot.views.warnings import ending as views
from bot.views.warnings.parts import plain_title
from contacts.people import Person
from data.database import Connection


async def cancel_ask(context: Context, action: CancelAsk) -> None:
    """取消预警: really?"""
    await _ask_to_end(context, action.id, views.ask_cancel)


async def cancel_now(context: Context, action: CancelNow) -> None:
    """Everyone who got the warning is told, first."""
    await _end_now(context, action.id, cancel)


async def lift_ask(context: Context, action: LiftAsk) -> None:
    """解除预警: really?"""
    await _ask_to_end(context, action.id, views.ask_lift)


async def lift_now(context: Context, action: LiftNow) -> None:
    """Everyone who got the warning is told."""
    await _end_now(context, action.id, lift)


async def close_ask(context: Context, action: CloseAsk) -> None:
    """销号: really?"""
    person = context.known()

    def unit(c: Connection) -> None:
        alert = permit_close(c, action.id, person)
        counts = report.progress(c, alert)
        screen = views.ask_close(alert, counts, context.language, context.facts(c).area(alert))
        _will_ask(c, context, alert, screen)

    await context.write(unit)


async def close_now(context: Context, action: CloseNow) -> None:
    """Closed at once when all have answered; otherwise the reason is asked for."""
    person, now, account = context.known(), context.now, context.account

    def unit(c: Connection) -> None:
        alert = permit_close(c, action.id, person)
        silent = call_store.count_silent(c, alert.id)
        if silent:
            conversations.put(c, account, ConversationTopic.CLOSE, {"alert": alert.id}, now)
            place = context.facts(c).area(alert)
            context.will_say(c, views.ask_close_reason(alert, silent, context.language, place))
        else:
            context.will_show(c, _closed(c, context, close(c, alert.id, person, "", now)))

    await context.write(unit)


async def close_reason(context: Context, text: str) -> None:
    """The reason that was asked for: shown with a button, which alone closes."""
    person, now, account = context.known(), context.now, context.account
    alert_id, nonce = context.asked["alert"], secrets.token_hex(4)
    check_reason(text, alert=alert_id)

    def unit(c: Connection) -> None:
        alert = permit_close(c, alert_id, person)
        silent = call_store.count_silent(c, alert.id)
        state = {"alert": alert.id, "reason": text, "nonce": nonce}
        conversations.put(c, account, ConversationTopic.CLOSE, state, now, hears=False)
        place = context.facts(c).area(alert)
        screen = views.confirm_close(alert, silent, text, nonce, context.language, place)
        context.will_say(c, screen)

    await context.write(unit)


async def close_with_reason(context: Context, action: CloseWithReason) -> None:
    """☑️ 确定销号 under the reason: those still open are discharged with it."""
    person, now, account = context.known(), context.now, context.account

    def unit(c: Connection) -> None:
        typed = conversations.to_confirm(c, account, ConversationTopic.CLOSE, action.nonce, now)
        if typed is None or typed["alert"] != action.id:
            context.will_show(c, too_late(context.language))
            return
        closed = close(c, action.id, person, typed["reason"], now)
        conversations.end(c, account)
        context.will_show(c, _closed(c, context, closed))

    await context.write(unit)


TAPS: dict[type, TapHandler] = {
    CancelAsk: cancel_ask,
    CancelNow: cancel_now,
    LiftAsk: lift_ask,
    LiftNow: lift_now,
    CloseAsk: close_ask,
    CloseNow: close_now,
    CloseWithReason: close_with_reason,
}


async def _ask_to_end(context: Context, alert_id: int, ask: Callable[..., Screen]) -> None:
    def unit(c: Connection) -> None:
        alert, screen = question(c, context, alert_id, ask)
        _will_ask(c, context, alert, screen)

    await context.write(unit)


def question(
    c: Connection, context: Context, alert_id: int, ask: Callable[..., Screen]
) -> tuple[Alert, Screen]:
    """The warning, and the question before its end: how many are told, and what holds on.

    :param ask: ``ask_lift`` or ``ask_cancel``.
    :raises NotAllowed: the person may not end it.
    """
    person = context.known()
    alert, facts = permit_end(c, alert_id, person, context.now), context.facts(c)
    going_on = [
        plain_title(other, facts.area(other), context.language)
        for other in others_in_force(c, alert, person, context.now)
    ]
    screen = ask(
        alert,
        context.language,
        facts.area(alert),
        told=report.progress(c, alert).calls,
        going_on=going_on,
    )
    return alert, screen


def _will_ask(c: Connection, context: Context, alert: Alert, screen: Screen) -> None:
    """Ask in the place of what was tapped; a card that was settled is one again afterwards."""
    progress_card_store.look_again(c, [alert.id])
    context.will_show(c, screen)


async def _end_now(
    context: Context,
    alert_id: int,
    end: Callable[[Connection, int, Person, datetime], Alert],
) -> None:
    """Lift or cancel it, in one unit with what its commander then reads."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        alert = end(c, alert_id, person, now)
        screen = views.ended_message(
            alert,
            context.language,
            context.facts(c).area(alert),
            by=person.name,
            moved=context.facts(c).moved(alert),
            zone=context.zone,
        )
        context.will_show(c, screen)

    await context.write(unit)


def _closed(c: Connection, context: Context, alert: Alert) -> Screen:
    return views.closed_note(
        alert,
        context.language,
        context.facts(c).area(alert),
        by=context.known().name,
        zone=context.zone,
    )
