"""What can be configured of the forest side: the season, patrols, calls for help, hotspots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from alerts.patrol.shifts.model import MAX_EVERY_MINUTES
from alerts.season.model import parse_period
from bot.config.reader import setting
from data.errors import InvalidInput

_HOUR: dict[str, Any] = {
    "pattern": r"([01]\d|2[0-3]):[0-5]\d",
    "wanted_zh": "时刻，如 08:00",
    "wanted_en": "a time of day, such as 08:00",
}
_MINUTES: dict[str, Any] = {"low": 0.5, "high": 24 * 60}
_AFTER: dict[str, Any] = {"low": -1, "high": MAX_EVERY_MINUTES}


def _is_period(text: str) -> bool:
    try:
        parse_period(text)
    except InvalidInput:
        return False
    return True


@dataclass(frozen=True, slots=True)
class SeasonSettings:
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
class PatrolSettings:
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
    results_days: int = setting(800, low=31, high=3650)


@dataclass(frozen=True, slots=True)
class DistressSettings:
    """Seconds to undo; minutes between two rounds; which colleagues are asked."""

    confirm_seconds: float = setting(10.0, low=0, high=120)
    repeat_minutes: float = setting(2.0, low=0.1, high=60)
    colleagues: int = setting(3, low=0, high=20)
    colleague_minutes: float = setting(720.0, low=1, high=10_080)
    colleague_km: float = setting(50.0, low=0.1, high=500)


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Where pictures and videos are copied to; empty: they stay with Telegram."""

    directory: str = ""
    max_megabytes: float = setting(20.0, low=0.1, high=2000)


KEY = "{key}"
"""Stands in the address of a feed for the key of FIRMS."""


@dataclass(frozen=True, slots=True)
class FirmsSettings:
    """The map key of FIRMS, one for all its satellites: in the addresses of feeds it is {key}."""

    key: str = setting(
        "",
        pattern=r"[A-Za-z0-9]{0,64}",
        wanted_zh="申请到的 MAP_KEY（字母和数字）",
        wanted_en="the MAP_KEY you were given (letters and digits)",
        hidden=True,
    )


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """One feed of hotspots; without an address, or without the key that stands in it, it is off.

    The address may hold a key: hidden.
    """

    name: str = setting(
        "firms",
        pattern=r"[A-Za-z0-9_.-]{1,40}",
        wanted_zh="1 到 40 个字母、数字、_ . -",
        wanted_en="1 to 40 letters, digits, _ . -",
    )
    url: str = setting(
        "",
        pattern=r"(https?://\S+)?",
        wanted_zh="http:// 或 https:// 开头的网址",
        wanted_en="an address that begins with http:// or https://",
        hidden=True,
    )
    format: str = setting("firms", choices=("firms", "json"))
    every_seconds: float = setting(300.0, low=10, high=86_400)
    max_bytes: int = setting(33_554_432, low=1024, high=1_073_741_824)


_FIRMS_URL = "https://firms.modaps.eosdis.nasa.gov/api/area/csv/{key}/%s_NRT/121,40,132,47/2"

FIRMS_FEEDS = tuple(
    FeedSettings(name, _FIRMS_URL % product)
    for name, product in (
        ("SNPP", "VIIRS_SNPP"),
        ("NOAA-20", "VIIRS_NOAA20"),
        ("NOAA-21", "VIIRS_NOAA21"),
        ("MODIS", "MODIS"),
    )
)
"""The satellites of FIRMS that see north-eastern China: on once there is a key."""


def feeds_in_use(feeds: Iterable[FeedSettings], firms: FirmsSettings) -> list[FeedSettings]:
    """The feeds that are on, the key in their addresses."""
    return [
        replace(feed, url=feed.url.replace(KEY, firms.key))
        for feed in feeds
        if feed.url and (firms.key or KEY not in feed.url)
    ]


@dataclass(frozen=True, slots=True)
class HotspotSettings:
    """Who is sent to a hotspot, how soon an answer and a verdict are due, what is an alarm."""

    recent_hours: float = setting(24.0, low=1, high=168)
    seen_minutes: float = setting(240.0, low=5, high=2880)
    reach_m: float = setting(30_000.0, low=100, high=500_000)
    answer_minutes: float = setting(5.0, **_MINUTES)
    due_minutes: float = setting(30.0, **_MINUTES)
    county_minutes: float = setting(5.0, low=0, high=24 * 60)
    repeat_minutes: float = setting(30.0, low=1, high=24 * 60)
    far_m: float = setting(2000.0, low=10, high=100_000)
    alarm_pixels: int = setting(3, low=1, high=1000)
    again_hours: float = setting(3.0, low=0, high=168)
    heat_source_verdicts: int = setting(3, low=1, high=100)
    heat_source_m: float = setting(750.0, low=10, high=10_000)
    unusual_pixels: int = setting(2, low=0, high=1000)
    unusual_times: float = setting(3.0, low=1, high=1000)
