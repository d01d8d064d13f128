"""Rows to what is asked on red danger days, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from contacts import people_store
from contacts.divisions.codes import code_range
from contacts.people import PATROLLING, Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, seen_within
from data.json_rows import GIVEN_IDS, as_json
from data.tables.contacts import people
from data.tables.patrol import season_asks, season_rounds

_ROLES = PATROLLING | {Role.VILLAGE_RESPONSIBLE}


@dataclass(frozen=True, slots=True)
class Ask:
    """What one person was asked on a day, with where they are reached."""

    id: int
    person_id: int
    day: date
    kind: str
    division_code: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    chat_id: int | None
    language: str
    recalled_at: datetime | None = None


_COLUMNS = (
    season_asks.c.id,
    season_asks.c.person_id,
    season_asks.c.day,
    season_asks.c.kind,
    season_asks.c.division_code,
    season_asks.c.asked_at,
    season_asks.c.answer,
    season_asks.c.answered_at,
    season_asks.c.recalled_at,
    people.c.telegram_id.label("chat_id"),
    people.c.language,
)
_ASKS = select(*_COLUMNS).join(people, people.c.id == season_asks.c.person_id)


def asked_people(connection: Connection, division_code: str) -> list[Person]:
    """The patrollers and village responsible persons of the division and below."""
    ranges = [code_range(division_code)]
    query = select(*PERSON_COLUMNS).where(people.c.active, people_store.holding(ranges, _ROLES))
    rows = connection.execute(query.order_by(people.c.division_code, people.c.id))
    return seen_within([as_person(row) for row in rows], ranges, _ROLES)


def ask(
    connection: Connection,
    persons: Sequence[Person],
    decided_for: str,
    day: date,
    kind: str,
    now: datetime,
) -> None:
    """Store what is asked of these, but for those asked already that day.

    What was recalled is asked anew.
    """
    connection.execute(
        delete(season_asks).where(
            season_asks.c.day == day,
            season_asks.c.kind == kind,
            season_asks.c.recalled_at.is_not(None),
            season_asks.c.person_id.in_(GIVEN_IDS),
        ),
        {"ids": as_json([person.id for person in persons])},
    )
    known = asked_persons(connection, day, kind)
    rows = [
        {
            "person_id": person.id,
            "day": day,
            "kind": kind,
            "division_code": person.division_code,
            "decided_for": decided_for,
            "asked_at": now,
        }
        for person in persons
        if person.id not in known
    ]
    if rows:
        connection.execute(insert(season_asks), rows)


def asked_persons(connection: Connection, day: date, kind: str) -> set[int]:
    """Who was asked that day, and not told since that it does not hold."""
    query = select(season_asks.c.person_id).where(
        season_asks.c.day == day, season_asks.c.kind == kind, season_asks.c.recalled_at.is_(None)
    )
    return set(connection.execute(query).scalars())


def asked_divisions(connection: Connection, day: date) -> list[tuple[str, str, str]]:
    """Whose red day it was, the division of those asked, and what; of all that holds still."""
    columns = season_asks.c
    wanted = columns.decided_for, columns.division_code, columns.kind
    query = select(*wanted).where(columns.day == day, columns.recalled_at.is_(None))
    rows = connection.execute(query.distinct().order_by(*wanted))
    return [(row.decided_for, row.division_code, row.kind) for row in rows]


def holding(connection: Connection, day: date, decided_for: str) -> list[Ask]:
    """What was asked of a division that day and was not recalled."""
    query = _ASKS.where(
        season_asks.c.day == day,
        season_asks.c.decided_for == decided_for,
        season_asks.c.recalled_at.is_(None),
    )
    return [Ask(**row._mapping) for row in connection.execute(query.order_by(season_asks.c.id))]


def recall(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """These asks hold no longer."""
    connection.execute(
        update(season_asks).where(season_asks.c.id.in_(GIVEN_IDS)).values(recalled_at=now),
        {"ids": as_json(list(ids))},
    )


def forget_rounds(connection: Connection, day: date, decided_for: str) -> None:
    """What was done for the day counts no more: should it turn red again, all is done anew."""
    connection.execute(
        delete(season_rounds).where(
            season_rounds.c.day == day, season_rounds.c.decided_for == decided_for
        )
    )


def silent(connection: Connection, day: date, kind: str, decided_for: str) -> list[Ask]:
    """Whoever has not answered, by division."""
    query = _ASKS.where(
        season_asks.c.day == day,
        season_asks.c.kind == kind,
        season_asks.c.decided_for == decided_for,
        season_asks.c.answer.is_(None),
        season_asks.c.recalled_at.is_(None),
    )
    rows = connection.execute(query.order_by(season_asks.c.division_code, season_asks.c.id))
    return [Ask(**row._mapping) for row in rows]


def asks(connection: Connection, ids: Sequence[int]) -> list[Ask]:
    """What was asked, by these numbers; by division."""
    query = _ASKS.where(season_asks.c.id.in_(ids))
    rows = connection.execute(query.order_by(season_asks.c.division_code, season_asks.c.id))
    return [Ask(**row._mapping) for row in rows]


def asked(connection: Connection, ask_id: int) -> Ask | None:
    """What was asked, by its number."""
    row = connection.execute(_ASKS.where(season_asks.c.id == ask_id)).first()
    return None if row is None else Ask(**row._mapping)


def answer(connection: Connection, ask_id: int, given: str, at: datetime) -> None:
    """Record what was answered."""
    connection.execute(
        update(season_asks).where(season_asks.c.id == ask_id).values(answer=given, answered_at=at)
    )


def done(connection: Connection, day: date) -> dict[tuple[str, str, str], datetime]:
    """What was done for the day: (division, kind, step) and when."""
    query = select(season_rounds).where(season_rounds.c.day == day)
    return {(row.decided_for, row.kind, row.step): row.done_at for row in connection.execute(query)}


def mark(
    connection: Connection, day: date, decided_for: str, kind: str, step: str, now: datetime
) -> None:
    """Remember that a step of the day was done."""
    values = {"decided_for": decided_for, "kind": kind, "step": step}
    connection.execute(insert(season_rounds).values(day=day, done_at=now, **values))
