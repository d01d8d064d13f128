"""When a danger is expected, as it is written: 明天14时, 周五 14:00, 7月3日14时, 30小时后. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from contacts.roster.reading.times import parse_moment

_CLOCK = (
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上|夜间)?\s*(?P<hour>\d{1,2})\s*[:：时点]\s*"
    r"(?P<minute>\d{1,2}(?!\d)|半)?分?"
)
_AFTER = re.compile(
    r"(?P<number>\d{1,3}(?:\.\d)?)\s*(?P<unit>个?小时|天|日|分钟|hours?|days?|h|d)\s*(?:后|以后|之后|later)?(?![a-z])",
    re.IGNORECASE,
)
_DAYS = {
    day: ahead
    for ahead, days in {
        -2: "前天",  # said and over: it is refused, not guessed
        -1: "昨天 昨日 昨晚",
        0: "今天 今日 今晚",
        1: "明天 明日 明晚",
        3: "大后天",
        2: "后天",
    }.items()
    for day in days.split()
}
_DAY_WORD = re.compile(r"(?P<day>" + "|".join(_DAYS) + r")\s*(?:" + _CLOCK + ")")
_WEEKDAY = re.compile(
    r"(?P<next>下)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])\s*(?:" + _CLOCK + ")"
)
_DATE = re.compile(
    r"(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?\s*\d{1,2}\s*(?:[:：时点])\s*(?:\d{1,2}分?)?"
)
_TODAY = re.compile(_CLOCK)
_WEEKDAYS = "一二三四五六日"
_UNITS = {"分": 1 / 60, "小": 1, "个": 1, "h": 1, "天": 24, "日": 24, "d": 24}
_AFTERNOON = ("下午", "傍晚", "晚上", "夜间")


def find_onset(text: str, now: datetime, zone: tzinfo) -> tuple[datetime, str] | None:
    """The first time that ``text`` names, as aware UTC, and the text without it.

    A clock without a day is the next one; a day that has passed this year is the next year's.
    """
    local = now.astimezone(zone)
    text = " ".join(text.split())  # spaces in a row: each pattern tries them all
    for pattern, read in (
        (_DATE, _of_date),
        (_DAY_WORD, _of_day_word),
        (_WEEKDAY, _of_weekday),
        (_AFTER, _of_hours),
        (_TODAY, _of_clock),
    ):
        found = pattern.search(text)
        at = None if found is None else read(found, local)
        if found is not None and at is not None:
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return at.astimezone(UTC), " ".join(rest.split())
    return None


def parse_onset(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The time that ``text`` is; ``None``: it is none, or more than that."""
    found = find_onset(text.strip(), now, zone)
    return found[0] if found is not None and not found[1].strip("，,。. 起开始左右前后") else None


def _time(found: re.Match[str]) -> tuple[int, int] | None:
    hour, minute = int(found["hour"]), found["minute"]
    minutes = 30 if minute == "半" else int(minute or 0)
    part = found["part"] or ""
    evening = part in _AFTERNOON or "晚" in (found.groupdict().get("day") or "")
    if evening and 1 <= hour < 12:
        hour += 12
    return (hour, minutes) if hour <= 24 and minutes < 60 and (hour < 24 or not minutes) else None


def _on(day: datetime, clock: tuple[int, int] | None) -> datetime | None:
    if clock is None:
        return None
    midnight = datetime.combine(day.date(), time(), day.tzinfo)
    return midnight + timedelta(hours=clock[0], minutes=clock[1])


def _of_date(found: re.Match[str], local: datetime) -> datetime | None:
    written = re.sub(r"[：]", ":", found[0]).strip()
    for year in (local.year, local.year + 1):
        wall = parse_moment(written, year)
        if wall is None:
            return None
        at = wall.replace(tzinfo=local.tzinfo)
        if at > local or re.match(r"\d{4}", written):
            return at
    return None


def _of_day_word(found: re.Match[str], local: datetime) -> datetime | None:
    return _on(local + timedelta(days=_DAYS[found["day"]]), _time(found))


def _of_weekday(found: re.Match[str], local: datetime) -> datetime | None:
    wanted = _WEEKDAYS.index(found["weekday"].replace("天", "日"))
    ahead = (wanted - local.weekday()) % 7
    if found["next"]:  # 下周五 is in the week that begins on the next Monday
        ahead = 7 - local.weekday() + wanted
    at = _on(local + timedelta(days=ahead), _time(found))
    return at + timedelta(days=7) if at is not None and at <= local else at


def _of_hours(found: re.Match[str], local: datetime) -> datetime | None:
    return local + timedelta(hours=float(found["number"]) * _UNITS[found["unit"][0].lower()])


def _of_clock(found: re.Match[str], local: datetime) -> datetime | None:
    at = _on(local, _time(found))
    return at + timedelta(days=1) if at is not None and at <= local else at
