"""Rows to readings, kept for some days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from alerts.sources.gauges.judging import Doubt
from alerts.sources.gauges.model import Quantity, Reading
from data.tables.water import readings as table
from data.upserts import insert_into

Key = tuple[str, Quantity, datetime, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """A reading as it is kept."""

    reading: Reading
    doubt: Doubt | None = None


def key(reading: Reading) -> Key:
    """What a reading is told by: the same again is a duplicate, or a correction."""
    return reading.station, reading.quantity, reading.at, reading.minutes


def known(connection: Connection, codes: Iterable[str], since: datetime) -> dict[Key, float]:
    """The values kept of these stations since then."""
    columns = table.c
    query = select(
        columns.station_code, columns.quantity, columns.at, columns.minutes, columns.value
    ).where(columns.station_code.in_(list(codes)), columns.at >= since)
    return {
        (row.station_code, Quantity(row.quantity), row.at, row.minutes): row.value
        for row in connection.execute(query)
    }


def put(connection: Connection, kept: Iterable[Kept], feed: str, now: datetime) -> None:
    """Keep readings; one of the same time takes the place of what it corrects."""
    rows: list[dict[str, Any]] = [
        {
            "station_code": one.reading.station,
            "quantity": one.reading.quantity.value,
            "at": one.reading.at,
            "minutes": one.reading.minutes,
            "value": one.reading.value,
            "doubt": None if one.doubt is None else one.doubt.value,
            "feed": feed,
            "received_at": now,
        }
        for one in kept
    ]
    if not rows:
        return
    statement = insert_into(connection, table)
    keys = ("station_code", "quantity", "at", "minutes")
    excluded = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=excluded), rows
    )


def believe(connection: Connection, station: str, quantity: Quantity, at: datetime) -> None:
    """A reading that was doubted is believed now."""
    connection.execute(
        update(table)
        .where(
            table.c.station_code == station,
            table.c.quantity == quantity.value,
            table.c.at == at,
        )
        .values(doubt=None)
    )


def between(
    connection: Connection, station: str, quantity: Quantity, since: datetime, until: datetime
) -> list[Kept]:
    """The readings of a time, in its order; the doubted ones too."""
    query = (
        select(table)
        .where(
            table.c.station_code == station,
            table.c.quantity == quantity.value,
            table.c.at.between(since, until),
        )
        .order_by(table.c.at, table.c.minutes)
    )
    return [
        Kept(
            Reading(row.station_code, Quantity(row.quantity), row.at, row.value, row.minutes),
            None if row.doubt is None else Doubt(row.doubt),
        )
        for row in connection.execute(query)
    ]


def believed(
    connection: Connection, station: str, quantity: Quantity, since: datetime, until: datetime
) -> list[Reading]:
    """The same without those that are doubted."""
    kept = between(connection, station, quantity, since, until)
    return [one.reading for one in kept if one.doubt is None]


def rain_of(
    connection: Connection, stations: Iterable[str], since: datetime
) -> dict[str, list[Reading]]:
    """The rain that is believed of these stations since then, by station."""
    columns = table.c
    query = select(columns.station_code, columns.at, columns.value, columns.minutes).where(
        columns.station_code.in_(list(stations)),
        columns.quantity == Quantity.RAIN.value,
        columns.at >= since,
        columns.doubt.is_(None),
    )
    found: dict[str, list[Reading]] = {}
    for code, at, value, minutes in connection.execute(query):
        found.setdefault(code, []).append(Reading(code, Quantity.RAIN, at, value, minutes))
    return found


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether there are readings as old as that."""
    query = select(table.c.at).where(table.c.at < before).limit(1)
    return connection.execute(query).first() is not None


def delete_before(connection: Connection, before: datetime) -> int:
    """Forget the readings of before; how many there were."""
    return connection.execute(delete(table).where(table.c.at < before)).rowcount
