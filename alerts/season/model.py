"""The forest-fire season and the danger level of a day. Pure. Days are local calendar days.

A province or county sets the season's dates by order each year; where none is stored for a year,
the configured periods hold. Both the dates and the danger level are those of the nearest division
upward that has any: a county without a level of its own has its city's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum

from alerts.model import Level
from contacts.divisions.codes import ancestors
from data.errors import InvalidInput
from data.simplified import simplified


class DangerLevel(IntEnum):
    """The five levels of forest-fire danger and their colours (GB/T 36743-2018, 一级 to 五级).

    Mind that a *warning* counts the other way: its level I is red.
    """

    GREEN = 1  # 低
    BLUE = 2  # 较低
    YELLOW = 3  # 较高
    ORANGE = 4  # 高
    RED = 5  # 极高


class DangerScale(Enum):
    """Whose colours a level is of. The weather service's signals have three, the forest command's
    warnings four; the national five levels (GB/T 36743-2018) are said by number."""

    WEATHER = "weather"
    COMMAND = "command"
    NATIONAL = "national"

    @property
    def levels(self) -> tuple[DangerLevel, ...]:
        """The levels for which it has a colour; a colour means the same level in each."""
        first = {DangerScale.WEATHER: 3, DangerScale.COMMAND: 2, DangerScale.NATIONAL: 1}
        return tuple(DangerLevel)[first[self] - 1 :]


def scales_of(level: DangerLevel) -> tuple[DangerScale, ...]:
    """Who may have meant a colour; where there are two, it has to be asked. Green is no warning."""
    found = tuple(
        scale for scale in (DangerScale.WEATHER, DangerScale.COMMAND) if level in scale.levels
    )
    return found or (DangerScale.NATIONAL,)


class SeasonProblem(Enum):
    """Why a danger level or a season cannot be taken."""

    PERIOD_INVALID = "period_invalid"
    DAY_TOO_FAR = "danger_day_too_far"
    NOT_IN_SCALE = "danger_not_in_scale"  # whose colours these are has no such one


@dataclass(frozen=True, slots=True)
class Danger:
    """The danger of one division on one day; ``level`` is ``None`` where nobody set any."""

    division_code: str
    day: date
    level: DangerLevel | None = None
    decided_for: str | None = None  # the division it was set for: this one or one above
    scale: DangerScale | None = None  # whose colours; ``None`` where nobody said

    @property
    def red(self) -> bool:
        """A red danger day: the day's orders and the zero report are due."""
        return self.level is DangerLevel.RED


@dataclass(frozen=True, slots=True)
class Season:
    """One fire season set by order, both days included."""

    division_code: str
    starts_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        """Whether ``day`` is in the season."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Period:
    """A season of every year: (month, day) of its first and last day; it may pass New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def covers(self, day: date) -> bool:
        """Whether ``day`` is in the period."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


# DOMAIN, "Forest fire": the customary northern spring season; autumn from the published notices.
DEFAULT_PERIODS = (Period((3, 15), (6, 15)), Period((9, 15), (11, 30)))

OrderedSeasons = Mapping[str, Sequence[Season]]
"""The seasons set by order, by division code."""


def nearest_danger(levels: Mapping[str, DangerLevel], code: str, day: date) -> Danger:
    """The danger of ``code`` on ``day``, from the levels set for that day."""
    for division in (code, *ancestors(code)):
        if division in levels:
            return Danger(code, day, levels[division], division)
    return Danger(code, day)


def in_season(orders: OrderedSeasons, periods: Sequence[Period], code: str, day: date) -> bool:
    """Whether ``day`` is in the fire season of ``code``.

    An order for the year of ``day`` (by the first day of its seasons) replaces the periods.
    """
    for division in (code, *ancestors(code)):
        ordered = orders.get(division, ())
        if any(season.covers(day) for season in ordered):
            return True
        if any(season.starts_on.year == day.year for season in ordered):
            return False
    return any(period.covers(day) for period in periods)


def parse_period(text: str) -> Period:
    """``03-15..06-15`` as a period.

    :raises InvalidInput: PERIOD_INVALID: it is none.
    """
    try:
        first, last = (date.fromisoformat(f"2000-{part}") for part in text.split(".."))
    except ValueError:
        raise InvalidInput(SeasonProblem.PERIOD_INVALID, text=text[:40]) from None
    return Period((first.month, first.day), (last.month, last.day))


_WORDS: Mapping[str, DangerLevel] = {
    word: level
    for level, words in {
        DangerLevel.GREEN: "1 一级 绿 绿色 green 低 低度 🟢",
        DangerLevel.BLUE: "2 二级 蓝 蓝色 blue 较低 🔵",
        DangerLevel.YELLOW: "3 三级 黄 黄色 yellow 较高 🟡",
        DangerLevel.ORANGE: "4 四级 橙 橙色 orange 高 高度 🟠",
        DangerLevel.RED: "5 五级 红 红色 red 极高 🔴",
    }.items()
    for word in words.split()
}


_SCALES: Mapping[str, DangerScale] = {
    word: scale
    for scale, words in {
        DangerScale.WEATHER: "气象 气象台 气象局 气象部门 三色 气象三色 weather",
        DangerScale.COMMAND: "指挥部 森防指 森防 森防办 林草 林草局 四色 指挥部四色 command",
        DangerScale.NATIONAL: "国标 五级制 national",
    }.items()
    for word in words.split()
}
_ROMAN: Mapping[str, DangerLevel] = {
    word: level
    for level, words in {
        DangerLevel.RED: "ⅰ级 i级 ⅰ",
        DangerLevel.ORANGE: "ⅱ级 ii级 ⅱ",
        DangerLevel.YELLOW: "ⅲ级 iii级 ⅲ",
        DangerLevel.BLUE: "ⅳ级 iv级 ⅳ",
    }.items()
    for word in words.split()
}
"""The forest command's warnings count the other way: its level I is red."""


def danger_of_colour(level: Level) -> DangerLevel:
    """The level of danger that the colour of a warning means, whoever issued it."""
    return DangerLevel[level.name]


def parse_scale(text: str) -> DangerScale | None:
    """Whose colours a word says: 气象, 指挥部; ``None`` when it is no such word."""
    return _SCALES.get(simplified(text).strip().lower())


def scale_of_word(text: str) -> DangerScale | None:
    """Whose level a word of a level is, where the word alone says it: 5 and 五级 are national,
    Ⅱ级 is the command's; a colour is not."""
    word = text.strip().lower()
    if word in _ROMAN:
        return DangerScale.COMMAND
    return DangerScale.NATIONAL if word[:1] in "12345一二三四五" else None


def scale_of_sender(sender: str) -> DangerScale | None:
    """Whose colours a warning of this issuer is of: 敦化市气象台, 吉林省森林草原防灭火指挥部."""
    if "气象" in sender:
        return DangerScale.WEATHER
    forest = ("指挥部", "林草", "林业", "森防", "应急")
    return DangerScale.COMMAND if any(word in sender for word in forest) else None


def parse_danger_level(text: str) -> DangerLevel | None:
    """The level that a word or number means: 红, red, 5, 五级; ``None`` when it is no such word."""
    word = simplified(text).strip().lower()
    return _WORDS.get(word) or _ROMAN.get(word)
