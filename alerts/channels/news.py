"""What other channels tell beside calls: who is told, by which of them, when.

In writing; whom nothing written reaches is rung up; whom no channel tells is named to the duty
officer of their township, who rings them up. Only by channels that can (``Rules.news_by``): the
template of a cloud that asks for an answer cannot say that none is wanted any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts import alert_store
from alerts.channels import address_store, news_store, queue_store
from alerts.channels.addresses import addresses_of
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import NEWS, Kind
from alerts.channels.news_store import Unheard
from alerts.channels.queue_store import NewChannelDelivery
from alerts.escalation import RungChannels
from alerts.lifecycle import AlertMessage
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.news_messages import MOST_CARDS_READ, MOST_NAMED, RingUp
from alerts.restored import restored_lately
from alerts.rules import Rules
from contacts.channels import Channel
from contacts.duty_store import station_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1_000
"""Deliveries looked at in one transaction: some hundredths of a second."""


def tell_ends(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Queue the next part of the end of a warning; 0 when all of it is queued.

    First for the channels that told of it; then who is left is named to the duty officers.

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
    if not last:
        return limit
    end, left = news_store.unheard_of_end(connection, end, limit)
    name_to_officers(connection, end.alert_id, Kind.END, left, now)
    if len(left) < limit:
        news_store.end_told(connection, end.alert_id)
        if end.told:
            detail = {"addresses": end.told}
            entry = Entry("alert.end_written", f"alert:{end.alert_id}", detail=detail)
            append(connection, now, [entry])
    return limit


def tell_narrowed(
    connection: Connection, alert_id: int, call_ids: Sequence[int], rules: Rules, now: datetime
) -> None:
    """A warning is no more for where these were called: whom Telegram does not tell hears it."""
    news_store.tell_narrowed(connection, call_ids, rules.news_by, now)
    left = news_store.unheard(connection, call_ids, Kind.NARROWED)
    name_to_officers(connection, alert_id, Kind.NARROWED, left, now)


def tell_changed(
    connection: Connection,
    alert_id: int,
    call_ids: Sequence[int],
    message: AlertMessage,
    rules: Rules,
    now: datetime,
) -> None:
    """A warning that goes on for these was changed: whom Telegram does not tell hears what.

    By the channels that the office has tell of such a change (``Rules.changes_told``).
    """
    told = rules.changes_told
    by = frozenset(each for each in rules.news_by if told.by(each, message.kinds))
    news_store.tell_changed(connection, call_ids, by, message.sent_at, now)
    if told.by(Channel.VOICE, message.kinds):  # an officer's telephone is one, too
        left = news_store.unheard(connection, call_ids, Kind.CHANGED, message.sent_at)
        name_to_officers(connection, alert_id, Kind.CHANGED, left, now)


def text_channels(
    ladder: RungChannels, news_by: frozenset[Channel], answered_in: Channel | None
) -> list[Channel]:
    """By which channels somebody can be told something, the one to be tried first first. Pure.

    That in which they answered; then SMS; then what the ladder names. A telephone rings only where
    nothing else is left.

    :param answered_in: where they answered; ``None``: in Telegram, or told an officer.
    """
    named = [*ladder.at_once, *ladder.remind_by, *ladder.stand_in_by]
    first = [] if answered_in is None else [answered_in]
    sms = [Channel.SMS] if named or first else []
    written = [*first, *sms, *named]
    rung = [Channel.VOICE] if Channel.VOICE in written else []
    each_once = dict.fromkeys([each for each in written if each is not Channel.VOICE] + rung)
    return [each for each in each_once if each in news_by]


def name_to_officers(
    connection: Connection, alert_id: int, kind: Kind, people: Sequence[Unheard], now: datetime
) -> None:
    """The duty officers of their townships, or of the next tier that has one, read whom to ring up.

    Called once for each of them: by whoever is done with queuing what tells the others.
    """
    if not people:
        return
    officers = station_officers_many(connection, {each.division_code for each in people}, now)
    theirs: dict[int, tuple[Person, list[int]]] = {}
    for each in people:
        for officer in officers[each.division_code]:
            if officer.telegram_id is not None:
                theirs.setdefault(officer.id, (officer, []))[1].append(each.call_id)
    most = MOST_CARDS_READ if kind is Kind.CARD else MOST_NAMED
    told = [
        to_person(
            officer, RingUp(kind, tuple(ids[start : start + most])), Lane.CANCEL, alert_id=alert_id
        )
        for officer, ids in theirs.values()
        for start in range(0, len(ids), most)
    ]
    outbox_store.add_many(connection, told, now)
    detail = {"kind": kind.value, "people": [each.person_id for each in people]}
    append(connection, now, [Entry("alert.ring_up", f"alert:{alert_id}", detail=detail)])


def given_up(connection: Connection, delivery: ChannelDelivery, now: datetime) -> None:
    """A delivery will not arrive: was it the last that told somebody, an officer is to."""
    if delivery.kind in NEWS:
        since = delivery.created_at if delivery.kind is Kind.CHANGED else None
        left = news_store.unheard(connection, [delivery.call_id], delivery.kind, since)
        name_to_officers(connection, delivery.alert_id, delivery.kind, left, now)


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
