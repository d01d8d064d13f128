"""``import tasks``: a table of tasks, all of its rows or none.

A large one is written in pieces, so that nobody's tap is behind all of it; the trail remembers
which rows were made. An import that was killed is made again, and makes the others.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path

from alerts.loop.tasks.creating import create_many
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import NewTask, Responsible
from alerts.loop.tasks.task_file import TaskRow, task_rows
from alerts.loop.tasks.whose import holders_of
from contacts.divisions.store import known_divisions
from contacts.people import Person
from contacts.people_store import post_holders
from contacts.roster.comparing import write_in_pieces
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Sheet
from contacts.roster.spreadsheets import read_sheet
from data.audit import Entry, append, last_done, trail
from data.database import Connection, Database

Made = dict[int, tuple[str, int]]
"""By row of a table, its 序号 and its task."""

NOTHING: Made = {}


@dataclass(frozen=True, slots=True)
class TaskImport:
    """What an import did, or with ``dry_run`` would do. With problems nothing was written.

    ``vacant``: rows whose post nobody holds; they are made, and told to the tier above.
    """

    file: str
    rows: list[TaskRow]
    problems: Problems
    ignored_columns: tuple[str, ...] = ()
    vacant: list[TaskRow] = field(default_factory=list)
    dry_run: bool = False

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        return not self.dry_run and not self.problems.total and bool(self.rows)


def import_tasks(
    database: Database,
    path: Path,
    now: datetime,
    rules: TaskRules,
    *,
    zone: tzinfo,
    by: Person | None = None,
    dry_run: bool = False,
    rest: Callable[[float], None] = time.sleep,
) -> TaskImport:
    """Import one file; each person is told once of all that is theirs in a piece of it.

    :param rest: lets others write for so many seconds.
    :param by: whose tasks they are; ``None`` at the command line.
    :raises InvalidInput: with a ``FileProblem``, when the file as a whole cannot be used.
    """
    sheet = read_sheet(path)

    def compare(connection: Connection) -> TaskImport:
        return replace(compared(connection, sheet, now, zone), dry_run=dry_run)

    def pieces(report: TaskImport) -> Iterator[Callable[[Connection], None]]:
        for first in range(0, len(report.rows), PIECE):
            last = first + PIECE >= len(report.rows)
            part = report.rows[first : first + PIECE]
            yield partial(
                write_table, sheet=sheet, rows=part, by=by, rules=rules, now=now, last=last
            )

    return write_in_pieces(database, compare, pieces, rest)


PIECE = 100
"""Tasks made in one transaction (ours): a tenth of a second."""


def write_table(
    connection: Connection,
    sheet: Sheet,
    rows: list[TaskRow],
    by: Person | None,
    rules: TaskRules,
    now: datetime,
    *,
    last: bool = True,
) -> None:
    """Make the tasks of a table, or of a part of it, with an entry of the trail.

    What an import of the same file made that did not come to its end is not made again.

    :param rows: what others are part of comes first.
    :param last: nothing of the table follows.
    :raises: as ``create``.
    """
    done = made_before(connection, sheet)
    left = [row for row in rows if row.row not in done]
    made = write_rows(connection, left, by, rules, now, done)
    detail = {
        "file": sheet.file,
        "sha256": sheet.digest,
        "new": len(made),
        "made": [[row, number, task_id] for row, number, task_id in made],
        "last": last,
    }
    actor = None if by is None else by.id
    append(connection, now, [Entry("import.tasks", file_subject(sheet), actor, detail)])


def made_before(connection: Connection, sheet: Sheet, *, ever: bool = False) -> Made:
    """What an unfinished import of the same bytes has made.

    :param ever: and every import of them that came to its end.
    """
    made: Made = {}
    for entry in trail(connection, file_subject(sheet)):
        detail = entry["detail"]
        if entry["action"] == "import.tasks":
            made |= {row: (number, task_id) for row, number, task_id in detail.get("made", [])}
            if detail.get("last", True) and not ever:
                made = {}
    return made


def file_subject(sheet: Sheet) -> str:
    """What the trail calls a table: the same for the same bytes, whatever its name."""
    return f"task_file:{sheet.digest[:16]}"


def imported_before(connection: Connection, sheet: Sheet) -> datetime | None:
    """When these very bytes were imported last: their tasks would be made twice."""
    return last_done(connection, "import.tasks", file_subject(sheet))


def compared(connection: Connection, sheet: Sheet, now: datetime, zone: tzinfo) -> TaskImport:
    """What a sheet says, with the persons it names found in the roster."""
    problems = Problems()
    rows, ignored = task_rows(sheet, known_divisions(connection), now, zone, problems)
    named = _with_persons(connection, rows, problems)
    posts = holders_of(connection, [row.new.responsible for row in named])
    vacant = [row for row in named if not posts[row.new.responsible]]
    return TaskImport(sheet.file, named, problems, ignored, vacant)


def write_rows(
    connection: Connection,
    rows: list[TaskRow],
    by: Person | None,
    rules: TaskRules,
    now: datetime,
    done: Made = NOTHING,
) -> list[tuple[int, str, int]]:
    """Make the tasks, those that others are part of first: row, 序号 and task of each.

    :param done: rows of the same table that were made before.
    :raises: as ``create``.
    """
    ids = {number: task_id for number, task_id in done.values() if number}
    waiting, made = list(rows), []
    while waiting:
        ready = [row for row in waiting if not row.part_of or row.part_of in ids]
        new = [_new(row, ids, by) for row in ready]
        tasks = create_many(connection, new, now, rules)
        made += [(row.row, row.number, task.id) for row, task in zip(ready, tasks, strict=True)]
        ids |= {number: task_id for _, number, task_id in made if number}
        chosen = {row.row for row in ready}
        waiting = [row for row in waiting if row.row not in chosen]
    return made


def _new(row: TaskRow, ids: dict[str, int], by: Person | None) -> NewTask:
    parent = ids[row.part_of] if row.part_of else None
    return replace(row.new, parent_id=parent, created_by=None if by is None else by.id)


def _with_persons(connection: Connection, rows: list[TaskRow], problems: Problems) -> list[TaskRow]:
    codes = {row.new.responsible.division_code for row in rows if row.name}
    roles = {row.new.responsible.role for row in rows if row.name}
    holders: defaultdict[tuple[str, str, str], list[tuple[Person, str]]] = defaultdict(list)
    for person in post_holders(connection, codes, roles) if codes else ():
        for held in person.posts:
            key = held.division_code, held.role.value, person.name
            holders[key].append((person, held.place_code))
    found = []
    for row in rows:
        post = row.new.responsible
        if not row.name:
            found.append(row)
            continue
        there = holders[post.division_code, post.role.value, row.name]
        if len({person.id for person, _ in there}) != 1:
            reason = RowReason.PERSON_UNKNOWN if not there else RowReason.TWO_OWNERS
            problems.add(row.row, "name", reason, text=row.name[:40])
            continue
        person, place = there[0]
        meant = Responsible(post.division_code, post.role, place, person.id)
        found.append(replace(row, new=replace(row.new, responsible=meant)))
    return found
