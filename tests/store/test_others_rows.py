"""Each statement touches its own rows only: here, with the rows of others beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from alerts.outbox import chat_store, claim_store, store
from alerts.outbox.deliveries import Attempt, Delivery, NewDelivery, Result
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from alerts.sending import claim, record, recover
from contacts import bot_store
from contacts.bots import Bot
from data import inbox, leases
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.running import leases as lease_table
from tests.roster import BOT_ID, NOW, PROVINCE, TOWNSHIP

RULES = Rules()
OTHER_BOT = 1000000002
EVERYTHING = dict.fromkeys(Lane, 1000)
MINE, THEIRS = 5_001, 5_002  # chats


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def say(
    kind: MessageKind = MessageKind.SUMMARY, chat: int = MINE, lane: Lane = Lane.REST, **more: Any
) -> NewDelivery:
    return NewDelivery(kind, lane, chat, **more)


@pytest.fixture
def c(database: Database) -> Iterator[Connection]:
    """A transaction on a database with two bots, which is taken back."""
    database.do(
        lambda c: bot_store.configure(c, [Bot(BOT_ID, PROVINCE), Bot(OTHER_BOT, TOWNSHIP)], NOW)
    )
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def rows(c: Connection) -> list[tuple[str, int, str]]:
    """Kind, chat and state of every delivery, in order of id."""
    query = select(deliveries.c.kind, deliveries.c.chat_id, deliveries.c.state)
    return [tuple(row) for row in c.execute(query.order_by(deliveries.c.id))]


def of_other_bot(c: Connection, *chats: int) -> None:
    c.execute(deliveries.update().where(deliveries.c.chat_id.in_(chats)).values(bot_id=OTHER_BOT))


def test_a_newer_message_takes_the_place_of_its_own_key_only(c: Connection) -> None:
    store.add_many(
        c,
        [
            say(coalesce_key="card:1:1"),
            say(chat=THEIRS, coalesce_key="card:1:2"),
            say(MessageKind.CARD, THEIRS),
        ],
        NOW,
    )
    store.add(c, say(MessageKind.CALL, coalesce_key="card:1:1"), NOW)
    assert sorted(rows(c)) == [
        ("call", MINE, "queued"),
        ("card", THEIRS, "queued"),
        ("summary", THEIRS, "queued"),
    ]


def test_what_is_sent_or_claimed_already_is_not_replaced(c: Connection) -> None:
    store.add(c, say(coalesce_key="k"), NOW)
    assert len(claim(c, "me", NOW, EVERYTHING, BOT_ID)) == 1
    store.add(c, say(MessageKind.CARD, coalesce_key="k"), NOW)
    assert rows(c) == [("summary", MINE, "claimed"), ("card", MINE, "queued")]


def test_of_several_at_once_with_one_key_the_last_is_queued(c: Connection) -> None:
    kinds = (MessageKind.SUMMARY, MessageKind.CALL, MessageKind.CARD)
    store.add_many(c, [say(kind, coalesce_key="k") for kind in kinds], NOW)
    store.add_many(c, [], NOW)
    assert rows(c) == [("card", MINE, "queued")]


def test_keys_that_wait_are_those_of_the_prefix_that_are_queued(c: Connection) -> None:
    """A % or _ in a key means itself."""
    for key in ("chase:1:7", "chase:11:7", "chase_1:7", "list:1:7"):
        store.add(c, say(coalesce_key=key), NOW)
    assert store.queued_keys(c, "chase:1:") == {"chase:1:7"}
    assert store.queued_keys(c, "chase_") == {"chase_1:7"}
    claim(c, "me", NOW, EVERYTHING, BOT_ID)
    assert store.queued_keys(c, "chase:1:") == set()


def test_dropping_names_alert_kind_and_state(c: Connection) -> None:
    store.add_many(
        c,
        [
            say(MessageKind.CALL, alert_id=1),
            say(MessageKind.CALL, THEIRS, alert_id=2),
            say(MessageKind.CARD, alert_id=1),
        ],
        NOW,
    )
    assert store.drop_queued(c, 1, MessageKind.CALL) == 1
    assert store.drop_queued(c, 1, MessageKind.CALL) == 0  # once
    assert rows(c) == [
        ("call", MINE, "dropped"),
        ("call", THEIRS, "queued"),
        ("card", MINE, "queued"),
    ]
    assert {row.chat_id for row in claim(c, "me", NOW, EVERYTHING, BOT_ID)} == {MINE, THEIRS}
    assert store.drop_queued(c, 2, MessageKind.CALL) == 0  # it is on its way


def test_a_chat_that_is_gone_or_moved_takes_nobody_with_it(c: Connection) -> None:
    store.add_many(c, [say(), say(chat=THEIRS), say(MessageKind.CARD)], NOW)
    assert chat_store.drop_chat(c, MINE) == 2
    store.add(c, say(), NOW)
    chat_store.move_chat(c, MINE, -77)
    assert rows(c) == [
        ("summary", MINE, "dropped"),
        ("summary", THEIRS, "queued"),
        ("card", MINE, "dropped"),
        ("summary", -77, "queued"),
    ]


def test_a_claim_takes_of_its_bot_lane_and_time(c: Connection) -> None:
    store.add_many(
        c,
        [
            say(lane=Lane.RED),
            say(lane=Lane.ORANGE),
            say(MessageKind.CARD, lane=Lane.RED, not_before=after(10)),
            say(chat=THEIRS, lane=Lane.RED),
        ],
        NOW,
    )
    of_other_bot(c, THEIRS)
    taken = claim(c, "me", NOW, {Lane.RED: 10}, BOT_ID)
    assert [(row.kind, row.lane, row.chat_id) for row in taken] == [
        (MessageKind.SUMMARY, Lane.RED, MINE)
    ]
    assert claim(c, "me", NOW, {Lane.RED: 10}, BOT_ID) == []  # it is taken
    assert claim(c, "me", after(9.999), {Lane.RED: 10}, BOT_ID) == []
    assert len(claim(c, "me", after(10), {Lane.RED: 10}, BOT_ID)) == 1  # at its very moment
    assert len(claim(c, "other", NOW, {Lane.RED: 10}, OTHER_BOT)) == 1
    for room in (0, -1):
        assert claim(c, "me", NOW, {Lane.ORANGE: room}, BOT_ID) == []
    assert len(claim(c, "me", NOW, {Lane.ORANGE: 1}, BOT_ID)) == 1


def test_a_claim_takes_in_order_and_no_more_than_there_is_room_for(c: Connection) -> None:
    orders = (LaneOrder.PROVINCE, LaneOrder.VILLAGE, LaneOrder.GROUP, LaneOrder.VILLAGE)
    store.add_many(c, [say(chat=n, order=order) for n, order in enumerate(orders, 1)], NOW)
    taken = claim(c, "me", NOW, {Lane.REST: 3}, BOT_ID)
    assert [row.chat_id for row in taken] == [3, 2, 4]


def test_giving_back_is_of_one_bot_one_worker_and_what_it_does_not_hold(c: Connection) -> None:
    for chat in (1, 2, 3, 4):
        store.add(c, say(chat=chat), NOW)
    of_other_bot(c, 4)
    (first,) = claim(c, "me", NOW, {Lane.REST: 1}, BOT_ID)
    (second,) = claim(c, "me", NOW, {Lane.REST: 1}, BOT_ID)
    claim(c, "neighbour", NOW, {Lane.REST: 1}, BOT_ID)
    claim(c, "me", NOW, {Lane.REST: 1}, OTHER_BOT)
    given = claim_store.give_back(c, NOW, bot_id=BOT_ID, worker="me", except_ids=[second.id])
    assert given == 1
    assert [state for _, _, state in rows(c)] == ["queued", "claimed", "claimed", "claimed"]
    assert claim_store.give_back(c, NOW, bot_id=BOT_ID, worker="nobody") == 0
    assert recover(c, BOT_ID, NOW) == 2
    assert [state for _, _, state in rows(c)] == ["queued", "queued", "queued", "claimed"]
    tries = dict(c.execute(select(deliveries.c.id, deliveries.c.attempts)).all())
    assert (tries[first.id], tries[second.id]) == (1, 1)


def _taken(c: Connection, *news: NewDelivery) -> list[Delivery]:
    store.add_many(c, list(news), NOW)
    return claim(c, "me", NOW, EVERYTHING, BOT_ID)


def test_an_outcome_is_of_its_delivery(c: Connection) -> None:
    first, second, third = _taken(c, say(chat=1), say(chat=2), say(chat=3))
    attempts = [
        Attempt(first, Result.SENT, 41),
        Attempt(second, Result.TEMPORARY, retry_after=30, error="flood"),
    ]
    record(c, attempts, RULES, NOW)
    query = select(deliveries).order_by(deliveries.c.id)
    sent, again, untouched = c.execute(query).all()
    assert (sent.state, sent.message_id, sent.sent_at) == ("sent", 41, NOW)
    assert (again.state, again.message_id, again.attempts) == ("queued", None, 1)
    assert (again.not_before, again.error) == (after(30), "flood")
    assert (untouched.id, untouched.state, untouched.attempts) == (third.id, "claimed", 0)


def test_what_is_made_again_gives_way_to_a_newer_one_of_its_key_only(c: Connection) -> None:
    first, second = _taken(c, say(chat=1, coalesce_key="a"), say(chat=2, coalesce_key="b"))
    store.add(c, say(MessageKind.CARD, chat=1, coalesce_key="a"), NOW)
    record(
        c,
        [Attempt(delivery, Result.TEMPORARY, retry_after=1) for delivery in (first, second)],
        RULES,
        NOW,
    )
    assert rows(c) == [
        ("summary", 1, "dropped"),
        ("summary", 2, "queued"),
        ("card", 1, "queued"),
    ]


def update(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"text": "收到"}}


def test_updates_of_two_bots_may_have_the_same_number(c: Connection) -> None:
    assert inbox.put(c, BOT_ID, [update(1), update(2)], NOW) == [1, 2]
    assert inbox.put(c, OTHER_BOT, [update(1)], NOW) == [1]
    assert inbox.put(c, BOT_ID, [update(1), update(3)], NOW) == [3]
    assert inbox.put(c, BOT_ID, [], NOW) == []
    inbox.done(c, BOT_ID, 1, NOW)
    assert [found["update_id"] for found in inbox.pending(c, BOT_ID)] == [2, 3]
    assert [found["update_id"] for found in inbox.pending(c, OTHER_BOT)] == [1]
    assert inbox.count(c) == 3


def test_one_that_fails_again_and_again_is_set_aside_alone(c: Connection) -> None:
    inbox.put(c, BOT_ID, [update(1), update(2)], NOW)
    inbox.put(c, OTHER_BOT, [update(1)], NOW)
    for _ in range(inbox.MOST_ATTEMPTS - 1):
        inbox.failed(c, BOT_ID, 1)
    assert [found["update_id"] for found in inbox.pending(c, BOT_ID)] == [1, 2]
    inbox.failed(c, BOT_ID, 1)
    assert [found["update_id"] for found in inbox.pending(c, BOT_ID)] == [2]
    assert [found["update_id"] for found in inbox.pending(c, OTHER_BOT)] == [1]
    assert inbox.count(c) == 3  # kept
    assert not inbox.any_set_aside(c, NOW)
    assert inbox.any_set_aside(c, after(1))
    assert inbox.delete_set_aside(c, NOW) == 0
    assert inbox.delete_set_aside(c, after(1)) == 1  # not what only waits
    assert inbox.count(c) == 2


def held(c: Connection) -> dict[str, str]:
    """What is held by whom, without the rows that say a process lives."""
    return {name: who for name, who in leases.holders(c).items() if "/" not in name}


def test_leases_are_let_go_by_their_holder_and_by_name(c: Connection) -> None:
    far = datetime(2100, 1, 1, tzinfo=NOW.tzinfo)
    others = [
        {"name": "dispatch:2", "holder": "other", "until": far},
        {"name": "intake:1", "holder": "other", "until": far},
    ]
    c.execute(insert(lease_table), others)
    leases.renew(c, "me", "dispatch", ["dispatch:1"], 15)
    leases.renew(c, "me", "schedule", ["schedule:all"], 15)
    assert held(c) == {
        "dispatch:1": "me",
        "dispatch:2": "other",
        "intake:1": "other",
        "schedule:all": "me",
    }
    leases.let_go(c, "me", ["dispatch:1", "dispatch:2"])
    assert held(c) == {"dispatch:2": "other", "intake:1": "other", "schedule:all": "me"}
    leases.let_go_all(c, "me")
    assert held(c) == {"dispatch:2": "other", "intake:1": "other"}
    leases.let_go(c, "me", [])
    assert len(held(c)) == 2


def test_a_lease_is_kept_gained_and_said_to_be_so(c: Connection) -> None:
    names = ["dispatch:1", "dispatch:2"]
    first = leases.renew(c, "me", "dispatch", names, 15)
    assert (first.held, first.gained, first.surplus) == (set(names), set(names), set())
    again = leases.renew(c, "me", "dispatch", names, 15)
    assert (again.held, again.gained) == (set(names), set())
    fewer = leases.renew(c, "me", "dispatch", names[:1], 15)
    assert fewer.held == {"dispatch:1"}
