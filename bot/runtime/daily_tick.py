"""The daily report: made when a day is over, told to those who read it."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.loop.daily import making
from alerts.loop.daily.making import Due
from bot.runtime.schedule import Tick
from bot.services.services import Services

SECONDS = 15.0
"""Seconds between two looks: it is about days."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in first what was answered while it was out."""


def daily_tick(services: Services) -> Tick[Due]:
    """A row of ``ticks``."""
    rules = services.rules.daily
    return Tick(
        "daily",
        SECONDS,
        lambda c, now: making.due(c, now, rules),
        lambda due, now: _make(services, due, now),
        settling=SETTLING,
    )


async def _make(services: Services, due: Due, now: datetime) -> None:
    """Counted beside the writer, a day at a time: no tap waits for it."""
    database, rules = services.database, services.rules.daily
    if (first := due.begins) is not None:
        await database.run(lambda c: making.begin(c, first, now))
    if (last := due.ahead_of) is not None:
        await database.run(lambda c: making.drop_after(c, last, now))
    for day in due.to_make:
        parts = await database.ask(lambda c, day=day: making.count(c, day, rules))  # type: ignore[misc]
        await database.run(lambda c, day=day, parts=parts: making.put(c, day, parts, now))  # type: ignore[misc]
    # The newest first: it says how many before it were not told.
    for day in sorted({*due.to_tell, *due.to_make}, reverse=True):
        told = await database.ask(
            lambda c, day=day: making.plan_telling(c, day, now, rules)  # type: ignore[misc]
        )
        await database.run(lambda c, told=told: making.tell(c, told, now))  # type: ignore[misc]
