"""Numbers, units and times as gauges write them. Pure. Metres, millimetres, m³/s, UTC."""

from __future__ import annotations

import math
import re
from datetime import datetime, tzinfo
from typing import Any

from alerts.sources.gauges.model import Quantity, ReadingFlaw
from alerts.sources.written_times import read_time

# -999 and its like, of any length, with and without nines behind the point (SL 323 keeps null; what
# is exported from it is often one of these; USGS says -999999, German states -888 and -777).
_NEGATIVE_NULL = re.compile(r"-(?:9{2,7}|8{3,6}|7{3,6})(\.9+|\.0+)?")
_POSITIVE_NULL = re.compile(r"9{4,7}(\.9+|\.0+)?")
_NO_VALUE = frozenset({"", "-", "--", "---", "/", "—", "——", "*", "null", "none", "nan", "n/a"})
_NO_VALUE_WORDS = frozenset(
    {"缺测", "缺", "无", "无数据", "停测", "故障", "ice", "eqp", "ssn", "mnt"}
)

LIMITS = {
    Quantity.LEVEL: (
        -100_000.0,
        9_000_000.0,
    ),  # also in millimetres: what it may be, its lines tell
    Quantity.FLOW: (-50_000.0, 500_000.0),
    Quantity.RAIN: (0.0, 2_500.0),
}
"""Metres, m³/s, millimetres that a place on earth can have (ours)."""

MOST_RAIN_AN_HOUR = 450.0
"""Millimetres: the most ever measured in an hour is some 400; more is a broken gauge (ours)."""

LONGEST_INTERVAL = 31 * 1440
"""Minutes of one sum of rain: a month's."""

_UNITS: dict[Quantity, dict[str, float]] = {
    Quantity.LEVEL: {
        **dict.fromkeys(("m", "米", "metre", "meter", "metres", "meters"), 1.0),
        **dict.fromkeys(("cm", "厘米", "公分", "centimeter", "centimetre"), 0.01),
        **dict.fromkeys(("mm", "毫米", "millimeter", "millimetre"), 0.001),
        **dict.fromkeys(("ft", "feet", "foot", "英尺"), 0.3048),
    },
    Quantity.FLOW: {
        **dict.fromkeys(
            ("m3/s", "m³/s", "m^3/s", "m3s-1", "m³s⁻¹", "立方米/秒", "立方米每秒", "cumecs", "cms"),
            1.0,
        ),
        **dict.fromkeys(("ft3/s", "ft³/s", "ft^3/s", "cfs"), 0.028316846592),
        **dict.fromkeys(("l/s", "升/秒"), 0.001),
    },
    Quantity.RAIN: {
        **dict.fromkeys(("mm", "毫米", "millimeter", "millimetre", "kg/m2", "l/m2", "l/m²"), 1.0),
        **dict.fromkeys(("cm", "厘米"), 10.0),
        **dict.fromkeys(("in", "inch", "inches", "英寸"), 25.4),
    },
}


class Flawed(Exception):
    """Ends the reading of a value; what is wrong with it."""

    def __init__(self, flaw: ReadingFlaw, text: object = "") -> None:
        super().__init__(flaw)
        self.flaw, self.text = flaw, str(text)[:40]


def factor(quantity: Quantity, unit: str) -> float:
    """By what a value in ``unit`` is multiplied; no unit is the quantity's own.

    :raises Flawed: a unit that nobody knows.
    """
    plain = "".join(unit.split()).lower()
    if not plain:
        return 1.0
    found = _UNITS[quantity].get(plain)
    if found is None:
        raise Flawed(ReadingFlaw.UNIT_UNKNOWN, unit)
    return found


def number(given: Any, quantity: Quantity, scale: float = 1.0) -> float | None:
    """The value in the quantity's own unit; ``None`` when it says itself that it is missing.

    :raises Flawed: it is neither a number nor a way to say that there is none; or no place on earth
        has such a value.
    """
    if given is None or isinstance(given, bool):
        return None
    text = str(given).strip().replace("−", "-")
    if text.lower() in _NO_VALUE or text.lower() in _NO_VALUE_WORDS:
        return None
    if _NEGATIVE_NULL.fullmatch(text):
        return None
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        raise Flawed(ReadingFlaw.NOT_A_NUMBER, text) from None
    if not math.isfinite(value):
        return None
    shortest = 99_999 if quantity is Quantity.FLOW else 9_999
    if _POSITIVE_NULL.fullmatch(text) and value >= shortest:
        return None
    value *= scale
    low, high = LIMITS[quantity]
    if not low <= value <= high:
        raise Flawed(ReadingFlaw.OUT_OF_RANGE, text)
    return round(value, 4)


def rain_in(value: float, minutes: int) -> float:
    """The same value, when so much rain can fall in so many minutes.

    :raises Flawed: more than ever fell.
    """
    if value > MOST_RAIN_AN_HOUR * max(1.0, (minutes / 60) ** 0.5):
        raise Flawed(ReadingFlaw.OUT_OF_RANGE, f"{value:g} mm / {minutes} min")
    return value


def interval(given: Any, usual: int) -> int:
    """Minutes of SL 323's INTV, written HH.NN: hours, and minutes behind the point.

    :param usual: minutes where nothing, or nonsense, is said.
    """
    text = str("" if given is None else given).strip()
    try:
        hours, _, behind = f"{float(text):.2f}".partition(".")
        minutes = int(behind)  # none behind "nan" and "inf"
    except ValueError:
        return usual
    if minutes >= 60:  # not by the standard: a part of an hour
        minutes = round(float(f"0.{behind}") * 60)
    whole = int(hours) * 60 + minutes
    return whole if 0 < whole <= LONGEST_INTERVAL else usual


def moment(given: Any, zone: tzinfo) -> datetime:
    """A written time, aware UTC; a spreadsheet's day number is one, too.

    :param zone: of a time that says none.
    :raises Flawed: it is no time.
    """
    text = str("" if given is None else given).strip()
    found = read_time(text, zone, sheets=True)
    if found is None:
        raise Flawed(ReadingFlaw.BAD_TIME, text)
    return found.at
