"""What happens by itself about gauges, where there are feeds of them: others start without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.runtime.chunks import in_chunks
from bot.runtime.polling import Polled
from bot.runtime.schedule import Tick
from bot.services.services import Services

FOUND_FOR = timedelta(days=2)
"""For so long what was wrong with a source is remembered after it was seen last (ours)."""


def gauge_feeds(services: Services) -> list[Polled]:
    """The feeds of gauges, to be polled."""
    if not services.settings.sources.gauges_in_use:
        return []
    from bot.runtime.gauge_polls import feeds_of  # others start without it

    return list(
        feeds_of(services.database.blocking, services.settings, services.rules, services.geography)
    )


def water(services: Services, look_seconds: float, forget_seconds: float) -> Iterator[Tick[Any]]:
    """Looks at rain that is above a line; forgets old readings.

    :param look_seconds: between two looks at what is due.
    :param forget_seconds: between two looks for what is old.
    """
    if not services.settings.sources.gauges_in_use:
        return
    from alerts.sources import finding_store
    from alerts.sources.gauges import reading_store, watch_store, watching
    from bot.runtime.gauge_polls import around

    beside = around(services.settings, services.rules, services.geography)

    async def look(_found: bool, now: datetime) -> None:
        await in_chunks(
            services.database,
            now,
            lambda c, now, most: watching.look_again(c, beside, now, limit=most),
            watching.CHUNK,
            watch_store.set_first_aside,
        )

    async def forget(_found: bool, now: datetime) -> None:
        database, read_before = services.database, now - services.rules.water.keep
        if await database.ask(lambda c: reading_store.any_before(c, read_before)):
            await database.run(lambda c: reading_store.delete_before(c, read_before))
        if await database.ask(lambda c: finding_store.any_before(c, now - FOUND_FOR)):
            await database.run(lambda c: finding_store.forget_before(c, now - FOUND_FOR))

    yield Tick("rain", look_seconds, watching.anything_due, look)
    yield Tick("readings", forget_seconds, lambda _c, _now: True, forget)
