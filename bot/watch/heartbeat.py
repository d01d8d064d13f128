"""The heartbeat: a URL visited while all is well. When the visits stop, somebody should look.

Of several processes only the one that keeps the schedule visits: otherwise the living would cover
for the dead. What the others leave undone, the auditor finds in the rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from bot.config.settings_watch import WatchSettings
from bot.telegram.transport import Connections
from bot.watch.health import HealthCheck
from bot.watch.vitals import Vitals

log = logging.getLogger(__name__)

VISIT_SECONDS = 10.0


class Heartbeat:
    """Visits the configured address while all is well; no failure of a visit harms anything."""

    def __init__(
        self,
        settings: WatchSettings,
        connections: Connections,
        vitals: Callable[[], Vitals],
        health: HealthCheck,
    ) -> None:
        self._url = settings.heartbeat_url
        self._seconds = settings.heartbeat_seconds
        self._connections = connections
        self._vitals = vitals
        self._health = health
        self._well = True

    async def run(self) -> None:
        """Visit at the configured pace, until cancelled."""
        while True:
            try:
                if self._vitals().schedules and await self._all_well():
                    await self._visit()
            except Exception:
                log.exception("heartbeat failed")
            await asyncio.sleep(self._seconds)

    async def _all_well(self) -> bool:
        health = await self._health.check()
        well = health.ok and not health.worst
        if well is not self._well:
            self._well = well
            reasons = [complaint.words for complaint in health.complaints]
            reasons += [finding.value for finding in health.worst]
            log.warning("heartbeat %s %s", "goes on" if well else "stops:", "; ".join(reasons))
        return well

    async def _visit(self) -> None:
        """The address is a key, and errors quote it: only their class is logged."""
        try:
            async with self._connections.sends.get(
                self._url.reveal(),
                timeout=aiohttp.ClientTimeout(total=VISIT_SECONDS),
                proxy=self._connections.proxy,
            ) as answer:
                if answer.status >= 400:
                    log.warning("heartbeat: HTTP %d", answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.warning("heartbeat: %s", type(error).__name__)
