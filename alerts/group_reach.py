"""Groups that may not be written to are asked about again, now and then, until they take a message.

A group's owner lets the bot write again and Telegram tells the bot nothing of it: what is asked is
the smallest thing that needs the same right, the "is typing" line, which leaves no message.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import alert_store, release_store
from alerts.model import IN_FORCE
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import RelayedRequest
from alerts.release import queue_posts
from alerts.validity import in_force
from contacts import group_store
from contacts.groups import Group, hears_of, purposes_for
from data.database import Connection

ASK_AGAIN = timedelta(minutes=10)
"""Between two tries at one group (ours)."""

CHUNK = 100


def anything_to_ask(connection: Connection, now: datetime) -> bool:
    """Whether ``ask_again`` would ask anything."""
    return bool(group_store.groups_to_ask(connection, now - ASK_AGAIN, 1))


def post_after_all(connection: Connection, group: Group, now: datetime) -> int:
    """A group takes messages again: the warnings in force that it has not got are posted there.

    Not those of which a post waits to be sent, or is held. Returns how many.
    """
    missed = [
        alert
        for alert in alert_store.alerts(connection, *IN_FORCE)
        if in_force(alert, now)
        and not alert.held
        and not release_store.is_unfinished(connection, alert.id)  # it will post by itself
        and hears_of(group, alert.areas)
        and group.purpose in purposes_for(alert.hazard.family.value)
        and not outbox_store.posted(connection, alert.id, group.chat_id)
    ]
    for alert in missed:
        queue_posts(connection, alert, [group], now)
    return len(missed)


def ask_again(connection: Connection, now: datetime, *, limit: int = CHUNK) -> int:
    """Ask the groups that are due, ``limit`` at most; returns how many.

    What comes of it ``alerts.sending.record`` writes down, as of any message.
    """
    groups = group_store.groups_to_ask(connection, now - ASK_AGAIN, limit)
    for group in groups:
        group_store.note_asked(connection, group.chat_id, now)
    asked = [
        NewDelivery(
            RelayedRequest("sendChatAction", {"chat_id": group.chat_id, "action": "typing"}),
            Lane.REST,
            group.chat_id,
            LaneOrder.GROUP,
            coalesce_key=f"ask:{group.chat_id}",
        )
        for group in groups
    ]
    outbox_store.add_many(connection, asked, now)
    return len(groups)
