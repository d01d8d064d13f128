"""What other channels only tell, by rows: to each address once, and while it is true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from alerts import alert_message_store
from alerts.channels import news, news_store, store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import NEWS_FOR, Kind, Progress
from alerts.lifecycle import ChangeKind
from alerts.outbox.messages import MessageKind
from alerts.rules import ChangesTold, Rules
from contacts.channels import Cause, Channel, Receipt
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.channels import untold_ends
from tests.called_by_channels import (
    RULES,
    UNLINKED,
    add_person,
    at,
    call_of,
    call_off,
    look,
    of,
    receipt,
    ring,
    warn,
)

TELLING = replace(RULES, news_by=frozenset({Channel.SMS, Channel.VOICE}))
LANDLINE, SECOND = "+864333230001", "+8613900000002"


def ends(database: Database, alert_id: int) -> dict[str, Progress]:
    """By address, how far its telling has got; each is told at one address once."""
    found = [each for each in of(database, UNLINKED, alert_id) if each.kind is Kind.END]
    assert {each.channel for each in found} <= {Channel.SMS}
    assert len({each.address for each in found}) == len(found)
    return {each.address: each.state for each in found}


def test_the_end_is_told_once_to_each_address_that_took_the_call(database: Database) -> None:
    add_person(database, other_phones=f"{LANDLINE}、{SECOND}")
    alert_id = warn(database)
    look(database)
    ring(database)
    ring(database, 0, Channel.SMS)
    call_off(database, alert_id)
    assert database.read(lambda c: news_store.anything_untold(c, at(2)))
    # In parts: killed between two, the next process goes on.
    while database.do(lambda c: news.tell_ends(c, TELLING, at(2), limit=3)):
        pass
    assert not database.read(lambda c: c.execute(select(untold_ends)).all())
    mobile = UNLINKED["phone"]
    queued = Progress.QUEUED
    assert ends(database, alert_id) == {mobile: queued, SECOND: queued}, "nobody rings up a reader"
    claimed = database.do(lambda c: store.claim(c, Channel.SMS, "x", at(3), 100))
    theirs = [each for each in claimed if each.person_id == UNLINKED["id"]]
    assert {(each.address, each.kind) for each in theirs} == {
        (mobile, Kind.END),
        (SECOND, Kind.END),
    }
    assert all(
        database.read(lambda c, one=each: news_store.still_to_be_told(c, one.id, at(3)))
        for each in theirs
    )
    # What was not handed over for six hours is told no more.
    late = at(NEWS_FOR.total_seconds() / 60 + 3)
    database.do(lambda c: store.free_claims(c, late, late))
    assert database.read(lambda c: store.any_pointless(c, late))
    database.do(lambda c: store.drop_pointless(c, late, 100))
    assert set(ends(database, alert_id).values()) == {Progress.DROPPED}
    assert not database.read(lambda c: store.any_pointless(c, late))


def test_where_no_channel_can_tell_it_nothing_is_queued(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database)
    call_off(database, alert_id)
    while database.do(lambda c: news.tell_ends(c, RULES, at(2))):
        pass
    assert ends(database, alert_id) == {}
    assert not database.read(lambda c: news_store.anything_untold(c, at(2)))


def named(database: Database, alert_id: int) -> list[tuple[str, tuple[int, ...]]]:
    """Whom duty officers were told to ring up: what about, and whose calls, a message each."""
    query = select(deliveries.c.params).where(
        deliveries.c.alert_id == alert_id, deliveries.c.kind == MessageKind.RING_UP.value
    )
    found = database.read(lambda c: c.execute(query).scalars().all())
    return [(params["news"], tuple(params["calls"])) for params in found]


@pytest.mark.both_databases
def test_whom_nothing_written_reaches_is_rung_up_and_else_named_to_an_officer_once(
    database: Database,
) -> None:
    add_person(database, phone=LANDLINE)

    def heard_and_over(rules: Rules, minutes: float) -> int:
        alert_id = warn(database, minutes)
        look(database, minutes)
        told = of(database, UNLINKED, alert_id)
        [rung] = [each for each in told if each.channel is Channel.VOICE]
        ring(database, minutes)
        assert receipt(database, rung.id, Receipt.HEARD, minutes, event=f"heard {alert_id}")
        call_off(database, alert_id)
        while database.do(lambda c: news.tell_ends(c, rules, at(minutes + 2), limit=1)):
            pass
        return alert_id

    by_voice, by_hand = heard_and_over(TELLING, 0), heard_and_over(RULES, 60)
    [end] = [each for each in of(database, UNLINKED, by_voice) if each.kind is Kind.END]
    assert (end.channel, end.address) == (Channel.VOICE, LANDLINE)
    call = call_of(database, UNLINKED, by_hand)
    assert named(database, by_hand) == [("end", (call.id,))]
    assert named(database, by_voice) == [], "they are being rung up"
    # Nobody picks up: three times, then the officer does it.
    for minutes in (62, 64, 66):
        assert named(database, by_voice) == []
        assert end.id in ring(database, minutes)
        assert receipt(database, end.id, Cause.NO_ANSWER, minutes)
    assert named(database, by_voice) == [("end", (call_of(database, UNLINKED, by_voice).id,))]


@pytest.mark.both_databases
def test_what_changed_while_the_words_of_before_were_on_their_way_is_told(
    database: Database,
) -> None:
    """Twice: each time it changed after the words were read, and before they were taken."""
    add_person(database)
    alert_id = warn(database)
    look(database)
    call = call_of(database, UNLINKED, alert_id)
    first, *_ = database.read(lambda c: alert_message_store.of_alert(c, alert_id))

    def taken(read_at: float, change_at: float) -> ChannelDelivery:
        message = replace(first, kinds=(ChangeKind.DOWNGRADE,), sent_at=at(change_at))

        def unit(c: Connection) -> ChannelDelivery:
            claimed = store.claim(c, Channel.SMS, "here", at(read_at), 1000)
            news.tell_changed(c, alert_id, [call.id], message, TELLING, at(change_at))
            for each in claimed:
                store.accepted(c, each.id, f"p{each.id}", at(change_at + 0.2))
            [waits] = [
                one
                for one in store.of_calls(c, [call.id])[call.id]
                if one.kind is Kind.CHANGED and one.state is Progress.QUEUED
            ]
            return waits

        return database.do(unit)

    for read_at, change_at in ((0, 0.15), (0.4, 0.5)):
        waits = taken(read_at, change_at)
        known = database.read(lambda c, one=waits: news_store.last_said_at(c, one))
        assert known is not None and known < at(change_at)
        # What they read before that is not told again.
        assert known > at(read_at - 0.15)


@pytest.mark.both_databases
def test_each_change_is_told_once_where_the_office_has_it_told(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database)
    ring(database, 0, Channel.SMS)
    call = call_of(database, UNLINKED, alert_id)

    def changed(rules: Rules, minutes: float, *kinds: ChangeKind) -> list[Progress]:
        first, *_ = database.read(lambda c: alert_message_store.of_alert(c, alert_id))
        message = replace(first, kinds=kinds, sent_at=at(minutes))

        def unit(c: Connection) -> None:
            news.tell_changed(c, alert_id, [call.id], message, rules, at(minutes))

        database.do(unit)
        found = [one for one in of(database, UNLINKED, alert_id) if one.kind is Kind.CHANGED]
        assert {(one.channel, one.address) for one in found} <= {(Channel.SMS, UNLINKED["phone"])}
        return [one.state for one in found]

    only_lowered = replace(
        TELLING, changes_told=ChangesTold(by_telephone=frozenset({ChangeKind.DOWNGRADE}))
    )
    assert changed(only_lowered, 1, ChangeKind.EXTEND) == []
    assert changed(TELLING, 2, ChangeKind.EXTEND) == [Progress.QUEUED]
    assert changed(TELLING, 3, ChangeKind.CORRECT) == [Progress.QUEUED], "it says this, too"
    assert ring(database, 4, Channel.SMS)
    assert changed(TELLING, 5, ChangeKind.EXTEND)[1:] == [Progress.QUEUED], "this is another"
    # It is over before it was said.
    call_off(database, alert_id)
    database.do(lambda c: store.drop_pointless(c, at(6), 100))
    assert changed(TELLING, 7)[1:] == [Progress.DROPPED]
    assert named(database, alert_id) == []
    # Whom no channel tells is named to an officer, if telephones are to tell of it at all.
    other = warn(database, 60)
    look(database, 60)
    [rung] = [one for one in of(database, UNLINKED, other) if one.channel is Channel.VOICE]
    ring(database, 60)
    assert receipt(database, rung.id, Receipt.HEARD, 60, event="heard")
    [message] = database.read(lambda c: alert_message_store.of_alert(c, other))
    message = replace(message, kinds=(ChangeKind.EXTEND,), sent_at=at(61))
    theirs = call_of(database, UNLINKED, other).id
    for rules in (replace(only_lowered, news_by=frozenset()), RULES):
        assert named(database, other) == []
        database.do(lambda c, r=rules: news.tell_changed(c, other, [theirs], message, r, at(61)))
    assert named(database, other) == [("changed", (theirs,))]
