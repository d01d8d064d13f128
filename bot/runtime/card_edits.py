"""Messages that are edited to stay true: one alert whose cannot be worked out holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from alerts.cards.faults import Faults
from bot.services.async_database import AsyncDatabase
from data import set_aside
from data.database import Connection

log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """What one look found: what is out of date, and the alerts at fault."""

    stale: list[Any]
    faults: Faults


def look_but_at(
    connection: Connection, topic: str, now: datetime, look: Callable[..., list[Any]]
) -> Looked | None:
    """What is out of date of all alerts that are not set aside; ``None`` when nothing is to do.

    :param look: ``stale_cards`` or its like, but for ``but`` and ``faults``.
    """
    faults: Faults = {}
    stale = look(but=set_aside.waiting(connection, topic, now), faults=faults)
    return Looked(stale, faults) if stale or faults else None


async def bring_up_to_date(
    database: AsyncDatabase,
    topic: str,
    now: datetime,
    looked: Looked,
    queue_edits: Callable[[Connection, list[Any], datetime], None],
) -> None:
    """Queue the edits that are due, and set aside the alerts at fault."""
    if looked.stale:
        await database.run(lambda c: queue_edits(c, looked.stale, now))
    for alert_id, error in looked.faults.items():
        log.error("%s of alert %s set aside", topic, alert_id, exc_info=error)
        await database.run(partial(set_aside.note, topic=topic, row=alert_id, error=error, now=now))
