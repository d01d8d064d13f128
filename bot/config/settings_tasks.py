"""What can be configured of the tasks of the five lists."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import setting


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """When a task is reminded of, and when the tiers above hear of it; how long it is kept.

    Each is the longest: of a short term it is a part of it (``alerts.loop.tasks.ladder``).
    """

    take_minutes: float = setting(120.0, low=1, high=7 * 24 * 60)
    remind_hours: float = setting(24.0, low=0.1, high=30 * 24)
    overdue_minutes: float = setting(60.0, low=5, high=30 * 24 * 60)
    climb_minutes: float = setting(240.0, low=5, high=30 * 24 * 60)
    repeat_hours: float = setting(24.0, low=1, high=30 * 24)
    check_hours: float = setting(24.0, low=1, high=30 * 24)
    keep_days: int = setting(1095, low=30, high=36500)
