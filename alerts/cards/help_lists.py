"""Who wants help, told to those who can give it: one list an officer, however many report at once.

It stands in no way of a call for help (求救), which has a lane of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.cards import help_list_store
from alerts.outbox import store as outbox_store
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery, NewDelivery, to_person
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import HelpWanted, MessageKind, Over
from contacts.people import Person
from data.database import Connection

MOST_LISTS = 3
GATHER = timedelta(seconds=20)
"""An officer gets at most so many lists of one warning in so long (ours); who reports meanwhile
is in the next."""


def tell_of_help(
    connection: Connection,
    alert_id: int,
    officers: Iterable[Person],
    now: datetime,
    *,
    again: bool,
) -> None:
    """Queue the list to each of these officers, all linked; one that waits already tells it all.

    :param again: they were told, and now the reason is known: the message they have then says so.
    """
    lists = {f"help:{alert_id}:{officer.id}": officer for officer in officers}
    waiting = help_list_store.waiting_for(connection, lists)
    sent = help_list_store.sent_since(connection, alert_id, now - GATHER)
    outbox_store.add_many(
        connection,
        [
            _list(alert_id, officer, key, again, sent.get(officer.telegram_id or 0, []))
            for key, officer in lists.items()
            if key not in waiting
        ],
        now,
    )


def point_to_newest(
    connection: Connection, delivery: Delivery, message_id: int | None, now: datetime
) -> None:
    """A new list has arrived: the one before it says so, or it would offer what was done since."""
    edited = decode(HelpWanted, delivery.params).again
    if edited or delivery.alert_id is None or message_id is None:
        return
    earlier = help_list_store.before(connection, delivery.alert_id, delivery.chat_id, message_id)
    if earlier is None:
        return
    pointing = NewDelivery(
        Over(MessageKind.HELP_WANTED, earlier),
        Lane.CARD,
        delivery.chat_id,
        LaneOrder.TOWNSHIP,
        delivery.language,
        alert_id=delivery.alert_id,
        person_id=delivery.person_id,
    )
    outbox_store.add(connection, pointing, now)


def _list(
    alert_id: int, officer: Person, key: str, again: bool, lately: list[datetime]
) -> NewDelivery:
    # Before the mass of answers, and behind every call for help.
    delivery = to_person(
        officer,
        HelpWanted(again),
        Lane.ANSWER,
        order=LaneOrder.GROUP,
        alert_id=alert_id,
        coalesce_key=f"{key}:edit" if again else key,
    )
    if again or len(lately) < MOST_LISTS:
        return delivery
    return delivery._replace(not_before=lately[-MOST_LISTS] + GATHER)
