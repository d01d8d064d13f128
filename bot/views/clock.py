"""Times and spans as people read them: Beijing time, minutes rather than seconds. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.locale import translator

BEIJING: tzinfo = ZoneInfo("Asia/Shanghai")


def clock(at: datetime | None, zone: tzinfo = BEIJING) -> str:
    """The time of day: 03:05."""
    return "--:--" if at is None else f"{at.astimezone(zone):%H:%M}"


def day_clock(at: datetime | None, zone: tzinfo = BEIJING) -> str:
    """Day and time, for what may be of another day: 07-03 03:05."""
    return "--:--" if at is None else f"{at.astimezone(zone):%m-%d %H:%M}"


def ago(seconds: float, language: str) -> str:
    """How long something has lasted: 40 分钟, from two hours on 2 小时 5 分."""
    _ = translator(language)
    minutes = max(0, int(seconds // 60))
    if minutes < 120:
        return _("{minutes} 分钟").format(minutes=minutes)
    return _("{hours} 小时 {minutes} 分").format(hours=minutes // 60, minutes=minutes % 60)


def span(seconds: float, language: str) -> str:
    """How long something took: 40 秒, 3 分 20 秒, 2 小时 5 分."""
    _ = translator(language)
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} 秒").format(seconds=whole)
    if whole < 3600:
        return _("{minutes} 分 {seconds} 秒").format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} 小时 {minutes} 分").format(hours=whole // 3600, minutes=whole % 3600 // 60)


def lead(minutes: int, language: str) -> str:
    """A lead time: 2 小时, 90 分钟."""
    _ = translator(language)
    if minutes % 60:
        return _("{minutes} 分钟").format(minutes=minutes)
    return _("{hours} 小时").format(hours=minutes // 60)
