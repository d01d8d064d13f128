"""The German waterways' gauges (pegelonline.wsv.de, REST API v2). Pure.

``stations.json?includeTimeseries=true&includeCurrentMeasurement=true`` is a list of stations
(``number``, ``uuid``, ``timeseries[]`` with ``shortname``, ``unit`` and ``currentMeasurement``);
``.../W/measurements.json`` a list of ``timestamp`` and ``value`` of one series, in centimetres.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.sources.gauges.collecting import Collected
from alerts.sources.gauges.columns import Shape, in_time, reading
from alerts.sources.gauges.model import Quantity, Read, ReadingFlaw
from alerts.sources.gauges.values import Flawed
from alerts.sources.hotspots import FeedFault

_SERIES = {"W": (Quantity.LEVEL, "cm"), "Q": (Quantity.FLOW, "m³/s")}


def read(given: Any, shape: Shape, now: datetime) -> Read:
    """The readings of a list of stations, of one station, or of one series."""
    rows = given if isinstance(given, list) else [given]
    if not all(isinstance(row, dict) for row in rows):
        return Read(fault=FeedFault.NOT_JSON)
    found = Collected()
    for number, row in enumerate(rows, start=1):
        if "timeseries" not in row:
            _measured(row, shape.station, *_SERIES["W"], number, shape, now, found)
            continue
        station = str(row.get("number") or row.get("uuid") or shape.station)
        series = row["timeseries"]
        for one in series if isinstance(series, list) else []:
            _series(one, station, number, shape, now, found)
    return found.result()


def _series(
    series: Any, station: str, number: int, shape: Shape, now: datetime, found: Collected
) -> None:
    if not isinstance(series, dict) or str(series.get("shortname")) not in _SERIES:
        found.other += 1
        return
    quantity, usual = _SERIES[series["shortname"]]
    unit = str(series.get("unit") or usual)
    measured = series.get("measurements")
    for one in measured if isinstance(measured, list) else [series.get("currentMeasurement")]:
        if one is None:
            found.take(number, None)
        else:
            _measured(one, station, quantity, unit, number, shape, now, found)


def _measured(
    one: Any,
    station: str,
    quantity: Quantity,
    unit: str,
    number: int,
    shape: Shape,
    now: datetime,
    found: Collected,
) -> None:
    try:
        if not isinstance(one, dict) or "timestamp" not in one:
            raise Flawed(ReadingFlaw.NOT_A_ROW)
        if not station:
            raise Flawed(ReadingFlaw.NO_STATION)
        at = in_time(one["timestamp"], shape, now)
        found.take(number, reading(station, quantity, at, one.get("value"), unit, 0, shape))
    except Flawed as error:
        found.take(number, error, station)
