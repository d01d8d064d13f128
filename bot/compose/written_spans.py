"""How much longer, or until when, as people write it: 6小时, 半天, 明早8点, 22:30. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_NUMBER = r"\d{1,3}(?:\.\d)?|[零一二两俩三四五六七八九十]{1,3}"
_SPAN = re.compile(
    rf"(?:再|多|约)?\s*(?:(?P<number>{_NUMBER})\s*(?P<half>个半)?|(?P<only_half>半))\s*个?\s*"
    r"(?P<unit>小时|钟头|分钟?|天|日|hours?|hrs?|minutes?|mins?|days?|h|m|d|时(?!\d))"
    r"(?P<and_half>半)?(?![a-z])",
    re.IGNORECASE,
)
_MINUTES = {
    "小": 60,
    "钟": 60,
    "时": 60,
    "h": 60,
    "分": 1,
    "m": 1,
    "天": 1440,
    "日": 1440,
    "d": 1440,
}
_UNTIL = re.compile(
    r"(?:(?P<day>今天|今日|今晚|今夜|明天|明日|明早|明晨|明晚|后天)|(?:(?P<month>\d{1,2})\s*[-/月]\s*)?"
    r"(?P<date>\d{1,2})\s*[日号]|(?P<month2>\d{1,2})\s*[-/]\s*(?P<date2>\d{1,2})(?=\s))?\s*"
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜)?\s*"
    r"(?P<hour>\d{1,2}|[零一二两三四五六七八九十]{1,3})\s*"
    r"(?:(?::|点钟?|时)\s*(?:(?P<minute>\d{1,2})\s*分?|(?P<half>半))?)",
)
_DAYS = {"今": 0, "明": 1, "后": 2}
_LATER = ("下午", "傍晚", "晚上", "夜里")


@dataclass(frozen=True, slots=True)
class Written:
    """What was read: so much longer, or until a time; and how many characters it took."""

    length: int
    longer: timedelta | None = None
    until: datetime | None = None


def span_at_start(text: str) -> Written | None:
    """The span that ``text`` begins with: 6小时, 两个半小时, 半天, 90 min; ``None``: with none."""
    plain = _plain(text)
    found = _SPAN.match(plain)
    if found is None:
        return None
    number = 0.5 if found["only_half"] else _number(found["number"])
    if number is None:
        return None
    if found["half"] or found["and_half"]:
        number += 0.5
    unit = _MINUTES[found["unit"][0].lower()]
    return Written(found.end(), longer=timedelta(minutes=round(number * unit)))


def moment_at_start(text: str, now: datetime, zone: tzinfo) -> Written | None:
    """The time that ``text`` begins with; without a day the next one to come.

    A time that is over already (今天 3点 said at noon) is given as it was said.
    """
    plain = _plain(text)
    found = _UNTIL.match(plain)
    if found is None:
        return None
    hour = _number(found["hour"])
    minute = 30 if found["half"] else int(found["minute"] or 0)
    if hour is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    local = now.astimezone(zone)
    day, part = found["day"] or "", found["part"] or ""
    hour = _of_the_day(hour, part, evening=part in _LATER or day.endswith(("晚", "夜")))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    dated = _dated(midnight, found)
    if dated is None:
        return None
    at = dated + timedelta(days=_DAYS.get(day[:1], 0), hours=hour, minutes=minute)
    said_day = bool(day or found["date"] or found["date2"])
    if not said_day and at <= local:
        at += timedelta(days=1)
    return Written(found.end(), until=at.astimezone(now.tzinfo))


def _of_the_day(hour: float, part: str, *, evening: bool) -> float:
    """Of twenty-four hours: 晚上10点 is 22, 今晚12点 the midnight that ends the day."""
    if evening:
        return hour + 12 if hour <= 12 else hour
    if part in ("凌晨", "半夜") and hour == 12:
        return 0
    return hour + 12 if part == "中午" and hour < 3 else hour


def _dated(midnight: datetime, found: re.Match[str]) -> datetime | None:
    date = found["date"] or found["date2"]
    if not date:
        return midnight
    month = int(found["month"] or found["month2"] or 0)
    try:
        if month:
            at = midnight.replace(month=month, day=int(date))
            return at if at >= midnight - timedelta(days=180) else at.replace(year=at.year + 1)
        at = midnight.replace(day=int(date))
    except ValueError:
        return None
    if at >= midnight:
        return at
    try:  # the 1st, said on the 30th, is of the next month
        following = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
        return following.replace(day=int(date))
    except ValueError:
        return None


def _number(text: str) -> float | None:
    if text[0].isdigit():
        return float(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.get(text) if len(text) == 1 else None
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        return None
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def _plain(text: str) -> str:
    """Full-width digits and signs as half-width ones; as many characters as before."""
    return "".join(
        half if len(half := unicodedata.normalize("NFKC", sign)) == 1 else sign
        for sign in text[:60]
    )
