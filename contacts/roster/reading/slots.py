"""Who stands in a row of a list: which columns are whose, and the persons in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from contacts.divisions.codes import Tier
from contacts.people import Role
from contacts.phones import is_mobile
from contacts.roster.reading.headings import Field, Heading, office_in
from contacts.roster.reading.name_cells import Named, persons_in, spaced_out
from contacts.roster.reading.phone_cells import phones_in
from contacts.roster.reading.table import Table

_NUMBERS = (Field.PHONE, Field.OFFICE_PHONE, Field.OTHER_PHONES)

ACCOUNTS = (Field.WECOM, Field.EMAIL)
"""Columns of a person's accounts in other channels, named as those."""

_WORDS = re.compile(r"[、，,;；/\s]+")
_DIGIT = re.compile(r"\d")
_DIGITS_OF_NUMBER = 7
_HOLDS_NUMBER = re.compile(rf"(?:\d[-\s]?){{{_DIGITS_OF_NUMBER}}}")
_NUMBER_MARKS = re.compile(r"[\d+:：]|(?<=\d)-(?=\d)|电话|手机")


WithNumbers = tuple[Named, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """One person of each row: the columns that are theirs."""

    name: int
    titles: tuple[int, ...]
    phones: tuple[int, ...]
    roles: tuple[int, ...]
    title: str
    role: Role | None
    held_from: Tier | None
    accounts: tuple[tuple[Field, tuple[int, ...]], ...] = ()


def slots_of(table: Table) -> tuple[Slot, ...]:
    """Whose columns are whose in each row of a table."""
    slots = tuple(_slots(table.headings))
    above = [f"{table.headings[slot.name].group}{table.headings[slot.name].text}" for slot in slots]
    if not any("县级" in text or "区级" in text for text in above):
        return slots
    # Beside 县级, 市级 is of the city above the counties.
    return tuple(
        replace(slot, held_from=Tier.CITY)
        if slot.held_from is Tier.COUNTY and "市级" in text and "县" not in text
        else slot
        for slot, text in zip(slots, above, strict=True)
    )


def persons_with_numbers(
    cells: Sequence[str], slot: Slot, division_code: str = ""
) -> Sequence[WithNumbers]:
    """The persons that the cells of one slot name, each with their numbers.

    :param division_code: where the row belongs: its area code is that of a number without one.
    """
    width = len(cells)
    if len(slot.phones) == 1 and slot.name < width > slot.phones[0] != slot.name:
        name = cells[slot.name]
        if name.isalnum() and len(name) < _DIGITS_OF_NUMBER:  # nearly always: a name and a number
            phones = phones_in(cells[slot.phones[0]], division_code)
            if len(phones) == 1:
                return tuple([(person, phones) for person in persons_in(name)])
    numbers = [cells[at] for at in slot.phones if at < width and cells[at]]
    written = cells[slot.name] if slot.name < width else ""
    alone = slot.name in slot.phones
    if written.isalpha():
        numbers = [] if alone else numbers
    elif alone or _HOLDS_NUMBER.search(written):
        if not alone:
            numbers.insert(0, written)
        elif not _DIGIT.search(written):
            numbers = []
        written = _NUMBER_MARKS.sub("", written)
    if len(numbers) == 1:  # nearly always: one name, one number
        phones, persons = phones_in(numbers[0], division_code), persons_in(written)
        if len(phones) == len(persons) == 1:
            return ((persons[0], phones),)
    return tuple(_several(written, numbers, division_code))


def _slots(headings: Sequence[Heading]) -> Iterator[Slot]:
    """The persons of a row: each name begins one, and what follows is theirs.

    Where titles stand before the names (职务, 姓名, 电话), each belongs to the name after it. In
    two rows of headings the upper one says what belongs together.
    """
    names = [at for at, column in enumerate(headings) if column.field is Field.NAME]
    owned: dict[int, dict[Field, list[int]]] = {at: {} for at in names}
    for kind in (Field.TITLE, Field.ROLE, *_NUMBERS, *ACCOUNTS):
        columns = [at for at, column in enumerate(headings) if column.field is kind]
        before = bool(columns and names and columns[0] < names[0] and len(columns) >= len(names))
        for at in columns:
            owner = _owner(at, headings, names, before)
            if owner is not None:
                owned[owner].setdefault(kind, []).append(at)
    for name in names:
        mine = owned[name]
        above = headings[name]
        # 责任人及电话: both in one cell.
        phones = tuple(at for kind in _NUMBERS for at in mine.get(kind, ())) or (name,)
        yield Slot(
            name,
            tuple(mine.get(Field.TITLE, ())),
            phones,
            tuple(mine.get(Field.ROLE, ())),
            office_in(above.text),
            above.role,
            above.held_from,
            tuple((kind, tuple(mine[kind])) for kind in ACCOUNTS if kind in mine),
        )


def _owner(at: int, headings: Sequence[Heading], names: list[int], before: bool) -> int | None:
    group = headings[at].group
    if group:
        same = [name for name in names if headings[name].group == group]
        if same:
            return same[0]
    if before:
        return next((name for name in names if name > at), names[-1])
    return next((name for name in reversed(names) if name < at), names[0] if names else None)


def ranks_of(slots: Sequence[Slot]) -> list[int]:
    """Who is called first of those of a row that share a role: the tier nearest to the village."""
    ranks = []
    for slot in slots:
        if slot.held_from is None:
            ranks.append(1)
            continue
        nearer = {
            other.held_from
            for other in slots
            if other.role is slot.role
            and other.held_from is not None
            and other.held_from.depth > slot.held_from.depth
        }
        ranks.append(1 + len(nearer))
    return ranks


def _several(written: str, numbers: Sequence[str], division_code: str) -> Iterator[WithNumbers]:
    """The persons of a cell with their numbers; one number each where there are as many."""
    understood = [phones_in(text, division_code) for text in numbers]
    unclear = next((text for text, found in zip(numbers, understood, strict=True) if not found), "")
    phones = tuple(dict.fromkeys(phone for found in understood for phone in found))
    if unclear:
        phones = (unclear, *phones)
    persons = persons_in(written)
    if len(persons) == 1 and len(phones) > 1:
        apart = spaced_out(written)
        if len(apart) == len(phones):
            persons = tuple(Named(name) for name in apart)
    if not persons:
        if phones and written.strip() == "":
            yield Named(""), phones
        return
    if len(persons) > 1 and len(persons) == len(phones):
        for person, phone in zip(persons, phones, strict=True):
            yield person, (phone,)
        return
    yield persons[0], _mobile_first(phones)
    for person in persons[1:]:
        yield person, ()


def _mobile_first(phones: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(phones, key=lambda phone: not is_mobile(phone)))


def first_text(cells: Sequence[str], columns: Sequence[int]) -> str:
    """The first of these cells that holds something."""
    for at in columns:
        if at < len(cells) and cells[at]:
            return cells[at]
    return ""


def all_texts(
    cells: Sequence[str], columns: Sequence[int], person: int = 0, persons: int = 1
) -> list[str]:
    """What stands in these cells, without inner spaces; of several lines or words, each.

    :param person: of a row with several persons, which one: as many words are one each.
    """
    found = []
    for at in columns:
        if at < len(cells) and cells[at]:
            lines = ["".join(line.split()) for line in cells[at].splitlines()]
            each = lines if persons == 1 else _WORDS.split(cells[at].strip())
            whole = "、".join(filter(None, lines))
            found.append(each[person] if len(each) == persons > 1 else whole)
    return found
