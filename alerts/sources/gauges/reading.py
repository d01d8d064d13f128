"""A feed's answer to readings: a table as CSV or JSON, or one of three published shapes. Pure.

CSV is UTF-8, GB 18030 or marked UTF-16, with commas, semicolons or tabs. JSON is a list of rows,
or an object that holds one somewhere near its top (``{"code": 200, "data": {"records": [...]}}``),
or a GeoJSON FeatureCollection whose properties are rows (as the USGS's newer service writes them).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from alerts.sources.amounts import Unfit, json_of, too_many_rows
from alerts.sources.encodings import text_of
from alerts.sources.gauges import pegelonline, sensorthings, usgs
from alerts.sources.gauges.collecting import Collected
from alerts.sources.gauges.columns import Row, Shape, known, readings_of
from alerts.sources.gauges.model import Form, Read, ReadingFlaw
from alerts.sources.gauges.usgs import next_of
from alerts.sources.gauges.values import Flawed
from alerts.sources.hotspots import FeedFault

_DEEPEST = 4
_DELIMITERS = ",;\t"
_MOST_LOOKED_FOR_HEADER = 10


def read(body: bytes, form: Form, shape: Shape, now: datetime) -> Read:
    """The readings in a feed's answer; what cannot be used is named, the rest taken."""
    text = _text(body)
    if text is None:
        return Read(fault=FeedFault.NOT_TEXT)
    if not text:
        return Read(fault=FeedFault.EMPTY)
    if text.startswith("<"):
        return Read(fault=FeedFault.HTML)  # what it says may repeat the address, with its key
    if form is Form.CSV:
        return _csv(text, shape, now)
    try:
        given = json_of(text)
    except Unfit as error:
        return Read(fault=error.fault)
    if form is Form.SENSORTHINGS:
        return sensorthings.read(given, shape, now)
    if form is Form.PEGELONLINE:
        return pegelonline.read(given, shape, now)
    if form is Form.USGS and (of_usgs := usgs.read(given, shape, now)) is not None:
        return of_usgs
    rows = _rows(given)
    if rows is None:
        return Read(fault=FeedFault.NOT_JSON)
    return _table(rows, shape, now, more=bool(next_of(given)))


def _text(body: bytes) -> str | None:
    try:
        return text_of(body).replace("\x00", "").strip()
    except UnicodeDecodeError:
        return None


def _csv(text: str, shape: Shape, now: datetime) -> Read:
    if too_many_rows(text, _DELIMITERS):
        return Read(fault=FeedFault.TOO_LARGE, detail="rows")
    lines = text.splitlines()
    first = lines[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error:
        return Read(fault=FeedFault.NOT_CSV)
    # Exported sheets have a title or two above their header.
    for at, header in enumerate(rows[:_MOST_LOOKED_FOR_HEADER]):
        if known(header):
            width = len(header)
            table = (
                dict(zip(header, cells, strict=False)) if len(cells) <= width else None
                for cells in rows[at + 1 :]
            )
            return _table(table, shape, now)
    if len(rows) and any(delimiter in line for line in lines):
        return Read(fault=FeedFault.MISSING_COLUMN, detail="TM, Z / DRP")
    return Read(fault=FeedFault.NOT_CSV)


def _rows(given: Any, depth: int = 0) -> list[Any] | None:
    """The first list of objects near the top; an object that is itself a row is one row."""
    if isinstance(given, list):
        if not given or any(isinstance(row, dict) for row in given):
            return given
        return None
    if not isinstance(given, dict) or depth > _DEEPEST:
        return None
    if known(given):
        return [given]
    features = given.get("features")
    if isinstance(features, list):  # its links may stand before them
        return features
    empty = None
    for value in given.values():
        found = _rows(value, depth + 1)
        if found:
            return found
        empty = found if found is not None else empty
    return empty


def _table(rows: Iterable[Any], shape: Shape, now: datetime, *, more: bool = False) -> Read:
    found = Collected()
    for number, given in enumerate(rows, start=1):
        row = _row(given)
        if row is None:
            found.take(number, Flawed(ReadingFlaw.NOT_A_ROW))
            continue
        station = str(row.first(("stcd", "测站编码", "站码", "station")) or "")[:40]
        try:
            for each in readings_of(row, shape, now):
                found.take(number, each, station)
        except Flawed as error:
            found.take(number, error, station)
    if more:
        found.take(0, Flawed(ReadingFlaw.MORE_PAGES, "next"))
    return found.result()


def _row(given: Any) -> Row | None:
    if not isinstance(given, Mapping):
        return None
    properties = given.get("properties")
    return Row.of(properties if isinstance(properties, Mapping) else given)
