"""Importing a roster file: read, check every row, compare, and write all of it or nothing.

Reading and comparing happen outside the writing transaction, which a busy bot shares. If anything
that files bring was changed in between, which the audit trail tells, the comparison is made again
inside it. Most new persons of a long file are entered before that (``entering``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol, TypeVar

from contacts import bot_store, group_store, place_store
from contacts.divisions import store as division_store
from contacts.roster import store as roster_store
from contacts.roster.changes import (
    Changes,
    Question,
    division_changes,
    duty_changes,
    group_changes,
    people_changes,
    place_changes,
    questions,
)
from contacts.roster.columns import RosterKind
from contacts.roster.entering import Entering
from contacts.roster.records import (
    division_rows,
    duty_rows,
    group_rows,
    people_rows,
    place_rows,
)
from contacts.roster.rows import Problems
from contacts.roster.sheet import Sheet
from contacts.roster.spreadsheets import read_sheet
from data import audit
from data.database import Connection, Database, allow_long


class AnyReport(Protocol):
    """What an import did, or would do, whatever it imports."""

    @property
    def written(self) -> bool:
        """Whether the database is changed by it."""


R = TypeVar("R", bound=AnyReport)


_CONCERNED = ("person:", "group:", "division:", "place:", "zone:", "roster", "season")
"""What the trail's entries about anything that files bring are about."""


def compare_then_write(
    database: Database,
    compare: Callable[[Connection], R],
    write: Callable[[Connection, R], R],
    prepare: Callable[[R], int] = lambda _report: 0,
) -> R:
    """Compare while others go on writing; then write, if that would change anything.

    :param compare: reads, and returns what an import would do. It is asked again in the writing
        transaction when anything that concerns it was changed in between.
    :param write: does what the report says, and returns what it did.
    :param prepare: does beforehand what can be done in transactions of its own; returns how many
        such changes it made itself.
    """

    def reading(connection: Connection) -> tuple[int, R]:
        return audit.length(connection), compare(connection)

    length, report = database.read(reading)
    if not report.written:
        return report
    prepared = prepare(report)

    def writing(connection: Connection) -> R:
        allow_long(connection)
        undisturbed = audit.entries_about(connection, length, _CONCERNED) == prepared
        latest = report if undisturbed else compare(connection)
        return write(connection, latest) if latest.written else latest

    return database.do(writing)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written.

    ``seeded``: shipped divisions entered first because there were none.
    """

    kind: RosterKind
    file: str
    rows: int
    changes: Changes[Any]
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    dry_run: bool = False
    seeded: int = 0
    questions: tuple[Question, ...] = ()
    agreed: bool = False

    @property
    def unanswered(self) -> bool:
        """Whether it waits for somebody to agree to what is asked about."""
        return bool(self.questions) and not self.agreed

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        refused = self.dry_run or self.problems.total or self.unanswered
        return not refused and bool(self.changes)


def import_file(
    database: Database,
    kind: RosterKind,
    path: Path,
    now: datetime,
    *,
    zone: tzinfo,
    dry_run: bool = False,
    all_posts: bool = False,
    agreed: bool = False,
) -> ImportReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :param zone: the zone of a duty file's times.
    :param all_posts: a people file names all posts of its persons.
    :param agreed: write what the report's ``questions`` are about; without, nothing is written.
    :raises InvalidInput: with a ``FileProblem``: the file as a whole cannot be used.
    :raises StoreError: the database cannot be read or written; nothing was imported.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> ImportReport:
        report = _compared(connection, kind, sheet, zone, all_posts)
        return replace(report, dry_run=dry_run, agreed=agreed)

    def write(connection: Connection, report: ImportReport) -> ImportReport:
        seeded = 0
        # A divisions file of another province must not bring Jilin along.
        if kind is not RosterKind.DIVISIONS:
            seeded = roster_store.seed_divisions(connection, now)
        source = {"file": sheet.file, "sha256": sheet.digest}
        if kind is RosterKind.PEOPLE:
            changes = entering.activate(connection, report.changes)
            roster_store.apply_people(connection, changes, now, source)
            report = replace(report, changes=entering.told(changes))
        else:
            _APPLY[kind](connection, report.changes, now, source)
        bot_store.assign(connection)
        return replace(report, seeded=seeded)

    def prepare(report: ImportReport) -> int:
        return entering.enter(report.changes) if kind is RosterKind.PEOPLE else 0

    entering = Entering(database, now)
    return compare_then_write(database, compare, write, prepare)


_Apply = Callable[[Connection, Changes[Any], datetime, dict[str, Any]], None]
_APPLY: dict[RosterKind, _Apply] = {
    RosterKind.DIVISIONS: roster_store.apply_divisions,
    RosterKind.PLACES: roster_store.apply_places,
    RosterKind.GROUPS: roster_store.apply_groups,
    RosterKind.DUTY: roster_store.apply_duty,
}


def _compared(
    connection: Connection, kind: RosterKind, sheet: Sheet, zone: tzinfo, all_posts: bool
) -> ImportReport:
    problems = Problems()
    changes: Changes[Any]
    if kind is RosterKind.DIVISIONS:
        stored = division_store.load_gazetteer(connection)
        divisions, ignored = division_rows(sheet, stored, problems)
        changes = division_changes(divisions, stored)
        return ImportReport(kind, sheet.file, len(sheet.rows), changes, problems, ignored)
    gazetteer = division_store.known_divisions(connection)
    if kind is RosterKind.PEOPLE:
        known_places = place_store.known_places(connection)
        people, ignored = people_rows(sheet, gazetteer, problems, known_places)
        stored_people = roster_store.stored_people(connection)
        changes = people_changes(people, stored_people, problems, all_posts=all_posts)
        return ImportReport(
            kind,
            sheet.file,
            len(sheet.rows),
            changes,
            problems,
            ignored,
            questions=questions(changes),
        )
    if kind is RosterKind.PLACES:
        places, ignored = place_rows(sheet, gazetteer, problems)
        changes = place_changes(places, place_store.all_places(connection))
    elif kind is RosterKind.GROUPS:
        groups, ignored = group_rows(sheet, gazetteer, problems)
        changes = group_changes(groups, group_store.all_groups(connection))
    else:
        known = {person.phone: person for person in roster_store.stored_people(connection)}
        shifts, ignored = duty_rows(sheet, gazetteer, known, zone, problems)
        changes = duty_changes(shifts, roster_store.stored_shifts(connection))
    return ImportReport(kind, sheet.file, len(sheet.rows), changes, problems, ignored)
