"""What the fire season asks as days pass: red danger days, and closed times (禁火期)."""

from __future__ import annotations

from typing import Any

from alerts.patrol.red_days import closed
from alerts.patrol.red_days import orders as red_days
from bot.runtime.chunks import each_alone
from bot.runtime.schedule import Tick
from bot.services.services import Services


def season_ticks(services: Services, every: float) -> tuple[Tick[Any], ...]:
    """The orders and the zero report of red danger days; that a closed time begins or is over."""
    rules, database = services.rules.red_days, services.database
    return (
        Tick(
            "red_day",
            every,
            lambda c, now: red_days.recalls(c, now, rules) or red_days.due(c, now, rules),
            lambda steps, now: each_alone(
                database, now, "red_day", steps, lambda c, step: red_days.take(c, step, now, rules)
            ),
        ),
        Tick(
            "closed_time",
            every,
            lambda c, now: closed.turns(c, now, rules),
            lambda turns, now: each_alone(
                database, now, "closed_time", turns, lambda c, turn: closed.tell(c, turn, now)
            ),
        ),
    )
