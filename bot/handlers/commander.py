"""The commander: one-line release, second confirmation, cancelling, closing."""

from __future__ import annotations

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from alerts import alert_store, call_store, report
from alerts import conversation_store as conversations
from alerts.closing import cancel, close
from alerts.conversation_store import Topic
from alerts.model import Alert, State
from alerts.release import AlertProblem, confirm, withdraw
from bot.actions.warnings import CancelAsk, CancelNow, CloseAsk, CloseNow, ConfirmAlert, RefuseAlert
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.messages.facts import area_name
from bot.views.screen import Screen
from bot.views.warnings import confirmation as confirm_views
from bot.views.warnings import ending
from contacts.access import may_cancel, may_close, require
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """/warn; a release is composed in private."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [CommandHandler("warn", warn, filters=private)]


async def warn(update: Update, context: Context) -> None:
    """/warn 红 暴雨 敦化市 立即转移低洼地群众."""
    message = update.effective_message
    assert message is not None and message.text is not None
    _, _, line = message.text.partition(" ")
    await release_wizard.from_line(context, line)


async def confirm_alert(context: Context, action: ConfirmAlert) -> None:
    """The second person: 确认发布."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings

    def unit(c: Connection) -> Alert:
        confirm(c, action.id, person, rules, now)
        return _alert(c, action.id)

    await _decided(context, unit)


async def refuse_alert(context: Context, action: RefuseAlert) -> None:
    """The second person refuses, or the sender withdraws."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> Alert:
        withdraw(c, action.id, person, now)
        return _alert(c, action.id)

    await _decided(context, unit)


async def cancel_ask(context: Context, action: CancelAsk) -> None:
    """取消预警: really?"""
    person = context.known()

    def look(c: Connection) -> Screen:
        alert = _alert(c, action.id)
        require(may_cancel(person, alert.sender_id, alert.areas))
        if alert.state not in (State.RELEASED, State.CLOSED):
            raise Conflict(AlertProblem.OVER, alert=alert.id, state=alert.state)
        return ending.ask_cancel(alert, context.language, area_name(context.services, alert.areas))

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def cancel_now(context: Context, action: CancelNow) -> None:
    """Everyone who got the warning is told, first."""
    person, now = context.known(), context.now
    alert = await context.write(lambda c: cancel(c, action.id, person, now))
    await context.toast()
    await context.show(
        ending.cancelled_message(
            alert,
            context.language,
            area_name(context.services, alert.areas),
            by=person.name,
            zone=context.services.zone,
        )
    )


async def close_ask(context: Context, action: CloseAsk) -> None:
    """销号: really?"""
    person = context.known()

    def look(c: Connection) -> Screen:
        alert = _closable(c, action.id, person)
        counts = report.progress(c, alert)
        return ending.ask_close(
            alert, counts, context.language, area_name(context.services, alert.areas)
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def close_now(context: Context, action: CloseNow) -> None:
    """Closed at once when all have answered; otherwise the reason is asked for."""
    person, now = context.known(), context.now
    assert person.telegram_id is not None
    telegram_id = person.telegram_id

    def unit(c: Connection) -> tuple[Alert, int]:
        alert = _closable(c, action.id, person)
        silent = call_store.count_silent(c, alert.id, "", "~")
        if silent:
            conversations.put(c, telegram_id, Topic.CLOSE, {"alert": alert.id}, now)
            return alert, silent
        return close(c, alert.id, person, "", now), 0

    alert, silent = await context.write(unit)
    await context.toast()
    if silent:
        await context.say(ending.ask_close_reason(alert, silent, context.language))
    else:
        await context.show(_closed(context, alert, person))


async def close_reason(context: Context, text: str) -> None:
    """The reason that was asked for: those still open are discharged with it."""
    person, now = context.known(), context.now
    assert person.telegram_id is not None and context.conversation is not None
    telegram_id, alert_id = person.telegram_id, context.conversation.state["alert"]

    def unit(c: Connection) -> Alert:
        closed = close(c, alert_id, person, text, now)
        conversations.end(c, telegram_id)
        return closed

    await context.say(_closed(context, await context.write(unit), person))


TAPS: dict[type, Any] = {
    ConfirmAlert: confirm_alert,
    RefuseAlert: refuse_alert,
    CancelAsk: cancel_ask,
    CancelNow: cancel_now,
    CloseAsk: close_ask,
    CloseNow: close_now,
}


def _alert(c: Connection, alert_id: int) -> Alert:
    alert = alert_store.alert(c, alert_id)
    if alert is None:
        raise NotFound(AlertProblem.UNKNOWN, alert=alert_id)
    return alert


def _closable(c: Connection, alert_id: int, person: Person) -> Alert:
    alert = _alert(c, alert_id)
    require(may_close(person, alert.sender_id, alert.areas))
    if alert.state is not State.RELEASED:
        raise Conflict(AlertProblem.OVER, alert=alert_id, state=alert.state)
    return alert


def _closed(context: Context, alert: Alert, person: Person) -> Screen:
    place = area_name(context.services, alert.areas)
    return ending.closed_note(
        alert, context.language, place, by=person.name, zone=context.services.zone
    )


async def _decided(context: Context, unit: Any) -> None:
    """A pending alert was decided, by this tap or by somebody before it: show by whom."""
    try:
        alert = await context.write(unit)
    except Conflict as error:
        alert_id = error.facts["alert"]
        alert = await context.read(lambda c: _alert(c, alert_id))
        # By whom it was decided is for those who might have decided it.
        require(may_cancel(context.known(), alert.sender_id, alert.areas))
    await context.toast()

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        return confirm_views.confirm_done(
            alert,
            context.language,
            facts.area(alert),
            by=facts.by(alert.confirmed_by or alert.cancelled_by),
            zone=context.services.zone,
        )

    await context.show(await context.read(look))
