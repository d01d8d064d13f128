"""Days and times as people and spreadsheets write them. Pure.

2026-12-01 08:00, 2026/12/1 8:00, 2026.12.01, 20261201, 2026年12月1日8时30分, 12月1日, 24:00, and
the numbers in which spreadsheets count days (46357.5).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

_DAY = re.compile(
    r"(?:(?P<year>\d{4})\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"|(?P<packed>\d{8})"
)
_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?")
_HOUR = re.compile(
    r"(?P<hour>\d{1,2})\s*(?::|时|点)\s*(?P<minute>\d{1,2})?\s*分?(?::\d{1,2}(?:\.\d+)?)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SERIALS = (36_526, 73_050)  # the years 2000 to 2099
_EPOCH = date(1899, 12, 30)


def parse_date(text: str, year: int | None = None) -> date | None:
    """A written day; ``None`` when it is none.

    :param year: that of a day that does not say one; without it such a day is none.
    """
    found = parse_moment(text, year)
    return found.date() if found is not None and found.time() == time() else None


def parse_moment(text: str, year: int | None = None) -> datetime | None:
    """A written day with or without a time, as the clock on the wall shows it; ``None``: no such.

    24:00 is the midnight that ends the day.
    """
    written = unicodedata.normalize("NFKC", text).strip().lstrip("'")
    if _SERIAL.fullmatch(written):
        return _of_serial(float(written))
    written = _WEEKDAY.sub(" ", written).replace("T", " ").strip()
    day = _DAY.match(written)
    if day is None:
        return None
    on = _day(day, year)
    rest = written[day.end() :].strip()
    if on is None or not rest:
        return None if on is None else datetime.combine(on, time())
    hour = _HOUR.fullmatch(rest)
    if hour is None:
        return None
    hours, minutes = int(hour["hour"]), int(hour["minute"] or 0)
    if minutes > 59 or hours > 24 or (hours == 24 and minutes):
        return None
    return datetime.combine(on, time()) + timedelta(hours=hours, minutes=minutes)


def _day(found: re.Match[str], year: int | None) -> date | None:
    packed = found["packed"]
    if packed:
        parts = (int(packed[:4]), int(packed[4:6]), int(packed[6:]))
    elif found["year"] or year:
        parts = (int(found["year"] or year or 0), int(found["month"]), int(found["day"]))
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _of_serial(serial: float) -> datetime | None:
    low, high = _SERIALS
    if not low <= serial < high:
        return None
    minutes = round(serial * 24 * 60)
    return datetime.combine(_EPOCH, time()) + timedelta(minutes=minutes)
