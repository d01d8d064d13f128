"""The rows of a roster file as divisions, people, groups or shifts. Pure.

Each function returns what is good and the columns that it did not use; what is wrong with the other
rows goes to ``problems``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial

from contacts.divisions.codes import ancestors, tier_of, valid_code
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Group, Purpose
from contacts.people import Person, Role
from contacts.roster.columns import (
    COLUMNS,
    LANGUAGE_WORDS,
    LEVEL_WORDS,
    PURPOSE_WORDS,
    ROLE_WORDS,
    RosterKind,
    word,
)
from contacts.roster.rows import Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet

# Telegram: "at most 52 significant bits".
_MAX_TELEGRAM_ID = 2**52 - 1
_MAX_RANK = 99


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the file has it. ``None`` for an empty cell, which leaves what is stored."""

    row: int
    name: str
    phone: str
    division_code: str
    role: Role
    rank: int
    telegram_id: int | None
    language: str | None


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One shift as the file has it, in UTC."""

    person_id: int
    division_code: str
    starts_at: datetime
    ends_at: datetime


def division_rows(
    sheet: Sheet, known: Gazetteer, problems: Problems
) -> tuple[list[Division], tuple[str, ...]]:
    """The divisions of ``sheet``. Level and parent follow from the code and must not contradict it.

    :param known: the divisions stored already; a parent may be among them or in the file.
    """
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.DIVISIONS], problems)
    # A parent may stand below its children in the file.
    listed = {
        cells.values.get("code", "")
        for cells in rows_of(sheet, COLUMNS[RosterKind.DIVISIONS], Problems())[0]
    }
    seen: dict[str, int] = {}
    found = []
    for cells in rows:
        code = cells.required("code").lstrip("'")
        name = cells.name("name")
        if not code:
            continue
        if not valid_code(code):
            cells.refuse("code", RowReason.CODE_INVALID, text=code[:40])
            continue
        if seen.setdefault(code, cells.row) != cells.row:
            cells.refuse("code", RowReason.CODE_TWICE, text=code, other=seen[code])
        tier = tier_of(code)
        level = cells.optional("level")
        if level and word(LEVEL_WORDS, level) is None:
            cells.refuse("level", RowReason.LEVEL_UNKNOWN, text=level[:40])
        elif level and word(LEVEL_WORDS, level) is not tier:
            cells.refuse("level", RowReason.LEVEL_MISMATCH, text=level, expected=tier.value)
        above = [upper for upper in ancestors(code) if upper in listed or upper in known]
        parent = cells.optional("parent_code").lstrip("'")
        if parent and parent not in above:
            expected = above[0] if above else ""
            cells.refuse(
                "parent_code", RowReason.PARENT_MISMATCH, text=parent[:40], expected=expected
            )
        lon = _degrees(cells, "lon", 180)
        lat = _degrees(cells, "lat", 90)
        if (lon is None) is not (lat is None) and cells.good:
            missing = "lon" if lon is None else "lat"
            cells.refuse(missing, RowReason.MISSING)
        if cells.good:
            found.append(Division(code, name, tier, above[0] if above else None, lon, lat))
    return found, ignored


def people_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[list[PersonRow], tuple[str, ...]]:
    """The persons of ``sheet``. No number and no account stands for two.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    phones: dict[str, int] = {}
    accounts: dict[int, int] = {}
    people = []
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.PEOPLE], problems)
    for cells in rows:
        person = _person(cells, gazetteer)
        phone, account = person.phone, person.telegram_id
        if phone and phones.setdefault(phone, cells.row) != cells.row:
            cells.refuse("phone", RowReason.PHONE_TWICE, text=phone, other=phones[phone])
        if account is not None and accounts.setdefault(account, cells.row) != cells.row:
            cells.refuse(
                "telegram_id", RowReason.TELEGRAM_ID_TWICE, text=account, other=accounts[account]
            )
        if cells.good:
            people.append(person)
    return people, ignored


def group_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[list[Group], tuple[str, ...]]:
    """The groups of ``sheet``. A group's chat id is negative: Telegram counts persons upwards."""
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.GROUPS], problems)
    seen: dict[int, int] = {}
    found = []
    for cells in rows:
        text = cells.required("chat_id").lstrip("'")
        reason = RowReason.CHAT_ID_INVALID
        chat_id = cells.integer("chat_id", text, reason, -_MAX_TELEGRAM_ID, -1) if text else None
        title = cells.name("title")
        division_code = cells.division(gazetteer)
        meaning = partial(word, PURPOSE_WORDS)
        purpose: Purpose | None = cells.word("purpose", meaning, RowReason.PURPOSE_UNKNOWN)
        if chat_id is not None and seen.setdefault(chat_id, cells.row) != cells.row:
            cells.refuse("chat_id", RowReason.CHAT_ID_TWICE, text=chat_id, other=seen[chat_id])
        if cells.good and chat_id is not None and purpose is not None:
            found.append(Group(chat_id, title, division_code, purpose))
    return found, ignored


def duty_rows(
    sheet: Sheet,
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    zone: tzinfo,
    problems: Problems,
) -> tuple[list[DutyRow], tuple[str, ...]]:
    """The shifts of ``sheet``; times without an offset are local to ``zone``.

    :param people: everybody stored, by phone. A shift without a division is over the person's own.
    """
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.DUTY], problems)
    seen: dict[tuple[int, str, datetime], int] = {}
    found = []
    for cells in rows:
        phone = cells.phone()
        person = people.get(phone)
        if phone and person is None:
            cells.refuse("phone", RowReason.PERSON_UNKNOWN, text=phone)
        given = cells.optional("division_code")
        own = person.division_code if person else ""
        division_code = cells.division(gazetteer) if given else own
        starts_at, ends_at = _time(cells, "starts_at", zone), _time(cells, "ends_at", zone)
        if starts_at and ends_at and ends_at <= starts_at:
            cells.refuse("ends_at", RowReason.TIME_ORDER)
        if not cells.good or person is None or starts_at is None or ends_at is None:
            continue
        key = (person.id, division_code, starts_at)
        if seen.setdefault(key, cells.row) != cells.row:
            cells.refuse("starts_at", RowReason.SHIFT_TWICE, other=seen[key])
            continue
        found.append(DutyRow(person.id, division_code, starts_at, ends_at))
    return found, ignored


def _person(cells: Cells, gazetteer: Gazetteer) -> PersonRow:
    name = cells.name("name")
    phone = cells.phone()
    division_code = cells.division(gazetteer)
    role = cells.word("role", partial(word, ROLE_WORDS), RowReason.ROLE_UNKNOWN)
    rank_text = cells.optional("rank")
    rank = (
        cells.integer("rank", rank_text, RowReason.RANK_INVALID, 1, _MAX_RANK) if rank_text else 1
    )
    account_text = cells.optional("telegram_id").lstrip("'")
    account = (
        cells.integer(
            "telegram_id", account_text, RowReason.TELEGRAM_ID_INVALID, 1, _MAX_TELEGRAM_ID
        )
        if account_text
        else None
    )
    language_text = cells.optional("language")
    language = word(LANGUAGE_WORDS, language_text) if language_text else None
    if language_text and language is None:
        cells.refuse("language", RowReason.LANGUAGE_UNKNOWN, text=language_text[:40])
    return PersonRow(cells.row, name, phone, division_code, role, rank or 1, account, language)


def _degrees(cells: Cells, column: str, most: float) -> float | None:
    text = cells.optional(column)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        cells.refuse(column, RowReason.POINT_INVALID, text=text[:40])
        return None
    return value


def _time(cells: Cells, column: str, zone: tzinfo) -> datetime | None:
    text = cells.required(column)
    if not text:
        return None
    written = text.replace("/", "-").replace("\uff1a", ":").replace("T", " ")
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(written, form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        cells.refuse(column, RowReason.TIME_INVALID, text=text[:40])
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
