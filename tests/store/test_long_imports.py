"""A long roster file is entered in parts, and is in force as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from contacts import people_store
from contacts.people import Contact
from contacts.roster import entering, importing
from contacts.roster.columns import RosterKind
from contacts.roster.importing import ImportReport, import_file
from data import audit
from data.audit import Entry
from data.database import Database
from data.tables.contacts import people
from data.tables.running import audit as trail

pytestmark = pytest.mark.one_database


NOW = datetime(2026, 7, 1, tzinfo=UTC)
HEADER = "name,phone,division_code,role,rank,telegram_id,language\n"
OLD = "王五,13900000099,222403001001,ranger,1,7099,\n"
PERSONS = 20
LONG = HEADER + "".join(
    f"村民{n},139000000{n:02d},222403001001,village_responsible,1,{8000 + n},\n"
    for n in range(PERSONS)
)


@pytest.fixture
def database(upgraded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(entering, "AT_ONCE", 6)
    monkeypatch.setattr(entering, "REST_SECONDS", 0.0)
    made = Database(upgraded_url, synchronous="normal")
    yield made
    made.close()


def bring(database: Database, tmp_path: Path, text: str) -> ImportReport:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(database, RosterKind.PEOPLE, path, NOW, zone=UTC)


def count(database: Database, *where: Any) -> int:
    query = select(func.count()).select_from(people).where(*where)
    return database.read(lambda c: c.execute(query).scalar_one())


def watched(database: Database, monkeypatch: pytest.MonkeyPatch, note: Any) -> None:
    """Have ``note`` called after each transaction of an import, with its number from 1."""
    write, done = database.write, iter(range(1, 100))

    def noted(unit: Any) -> Any:
        future = write(unit)
        future.result()
        note(next(done))
        return future

    monkeypatch.setattr(database, "write", noted)


@pytest.mark.both_databases
def test_nobody_of_a_long_file_is_seen_before_all_are(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(database, tmp_path, HEADER + OLD)
    seen = []
    watched(
        database,
        monkeypatch,
        lambda _number: seen.append((count(database), count(database, people.c.active))),
    )
    report = bring(database, tmp_path, LONG)
    assert seen == [(7, 1), (13, 1), (19, 1), (21, 21)]
    assert (len(report.changes.new), len(report.changes.changed)) == (PERSONS, 0)
    assert report.written
    again = bring(database, tmp_path, LONG)
    assert (again.written, again.changes.unchanged) == (False, PERSONS)
    one = database.read(lambda c: people_store.person_by_telegram(c, 8003))
    assert one is not None and one.active and one.invite_code


def test_an_import_that_was_killed_is_finished_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        watched(database, patched, killed)
        with pytest.raises(KeyboardInterrupt):
            bring(database, tmp_path, LONG)
    assert (count(database), count(database, people.c.active)) == (12, 0)
    assert bring(database, tmp_path, LONG).written
    assert (count(database), count(database, people.c.active)) == (PERSONS, PERSONS)
    added = select(func.count()).where(trail.c.action == "person.added")
    assert database.read(lambda c: c.execute(added).scalar_one()) == PERSONS
    assert database.read(audit.verify).broken is None


def test_what_concerns_no_file_has_nothing_compared_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trail of a busy bot goes on: taps are no reason to read the roster while it waits."""
    compared = []
    compare = importing._compared
    monkeypatch.setattr(
        importing, "_compared", lambda *given: compared.append(1) or compare(*given)
    )
    write = database.write

    def meanwhile(number: int) -> None:
        if number == 1:
            entry = Entry("call.acknowledged", "call:1", None)
            write(lambda c: audit.append(c, NOW, [entry])).result()

    watched(database, monkeypatch, meanwhile)
    assert bring(database, tmp_path, LONG).written
    assert len(compared) == 1


def test_a_person_changed_in_between_is_compared_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(database, tmp_path, HEADER + OLD)
    write = database.write

    def blocks(connection: Connection) -> None:
        people_store.set_contact(connection, {1: Contact.BLOCKED}, NOW)

    watched(database, monkeypatch, lambda number: write(blocks).result() if number == 2 else None)
    report = bring(database, tmp_path, LONG + OLD.replace("王五", "王五五"))
    assert (len(report.changes.new), len(report.changes.changed)) == (PERSONS, 1)
    assert count(database, people.c.active) == PERSONS + 1
    old = database.read(lambda c: people_store.person(c, 1))
    assert old is not None
    assert (old.name, old.contact) == ("王五五", Contact.BLOCKED)


def test_an_account_that_changes_hands_comes_with_the_rest(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, HEADER + OLD)
    text = LONG.replace(",8002,", ",7099,") + OLD.replace("7099", "7100")
    report = bring(database, tmp_path, text)
    assert not report.problems.total
    assert (len(report.changes.new), len(report.changes.changed)) == (PERSONS, 1)
    holder = database.read(lambda c: people_store.person_by_telegram(c, 7099))
    assert holder is not None and holder.name == "村民2"
