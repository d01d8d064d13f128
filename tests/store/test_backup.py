"""A backup is made beside a writer that never rests; put back, it sends nothing stale."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select, text, update

from alerts import alert_store, restored
from alerts.calls import CallState
from alerts.closing import cancel, expire
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.release import release
from alerts.restored import RestoreProblem, make_ready, resume
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import bot_store, people_store
from contacts.bots import Bot
from data import audit, inbox, row_numbers
from data.backup import (
    BackupProblem,
    back_up,
    back_up_with_history,
    check_backup,
    put_back,
)
from data.database import Connection, Database
from data.errors import Conflict, StoreUnwritable
from data.history import history_file
from data.tables.alerts import alerts, calls, deliveries
from data.tables.running import conversations, leases
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, NOW, PROVINCE

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")


def warn(connection: Connection) -> int:
    bot_store.configure(connection, [Bot(BOT_ID, PROVINCE)], NOW)
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    return release(connection, DRAFT, by, RULES, NOW).alert_id


def count(database: Database, table: Table) -> int:
    return database.read(
        lambda c: int(c.execute(select(func.count()).select_from(table)).scalar_one())
    )


@pytest.fixture
def source(filled_url: str) -> Iterator[Path]:
    """The file of a database of SQLite's."""
    if not filled_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has tools of its own")
    return Path(filled_url.removeprefix("sqlite:///"))


def test_a_backup_ends_though_the_writer_never_rests(source: Path, tmp_path: Path) -> None:
    """A commit between any two steps: SQLite's own backup would begin anew at each."""
    writer = Database(f"sqlite:///{source}")
    copied = tmp_path / "copy.db"
    ticks = 0

    def clock() -> float:
        """Asked between two steps: somebody commits just then."""
        nonlocal ticks
        ticks += 1
        writer.do(lambda c: audit.append(c, NOW, [audit.Entry("x", f"x:{ticks}")]))
        return 0.0

    before = writer.read(audit.length)
    back_up(source, copied, seconds=60, clock=clock, pages=1)
    assert ticks > 20
    assert writer.read(audit.length) == before + ticks
    writer.close()
    there = Database(f"sqlite:///{copied}")
    verdict = there.read(audit.verify)
    there.close()
    assert verdict.broken is None
    assert before <= verdict.entries <= before + 1  # of one moment, when it began
    assert not list(tmp_path.glob("copy.db.*"))


def test_a_backup_that_takes_too_long_is_given_up(source: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy.db"
    moments = iter(range(1000))
    with pytest.raises(StoreUnwritable) as refused:
        back_up(source, copied, seconds=3, clock=lambda: float(next(moments)), pages=1)
    assert refused.value.code is BackupProblem.TOO_SLOW
    assert refused.value.facts["seconds"] == 3
    assert not list(tmp_path.glob("copy*"))


def test_a_backup_has_all_the_time_it_was_given(source: Path, tmp_path: Path) -> None:
    moments = iter([0.0])
    written = back_up(source, tmp_path / "copy.db", seconds=3, clock=lambda: next(moments, 3.0))
    assert written == (tmp_path / "copy.db").stat().st_size > 0
    # Without a history there is none to copy or to put back.
    alone = back_up_with_history(source, tmp_path / "alone.db", seconds=60)
    assert alone == {tmp_path / "alone.db": (tmp_path / "alone.db").stat().st_size}
    assert put_back(tmp_path / "alone.db", tmp_path / "new.db", "x") == []
    assert (tmp_path / "new.db").exists() and not list(tmp_path.glob("*restoring*"))
    check_backup(tmp_path / "new.db")


@pytest.mark.parametrize("table", ["alembic_version", "alerts", "audit"])
def test_a_database_without_one_of_our_tables_is_not_ours(tmp_path: Path, table: str) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as connection:
        for name in {"alembic_version", "alerts", "audit"} - {table}:
            connection.execute(f"CREATE TABLE {name} (n)")
    with pytest.raises(StoreUnwritable) as refused:
        check_backup(file)
    assert refused.value.code is BackupProblem.NOT_OURS


def test_nothing_is_written_over_and_no_half_file_is_left(source: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy.db"
    copied.write_text("somebody's")
    with pytest.raises(StoreUnwritable) as refused:
        back_up(source, copied, seconds=60)
    assert refused.value.code is BackupProblem.EXISTS
    assert copied.read_text() == "somebody's"
    with pytest.raises(StoreUnwritable) as refused:
        back_up(source, tmp_path / "no" / "copy.db", seconds=60)
    assert refused.value.code is BackupProblem.UNWRITABLE
    with pytest.raises(StoreUnwritable) as refused:
        back_up(tmp_path / "none.db", tmp_path / "copy2.db", seconds=60)
    assert refused.value.code is BackupProblem.NO_DATABASE
    assert not (tmp_path / "none.db").exists()


def test_a_full_disk_is_said_and_leaves_no_half_file(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # no file grows beyond this
    try:
        for attempt in (
            lambda: back_up(source, tmp_path / "copy.db", seconds=60),
            lambda: put_back(source, tmp_path / "place.db", "x"),
        ):
            with pytest.raises(StoreUnwritable) as refused:
                attempt()
            assert refused.value.code is BackupProblem.UNWRITABLE
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.glob("copy*"))
    assert not list(tmp_path.glob("place*"))
    assert source.read_bytes() == before


def test_a_damaged_database_is_not_backed_up_silently(source: Path, tmp_path: Path) -> None:
    with source.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 8)
    with pytest.raises(StoreUnwritable) as refused:
        back_up(source, tmp_path / "copy.db", seconds=60)
    assert refused.value.code is BackupProblem.DAMAGED
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, BackupProblem.NOT_FOUND),
        (b"not a database, " * 500, BackupProblem.DAMAGED),
        (b"", BackupProblem.NOT_OURS),
    ],
)
def test_what_is_no_backup_is_refused_before_anything_is_touched(
    source: Path, tmp_path: Path, content: bytes | None, problem: BackupProblem
) -> None:
    backup = tmp_path / "bad.db"
    if content is not None:
        backup.write_bytes(content)
    before = source.read_bytes()
    with pytest.raises(StoreUnwritable) as refused:
        put_back(backup, source, "x")
    assert refused.value.code is problem
    assert source.read_bytes() == before


def test_a_backup_is_put_back_and_what_was_there_is_kept(source: Path, tmp_path: Path) -> None:
    writer = Database(f"sqlite:///{source}")
    writer.do(warn)
    history_file(source).touch()  # an empty history is one
    written = back_up_with_history(source, tmp_path / "copy.db", seconds=60)
    assert list(written) == [tmp_path / "copy.db", tmp_path / "copy.history.db"]
    writer.do(warn)
    writer.close()
    aside = put_back(tmp_path / "copy.db", source, "now")
    assert {file.name for file in aside} >= {"test.db.before-now", "test.history.db.before-now"}
    now = Database(f"sqlite:///{source}")
    assert count(now, alerts) == 1
    now.close()
    before = Database(f"sqlite:///{aside[0]}")
    assert count(before, alerts) == 2
    before.close()


# -- making it ready -------------------------------------------------------------------------------


@pytest.fixture
def under_way(database: Database) -> int:
    """A warning: part of it sent, part claimed, part waiting; an update taken in; a question."""
    alert_id = database.do(warn)

    def unit(connection: Connection) -> None:
        room = dict.fromkeys(Lane, 1)
        sent = claim(connection, "test", NOW, room, BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in sent]
        record(connection, attempts, RULES, NOW)
        claim(connection, "test", NOW, room, BOT_ID)
        inbox.put(connection, BOT_ID, [{"update_id": 7}], NOW)
        asked = {"telegram_id": 5, "topic": "reason", "state": {}, "updated_at": NOW}
        connection.execute(insert(conversations).values(asked))

    database.do(unit)
    return alert_id


def states(database: Database) -> dict[str, int]:
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    return database.read(lambda c: {row[0]: row[1] for row in c.execute(query)})


def test_nothing_that_waited_is_sent_after_a_restore(database: Database, under_way: int) -> None:
    before = states(database)
    assert before["queued"] > 0
    assert before["claimed"] > 0
    found = database.do(lambda c: make_ready(c, NOW + timedelta(hours=6)))
    assert found.set_aside == before["queued"] + before["claimed"]
    assert found.updates == 1
    assert states(database) == {"sent": before["sent"], "dropped": found.set_aside}
    room = dict.fromkeys(Lane, 1000)
    later = NOW + timedelta(hours=7)
    assert database.do(lambda c: claim(c, "test", later, room, BOT_ID)) == []
    assert database.read(lambda c: inbox.pending(c, BOT_ID)) == []
    assert count(database, conversations) == 0
    # What is in force is said, with what was set aside of it.
    assert [(told.alert.id, told.set_aside > 0) for told in found.alerts] == [(under_way, True)]


def test_nobody_is_chased_before_an_officer_could_cancel(
    database: Database, under_way: int
) -> None:
    now = NOW + timedelta(hours=6)
    due = select(func.min(calls.c.due_at)).where(calls.c.alert_id == under_way)
    assert database.read(lambda c: c.execute(due).scalar_one()) < now
    database.do(lambda c: make_ready(c, now))
    assert database.read(lambda c: c.execute(due).scalar_one()) == now + restored.GRACE


def test_numbers_go_on_past_those_that_may_have_been_given_out(
    database: Database, under_way: int
) -> None:
    tables = [alerts, calls, deliveries]
    highest = [
        database.read(lambda c, t=table: c.execute(select(func.max(t.c.id))).scalar_one())
        for table in tables
    ]
    database.do(lambda c: make_ready(c, NOW))
    second = database.do(warn)
    assert second > under_way + row_numbers.JUMP
    for table, before in zip(tables, highest, strict=True):
        query = select(func.count()).where(
            table.c.id > before, table.c.id <= before + row_numbers.JUMP
        )
        assert database.read(lambda c, q=query: c.execute(q).scalar_one()) == 0
        newest = select(func.max(table.c.id))
        assert database.read(lambda c, q=newest: c.execute(q).scalar_one()) > before


def test_every_numbered_table_gives_a_number_once(database: Database) -> None:
    """Also where the row with the highest number was deleted."""
    if database.is_sqlite:
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        made = database.read(lambda c: {row[0]: row[1] for row in c.execute(query)})
        for table in row_numbers.numbered():
            assert "AUTOINCREMENT" in made[table.name], table.name
    database.do(row_numbers.jump)
    database.do(row_numbers.jump)


@pytest.mark.usefixtures("under_way")
def test_the_restore_is_in_the_trail(database: Database) -> None:
    before = database.read(audit.length)
    found = database.do(lambda c: make_ready(c, NOW))
    entries = list(database.read(lambda c: list(audit.trail(c, "store"))))
    assert [entry["action"] for entry in entries] == ["store.restored"]
    detail = entries[0]["detail"]
    assert detail["last_entry"] == before == found.last_entry
    assert detail["set_aside"] == found.set_aside
    assert database.read(audit.verify).broken is None
    # Twice does no harm.
    again = database.do(lambda c: make_ready(c, NOW))
    assert (again.set_aside, again.updates) == (0, 0)


def test_a_database_in_use_is_not_made_ready(database: Database, under_way: int) -> None:
    lease = {"name": "schedule:all", "holder": "machine-7", "until": NOW + timedelta(days=36500)}
    database.do(lambda c: c.execute(insert(leases).values(lease)))
    with pytest.raises(Conflict) as refused:
        database.do(lambda c: make_ready(c, NOW))
    assert refused.value.code is RestoreProblem.RUNNING
    assert "machine-7" in refused.value.facts["holders"]
    assert states(database)["queued"] > 0
    assert under_way


def test_what_is_still_true_is_sent_when_somebody_says_so(
    database: Database, under_way: int
) -> None:
    other = database.do(warn)
    database.do(lambda c: make_ready(c, NOW))
    answered = select(deliveries.c.call_id).where(
        deliveries.c.alert_id == under_way,
        deliveries.c.kind == "call",
        deliveries.c.state == "dropped",
    )
    first = database.read(lambda c: c.execute(answered.limit(1)).scalar_one())
    state = update(calls).where(calls.c.id == first).values(state=CallState.ACKNOWLEDGED.value)
    at = {"answered_at": NOW, "answered_via": "button"}
    database.do(lambda c: c.execute(state.values(at)))
    expected = database.read(lambda c: len(c.execute(answered).all())) - 1
    sent_again = database.do(lambda c: resume(c, under_way, NOW))
    query = select(deliveries).where(deliveries.c.state == "queued")
    queued = database.read(lambda c: c.execute(query).all())
    assert len(queued) == sent_again >= expected
    assert {row.alert_id for row in queued} == {under_way}
    assert {row.kind for row in queued} <= {"call", "post"}
    assert first not in {row.call_id for row in queued}
    assert database.do(lambda c: resume(c, under_way, NOW)) == 0
    assert other


def test_a_cancellation_reaches_whoever_may_have_got_what_was_set_aside(
    database: Database, under_way: int
) -> None:
    chats = select(deliveries.c.chat_id).where(deliveries.c.kind.in_(["call", "post"]))
    told = set(database.read(lambda c: c.execute(chats).scalars().all()))
    database.do(lambda c: make_ready(c, NOW))

    def cancelled(connection: Connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        cancel(connection, under_way, by, NOW)

    database.do(cancelled)
    ends = select(deliveries.c.chat_id).where(deliveries.c.kind == "cancel")
    assert set(database.read(lambda c: c.execute(ends).scalars().all())) >= told


def test_what_is_over_is_not_sent_again(database: Database, under_way: int) -> None:
    database.do(lambda c: make_ready(c, NOW))
    database.do(lambda c: expire(c, NOW + timedelta(days=3)))
    with pytest.raises(Conflict):
        database.do(lambda c: resume(c, under_way, NOW + timedelta(days=3)))


def test_it_is_sent_again_up_to_the_moment_it_expires_and_not_from_then_on(
    database: Database, under_way: int
) -> None:
    """Also where nobody has noted yet that it expired."""
    database.do(lambda c: make_ready(c, NOW))
    alert = database.read(lambda c: alert_store.alert(c, under_way))
    assert alert is not None
    with pytest.raises(Conflict):
        database.do(lambda c: resume(c, under_way, alert.expires_at))
    just_before = alert.expires_at - timedelta(seconds=1)
    assert database.do(lambda c: resume(c, under_way, just_before)) > 0


def test_the_raw_tool_would_begin_anew(source: Path, tmp_path: Path) -> None:
    """Why a snapshot is held: without it every commit sends the copy back to its first page."""
    writer = Database(f"sqlite:///{source}")
    left: list[int] = []
    reading, writing = sqlite3.connect(source), sqlite3.connect(tmp_path / "raw.db")

    class Enough(Exception):
        pass

    def step(_status: int, remaining: int, _total: int) -> None:
        left.append(remaining)
        if len(left) == 8:
            raise Enough
        writer.do(lambda c: audit.append(c, NOW, [audit.Entry("x", "x:1")]))

    with pytest.raises(Enough):
        reading.backup(writing, pages=1, progress=step)
    assert left[-1] >= left[0]
    reading.close()
    writing.close()
    writer.close()
