"""One of our web servers at its port: it begins and ends the same whatever it serves."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from bot.web.deadlines import Deadlines
from bot.web.doors import Door, Doors
from bot.web.doorway import open_site

log = logging.getLogger(__name__)

AGAIN_SECONDS = 15.0
"""Until a port that was taken is tried again (ours)."""


class Listener:
    """Serves an application whose routes are set. Make it in a running event loop."""

    def __init__(self, application: web.Application) -> None:
        self._application = application
        self._deadlines = Deadlines(application)
        self._runner: web.AppRunner | None = None
        self._trying: asyncio.Task[None] | None = None
        self.listening = False

    async def start(self, listen: str, port: int) -> None:
        """Listen; port 0 takes any free one.

        :raises OSError: it cannot: the port is another program's, or the address not ours.
        """
        runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await open_site(runner, listen, port)
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._deadlines.start(runner)
        self.listening = True

    async def start_when_free(self, listen: str, port: int, door: Door, doors: Doors) -> None:
        """Listen now, or as soon as that can be; meanwhile ``doors`` knows that it cannot."""
        try:
            await self.start(listen, port)
        except OSError as error:
            log.error("%s cannot listen: %s:%d: %s", door.value, listen, port, error.strerror)
            doors.is_shut(door, port)
            trying = self._until_free(listen, port, door, doors)
            self._trying = asyncio.create_task(trying, name=f"{door.value} door")

    async def _until_free(self, listen: str, port: int, door: Door, doors: Doors) -> None:
        while not self.listening:
            await asyncio.sleep(AGAIN_SECONDS)
            try:
                await self.start(listen, port)
            except OSError:
                continue
        log.warning("%s listens after all: %s:%d", door.value, listen, port)
        doors.is_open(door)

    async def stop(self) -> None:
        """Stop listening; requests under way have a second."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        if self.listening and self._runner is not None:
            self.listening = False
            await self._deadlines.stop()
            await self._runner.cleanup()

    @property
    def port(self) -> int | None:
        """The port it listens on; ``None``: none."""
        if not self.listening or self._runner is None:
            return None
        return int(self._runner.addresses[0][1])
