"""How the gauges of a division stand, the worst first: for whoever commands or is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Level
from alerts.sources.gauges import reading_store, station_store, watch_store
from alerts.sources.gauges.facts import Figures
from alerts.sources.gauges.figuring import figures_now
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.reading_store import Kept
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.shown import Row
from alerts.sources.gauges.station import Station
from contacts.divisions.codes import contains
from data.database import Connection

SHOWN_FOR = timedelta(hours=24)
"""The time that a curve shows (ours)."""

_SEVERITY = (None, Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)


@dataclass(frozen=True, slots=True)
class History:
    """What a curve is drawn of."""

    station: Station
    quantity: Quantity
    known: Figures | None
    since: datetime
    kept: Sequence[Kept]
    rain: Sequence[Kept]
    feed_at: datetime | None  # when the last reading was taken


def overview(
    connection: Connection, division_code: str, now: datetime, rules: WaterRules
) -> list[Row]:
    """The gauges that stand in a division or warn it, the worst first; the silent last."""
    stations = [
        station
        for station in station_store.in_use(connection)
        if contains(division_code, station.division_code)
        or any(
            contains(division_code, code) or contains(code, division_code) for code in station.warns
        )
    ]
    watches = watch_store.watches(connection, [station.code for station in stations])
    rows = [
        Row(station, quantity, watches.get((station.code, quantity)))
        for station in stations
        for quantity in station.quantities()
    ]
    return sorted(rows, key=lambda row: _order(row, now, rules))


def _order(row: Row, now: datetime, rules: WaterRules) -> tuple[bool, int, int, float, str]:
    severity = _SEVERITY.index(row.level(rules))
    silent = row.silent(now) and not row.held
    return silent, -severity, -row.held, row.gap, row.station.code


def figures_of(connection: Connection, row: Row, rules: WaterRules) -> Figures | None:
    """What is known of a row; ``None``: nothing yet."""
    return None if row.watch is None else figures_now(connection, row.station, row.watch, rules)


def history(
    connection: Connection, station: Station, quantity: Quantity, now: datetime, rules: WaterRules
) -> History:
    """The readings of the last day, doubted ones too, and the rain beside a level."""
    watch = watch_store.watches(connection, [station.code]).get((station.code, quantity))
    known = None if watch is None else figures_now(connection, station, watch, rules)
    ends = now if watch is None or watch.trace.last_at is None else watch.trace.last_at
    since = min(now, ends + timedelta(hours=3)) - SHOWN_FOR
    kept = reading_store.between(connection, station.code, quantity, since, now)
    rain: Sequence[Kept] = ()
    if quantity is not Quantity.RAIN:
        rain = reading_store.between(connection, station.code, Quantity.RAIN, since, now)
    last = None if watch is None else watch.trace.last_at
    return History(station, quantity, known, since, kept, rain, last)
