"""Importing a roster file: read, check every row, compare, and write all of it or nothing.

Reading and comparing happen outside the writing transaction, which a busy bot shares. If anything
was changed in between, which the audit trail tells, the comparison is made again inside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from contacts import bot_store, group_store
from contacts.divisions import reference
from contacts.divisions import store as division_store
from contacts.divisions.gazetteer import Gazetteer
from contacts.roster import store as roster_store
from contacts.roster.changes import (
    Changes,
    division_changes,
    duty_changes,
    group_changes,
    people_changes,
)
from contacts.roster.columns import Kind
from contacts.roster.files import read_sheet
from contacts.roster.records import division_rows, duty_rows, group_rows, people_rows
from contacts.roster.rows import Problems
from contacts.roster.sheet import Sheet
from data.database import Connection, Database


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``dry_run`` would do. With problems, nothing was written.

    ``seeded``: shipped divisions entered first because there were none.
    """

    kind: Kind
    file: str
    rows: int
    changes: Changes[Any]
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    dry_run: bool = False
    seeded: int = 0

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems.total and bool(self.changes)


@dataclass(frozen=True, slots=True)
class _Comparison:
    head: int
    changes: Changes[Any]
    problems: Problems
    ignored: tuple[str, ...]
    needs_divisions: bool


_Compare = Callable[[Connection], _Comparison]
_Apply = Callable[[Connection, Changes[Any], datetime, dict[str, Any]], None]


def import_file(
    database: Database,
    kind: Kind,
    path: Path,
    now: datetime,
    *,
    zone: tzinfo,
    dry_run: bool = False,
) -> ImportReport:
    """Import one file. Bad rows are in the report's ``problems``.

    :param zone: the zone of a duty file's times.
    :raises InvalidInput: with a ``FileProblem``, when the file as a whole cannot be used.
    :raises StoreError: when the database cannot be read or written; nothing was imported.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> _Comparison:
        return _compare(connection, kind, sheet, zone)

    compared = database.read(compare)
    report = ImportReport(
        kind,
        path.name,
        len(sheet.lines),
        compared.changes,
        compared.problems,
        compared.ignored,
        dry_run,
    )
    if dry_run or compared.problems.total or not compared.changes:
        return report
    source = {"file": path.name, "sha256": sheet.digest}

    def write(connection: Connection) -> ImportReport:
        latest = compared
        if roster_store.audit_head(connection) != compared.head:
            latest = compare(connection)
        report_now = replace(report, changes=latest.changes, problems=latest.problems)
        if latest.problems.total:
            return report_now
        seeded = reference.seed_divisions(connection, now) if latest.needs_divisions else 0
        _APPLY[kind](connection, latest.changes, now, source)
        bot_store.assign(connection)
        return replace(report_now, seeded=seeded)

    return database.do(write)


_APPLY: dict[Kind, _Apply] = {
    Kind.DIVISIONS: roster_store.apply_divisions,
    Kind.PEOPLE: roster_store.apply_people,
    Kind.GROUPS: roster_store.apply_groups,
    Kind.DUTY: roster_store.apply_duty,
}


def _compare(connection: Connection, kind: Kind, sheet: Sheet, zone: tzinfo) -> _Comparison:
    head = roster_store.audit_head(connection)
    problems = Problems()
    gazetteer = division_store.load_gazetteer(connection)
    # A divisions file of another province must not bring Jilin along.
    needs_divisions = not len(gazetteer) and kind is not Kind.DIVISIONS
    if needs_divisions:
        gazetteer = Gazetteer(reference.shipped_divisions())
    changes: Changes[Any]
    if kind is Kind.DIVISIONS:
        divisions, ignored = division_rows(sheet, gazetteer, problems)
        changes = division_changes(divisions, gazetteer)
    elif kind is Kind.PEOPLE:
        people, ignored = people_rows(sheet, gazetteer, problems)
        changes = people_changes(people, roster_store.stored_people(connection), problems)
    elif kind is Kind.GROUPS:
        groups, ignored = group_rows(sheet, gazetteer, problems)
        changes = group_changes(groups, group_store.all_groups(connection))
    else:
        known = {person.phone: person for person in roster_store.stored_people(connection)}
        shifts, ignored = duty_rows(sheet, gazetteer, known, zone, problems)
        changes = duty_changes(shifts, roster_store.stored_shifts(connection))
    return _Comparison(head, changes, problems, ignored, needs_divisions)
