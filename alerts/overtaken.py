"""What is queued and is not true any more when it is to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts import alert_store, call_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.updates.posts_store import groups_posted
from alerts.validity import ABOUT_WARNINGS, worth_sending
from data.database import Connection

CALLS = (MessageKind.CALL, MessageKind.REMIND)
"""What calls one person."""

OF_AREAS = frozenset({MessageKind.CHANGED, MessageKind.NARROWED})
"""What is true only where the warning is for, or is for no more."""

ABOUT_ALERTS = ABOUT_WARNINGS - frozenset(CALLS) | {
    MessageKind.CONFIRM,
    MessageKind.RELEASED,
    MessageKind.CHANGED,
}
"""What else is about a warning."""


def not_asked_any_more(
    connection: Connection, deliveries: Sequence[Delivery], now: datetime
) -> set[int]:
    """Calls and reminders whose person has answered, or whose warning is over or held; and those
    from before the call was made anew, by which another is queued."""
    calling = [
        (delivery, delivery.call_id)
        for delivery in deliveries
        if delivery.kind in CALLS and delivery.call_id is not None
    ]
    if not calling:
        return set()
    asked = call_store.asked_since(connection, {call_id for _, call_id in calling}, now)
    return {
        delivery.id
        for delivery, call_id in calling
        if call_id not in asked or _before_anew(delivery, asked[call_id])
    }


def of_other_areas(connection: Connection, deliveries: Sequence[Delivery]) -> set[int]:
    """What says that a warning is no more for somewhere it is for again; and what changed of it, to
    where it is for no more. The areas may have changed twice before the first news left."""
    about = [delivery for delivery in deliveries if delivery.kind in OF_AREAS]
    of_calls = {delivery.call_id for delivery in about if delivery.call_id is not None}
    outside = {call.id: call.left_out for call in call_store.calls(connection, of_calls)}
    alert_ids = {each.alert_id for each in about if each.call_id is None}
    posted = {each: groups_posted(connection, each) for each in alert_ids if each is not None}
    gone = set()
    for delivery in about:
        if delivery.call_id is not None:
            no_more_here = outside.get(delivery.call_id)
        elif delivery.alert_id is not None:
            no_more_here = delivery.chat_id not in posted[delivery.alert_id]
        else:
            continue
        if no_more_here is (delivery.kind is MessageKind.CHANGED):
            gone.add(delivery.id)
    return gone


def _before_anew(delivery: Delivery, called_at: datetime) -> bool:
    """Whether it was queued before its call was made; not what was hurried when it was."""
    if delivery.queued_at is None or delivery.coalesce_key is not None:
        return False
    return delivery.queued_at < called_at


def about_what_is_over(
    connection: Connection, deliveries: Sequence[Delivery], now: datetime
) -> set[int]:
    """What else is about a warning, and is not true as that stands."""
    about = [delivery for delivery in deliveries if delivery.kind in ABOUT_ALERTS]
    wanted = {delivery.alert_id for delivery in about if delivery.alert_id is not None}
    alerts = alert_store.alerts_by_id(connection, wanted)
    return {
        delivery.id
        for delivery in about
        if delivery.alert_id in alerts
        and not worth_sending(delivery.kind, alerts[delivery.alert_id], now)
    }
