"""Rows to closed times (禁火期), and what people were told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from alerts.season.closed import ClosedTime, closed_for
from data.tables.patrol import closed_times


@dataclass(frozen=True, slots=True)
class Told:
    """A closed time, and when people were told that it begins and ends."""

    time: ClosedTime
    begun_at: datetime | None
    ended_at: datetime | None


def told(connection: Connection, since: date) -> list[Told]:
    """Every closed time that ends on this day or later."""
    return [
        Told(
            ClosedTime(row.division_code, row.starts_on, row.ends_on, row.by_order),
            row.begun_at,
            row.ended_at,
        )
        for row in connection.execute(_TOLD, {"since": since})
    ]


_TOLD = (
    select(closed_times)
    .where(closed_times.c.ends_on >= bindparam("since"))
    .order_by(closed_times.c.division_code, closed_times.c.starts_on)
)
"""Asked every few seconds: built once."""


def closed_on(connection: Connection, day: date) -> list[ClosedTime]:
    """Every closed time that this day is in."""
    return [each.time for each in told(connection, day) if each.time.covers(day)]


def closed_in(connection: Connection, code: str, day: date) -> ClosedTime | None:
    """The closed time that holds for a division on a local day."""
    return closed_for(closed_on(connection, day), code, day)


def known(connection: Connection, code: str, first: date) -> ClosedTime | None:
    """The closed time of a division that starts on this day."""
    row = connection.execute(select(closed_times).where(*_is(code, first))).first()
    return None if row is None else ClosedTime(code, first, row.ends_on, row.by_order)


def stored(connection: Connection) -> dict[tuple[str, date], tuple[date, str]]:
    """The last day and the order of every closed time, by division and first day."""
    return {
        (row.division_code, row.starts_on): (row.ends_on, row.by_order)
        for row in connection.execute(select(closed_times))
    }


def save(connection: Connection, times: Mapping[tuple[str, date], tuple[date, str]]) -> None:
    """Enter closed times; of one that is there already everybody is told the new dates."""
    before = stored(connection)
    for (code, first), (last, order) in times.items():
        values = {"ends_on": last, "by_order": order, "begun_at": None, "ended_at": None}
        if (code, first) in before:
            connection.execute(update(closed_times).where(*_is(code, first)).values(values))
        else:
            row = {"division_code": code, "starts_on": first, **values}
            connection.execute(insert(closed_times).values(row))


def mark(connection: Connection, time: ClosedTime, now: datetime, *, over: bool) -> None:
    """People were told that it has begun, or that it is over."""
    values = {"ended_at": now} if over else {"begun_at": now}
    where = _is(time.division_code, time.starts_on)
    connection.execute(update(closed_times).where(*where).values(values))


def _is(code: str, first: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return closed_times.c.division_code == code, closed_times.c.starts_on == first
