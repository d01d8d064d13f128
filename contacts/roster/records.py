"""The rows of a roster file as divisions, people, groups or shifts. Pure.

Each function returns what is good and the columns that it did not use; what is wrong with the other
rows goes to ``problems``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any, NamedTuple

from contacts.divisions.codes import Tier, ancestors, county_of, tier_of, valid_code
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Group, Purpose
from contacts.many_people import make_post
from contacts.organisations import organisation_of
from contacts.people import Person, Post, Role
from contacts.places import KnownPlaces, Place, PlaceKind, code_for
from contacts.roster.columns import (
    COLUMNS,
    HAZARD_WORDS,
    KIND_WORDS,
    LANGUAGE_WORDS,
    LEVEL_WORDS,
    PURPOSE_WORDS,
    ROLE_WORDS,
    RosterKind,
    word,
)
from contacts.roster.reading.times import parse_moment
from contacts.roster.rows import MAX_TEXT, Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet

# Telegram: "at most 52 significant bits".
_MAX_TELEGRAM_ID = 2**52 - 1
_MAX_RANK = 99
_NO_PLACES = KnownPlaces()


class PersonRow(NamedTuple):
    """One person as the file has it, with all the posts it names for them, in its order.

    ``None`` for an empty cell, which leaves what is stored; so do a post's empty title and tier.
    """

    row: int
    name: str
    phone: str
    posts: tuple[Post, ...]
    telegram_id: int | None = None
    language: str | None = None

    def with_row(self, row: PersonRow) -> PersonRow:
        """With a further row of the same person: its posts, and what was not given before."""
        account = row.telegram_id if self.telegram_id is None else self.telegram_id
        return self._replace(
            posts=(*self.posts, *row.posts),
            telegram_id=account,
            language=self.language or row.language,
        )


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One shift as the file has it, in UTC."""

    person_id: int
    division_code: str
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> tuple[int, str, datetime]:
        """What tells it from every other."""
        return self.person_id, self.division_code, self.starts_at


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
        lon, lat = _point(cells)
        if cells.good:
            found.append(Division(code, name, tier, above[0] if above else None, lon, lat))
    return found, ignored


def people_rows(
    sheet: Sheet,
    gazetteer: Gazetteer,
    problems: Problems,
    places: KnownPlaces | None = None,
) -> tuple[list[PersonRow], tuple[str, ...]]:
    """The persons of ``sheet``. No number and no account stands for two.

    A row is a post: the same number with the same name again is the same person's next post.

    :param places: those that are stored; a row may name one of its division.
    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    accounts: dict[int, PersonRow] = {}
    found: dict[str, PersonRow] = {}
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.PEOPLE], problems)
    known = places or _NO_PLACES
    offices: _Offices = {}
    for cells in rows:
        person = _person(cells, gazetteer, known, offices)
        phone, account = person.phone, person.telegram_id
        same = found.get(phone) if phone else None
        if same is not None and cells.good and not _goes_with(same, person):
            cells.refuse("phone", RowReason.PHONE_TWICE, text=phone, other=same.row)
        if account is not None and accounts.setdefault(account, person).phone != phone:
            other = accounts[account].row
            cells.refuse("telegram_id", RowReason.TELEGRAM_ID_TWICE, text=account, other=other)
        if cells.good and same is None:
            found[phone] = person
        elif cells.good and same is not None:
            found[phone] = same.with_row(person)
    return list(found.values()), ignored


def _goes_with(first: PersonRow, row: PersonRow) -> bool:
    """Whether a later row with the same number is the same person's next post."""
    if first.name != row.name or row.posts[0].office in {post.office for post in first.posts}:
        return False
    return None in (first.telegram_id, row.telegram_id) or first.telegram_id == row.telegram_id


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
        division_code = cells.division(gazetteer, named=True)
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
        division_code = cells.division(gazetteer, named=True) if given else own
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


def place_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[list[Place], tuple[str, ...]]:
    """The places of ``sheet``. One without a code gets the same at every import.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    rows, ignored = rows_of(sheet, COLUMNS[RosterKind.PLACES], problems)
    seen: dict[str, int] = {}
    found = []
    for cells in rows:
        kind = cells.word("kind", partial(word, KIND_WORDS), RowReason.KIND_UNKNOWN)
        name = cells.name("name")
        division_code = cells.division(gazetteer, named=True)
        code = cells.optional("code").lstrip("'")
        if len(code) > MAX_TEXT:
            cells.refuse("code", RowReason.TEXT_TOO_LONG, length=len(code), most=MAX_TEXT)
        lon, lat = _point(cells)
        households, persons = _number(cells, "households"), _number(cells, "persons")
        below = _villages(cells, "below", gazetteer, division_code)
        if not cells.good or kind is None:
            continue
        code = code or code_for(division_code, kind, name)
        if seen.setdefault(code, cells.row) != cells.row:
            cells.refuse("code", RowReason.CODE_TWICE, text=code, other=seen[code])
            continue
        found.append(Place(code, kind, name, division_code, lon, lat, households, persons, below))
    return found, ignored


def _villages(cells: Cells, column: str, gazetteer: Gazetteer, near: str) -> tuple[str, ...]:
    """The codes of the divisions that a cell lists, by code or name, with 、 between them.

    :param near: a division in whose county a name is looked for first.
    """
    found = []
    for name in filter(None, _LISTED.split(cells.optional(column))):
        if name in gazetteer:
            found.append(name)
            continue
        within = county_of(near) if near else None
        division = gazetteer.find(name, within=within, careful=True).division
        if division is None:
            cells.refuse(column, RowReason.DIVISION_UNKNOWN, text=name[:40], suggestion="")
        else:
            found.append(division.code)
    return tuple(dict.fromkeys(found))


_LISTED = re.compile("[、，,;；\\s]+")
_OFFICE_WORDS = ("role", "rank", "title", "hazards", "tier", "language")
_OFFICES_KEPT = 5000
_Offices = dict[tuple[str | None, ...], tuple[tuple[Any, ...], str | None]]
"""What posts at no place hold beside their division, and the language, by the cells that say it."""


def _person(
    cells: Cells, gazetteer: Gazetteer, places: KnownPlaces, offices: _Offices
) -> PersonRow:
    given = cells.values
    name = cells.name("name")
    phone = cells.phone()
    division_code = cells.division(gazetteer)
    account = _account(cells) if "telegram_id" in given else None
    words = tuple([given.get(column) for column in _OFFICE_WORDS])
    at_place = "place" in given
    if words in offices and not at_place:  # thousands say the same
        office, language = offices[words]
        post = make_post(division_code, *office)
        return PersonRow(cells.row, name, phone, (post,), account, language)
    role = cells.word("role", _ROLE_MEANT, RowReason.ROLE_UNKNOWN)
    rank = _rank(cells) if "rank" in given else 1
    language = _language(cells) if "language" in given else None
    place = _place(cells, places, division_code) if at_place else None
    title = cells.name("title") if "title" in given else ""
    hazards = _hazards(cells) if "hazards" in given else frozenset()
    held_from = _held_from(cells) if "tier" in given else None
    if role is None:
        return PersonRow(cells.row, name, phone, (), account, language)
    if place is not None:
        role = _AT_PLACES.get((place.kind, role), role)
    if role is Role.DEPARTMENT and (place is None or organisation_of(place.code) is None):
        cells.refuse("organisation", RowReason.ORGANISATION_MISSING)
    office = (role, rank, title, place.code if place else "", hazards, held_from)
    if cells.good and not at_place and len(offices) < _OFFICES_KEPT:
        offices[words] = office, language
    return PersonRow(cells.row, name, phone, (Post(division_code, *office),), account, language)


_ROLE_MEANT = partial(word, ROLE_WORDS)


def _held_from(cells: Cells) -> Tier | None:
    text = cells.optional("tier")
    tier = word(LEVEL_WORDS, text) if text else None
    if text and tier is None:
        cells.refuse("tier", RowReason.LEVEL_UNKNOWN, text=text[:40])
    return tier


def _rank(cells: Cells) -> int:
    text = cells.optional("rank")
    return (text and cells.integer("rank", text, RowReason.RANK_INVALID, 1, _MAX_RANK)) or 1


def _account(cells: Cells) -> int | None:
    text = cells.optional("telegram_id").lstrip("'")
    if not text:
        return None
    reason = RowReason.TELEGRAM_ID_INVALID
    return cells.integer("telegram_id", text, reason, 1, _MAX_TELEGRAM_ID)


def _language(cells: Cells) -> str | None:
    text = cells.optional("language")
    language = word(LANGUAGE_WORDS, text) if text else None
    if text and language is None:
        cells.refuse("language", RowReason.LANGUAGE_UNKNOWN, text=text[:40])
    return language


# The same word means another post at a place.
_AT_PLACES: Mapping[tuple[PlaceKind, Role], Role] = {
    (PlaceKind.RESERVOIR, Role.INSPECTION): Role.RESERVOIR_INSPECTOR,
    (PlaceKind.DYKE, Role.INSPECTION): Role.DYKE_RESPONSIBLE,
    (PlaceKind.HAZARD_POINT, Role.MONITORING): Role.HAZARD_OBSERVER,
}


def _place(cells: Cells, places: KnownPlaces, division_code: str) -> Place | None:
    text = cells.optional("place")
    if not text:
        return None
    found = places.find(text, division_code)
    if len(found) == 1 and found[0].division_code == division_code:
        return found[0]
    cells.refuse("place", RowReason.PLACE_UNKNOWN, text=text[:40])
    return None


def _hazards(cells: Cells) -> frozenset[str]:
    """The hazards a post answers for: words of ``HAZARD_WORDS``, by commas."""
    text = cells.optional("hazards")
    if not text:
        return frozenset()
    found = set()
    for piece in re.split("[,，、;；/ ]+", text):
        known = word(HAZARD_WORDS, piece)
        if known is None:
            cells.refuse("hazards", RowReason.HAZARD_UNKNOWN, text=piece[:40])
        else:
            found.add(known)
    return frozenset(found)


def _number(cells: Cells, column: str) -> int | None:
    text = cells.optional(column)
    if not text:
        return None
    return cells.integer(column, text, RowReason.NUMBER_INVALID, 0, 10_000_000)


def _point(cells: Cells) -> tuple[float | None, float | None]:
    """WGS-84 degrees; both or neither."""
    lon, lat = _degrees(cells, "lon", 180), _degrees(cells, "lat", 90)
    if (lon is None) is not (lat is None) and cells.good:
        cells.refuse("lon" if lon is None else "lat", RowReason.MISSING)
    return lon, lat


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
    moment = parse_moment(text)
    if moment is not None:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        cells.refuse(column, RowReason.TIME_INVALID, text=text[:40])
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
