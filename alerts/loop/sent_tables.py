"""Tables and routes that somebody sends in the chat: recognised by what they hold, and compared.

Tasks (new ones, or a workbook that comes back), evacuation cards, lists of households, routes. Only
what the sender has rights over; whatever else stands in the file, none of it is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from alerts.loop.evacuation import card_store
from alerts.loop.evacuation.card_files import CardFileProblem, CardFiles, draws_lines, files_given
from alerts.loop.evacuation.card_import import CardReport, import_cards
from alerts.loop.evacuation.card_import import compared as compared_cards
from alerts.loop.evacuation.findings import Doubt, Refused
from alerts.loop.tasks import round_trip, task_import
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.round_trip import RoundTrip
from alerts.loop.tasks.task_file import TASK_COLUMNS, TaskRow
from alerts.loop.tasks.task_import import TaskImport
from contacts.access import may_be_informed, may_release, may_take_charge
from contacts.people import Person
from contacts.roster.columns import columns_in
from contacts.roster.sheet import Book, Sheet
from contacts.roster.spreadsheets import book_of, first_sheet
from data.database import Connection, Database
from data.errors import InvalidInput
from data.files import FileProblem
from data.geo.boundaries import Boundaries

MOST_BYTES = 2 * 1024 * 1024
"""Of a table sent in the chat (ours): a county's lists; a province's go by the command line."""

MOST_ROWS = 5_000
"""Rows of such a table (ours)."""

MOST_TASKS = 300
"""Tasks that a table in the chat makes or changes (ours): they are written in one transaction."""

TABLES = (".xlsx", ".xls", ".et", ".csv")
DRAWINGS = (".kml", ".kmz", ".geojson", ".gpx")


@dataclass(frozen=True, slots=True)
class SentTable:
    """A file that was sent, read: of one of the kinds that are known here."""

    name: str
    digest: str
    tasks: Sheet | None = None
    comes_back: bool = False  # with the numbers of tasks
    cards: CardFiles | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a table would do."""

    tasks: TaskImport | None = None
    back: RoundTrip | None = None
    cards: CardReport | None = None
    before: datetime | None = None  # these very tasks were imported then
    outside: tuple[int, ...] = field(default=())  # rows over which the sender has no rights

    @property
    def refused(self) -> bool:
        """Whether nothing of it can be written."""
        if self.cards is not None:
            return self.cards.stopped and not self.doubtful
        found = self.tasks or self.back
        return bool(self.outside) or (found is not None and bool(found.problems.total))

    @property
    def doubtful(self) -> bool:
        """Whether it is written only when somebody says that it is so."""
        cards = self.cards
        return cards is not None and bool(cards.of(Doubt)) and not cards.of(Refused)

    @property
    def changes(self) -> tuple[int, ...]:
        """How much it would change: what was agreed to is what is written."""
        if self.cards is not None:
            cards = self.cards
            return len(cards.new), len(cards.changed), cards.unchanged, cards.households
        if self.back is not None:
            back = self.back
            return len(back.new), len(back.changes), len(back.conflicts)
        return (0 if self.tasks is None else len(self.tasks.rows),)

    @property
    def anything(self) -> bool:
        """Whether it would change anything."""
        if self.cards is not None:
            return bool(self.cards.new or self.cards.changed)
        return any(self.changes[:2])


def may_send(person: Person, name: str) -> bool:
    """Whether a file of this name, sent by this person, may be one of these."""
    name = name.lower()
    if name.endswith(TABLES):
        return may_be_informed(person, person.division_code).allowed
    return name.endswith(DRAWINGS) and may_release(person, [person.division_code]).allowed


def read_table(content: bytes, name: str) -> SentTable | Book | None:
    """A file as one of these, as far as can be seen without the database; ``None``: it is none.

    A book of which only the divisions say whether it lists cards is returned as it is.

    :raises InvalidInput: with a ``FileProblem``: it cannot be read, or is too large.
    """
    digest = hashlib.sha256(content).hexdigest()
    if name.lower().endswith(DRAWINGS):
        if not draws_lines(content):
            return None
        return SentTable(name, digest, cards=files_given([(name, content)]))
    book = book_of(content, name, MOST_ROWS)
    try:
        sheet = first_sheet(book)
    except InvalidInput:
        return None
    if round_trip.comes_back(sheet):
        return SentTable(name, digest, tasks=sheet, comes_back=True)
    return SentTable(name, digest, tasks=sheet) if _lists_tasks(sheet.header) else book


def compare(
    connection: Connection,
    sent: SentTable | Book,
    by: Person,
    boundaries: Boundaries | None,
    now: datetime,
    zone: tzinfo,
) -> Comparison | None:
    """What it would do, sent by this person; ``None``: it is no table that is known here.

    :raises InvalidInput: with a ``FileProblem`` or ``CardFileProblem``.
    """
    if isinstance(sent, Book):
        if not may_release(by, [by.division_code]).allowed:
            return None
        sent = SentTable(sent.file, sent.digest, cards=CardFiles(sent.file, (sent,)))
        try:
            return Comparison(cards=_cards(connection, sent, by, boundaries, now))
        except InvalidInput as error:
            if error.code is CardFileProblem.NO_LIST:
                return None
            raise
    if sent.cards is not None:
        if not card_store.any_card(connection):
            return None  # routes are of cards
        return Comparison(cards=_cards(connection, sent, by, boundaries, now))
    assert sent.tasks is not None
    if sent.comes_back:
        return _back(connection, sent.tasks, by, now, zone)
    return _tasks(connection, sent.tasks, by, now, zone)


def cards_of(sent: SentTable | Book) -> CardFiles | None:
    """The cards that a file holds; ``None``: it holds tasks."""
    return CardFiles(sent.file, (sent,)) if isinstance(sent, Book) else sent.cards


def write_tasks(
    connection: Connection,
    sheet: Sheet,
    found: Comparison,
    by: Person,
    rules: TaskRules,
    now: datetime,
) -> None:
    """Make and change the tasks of a table that was compared just now.

    :raises: as ``creating.create`` and ``checking.change``.
    """
    if found.back is not None:
        round_trip.write_back(connection, sheet, found.back, by, rules, now)
    elif found.tasks is not None:
        task_import.write_table(connection, sheet, found.tasks.rows, by, rules, now)


def write_cards(
    database: Database,
    sent: SentTable | Book,
    by: Person,
    boundaries: Boundaries | None,
    now: datetime,
    *,
    agreed: bool,
) -> Comparison:
    """Write cards in pieces; see ``import_cards``. Blocks: in a thread of its own."""
    files = cards_of(sent)
    assert files is not None
    report = import_cards(database, files, now, boundaries=boundaries, agreed=agreed, by=by)
    return Comparison(cards=report)


def _cards(
    connection: Connection,
    sent: SentTable,
    by: Person,
    boundaries: Boundaries | None,
    now: datetime,
) -> CardReport:
    assert sent.cards is not None
    return compared_cards(connection, sent.cards, "", boundaries, now, by)


def _tasks(
    connection: Connection, sheet: Sheet, by: Person, now: datetime, zone: tzinfo
) -> Comparison:
    _few_enough(sheet)
    found = task_import.compared(connection, sheet, now, zone)
    before = task_import.imported_before(connection, sheet)
    return Comparison(tasks=found, before=before, outside=_outside(found.rows, by))


def _back(
    connection: Connection, sheet: Sheet, by: Person, now: datetime, zone: tzinfo
) -> Comparison:
    found = round_trip.compare(connection, sheet, now, zone)
    if len(found.new) + len(found.changes) > MOST_TASKS:
        raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=sheet.file, most=MOST_TASKS)
    theirs = [
        change.row
        for change in found.changes
        if not may_take_charge(by, change.task.responsible.division_code).allowed
    ]
    before = task_import.imported_before(connection, sheet) if found.new else None
    outside = tuple(sorted((*theirs, *_outside(found.new, by))))
    return Comparison(back=found, before=before, outside=outside)


def _few_enough(sheet: Sheet) -> None:
    if len(sheet.rows) > MOST_TASKS:
        raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=sheet.file, most=MOST_TASKS)


def _outside(rows: Iterable[TaskRow], by: Person) -> tuple[int, ...]:
    return tuple(
        row.row
        for row in rows
        if not may_be_informed(by, row.new.responsible.division_code).allowed
    )


def _lists_tasks(header: tuple[str, ...]) -> bool:
    """Whether these are the headings of a table of tasks: all but one of those it must have."""
    needed = {column.name for column in TASK_COLUMNS if column.required}
    return len(needed & columns_in(header, TASK_COLUMNS)) >= len(needed) - 1
