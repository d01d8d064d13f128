"""What becomes due of plans in stages: somebody is asked, a stage goes out, a plan ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.stages import store, sweep
from bot.runtime.chunks import in_chunks, of_column
from bot.runtime.schedule import Tick
from bot.services.services import Services


def stages_of_plans(services: Services, seconds: float) -> Tick[Any]:
    """Looks every so many ``seconds``."""
    rules = services.rules.warnings

    async def run(_found: object, now: datetime) -> None:
        await in_chunks(
            services.database,
            now,
            lambda c, at, most: sweep.run_due(c, rules, at, limit=most),
            sweep.CHUNK,
            of_column(store.DUE),
        )

    return Tick("stages", seconds, sweep.anything_due, run)
