"""What is written behind /daily: a place, a day, 周 or 月. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from alerts.loop.daily.days import Period

_PERIODS = {
    "周": Period.WEEK,
    "本周": Period.WEEK,
    "周报": Period.WEEK,
    "week": Period.WEEK,
    "月": Period.MONTH,
    "本月": Period.MONTH,
    "月报": Period.MONTH,
    "month": Period.MONTH,
    "日": Period.DAY,
    "日报": Period.DAY,
}
_LAST = {
    "上周": Period.WEEK,
    "上月": Period.MONTH,
}
_DAYS = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "today": 0, "yesterday": 1}
_FULL = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_SHORT = re.compile(r"(\d{1,2})(?:[-/.月])(\d{1,2})[日号]?")
_MONTH = re.compile(r"(?:(\d{4})(?:[-年]))?(\d{1,2})(?:月)|(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class DailyLine:
    """What was asked: of which place (empty: one's own), of which day (``None``: the newest)."""

    place: str
    day: date | None
    period: Period


def read_line(text: str, today: date) -> DailyLine:
    """Take a line apart; what is neither a day nor a period is the name of a place.

    A day of no year is the last one of that name: in January 12-30 is last year's.
    """
    places: list[str] = []
    day: date | None = None
    period = Period.DAY
    for word in text.replace("\u3000", " ").split():
        low = word.casefold()
        if low in _PERIODS:
            period = _PERIODS[low]
        elif low in _LAST:
            period = _LAST[low]
            day = _before(period, today)
        elif low in _DAYS:
            day = today - timedelta(days=_DAYS[low])
        elif (found := read_day(word, today)) is not None:
            day = found
        elif (month := _month(word, today)) is not None:
            day, period = month, Period.MONTH
        else:
            places.append(word)
    return DailyLine("".join(places), day, period)


def read_day(text: str, today: date) -> date | None:
    """A written day: 2026-11-29, 20261129, 11-29, 11月29日; ``None``: it is none."""
    try:
        if (full := _FULL.fullmatch(text) or _COMPACT.fullmatch(text)) is not None:
            return date(*map(int, full.groups()))
        if (short := _SHORT.fullmatch(text)) is not None:
            month, day = map(int, short.groups())
            found = date(today.year, month, day)
            return found if found <= today else date(today.year - 1, month, day)
    except ValueError:
        return None
    return None


def _month(text: str, today: date) -> date | None:
    """A written month: 2026-11, 11月, 2026年11月; its first day."""
    found = _MONTH.fullmatch(text)
    if found is None:
        return None
    year, month = found[1] or found[3], found[2] or found[4]
    try:
        first = date(int(year or today.year), int(month), 1)
    except ValueError:
        return None
    return first if year or first <= today else first.replace(year=today.year - 1)


def _before(period: Period, today: date) -> date:
    if period is Period.WEEK:
        return today - timedelta(days=7)
    return today.replace(day=1) - timedelta(days=1)
