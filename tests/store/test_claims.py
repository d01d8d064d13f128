"""What is claimed of the outbox, and that nobody records what came of another's claim."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alerts.closing import cancel
from alerts.outbox import claim_store, outcome_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import (
    Attempt,
    Delivery,
    DeliveryState,
    NewDelivery,
    Result,
    Retry,
)
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind, RelayedRequest
from alerts.outbox.store import queued_by
from alerts.rules import Rules
from alerts.sending import claim, record, recover, still_true
from contacts import people_store
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.roster import BOT_ID, COUNTY_COMMANDER, NOW
from tests.store.test_release import go

EVERYTHING = dict.fromkeys(Lane, 1000)
OFFICER, OTHER = 7_001, 7_002


def said(chat: int, lane: Lane = Lane.DISTRESS, key: str | None = None) -> NewDelivery:
    message = RelayedRequest("sendMessage", {"chat_id": chat, "text": "…"})
    return NewDelivery(message, lane, chat, coalesce_key=key)


def queue(database: Database, *new: NewDelivery) -> None:
    database.do(lambda c: outbox_store.add_many(c, new, NOW))


def take(
    database: Database, room: int = 120, *, full: dict[Lane, list[int]] | None = None
) -> list[Delivery]:
    return database.do(
        lambda c: claim_store.claim(
            c, "a", NOW, dict.fromkeys(Lane, room), BOT_ID, per_chat=3, full=full
        )
    )


def states(database: Database) -> dict[int, str]:
    query = select(deliveries.c.id, deliveries.c.state)
    return dict(database.read(lambda c: [tuple(row) for row in c.execute(query)]))


def test_a_few_are_claimed_for_one_chat_and_what_is_behind_them(database: Database) -> None:
    queue(database, *[said(OFFICER) for _ in range(50)], said(OTHER))
    taken = take(database)
    assert [delivery.chat_id for delivery in taken] == [OFFICER] * 3 + [OTHER]


def test_what_is_behind_more_than_is_looked_at_comes_with_the_next_claim(
    database: Database,
) -> None:
    queue(database, *[said(OFFICER) for _ in range(50)], said(OTHER))
    assert [delivery.chat_id for delivery in take(database, 20)] == [OFFICER] * 3
    taken = take(database, 20, full={Lane.DISTRESS: [OFFICER]})
    assert [delivery.chat_id for delivery in taken] == [OTHER]


def test_a_chat_that_is_full_in_one_lane_is_not_in_another(database: Database) -> None:
    queue(database, said(OFFICER, Lane.REST), said(OFFICER, Lane.ANSWER), said(OTHER, Lane.REST))
    taken = take(database, full={Lane.REST: [OFFICER], Lane.RED: [OTHER]})
    assert [(d.chat_id, d.lane) for d in taken] == [(OFFICER, Lane.ANSWER), (OTHER, Lane.REST)]


def test_of_one_chat_the_first_by_place_are_claimed_of_each_lane(database: Database) -> None:
    last, first = (
        said(OFFICER)._replace(order=order) for order in (LaneOrder.CITY, LaneOrder.GROUP)
    )
    queue(database, last, last, first, first, *[said(OFFICER, Lane.RED)] * 4)
    taken = take(database)
    assert [(d.lane, d.order) for d in taken] == [
        *[(Lane.DISTRESS, LaneOrder.GROUP)] * 2,
        (Lane.DISTRESS, LaneOrder.CITY),
        *[(Lane.RED, LaneOrder.VILLAGE)] * 3,
    ]
    assert [delivery.claimed_by for delivery in taken] == ["a"] * 6
    assert [delivery.chat_id for delivery in take(database)] == [OFFICER] * 2  # the rest


def test_each_outcome_is_written_down_by_its_own_claim(database: Database) -> None:
    queue(database, said(1), said(2), said(3), said(4))
    first, second, third, fourth = take(database)
    made = [
        (first, 71),
        (second._replace(claimed_by="neighbour"), 72),
        (third, None),  # Telegram did not say which message it became
    ]
    ours = database.do(lambda c: outcome_store.sent(c, made, NOW)).ours
    assert ours == {first.id, third.id}
    query = select(deliveries.c.id, deliveries.c.state, deliveries.c.message_id)
    found = database.read(lambda c: {tuple(row) for row in c.execute(query)})
    assert found == {
        (first.id, "sent", 71),
        (second.id, "claimed", None),
        (third.id, "sent", None),
        (fourth.id, "claimed", None),
    }
    nobody = [(delivery._replace(claimed_by="neighbour"), 9) for delivery in (second, fourth)]
    assert database.do(lambda c: outcome_store.sent(c, nobody, NOW)).ours == set()
    assert (
        database.do(lambda c: outcome_store.sent(c, made, NOW)).ours == set()
    )  # written down already


def test_lanes_of_every_kind_are_claimed_at_once_in_their_order(database: Database) -> None:
    queue(database, *[said(100 + lane, lane) for lane in reversed(Lane)])
    assert [delivery.lane for delivery in take(database)] == list(Lane)


def test_no_more_of_a_lane_is_claimed_than_there_is_room(database: Database) -> None:
    queue(database, *[said(100 + n, Lane.RED) for n in range(9)], said(1, Lane.REST))
    room = {Lane.RED: 4}
    taken = database.do(lambda c: claim_store.claim(c, "a", NOW, room, BOT_ID))
    assert [(delivery.chat_id, delivery.lane) for delivery in taken] == [
        (100 + n, Lane.RED) for n in range(4)
    ]


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_claimed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a kind that a newer release queued, say, before the older one was put back."""
    monkeypatch.delitem(claim_store._KINDS, "card")
    queue(database, said(1), said(2), said(3))

    def spoil(connection: Connection) -> None:
        rows = update(deliveries)
        connection.execute(rows.where(deliveries.c.chat_id == 1).values(kind="card"))
        connection.execute(rows.where(deliveries.c.chat_id == 2).values(place=9))

    database.do(spoil)
    assert {delivery.chat_id for delivery in take(database)} == {2, 3}
    query = select(deliveries.c.state, deliveries.c.error).where(deliveries.c.chat_id == 1)
    assert tuple(database.read(lambda c: c.execute(query).one())) == ("failed", "impossible")


def test_what_is_due_is_told_for_each_bot_and_lane(database: Database) -> None:
    queue(database, said(1, Lane.RED), said(2, Lane.RED), said(3, Lane.CARD))
    assert database.read(lambda c: claim_store.due(c, [BOT_ID, 99], NOW)) == {
        BOT_ID: {Lane.RED, Lane.CARD}
    }
    take(database)
    assert database.read(lambda c: claim_store.due(c, [BOT_ID, 99], NOW)) == {}


def test_the_signal_names_the_bot(database: Database) -> None:
    heard: list[str] = []
    database.watch(heard.extend)
    queue(database, said(1, Lane.RED), said(2, Lane.CARD))
    assert queued_by(heard) == {BOT_ID: {Lane.RED, Lane.CARD}}
    heard.clear()
    message = RelayedRequest("sendMessage", {"chat_id": 1, "text": "…"})
    database.do(lambda c: outbox_store.relay(c, 4_000_000_001, message, 1, Lane.ANSWER, NOW))
    assert queued_by(heard) == {4_000_000_001: {Lane.ANSWER}}


@pytest.mark.parametrize(
    "result", [Result.SENT, Result.DROPPED, Result.PERMANENT, Result.TEMPORARY, Result.UNCERTAIN]
)
def test_what_another_has_taken_over_is_not_recorded(database: Database, result: Result) -> None:
    queue(database, said(1))
    [mine] = database.do(lambda c: claim(c, "late", NOW, EVERYTHING, BOT_ID))
    database.do(lambda c: recover(c, BOT_ID, NOW))
    database.do(lambda c: record(c, [Attempt(mine, result, 5)], Rules(), NOW))
    assert states(database) == {mine.id: "queued"}
    [theirs] = database.do(lambda c: claim(c, "new", NOW, EVERYTHING, BOT_ID))
    database.do(lambda c: record(c, [Attempt(mine, result, 5)], Rules(), NOW))
    assert states(database) == {mine.id: "claimed"}
    database.do(lambda c: record(c, [Attempt(theirs, Result.SENT, 6)], Rules(), NOW))
    database.do(lambda c: record(c, [Attempt(mine, result, 5)], Rules(), NOW))
    assert states(database) == {mine.id: "sent"}


def test_what_was_taken_over_is_not_true_any_more(database: Database) -> None:
    queue(database, said(1), said(2))
    mine = database.do(lambda c: claim(c, "late", NOW, EVERYTHING, BOT_ID))
    assert database.read(lambda c: still_true(c, mine, NOW)) == {d.id for d in mine}
    database.do(lambda c: recover(c, BOT_ID, NOW))
    assert database.read(lambda c: still_true(c, mine, NOW)) == set()


def test_a_retry_of_what_was_replaced_meanwhile_is_dropped(database: Database) -> None:
    queue(database, said(1, key="card:1"))
    [older] = take(database)
    queue(database, said(1, key="card:1"))
    database.do(lambda c: record(c, [Attempt(older, Result.TEMPORARY)], Rules(), NOW))
    newer = max(states(database))
    assert states(database) == {older.id: DeliveryState.DROPPED.value, newer: "queued"}


def test_what_waits_again_keeps_its_key_or_takes_the_one_it_is_given(database: Database) -> None:
    queue(database, said(1, key="card:1"), said(2), said(3), said(4))
    named, unnamed, without, second = take(database)
    queue(database, said(4, key="again:4"))  # it says it all
    retries = [
        Retry(named, 1, NOW, "why", coalesce_key="again:1"),
        Retry(unnamed, 2, NOW, "why", coalesce_key="again:2"),
        Retry(without, 3, NOW, "why"),
        Retry(second, 4, NOW, "why", coalesce_key="again:4"),
    ]
    database.do(lambda c: outcome_store.requeue(c, retries, NOW))
    query = select(deliveries.c.chat_id, deliveries.c.coalesce_key, deliveries.c.state)
    found = database.read(lambda c: {tuple(row) for row in c.execute(query)})
    assert found == {
        (1, "card:1", "queued"),
        (2, "again:2", "queued"),
        (3, None, "queued"),
        (4, "again:4", "dropped"),
        (4, "again:4", "queued"),
    }


def test_what_failed_beside_one_that_was_replaced_is_sent_again(database: Database) -> None:
    queue(database, said(1, key="card:1"), said(2))
    older, other = take(database)
    queue(database, said(1, key="card:1"))
    failed = [Attempt(older, Result.TEMPORARY), Attempt(other, Result.TEMPORARY)]
    database.do(lambda c: record(c, failed, Rules(), NOW))
    newer = max(states(database))
    assert states(database) == {older.id: "dropped", other.id: "queued", newer: "queued"}


@pytest.mark.parametrize("result", [Result.TEMPORARY, Result.UNCERTAIN])
@pytest.mark.parametrize("newer_is", ["claimed", "sent", "sent with it", "to be sent again"])
def test_an_edit_that_failed_is_not_shown_after_a_newer_one(
    database: Database, newer_is: str, result: Result
) -> None:
    """One message is edited: whichever of two fails, the newer is what is seen at last."""
    queue(database, said(1, key="card:1"))
    [older] = take(database)
    queue(database, said(1, key="card:1"), said(1, key="card:2"))
    newer, other = take(database)
    failed = Attempt(older, result)
    fails, shows = Attempt(newer, Result.TEMPORARY), Attempt(newer, Result.SENT, 5)
    records = {
        "claimed": [[failed]],
        "sent": [[shows], [failed]],
        "sent with it": [[failed, shows]],
        "to be sent again": [[fails], [failed]],
    }[newer_is]
    for attempts in records:
        database.do(lambda c, attempts=attempts: record(c, attempts, Rules(), NOW))
    stands = {"claimed": "claimed", "to be sent again": "queued"}.get(newer_is, "sent")
    assert states(database) == {older.id: "dropped", newer.id: stands, other.id: "claimed"}
    # And the other way round: the older one's end is nothing to the newer.
    database.do(lambda c: record(c, [Attempt(other, result)], Rules(), NOW))
    assert states(database)[other.id] == "queued"


def test_what_was_sent_drops_no_newer_one_of_its_key(database: Database) -> None:
    queue(database, said(1, key="card:1"))
    [older] = take(database)
    queue(database, said(1, key="card:1"))
    [newer] = take(database)
    database.do(lambda c: record(c, [Attempt(older, Result.SENT, 5)], Rules(), NOW))
    database.do(lambda c: record(c, [Attempt(newer, Result.TEMPORARY)], Rules(), NOW))
    assert states(database) == {older.id: "sent", newer.id: "queued"}


def test_only_a_send_that_may_have_arrived_is_remembered_as_that(database: Database) -> None:
    queue(database, said(1), said(2), said(3))
    taken = take(database)
    results = (Result.TEMPORARY, Result.UNCERTAIN, Result.SENT)
    attempts = [Attempt(d, result) for d, result in zip(taken, results, strict=True)]
    database.do(lambda c: record(c, attempts, Rules(), NOW))
    query = select(deliveries.c.chat_id).where(deliveries.c.uncertain_at.is_not(None))
    assert database.read(lambda c: c.execute(query).scalars().all()) == [2]


def cancelled_chats(database: Database) -> set[int]:
    """Who hears of the cancellation of the warning that waits in the outbox or may have left."""

    def unit(connection: Connection) -> set[int]:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        cancel(connection, 1, by, NOW)
        query = select(deliveries.c.chat_id).where(deliveries.c.kind == "cancel")
        return set(connection.execute(query).scalars())

    return database.do(unit)


def test_a_cancellation_reaches_those_whose_send_was_uncertain(database: Database) -> None:
    go(database)
    taken = database.do(lambda c: claim(c, "a", NOW, EVERYTHING, BOT_ID))
    called = [delivery for delivery in taken if delivery.kind is MessageKind.CALL]
    assert len(called) >= 3
    results = [Result.UNCERTAIN, Result.TEMPORARY, *[Result.SENT] * (len(called) - 2)]
    attempts = [Attempt(d, result) for d, result in zip(called, results, strict=True)]
    others = [Attempt(d, Result.TEMPORARY) for d in taken if d not in called]
    database.do(lambda c: record(c, attempts + others, Rules(), NOW))
    told = cancelled_chats(database)
    assert told == {delivery.chat_id for delivery in called} - {called[1].chat_id}


def test_a_cancellation_reaches_those_whom_a_dead_process_may_have_called(
    database: Database,
) -> None:
    go(database)
    taken = database.do(lambda c: claim(c, "a", NOW, EVERYTHING, BOT_ID))
    database.do(lambda c: recover(c, BOT_ID, NOW))
    told = (MessageKind.CALL, MessageKind.POST)
    assert cancelled_chats(database) == {d.chat_id for d in taken if d.kind in told}


def test_a_warning_that_has_run_out_is_not_sent(database: Database) -> None:
    go(database)
    late = NOW + timedelta(days=30)
    taken = database.do(lambda c: claim(c, "a", late, EVERYTHING, BOT_ID))
    assert not [delivery for delivery in taken if delivery.kind is MessageKind.CALL]


def test_a_kind_without_parameters_is_read(database: Database) -> None:
    queue(database, NewDelivery(MessageKind.SUMMARY, Lane.REST, 1))
    [taken] = take(database)
    assert taken.params is None and taken.claimed_by == "a"
