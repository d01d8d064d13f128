"""What becomes due of duty, and the sums of patrols."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from alerts.duty import answering, ask_store, gaps, handing_over, handover_store
from alerts.patrol.results import store as patrol_store
from alerts.patrol.results import summing
from bot.runtime.chunks import Chunk, SetHeadAside, in_chunks, of_column
from bot.runtime.schedule import Tick
from bot.services.services import Services
from data.database import Connection

PLAN_SECONDS = 15.0
"""Seconds between two looks for plans to be looked at."""

ASK_SECONDS = 5.0
"""Seconds between two looks for asks that lapse and hand-overs that are due."""

PATROL_SECONDS = 60.0
"""Seconds between two looks for positions to be summed up: their sums are of half an hour."""

REST_SECONDS = 0.05
"""Seconds between two chunks of sums: 20,000 days take four minutes, and every tap that comes
meanwhile is answered as fast as ever."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in first what was answered while it was out."""


def duty_ticks(services: Services) -> tuple[Tick[Any], ...]:
    """Rows of ``ticks``."""
    rules, shifts = services.rules.duty, services.rules.shifts

    def tick(
        name: str,
        seconds: float,
        look: Callable[[Connection, datetime], Any],
        chunk: Chunk,
        largest: int,
        aside: SetHeadAside,
        rest: float = 0.0,
    ) -> Tick[Any]:
        async def run(_found: object, now: datetime) -> None:
            await in_chunks(services.database, now, chunk, largest, aside, rest_seconds=rest)

        return Tick(name, seconds, look, run, settling=SETTLING)

    return (
        tick(
            "duty_plans",
            PLAN_SECONDS,
            gaps.anything_due,
            lambda c, now, most: gaps.look_at_plans(c, now, rules, limit=most),
            gaps.CHUNK,
            gaps.set_first_aside,
        ),
        tick(
            "duty_asks",
            ASK_SECONDS,
            ask_store.any_due,
            lambda c, now, most: answering.lapse_due(c, now, rules, limit=most),
            answering.CHUNK,
            of_column(ask_store.DUE),
        ),
        tick(
            "handovers",
            ASK_SECONDS,
            handover_store.any_due,
            lambda c, now, most: handing_over.move_due(c, now, rules, limit=most),
            handing_over.CHUNK,
            of_column(handover_store.DUE),
        ),
        tick(
            "patrol_days_found",
            PATROL_SECONDS,
            summing.anything_came,
            lambda c, now, most: summing.find_days(c, now, shifts, limit=most),
            summing.FOUND,
            lambda _c, _now, _error: False,
            REST_SECONDS,
        ),
        tick(
            "patrol_days",
            PATROL_SECONDS,
            patrol_store.any_due,
            lambda c, now, most: summing.sum_due(c, now, shifts, limit=most),
            summing.CHUNK,
            summing.set_first_aside,
            REST_SECONDS,
        ),
    )
