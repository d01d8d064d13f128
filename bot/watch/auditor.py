"""Tells the duty officer, and the administrator by a line in the log, of what stands still."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from alerts.oversight.auditing import Told, anything_to_do, audit
from alerts.oversight.clock_steps import note_step
from alerts.oversight.findings import Source, Telling
from alerts.sources.feed_store import feed_states
from alerts.sources.hotspots import FeedFault
from bot.services.clocks import ClockStep, SteadyClock
from bot.services.services import Services
from data.database import Connection

log = logging.getLogger(__name__)


class Asked(Protocol):
    """A feed that is polled."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def every(self) -> timedelta:
        """How often it is asked."""

    @property
    def wanted(self) -> Callable[[Connection, datetime], bool]:
        """Whether it is asked at all now."""


class Auditor:
    """The work of the tick that looks for what stands still.

    :param feeds: those that are polled.
    """

    def __init__(self, services: Services, feeds: Iterable[Asked]) -> None:
        self._database = services.database
        self._rules = services.rules.oversight
        self._clock = services.clock
        self._doors = services.doors
        self._noted: ClockStep | None = None  # as it is in the trail
        self._asked = {feed.name: feed for feed in feeds}

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether something stands still, or did at the last look."""
        step = self._step
        sources = self._sources(connection, now)
        return step != self._noted or anything_to_do(
            connection, now, self._rules, sources, step, self._doors.shut
        )

    async def tell(self, _due: bool, now: datetime) -> None:
        """Tell the duty officer at the top, and the log."""
        step = self._step

        def unit(c: Connection) -> list[Told]:
            if step is not None and step != self._noted:
                note_step(c, step, now)
            return audit(c, now, self._rules, self._sources(c, now), step, self._doors.shut)

        told = await self._database.run(unit)
        self._noted = step
        for finding in told:
            if finding.telling is Telling.OVER:
                log.warning("%s is over", finding.kind.value)
            elif finding.officers:
                log.error("%s: %d officers told", finding.kind.value, finding.officers)
            else:
                log.error("%s, and no officer at the top can be reached", finding.kind.value)

    @property
    def _step(self) -> ClockStep | None:
        """The last step of this machine's clock, once it is followed, or kept out for good."""
        step = self._clock.last_step if isinstance(self._clock, SteadyClock) else None
        return step if step is None or step.followed or step.by < timedelta(0) else None

    def _sources(self, connection: Connection, now: datetime) -> list[Source]:
        return [
            Source(
                state.name,
                state.succeeded_at,
                feed.every,
                state.failures,
                state.fault is FeedFault.UNREADABLE,
                state.bad_rows,
                "" if state.fault is None else state.fault.value,
            )
            for state in feed_states(connection)
            if (feed := self._asked.get(state.name)) is not None and feed.wanted(connection, now)
        ]
