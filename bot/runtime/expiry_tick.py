"""Warnings that expire soon: those in charge are asked, then those on duty."""

from __future__ import annotations

from datetime import timedelta

from alerts.expiry import asking
from bot.runtime.chunks import each_alone
from bot.runtime.schedule import Tick
from bot.services.services import Services

SECONDS = 5.0
"""Seconds between two looks: it is about minutes."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in first what was answered while it was out."""


def expiry_tick(services: Services) -> Tick[list[int]]:
    """A row of ``ticks``."""
    return Tick(
        "expiry",
        SECONDS,
        asking.due,
        lambda due, now: each_alone(
            services.database,
            now,
            "expiry",
            due,
            lambda c, alert_id: asking.move_on(c, alert_id, now),
        ),
        settling=SETTLING,
    )
