"""What can be configured of the forest side: the fire season, patrol hours, missed check-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, tzinfo
from typing import Any

from alerts.patrol.shifts import MAX_EVERY_MINUTES, ShiftRules
from alerts.season import parse_period
from bot.config_reader import setting
from data.errors import InvalidInput

_HOUR: dict[str, Any] = {
    "pattern": r"([01]\d|2[0-3]):[0-5]\d",
    "wanted_zh": "时刻，如 08:00",
    "wanted_en": "a time of day, such as 08:00",
}
_AFTER: dict[str, Any] = {"low": -1, "high": MAX_EVERY_MINUTES}


def _is_period(text: str) -> bool:
    try:
        parse_period(text)
    except InvalidInput:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Season:
    """The fire seasons of every year; an order imported for a year replaces them."""

    periods: tuple[str, ...] = setting(
        ("03-15..06-15", "09-15..11-30"),
        check=_is_period,
        wanted_zh="形如 03-15..06-15 的起止日期",
        wanted_en="first and last day like 03-15..06-15",
    )
    orders_at: str = setting("07:00", **_HOUR)
    zero_report_at: str = setting("17:00", **_HOUR)
    remind_minutes: float = setting(30.0, low=1, high=720)
    list_minutes: float = setting(60.0, low=1, high=720)


@dataclass(frozen=True, slots=True)
class Patrol:
    """The usual check-ins in the season, and who is told of a missed one (minutes; -1 nobody)."""

    expected: bool = True
    first: str = setting("08:00", **_HOUR)
    last: str = setting("18:00", **_HOUR)
    every_minutes: int = setting(120, low=10, high=MAX_EVERY_MINUTES)
    late_minutes: float = setting(15.0, low=0, high=MAX_EVERY_MINUTES)
    patroller_minutes: float = setting(0.0, **_AFTER)
    station_minutes: float = setting(15.0, **_AFTER)
    county_minutes: float = setting(30.0, **_AFTER)
    roll_call_far_m: float = setting(1000.0, low=0, high=50_000)
    route_buffer_m: float = setting(200.0, low=1, high=20_000)


def shift_rules(season: Season, patrol: Patrol, zone: tzinfo) -> ShiftRules:
    """The rules of check-ins, as the domain wants them; ``zone`` is that of local days."""

    def after(minutes: float) -> float | None:
        return None if minutes < 0 else minutes

    return ShiftRules(
        expected=patrol.expected,
        first=time.fromisoformat(patrol.first),
        last=time.fromisoformat(patrol.last),
        every_minutes=patrol.every_minutes,
        late_minutes=patrol.late_minutes,
        patroller_minutes=after(patrol.patroller_minutes),
        station_minutes=after(patrol.station_minutes),
        county_minutes=after(patrol.county_minutes),
        periods=tuple(parse_period(text) for text in season.periods),
        zone=zone,
    )
