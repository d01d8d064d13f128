"""What a provider tells of a call or an SMS: arrived, heard, nobody answered, no such number."""

from __future__ import annotations

from datetime import datetime

from alerts.channels import address_store, event_store, news, store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import Progress, Told, after_failure, meaning
from contacts.channels import Cause, Channel, Receipt
from data.database import Connection


def take_receipt(
    connection: Connection,
    channel: Channel,
    event_id: str,
    delivery_id: int,
    receipt: Receipt | None,
    cause: Cause | None,
    seconds: float | None,
    at: datetime,
    now: datetime,
    *,
    message_seconds: float | None = None,
) -> bool:
    """Take what a provider tells of a delivery; ``False`` when it changes nothing.

    Told twice, it counts once. Of another channel's delivery, or of none, nothing is believed.

    :param seconds: for how long the person listened, if it is told.
    :param at: when it happened, as the provider says: never after ``now``.
    :param message_seconds: how long the message takes to be heard, if that is known.
    """
    known = store.delivery(connection, delivery_id)
    if known is None or known.channel is not channel:
        return False
    if not event_store.take_event(connection, channel, event_id, now):
        return False
    told = meaning(Told(receipt, cause, seconds), message_seconds)
    at = min(at, now)
    if told.receipt is not None:
        return _arrived(connection, known, told.receipt, at)
    return _failed(connection, known, told.cause, at, now)


def _arrived(
    connection: Connection, known: ChannelDelivery, receipt: Receipt, at: datetime
) -> bool:
    store.received(connection, known.id, receipt, at)
    if receipt is not Receipt.ACCEPTED and known.person_id:  # else a satellite telephone
        address_store.note_success(connection, known.person_id, known.channel, known.address, at)
    return True


def _failed(
    connection: Connection,
    known: ChannelDelivery,
    cause: Cause | None,
    at: datetime,
    now: datetime,
) -> bool:
    if known.state not in (Progress.CLAIMED, Progress.ACCEPTED, Progress.DELIVERED):
        return False  # it has ended, or is to be tried again already
    following = after_failure(known.channel, known.attempts, cause, now)
    store.record(connection, known.id, following, now)
    if following.progress is Progress.FAILED:
        news.given_up(connection, known, now)
    if known.person_id:
        address_store.note_failure(
            connection, known.person_id, known.channel, known.address, cause, at, now
        )
    return True
