"""What runs for every message reads only the rows it needs, however many calls were just made.

PostgreSQL chooses its way by what it counted of a table, and right after a release it has counted
none of its calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text

from alerts import alert_store, open_calls_store, restore_store
from alerts.cards import help_list_store, silent_list_store
from alerts.chase import sweep
from alerts.model import Draft, Hazard, Level
from alerts.outbox import end_store
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.distress.store import near_colleagues
from alerts.reach import bot_down, bot_up
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record, recover
from contacts import bot_store, people_store, proof_store
from contacts.bots import Down
from contacts.people import Person, Role
from data import audit, inbox, schema
from data.audit import Entry
from data.database import Database
from data.json_rows import as_json
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from data.tables.patrol import positions
from tests.postgresql import Server
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    GOVERNOR,
    NOW,
    PROVINCE,
    RANGER,
    VILLAGES,
    fill,
    person,
)

CALLS = 20_000
TAKEN = 32
HANDLED = 60 * TAKEN


@pytest.fixture(scope="module")
def _released_to_thousands(postgresql: Server, _filled: Any) -> str:
    """The name of a database in which a release to thousands was just committed."""
    name: str = _filled.postgresql(postgresql)
    database = Database(postgresql.url(name))

    def unit(connection: Connection) -> None:
        rows = [
            person(1000 + n, f"村民{n}", VILLAGES[n % 3], Role.VILLAGE_RESPONSIBLE)
            for n in range(CALLS)
        ]
        connection.execute(insert(people), rows)
        bot_store.assign(connection)

    database.do(unit)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # the roster is known, and that nobody is called yet
        for table in ("calls", "deliveries"):  # nor does the server count them during the test
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    database.do(_released)
    database.close()
    return name


@pytest.fixture
def fresh_calls(postgresql: Server, _released_to_thousands: str) -> Iterator[Database]:
    """A copy of it: what the planner knows is copied too."""
    postgresql.copy(_released_to_thousands, "fresh_calls")
    database = Database(postgresql.url("fresh_calls"))
    yield database
    database.close()
    postgresql.drop("fresh_calls")


def _released(connection: Connection) -> None:
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="红色预警")
    release(connection, draft, by, Rules(), NOW)


def rows_read(connection: Connection, table: str) -> int:
    """Rows of the table read one after the other in this transaction.

    For the first transaction of a connection: what others before it read counts until the server
    gets round to adding it up. Else take the difference.
    """
    query = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = :table")
    return int(connection.execute(query, {"table": table}).scalar() or 0)


def rows_fetched(connection: Connection, table: str) -> int:
    """Rows of the table read by an index in this transaction; see ``rows_read``."""
    query = text("SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = :table")
    return int(connection.execute(query, {"table": table}).scalar() or 0)


def test_recording_what_was_sent_does_not_read_all_calls(fresh_calls: Database) -> None:
    def unit(connection: Connection) -> dict[str, int]:
        taken = claim(connection, "test", NOW, {Lane.RED: TAKEN}, BOT_ID)
        assert len(taken) == TAKEN
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
        record(connection, attempts, Rules(), NOW)
        return {table: rows_read(connection, table) for table in ("calls", "deliveries")}

    read = fresh_calls.do(unit)
    # Not even once through, though a table so small would bear it.
    assert read == {"calls": 0, "deliveries": 0}


def test_claiming_does_not_read_every_open_call_after_a_year_without_one(
    fresh_calls: Database,
) -> None:
    """The planner last counted when all had answered, and takes open calls for few."""
    answered = "UPDATE calls SET state = 'acknowledged', answered_at = 0, due_at = NULL"
    fresh_calls.do(lambda c: c.execute(text(answered)))
    fresh_calls.do(lambda c: c.execute(text("UPDATE deliveries SET state = 'sent', sent_at = 0")))
    with psycopg.connect(fresh_calls.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    fresh_calls.do(_released)

    def unit(connection: Connection) -> int:
        before = rows_fetched(connection, "calls")
        taken = claim(connection, "test", NOW, {Lane.RED: TAKEN}, BOT_ID)
        assert len(taken) == TAKEN
        return rows_fetched(connection, "calls") - before

    assert fresh_calls.do(unit) < 10 * TAKEN


@pytest.fixture
def handled_before(postgresql: Server, _upgraded: Any) -> Iterator[Database]:
    """A database on PostgreSQL that remembers many handled updates."""
    database = Database(postgresql.url(_upgraded.postgresql(postgresql)))
    for first in range(0, HANDLED, TAKEN):
        database.do(lambda c, first=first: _handle(c, range(first, first + TAKEN)))  # type: ignore[misc]
    database.close()
    database = Database(database.url)
    yield database
    database.close()


def _handle(connection: Connection, numbers: range) -> None:
    stored = inbox.put(connection, BOT_ID, [{"update_id": number} for number in numbers], NOW)
    assert set(stored) == set(numbers)
    assert inbox.done_many(connection, BOT_ID, numbers, NOW) == set(numbers)


def test_taps_do_not_read_what_was_handled_before(handled_before: Database) -> None:
    """The numbers of two days of taps are kept: none of them is read for those that come next."""

    def unit(connection: Connection) -> list[tuple[int, int]]:
        _handle(connection, range(HANDLED, HANDLED + TAKEN))
        tables = ("inbox", "handled_updates")
        return [(rows_read(connection, name), rows_fetched(connection, name)) for name in tables]

    read = handled_before.do(unit)
    assert all(through == 0 and by_index <= 2 * TAKEN for through, by_index in read), read


def test_a_release_does_not_fetch_the_people_it_calls_one_by_one(fresh_calls: Database) -> None:
    """Neither once for each role, nor for each call that was just made."""

    def unit(connection: Connection) -> int:
        _released(connection)
        return rows_fetched(connection, "people")

    assert fresh_calls.do(unit) < CALLS / 10


def test_what_waits_in_the_queue_is_not_in_the_index_by_alert(fresh_calls: Database) -> None:
    size = text("SELECT pg_relation_size('deliveries_alert')")
    assert fresh_calls.read(lambda c: c.execute(size).scalar_one()) < CALLS


def test_what_was_said_of_an_alert_is_found_without_all_that_is_said(
    fresh_calls: Database,
) -> None:
    def unit(connection: Connection) -> int:
        taken = claim(connection, "test", NOW, {Lane.RED: TAKEN}, BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken[1:]]
        record(connection, attempts, Rules(), NOW)
        alert_id = taken[0].alert_id
        assert alert_id is not None
        assert silent_list_store.newest(connection, NOW) == []
        assert help_list_store.sent_since(connection, alert_id, NOW) == {}
        assert restore_store.count_set_aside(connection, alert_id) == 0
        # The request still under way is decided when it is known what came of it.
        told = end_store.tell(connection, alert_id, end_store.BEARING_WARNING, NOW)
        assert told == len(attempts) == TAKEN - 1
        return rows_read(connection, "deliveries")

    assert fresh_calls.do(unit) == 0


OTHERS = 20_000


@pytest.fixture
def long_trail(database: Database) -> Database:
    """A trail of many alerts; the planner knows none of it yet."""

    def unit(connection: Connection) -> None:
        audit.append(connection, NOW, [Entry("call.reminded", f"call:{n}") for n in range(OTHERS)])
        audit.append(connection, NOW, [Entry("alert.released", f"alert:{n}") for n in range(9)])

    database.do(unit)
    return database


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize("entries", [1, 400])
def test_an_entry_is_added_without_reading_the_trail(
    long_trail: Database, entries: int, analyzed: bool
) -> None:
    if long_trail.is_sqlite:
        pytest.skip("SQLite has no statistics of what was read; it asks the index for its end")
    if analyzed:
        long_trail.do(lambda c: c.execute(text("ANALYZE audit")))

    def unit(connection: Connection) -> int:
        before = rows_read(connection, "audit")
        for _ in range(8):  # the sixth time a plan is made for any value
            audit.append(connection, NOW, [Entry("call.reminded", "call:1")] * entries)
        return rows_read(connection, "audit") - before

    assert long_trail.do(unit) < OTHERS / 10


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize("called", [1, 300])
def test_the_trail_of_an_alert_is_read_without_the_trail_of_others(
    long_trail: Database, called: int, analyzed: bool
) -> None:
    if analyzed:
        long_trail.do(lambda c: c.execute(text("ANALYZE audit")))

    def unit(connection: Connection) -> tuple[int, list[str]]:
        found = len(list(audit.trail_of_alert(connection, 3, range(called))))
        explain = "EXPLAIN QUERY PLAN" if long_trail.is_sqlite else "EXPLAIN"
        compiled = audit._ABOUT.compile(connection.engine)
        words = as_json(["alert:3", *(f"call:{n}" for n in range(called))])
        parameters = (words,) if long_trail.is_sqlite else {"words": words}
        plan = connection.exec_driver_sql(f"{explain} {compiled}", parameters)
        return found, [str(row[-1]) for row in plan]

    found, plan = long_trail.do(unit)
    assert found == called + 1
    steps = [step for step in plan if "audit" in step]
    assert any("audit_subject" in step for step in steps), plan
    assert not any("Seq Scan on audit" in step or step == "SCAN audit" for step in steps), plan


def test_a_restart_reads_what_was_claimed_not_all_deliveries(tmp_path: Path) -> None:
    few, many = (_steps_of_recovery(tmp_path / f"{sent}.db", sent) for sent in (300, 9000))
    assert many < 2 * few


def _steps_of_recovery(file: Path, sent: int) -> int:
    """Hundreds of steps of SQLite's machine, with fifty claimed reminders after so many sent."""
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)

    def fill(connection: Connection) -> None:
        row = {"kind": "remind", "lane": 3, "place": 1, "bot_id": BOT_ID, "chat_id": 7}
        row |= {"not_before": NOW, "created_at": NOW}
        claimed = {"state": "claimed", "claimed_by": "killed"}
        rows = [row | claimed | {"coalesce_key": f"remind:{n}"} for n in range(50)]
        rows += [
            row | {"state": "sent", "claimed_by": "killed", "coalesce_key": f"remind:{100 + n}"}
            for n in range(sent)
        ]
        connection.execute(insert(deliveries), rows)

    def recovered(connection: Connection) -> None:
        assert recover(connection, BOT_ID, NOW) == 50

    database.do(fill)
    steps = database.do(lambda c: _steps(c, lambda: recovered(c)))
    database.close()
    return steps


def _steps(connection: Connection, work: Callable[[], None]) -> int:
    """Hundreds of steps of SQLite's machine that ``work`` takes."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(step, 100)
    work()
    driver.set_progress_handler(None, 100)
    return steps


def test_a_call_for_help_without_a_spot_does_not_look_through_the_whole_city(
    tmp_path: Path,
) -> None:
    """The tap waits for it: there are three in the township, whoever else is in the city."""
    few, many = (_steps_to_colleagues(tmp_path / f"{others}.db", others) for others in (30, 3000))
    assert many < 2 * few


def _steps_to_colleagues(file: Path, others: int) -> int:
    """With so many patrollers in another county, and a province's officer who calls, too."""
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)

    def work(connection: Connection) -> None:
        near = [person(50 + n, f"巡护{n}", VILLAGES[n], Role.RANGER) for n in range(3)]
        far = [
            person(1000 + n, f"远处{n}", f"222402101{200 + n % 300}", Role.RANGER)
            for n in range(others)
        ]
        rows = [*near, *far]
        spot = {"lon": 128.2, "lat": 43.3, "doubts": [], "taken_at": NOW, "received_at": NOW}
        callers = [RANGER, GOVERNOR]
        connection.execute(insert(people), [*rows, *callers])
        connection.execute(insert(positions), [spot | {"person_id": row["id"]} for row in rows])
        counts = []
        for caller in callers:
            asker = people_store.person(connection, caller["id"])
            assert asker is not None
            found: list[Any] = []

            def look(asker: Person = asker, found: list[Any] = found) -> None:
                found += near_colleagues(connection, asker, None, NOW, DistressRules())

            counts.append(_steps(connection, look))
            assert len(found) == (3 if caller is RANGER else 0)
        steps.append(sum(counts))

    steps: list[int] = []
    database.do(work)
    database.close()
    return steps[0]


def test_a_sweep_does_not_read_all_calls(fresh_calls: Database) -> None:
    late = NOW + timedelta(minutes=8)  # the rung that goes by the release, not by the delivery

    def unit(connection: Connection) -> dict[str, int]:
        assert sweep(connection, Rules(), late, limit=TAKEN) == TAKEN
        return {table: rows_read(connection, table) for table in ("calls", "deliveries")}

    assert fresh_calls.do(unit) == {"calls": 0, "deliveries": 0}


def test_reminders_do_not_read_all_calls(fresh_calls: Database) -> None:
    def unit(connection: Connection) -> dict[str, int]:
        taken = claim(connection, "test", NOW, {Lane.RED: TAKEN}, BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
        record(connection, attempts, Rules(), NOW)
        assert sweep(connection, Rules(), NOW + timedelta(minutes=3), limit=TAKEN) > 0
        return {table: rows_read(connection, table) for table in ("calls", "deliveries", "people")}

    assert fresh_calls.do(unit) == {"calls": 0, "deliveries": 0, "people": 0}


def test_a_bot_that_falls_silent_and_speaks_again_does_not_read_all_calls(
    fresh_calls: Database,
) -> None:
    def unit(connection: Connection) -> dict[str, int]:
        bot_down(connection, BOT_ID, Down.REVOKED, NOW, limit=TAKEN)
        bot_up(connection, BOT_ID, Rules(), NOW, limit=TAKEN)
        return {table: rows_read(connection, table) for table in ("calls", "deliveries", "people")}

    read = fresh_calls.do(unit)
    assert read["people"] <= 2 * TAKEN  # everybody is the bot's: the first it comes upon will do
    assert (read["calls"], read["deliveries"]) == (0, 0)


def test_the_calls_of_a_person_are_found_without_reading_those_of_others(tmp_path: Path) -> None:
    """They have no index of their own, which every release would fill: each warning is looked up.

    Typed words, lost contact and coverage ask for them.
    """
    few, many = (_steps_to_calls_of_one(tmp_path / f"{others}.db", others) for others in (30, 600))
    assert many < 2 * few


def _steps_to_calls_of_one(file: Path, others: int) -> int:
    database = Database(f"sqlite:///{file}")
    elsewhere = person(7, "城里人", "220102001001", Role.VILLAGE_RESPONSIBLE)
    rows = [
        person(1000 + n, f"村民{n}", VILLAGES[n % 3], Role.VILLAGE_RESPONSIBLE)
        for n in range(others)
    ]
    fill(database, (COUNTY_COMMANDER, elsewhere, *rows))
    database.do(_released)

    def unit(connection: Connection) -> int:

        def work() -> None:
            assert len(alert_store.calls_of_person(connection, 1001)) == 1
            assert len(open_calls_store.open_calls_of(connection, [1001])) == 1
            assert open_calls_store.out_of_reach(connection, [1001], NOW) == 1
            assert open_calls_store.calls_within_reach(connection, [1001])
            proof_store.proofs(connection, [(elsewhere["division_code"],) * 2])

        return _steps(connection, work)

    steps = database.do(unit)
    database.close()
    return steps


def test_the_calls_of_a_person_are_looked_up_on_postgresql_too(fresh_calls: Database) -> None:
    def unit(connection: Connection) -> int:
        assert len(alert_store.calls_of_person(connection, 1001)) == 1
        assert len(open_calls_store.open_calls_of(connection, [1001])) == 1
        assert open_calls_store.out_of_reach(connection, [1001], NOW) == 1
        assert open_calls_store.calls_within_reach(connection, [1001])
        return rows_read(connection, "calls") + rows_fetched(connection, "calls")

    assert fresh_calls.do(unit) < 20


def test_a_release_to_the_province_takes_persons_as_they_lie(tmp_path: Path) -> None:
    """In order of division each row went somewhere else in the indexes by person: a tenth more."""
    database = Database(f"sqlite:///{tmp_path / 'province.db'}")
    rows = [
        person(1000 - n, f"村民{n}", VILLAGES[n % 3], Role.VILLAGE_RESPONSIBLE) for n in range(9)
    ]
    fill(database, (GOVERNOR, *rows))

    def unit(connection: Connection) -> list[int]:
        by = people_store.person(connection, GOVERNOR["id"])
        assert by is not None
        draft = Draft(Level.YELLOW, Hazard.RAINSTORM, (PROVINCE,), "注意", headline="黄色预警")
        release(connection, draft, by, Rules(), NOW)
        query = select(calls.c.person_id).order_by(calls.c.id)
        return list(connection.execute(query).scalars())

    called = database.do(unit)
    database.close()
    assert len(called) == 9
    assert called == sorted(called)
