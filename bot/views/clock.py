"""Times and spans as people read them: Beijing time, minutes rather than seconds. Pure.

The one place where views format times. A time that is not of the day on which it is read bears its
date; the day comes with the zone (``LocalDay``).
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.locale import translator
from bot.locale.local_day import LocalDay

BEIJING: tzinfo = ZoneInfo("Asia/Shanghai")

LONGEST_IN_MINUTES = 120
"""Minutes; from here on a duration is said in hours."""

LONGEST_IN_HOURS = 48
"""Hours; from here on in days."""


def clock(at: datetime | None, zone: tzinfo = BEIJING) -> str:
    """The time of day, 03:05; of another day than that of the zone with its date, 07-03 03:05."""
    if at is None:
        return "--:--"
    if not isinstance(zone, LocalDay):
        return f"{at.astimezone(zone):%H:%M}"
    local = at.astimezone(zone.zone)
    if local.date() == zone.today:
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == zone.today.year else f"{local:%Y-%m-%d %H:%M}"


def day_clock(at: datetime | None, zone: tzinfo = BEIJING) -> str:
    """Day and time, always: 07-03 03:05."""
    if at is None:
        return "--:--"
    if isinstance(zone, LocalDay) and at.astimezone(zone.zone).year != zone.today.year:
        return f"{at.astimezone(zone.zone):%Y-%m-%d %H:%M}"
    return f"{at.astimezone(zone):%m-%d %H:%M}"


def dated_clock(at: datetime, zone: tzinfo = BEIJING) -> str:
    """Date and time with the year, for what is kept: 2026-07-03 03:05."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def day(at: datetime, now: datetime, language: str, zone: tzinfo = BEIJING) -> str:
    """A day: 4月20日, 20 April; of another year with the year."""
    local = at.astimezone(zone)
    this_year = local.year == now.astimezone(zone).year
    if language == "zh":
        return (
            f"{local.month}月{local.day}日"
            if this_year
            else f"{local:%Y}年{local.month}月{local.day}日"
        )
    return f"{local.day} {local:%B}" if this_year else f"{local.day} {local:%B %Y}"


def ago(seconds: float, language: str) -> str:
    """How long something has lasted: 40 分钟, 2 小时 5 分, 3 天 2 小时."""
    _ = translator(language)
    minutes = max(0, int(seconds // 60))
    if not minutes:
        return _("不到 1 分钟")
    if minutes < LONGEST_IN_MINUTES:
        return _("{minutes} 分钟").format(minutes=minutes)
    if minutes >= 60 * LONGEST_IN_HOURS:
        days, hours = minutes // 1440, minutes % 1440 // 60
        if not hours:
            return _("{days} 天").format(days=days)
        return _("{days} 天 {hours} 小时").format(days=days, hours=hours)
    if not minutes % 60:
        return _("{hours} 小时").format(hours=minutes // 60)
    return _("{hours} 小时 {minutes} 分").format(hours=minutes // 60, minutes=minutes % 60)


def span(seconds: float, language: str) -> str:
    """How long something took: 40 秒, 3 分 20 秒, 2 小时 5 分, 3 天 2 小时."""
    _ = translator(language)
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} 秒").format(seconds=whole)
    if whole < 3600 and not whole % 60:
        return _("{minutes} 分钟").format(minutes=whole // 60)
    if whole < 3600:
        return _("{minutes} 分 {seconds} 秒").format(minutes=whole // 60, seconds=whole % 60)
    if whole >= 3600 * LONGEST_IN_HOURS:
        return ago(whole, language)
    return (
        ago(whole, language)
        if whole >= 7200
        else _("{hours} 小时 {minutes} 分").format(hours=whole // 3600, minutes=whole % 3600 // 60)
    )


def whole_minutes(seconds: float) -> int:
    """For a column of numbers."""
    return max(0, int(seconds // 60))


def file_time(at: datetime, zone: tzinfo = BEIJING) -> str:
    """For the name of a file: 0312."""
    return f"{at.astimezone(zone):%H%M}"


def lead(minutes: int, language: str) -> str:
    """A lead time: 3 天, 2 小时, 90 分钟, 2 小时 30 分."""
    _ = translator(language)
    if minutes >= 2880 and minutes % 1440 == 0:
        return _("{days} 天").format(days=minutes // 1440)
    if minutes > LONGEST_IN_MINUTES and minutes % 60:
        return ago(minutes * 60, language)
    if minutes % 60:
        return _("{minutes} 分钟").format(minutes=minutes)
    return _("{hours} 小时").format(hours=minutes // 60)
