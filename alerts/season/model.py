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

from contacts.divisions.codes import ancestors
from data.errors import InvalidInput


class DangerLevel(IntEnum):
    """The five levels of forest-fire danger and their colours (GB/T 36743-2018, 一级 to 五级).

    Mind that a *warning* counts the other way: its level I is red.
    """

    GREEN = 1  # 低
    BLUE = 2  # 较低
    YELLOW = 3  # 较高
    ORANGE = 4  # 高
    RED = 5  # 极高


class SeasonProblem(Enum):
    """Why a danger level or a season cannot be taken."""

    PERIOD_INVALID = "period_invalid"
    DAY_TOO_FAR = "danger_day_too_far"


@dataclass(frozen=True, slots=True)
class Danger:
    """The danger of one division on one day; ``level`` is ``None`` where nobody set any."""

    division_code: str
    day: date
    level: DangerLevel | None = None
    decided_for: str | None = None  # the division it was set for: this one or one above

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


def parse_danger_level(text: str) -> DangerLevel | None:
    """The level that a word or number means: 红, red, 5, 五级; ``None`` when it is no such word."""
    return _WORDS.get(text.strip().lower())
