"""Times as agencies, offices and gauges write them, read in one place. Pure.

Read are ISO 8601 and what comes near it, the words of Chinese sheets (2026年11月30日3时5分, 24时),
digits without anything between, seconds and milliseconds since 1970, mail's and Java's
dates, and the day numbers of spreadsheets where the reader asks for them. What could mean two
moments (7/1/2026, 04:00 of no day, 08:00-09:00, a zone nobody knows) is no time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years in which something is warned of or measured (ours): 9999-12-31 stands for no time."""

MOST_OFFSET = timedelta(hours=14)
"""No zone of the world is farther from UTC."""

LONGEST = 80
"""Characters that a time may have (ours)."""

_SHEETS_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day 0, of whichever zone

_DATE = (
    r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|年(?P<month_>\d{1,2})月(?P<day_>\d{1,2})(?P<called>[日号號])?)"
)
_HALF = r"(?P<half>上午|下午|凌晨|AM|PM)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:时時点點](?:(?P<minute>\d{1,2})(?:[:分](?:(?P<second>\d{1,2})"
    r"(?:[.,]\d+)?秒?)?)?|整|(?P<half_past>半))?)?"
)
_BETWEEN = r"(?:(?P<t>T)|[T ]+|(?(called)|(?=[上下凌AP])))"
"""Between a day and its clock; 2026年7月18时 could be the 1st or the 18th."""

_ZONE = (
    r"(?P<zone>[A-Z]{1,4}|北京时间|北京時間)?"
    r"(?: ?(?P<sign>[+-])(?P<away>\d{1,2}(?::?\d{2})?))?"
    r"(?: ?[\[(](?P<comment>[\w/+:. ]{1,40})[\])])?"
)
_WRITTEN = re.compile(
    rf"(?P<china>北京时间)?{_DATE}"
    rf"(?:{_BETWEEN}{_HALF} ?{_CLOCK} ?(?P<half_behind>AM|PM)? ?{_ZONE})?",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<t>T)?(?:(?P<hour>\d{2})"
    rf"(?:(?P<minute>\d{{2}})(?P<second>\d{{2}})?(?:[.,]\d+)?)? ?{_ZONE})?",
    re.IGNORECASE,
)
_MAIL_DAY = (
    r"(?:[A-Z]{3,9},? )?(?:(?P<day>\d{1,2})[ -](?P<month>[A-Z]{3,9})[ -](?P<year>\d{4}|\d{2}),?"
    r"|(?P<month_>[A-Z]{3,9}) (?P<day_>\d{1,2}),? (?P<year_>\d{4}),?) "
)
_MAIL_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>AM|PM))?"
_MAIL = re.compile(rf"{_MAIL_DAY}{_MAIL_CLOCK}(?P<t> (?=-\d{{4}}))? ?{_ZONE}", re.IGNORECASE)
_JAVA = re.compile(
    r"([A-Z]{3} [A-Z]{3} \d{1,2}) (\d\d:\d\d:\d\d)( [A-Z]{1,4}| [+-]\d{4})? (\d{4})",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_EPOCH = re.compile(r"(\d{10})(?:\.\d+)?|(\d{13})(?:\.0+)?")
_DOT_NET = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹕": ":", "∶": ":"})
_PLAIN = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A moment, UTC. ``zoned``: its zone was written; ``clock``: not only its day was."""

    at: datetime
    zoned: bool = True
    clock: bool = True


def read_time(text: str, zone: tzinfo, *, sheets: bool = False) -> WrittenTime | None:
    """The moment that is meant; ``None``: nobody could say which.

    :param zone: of a time that says none, and of one that says ``CST`` where that is its name.
    :param sheets: whether a number of five digits is a spreadsheet's day.
    """
    try:
        if _PLAIN.fullmatch(text):  # nearly all: CAP's own form
            return _believed(WrittenTime(datetime.fromisoformat(text).astimezone(UTC)))
        text = _plain(text)
        if not text or len(text) > LONGEST:
            return None
        found = _of_words(text, zone) or _of_number(text, zone, sheets=sheets)
        return _believed(found or _of_mail(text, zone))
    except (ValueError, OverflowError, OSError):
        return None


def _plain(text: str) -> str:
    """In digits and signs of half width, with one blank where there are several."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_MINUS)
    return " ".join(text.split())


def _believed(found: WrittenTime | None) -> WrittenTime | None:
    return found if found is not None and FIRST_YEAR <= found.at.year <= LAST_YEAR else None


def _of_words(text: str, zone: tzinfo) -> WrittenTime | None:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        match = None if _is_epoch(text) else _DIGITS.fullmatch(text)
    if match is None:
        return None
    said = match.groupdict()
    month, day = said["month"] or said.get("month_"), said["day"] or said.get("day_")
    return _moment(said, int(said["year"] or 0), int(month or 0), int(day or 0), zone)


def _moment(
    said: dict[str, str | None], year: int, month: int, day: int, zone: tzinfo
) -> WrittenTime:
    date = datetime(year, month, day)  # noqa: DTZ001 - its zone comes last
    minute = 30 if said.get("half_past") else int(said["minute"] or 0)
    hour, second = int(said["hour"] or 0), int(said["second"] or 0)
    half = (said.get("half") or said.get("half_behind") or "").upper()
    wall = date + _since_midnight(hour, minute, second, half)
    at, zoned = _in_zone(wall, said, zone)
    return WrittenTime(at, zoned, said["hour"] is not None)


def _since_midnight(hour: int, minute: int, second: int, half: str) -> timedelta:
    """Of a clock's time: 24:00 is the end of the day, :60 a second that was put in.

    :raises ValueError: no clock says so.
    """
    if half in ("PM", "下午") and hour < 12:
        hour += 12
    elif half in ("AM", "上午", "凌晨") and hour == 12:
        hour = 0
    elif half in ("AM", "PM") and hour > 12:
        raise ValueError(half)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError(hour)
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _in_zone(wall: datetime, said: dict[str, str | None], zone: tzinfo) -> tuple[datetime, bool]:
    """What a clock shows as a moment, and whether it said where that clock is.

    :raises ValueError: it says a zone that nobody knows, or may say a second time of the day.
    """
    name, comment = (said["zone"] or "").upper(), (said["comment"] or "").upper()
    if said["sign"]:
        at = wall - _away(said, name)
        return at.replace(tzinfo=UTC), True
    name = name or ("北京时间" if said.get("china") else "")
    if not name and (comment.isascii() or comment in _HOURS):  # no day of the week
        name = comment
    if not name:
        return wall.replace(tzinfo=zone).astimezone(UTC), False
    return wall.replace(tzinfo=_named(name, wall, zone)).astimezone(UTC), True


def _away(said: dict[str, str | None], name: str) -> timedelta:
    """How far from UTC. Only behind a clock's minutes; 08:00-09:00 is a span, unless more than
    these say that it is none.

    :raises ValueError: it is no offset.
    """
    hours, minutes = _hours_and_minutes(said["away"] or "")
    away = timedelta(hours=hours, minutes=minutes)
    behind = said["sign"] == "-"
    span = behind and not (name or said["second"] or said.get("t"))
    if (
        name not in ("", "UTC", "GMT")
        or said["minute"] is None
        or span
        or minutes > 59
        or away > MOST_OFFSET
    ):
        raise ValueError(said["away"])
    return -away if behind else away


def _hours_and_minutes(digits: str) -> tuple[int, int]:
    hours, _, minutes = digits.partition(":")
    if len(hours) == 4:
        hours, minutes = hours[:2], hours[2:]
    elif len(hours) == 3:
        hours, minutes = hours[:1], hours[1:]
    return int(hours), int(minutes or 0)


_HOURS = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT"), 0),
    **dict.fromkeys(("BJT", "HKT", "北京时间", "北京時間", "ASIA/SHANGHAI"), 8),
    **dict.fromkeys(("JST", "KST"), 9),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("MST", "PDT"), -7),
    **dict.fromkeys(("PST", "AKDT"), -8),
}
_HOURS |= {"CET": 1, "CEST": 2, "EDT": -4, "MDT": -6, "AKST": -9, "HST": -10}
"""The names of zones that mean one each; IST, BST and others mean several."""

_CENTRAL = timezone(timedelta(hours=-6))


def _named(name: str, wall: datetime, zone: tzinfo) -> tzinfo:
    """CST is China's where our own zone is called so, and America's elsewhere.

    :raises ValueError: nobody knows that name.
    """
    if name == "CST":
        return zone if wall.replace(tzinfo=zone).tzname() == "CST" else _CENTRAL
    if name not in _HOURS:
        raise ValueError(name)
    return timezone(timedelta(hours=_HOURS[name]))


def _is_epoch(text: str) -> bool:
    """2023070304 is an hour, and would be the year 2034 as seconds."""
    match = _EPOCH.fullmatch(text)
    if match is None:
        return False
    hour = len(text) == 10 and text[:2] in ("19", "20") and text[4:6] < "13"
    return not hour


def _of_number(text: str, zone: tzinfo, *, sheets: bool) -> WrittenTime | None:
    if (dotted := _DOT_NET.fullmatch(text)) is not None:
        return WrittenTime(datetime.fromtimestamp(int(dotted[1]) / 1000, UTC))
    if (epoch := _EPOCH.fullmatch(text)) is not None and _is_epoch(text):
        return WrittenTime(datetime.fromtimestamp(int(epoch[1] or 0) or int(epoch[2]) / 1000, UTC))
    if sheets and _SERIAL.fullmatch(text):
        seconds = round(float(text) * 86_400)
        wall = _SHEETS_BEGIN + timedelta(seconds=seconds)
        return WrittenTime(wall.replace(tzinfo=zone).astimezone(UTC), False, "." in text)
    return None


def _of_mail(text: str, zone: tzinfo) -> WrittenTime | None:
    """Wed, 26 Aug 2026 14:42:54 GMT; Aug 26, 2026 2:42 PM; Java's Wed Aug 26 14:42:54 CST 2026."""
    java = _JAVA.fullmatch(text)
    match = _MAIL.fullmatch(text if java is None else java.expand(r"\1 \4 \2\3"))
    if match is None:
        return None
    said = match.groupdict()
    month = (said["month"] or said["month_"] or "")[:3].lower()
    year = int(said["year"] or said["year_"] or 0)
    if year < 100:  # mail's of before 2000
        year += 2000 if year < 69 else 1900
    day = int(said["day"] or said["day_"] or 0)
    return _moment(said, year, _MONTHS.index(month) + 1, day, zone)
