"""The watch of one process, put together: health, figures, heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.config.settings_watch import WatchSettings
from bot.services.async_database import AsyncDatabase
from bot.telegram.transport import Connections
from bot.watch.health import HealthCheck
from bot.watch.heartbeat import Heartbeat
from bot.watch.server import WatchServer
from bot.watch.vitals import Vitals
from data.database import Database


class Watching:
    """Everything that watches a process. Make it in a running event loop; ``start``, ``stop`` it.

    :param vitals: how the process stands now; called on the event loop.
    """

    def __init__(
        self,
        settings: WatchSettings,
        database: Database,
        connections: Connections,
        clock: Callable[[], datetime],
        vitals: Callable[[], Vitals],
    ) -> None:
        # Threads of its own: a scrape that waits for the database must not hold up a tick.
        self._database = AsyncDatabase(database, readers=2, name="watch")
        health = HealthCheck(self._database, clock, vitals, settings.silent_seconds)
        self.server = WatchServer(settings, self._database, clock, vitals, health)
        self._heartbeat: Heartbeat | None = None
        if settings.heartbeat_url:
            self._heartbeat = Heartbeat(settings, connections, vitals, health)
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Answer monitors, and begin the heartbeat."""
        await self.server.start()
        if self._heartbeat is not None:
            loop = asyncio.get_running_loop()
            self._beating = loop.create_task(self._heartbeat.run(), name="heartbeat")

    async def stop(self) -> None:
        """Stop both."""
        task, self._beating = self._beating, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.server.stop()
        self._database.close()
