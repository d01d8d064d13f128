"""The USGS's instantaneous values as JSON (waterservices.usgs.gov/nwis/iv, WaterML 1.1). Pure.

``value.timeSeries[]`` has ``sourceInfo.siteCode[].value``, ``variable`` (its code, unit and
``noDataValue``) and ``values[].value[]`` of ``value``, ``dateTime`` and ``qualifiers``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from alerts.sources.gauges.collecting import Collected
from alerts.sources.gauges.columns import Shape, in_time, quantity_of, reading
from alerts.sources.gauges.model import Quantity, Read, ReadingFlaw
from alerts.sources.gauges.values import Flawed

USUAL_RAIN_MINUTES = 15
"""The interval of a value that has none: the service's usual pace."""


def read(given: Any, shape: Shape, now: datetime) -> Read | None:
    """The readings of an answer; ``None`` when it is none of this shape."""
    series = _at(given, "value", "timeSeries")
    if not isinstance(series, list):
        return None
    found = Collected()
    for number, one in enumerate(series, start=1):
        _series(one, number, shape, now, found)
    return found.result()


def next_of(collection: Any) -> str:
    """The address of the page behind a FeatureCollection; empty: there is none."""
    links = collection.get("links") if isinstance(collection, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next":
            return str(link.get("href") or "")
    return ""


def _series(one: Any, number: int, shape: Shape, now: datetime, found: Collected) -> None:
    variable = _at(one, "variable")
    site = str(_at(one, "sourceInfo", "siteCode", 0, "value") or shape.station)
    meant = quantity_of(str(_at(variable, "variableCode", 0, "value") or ""))
    if meant is None:
        meant = quantity_of(str(_at(variable, "variableName") or ""))
    if not site:
        found.take(number, Flawed(ReadingFlaw.NO_STATION))
        return
    if meant is None:
        found.other += 1
        return
    quantity, usual = meant
    unit = str(_at(variable, "unit", "unitCode") or usual)
    missing = _at(variable, "noDataValue")
    before: datetime | None = None
    for value in _values(one):
        try:
            at = in_time(value.get("dateTime"), shape, now)
            if _same(value.get("value"), missing):
                found.take(number, None)
            else:
                minutes = _minutes(quantity, before, at)
                found.take(
                    number,
                    reading(site, quantity, at, value.get("value"), unit, minutes, shape),
                    site,
                )
            before = at
        except Flawed as error:
            found.take(number, error, site)


def _minutes(quantity: Quantity, before: datetime | None, at: datetime) -> int:
    if quantity is not Quantity.RAIN:
        return 0
    passed = USUAL_RAIN_MINUTES if before is None else round((at - before).total_seconds() / 60)
    return passed if 0 < passed <= 60 else USUAL_RAIN_MINUTES


def _values(one: Any) -> Iterator[dict[str, Any]]:
    for method in _listed(_at(one, "values")):
        for value in _listed(_at(method, "value")):
            if isinstance(value, dict):
                yield value


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _same(value: Any, missing: Any) -> bool:
    try:
        return missing is not None and float(value) == float(missing)
    except (TypeError, ValueError):
        return False


def _at(given: Any, *path: str | int) -> Any:
    """What lies at a path of keys and places; ``None`` where it ends before."""
    for step in path:
        if isinstance(step, int):
            given = given[step] if isinstance(given, list) and len(given) > step else None
        else:
            given = given.get(step) if isinstance(given, dict) else None
    return given
