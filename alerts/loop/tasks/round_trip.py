"""A workbook of tasks comes back: what was changed in it is changed, what is new is made.

A row with a number is that task; one without is a new one. Whatever was changed here since the
workbook went out is left as it is, and said: somebody else's word is not undone unseen. The same
workbook once more changes nothing: one that was cut off is given again, and does what is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import Enum
from functools import partial
from typing import Any

from alerts.loop.tasks import checking, event_store, store
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import LONGEST_TITLE, LONGEST_WORDS, Responsible, Task, TaskState
from alerts.loop.tasks.task_file import LIST_WORDS, TaskRow
from alerts.loop.tasks.task_import import PIECE, compared, file_subject, made_before, write_rows
from alerts.loop.tasks.task_sheet import EDITABLE, NUMBER, VERSION, editable_cells, version_of
from contacts import people_store
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions
from contacts.organisations import organisation_in, place_code
from contacts.people import Person, Role
from contacts.people_store import post_holders
from contacts.place_store import all_places
from contacts.places import KnownPlaces
from contacts.roster.columns import ROLE_WORDS, word
from contacts.roster.comparing import write_in_pieces
from contacts.roster.reading.times import parse_moment
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Sheet, SheetRow
from data.audit import Entry, append
from data.database import Connection, Database

_COLUMNS = dict(
    zip(
        EDITABLE,
        ("title", "division_code", "role", "organisation", "name", "due", "list", "measure"),
        strict=True,
    )
)


class Left(Enum):
    """Why a row that differs was left as it is here."""

    CHANGED_SINCE = "changed_since"  # somebody changed the task after the workbook went out
    SUBMITTED = "submitted"  # it waits to be checked
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that was left; ``columns``: in which its cells differ."""

    row: int
    task: Task
    left: Left
    columns: tuple[str, ...]
    by: str = ""  # who changed it, if anybody is known
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a row changes of a task: arguments of ``checking.change``."""

    row: int
    task: Task
    columns: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What a workbook did, or with ``dry_run`` would do. With problems nothing was written."""

    file: str
    problems: Problems
    new: list[TaskRow] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    unchanged: int = 0
    dry_run: bool = False

    @property
    def written(self) -> bool:
        """Whether the database was changed."""
        anything = bool(self.new or self.changes)
        return anything and not self.dry_run and not self.problems.total

    def parts(self) -> Iterator[RoundTrip]:
        """The same in pieces of ``PIECE`` rows, each written in a transaction."""
        for first in range(0, len(self.changes), PIECE):
            yield replace(self, changes=self.changes[first : first + PIECE], new=[])
        for first in range(0, len(self.new), PIECE):
            yield replace(self, changes=[], new=self.new[first : first + PIECE])


def comes_back(sheet: Sheet) -> bool:
    """Whether a sheet is one that went out from here."""
    return NUMBER in sheet.header and VERSION in sheet.header


def take_back(
    database: Database,
    sheet: Sheet,
    now: datetime,
    rules: TaskRules,
    *,
    zone: tzinfo,
    by: Person | None = None,
    dry_run: bool = False,
    rest: Callable[[float], None] = time.sleep,
) -> RoundTrip:
    """Take a workbook in, a piece at a time: all that can be, or nothing where a row is refused.

    :param by: who gave it; ``None`` at the command line.
    :param rest: lets others write for so many seconds.
    :raises NotAllowed: ``by`` has no rights over one of the tasks.
    """
    last: list[RoundTrip] = []

    def comparing(connection: Connection) -> RoundTrip:
        last[:] = [replace(compare(connection, sheet, now, zone), dry_run=dry_run)]
        return last[0]

    def pieces(found: RoundTrip) -> Iterator[Callable[[Connection], None]]:
        for part in found.parts():
            yield partial(write_back, sheet=sheet, found=part, by=by, rules=rules, now=now)

    done = write_in_pieces(database, comparing, pieces, rest, ("task:",))
    # What somebody changed between two pieces was left after all.
    left = {conflict.row for conflict in last[0].conflicts}
    changes = [change for change in done.changes if change.row not in left]
    return replace(done, changes=changes, conflicts=last[0].conflicts)


def write_back(
    connection: Connection,
    sheet: Sheet,
    found: RoundTrip,
    by: Person | None,
    rules: TaskRules,
    now: datetime,
) -> None:
    """Write what a workbook changes, with its entry of the trail; nothing where it has problems.

    :raises NotAllowed: ``by`` has no rights over one of the tasks.
    """
    if not found.written:
        return
    for change in found.changes:
        checking.change(connection, change.task.id, by, rules, now, **change.values)
    made = write_rows(connection, found.new, by, rules, now) if found.new else []
    detail = {
        "file": sheet.file,
        "sha256": sheet.digest,
        "new": len(made),
        "made": [[row, number, task_id] for row, number, task_id in made],
        "changed": len(found.changes),
        "left": len(found.conflicts),
    }
    actor = None if by is None else by.id
    append(connection, now, [Entry("import.tasks", file_subject(sheet), actor, detail)])


def compare(connection: Connection, sheet: Sheet, now: datetime, zone: tzinfo) -> RoundTrip:
    """What a workbook says, beside what there is now."""
    at = {heading: sheet.header.index(heading) for heading in sheet.header}
    old = [row for row in sheet.rows if _cell(row, at, NUMBER)]
    new_rows = {row.number: row for row in sheet.rows if not _cell(row, at, NUMBER)}
    fresh = replace(
        sheet,
        header=EDITABLE,
        rows=tuple(
            row._replace(cells=tuple(_cell(row, at, heading) for heading in EDITABLE))
            for row in new_rows.values()
        ),
    )
    reader = _Reader(connection, at, now, zone)
    found = reader.read(old)
    problems = reader.problems
    new: list[TaskRow] = []
    before = made_before(connection, sheet, ever=True) if fresh.rows else {}
    if fresh.rows:
        told = compared(connection, fresh, now, zone)
        coming = [row for row in told.rows if row.row not in before]
        new = [reader.at_place(row, new_rows[row.row]) for row in coming]
        for problem in told.problems.shown:
            problems.shown.append(problem)
        problems.total += told.problems.total
    return replace(found, file=sheet.file, new=new, unchanged=found.unchanged + len(before))


class _Reader:
    def __init__(
        self, connection: Connection, at: Mapping[str, int], now: datetime, zone: tzinfo
    ) -> None:
        self._connection, self._at, self._now, self._zone = connection, at, now, zone
        self._gazetteer: Gazetteer = known_divisions(connection)
        self._places = KnownPlaces(all_places(connection))
        self.problems = Problems()

    def read(self, rows: list[SheetRow]) -> RoundTrip:
        """The rows of tasks that there are."""
        numbers = {row.number: self._number(row) for row in rows}
        tasks = store.tasks(self._connection, [one for one in numbers.values() if one])
        events = event_store.of_tasks(self._connection, tasks)
        meant = {task.responsible.person_id for task in tasks.values()} - {None}
        changers = {event.by for event in events} - {None}
        people = people_store.people(self._connection, [*meant, *changers])  # type: ignore[list-item]
        names = {person.id: person.name for person in people.values()}
        found = RoundTrip("", self.problems)
        seen: dict[int, int] = {}
        unchanged = 0
        for row in rows:
            number = numbers[row.number]
            task = tasks.get(number or 0)
            if task is None:
                self._refuse(
                    row, "number", RowReason.TASK_UNKNOWN, text=_cell(row, self._at, NUMBER)
                )
                continue
            if seen.setdefault(task.id, row.number) != row.number:
                self._refuse(row, "number", RowReason.CODE_TWICE, text=str(task.id))
                continue
            stored = editable_cells(task, names, self._zone)
            columns = tuple(
                heading
                for heading in EDITABLE
                if heading in self._at and _cell(row, self._at, heading) != _plain(stored[heading])
            )
            if not columns:
                unchanged += 1
                continue
            its = [event for event in events if event.task_id == task.id]
            left = self._left(row, task, version_of(its))
            if left is not None:
                last = next((event for event in reversed(its) if event.id == version_of(its)), None)
                since = left is Left.CHANGED_SINCE and last is not None
                by = names.get(last.by or 0, "") if since and last is not None else ""
                when = last.at if since and last is not None else None
                found.conflicts.append(Conflict(row.number, task, left, columns, by, when))
                continue
            values = self._values(row, columns)
            if values is not None:
                found.changes.append(RowChange(row.number, task, columns, values))
        return replace(found, unchanged=unchanged)

    def at_place(self, new: TaskRow, row: SheetRow) -> TaskRow:
        """A new row's post at the department or place that it names."""
        text = _cell(row, self._at, "部门或地点")
        if not text:
            return new
        post = new.new.responsible
        place = self._place(row, text, post.division_code)
        if not place:
            return new
        return replace(new, new=replace(new.new, responsible=post._replace(place_code=place)))

    def _number(self, row: SheetRow) -> int | None:
        text = _cell(row, self._at, NUMBER).lstrip("#")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None

    def _left(self, row: SheetRow, task: Task, version: int) -> Left | None:
        if task.state.ended:
            return Left.ENDED
        if task.state is TaskState.SUBMITTED:
            return Left.SUBMITTED
        return None if _cell(row, self._at, VERSION) == str(version) else Left.CHANGED_SINCE

    def _values(self, row: SheetRow, columns: tuple[str, ...]) -> dict[str, Any] | None:
        """What the changed cells mean; ``None``: one of them means nothing, which is noted."""
        before = self.problems.total
        text = {heading: _cell(row, self._at, heading) for heading in EDITABLE}
        values: dict[str, Any] = {}
        if "事项" in columns:
            values["title"] = self._text(row, "事项", text["事项"], LONGEST_TITLE)
        if "要求" in columns:
            values["measure"] = self._text(row, "要求", text["要求"], LONGEST_WORDS, empty=True)
        if "清单" in columns:
            values["in_list"] = LIST_WORDS.get(text["清单"].lower().removesuffix("清单"))
            if values["in_list"] is None:
                self._refuse(row, "list", RowReason.LIST_UNKNOWN, text=text["清单"][:40])
        if "时限" in columns:
            values["due_at"] = self._due(row, text["时限"])
        if set(columns) & {"区划代码", "责任岗位", "部门或地点", "责任人"}:
            values["responsible"] = self._responsible(row, text)
        return None if self.problems.total > before else values

    def _text(
        self, row: SheetRow, heading: str, text: str, most: int, *, empty: bool = False
    ) -> str:
        if not text and not empty:
            self._refuse(row, _COLUMNS[heading], RowReason.MISSING)
        elif len(text) > most:
            self._refuse(
                row, _COLUMNS[heading], RowReason.TEXT_TOO_LONG, length=len(text), most=most
            )
        return text

    def _due(self, row: SheetRow, text: str) -> datetime | None:
        wall = parse_moment(text, self._now.astimezone(self._zone).year) if text else None
        if wall is None:
            self._refuse(row, "due", RowReason.TIME_INVALID, text=text[:40])
            return None
        at = wall.replace(tzinfo=self._zone).astimezone(UTC)
        if at <= self._now:
            self._refuse(row, "due", RowReason.DEADLINE_PAST, text=text[:40])
        return at

    def _responsible(self, row: SheetRow, text: Mapping[str, str]) -> Responsible | None:
        code = text["区划代码"].lstrip("'")
        if code not in self._gazetteer:
            meant = self._gazetteer.find(code, careful=True).division if code else None
            if meant is None:
                self._refuse(
                    row, "division_code", RowReason.DIVISION_UNKNOWN, text=code[:40], suggestion=""
                )
                return None
            code = meant.code
        role = word(ROLE_WORDS, text["责任岗位"])
        if role is None:
            self._refuse(row, "role", RowReason.ROLE_UNKNOWN, text=text["责任岗位"][:40])
            return None
        place = self._place(row, text["部门或地点"], code) if text["部门或地点"] else ""
        if place is None:
            return None
        if role is Role.DEPARTMENT and not place:
            self._refuse(row, "organisation", RowReason.ORGANISATION_MISSING)
            return None
        person_id = self._person(row, text["责任人"], code, role, place)
        if person_id is None and text["责任人"]:
            return None
        return Responsible(code, role, place, person_id)

    def _place(self, row: SheetRow, text: str, division_code: str) -> str | None:
        organisation = organisation_in(text)
        if organisation is not None:
            return place_code(division_code, organisation)
        found = self._places.find(text, division_code)
        if len(found) == 1:
            return found[0].code
        self._refuse(row, "organisation", RowReason.PLACE_UNKNOWN, text=text[:40])
        return None

    def _person(self, row: SheetRow, name: str, code: str, role: Role, place: str) -> int | None:
        if not name:
            return None
        there = {
            person.id
            for person in post_holders(self._connection, [code], [role])
            if person.name == name
            and any(
                held.division_code == code and held.role is role and place in ("", held.place_code)
                for held in person.posts
            )
        }
        if len(there) == 1:
            return next(iter(there))
        reason = RowReason.PERSON_UNKNOWN if not there else RowReason.TWO_OWNERS
        self._refuse(row, "name", reason, text=name[:40])
        return None

    def _refuse(self, row: SheetRow, column: str, reason: RowReason, **facts: Any) -> None:
        self.problems.add(row.number, column, reason, sheet=row.sheet, **facts)


def _cell(row: SheetRow, at: Mapping[str, int], heading: str) -> str:
    place = at.get(heading)
    return _plain(row.cells[place]) if place is not None and place < len(row.cells) else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
