"""One of our web servers at its port: it begins and ends the same whatever it serves."""

from __future__ import annotations

from aiohttp import web

from bot.web.deadlines import Deadlines


class Listener:
    """Serves an application whose routes are set. Make it in a running event loop."""

    def __init__(self, application: web.Application) -> None:
        self._deadlines = Deadlines(application)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self.listening = False

    async def start(self, listen: str, port: int) -> None:
        """Listen; port 0 takes any free one.

        :raises OSError: it cannot: the port is another program's, or the address not ours.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, listen, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._deadlines.start(self._runner)
        self.listening = True

    async def stop(self) -> None:
        """Stop listening; requests under way have a second."""
        if self.listening:
            self.listening = False
            await self._deadlines.stop()
            await self._runner.cleanup()

    @property
    def port(self) -> int | None:
        """The port it listens on; ``None``: none."""
        return int(self._runner.addresses[0][1]) if self.listening else None
