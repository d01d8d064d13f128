"""What a red danger day asks and when each step of it is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class AskKind(Enum):
    """What is asked."""

    ORDERS = "orders"
    ZERO_REPORT = "zero_report"


class AskAnswer(Enum):
    """What was answered."""

    RECEIVED = "received"
    NO_FIRE = "no_fire"
    FIRE = "fire"


class RedDayStep(Enum):
    """What is done once for a day and kind."""

    ASKED = "asked"
    REMINDED = "reminded"
    LISTED = "listed"
    RECALLED = "recalled"  # not kept as done: after it the day may turn red again


@dataclass(frozen=True, slots=True)
class RedDayRules:
    """Local times of day, and minutes until the silent are reminded and listed (ours)."""

    orders_at: time = time(7)
    zero_report_at: time = time(17)
    remind_minutes: float = 30.0
    list_minutes: float = 60.0
    zone: tzinfo = BEIJING

    def starts(self, kind: AskKind, day: date) -> datetime:
        """When it is asked on that local day."""
        at = self.orders_at if kind is AskKind.ORDERS else self.zero_report_at
        return datetime.combine(day, at, self.zone)


Done = Mapping[tuple[str, str, str], datetime]
"""When what was done: by division, kind and step."""


def steps_due(
    now: datetime, rules: RedDayRules, code: str, done: Done
) -> list[tuple[AskKind, RedDayStep]]:
    """What is due for a division whose red day it is, and not done yet.

    The later steps count from the asking itself: a day declared red at noon is asked at noon.
    """
    day = now.astimezone(rules.zone).date()
    found = []
    for kind in AskKind:
        asked = done.get((code, kind.value, RedDayStep.ASKED.value))
        if asked is None:
            if now >= rules.starts(kind, day):
                found.append((kind, RedDayStep.ASKED))
            continue
        for step, minutes in (
            (RedDayStep.REMINDED, rules.remind_minutes),
            (RedDayStep.LISTED, rules.list_minutes),
        ):
            due = now >= asked + timedelta(minutes=minutes)
            if due and (code, kind.value, step.value) not in done:
                found.append((kind, step))
    return found
