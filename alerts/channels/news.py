"""What other channels tell beside calls: who is told, by which of them, when.

Only in writing, and only by channels that can (``Rules.news_by``): an SMS template of a cloud that
asks for an answer cannot say that none is wanted any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts import alert_store
from alerts.channels import address_store, news_store, queue_store
from alerts.channels.addresses import addresses_of
from alerts.channels.model import Kind
from alerts.channels.queue_store import NewChannelDelivery
from alerts.escalation import RungChannels
from alerts.restored import restored_lately
from alerts.rules import Rules
from contacts.channels import Channel
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1_000
"""Deliveries looked at in one transaction: some hundredths of a second."""


def anything_untold(connection: Connection, now: datetime) -> bool:
    """Whether ``tell_ends`` would find work: a look into a table that is empty nearly always."""
    return news_store.first_untold(connection) is not None and not restored_lately(connection, now)


def tell_ends(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Queue the next part of the end of a warning; 0 when all of it is queued.

    A process that is killed goes on where the last part ended.
    """
    end = news_store.first_untold(connection)
    if end is None or restored_lately(connection, now):
        return 0
    alert = alert_store.alert(connection, end.alert_id)
    if alert is None or alert.state not in news_store.ENDED_BY_WORD:
        news_store.end_told(connection, end.alert_id)
        return limit
    end, last = news_store.tell_end(connection, end, rules.news_by, now, limit)
    if last:
        news_store.end_told(connection, end.alert_id)
        if end.told:
            detail = {"addresses": end.told}
            entry = Entry("alert.end_written", f"alert:{end.alert_id}", detail=detail)
            append(connection, now, [entry])
    return limit


def text_channels(
    ladder: RungChannels, news_by: frozenset[Channel], answered_in: Channel | None
) -> list[Channel]:
    """By which channels somebody can be written to, the one to be tried first first. Pure.

    That in which they answered; then SMS; then what the ladder names.

    :param answered_in: where they answered; ``None``: in Telegram, or told an officer.
    """
    named = [*ladder.at_once, *ladder.remind_by, *ladder.stand_in_by]
    first = [] if answered_in is None else [answered_in]
    sms = [Channel.SMS] if named or first else []
    return [each for each in dict.fromkeys([*first, *sms, *named]) if each in news_by]


def write_card(
    connection: Connection,
    call_id: int,
    alert_id: int,
    person: Person,
    channels: Sequence[Channel],
    now: datetime,
) -> Channel | None:
    """Queue the card in words for somebody: once a call, at one address; by which channel."""
    for channel in channels:
        known = addresses_of(connection, [person], channel).get(person.id) or []
        if not known:
            continue
        address = _best(connection, person, channel, known)
        row = NewChannelDelivery(call_id, alert_id, person.id, channel, address, Kind.CARD)
        queue_store.add(connection, [row], now)
        return channel
    return None


def _best(connection: Connection, person: Person, channel: Channel, known: Sequence[str]) -> str:
    """Of the addresses of a person the one from which they answered last, else the first."""
    proven = {
        each.address: each.verified_at
        for each in address_store.of_people(connection, [person.id])
        if each.channel is channel and each.address in known and each.verified_at is not None
    }
    return max(proven, key=lambda address: proven[address]) if proven else known[0]
