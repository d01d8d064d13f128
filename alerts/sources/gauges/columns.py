"""A row of a table of water data: which column is what, and the readings in it. Pure.

Known are the names of SL 323 (STCD, TM, Z, Q, RZ, DRP, INTV, DYP), the Chinese words over exported
sheets, and English ones; a unit may stand behind a name in brackets: 水位(cm).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from alerts.sources import amounts
from alerts.sources.gauges.model import Quantity, Reading, ReadingFlaw
from alerts.sources.gauges.values import (
    LONGEST_INTERVAL,
    Flawed,
    factor,
    interval,
    moment,
    number,
    rain_in,
)

AHEAD = timedelta(minutes=10)
"""Clocks differ: a reading this little in the future is taken (ours)."""

DAY = 1440


@dataclass(frozen=True, slots=True)
class Shape:
    """What the feed's settings say of its rows."""

    zone: tzinfo  # of times that say none
    station: str = ""  # whose the readings are that name nobody
    level_unit: str = ""  # of levels that say none; empty: metres
    rain_minutes: int = 60  # of rain that says no interval


_STATION = (
    "stcd",
    "测站编码",
    "站码",
    "测站代码",
    "站号",
    "测站编号",
    "站点编码",
    "stationcode",
    "stationid",
    "station",
    "stationnumber",
    "monitoringlocationid",
    "siteno",
    "sitecode",
    "code",
)
_NAME = ("stnm", "测站名称", "站名", "站点名称", "stationname", "name")
_TIME = (
    "tm",
    "时间",
    "观测时间",
    "采集时间",
    "监测时间",
    "发生时间",
    "time",
    "datetime",
    "timestamp",
    "at",
    "phenomenontime",
    "date",
)
_INTERVAL = ("intv", "时段长", "时段")
_INTERVAL_MINUTES = ("minutes", "intervalminutes", "时段分钟", "间隔分钟")
_WHAT = (
    "parametercode",
    "parameter",
    "quantity",
    "variable",
    "要素",
    "监测要素",
    "observedproperty",
)
_UNIT = ("unit", "unitofmeasure", "单位")
_VALUE = ("value", "result", "值", "数值", "监测值")

# Column -> what it is, and for rain of how many minutes (0: as the row or the feed says).
_VALUES: dict[str, tuple[Quantity, int]] = {
    **dict.fromkeys(
        (
            "z",
            "水位",
            "河道水位",
            "实时水位",
            "当前水位",
            "rz",
            "库水位",
            "库上水位",
            "upz",
            "闸上水位",
        ),
        (Quantity.LEVEL, 0),
    ),
    **dict.fromkeys(("level", "waterlevel", "stage", "gageheight"), (Quantity.LEVEL, 0)),
    **dict.fromkeys(("q", "流量", "实时流量", "flow", "discharge"), (Quantity.FLOW, 0)),
    **dict.fromkeys(
        ("drp", "p", "雨量", "降雨量", "降水量", "时段降水量", "时段雨量", "时段降雨量"),
        (Quantity.RAIN, 0),
    ),
    **dict.fromkeys(("rain", "rainfall", "precipitation"), (Quantity.RAIN, 0)),
    **dict.fromkeys(
        ("1小时雨量", "小时雨量", "1小时降水量", "pre1h", "rain1h"), (Quantity.RAIN, 60)
    ),
    **dict.fromkeys(("3小时雨量", "3小时降水量", "pre3h", "rain3h"), (Quantity.RAIN, 180)),
    **dict.fromkeys(("6小时雨量", "6小时降水量", "pre6h", "rain6h"), (Quantity.RAIN, 360)),
    **dict.fromkeys(("24小时雨量", "24小时降水量", "pre24h", "rain24h"), (Quantity.RAIN, DAY)),
    **dict.fromkeys(("dyp", "日雨量", "日降水量"), (Quantity.RAIN, DAY)),
}

# The same by a code of a parameter, as the USGS writes them (help.waterdata.usgs.gov).
_PARAMETERS: dict[str, tuple[Quantity, str]] = {
    "00065": (Quantity.LEVEL, "ft"),
    "63160": (Quantity.LEVEL, "ft"),
    "62614": (Quantity.LEVEL, "ft"),
    "62615": (Quantity.LEVEL, "ft"),
    "00060": (Quantity.FLOW, "ft3/s"),
    "00045": (Quantity.RAIN, "in"),
}
_WORDS: tuple[tuple[tuple[str, ...], Quantity], ...] = (
    (("流量", "discharge", "streamflow", "abfluss", "durchfluss"), Quantity.FLOW),
    (("雨", "降水", "rain", "precip", "niederschlag"), Quantity.RAIN),
    (
        (
            "水位",
            "water level",
            "waterlevel",
            "gage height",
            "gauge height",
            "stage",
            "wasserstand",
            "river level",
            "water_level",
        ),
        Quantity.LEVEL,
    ),
)
_BRACKETS = re.compile(r"^(.*?)[(（\[]([^()（）\[\]]*)[)）\]]$")


def plain(name: object) -> tuple[str, str]:
    """A column's name as it is looked up, and the unit behind it in brackets."""
    text = "".join(str(name).split()).strip("\ufeff\"'")
    found = _BRACKETS.match(text)
    text, unit = (found[1], found[2]) if found and found[1] else (text, "")
    return text.replace("_", "").replace("-", "").lower(), unit


def known(names: Collection[object]) -> bool:
    """Whether a header has what a row of water data needs: a time, and a value."""
    if len(names) > amounts.MOST_FIELDS:
        return False
    found = {name for name, _unit in map(plain, names)}
    values = found & ({*_VALUES, *_VALUE})
    return bool(found & set(_TIME)) and bool(values)


def quantity_of(words: str) -> tuple[Quantity, str] | None:
    """What a parameter's code or name means, and its usual unit; ``None``: nothing used here."""
    text = words.strip().lower()
    if text in _PARAMETERS:
        return _PARAMETERS[text]
    if (exact := _VALUES.get(plain(text)[0])) is not None:
        return exact[0], ""
    for spellings, quantity in _WORDS:
        if any(spelling in text for spelling in spellings):
            return quantity, ""
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """One row by plain names, each with the unit its column says."""

    cells: Mapping[str, tuple[Any, str]]

    @classmethod
    def of(cls, given: Mapping[Any, Any]) -> Row | None:
        """A row as a feed gives it; ``None``: it has more fields than any row."""
        if len(given) > amounts.MOST_FIELDS:
            return None
        cells: dict[str, tuple[Any, str]] = {}
        for name, value in given.items():
            short, unit = plain(name)
            if short not in cells or _empty(cells[short][0]):
                cells[short] = value, unit
        return cls(cells)

    def first(self, names: tuple[str, ...]) -> Any:
        """The first of these that says something; ``None`` when none does."""
        for name in names:
            value = self.cells.get(name, (None, ""))[0]
            if not _empty(value):
                return value
        return None


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def readings_of(row: Row, shape: Shape, now: datetime) -> Iterator[Reading | Flawed | None]:
    """What a row holds: readings, what is wrong with a value, ``None`` for one that is missing.

    :raises Flawed: the row as a whole: whose it is, or of when, is not known.
    """
    station = row.first(_STATION)
    station = row.first(_NAME) if station is None else station
    code = shape.station if station is None else str(station).strip()
    if not code:
        raise Flawed(ReadingFlaw.NO_STATION)
    at = in_time(row.first(_TIME), shape, now)
    said = row.first(_INTERVAL_MINUTES)
    minutes = _whole(said, 0)
    if not 0 < minutes <= LONGEST_INTERVAL:  # -999 and its like: as if nothing were said
        minutes = interval(row.first(_INTERVAL), shape.rain_minutes)
    for name, (given, unit) in row.cells.items():
        if name in _VALUES and not _empty(given):
            quantity, fixed = _VALUES[name]
            yield _value(code, quantity, at, given, unit, fixed or minutes, shape)
    words, value = row.first(_WHAT), row.first(_VALUE)
    if value is None:
        return
    if words is None:
        if not any(name in _VALUES for name in row.cells):
            yield Flawed(ReadingFlaw.QUANTITY_UNKNOWN, value)
        return
    meant = quantity_of(str(words))
    if meant is None:
        return
    unit = str(row.first(_UNIT) or meant[1])
    yield _value(code, meant[0], at, value, unit, minutes, shape)


def in_time(given: Any, shape: Shape, now: datetime) -> datetime:
    """A reading's time.

    :raises Flawed: it is none, or lies ahead of our clock.
    """
    at = moment(given, shape.zone)
    if at > now + AHEAD:
        raise Flawed(ReadingFlaw.FUTURE, at.isoformat())
    return at


def _value(
    code: str,
    quantity: Quantity,
    at: datetime,
    given: Any,
    unit: str,
    minutes: int,
    shape: Shape,
) -> Reading | Flawed | None:
    try:
        return reading(code, quantity, at, given, unit, minutes, shape)
    except Flawed as error:
        return error


def reading(
    code: str,
    quantity: Quantity,
    at: datetime,
    given: Any,
    unit: str,
    minutes: int,
    shape: Shape,
) -> Reading | None:
    """One value as a reading; ``None`` when it says that it is missing.

    :raises Flawed: why it is none.
    """
    if quantity is Quantity.LEVEL and not unit:
        unit = shape.level_unit
    value = number(given, quantity, factor(quantity, unit))
    if value is None:
        return None
    if quantity is Quantity.RAIN:
        return Reading(code, quantity, at, rain_in(value, minutes), minutes)
    return Reading(code, quantity, at, value)


def _whole(given: Any, otherwise: int) -> int:
    try:
        return int(float(str(given)))
    except (ValueError, OverflowError):
        return otherwise
