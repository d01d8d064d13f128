"""What an import would change, compared with what is stored. Pure.

A person missing from a new file is never removed: the usual file is one county's. An empty
telegram_id or language leaves what is stored, so no import undoes a link.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from contacts.divisions.gazetteer import Division
from contacts.groups import Group
from contacts.people import Contact, Person
from contacts.roster.records import DutyRow, PersonRow
from contacts.roster.rows import Problems, RowReason

T = TypeVar("T", Division, Group, Person, DutyRow)


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """One stored thing, as it is and as the file wants it."""

    before: T
    after: T

    def fields(self) -> dict[str, list[Any]]:
        """What differs: field name to old and new value, fit for JSON."""
        return {
            name: [_plain(getattr(self.before, name)), _plain(getattr(self.after, name))]
            for name in (field.name for field in fields(self.after))
            if getattr(self.before, name) != getattr(self.after, name)
        }


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What an import does: ``missing`` are stored things the file does not list; they stay.

    ``entered``: new ones that were entered before the rest of the file, and are not in ``new``.
    """

    new: tuple[T, ...] = ()
    changed: tuple[Changed[T], ...] = ()
    unchanged: int = 0
    missing: int = 0
    entered: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.entered)


def people_changes(
    rows: Iterable[PersonRow], stored: Collection[Person], problems: Problems
) -> Changes[Person]:
    """Compare by phone number. A telegram_id that is another person's is noted as a problem.

    New persons have id 0 and no invite code yet: the store gives both.
    """
    by_phone = {person.phone: person for person in stored}
    linked = {person.telegram_id: person for person in stored if person.telegram_id is not None}
    rows = list(rows)
    # A file that moves an account from one person to another names a new one for both.
    moved = {
        row.phone
        for row in rows
        if row.telegram_id is not None
        and row.phone in by_phone
        and by_phone[row.phone].telegram_id not in (None, row.telegram_id)
    }
    new: list[Person] = []
    changed: list[Changed[Person]] = []
    found = 0
    for row in rows:
        before = by_phone.get(row.phone)
        if row.telegram_id is not None:
            holder = linked.get(row.telegram_id)
            if holder is not None and holder.phone != row.phone and holder.phone not in moved:
                problems.add(
                    row.row,
                    "telegram_id",
                    RowReason.TELEGRAM_ID_TAKEN,
                    text=row.telegram_id,
                    name=holder.name,
                )
                continue
        if before is None:
            new.append(_new_person(row))
            continue
        found += 1
        after = _merged(before, row)
        if after != before:
            changed.append(Changed(before, after))
    return Changes(tuple(new), tuple(changed), found - len(changed), len(by_phone) - found)


def division_changes(rows: Iterable[Division], stored: Iterable[Division]) -> Changes[Division]:
    """Compare by code. A file without points leaves the points that are stored."""
    return _compare(
        {row.code: row for row in rows},
        {division.code: division for division in stored},
        lambda before, row: replace(
            row,
            lon=before.lon if row.lon is None else row.lon,
            lat=before.lat if row.lat is None else row.lat,
        ),
    )


def group_changes(rows: Iterable[Group], stored: Iterable[Group]) -> Changes[Group]:
    """Compare by chat id. Whether the bot is a member is not the file's to say."""
    return _compare(
        {row.chat_id: row for row in rows},
        {group.chat_id: group for group in stored},
        lambda before, row: replace(row, contact=before.contact),
    )


def duty_changes(rows: Iterable[DutyRow], stored: Iterable[DutyRow]) -> Changes[DutyRow]:
    """Compare by person, division and start; an end that moved is a change."""
    return _compare(
        {(row.person_id, row.division_code, row.starts_at): row for row in rows},
        {(shift.person_id, shift.division_code, shift.starts_at): shift for shift in stored},
        lambda _, row: row,
    )


def _compare(rows: Mapping[Any, T], stored: Mapping[Any, T], merge: Any) -> Changes[T]:
    new = tuple(row for key, row in rows.items() if key not in stored)
    pairs = [
        Changed(stored[key], merge(stored[key], row)) for key, row in rows.items() if key in stored
    ]
    changed = tuple(pair for pair in pairs if pair.after != pair.before)
    return Changes(new, changed, len(pairs) - len(changed), len(stored) - len(pairs))


def _new_person(row: PersonRow) -> Person:
    return Person(
        id=0,
        name=row.name,
        phone=row.phone,
        division_code=row.division_code,
        role=row.role,
        rank=row.rank,
        language=row.language or "zh",
        telegram_id=row.telegram_id,
    )


def _merged(before: Person, row: PersonRow) -> Person:
    relinked = row.telegram_id is not None and row.telegram_id != before.telegram_id
    return Person(
        id=before.id,
        name=row.name,
        phone=row.phone,
        division_code=row.division_code,
        role=row.role,
        rank=row.rank,
        language=row.language or before.language,
        telegram_id=row.telegram_id if relinked else before.telegram_id,
        contact=Contact.OK if relinked else before.contact,
        invite_code=before.invite_code,
        active=True,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value
