"""What the stores below keep and forget: at the very moment, and beside the rows of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from data import (
    archived_trail,
    audit,
    inbox,
    leases,
    reference_versions,
    row_numbers,
    schema,
    set_aside,
    sizes,
    trail_marks,
)
from data.audit import Broken, Entry, NotedEntry
from data.database import Connection, Database
from data.inbox import MOST_ATTEMPTS
from data.schema import SchemaState
from data.set_aside import AGAIN_AFTER, GRACE, DueColumn
from data.tables.alerts import calls
from data.tables.contacts import people
from data.tables.running import audit as trail
from data.tables.running import audit_marks
from data.tables.running import inbox as inbox_table
from data.tables.running import leases as lease_table
from data.tables.running import processes as process_table
from data.trail_marks import Mark
from tests.roster import BOT_ID, NOW, VILLAGERS

OTHER_BOT = BOT_ID + 1
MOMENT = timedelta(milliseconds=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def c(database: Database) -> Iterator[Connection]:
    """A transaction which is taken back."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


# -- what is set aside -----------------------------------------------------------------------------


def test_what_is_set_aside_waits_until_its_time_and_hides_nothing_else(c: Connection) -> None:
    set_aside.note(c, "call", 7, ValueError("a name"), NOW)
    set_aside.note(c, "call", 8, ValueError("a name"), NOW, timedelta(minutes=1))
    set_aside.note(c, "tick", 7, OSError("a name"), NOW)
    assert set_aside.waiting(c, "call", NOW) == {"7", "8"}
    assert set_aside.waiting(c, "tick", NOW) == {"7"}
    assert set_aside.waiting(c, "call", NOW + timedelta(minutes=1)) == {"7"}
    assert set_aside.waiting(c, "call", NOW + AGAIN_AFTER - MOMENT) == {"7"}
    assert set_aside.waiting(c, "call", NOW + AGAIN_AFTER) == frozenset()


def test_setting_the_same_aside_again_is_one_row_and_one_entry(c: Connection) -> None:
    entries = audit.length(c)
    set_aside.note(c, "call", 7, ValueError("a name"), NOW)
    set_aside.note(c, "call", 8, ValueError("a name"), NOW)
    later = NOW + AGAIN_AFTER
    set_aside.note(c, "call", 7, OSError("a name"), later)
    assert audit.length(c) == entries + 2
    assert set_aside.kept(c, later) == [
        set_aside.SetAside("call", "7", NOW, later + AGAIN_AFTER, "OSError"),
        set_aside.SetAside("call", "8", NOW, NOW + AGAIN_AFTER, "ValueError"),
    ]
    (entry,) = audit.trail(c, "call:8")
    assert (entry["action"], entry["detail"]) == ("row.set_aside", {"error": "ValueError"})


def test_names_longer_than_their_columns_are_kept_as_far_as_they_fit(c: Connection) -> None:
    error = type("E" * 81, (ValueError,), {})()
    set_aside.note(c, "call", "r" * 40, error, NOW)
    (kept,) = set_aside.kept(c, NOW)
    assert (kept.row, kept.error) == ("r" * 40, "E" * 80)
    (entry,) = audit.trail(c, f"call:{'r' * 35}")
    assert entry["detail"] == {"error": "E" * 80}


def test_it_is_on_record_until_a_while_after_its_time(c: Connection) -> None:
    set_aside.note(c, "call", 7, ValueError(), NOW)
    set_aside.note(c, "call", 8, ValueError(), NOW + MOMENT)
    over = NOW + AGAIN_AFTER + GRACE
    assert [kept.row for kept in set_aside.kept(c, over - MOMENT)] == ["7", "8"]
    assert [kept.row for kept in set_aside.kept(c, over)] == ["8"]
    set_aside.forget_old(c, over - MOMENT)
    assert len(set_aside.kept(c, NOW)) == 2
    set_aside.forget_old(c, over)
    assert [kept.row for kept in set_aside.kept(c, NOW)] == ["8"]


def test_the_row_due_first_is_put_off_and_no_other(c: Connection) -> None:
    ids = [person["id"] for person in VILLAGERS]
    # Any column with a time will do: people's time of linking.
    times = [NOW + timedelta(hours=1), NOW, NOW - timedelta(hours=1)]
    for person_id, time in zip(ids, times, strict=True):
        c.execute(update(people).where(people.c.id == person_id).values(linked_at=time))
    c.execute(update(people).where(people.c.id.not_in(ids)).values(linked_at=None))
    rows = DueColumn("person", people.c.id, people.c.linked_at, again_after=timedelta(minutes=3))

    def due(now: datetime) -> int | None:
        return set_aside.first_due(c, rows, now)

    assert due(NOW - timedelta(hours=1) - MOMENT) is None
    assert due(NOW - timedelta(hours=1)) == ids[2]
    assert due(NOW) == ids[2]
    by_id = rows._replace(order=(people.c.id,))
    assert set_aside.first_due(c, by_id, NOW) == ids[1]
    assert set_aside.set_head_aside(c, rows, NOW, ValueError())
    times_now = dict(
        c.execute(select(people.c.id, people.c.linked_at).where(people.c.id.in_(ids))).all()
    )
    assert times_now == {ids[0]: times[0], ids[1]: NOW, ids[2]: NOW + timedelta(minutes=3)}
    assert set_aside.waiting(c, "person", NOW + timedelta(minutes=3) - MOMENT) == {str(ids[2])}
    assert set_aside.waiting(c, "person", NOW + timedelta(minutes=3)) == frozenset()
    assert set_aside.set_head_aside(c, rows, NOW, ValueError())
    assert not set_aside.set_head_aside(c, rows, NOW, ValueError())
    # What is not due is not put off, whoever asks for it.
    set_aside.put_off(c, rows, NOW, people.c.id == ids[0])
    assert set_aside.first_due(c, rows, times[0] - MOMENT) == ids[1]


# -- the inbox -------------------------------------------------------------------------------------


def received(c: Connection, bot: int, number: int, at: datetime, attempts: int) -> None:
    inbox.put(c, bot, [{"update_id": number}], at)
    this = (inbox_table.c.bot_id == bot) & (inbox_table.c.update_id == number)
    c.execute(update(inbox_table).where(this).values(attempts=attempts))


def test_only_what_was_tried_and_is_old_is_deleted(c: Connection) -> None:
    assert not inbox.any_set_aside(c, FAR)
    received(c, BOT_ID, 1, NOW, MOST_ATTEMPTS)
    received(c, BOT_ID, 2, NOW, 0)
    received(c, BOT_ID, 3, NOW + MOMENT, 1)
    received(c, OTHER_BOT, 1, NOW, 1)
    assert inbox.count(c) == 4
    assert not inbox.any_set_aside(c, NOW)
    assert inbox.delete_set_aside(c, NOW) == 0
    assert inbox.any_set_aside(c, NOW + MOMENT)
    assert inbox.delete_set_aside(c, NOW + MOMENT) == 2
    assert inbox.pending(c, BOT_ID) == [{"update_id": 2}, {"update_id": 3}]
    assert not inbox.any_set_aside(c, NOW + MOMENT)
    received(c, OTHER_BOT, 9, NOW, 1)  # tried once is enough
    assert inbox.any_set_aside(c, NOW + MOMENT)
    assert inbox.delete_set_aside(c, NOW + MOMENT) == 1


def test_setting_all_aside_counts_those_that_waited(c: Connection) -> None:
    received(c, BOT_ID, 1, NOW, 0)
    received(c, BOT_ID, 2, NOW, MOST_ATTEMPTS - 1)
    received(c, OTHER_BOT, 1, NOW, MOST_ATTEMPTS)
    assert inbox.set_all_aside(c) == 2
    assert inbox.set_all_aside(c) == 0
    assert inbox.pending(c, BOT_ID) == [] and inbox.pending(c, OTHER_BOT) == []
    assert inbox.count(c) == 3


def test_what_is_asked_for_is_of_its_bot_and_its_numbers(c: Connection) -> None:
    for bot in (BOT_ID, OTHER_BOT):
        inbox.put(c, bot, [{"update_id": number, "bot": bot} for number in (2, 1, 3)], NOW)
    inbox.failed(c, BOT_ID, 3)
    assert inbox.untried(c, BOT_ID) == [1, 2]
    assert inbox.untried(c, OTHER_BOT) == [1, 2, 3]
    assert inbox.stored(c, BOT_ID, [3, 1, 9]) == [
        {"update_id": 1, "bot": BOT_ID},
        {"update_id": 3, "bot": BOT_ID},
    ]
    assert inbox.stored(c, BOT_ID, []) == []
    inbox.done(c, BOT_ID, 1, NOW)
    assert inbox.untried(c, BOT_ID) == [2]
    assert inbox.untried(c, OTHER_BOT) == [1, 2, 3]


# -- the trail -------------------------------------------------------------------------------------


def enter(c: Connection, *subjects: str, at: datetime = NOW) -> None:
    audit.append(c, at, [Entry("test", subject) for subject in subjects])


def test_the_length_and_the_last_entry_of_the_trail(upgraded_url: str) -> None:
    def ask(c: Connection) -> None:
        assert (audit.length(c), audit.last(c)) == (0, (0, None))
        audit.append(c, NOW, [])
        assert audit.length(c) == 0
        enter(c, "alert:1", "alert:2")
        enter(c, "alert:3", at=NOW + MOMENT)
        assert (audit.length(c), audit.last(c)) == (3, (3, NOW + MOMENT))

    with closing(Database(upgraded_url)) as empty:
        empty.do(ask)


def test_entries_about_are_counted_by_how_their_subject_begins(c: Connection) -> None:
    begun = audit.length(c)
    enter(c, "person:1", "group:1", "a_person:1", "person:2")
    assert audit.entries_about(c, begun, ["person:"]) == 2
    assert audit.entries_about(c, begun, ["person:", "group:"]) == 3
    assert audit.entries_about(c, begun + 1, ["person:", "group:"]) == 2
    assert audit.entries_about(c, begun + 4, ["person:"]) == 0


def test_the_trail_of_an_alert_is_its_own_and_its_calls(c: Connection) -> None:
    enter(c, "alert:1", "call:1", "alert:11", "call:2", "call:12", "alert:1")
    found = [(e["seq"], e["subject"]) for e in audit.trail_of_alert(c, 1, [1, 12])]
    assert [subject for _, subject in found] == ["alert:1", "call:1", "call:12", "alert:1"]
    assert [seq for seq, _ in found] == sorted(seq for seq, _ in found)
    assert [e["subject"] for e in audit.trail_of_alert(c, 11, [])] == ["alert:11"]


def test_a_noted_entry_must_still_be_there(c: Connection) -> None:
    enter(c, *(f"alert:{n}" for n in range(5)))
    hashes = dict(c.execute(select(trail.c.seq, trail.c.hash)).all())
    end = max(hashes)
    for seq in (1, end):
        assert audit.verify(c, NotedEntry(seq, hashes[seq])).broken is None
        changed = audit.verify(c, NotedEntry(seq, "0" * 64))
        assert (changed.broken, changed.broken_at) == (Broken.REWRITTEN, seq)
        assert (changed.entries, changed.since) == (seq - 1, 1)
    cut = audit.verify(c, NotedEntry(end + 1, "0" * 64))
    assert (cut.broken, cut.broken_at, cut.entries) == (Broken.CUT, end + 1, end)
    assert str(NotedEntry(7, "abc")) == "7:abc"


def test_a_mark_takes_the_place_of_the_newest_of_its_month_only(c: Connection) -> None:
    assert trail_marks.newest(c) is None and trail_marks.marks(c) == []
    for seq, month in ((10, 202601), (20, 202602), (30, 202602), (40, 202603), (50, 202602)):
        trail_marks.put(c, Mark(seq, f"{seq:064}", month, NOW))
    kept = [(mark.seq, mark.month) for mark in trail_marks.marks(c)]
    assert kept == [(10, 202601), (30, 202602), (40, 202603), (50, 202602)]
    newest = trail_marks.newest(c)
    assert newest is not None and newest.seq == 50
    assert all(trail_marks.genuine(c, mark) for mark in trail_marks.marks(c))
    for change in (
        {"seq": 51},
        {"hash": "1" * 64},
        {"month": 202604},
        {"made_at": NOW + MOMENT},
        {"signature": "0" * 64},
    ):
        assert not trail_marks.genuine(c, newest._replace(**change)), change


def test_a_trail_that_starts_from_a_false_mark_says_which(c: Connection) -> None:
    enter(c, "alert:1")
    c.execute(
        insert(audit_marks).values(
            seq=70, hash="a" * 64, month=202601, made_at=NOW, signature="0" * 64
        )
    )
    assert audit.verify(c) == audit.ChainCheck(70, "a" * 64, Broken.MARK, 70, 71)
    whole = archived_trail.verify_all(c)
    assert (whole.broken, whole.broken_at, whole.entries) == (Broken.MARK, 70, 0)
    assert whole.since == 1


# -- leases and processes --------------------------------------------------------------------------


def lease(c: Connection, name: str, holder: str, until: datetime) -> None:
    c.execute(insert(lease_table).values(name=name, holder=holder, until=until))


def test_who_is_dead_holds_nothing(c: Connection) -> None:
    lease(c, "dispatch:1", "dead", NOW - timedelta(days=300))
    lease(c, "dispatch:2", "lives", FAR)
    assert leases.holders(c) == {"dispatch:2": "lives"}
    leases.let_go_everybody(c)
    assert leases.holders(c) == {}


def test_a_lease_lasts_as_long_as_was_said(c: Connection) -> None:
    leases.renew(c, "me", "dispatch", ["dispatch:1"], 1000)
    (until,) = c.execute(
        select(lease_table.c.until).where(lease_table.c.name == "dispatch:1")
    ).scalars()
    leases.report(c, "me", {}, None, 1000)
    (reported,) = c.execute(select(process_table.c.until)).scalars()
    assert timedelta(0) <= reported - until < timedelta(seconds=900)  # however slow the machine
    clock = datetime.now(UTC)
    assert timedelta(seconds=-900) < until - timedelta(seconds=1000) - clock < timedelta(1)


def test_a_process_is_told_of_while_it_reports_and_forgotten_an_hour_later(c: Connection) -> None:
    now = datetime.now(UTC)
    for name, until in (
        ("dead", now - timedelta(minutes=50)),
        ("long dead", now - timedelta(minutes=70)),
    ):
        c.execute(insert(process_table).values(name=name, settings={}, until=until))
        lease(c, f"dispatch/{name}", name, until)
        lease(c, f"dispatch:{name}", name, until)
    leases.report(c, "b", {"policy": "1"}, 5, 1000)
    leases.report(c, "a", {"policy": "2"}, None, 1000)
    a, b = leases.Process("a", {"policy": "2"}, None), leases.Process("b", {"policy": "1"}, 5)
    assert leases.processes(c) == [a, b]
    leases.report(c, "b", {"policy": "2"}, None, 1000)  # not known this time: what was known stays
    assert leases.processes(c) == [a, leases.Process("b", {"policy": "2"}, 5)]
    assert set(c.execute(select(process_table.c.name)).scalars()) == {"a", "b", "dead"}
    left = set(c.execute(select(lease_table.c.name)).scalars())
    assert left == {"dispatch/dead", "dispatch:dead", "dispatch:long dead"}
    leases.let_go_all(c, "a")
    assert [process.name for process in leases.processes(c)] == ["b"]


# -- numbers, versions, sizes, schema --------------------------------------------------------------


def test_an_import_counts_its_own_up(c: Connection) -> None:
    before = reference_versions.versions(c)
    assert set(before) == {reference_versions.DIVISIONS, reference_versions.BOUNDARIES}
    reference_versions.count_up(c, reference_versions.DIVISIONS)
    reference_versions.count_up(c, reference_versions.DIVISIONS)
    name = reference_versions.DIVISIONS
    assert reference_versions.versions(c) == {**before, name: before[name] + 2}


def test_numbers_jump_from_the_highest_that_was_given(database: Database) -> None:
    def numbers(c: Connection) -> tuple[int, int]:
        given = max(c.execute(select(people.c.id)).scalars())
        row_numbers.jump(c)
        row_numbers.jump(c)
        more = {"name": "新", "division_code": VILLAGERS[0]["division_code"], "role": "ranger"}
        more |= {"phone": "+8619900099999", "invite_code": "inviteX", "rank": 1, "active": True}
        next_one = c.execute(insert(people).values(more).returning(people.c.id)).scalar_one()
        return given, next_one

    given, next_one = database.do(numbers)
    assert next_one == given + 2 * row_numbers.JUMP + 1


def test_the_largest_table_comes_first_with_its_oldest_row(
    database: Database, store_kind: str
) -> None:
    before = database.read(audit.length)
    database.do(lambda c: enter(c, *(["x:1"] * 300), at=NOW + MOMENT))
    found = database.read(sizes.table_sizes)
    assert len({size.name for size in found}) == len(found) > 40
    by_name = {size.name: size for size in found}
    assert by_name["audit"].rows == before + 300
    assert by_name["audit"].oldest == NOW
    assert by_name["calls"].oldest is None and by_name["calls"].rows == 0
    # Counted here the slow way.
    rows = database.read(lambda c: c.execute(select(func.count()).select_from(people)).scalar())
    assert by_name["people"].rows == rows
    known = [size.bytes for size in found if size.bytes is not None]
    assert known == sorted(known, reverse=True)
    if known:
        assert (by_name["audit"].bytes or 0) > 16_000
    if known and store_kind == "sqlite":  # PostgreSQL keeps the room of what other tests deleted
        assert (by_name["audit"].bytes or 0) > (by_name["calls"].bytes or 0)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (schema.HEAD, SchemaState.CURRENT),
        (schema.KNOWN[0], SchemaState.OLDER),
        (schema.KNOWN[-2], SchemaState.OLDER),
        ("0005", SchemaState.NEWER),  # never released
        ("9999", SchemaState.NEWER),
    ],
)
def test_how_a_database_stands_to_this_release(
    c: Connection, found: str, state: SchemaState
) -> None:
    c.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{found}'")
    assert (schema.revision(c), schema.state(c)) == (found, state)
    assert schema.missing_tables(c) == []
    assert calls.name in {size.name for size in sizes.table_sizes(c)}
