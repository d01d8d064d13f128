"""A list of persons as an office keeps it, as rows of our own shape: one row a post. Pure.

What stands in a file decides as far as it is clear (``offices`` says which role). What is left open
is asked about, and nothing is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from contacts.channels import Channel
from contacts.divisions.codes import Tier, ancestors, contains, valid_code
from contacts.divisions.gazetteer import Gazetteer
from contacts.equipment import EquipmentKind
from contacts.organisations import Organisation, place_code, place_name
from contacts.people import COMMANDING, Role
from contacts.places import Place, PlaceKind, code_for
from contacts.roster.account_cells import AccountCell, pieces_of
from contacts.roster.equipment_cells import EquipmentCell
from contacts.roster.reading.headings import Field, nearest, role_in, roles_in
from contacts.roster.reading.name_cells import persons_in
from contacts.roster.reading.offices import OfficeColumns, Offices
from contacts.roster.reading.phone_cells import phones_in
from contacts.roster.reading.place_cells import count_in, point_in
from contacts.roster.reading.places import Located, Locator, division_in
from contacts.roster.reading.questions import Asking, Question
from contacts.roster.reading.slots import (
    Slot,
    WithNumbers,
    first_text,
    persons_with_numbers,
    slots_of,
)
from contacts.roster.reading.table import (
    Explained,
    LeftOut,
    LeftOutReason,
    Line,
    Table,
    find_tables,
)
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Book, Grid, Sheet, SheetRow
from data.errors import InvalidInput
from data.files import FileProblem

OWN = (
    "name",
    "phone",
    "division_code",
    "role",
    "rank",
    "telegram_id",
    "language",
    "title",
    "place",
    "hazards",
    "other_phones",
    "tier",
)
"""The columns of the rows that come of it."""

MAX_CODE = 64
"""Characters of a place's code."""

_CODE = OWN.index("division_code")

_ABOVE_VILLAGES = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.TOWNSHIP})


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is said of a whole file: role and area where it does not say, what columns hold."""

    role: Role | None = None
    area: str = ""
    columns: Explained = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeopleList:
    """What was read: ``sheet`` in our own shape, and what was not read of the file, and why."""

    sheet: Sheet
    ignored: tuple[tuple[str, str], ...] = ()
    """Headings that mean nothing here, with the known one that looks most like each."""
    private: tuple[str, ...] = ()
    """Headings of what is never kept: identity numbers."""
    left_out: tuple[LeftOut, ...] = ()
    covers: tuple[str, ...] = ()
    """Sheets that hold no list."""
    hidden_sheets: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    area: str = ""
    """The code of the smallest division that holds all of them; empty when there is none."""
    places: tuple[Place, ...] = ()
    """The reservoirs and other places that it names persons of."""
    equipment: tuple[EquipmentCell, ...] = ()
    """What it says of satellite telephones and loudspeakers."""
    accounts: tuple[AccountCell, ...] = ()
    """What it says of accounts and e-mail addresses."""
    role: tuple[str, Role] | None = None
    """The role that the file's title gives to everybody it names no role of, and that title."""


def read_people(
    book: Book, gazetteer: Gazetteer, defaults: Defaults, problems: Problems
) -> PeopleList:
    """The persons of a file of any shape.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``, NO_ROWS.
    """
    tables = [find_tables(grid, defaults.columns) for grid in book.grids]
    found = [table for of_grid in tables for table in of_grid]
    strange = [
        grid
        for grid, of_grid in zip(book.grids, tables, strict=True)
        if not of_grid and (not found or _holds_mobiles(grid))
    ]
    if strange:
        first = strange[0]
        if any(phones_in(cell) for cell in first.rows[0].cells if cell):
            raise InvalidInput(FileProblem.NO_HEADINGS, file=book.file, sheet=first.name)
        raise _missing(replace(book, grids=(first,)), "name", "姓名")
    rows: list[SheetRow] = []
    left: list[LeftOut] = []
    places: dict[str, Place] = {}
    equipment: list[EquipmentCell] = []
    accounts: list[AccountCell] = []
    asking = Asking()
    role: tuple[str, Role] | None = None
    for table in found:
        titles = (*table.titles, table.name, book.file)
        context = division_in(gazetteer, titles)
        of_title = _role_of(titles)
        role = role or of_title
        reader = _Reader(
            table,
            Locator(gazetteer, table, defaults.area, context),
            defaults.role,
            of_title[1] if of_title else None,
            asking,
            problems,
            ragged=book.ragged and table.plain,
        )
        reader.check_columns(book)
        rows.extend(reader.rows())
        left.extend((*table.left_out, *reader.vacant))
        places |= reader.places
        equipment += reader.equipment
        accounts += reader.accounts
    if mistaken := asking.mistaken():
        rows = sorted([*rows, *mistaken], key=lambda row: row.number)
    if not any(table.lines for table in found):
        raise InvalidInput(FileProblem.NO_ROWS, file=book.file)
    return PeopleList(
        Sheet(book.file, book.digest, OWN, tuple(rows), ragged=False),
        ignored=_ignored(found),
        private=_texts(found, Field.PRIVATE),
        left_out=tuple(left),
        covers=tuple(
            grid.name for grid, of_grid in zip(book.grids, tables, strict=True) if not of_grid
        ),
        hidden_sheets=book.hidden_sheets,
        questions=asking.questions(),
        area=_common([row.cells[_CODE] for row in rows]),
        places=tuple(places.values()),
        equipment=tuple(equipment),
        accounts=tuple(accounts),
        role=None if defaults.role else role,
    )


class _Reader:
    """Reads the rows of one table."""

    def __init__(
        self,
        table: Table,
        locator: Locator,
        said: Role | None,
        of_title: Role | None,
        asking: Asking,
        problems: Problems,
        *,
        ragged: bool,
    ) -> None:
        self.vacant: list[LeftOut] = []
        self.places: dict[str, Place] = {}
        self.equipment: list[EquipmentCell] = []
        self.accounts: list[AccountCell] = []
        self._equipment = [
            (kind, columns)
            for kind in EquipmentKind
            if (columns := table.columns(Field(kind.value)))
        ]
        self._table, self._locator = table, locator
        self._asking, self._problems, self._ragged = asking, problems, ragged
        self._slots = slots_of(table)
        self._places = table.columns(Field.PLACE)
        self._codes = table.columns(Field.PLACE_CODE)
        self._points = [table.columns(field) for field in (Field.LON, Field.LAT)]
        self._counts = [table.columns(field) for field in (Field.HOUSEHOLDS, Field.PERSONS)]
        kinds = (table.headings[at].place_kind for at in self._places)
        self._kind = next(filter(None, kinds), "")
        self._offices = Offices(table, self._slots, said, of_title, self._kind, asking)
        self._numbers: dict[Slot, dict[tuple[str, str], set[tuple[str, ...]]]] = {}

    def check_columns(self, book: Book) -> None:
        """A list of persons has names, numbers, and says where they belong, or that is asked.

        :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
        """
        if not self._slots:
            raise _missing(book, "name", "姓名", self._table)
        if all(
            slot.phones == (slot.name,) and not _holds_numbers(self._table, slot)
            for slot in self._slots
        ):
            raise _missing(book, "phone", "电话", self._table)
        if self._table.plain and len(self._slots) > 1:
            bare = next(
                (
                    slot
                    for slot in self._slots
                    if slot.phones == (slot.name,) and not _holds_numbers(self._table, slot)
                ),
                None,
            )
            if bare is not None:
                twice = self._table.headings[bare.name].text
                raise InvalidInput(FileProblem.COLUMN_TWICE, file=book.file, column=twice)

    def rows(self) -> Iterator[SheetRow]:
        """The posts of the table, row by row."""
        texts = [column.text for column in self._table.headings]
        width = max((at for at, text in enumerate(texts, start=1) if text), default=0)
        only = self._offices.columns[0] if len(self._slots) == 1 else None
        for line in self._table.lines:
            cells = line.row.cells
            if self._ragged and len(cells) != width and self._bad_length(line.row, width):
                continue
            located = self._located(line)
            if located is None:
                continue
            if self._equipment:
                self._note_equipment(line.row, located)
            if only is not None:
                posts = self._posts(line.row, only, located)
            else:
                posts = [
                    post
                    for columns in self._offices.columns
                    for post in self._posts(line.row, columns, located)
                ]
            if not posts and not any(
                persons_in(first_text(cells, (slot.name,))) for slot in self._slots
            ):
                self.vacant.append(LeftOut(line.row, LeftOutReason.VACANT))
            yield from posts

    def _note_equipment(self, row: SheetRow, located: Located) -> None:
        if not valid_code(located.code):
            return
        place = first_text(row.cells, self._codes) or first_text(row.cells, self._places)
        for kind, columns in self._equipment:
            if text := first_text(row.cells, columns):
                self.equipment.append(
                    EquipmentCell(row.number, row.sheet, located.code, place, kind, text)
                )

    def _note_accounts(self, row: SheetRow, slot: Slot, persons: Sequence[WithNumbers]) -> None:
        """The accounts of a row: one a person where there are as many, else the first person's."""
        for kind, columns in slot.accounts:
            text = first_text(row.cells, columns)
            pieces = pieces_of(text)
            each = pieces if len(pieces) == len(persons) else [text]
            for (_, phones), piece in zip(persons, each, strict=False):
                if phones and piece:
                    channel = Channel(kind.value)
                    cell = AccountCell(row.number, row.sheet, phones[0], channel, piece)
                    self.accounts.append(cell)

    def _bad_length(self, row: SheetRow, width: int) -> bool:
        held = len(row.cells)
        while held and not row.cells[held - 1]:
            held -= 1
        if held <= width <= len(row.cells):
            return False
        reason = RowReason.ROW_TOO_LONG if held > width else RowReason.ROW_TOO_SHORT
        cells = held if held > width else len(row.cells)
        self._problems.add(row.number, "", reason, sheet=row.sheet, cells=cells, columns=width)
        return True

    def _located(self, line: Line) -> Located | None:
        """Where the row belongs; ``None`` when that is a problem, which is noted."""
        found = self._locator.locate(line)
        if found.code:
            return found
        if found.outside or found.near:
            reason = RowReason.DIVISION_OUTSIDE if found.outside else RowReason.DIVISION_UNCLEAR
            self._problems.add(
                line.row.number,
                "division_code",
                reason,
                sheet=line.row.sheet,
                text=found.written[:40],
                suggestion=" / ".join(found.near),
            )
            return None
        if not found.written and not self._locator.has_columns:
            self._asking.no_place += 1
            self._asking.context = self._locator.context_name
            return None
        return found

    def _posts(self, row: SheetRow, columns: OfficeColumns, located: Located) -> list[SheetRow]:
        number, cells, sheet = row
        slot = columns.slot
        code = located.code or located.written
        persons = persons_with_numbers(cells, slot, code)
        if not persons:
            return []
        if slot.accounts:
            self._note_accounts(row, slot, persons)
        place = self._place(cells, code) if self._places else ""
        if len(persons) == 1 and not place and code[-3:] != "000":
            [(person, phones)] = persons
            office, named = self._offices.of_one(cells, columns, code, person)
            if named and len(phones) == 1:  # nearly always
                return [SheetRow(number, (person.name, phones[0], code, *office), sheet)]
        found = []
        for at, (person, phones) in enumerate(persons):
            office, named = self._offices.of(cells, columns, code, person, at, len(persons))
            if not phones and slot.held_from in _ABOVE_VILLAGES:
                phones = self._number_elsewhere(slot, person.name, code)
            organisation = self._offices.organisation(cells, office, code)
            at_place = place or (self._department(organisation, code) if organisation else "")
            if at_place or len(phones) > 1:
                office = office._replace(place=at_place, other_phones="、".join(phones[1:]))
            phone = phones[0] if phones else ""
            post = SheetRow(number, (person.name, phone, code, *office), sheet)
            if named:
                found.append(post)
            else:
                self._asking.role(office.title, post)
        return found

    def _department(self, organisation: Organisation, division_code: str) -> str:
        """The code of a division's department, which is made known."""
        code = place_code(division_code, organisation)
        kind, name = PlaceKind.DEPARTMENT, place_name(organisation)
        self.places.setdefault(code, Place(code, kind, name, division_code))
        return code

    def _number_elsewhere(self, slot: Slot, name: str, code: str) -> tuple[str, ...]:
        """The number that a leader of a county or township has in another row of its villages."""
        area = code[:6] if slot.held_from is not Tier.TOWNSHIP else code[:9]
        if slot not in self._numbers:
            known: dict[tuple[str, str], set[tuple[str, ...]]] = {}
            for line in self._table.lines:
                where = self._locator.locate(line).code
                for person, phones in persons_with_numbers(line.row.cells, slot, where):
                    for length in (6, 9):
                        known.setdefault((person.name, where[:length]), set()).add(phones)
            self._numbers[slot] = known
        given = self._numbers[slot].get((name, area), set()) - {()}
        return next(iter(given)) if len(given) == 1 else ()

    def _place(self, cells: Sequence[str], code: str) -> str:
        """What names the place of a post; one that the heading says the kind of is made known."""
        name, given = first_text(cells, self._places), first_text(cells, self._codes)
        if not name or not self._kind or not valid_code(code):
            return name
        kind = PlaceKind(self._kind)
        households, persons = (count_in(first_text(cells, columns)) for columns in self._counts)
        place = Place(
            given[:MAX_CODE] or code_for(code, kind, name),
            kind,
            name,
            code,
            *point_in(*(first_text(cells, columns) for columns in self._points)),
            households,
            persons,
        )
        self.places.setdefault(place.code, place)
        return given[:MAX_CODE] or name


def _holds_mobiles(grid: Grid) -> bool:
    """Whether a sheet without known headings seems to be a list all the same."""
    return any(len(row.cells) > 1 and any(map(phones_in, row.cells)) for row in grid.rows[:50])


def _holds_numbers(table: Table, slot: Slot) -> bool:
    """Whether some cell of the names holds a number, too."""
    return any(
        letter.isdigit()
        for line in table.lines
        for letter in first_text(line.row.cells, (slot.name,))
    )


def _role_of(titles: Sequence[str]) -> tuple[str, Role] | None:
    for title in titles:
        role = role_in(title)
        if role is not None and role not in COMMANDING and len(roles_in(title)) == 1:
            return title, role
    return None


def _texts(tables: Sequence[Table], *fields: Field) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            column.text for table in tables for column in table.headings if column.field in fields
        )
    )


def _common(codes: Sequence[str]) -> str:
    """The smallest division that all of these lie in, or are."""
    known = {code for code in set(codes) if valid_code(code)}
    if not known:
        return ""
    low, high = min(known), max(known)
    return next((code for code in (low, *ancestors(low)) if contains(code, high)), "")


def _ignored(tables: Sequence[Table]) -> tuple[tuple[str, str], ...]:
    unknown = _texts(tables, Field.UNKNOWN)
    nothing = [text for text in _texts(tables, Field.NOTHING) if text]
    return tuple((text, nearest(text)) for text in unknown) + tuple((text, "") for text in nothing)


def _missing(book: Book, column: str, label: str, table: Table | None = None) -> InvalidInput:
    """What a file lacks, with the heading that may have been meant for it."""
    if table is not None:
        written = [heading.text for heading in table.headings if heading.text]
        strange = [heading.text for heading in table.headings if heading.field is Field.UNKNOWN]
    else:
        written = [cell for cell in book.grids[0].rows[0].cells if cell]
        strange = written
    return InvalidInput(
        FileProblem.MISSING_COLUMN,
        file=book.file,
        column=column,
        label=label,
        found=", ".join(written)[:200],
        strange=", ".join(strange)[:200],
    )
