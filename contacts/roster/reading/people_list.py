"""A list of persons as an office keeps it, as rows of our own shape: one row a post. Pure.

What stands in a file decides as far as it is clear: a role that the row names, then the role that
the heading above the person names, then the one given for the whole file. A title (村书记, 主任)
gives no role. What is left open is asked about, and nothing is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contacts.divisions.codes import Tier, ancestors, contains, tier_of, valid_code
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import COMMANDING, RIGHTS, Role
from contacts.places import Place, PlaceKind, code_for
from contacts.roster.columns import ROLE_WORDS, word
from contacts.roster.reading.headings import Field, nearest, role_in, roles_in
from contacts.roster.reading.name_cells import persons_in
from contacts.roster.reading.phone_cells import phones_in
from contacts.roster.reading.place_cells import count_in, point_in
from contacts.roster.reading.places import Located, Locator, division_in
from contacts.roster.reading.questions import Asking, Question
from contacts.roster.reading.slots import (
    Slot,
    all_texts,
    first_text,
    persons_with_numbers,
    ranks_of,
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
from contacts.roster.reading.tiers import tier_named, tier_said
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

_CARRIED = (Field.RANK, Field.TELEGRAM_ID, Field.LANGUAGE, Field.HAZARDS, Field.TIER)
_BY_KIND: Mapping[str, str] = {
    "dyke": "dyke_responsible",
    "hazard_point": "hazard_point_responsible",
    "reservoir": "reservoir_head",
    "school": "place_responsible",
    "care_home": "place_responsible",
    "camp": "place_responsible",
    "scenic_spot": "place_responsible",
}
_OF_RESERVOIRS: Mapping[str, str] = {
    "行政": "reservoir_head",
    "技术": "reservoir_engineer",
    "巡查": "reservoir_inspector",
}
_ABOVE_VILLAGES = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.TOWNSHIP})
_OFFICE_WORDS = frozenset("主任 副主任 局长 副局长 指挥 工作人员 干事 成员".split())
"""Titles of many offices, which name a role only where nothing else does, from the county up."""


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
        self._table, self._locator = table, locator
        self._said, self._default = said, said or of_title
        self._asking, self._problems, self._ragged = asking, problems, ragged
        self._slots = slots_of(table)
        self._places = table.columns(Field.PLACE)
        self._codes = table.columns(Field.PLACE_CODE)
        self._points = [table.columns(field) for field in (Field.LON, Field.LAT)]
        self._counts = [table.columns(field) for field in (Field.HOUSEHOLDS, Field.PERSONS)]
        kinds = (table.headings[at].place_kind for at in self._places)
        self._kind = next(filter(None, kinds), "")
        of_place = _BY_KIND.get(self._kind)
        self._of_place = Role(of_place) if of_place else None
        self._alone = [table.columns(field) for field in _CARRIED]
        self._names_counties = any(
            tier_named(first_text(line.row.cells, self._alone[-1])) is Tier.COUNTY
            for line in (table.lines if self._alone[-1] else ())
        )
        self._ranks = ranks_of(self._slots)
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
        ranked = list(zip(self._slots, self._ranks, strict=True))
        for line in self._table.lines:
            cells = line.row.cells
            if self._ragged and len(cells) != width and self._bad_length(line.row, width):
                continue
            located = self._located(line)
            if located is None:
                continue
            posts = [
                post for slot, rank in ranked for post in self._posts(line.row, slot, located, rank)
            ]
            if not posts and not any(
                persons_in(first_text(cells, (slot.name,))) for slot in self._slots
            ):
                self.vacant.append(LeftOut(line.row, LeftOutReason.VACANT))
            yield from posts

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

    def _posts(self, row: SheetRow, slot: Slot, located: Located, rank: int) -> list[SheetRow]:
        number, cells, sheet = row
        code = located.code or located.written
        persons = persons_with_numbers(cells, slot, code)
        if not persons:
            return []
        given_rank, account, language, hazards, given_tier = [
            first_text(cells, columns) if columns else "" for columns in self._alone
        ]
        place = self._place(cells, code) if self._places else ""
        written = first_text(cells, slot.roles) if slot.roles else ""
        found = []
        for at, (person, phones) in enumerate(persons):
            if slot.titles or slot.title or person.title:
                own_titles = [title for title in (slot.title, person.title) if title]
                common = all_texts(cells, slot.titles, at, len(persons))
                titles = list(dict.fromkeys((*common, *own_titles)))
            else:
                titles = []
            role, shown = self._role(written, titles, slot, code)
            tier = slot.held_from
            if tier_named(given_tier) or tier_named(written):
                tier = tier_said((given_tier, written), code, self._names_counties)
            elif tier is None and any(map(tier_named, titles)):
                tier = tier_said(filter(_role_inside, titles), code, self._names_counties)
            if not phones and slot.held_from in _ABOVE_VILLAGES:
                phones = self._number_elsewhere(slot, person.name, code)
            own = (
                person.name,
                phones[0] if phones else "",
                code,
                role or shown,
                given_rank or (str(rank) if rank > 1 else ""),
                account,
                language,
                shown,
                place,
                hazards,
                "、".join(phones[1:]) if len(phones) > 1 else "",
                tier.value if tier else "",
            )
            post = SheetRow(number, own, sheet)
            if role:
                found.append(post)
            else:
                self._asking.role(shown, post)
        return found

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
        place = Place(
            given[:MAX_CODE] or code_for(code, kind, name),
            kind,
            name,
            code,
            *point_in(*(first_text(cells, columns) for columns in self._points)),
            *(count_in(first_text(cells, columns)) for columns in self._counts),
        )
        self.places.setdefault(place.code, place)
        return given[:MAX_CODE] or name

    def _role(self, written: str, titles: list[str], slot: Slot, code: str) -> tuple[str, str]:
        """The role's word, empty when nobody says it; and the titles that are left to show."""
        shown = "、".join(titles) if titles else ""
        if written:
            return self._of_column(written, shown)
        above = self._of_heading(slot)
        if above is not None:
            return above.value, shown
        for title in titles:
            if title not in _OFFICE_WORDS and word(ROLE_WORDS, title) is not None:
                self._asking.roles_named = True
                return title, "、".join(other for other in titles if other != title)
        inside = next(filter(None, map(_role_inside, titles)), None)
        below = inside or self._of_place or self._default
        if below is not None:
            return below.value, shown
        high = bool(valid_code(code)) and tier_of(code).depth <= Tier.COUNTY.depth
        for title in titles:
            meant = word(ROLE_WORDS, title)
            if meant is Role.STAFF or (meant is not None and high):
                return meant.value, shown
        return "", shown

    def _of_column(self, written: str, shown: str) -> tuple[str, str]:
        """As ``_role``, of a row whose column of roles says ``written``."""
        if word(ROLE_WORDS, written) is not None:
            return written, shown
        meant = _role_inside(written) or self._said
        if meant is None:
            return written, shown
        return meant.value, "、".join(filter(None, (written, shown)))

    def _of_heading(self, slot: Slot) -> Role | None:
        """The role that the heading above a name says: 技术责任人 means that of a reservoir."""
        above = self._table.headings[slot.name]
        if self._kind == "reservoir":
            for duty, value in _OF_RESERVOIRS.items():
                if duty in above.group + above.text:
                    return Role(value)
        if self._of_place is not None and slot.role in (None, Role.RESERVOIR_HEAD):
            return None
        return slot.role


def _role_inside(text: str) -> Role | None:
    """The role in a longer word: 村级灾害信息员, 副镇长、包村干部. Never one that gives rights."""
    found = role_in(text)
    return None if found in RIGHTS else found


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
