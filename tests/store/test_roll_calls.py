"""Roll calls in the database: one at a time, a timely answer stays timely, nobody is left out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from alerts.outbox.lanes import Lane
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.positions.model import CheckInRules, Fix
from alerts.patrol.positions.recording import record_position
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.patrol.roll_calls.calling import Answered, Started
from alerts.patrol.roll_calls.model import Counts, RollCallProblem, Standing, Whom
from alerts.patrol.roll_calls.results import move_one_on, moving
from alerts.sending import claim
from contacts import bot_store, people_store
from contacts.people import Contact, Person, Role
from data import audit
from data.database import Database
from data.errors import Conflict, InvalidInput
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.patrol import roll_call_entries
from data.tables.patrol import roll_calls as calls_table
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    RANGER,
    VILLAGERS,
    VILLAGES,
    person,
)

HERE = (128.23, 43.37)
FAR_M = 1000.0
EVERYTHING = dict.fromkeys(Lane, 1000)


def person_of(connection: Connection, row: dict[str, Any]) -> Person:
    found = people_store.person(connection, row["id"])
    assert found is not None
    return found


def start(database: Database, whom: Whom = Whom.EVERYONE, minutes: int = 20) -> Started:
    def unit(c: Connection) -> Started:
        by = person_of(c, COUNTY_COMMANDER)
        return roll_calls.start(c, by, COUNTY, whom, minutes, NOW, chat_id=10_004, message_id=1)

    return database.do(unit)


def answer(
    database: Database,
    row: dict[str, Any],
    minutes: float,
    *,
    outside_m: float = 0.0,
    under_way: float = 0.0,
    spot: tuple[float, float] = HERE,
) -> list[Answered]:
    """A position sent so many minutes after the start, and received ``under_way`` minutes later."""
    sent = NOW + timedelta(minutes=minutes)
    received = sent + timedelta(minutes=under_way)

    def unit(c: Connection) -> list[Answered]:
        fix = Fix(*spot, sent, received)
        position = record_position(
            c, person_of(c, row), fix, COUNTY, CheckInRules(), inside_province=True
        )
        assert position is not None
        return roll_calls.answered(c, person_of(c, row), position, outside_m, FAR_M, received)

    return database.do(unit)


def tick(database: Database, minutes: float) -> None:
    now = NOW + timedelta(minutes=minutes)
    for roll_call_id in database.read(lambda c: moving(c, now)):
        database.do(lambda c, number=roll_call_id: move_one_on(c, number, now))


def counts(database: Database, roll_call_id: int = 1) -> Counts:
    return database.read(lambda c: roll_store.counts(c, roll_call_id))


def test_two_commanders_who_start_at_once_start_one(filled_url: str) -> None:
    first, second = Database(filled_url), Database(filled_url)
    if first.is_sqlite:
        second.close()
        second = first  # one process, as always with SQLite: two updates at the same moment
    together = threading.Barrier(2)

    def go(database: Database) -> Started:
        together.wait()
        return start(database)

    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(go, (first, second)))
    assert sorted(outcome.new for outcome in started) == [False, True]
    assert started[0].roll_call.id == started[1].roll_call.id
    asked = select(deliveries.c.chat_id).where(deliveries.c.kind == "roll_call")
    chats = first.read(lambda c: c.execute(asked).scalars().all())
    assert len(chats) == len(set(chats)) == counts(first).total
    for database in {first, second}:
        database.close()


@pytest.mark.parametrize("minutes", [0, -1, 721])
def test_minutes_out_of_range_start_nothing(database: Database, minutes: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        start(database, minutes=minutes)
    assert refused.value.code is RollCallProblem.MINUTES
    assert database.read(lambda c: c.execute(select(calls_table)).all()) == []


@pytest.mark.one_database
def test_an_answer_from_far_away_in_time_is_never_made_late(database: Database) -> None:
    start(database)
    assert answer(database, RANGER, 5, outside_m=9000)[0].standing is Standing.FAR
    tick(database, 21)
    assert answer(database, RANGER, 25) == []
    assert (counts(database).far, counts(database).late) == (1, 0)


@pytest.mark.one_database
def test_whoever_comes_nearer_before_the_end_is_there(database: Database) -> None:
    start(database)
    answer(database, RANGER, 5, outside_m=9000)
    assert answer(database, RANGER, 9)[0].standing is Standing.ANSWERED
    assert (counts(database).far, counts(database).answered) == (0, 1)


def test_a_late_answer_is_counted_and_marked(database: Database) -> None:
    start(database)
    tick(database, 21)
    assert answer(database, RANGER, 22)[0].late
    assert (counts(database).answered, counts(database).late) == (1, 1)
    tick(database, 23)
    results = select(deliveries.c.id).where(deliveries.c.kind == "roll_call_result")
    assert database.read(lambda c: c.execute(results).all())  # the result is edited once more
    assert answer(database, RANGER, 12 * 60 + 30) == []


@pytest.mark.one_database
def test_what_was_sent_in_time_is_in_time_however_long_it_was_under_way(database: Database) -> None:
    start(database)
    tick(database, 21)
    assert not answer(database, RANGER, 19, under_way=3)[0].late
    assert counts(database).late == 0


def test_whoever_blocks_the_bot_meanwhile_is_unreachable_at_the_next_tick(
    database: Database,
) -> None:
    start(database)
    tick(database, 0)
    before = counts(database)
    block = update(people).where(people.c.id == RANGER["id"])
    database.do(lambda c: c.execute(block.values(contact=Contact.BLOCKED.value)))
    tick(database, 1)
    assert counts(database).unreachable == before.unreachable + 1
    assert counts(database).silent == before.silent - 1
    database.do(lambda c: c.execute(block.values(contact=Contact.OK.value)))
    tick(database, 2)
    assert counts(database) == before
    assert not database.read(lambda c: moving(c, NOW + timedelta(minutes=2)))


@pytest.mark.one_database
def test_nothing_is_due_while_nothing_changes(database: Database) -> None:
    start(database)
    tick(database, 0)
    assert not database.read(lambda c: moving(c, NOW + timedelta(minutes=1)))
    answer(database, RANGER, 2)
    assert database.read(lambda c: moving(c, NOW + timedelta(minutes=2)))
    tick(database, 2)
    assert not database.read(lambda c: moving(c, NOW + timedelta(minutes=3)))


@pytest.mark.one_database
def test_the_end_is_told_once_to_the_desks_of_the_silent(database: Database) -> None:
    start(database)
    for villager in VILLAGERS:
        answer(database, villager, 1)
    tick(database, 21)
    tick(database, 22)
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == "roll_call_silent")
    chats = database.read(lambda c: c.execute(query).scalars().all())
    assert sorted(chats) == [COUNTY_COMMANDER["telegram_id"], COUNTY_DUTY["telegram_id"]]
    with pytest.raises(Conflict):
        database.do(
            lambda c: roll_calls.close(
                c, 1, person_of(c, COUNTY_COMMANDER), NOW + timedelta(minutes=23)
            )
        )


def test_a_call_for_help_overtakes_a_roll_call_of_thousands(database: Database) -> None:
    def crowd(c: Connection) -> None:
        rows = [person(1000 + n, f"护林员{n}", VILLAGES[n % 3], Role.RANGER) for n in range(5000)]
        c.execute(insert(people), rows)
        bot_store.assign(c)

    database.do(crowd)
    start(database, Whom.RANGERS)
    assert counts(database).silent == 5001

    def raised(c: Connection) -> None:
        distress.raise_distress(c, person_of(c, RANGER), NOW, DistressRules())
        distress.send_due(c, NOW + timedelta(seconds=11), DistressRules())

    database.do(raised)
    first = database.do(
        lambda c: claim(c, "test", NOW + timedelta(seconds=11), EVERYTHING | {Lane.REST: 3}, BOT_ID)
    )
    kinds = [delivery.kind.value for delivery in first]
    assert "distress" in kinds[0]
    assert kinds.index("roll_call") > max(n for n, kind in enumerate(kinds) if "distress" in kind)


def test_a_page_of_the_silent_reads_a_page(database: Database) -> None:
    start(database)
    roll = database.read(
        lambda c: roll_store.entries(c, 1, Standing.ASKED, within=VILLAGES[0], limit=1, offset=1)
    )
    assert [entry.person.division_code for entry in roll] == [VILLAGES[0]]
    count = database.read(lambda c: roll_store.count(c, 1, Standing.ASKED, within=VILLAGES[0]))
    assert count == 2
    assert database.read(lambda c: roll_store.divisions(c, 1, Standing.ASKED)) >= set(VILLAGES)


def test_every_step_is_in_the_trail(database: Database) -> None:
    start(database)
    answer(database, RANGER, 1)
    tick(database, 21)
    steps = database.read(lambda c: [entry["action"] for entry in audit.trail(c, "roll_call:1")])
    assert steps == ["roll_call.started", "roll_call.answered", "roll_call.closed"]
    assert database.read(audit.verify).broken is None


def is_open(database: Database, roll_call_id: int) -> bool:
    roll_call = database.read(lambda c: roll_call_store.roll_call(c, roll_call_id))
    return roll_call is not None and roll_call.open


def close_now(database: Database, roll_call_id: int, now: datetime) -> None:
    database.do(lambda c: roll_calls.close(c, roll_call_id, person_of(c, COUNTY_COMMANDER), now))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["near", "far", "nowhere", "block", "unblock", "tick", "close"]),
        st.floats(0.1, 8.0),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    from tests.roster import fill

    made = Database(f"sqlite:///{tmp_path_factory.mktemp('shared')}/roll.db", synchronous="off")
    fill(made)
    yield made
    made.close()


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_happens_one_person_stands_as_told(
    shared: Database, steps: list[tuple[str, float]]
) -> None:
    """Against a model of one line: the first answer counts, the nearer one until the end."""
    shared.do(lambda c: c.execute(deliveries.delete()))
    shared.do(lambda c: c.execute(roll_call_entries.delete()))
    shared.do(lambda c: c.execute(calls_table.delete()))
    contact = update(people).where(people.c.id == RANGER["id"])
    shared.do(lambda c: c.execute(contact.values(contact=Contact.OK.value)))
    roll_call_id = start(shared, Whom.RANGERS).roll_call.id
    model, late, reachable, end, at = Standing.ASKED, False, True, 20.0, 0.0
    for event, later in steps:
        at += later
        now = NOW + timedelta(minutes=at)
        closed = at > end
        if event in ("near", "far"):
            answer(shared, RANGER, at, outside_m=0.0 if event == "near" else 5000.0)
            wanted = Standing.ANSWERED if event == "near" else Standing.FAR
            if model in (Standing.ASKED, Standing.UNREACHABLE):
                model, late = wanted, closed
            elif model is Standing.FAR and not closed:
                model = wanted
        elif event == "nowhere":
            answer(shared, RANGER, at, spot=(0.0, 0.0))
        elif event in ("block", "unblock"):
            reachable = event == "unblock"
            state = Contact.OK if reachable else Contact.BLOCKED
            shared.do(lambda c, state=state: c.execute(contact.values(contact=state.value)))  # type: ignore[misc]
        was_open = is_open(shared, roll_call_id)
        if event == "close" and was_open:
            close_now(shared, roll_call_id, now)
            end = min(end, at)
        tick(shared, at)
        if was_open and model in (Standing.ASKED, Standing.UNREACHABLE):
            model = Standing.ASKED if reachable else Standing.UNREACHABLE
        found = counts(shared, roll_call_id)
        assert found == Counts(
            int(model is Standing.ANSWERED),
            int(model is Standing.FAR),
            int(model is Standing.ASKED),
            int(model is Standing.UNREACHABLE),
            int(late),
        )
