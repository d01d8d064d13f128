"""The trail across its marks: what was noted is found on either side of each; gaps are named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from alerts.history.archiving import Archiving
from data import archived_trail, audit, history, trail_marks
from data.audit import Broken, ChainCheck, Entry, NotedEntry
from data.database import Connection, Database
from data.errors import NotFound
from data.tables import history as kept
from data.tables.running import audit as trail
from data.tables.running import audit_marks
from data.trail_marks import Mark
from tests.roster import NOW
from tests.store.test_history import LATER, in_history

AUGUST = NOW + timedelta(days=40)


@pytest.fixture
def marks(database: Database) -> tuple[int, int]:
    """The last entries of two archived months; one entry of the live trail follows."""
    july = database.read(audit.length)
    entries = [Entry("x.happened", f"x:{number}") for number in range(3)]
    database.do(lambda c: audit.append(c, AUGUST, entries))
    database.do(lambda c: audit.append(c, LATER, [Entry("x.happened", "x:now")]))
    own = Database(database.url)
    Archiving(own, LATER - timedelta(days=1), LATER).run()
    own.close()
    found = database.read(trail_marks.marks)
    assert [mark.seq for mark in found] == [july, july + 3]
    return july, july + 3


def hashes(database: Database) -> dict[int, str]:
    def look(c: Connection) -> dict[int, str]:
        assert history.attach(c)
        both = [row for table in (kept.audit, trail) for row in c.execute(select(table))]
        return {row.seq: row.hash for row in both}

    return database.read(look)


def test_a_noted_entry_is_found_on_either_side_of_each_mark(
    database: Database, marks: tuple[int, int]
) -> None:
    july, august = marks
    known = hashes(database)
    for seq in (1, july, july + 1, august, august + 1):
        true, false = NotedEntry(seq, known[seq]), NotedEntry(seq, "0" * 64)
        for check in (archived_trail.verify_all, archived_trail.verify_noted):

            def verdict(noted: NotedEntry, check: object = check) -> ChainCheck:
                return database.read(lambda c: check(c, noted))  # type: ignore[operator]

            found = verdict(true)
            assert (found.broken, found.away) == (None, ()), seq
            found = verdict(false)
            assert (found.broken, found.broken_at) == (Broken.REWRITTEN, seq), check
    whole = database.read(archived_trail.verify_all)
    assert (whole.since, whole.entries) == (1, max(known))
    live = database.read(lambda c: archived_trail.verify_noted(c, NotedEntry(1, known[1])))
    assert live.since == august + 1


def test_where_entries_are_missing_is_said(database: Database, marks: tuple[int, int]) -> None:
    july, august = marks
    known = hashes(database)
    in_history(database, delete(kept.audit).where(kept.audit.c.seq == august))
    found = database.read(archived_trail.verify_all)
    assert (found.broken, found.broken_at, found.since) == (Broken.GAP, august, 1)
    in_history(database, delete(kept.audit).where(kept.audit.c.seq > july))
    found = database.read(archived_trail.verify_all)
    assert (found.broken, found.away) == (None, ((july + 1, august),))
    for seq, away in ((july, ()), (july + 1, ((july + 1, july + 1),))):
        noted = NotedEntry(seq, known[seq])
        found = database.read(lambda c, noted=noted: archived_trail.verify_noted(c, noted))  # type: ignore[misc]
        assert (found.broken, found.away) == (None, away)
    in_history(database, delete(kept.audit))
    found = database.read(archived_trail.verify_all)
    assert (found.broken, found.away) == (None, ((1, july), (july + 1, august)))


def test_a_signed_mark_that_says_another_hash_is_found(
    database: Database, marks: tuple[int, int]
) -> None:
    _, august = marks
    newest = database.read(trail_marks.newest)
    assert newest is not None
    false = Mark(newest.seq, "0" * 64, newest.month, newest.made_at)
    database.do(lambda c: trail_marks.put(c, false))
    found = database.read(archived_trail.verify_all)
    assert (found.broken, found.broken_at, found.since) == (Broken.HASH, august, 1)


def test_archived_entries_about_something_are_read_as_far_as_the_marks_say(
    database: Database, marks: tuple[int, int]
) -> None:
    july, august = marks

    def about(subjects: list[str], since: object = NOW) -> list[int]:
        def look(c: Connection) -> list[int]:
            found = archived_trail.entries_about(c, subjects, since)  # type: ignore[arg-type]
            return [entry["seq"] for entry in found]

        return database.read(look)

    assert about(["x:0", "x:2", "x:now"]) == [july + 1, august]
    assert about(["x:0"], AUGUST) == [july + 1]
    assert about(["x:0"], AUGUST + timedelta(days=31)) == []  # of a month that is not archived
    database.do(lambda c: c.execute(delete(audit_marks)))
    in_history(database, delete(kept.audit).where(kept.audit.c.seq <= july))
    assert about(["x:0"]) == []  # without a mark nothing was archived


def test_a_history_that_is_not_here_is_missed_only_where_something_lies_in_it(
    database: Database, marks: tuple[int, int]
) -> None:
    july, _ = marks
    in_history(database, delete(kept.audit).where(kept.audit.c.seq > july))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "attach", lambda _connection: False)
        with pytest.raises(NotFound):
            database.read(lambda c: list(archived_trail.entries_about(c, ["x:0"], AUGUST)))
        later = AUGUST + timedelta(days=31)
        assert not database.read(lambda c: list(archived_trail.entries_about(c, ["x:0"], later)))
