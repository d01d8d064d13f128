"""Checking the rows of a list: a row becomes a record, or problems that name it. Pure.

Every problem of every row is found in one go, so that a file is corrected once. Names keep their
emoji, HTML and Markdown characters: whatever shows them escapes them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from contacts.divisions.codes import CODE_LENGTH, valid_code
from contacts.divisions.gazetteer import Division, Found, Gazetteer
from contacts.phones import PhoneProblem, is_mobile, normalise
from contacts.roster.columns import Column, map_columns
from contacts.roster.sheet import Sheet, SheetRow
from data.errors import InvalidInput

SHOWN = 50
"""How many problems are shown; the rest are counted."""

MAX_TEXT = 64
"""Characters of a name or title. A name of 5,000 characters is a misplaced cell."""


_INTEGER = re.compile(r"[+-]?\d{1,18}")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d*)?E[+\-]?\d+", re.IGNORECASE)
# Newlines and the like; zero-width joiners belong to emoji and stay.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SPREADSHEET_ERRORS = frozenset(
    {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "########"}
)


class RowReason(Enum):
    """What can be wrong with a row."""

    MISSING = "missing"
    FORMULA = "formula"
    TEXT_TOO_LONG = "text_too_long"
    CONTROL_CHARACTER = "control_character"
    ROW_TOO_LONG = "row_too_long"
    ROW_TOO_SHORT = "row_too_short"
    SCIENTIFIC = "scientific"
    PHONE_NOT_DIGITS = "phone_not_digits"
    PHONE_LENGTH = "phone_length"
    PHONE_NOT_CHINESE = "phone_not_chinese"
    PHONE_TWICE = "phone_twice"  # the same post of the same person again
    PHONE_OF_TWO = "phone_of_two"  # two names with one number
    CODE_INVALID = "code_invalid"
    CODE_TWICE = "code_twice"
    DIVISION_UNKNOWN = "division_unknown"
    DIVISION_UNCLEAR = "division_unclear"  # a name of several, or nearly that of one
    DIVISION_OUTSIDE = "division_outside"  # of the area that the file is said to be of
    ROLE_UNKNOWN = "role_unknown"
    RANK_INVALID = "rank_invalid"
    TELEGRAM_ID_INVALID = "telegram_id_invalid"
    TELEGRAM_ID_TWICE = "telegram_id_twice"
    TELEGRAM_ID_TAKEN = "telegram_id_taken"
    TELEGRAM_ID_BLOCKED = "telegram_id_blocked"  # it was untied from somebody
    LANGUAGE_UNKNOWN = "language_unknown"
    CHAT_ID_INVALID = "chat_id_invalid"
    CHAT_ID_TWICE = "chat_id_twice"
    PURPOSE_UNKNOWN = "purpose_unknown"
    LEVEL_UNKNOWN = "level_unknown"
    LEVEL_MISMATCH = "level_mismatch"
    PARENT_MISMATCH = "parent_mismatch"
    POINT_INVALID = "point_invalid"
    TIME_INVALID = "time_invalid"
    TIME_ORDER = "time_order"
    PERSON_UNKNOWN = "person_unknown"
    SHIFT_TWICE = "shift_twice"
    DATE_INVALID = "date_invalid"
    DATE_ORDER = "date_order"
    HOUR_INVALID = "hour_invalid"
    EVERY_INVALID = "every_invalid"
    DANGER_UNKNOWN = "danger_unknown"
    DAY_TWICE = "day_twice"
    NO_OWNER = "no_owner"
    TWO_OWNERS = "two_owners"
    KIND_UNKNOWN = "kind_unknown"
    PLACE_UNKNOWN = "place_unknown"
    ORGANISATION_MISSING = "organisation_missing"  # of the liaison of a department
    HAZARD_UNKNOWN = "hazard_unknown"
    NUMBER_INVALID = "number_invalid"
    WECOM_INVALID = "wecom_invalid"
    EMAIL_INVALID = "email_invalid"
    HEAT_KIND = "heat_kind"
    POINT_OUTSIDE = "point_outside"  # of everything drawn
    NAME_TWICE = "name_twice"
    OUT_OF_RANGE = "out_of_range"
    YES_OR_NO = "yes_or_no"
    LINE_INVALID = "line_invalid"  # of a gauge
    STRETCH_UNKNOWN = "stretch_unknown"  # of a river
    TASK_UNKNOWN = "task_unknown"  # no task has this number
    LIST_UNKNOWN = "list_unknown"  # none of the five
    DEADLINE_PAST = "deadline_past"
    PARENT_UNKNOWN = "parent_unknown"  # a row that is not in the file
    PARENT_CIRCLE = "parent_circle"  # part of itself
    LINE_ORDER = "line_order"  # a higher line of a gauge is below a lower one


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one cell: the row as the spreadsheet counts, the column's name."""

    row: int
    column: str
    reason: RowReason
    facts: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""


@dataclass(slots=True)
class Problems:
    """The problems of one file: the first ``SHOWN`` in full, all of them counted."""

    shown: list[RowProblem] = field(default_factory=list)
    total: int = 0

    def add(
        self, row: int, column: str, reason: RowReason, *, sheet: str = "", **facts: Any
    ) -> None:
        """Note one problem."""
        self.total += 1
        if len(self.shown) < SHOWN:
            self.shown.append(RowProblem(row, column, reason, facts, sheet))

    @property
    def wordy(self) -> bool:
        """Whether the next problem will be shown: only then is a suggestion worth its cost."""
        return len(self.shown) < SHOWN


_PHONE_REASONS: Mapping[Enum | str, RowReason] = {
    PhoneProblem.EMPTY: RowReason.MISSING,
    PhoneProblem.SCIENTIFIC: RowReason.SCIENTIFIC,
    PhoneProblem.NOT_DIGITS: RowReason.PHONE_NOT_DIGITS,
    PhoneProblem.WRONG_LENGTH: RowReason.PHONE_LENGTH,
    PhoneProblem.NOT_CHINESE: RowReason.PHONE_NOT_CHINESE,
}


@dataclass(slots=True)
class Cells:
    """The cells of one row by column name, read with checks that note what is wrong.

    ``values`` holds no empty text. ``good`` falls with the first problem: such a row becomes no
    record.
    """

    row: int
    values: Mapping[str, str]
    problems: Problems
    good: bool = True
    sheet: str = ""

    def refuse(self, column: str, reason: RowReason, **facts: Any) -> None:
        """Note a problem with this row."""
        self.good = False
        self.problems.add(self.row, column, reason, sheet=self.sheet, **facts)

    def optional(self, column: str) -> str:
        """The cell's text, empty when there is none; a formula is refused and read as empty."""
        text = self.values.get(column, "")
        if text and text[0] in "=#" and (text[0] == "=" or text in _SPREADSHEET_ERRORS):
            self.refuse(column, RowReason.FORMULA, text=text[:40])
            return ""
        return text

    def required(self, column: str) -> str:
        """As ``optional``; an empty cell is refused."""
        if column in self.values:
            return self.optional(column)
        self.refuse(column, RowReason.MISSING)
        return ""

    def name(self, column: str) -> str:
        """A name or title: any characters but control ones, and nothing Excel would compute."""
        text = self.values.get(column, "")
        if text and text[0] not in "=#+-@" and len(text) <= MAX_TEXT and text.isprintable():
            return text
        return self._checked(column, self.required(column))

    def text(self, column: str) -> str:
        """As ``name``; the cell may be empty."""
        return self._checked(column, self.optional(column))

    def _checked(self, column: str, text: str) -> str:
        if text[:1] in "+-@" and text:
            self.refuse(column, RowReason.FORMULA, text=text[:40])
        elif len(text) > MAX_TEXT:
            self.refuse(column, RowReason.TEXT_TOO_LONG, length=len(text), most=MAX_TEXT)
        elif not text.isprintable() and _CONTROL.search(text):
            self.refuse(column, RowReason.CONTROL_CHARACTER)
        return text

    def phone(self, column: str = "phone") -> str:
        """A telephone number in its stored form; empty when it is none."""
        text = self.values.get(column, "")
        if is_mobile(text):
            return text
        text = self.required(column)
        if not text:  # in its stored form: nearly all of a long file
            return text
        try:
            return normalise(text)
        except InvalidInput as error:
            self.refuse(column, _PHONE_REASONS[error.code], text=text[:40])
            return ""

    def word(self, column: str, meaning: Callable[[str], Any], unknown: RowReason) -> Any:
        """A cell whose text is one of a list of words; ``None`` when it is not."""
        text = self.values.get(column, "")
        if not text or text[0] in "=#":
            text = self.required(column)
        found = meaning(text) if text else None
        if text and found is None:
            self.refuse(column, unknown, text=text[:40])
        return found

    def integer(self, column: str, text: str, reason: RowReason, low: int, high: int) -> int | None:
        """A whole number between two bounds; ``None`` and a problem when it is not."""
        if _INTEGER.fullmatch(text) and low <= int(text) <= high:
            return int(text)
        scientific = _SCIENTIFIC.fullmatch(text) is not None
        self.refuse(column, RowReason.SCIENTIFIC if scientific else reason, text=text[:40])
        return None

    def division(
        self, gazetteer: Gazetteer, column: str = "division_code", *, named: bool = False
    ) -> str:
        """The code of a division that exists; empty, with a suggestion noted, when it does not.

        :param named: a name or path that means one division is its code.
        """
        text = self.values.get(column, "")
        if text and text in gazetteer:
            return text
        text = self.required(column).lstrip("'")
        if not text or text in gazetteer:
            return text
        if _SCIENTIFIC.fullmatch(text):
            self.refuse(column, RowReason.SCIENTIFIC, text=text[:40])
        elif named and (meant := _named(gazetteer, text)) is not None:
            return meant.code
        else:
            hint = suggestion(gazetteer, text) if self.problems.wordy else ""
            self.refuse(column, RowReason.DIVISION_UNKNOWN, text=text[:40], suggestion=hint)
        return ""


def _named(gazetteer: Gazetteer, text: str) -> Division | None:
    """The one division that a name or path means: not what looks like a code."""
    if any("0" <= digit <= "9" for digit in text):
        return None
    return gazetteer.find(text, careful=True).division


def rows_of(
    sheet: Sheet, columns: tuple[Column, ...], problems: Problems
) -> tuple[Iterator[Cells], tuple[str, ...]]:
    """The rows of ``sheet`` by column name, and the columns that are not used.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    places, ignored = map_columns(sheet, columns)
    width = len(sheet.header)
    return _rows(sheet, tuple(places.items()), width, problems), ignored


def _rows(
    sheet: Sheet, places: tuple[tuple[str, int], ...], width: int, problems: Problems
) -> Iterator[Cells]:
    ragged = sheet.ragged
    names = tuple(name for name, _ in places)
    in_order = [at for _, at in places] == list(range(width))
    for row in sheet.rows:
        number, cells, name_of_sheet = row
        here = len(cells)
        if here > width and _length(row) > width:
            reason, held = RowReason.ROW_TOO_LONG, _length(row)
            problems.add(number, "", reason, cells=held, columns=width)
            continue
        if ragged and here < width:
            problems.add(number, "", RowReason.ROW_TOO_SHORT, cells=here, columns=width)
            continue
        if in_order:  # a third of the time
            values = {name: text for name, text in zip(names, cells, strict=False) if text}
        else:
            values = {name: text for name, at in places if at < here and (text := cells[at])}
        yield Cells(number, values, problems, sheet=name_of_sheet)


def _length(row: SheetRow) -> int:
    """How many cells the row has up to its last one that is not empty."""
    length = len(row.cells)
    while length and not row.cells[length - 1]:
        length -= 1
    return length


def suggestion(gazetteer: Gazetteer, text: str) -> str:
    """A division that ``text`` may have meant, as ``code name``; empty when nothing is near."""
    if not text.isdigit():
        found = gazetteer.find(text[:MAX_TEXT], limit=1)
        near = [candidate.division for candidate in found.candidates]
        if found.outcome is Found.AMBIGUOUS:
            near = []
    elif len(text) < CODE_LENGTH:
        padded = gazetteer.get(text.ljust(CODE_LENGTH, "0"))
        near = [padded] if padded else []
    elif valid_code(text):
        above = gazetteer.ancestors(text)
        siblings = {d.code: d for d in gazetteer.children(above[0].code)} if above else {}
        codes = difflib.get_close_matches(text, siblings, n=1, cutoff=0.8)
        near = [siblings[code] for code in codes] or list(above[:1])
    else:
        near = []
    return f"{near[0].code} {gazetteer.path(near[0].code)}" if near else ""
