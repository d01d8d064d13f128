"""What came back by another channel and is no answer goes to the duty officer above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from bot.messages.requests import as_message
from bot.telegram.outgoing import reply_of
from bot.views.clock import BEIJING
from bot.views.warnings.channel_words import words_back
from contacts.channels import Channel
from contacts.duty_store import officers_above
from contacts.people import Person
from data.database import Connection


def tell_officers(
    connection: Connection,
    persons: Iterable[Person],
    channel: Channel,
    text: str,
    place_of: Callable[[str], str],
    now: datetime,
    *,
    recorded: bool = False,
    written_at: datetime | None = None,
    zone: tzinfo = BEIJING,
) -> int:
    """Pass on what one of these persons wrote back; returns to how many officers.

    Called in the transaction that took the event: what comes twice is passed on once.

    :param persons: those who have the number or account it came from.
    :param place_of: how a division is called, by code.
    :param recorded: it was an answer, and says more than that.
    :param written_at: when, as the provider says.
    """
    officers: dict[int, Person] = {}
    theirs: dict[int, list[tuple[str, Person]]] = {}
    for person in persons:
        for officer in officers_above(connection, person.division_code, now):
            officers[officer.id] = officer
            place = place_of(person.division_code)
            theirs.setdefault(officer.id, []).append((place, person))
    told: list[NewDelivery] = []
    for officer in officers.values():
        if not officer.reachable or officer.telegram_id is None:
            continue
        screen = words_back(
            theirs[officer.id],
            channel,
            text,
            officer.language,
            recorded=recorded,
            written_at=written_at,
            read_at=now,
            zone=zone,
        )
        message = reply_of(as_message(officer.telegram_id, screen))
        told.append(to_person(officer, message, Lane.ANSWER))
    outbox_store.add_many(connection, told, now)
    return len(told)
