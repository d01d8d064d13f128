"""The hotspots in a feed's answer: FIRMS's CSV, or JSON. Pure.

JSON is a list of objects, ``{"hotspots": [...]}``, or a GeoJSON FeatureCollection of points whose
properties are such objects. Keys of an object: ``lon`` (``longitude``), ``lat`` (``latitude``),
``acquired_at`` (ISO 8601; without a zone it is UTC) or ``acq_date`` and ``acq_time``; and, if
known, ``satellite``, ``instrument``, ``confidence`` (a letter, a word or percent), ``brightness``
(kelvin), ``frp`` (megawatts), ``daynight`` (D or N).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from alerts.sources.amounts import Unfit, json_of, too_many_rows
from alerts.sources.hotspots import (
    WORLD,
    BadRow,
    Confidence,
    FeedFault,
    GeoBounds,
    Hotspot,
    Instrument,
    Parsed,
    RowFlaw,
)

AHEAD = timedelta(minutes=10)
"""Clocks differ: an acquisition this little in the future is taken (ours)."""

MOST_BAD = 100
"""Bad rows kept to be shown; a feed of nothing else would fill the memory."""

_REQUIRED = ("latitude", "longitude", "acq_date", "acq_time")

# FIRMS writes letters and numbers for the same satellites, by product.
_SATELLITES = {
    "N": "S-NPP",
    "NPP": "S-NPP",
    "SUOMI NPP": "S-NPP",
    "N20": "NOAA-20",
    "J1": "NOAA-20",
    "1": "NOAA-20",
    "N21": "NOAA-21",
    "J2": "NOAA-21",
    "2": "NOAA-21",
    "T": "Terra",
    "TERRA": "Terra",
    "A": "Aqua",
    "AQUA": "Aqua",
}
_CONFIDENCES = {
    "l": Confidence.LOW,
    "low": Confidence.LOW,
    "n": Confidence.NOMINAL,
    "nominal": Confidence.NOMINAL,
    "medium": Confidence.NOMINAL,
    "h": Confidence.HIGH,
    "high": Confidence.HIGH,
}


class Format(Enum):
    """How a feed is written."""

    FIRMS = "firms"
    JSON = "json"


class _Bad(Exception):
    def __init__(self, flaw: RowFlaw, text: str = "") -> None:
        self.flaw = flaw
        self.text = text


def parse(body: bytes, form: Format, now: datetime, bounds: GeoBounds = WORLD) -> Parsed:
    """The hotspots in a feed's answer; rows that cannot be used are named, the others taken."""
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return Parsed(fault=FeedFault.NOT_TEXT)
    if not text:
        return Parsed(fault=FeedFault.EMPTY)
    if text.startswith("<"):
        return Parsed(fault=FeedFault.HTML)  # what it says may repeat the address, with its key
    return _csv(text, now, bounds) if form is Format.FIRMS else _json(text, now, bounds)


def _csv(text: str, now: datetime, bounds: GeoBounds) -> Parsed:
    if too_many_rows(text, ","):
        return Parsed(fault=FeedFault.TOO_LARGE, detail="rows")
    try:
        header, *lines = csv.reader(text.splitlines())
    except csv.Error:
        return Parsed(fault=FeedFault.NOT_CSV)
    header = [name.strip().lower() for name in header]
    missing = [name for name in _REQUIRED if name not in header]
    if len(missing) == len(_REQUIRED):
        return Parsed(fault=FeedFault.NOT_CSV)
    if missing:
        return Parsed(fault=FeedFault.MISSING_COLUMN, detail=", ".join(missing))
    rows = (dict(zip(header, line, strict=False)) for line in lines if any(line))
    return _parsed(rows, now, bounds)


def _json(text: str, now: datetime, bounds: GeoBounds) -> Parsed:
    try:
        given = json_of(text)
    except Unfit as error:
        return Parsed(fault=error.fault)
    if isinstance(given, dict):
        given = given.get("features", given.get("hotspots"))
    if not isinstance(given, list):
        return Parsed(fault=FeedFault.NOT_JSON)
    return _parsed((_flat(row) for row in given), now, bounds)


def _flat(given: Any) -> Mapping[str, Any]:
    """An object, or a GeoJSON point, as a row; what is neither is a row without values."""
    if not isinstance(given, dict):
        return {}
    geometry = given.get("geometry")
    if not isinstance(geometry, dict):
        return {str(key).lower(): value for key, value in given.items()}
    found = given.get("properties")
    properties = found if isinstance(found, dict) else {}
    row = {str(key).lower(): value for key, value in properties.items()}
    spot = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(spot, list) and len(spot) >= 2:
        row["longitude"], row["latitude"] = spot[:2]
    return row


def _parsed(rows: Iterable[Mapping[str, Any]], now: datetime, bounds: GeoBounds) -> Parsed:
    good: list[Hotspot] = []
    bad: list[BadRow] = []
    for number, row in enumerate(rows, start=1):
        try:
            good.append(_hotspot(row, now, bounds))
        except _Bad as error:
            bad.append(BadRow(number, error.flaw, error.text[:40]))
    unreadable = sum(row.flaw is not RowFlaw.OUTSIDE_BOUNDS for row in bad)
    elsewhere = len(bad) - unreadable
    shown = tuple(_shown(bad))
    if unreadable and not good and not elsewhere:
        # One that cannot be read is a slip; a feed of nothing else has changed, or our clock has.
        first = f"row {shown[0].row}: {shown[0].flaw.value} {shown[0].text}"
        return Parsed((), shown, FeedFault.UNREADABLE, first, unreadable)
    early = sum(row.flaw is RowFlaw.FUTURE for row in bad)
    return Parsed(tuple(good), shown, unreadable=unreadable, early=early)


def _shown(bad: list[BadRow]) -> Iterator[BadRow]:
    """Those outside the bounds are no mistake of the feed's: the others are kept first."""
    bad.sort(key=lambda row: row.flaw is RowFlaw.OUTSIDE_BOUNDS)
    yield from bad[:MOST_BAD]


def _hotspot(row: Mapping[str, Any], now: datetime, bounds: GeoBounds) -> Hotspot:
    lon = _number(_first(row, "longitude", "lon"))
    lat = _number(_first(row, "latitude", "lat"))
    if abs(lon) < 0.01 and abs(lat) < 0.01:
        raise _Bad(RowFlaw.NULL_ISLAND)
    if not WORLD.hold(lon, lat) or not bounds.hold(lon, lat):
        raise _Bad(RowFlaw.OUTSIDE_BOUNDS, f"{lon},{lat}")
    acquired = _time(row)
    if acquired > now + AHEAD:
        raise _Bad(RowFlaw.FUTURE, acquired.isoformat())
    instrument = _instrument(row)
    satellite = str(row.get("satellite") or "").strip() or "?"
    return Hotspot(
        lon,
        lat,
        acquired,
        _SATELLITES.get(satellite.upper(), satellite)[:16],
        instrument,
        confidence_of(row.get("confidence")),
        _optional(_either(row, "bright_ti4", "brightness")),
        _optional(row.get("frp")),
        {"D": True, "N": False}.get(str(row.get("daynight") or "").strip().upper()[:1]),
    )


def confidence_of(value: Any) -> Confidence:
    """A letter, a word or percent (below 30 low, from 80 high: MODIS user's guide, C6).

    What nobody can read is nominal: a hotspot is not lost for want of a word.
    """
    text = str("" if value is None else value).strip().lower().removesuffix("%")
    if text in _CONFIDENCES:
        return _CONFIDENCES[text]
    percent = _optional(text)
    if percent is None:
        return Confidence.NOMINAL
    if percent < 30:
        return Confidence.LOW
    return Confidence.HIGH if percent >= 80 else Confidence.NOMINAL


def _instrument(row: Mapping[str, Any]) -> Instrument:
    said = str(row.get("instrument") or "").strip().upper()
    for known in (Instrument.VIIRS, Instrument.MODIS):
        if known.value in said:
            return known
    if said:
        return Instrument.OTHER
    if "bright_ti4" in row:
        return Instrument.VIIRS
    return Instrument.MODIS if "bright_t31" in row else Instrument.OTHER


def _time(row: Mapping[str, Any]) -> datetime:
    if (whole := _either(row, "acquired_at")) is not None:
        try:
            at = datetime.fromisoformat(str(whole).strip())
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):  # year 1, east of Greenwich
            raise _Bad(RowFlaw.BAD_TIME, str(whole)) from None
    day, hour = str(_first(row, "acq_date")).strip(), str(_first(row, "acq_time")).strip()
    digits = hour.replace(":", "").zfill(4)[:4]  # 5 is five past midnight
    try:
        at = datetime.strptime(f"{day} {digits} +0000", "%Y-%m-%d %H%M %z")
    except ValueError:
        raise _Bad(RowFlaw.BAD_TIME, f"{day} {hour}") from None
    return at.astimezone(UTC)


def _either(row: Mapping[str, Any], *names: str) -> Any:
    """The first of these that has a value."""
    for name in names:
        value = row.get(name)
        if value is not None and str(value).strip():
            return value
    return None


def _first(row: Mapping[str, Any], *names: str) -> Any:
    value = _either(row, *names)
    if value is None:
        raise _Bad(RowFlaw.MISSING_VALUE, names[0])
    return value


def _number(value: Any) -> float:
    found = _optional(value)
    if found is None:
        raise _Bad(RowFlaw.NOT_A_NUMBER, str(value))
    return found


def _optional(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
