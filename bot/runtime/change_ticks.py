"""What becomes due of a warning's changes: the next part of one, and that nobody confirmed one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.updates import carrying_out, pending
from bot.runtime.chunks import in_chunks
from bot.runtime.schedule import Tick
from bot.services.services import Services

LAPSE_SECONDS = 5.0
"""Seconds between two looks at changes that nobody confirmed in time."""


def changes_of_warnings(services: Services, seconds: float) -> tuple[Tick[Any], ...]:
    """Carries on what concerns more persons than one transaction takes; lets proposals lapse."""
    rules = services.rules.warnings

    async def carry_on(_found: object, now: datetime) -> None:
        await in_chunks(
            services.database,
            now,
            lambda c, at, most: carrying_out.carry_on(c, rules, at, limit=most),
            carrying_out.PART,
            carrying_out.set_next_aside,
        )

    async def lapse(_found: object, now: datetime) -> None:
        await services.database.run(lambda c: pending.lapse(c, now))

    return (
        Tick("updates", seconds, carrying_out.anything_unfinished, carry_on),
        Tick("changes_lapsed", LAPSE_SECONDS, pending.anything_lapsed, lapse),
    )
