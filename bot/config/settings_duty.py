"""What can be configured of duty."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import setting


@dataclass(frozen=True, slots=True)
class DutySettings:
    """Whether gaps of a plan are told; minutes before a hand-over its note is asked for, and after
    it until it is told that nobody has confirmed it (0: never)."""

    gaps: bool = True
    handover_minutes: float = setting(30.0, low=0, high=24 * 60)
    received_minutes: float = setting(30.0, low=0, high=24 * 60)
