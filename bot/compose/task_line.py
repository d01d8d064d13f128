"""A task in one line: 敦化市黄泥河镇 修涵洞 3天 张三; and until when, as people write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from alerts.loop.tasks.model import TaskList
from bot.compose.onset import find_onset
from bot.views.tasks.words import list_word
from contacts.divisions.gazetteer import Candidate, Found, Gazetteer

END_OF_DAY = time(18)
"""The hour that is meant by a day alone (ours)."""

_LATELY = timedelta(days=92)
"""A day of this year that passed so lately is not meant of the next: it is asked about (ours)."""

_SPAN = re.compile(
    r"(?P<number>\d{1,3}|[一二两三四五六七八九十半])\s*(?:个)?(?P<unit>周|星期|月)(?:内|之内|后)?"
)
_DATE = re.compile(
    r"(?:(?P<year>20\d{2})\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"(?:\s*(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{2})?分?)?(?:前|之前|以前)?(?!\d)"
)
_DAY = re.compile(r"(?P<word>今天|今日|明天|明日|后天|大后天|月底|年底|昨天|前天)(?:前|之前|以前)?")
_WEEKDAY = re.compile(
    r"(?P<next>下|本|这)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?:前|之前)?"
)
_WITHIN = re.compile(r"(?<=[天日时钟])(?:内|之内)")
_NUMBERS = "零一二三四五六七八九十"
_DAYS = {
    "前天": -2, "昨天": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskLine:
    """What a line says; ``words`` are those that are neither place nor time nor list.

    ``unclear``: places of which one is meant.
    """

    words: tuple[str, ...] = ()
    in_list: TaskList | None = None
    code: str = ""
    unclear: tuple[Candidate, ...] = ()
    due_at: datetime | None = None


MOST_WORDS = 30
"""Among so many words of a line its place is looked for (ours)."""


def parse_task_line(
    text: str, gazetteer: Gazetteer, *, within: str, now: datetime, zone: tzinfo
) -> TaskLine:
    """Take a line apart.

    :param within: a division in which places are preferred.
    """
    found = find_deadline(text, now, zone)
    due_at, rest = (None, text) if found is None else found
    in_list, code = None, ""
    unclear: tuple[Candidate, ...] = ()
    words: list[str] = []
    for word in rest.split():
        if in_list is None and (kind := list_word(word)) is not None and "清单" in word:
            in_list = kind
            continue
        if not code and not unclear and len(words) < MOST_WORDS:
            place = gazetteer.find(word, within=within, careful=True)
            if place.outcome is not Found.UNKNOWN and len(word) > 1:
                code = place.division.code if place.division is not None else ""
                unclear = () if code else place.candidates
                continue
            head = gazetteer.name_at_start(word, within=within)
            glued = gazetteer.find(head, within=within, careful=True) if head else None
            if head and glued is not None and glued.division is not None:
                code = glued.division.code
                word = word[len(head) :]
        if word:
            words.append(word)
    return TaskLine(tuple(words), in_list, code, unclear, due_at)


def find_deadline(text: str, now: datetime, zone: tzinfo) -> tuple[datetime, str] | None:
    """The first time that ``text`` names as a deadline, as aware UTC, and the text without it.

    A day alone means its end of work. It may lie in the past: that is asked about.
    """
    local = now.astimezone(zone)
    plain = _WITHIN.sub("", " ".join(text.split()))  # spaces in a row: each pattern tries them all
    found = _first(plain, local, (_DATE, _of_date), (_SPAN, _of_span))
    if found is None:
        onset = find_onset(plain, now, zone)
        if onset is not None:
            return onset
        found = _first(plain, local, (_WEEKDAY, _of_weekday), (_DAY, _of_day))
    if found is None:
        return None
    at, rest = found
    return at.astimezone(UTC), " ".join(rest.split())


def parse_deadline(text: str, now: datetime, zone: tzinfo) -> tuple[datetime, str] | None:
    """As ``find_deadline``, of an answer to the question until when; the rest is its reason."""
    return find_deadline(text.strip(), now, zone)


_Read = Callable[["re.Match[str]", datetime], datetime | None]


def _first(
    text: str, local: datetime, *patterns: tuple[re.Pattern[str], _Read]
) -> tuple[datetime, str] | None:
    for pattern, read in patterns:
        match = pattern.search(text)
        at = None if match is None else read(match, local)
        if match is not None and at is not None:
            return at, f"{text[: match.start()]} {text[match.end() :]}"
    return None


def _of_date(match: re.Match[str], local: datetime) -> datetime | None:
    year = int(match["year"] or local.year)
    try:
        day = date(year, int(match["month"]), int(match["day"]))
        hour = time(int(match["hour"] or END_OF_DAY.hour) % 24, int(match["minute"] or 0))
    except ValueError:
        return None
    at = datetime.combine(day, hour, local.tzinfo)
    if match["year"] or at > local or local - at < _LATELY:
        return at
    return at.replace(year=year + 1)


def _of_span(match: re.Match[str], local: datetime) -> datetime | None:
    written = match["number"]
    number = float(written) if written.isdecimal() else _number(written)
    days = number * (30 if match["unit"] == "月" else 7)
    return local + timedelta(days=days)


def _of_day(match: re.Match[str], local: datetime) -> datetime | None:
    word = match["word"]
    if word in _DAYS:
        return _end_of(local + timedelta(days=_DAYS[word]))
    first_of_next = (
        local.replace(year=local.year + 1, month=1, day=1)
        if word == "年底"
        else (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    )
    return _end_of(first_of_next - timedelta(days=1))


def _of_weekday(match: re.Match[str], local: datetime) -> datetime | None:
    wanted = "一二三四五六日".index(match["weekday"].replace("天", "日"))
    ahead = (wanted - local.weekday()) % 7
    if match["next"] == "下":
        ahead = 7 - local.weekday() + wanted
    return _end_of(local + timedelta(days=ahead))


def _number(word: str) -> float:
    return 0.5 if word == "半" else float(_NUMBERS.index(word.replace("两", "二")))


def _end_of(day: datetime) -> datetime:
    return datetime.combine(day.date(), END_OF_DAY, day.tzinfo)
