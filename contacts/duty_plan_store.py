"""Rows to duty plans: shifts by division and by person, and changing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, select, update

from contacts.duty_plan import Shift
from data.json_rows import GIVEN_IDS, as_json
from data.tables.contacts import people
from data.tables.contacts import shifts as table
from data.tables.duty import duty_watches, shift_moves
from data.upserts import insert_into

_SHIFT = (
    table.c.starts_at,
    table.c.ends_at,
    table.c.id,
    table.c.person_id,
    table.c.division_code,
)
_HERE = exists().where(people.c.id == table.c.person_id, people.c.active)
_PLANS = (
    select(*_SHIFT)
    .where(table.c.ends_at > bindparam("since", type_=table.c.ends_at.type), _HERE)
    .where(table.c.starts_at < bindparam("until", type_=table.c.starts_at.type))
    .order_by(table.c.starts_at, table.c.id)
)


def plans(
    connection: Connection,
    since: datetime,
    until: datetime,
    codes: Collection[str] | None = None,
) -> dict[str, list[Shift]]:
    """The shifts that touch [since, until), by division; those of whoever left are left out.

    :param codes: only of these divisions; of all without.
    """
    query = _PLANS
    if codes is not None:
        query = query.where(table.c.division_code.in_(list(codes)))
    found: defaultdict[str, list[Shift]] = defaultdict(list)
    for row in connection.execute(query, {"since": since, "until": until}):
        found[row.division_code].append(_shift(row))
    return dict(found)


def plan(connection: Connection, code: str, since: datetime, until: datetime) -> list[Shift]:
    """The same of one division."""
    return plans(connection, since, until, [code]).get(code, [])


def kept(connection: Connection, since: datetime, code: str = "") -> set[str]:
    """The divisions that keep a plan: any planned shift, whoever's, that ended after ``since``.

    :param code: only whether this one does.
    """
    query = select(table.c.division_code).where(table.c.ends_at > since, table.c.planned).distinct()
    if code:
        query = query.where(table.c.division_code == code)
    return set(connection.execute(query).scalars())


def begun(connection: Connection, since: datetime, until: datetime) -> dict[str, datetime]:
    """When the first planned shift began, whoever's, of those that touch [since, until), by
    division."""
    query = (
        select(table.c.division_code, func.min(table.c.starts_at))
        .where(table.c.ends_at > since, table.c.starts_at < until, table.c.planned)
        .group_by(table.c.division_code)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def shift(connection: Connection, shift_id: int, *, lock: bool = False) -> Shift | None:
    """The shift of this number; ``lock`` it to change it."""
    query: Select[Any] = select(*_SHIFT).where(table.c.id == shift_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _shift(row)


def shifts_of(
    connection: Connection, person_id: int, since: datetime, until: datetime | None = None
) -> list[Shift]:
    """A person's shifts that end after ``since`` (and begin before ``until``), the first first."""
    query = select(*_SHIFT).where(table.c.person_id == person_id, table.c.ends_at > since)
    if until is not None:
        query = query.where(table.c.starts_at < until)
    rows = connection.execute(query.order_by(table.c.starts_at, table.c.id))
    return [_shift(row) for row in rows]


def watchers_of(connection: Connection, code: str, since: datetime) -> set[int]:
    """Who has had a shift over a division that ended after ``since``, or has one to come."""
    query = select(table.c.person_id).where(table.c.division_code == code, table.c.ends_at > since)
    return set(connection.execute(query).scalars())


def give(connection: Connection, shift: Shift, person_id: int, now: datetime) -> None:
    """The whole shift is another person's from now on."""
    _moved(connection, shift, now)
    connection.execute(update(table).where(table.c.id == shift.id).values(person_id=person_id))


def cut(connection: Connection, shift: Shift, ends_at: datetime, now: datetime) -> None:
    """The shift ends earlier; it must still have begun before."""
    _moved(connection, shift, now)
    connection.execute(update(table).where(table.c.id == shift.id).values(ends_at=ends_at))


def begin_earlier(connection: Connection, shift: Shift, starts_at: datetime, now: datetime) -> None:
    """The shift begins earlier."""
    _moved(connection, shift, now)
    connection.execute(update(table).where(table.c.id == shift.id).values(starts_at=starts_at))


def add(
    connection: Connection,
    person_id: int,
    code: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    planned: bool = True,
) -> int:
    """A new shift; returns its number.

    :param planned: it is of a plan, whose end leaves a gap; not one of a division without any.
    """
    values = {
        "person_id": person_id,
        "division_code": code,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "planned": planned,
    }
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def drop(connection: Connection, shift: Shift, now: datetime) -> None:
    """The shift is no more."""
    _moved(connection, shift, now)
    connection.execute(delete(table).where(table.c.id == shift.id))


def _moved(connection: Connection, shift: Shift, now: datetime) -> None:
    """Note it as a file has it: the same file, imported again, does not undo what was agreed."""
    statement = insert_into(connection, shift_moves).on_conflict_do_nothing()
    connection.execute(
        statement.values(
            person_id=shift.person_id,
            division_code=shift.division_code,
            starts_at=shift.starts_at,
            moved_at=now,
        )
    )


Key = tuple[int, str, datetime]
"""By which a file's shift is known: person, division, start."""


def moved_keys(connection: Connection, person_ids: Iterable[int]) -> set[Key]:
    """The shifts of these persons that were changed in chat, as the file has them."""
    query = select(
        shift_moves.c.person_id, shift_moves.c.division_code, shift_moves.c.starts_at
    ).where(shift_moves.c.person_id.in_(GIVEN_IDS))
    rows = connection.execute(query, {"ids": as_json(set(person_ids))})
    return {(row.person_id, row.division_code, row.starts_at) for row in rows}


# -- when a plan is looked at --------------------------------------------------------------------


def look_at(connection: Connection, codes: Iterable[str], at: datetime) -> None:
    """Have the plans of these divisions looked at then, for gaps and hand-overs."""
    rows = [{"division_code": code, "look_at": at} for code in sorted(set(codes))]
    if not rows:
        return
    statement = insert_into(connection, duty_watches)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[duty_watches.c.division_code],
            set_={"look_at": statement.excluded.look_at},
        ),
        rows,
    )


def look_again_for(connection: Connection, person_id: int, now: datetime) -> None:
    """Somebody left: the plans in which they have a shift to come are looked at."""
    query = select(table.c.division_code).where(
        table.c.person_id == person_id, table.c.ends_at > now
    )
    look_at(connection, connection.execute(query).scalars(), now)


def to_look_at(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The divisions whose plans are to be looked at by now, the earliest first."""
    query = (
        select(duty_watches.c.division_code)
        .where(duty_watches.c.look_at <= now)
        .order_by(duty_watches.c.look_at, duty_watches.c.division_code)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def forget_plan(connection: Connection, code: str) -> None:
    """The division keeps no plan any more: it is not looked at until it has a shift again."""
    connection.execute(delete(duty_watches).where(duty_watches.c.division_code == code))


def _shift(row: Any) -> Shift:
    return Shift(row.starts_at, row.ends_at, row.id, row.person_id, row.division_code)
