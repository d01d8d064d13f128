"""The buttons under messages about a call for help: they go when there is nothing left to press.

What asks whoever called for position and picture goes as a whole: its keys are no buttons, and the
keyboard of the post comes back with the words that the call is over.

A message that bears buttons is remembered when it was sent (``note_sent``). What ended meanwhile
loses its buttons then, so no button outlives its call because a message was slow.
"""

from __future__ import annotations

from datetime import datetime

from alerts.outbox import store as outbox_store
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery, NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Distress, DistressSent, DistressUpdate, MessageKind
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.model import DistressCall, DistressStage
from alerts.patrol.distress.store import ShownMessage
from contacts import people_store
from contacts.bot_store import bot_id_of_person
from data.database import Connection

ASKED_WHERE = ("where",)
"""The news of the message that asks whoever called for position and picture."""

KINDS = (MessageKind.DISTRESS, MessageKind.DISTRESS_SENT, MessageKind.DISTRESS_UPDATE)
"""The kinds of message that may bear buttons of a call for help."""


def note_sent(
    connection: Connection, delivery: Delivery, message_id: int | None, now: datetime
) -> None:
    """A message about a call for help arrived: remember it, if it bears buttons."""
    if message_id is None or delivery.person_id is None:
        return
    distress_id = _bearing_buttons(delivery)
    call = None if distress_id is None else distress_store.call(connection, distress_id)
    if call is None:
        return
    own_news = delivery.kind is MessageKind.DISTRESS_UPDATE and delivery.person_id == call.person_id
    if own_news and decode(DistressUpdate, delivery.params).news != ASKED_WHERE:
        return  # how it stands, to whoever called: nothing to press
    sent = ShownMessage(delivery.chat_id, message_id, delivery.person_id, delivery.kind)
    if delivery.kind in _ended(call):
        _end(connection, call, [sent], now)
    else:
        distress_store.note_shown(connection, call.id, sent)


def end_buttons(connection: Connection, call: DistressCall, now: datetime) -> None:
    """Take away the buttons that mean nothing any more, as the call stands now."""
    if kinds := _ended(call):
        _end(connection, call, distress_store.shown(connection, call.id, *kinds), now)
        distress_store.forget_shown(connection, call.id, *kinds)


def end_prompts(connection: Connection, call: DistressCall, now: datetime) -> None:
    """The call left by itself: what asked its caller whether to send it asks no more."""
    prompts = distress_store.shown(connection, call.id, MessageKind.DISTRESS_SENT)
    _end(connection, call, prompts, now)
    distress_store.forget_shown(connection, call.id, MessageKind.DISTRESS_SENT)


def _ended(call: DistressCall) -> tuple[MessageKind, ...]:
    """The kinds whose buttons mean nothing any more: all when it is over.

    Once somebody has taken it, nobody else is asked to; whoever called may still undo it.
    """
    if call.stage is DistressStage.OVER:
        return KINDS
    return (MessageKind.DISTRESS,) if call.stage is DistressStage.TAKEN else ()


def _bearing_buttons(delivery: Delivery) -> int | None:
    """The call for help whose buttons a message bears; ``None``: it bears none."""
    if delivery.kind is MessageKind.DISTRESS:
        return decode(Distress, delivery.params).distress_id
    if delivery.kind is MessageKind.DISTRESS_SENT:
        sent = decode(DistressSent, delivery.params)
        return sent.distress_id if sent.message_id is None else None
    update = decode(DistressUpdate, delivery.params)
    only_place = update.news == ("position_id",)
    return update.distress_id if update.message_id is None and not only_place else None


def _end(
    connection: Connection, call: DistressCall, messages: list[ShownMessage], now: datetime
) -> None:
    readers = people_store.people(connection, {shown.person_id for shown in messages})
    edits = []
    for shown in messages:
        own = shown.person_id == call.person_id
        message: DistressSent | DistressUpdate = DistressUpdate(
            call.id, ASKED_WHERE if own else (), shown.message_id
        )
        if own and shown.kind is MessageKind.DISTRESS_SENT:
            message = DistressSent(call.id, message_id=shown.message_id)
        bot_id = bot_id_of_person(connection, shown.person_id)
        key = None
        if bot_id is not None:
            key = outbox_store.edit_key(bot_id, shown.chat_id, shown.message_id)
        language = readers[shown.person_id].language if shown.person_id in readers else "zh"
        lane = Lane.ANSWER if own else Lane.CARD
        edits.append(NewDelivery(message, lane, shown.chat_id, language=language, coalesce_key=key))
    outbox_store.add_many(connection, edits, now)
