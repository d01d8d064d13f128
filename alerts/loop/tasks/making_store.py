"""How far the tasks of warnings are made, as rows; and the divisions that a warning calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, exists, func, or_, select, update

from alerts.model import IN_FORCE
from alerts.progress_store import CALLS
from contacts.divisions.codes import CODE_LENGTH
from data.tables.alerts import alerts, call_counts, unfinished_releases
from data.tables.changes import unfinished_updates
from data.tables.columns import UtcDateTime
from data.tables.contacts import people
from data.tables.tasks import task_makings as table
from data.upserts import insert_into

_NOW = bindparam("now", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Making:
    """A warning at a level, of which the divisions up to ``upto`` have their tasks."""

    alert_id: int
    level: str
    upto: str
    made: int


def _new() -> Select[tuple[int, str, int]]:
    """Warnings whose release, or last change, is through, and for which no task is made yet."""
    return select(alerts.c.id, alerts.c.level, alerts.c.version).where(
        alerts.c.state.in_([state.value for state in IN_FORCE]),
        alerts.c.held_at.is_(None),
        ~exists().where(
            table.c.alert_id == alerts.c.id,
            table.c.level == alerts.c.level,
            table.c.version >= alerts.c.version,
        ),
        ~exists().where(unfinished_releases.c.alert_id == alerts.c.id),
        ~exists().where(unfinished_updates.c.alert_id == alerts.c.id),
    )


_NEW = _new()
_DUE = select(table.c.alert_id).where(table.c.next_at <= _NOW)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether there is a warning of which tasks are still to be made."""
    query = select(or_(_NEW.exists(), _DUE.exists()))
    return bool(connection.execute(query, {"now": now}).scalar())


def begin(connection: Connection, now: datetime) -> None:
    """Note the warnings that are new, or were changed: all of their divisions are looked at."""
    for row in connection.execute(_NEW).all():
        # What was not through of the version before is looked at with this one.
        before = update(table).where(table.c.alert_id == row.id, table.c.level != row.level)
        connection.execute(before.values(next_at=None))
        anew = {"version": row.version, "upto": "", "made": 0, "next_at": now}
        new = insert_into(connection, table).values(alert_id=row.id, level=row.level, **anew)
        connection.execute(
            new.on_conflict_do_update(index_elements=["alert_id", "level"], set_=anew)
        )


def any_before(connection: Connection, alert_id: int, division: str) -> bool:
    """Whether tasks were looked for of another warning that somebody of this division released."""
    others = (
        exists()
        .where(table.c.alert_id != alert_id)
        .where(table.c.alert_id == alerts.c.id, alerts.c.sender_id == people.c.id)
        .where(people.c.division_code == division)
    )
    return bool(connection.execute(select(others)).scalar())


def first_due(connection: Connection, now: datetime) -> Making | None:
    """The one that waits longest."""
    query = (
        select(table.c.alert_id, table.c.level, table.c.upto, table.c.made)
        .where(table.c.next_at <= _NOW)
        .order_by(table.c.next_at, table.c.alert_id)
        .limit(1)
    )
    row = connection.execute(query, {"now": now}).first()
    return None if row is None else Making(*row)


def divisions_called(connection: Connection, alert_id: int, after: str, limit: int) -> list[str]:
    """Divisions in which a warning calls somebody, in order, after the one of that code."""
    query = (
        select(call_counts.c.division_code)
        .where(
            call_counts.c.alert_id == alert_id,
            call_counts.c.division_code > after,
            CALLS > 0,
            # Written without its zeros where who holds several posts is taken back: no division.
            func.length(call_counts.c.division_code) == CODE_LENGTH,
        )
        .order_by(call_counts.c.division_code)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def go_on(connection: Connection, making: Making, upto: str, made: int, now: datetime) -> None:
    """One piece is made; the next waits behind those of others."""
    _write(connection, making, upto=upto, made=making.made + made, next_at=now)


def put_off(connection: Connection, making: Making, until: datetime) -> None:
    """It is tried again then."""
    _write(connection, making, next_at=until)


def done(connection: Connection, making: Making, made: int = 0) -> None:
    """All are made, or the warning is over."""
    _write(connection, making, made=making.made + made, next_at=None)


def _write(connection: Connection, making: Making, **values: object) -> None:
    query = update(table).where(table.c.alert_id == making.alert_id, table.c.level == making.level)
    connection.execute(query.values(**values))
