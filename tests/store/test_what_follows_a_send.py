"""What is written of a request that was made, and what follows of it: kind by kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts import call_store, silent_store
from alerts.cards import progress_card_store
from alerts.outbox import chat_store, claim_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, Delivery, NewDelivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.sending import MOST_ATTEMPTS, claim, overtaken, record, set_aside, still_true
from data.database import Connection, Database
from data.tables.alerts import calls, cards, deliveries
from data.tables.contacts import groups, people
from tests.roster import BOT_ID, COUNTY_COMMANDER, FLOOD_GROUP, NOW, VILLAGERS
from tests.store.test_chase import RULES, after, call_id
from tests.store.test_release import go

pytestmark = pytest.mark.one_database


EVERYTHING = dict.fromkeys(Lane, 1000)
HEAD = VILLAGERS[0]


def take(database: Database, *new: NewDelivery) -> list[Delivery]:
    database.do(lambda c: outbox_store.add_many(c, new, NOW))
    return database.do(lambda c: claim(c, "me", NOW, EVERYTHING, BOT_ID))


def note(database: Database, *attempts: Attempt) -> None:
    database.do(lambda c: record(c, attempts, RULES, after(1)))


def row(database: Database, delivery: Delivery) -> Any:
    query = select(deliveries).where(deliveries.c.id == delivery.id)
    return database.read(lambda c: c.execute(query).one())


@pytest.mark.parametrize(
    ("result", "tries", "state"),
    [
        (Result.DROPPED, 0, "dropped"),
        (Result.PERMANENT, 0, "failed"),
        (Result.IMPOSSIBLE, 0, "failed"),
        (Result.TEMPORARY, 0, "queued"),
        (Result.UNCERTAIN, 0, "queued"),
        (Result.TEMPORARY, MOST_ATTEMPTS - 2, "queued"),
        (Result.TEMPORARY, MOST_ATTEMPTS - 1, "failed"),
    ],
)
def test_how_a_delivery_ends(database: Database, result: Result, tries: int, state: str) -> None:
    [taken] = take(database, NewDelivery(MessageKind.SUMMARY, Lane.REST, 1))
    note(database, Attempt(taken._replace(attempts=tries), result, error="why"))
    found = row(database, taken)
    assert (found.state, found.error) == (state, "why")
    assert (found.uncertain_at is not None) == (result is Result.UNCERTAIN)
    assert found.sent_at == (None if state == "queued" else after(1))


@pytest.mark.parametrize("result", [Result.SENT, Result.UNCERTAIN, Result.TEMPORARY])
def test_what_cannot_be_written_down_fails_and_may_have_arrived(
    database: Database, result: Result
) -> None:
    mine, other = take(
        database,
        NewDelivery(MessageKind.SUMMARY, Lane.REST, 1),
        NewDelivery(MessageKind.SUMMARY, Lane.REST, 2),
    )
    database.do(lambda c: set_aside(c, Attempt(mine, result), after(1)))
    found = row(database, mine)
    assert (found.state, found.error) == ("failed", "impossible")
    assert (found.uncertain_at == after(1)) == (result is not Result.TEMPORARY)
    assert row(database, other).state == "claimed"


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (MessageKind.CARD, True),
        (MessageKind.POST, True),
        (MessageKind.POST_CARD, False),
        (MessageKind.SUMMARY, False),
    ],
)
def test_the_number_of_a_card_or_post_is_kept_for_its_edits(
    database: Database, kind: MessageKind, kept: bool
) -> None:
    go(database)
    database.do(lambda c: c.execute(update(deliveries).values(state="dropped")))
    [taken] = take(database, NewDelivery(kind, Lane.REST, FLOOD_GROUP, alert_id=1))
    note(database, Attempt(taken, Result.SENT, 77))
    card = database.read(lambda c: progress_card_store.card(c, 1, FLOOD_GROUP))
    assert (card is not None and card.message_id == 77) == kept
    head = database.read(lambda c: call_store.call(c, call_id(database, HEAD)))
    assert head is not None and head.message_id is None


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", [MessageKind.CALL, MessageKind.REMIND])
def test_a_call_or_reminder_that_arrives_is_the_message_of_its_call(
    database: Database, kind: MessageKind
) -> None:
    go(database)
    database.do(lambda c: c.execute(update(deliveries).values(state="dropped")))
    mine = call_id(database, HEAD)
    chat = HEAD["telegram_id"]
    [taken] = take(database, NewDelivery(kind, Lane.RED, chat, alert_id=1, call_id=mine))
    note(database, Attempt(taken, Result.SENT, 77))
    query = select(calls.c.id, calls.c.message_id, calls.c.reach).order_by(calls.c.id)
    found = {call: rest for call, *rest in database.read(lambda c: c.execute(query).all())}
    assert found.pop(mine) == [77, "delivered"]
    assert all(rest == [None, "queued"] for rest in found.values()) and found


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", [MessageKind.CARD, MessageKind.ANSWERED, MessageKind.SUMMARY])
def test_only_calls_and_reminders_are_overtaken_by_an_answer(
    database: Database, kind: MessageKind
) -> None:
    go(database)
    database.do(lambda c: c.execute(update(deliveries).values(state="dropped")))
    mine, chat = call_id(database, HEAD), HEAD["telegram_id"]
    database.do(lambda c: c.execute(update(calls).values(state="acknowledged", answered_at=NOW)))
    calling, other, of_nobody = (
        NewDelivery(MessageKind.CALL, Lane.RED, chat, alert_id=1, call_id=mine),
        NewDelivery(kind, Lane.RED, chat, alert_id=1, call_id=mine),
        NewDelivery(MessageKind.CALL, Lane.RED, chat, alert_id=1),
    )
    kept = take(database, calling, other, of_nobody)
    assert [(d.kind, d.call_id) for d in kept] == [(kind, mine), (MessageKind.CALL, None)]
    query = select(deliveries.c.state, deliveries.c.sent_at).where(
        deliveries.c.kind == "call", deliveries.c.call_id == mine, deliveries.c.claimed_by == "me"
    )
    assert [tuple(row) for row in database.read(lambda c: c.execute(query).all())] == [
        ("dropped", NOW)
    ]
    assert database.read(lambda c: overtaken(c, kept, NOW)) == set()
    assert database.read(lambda c: still_true(c, kept, NOW)) == {delivery.id for delivery in kept}


@pytest.mark.parametrize(
    ("state", "seconds_left", "asked"),
    [("waiting", 1, True), ("waiting", 0, False), ("acknowledged", 1, False)],
)
def test_who_is_still_asked(database: Database, state: str, seconds_left: int, asked: bool) -> None:
    """While nobody has answered the call itself, and up to the moment its warning ends."""
    go(database)
    mine, other = call_id(database, HEAD), call_id(database, VILLAGERS[1])

    def look(c: Connection) -> set[int]:
        c.execute(update(calls).where(calls.c.id == mine).values(state=state, answered_at=NOW))
        until = NOW + timedelta(hours=24) - timedelta(seconds=seconds_left)
        return call_store.still_asked(c, [mine], until)

    assert database.do(look) == ({mine} if asked else set())
    assert database.read(lambda c: call_store.still_asked(c, [mine, other, 999], NOW)) == {
        *([mine] if state == "waiting" else []),
        other,
    }


@pytest.mark.parametrize("first", ["answered", "no answer"])
def test_overdue_are_the_open_calls_of_the_warning_alone(database: Database, first: str) -> None:
    go(database)
    query = update(calls).where(calls.c.id == call_id(database, HEAD))
    open_calls = database.read(lambda c: call_store.count_silent(c, 1))
    if first == "answered":
        database.do(lambda c: c.execute(query.values(state="acknowledged", answered_at=NOW)))
        open_calls -= 1
    count = silent_store.count_overdue
    assert database.read(lambda c: count(c, 1, after(2), 2)) == open_calls  # to the moment
    assert database.read(lambda c: count(c, 1, after(1.99), 2)) == 0
    assert database.read(lambda c: count(c, 2, after(2), 2)) == 0


@pytest.mark.both_databases
def test_a_group_that_threw_the_bot_out_is_marked_and_nothing_more_waits_for_it(
    database: Database,
) -> None:
    first, _ = take(
        database,
        NewDelivery(MessageKind.POST, Lane.RED, FLOOD_GROUP),
        NewDelivery(MessageKind.SUMMARY, Lane.RED, 1),
    )
    later = [NewDelivery(MessageKind.CHASE, Lane.RED, chat) for chat in (FLOOD_GROUP, 1)]
    database.do(lambda c: outbox_store.add_many(c, later, NOW))
    note(database, Attempt(first, Result.PERMANENT, contact="removed", error="kicked"))
    query = select(deliveries.c.kind, deliveries.c.chat_id, deliveries.c.state)
    found = database.read(lambda c: c.execute(query.order_by(deliveries.c.id)).all())
    assert [tuple(row) for row in found] == [
        ("post", FLOOD_GROUP, "failed"),
        ("summary", 1, "claimed"),
        ("chase", FLOOD_GROUP, "dropped"),
        ("chase", 1, "queued"),
    ]
    marks = dict(
        database.read(lambda c: c.execute(select(groups.c.chat_id, groups.c.contact)).all())
    )
    assert {chat for chat, contact in marks.items() if contact == "removed"} == {FLOOD_GROUP}


def test_an_error_that_says_nothing_of_the_person_leaves_them_as_they_were(
    database: Database,
) -> None:
    go(database)
    taken = take(database)
    chat = HEAD["telegram_id"]
    mine = next(d for d in taken if d.kind is MessageKind.CALL and d.chat_id == chat)
    note(database, Attempt(mine, Result.PERMANENT, error="text is too long"))
    query = select(people.c.contact).where(people.c.id == HEAD["id"])
    assert database.read(lambda c: c.execute(query).scalar_one()) == "ok"
    call = database.read(lambda c: call_store.call(c, call_id(database, HEAD)))
    assert call is not None and call.reach.value == "unreachable"  # but the ladder moves on


@pytest.mark.both_databases
def test_a_stranger_that_blocks_the_bot_is_not_taken_for_a_group(database: Database) -> None:
    """A private chat of nobody's: what waits for it is left, and no group is marked."""
    [taken] = take(database, NewDelivery(MessageKind.SUMMARY, Lane.REST, 55))
    later = NewDelivery(MessageKind.CARD, Lane.REST, 55)
    database.do(lambda c: outbox_store.add(c, later, NOW))
    note(database, Attempt(taken, Result.PERMANENT, contact="blocked"))
    query = select(deliveries.c.state).order_by(deliveries.c.id)
    assert database.read(lambda c: list(c.execute(query).scalars())) == ["failed", "queued"]


@pytest.mark.both_databases
def test_a_group_that_moved_is_followed_at_once_with_all_that_is_its(database: Database) -> None:
    go(database)
    moved, other = (
        NewDelivery(MessageKind.POST, Lane.RED, chat, alert_id=1) for chat in (FLOOD_GROUP, -9)
    )
    database.do(lambda c: c.execute(update(deliveries).values(state="dropped")))
    taken = {d.chat_id: d for d in take(database, moved, other)}
    note(database, Attempt(taken[-9], Result.SENT, 5))
    note(database, Attempt(taken[FLOOD_GROUP], Result.MIGRATED, new_chat_id=-77, error="moved"))
    found = row(database, taken[FLOOD_GROUP])
    assert (found.chat_id, found.state, found.not_before) == (-77, "queued", after(1))
    known = database.read(lambda c: set(c.execute(select(groups.c.chat_id)).scalars()))
    assert -77 in known and FLOOD_GROUP not in known
    assert database.read(lambda c: list(c.execute(select(cards.c.chat_id)).scalars())) == [-9]


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (5, 32), (6, 60), (30, 60)])
def test_what_failed_in_passing_waits_longer_each_time(
    database: Database, tries: int, seconds: int
) -> None:
    [taken] = take(database, NewDelivery(MessageKind.SUMMARY, Lane.REST, 1))
    note(database, Attempt(taken._replace(attempts=tries), Result.TEMPORARY))
    found = row(database, taken)
    assert found.not_before == after(1) + timedelta(seconds=seconds)
    assert found.attempts == tries + 1


def test_of_one_key_only_an_older_message_under_way_gives_way(database: Database) -> None:
    """The newer arrived: the older is not made again. The other way round both are."""
    [older] = take(database, NewDelivery(MessageKind.CARD, Lane.CARD, 1, coalesce_key="k"))
    [newer] = take(database, NewDelivery(MessageKind.CARD, Lane.CARD, 1, coalesce_key="k"))
    [other] = take(database, NewDelivery(MessageKind.CARD, Lane.CARD, 1, coalesce_key="l"))
    note(database, Attempt(newer, Result.SENT, 1))
    assert [row(database, d).state for d in (older, newer, other)] == ["dropped", "sent", "claimed"]
    [last] = take(database, NewDelivery(MessageKind.CARD, Lane.CARD, 1, coalesce_key="l"))
    note(database, Attempt(other, Result.SENT, 1))
    assert row(database, last).state == "claimed"


def test_a_reply_is_kept_only_until_it_is_sent(database: Database) -> None:
    """It may hold numbers and positions; what other messages are made of stays."""
    reply = outbox_store.RelayedRequest("sendMessage", {"chat_id": 1, "text": "电话"})

    def unit(c: Connection) -> None:
        outbox_store.relay(c, BOT_ID, reply, 1, Lane.ANSWER, NOW)

    database.do(unit)
    [taken] = database.do(lambda c: claim(c, "me", NOW, EVERYTHING, BOT_ID))
    assert row(database, taken).params["payload"]["text"] == "电话"
    note(database, Attempt(taken, Result.SENT, 3))
    assert row(database, taken).params is None


@pytest.mark.both_databases
@pytest.mark.parametrize("how", ["failed", "dropped", "the chat is gone"])
def test_a_reply_that_nobody_will_read_is_not_kept_either(database: Database, how: str) -> None:
    reply = outbox_store.RelayedRequest("sendMessage", {"chat_id": 1, "text": "电话"})
    database.do(lambda c: outbox_store.relay(c, BOT_ID, reply, 1, Lane.ANSWER, NOW))
    if how == "the chat is gone":
        database.do(lambda c: chat_store.drop_chat(c, 1))
    else:
        [taken] = database.do(lambda c: claim(c, "me", NOW, EVERYTHING, BOT_ID))
        note(database, Attempt(taken, Result.PERMANENT if how == "failed" else Result.DROPPED))
    left = database.read(lambda c: c.execute(select(deliveries.c.state, deliveries.c.params)).all())
    assert [(state in ("failed", "dropped"), params) for state, params in left] == [(True, None)]


@pytest.mark.both_databases
def test_how_many_wait_in_each_lane(database: Database) -> None:
    assert database.read(claim_store.waiting) == {}
    take(database, NewDelivery(MessageKind.SUMMARY, Lane.RED, 1))
    new = [NewDelivery(MessageKind.SUMMARY, lane, 1) for lane in (Lane.RED, Lane.RED, Lane.CARD)]
    database.do(lambda c: outbox_store.add_many(c, new, NOW))
    assert database.read(claim_store.waiting) == {Lane.RED: 2, Lane.CARD: 1}


def test_the_sender_s_card_is_the_only_one_that_leaves_for_its_chat(database: Database) -> None:
    go(database)
    kinds = {d.kind for d in take(database) if d.chat_id == COUNTY_COMMANDER["telegram_id"]}
    assert kinds == {MessageKind.CARD}
