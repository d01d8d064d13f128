"""Rows to check-in watches and the hours ordered for a day, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from alerts.patrol.shifts.model import Rung, Shift, Watch
from contacts.people import Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, bearing
from data.due import any_by
from data.json_rows import GIVEN_IDS, as_json
from data.set_aside import DueColumn
from data.tables.columns import from_milliseconds, to_milliseconds
from data.tables.contacts import people
from data.tables.patrol import check_in_watches, patrol_orders, patrol_shifts

_STATE = "plan expected_at missed_at missed round_at steps told back_at times".split()
_WATCH = (
    check_in_watches.c.person_id.label("watch_person"),
    *(check_in_watches.c[name] for name in _STATE),
)
_WIDTH = len(PERSON_COLUMNS)


@dataclass(frozen=True, slots=True)
class Watched:
    """A person and how they stand; ``watch`` is new (an empty plan) when there is no row yet."""

    person: Person
    watch: Watch
    stored: bool = True


def watch(connection: Connection, person_id: int, *, lock: bool = False) -> Watch | None:
    """One person's watch; ``lock`` it to write it back."""
    query = select(*_WATCH).where(check_in_watches.c.person_id == person_id)
    if lock:
        query = query.with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _watch(row)


def locked(connection: Connection, person_ids: Collection[int]) -> dict[int, Watch]:
    """The watches of these persons, as they are now, locked to be written back."""
    query = select(*_WATCH).where(check_in_watches.c.person_id.in_(GIVEN_IDS)).with_for_update()
    rows = connection.execute(query, {"ids": as_json(person_ids)})
    return {row[0]: _watch(row) for row in rows}


def unplanned(
    connection: Connection, plan: str, roles: Collection[Role], since: date, limit: int
) -> list[Watched]:
    """Linked patrollers whose watch is not of this plan, by id.

    Whoever has hours of their own from the day ``since`` on is a patroller, whatever the post.
    """
    query = (
        select(*PERSON_COLUMNS, *_WATCH)
        .outerjoin(check_in_watches, check_in_watches.c.person_id == people.c.id)
        .where(*_unplanned(plan, roles, since))
        .order_by(people.c.id)
        .limit(limit)
    )
    return [_watched(row) for row in connection.execute(query)]


def first_unplanned(
    connection: Connection, plan: str, roles: Collection[Role], since: date
) -> int | None:
    """The person whom ``unplanned`` finds first."""
    given = {"plan": plan, "since": since}
    return connection.execute(_first_unplanned(frozenset(roles)), given).scalar()


@cache  # asked at every look
def _first_unplanned(roles: frozenset[Role]) -> Select[Any]:
    return (
        select(people.c.id)
        .outerjoin(check_in_watches, check_in_watches.c.person_id == people.c.id)
        .where(*_unplanned(bindparam("plan"), roles, bindparam("since")))
        .order_by(people.c.id)
        .limit(1)
    )


def leave_unplanned(connection: Connection, person_id: int, plan: str) -> None:
    """Nothing is expected of a person by this plan; what was expected before stays."""
    theirs = check_in_watches.c.person_id == person_id
    if not connection.execute(update(check_in_watches).where(theirs).values(plan=plan)).rowcount:
        connection.execute(
            insert(check_in_watches).values(person_id=person_id, plan=plan, times=[])
        )


def _unplanned(plan: Any, roles: Collection[Role], since: Any) -> list[ColumnElement[bool]]:
    ordered = exists().where(patrol_shifts.c.person_id == people.c.id, patrol_shifts.c.day >= since)
    return [
        people.c.active,
        people.c.telegram_id.is_not(None),
        or_(bearing(roles), ordered),
        or_(check_in_watches.c.plan.is_(None), check_in_watches.c.plan != plan),
    ]


DUE = DueColumn("check_in", check_in_watches.c.person_id, check_in_watches.c.due_at)


def due(connection: Connection, now: datetime, limit: int) -> list[Watched]:
    """The watches to be looked at by ``now``, earliest first."""
    query = (
        select(*PERSON_COLUMNS, *_WATCH)
        .join(check_in_watches, check_in_watches.c.person_id == people.c.id)
        .where(check_in_watches.c.due_at.is_not(None), check_in_watches.c.due_at <= now)
        .order_by(check_in_watches.c.due_at, check_in_watches.c.person_id)
        .limit(limit)
        .with_for_update(of=check_in_watches, skip_locked=True)
    )
    return [_watched(row) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether any watch is to be looked at: asked often, so one look at an index."""
    return any_by(connection, check_in_watches.c.due_at, now)


def back(connection: Connection) -> list[Watched]:
    """Everybody who gave a sign of life that those told of the silence have not heard of."""
    query = (
        select(*PERSON_COLUMNS, *_WATCH)
        .join(check_in_watches, check_in_watches.c.person_id == people.c.id)
        .where(check_in_watches.c.back_at.is_not(None))
        .order_by(check_in_watches.c.back_at, check_in_watches.c.person_id)
        .with_for_update(of=check_in_watches, skip_locked=True)
    )
    return [_watched(row) for row in connection.execute(query)]


def silent(connection: Connection, low: str, high: str, rung: Rung | None = None) -> list[Watched]:
    """The silent patrollers of a range of divisions, the longest silent first.

    :param rung: only those of whose silence this rung was told.
    """
    columns = check_in_watches.c
    query = (
        select(*PERSON_COLUMNS, *_WATCH)
        .join(check_in_watches, columns.person_id == people.c.id)
        .where(columns.missed_at.is_not(None), people.c.division_code.between(low, high))
        .order_by(columns.missed_at, people.c.division_code, people.c.id)
    )
    if rung is not None:
        query = query.where(columns.told.bitwise_and(int(rung)) != 0)
    return [_watched(row) for row in connection.execute(query)]


def save(connection: Connection, rows: Iterable[tuple[Watched, Watch, datetime | None]]) -> None:
    """Write back watches, each with when it is to be looked at next."""
    new, changed = [], []
    for known, watch, due in rows:
        times = [to_milliseconds(at) for at in watch.times]
        values = {**_fields(watch), "times": times, "due_at": due}
        if known.stored:
            changed.append({f"_{name}": value for name, value in values.items()})
        else:
            new.append(values)
    if new:
        connection.execute(insert(check_in_watches), new)
    if changed:
        connection.execute(_SAVE, changed)


def replan(connection: Connection, person_ids: Collection[int] | None = None) -> None:
    """Orders changed: have these persons' watches (everybody's) worked out anew."""
    statement = update(check_in_watches).values(plan="")
    if person_ids is None:
        connection.execute(statement)
    else:
        theirs = check_in_watches.c.person_id.in_(GIVEN_IDS)
        connection.execute(statement.where(theirs), {"ids": as_json(person_ids)})


# -- hours ordered ----------------------------------------------------------------------------


def shifts_of(
    connection: Connection, person_ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date], list[Shift]]:
    """The hours ordered for these persons, by person and day."""
    columns = patrol_shifts.c
    query = select(patrol_shifts).where(
        columns.person_id.in_(GIVEN_IDS),
        columns.day.between(first, last),
    )
    found: defaultdict[tuple[int, date], list[Shift]] = defaultdict(list)
    ordered = query.order_by(columns.starts_at)
    for row in connection.execute(ordered, {"ids": as_json(person_ids)}):
        found[row.person_id, row.day].append(_shift(row))
    return dict(found)


def orders(connection: Connection, first: date, last: date) -> dict[tuple[str, date], list[Shift]]:
    """The hours ordered for divisions, by division and day."""
    columns = patrol_orders.c
    query = select(patrol_orders).where(columns.day.between(first, last))
    found: defaultdict[tuple[str, date], list[Shift]] = defaultdict(list)
    for row in connection.execute(query.order_by(columns.starts_at)):
        found[row.division_code, row.day].append(_shift(row))
    return dict(found)


def set_shifts(connection: Connection, hours: Mapping[tuple[int, date], Sequence[Shift]]) -> None:
    """Order these hours, in place of what was ordered for the same person and day."""
    _order(connection, patrol_shifts, "person_id", hours)


def set_orders(connection: Connection, hours: Mapping[tuple[str, date], Sequence[Shift]]) -> None:
    """Order these hours, in place of what was ordered for the same division and day."""
    _order(connection, patrol_orders, "division_code", hours)


def _order(
    connection: Connection, table: Any, owner: str, hours: Mapping[Any, Sequence[Shift]]
) -> None:
    if not hours:
        return
    same = and_(table.c[owner] == bindparam("_owner"), table.c.day == bindparam("_day"))
    keys = [{"_owner": who, "_day": day} for who, day in hours]
    connection.execute(table.delete().where(same), keys)
    rows = [
        {owner: who, "day": day, **asdict(shift)}
        for (who, day), shifts in hours.items()
        for shift in shifts
    ]
    connection.execute(insert(table), rows)


_SAVE = (
    update(check_in_watches)
    .where(check_in_watches.c.person_id == bindparam("_person_id"))
    .values({name: bindparam(f"_{name}") for name in (*_STATE, "due_at")})
)


def _watched(row: Row[Any]) -> Watched:
    person = as_person(row)
    if row.watch_person is None:
        return Watched(person, Watch(person.id), stored=False)
    return Watched(person, _watch(row[_WIDTH:]))


def _watch(values: Sequence[Any]) -> Watch:
    watch = Watch(*values[:-1])
    return replace(watch, times=tuple([from_milliseconds(at) for at in values[-1]]))


def _fields(watch: Watch) -> dict[str, Any]:
    return {"person_id": watch.person_id, **{name: getattr(watch, name) for name in _STATE}}


def _shift(row: Row[Any]) -> Shift:
    return Shift(row.starts_at, row.ends_at, row.every_minutes)
