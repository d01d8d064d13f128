"""Evacuation cards that are due: to whoever has answered a warning of the levels they are for."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from alerts.loop.evacuation import sending
from alerts.loop.evacuation.sending import Look
from bot.runtime.schedule import Tick
from bot.services.services import Services

SECONDS = 2.0
"""Seconds between two looks: whoever has answered waits for it, and a province has 12,000 such."""


def evacuation_tick(services: Services) -> Tick[Look]:
    """A row of ``ticks``."""
    rules, warnings = services.rules.evacuation, services.rules.warnings
    database = services.database

    async def work(found: Look, now: datetime) -> None:
        for alert_id in found.end:
            await database.run(partial(sending.end, alert_id=alert_id))
        for alert in (*found.begin, *found.stand_ins):
            pairs = await database.ask(partial(sending.missing, alert=alert))
            for first in range(0, max(1, len(pairs)), sending.CHUNK):
                part = pairs[first : first + sending.CHUNK]
                last = first + sending.CHUNK >= len(pairs)
                await database.run(
                    partial(
                        sending.note,
                        alert_id=alert.id,
                        pairs=part,
                        last=alert.version if last else None,
                    )
                )
        if found.due:
            await database.run(partial(sending.send_due, rules=warnings, now=now))

    return Tick("evacuation", SECONDS, lambda c, now: sending.look(c, rules, now), work)
