"""Deadlines for whoever connects to one of our web servers: nobody holds a connection for nothing.

A server of ours stands open to a whole office's network, and each connection is an open file of the
process that also calls people. One that asks nothing is closed after a while, one that is being
asked for longer than a request takes is answered 408, and when there are too many, those that have
been idle the longest are closed first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

IDLE_SECONDS = 60.0
"""A connection that asks nothing, or does not take what it was answered (ours)."""

REQUEST_SECONDS = 20.0
"""For one request, its body too (ours)."""

MOST_CONNECTIONS = 200
"""Of one server (ours): a wall and its windows need a dozen."""

LOOK_SECONDS = 1.0


class Deadlines:
    """Closes idle connections of one server. Make it before the application's runner is set up."""

    def __init__(
        self,
        application: web.Application,
        *,
        idle: float = IDLE_SECONDS,
        request: float = REQUEST_SECONDS,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        """
        :param idle: seconds a connection may ask nothing.
        :param request: seconds a request may take.
        :param most: connections at once.
        """
        self._idle = idle
        self._request = request
        self._most = most
        self._asking: set[Any] = set()  # connections with a request under way
        self._since: dict[Any, float] = {}  # the others: since when
        self._looking: asyncio.Task[None] | None = None

        @web.middleware
        async def within_deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = request.protocol
            self._asking.add(connection)
            self._since.pop(connection, None)
            try:
                async with asyncio.timeout(self._request):
                    return await handler(request)
            except TimeoutError:
                return web.Response(status=408)
            finally:
                self._asking.discard(connection)
                self._since[connection] = asyncio.get_running_loop().time()

        application.middlewares.insert(0, within_deadline)

    def start(self, runner: web.AppRunner) -> None:
        """Begin to look at the connections of the application's runner, which was set up."""
        self._looking = asyncio.get_running_loop().create_task(self._look(runner), name="idle")

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None

    async def _look(self, runner: web.AppRunner) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.close_idle(runner, asyncio.get_running_loop().time())

    def close_idle(self, runner: web.AppRunner, now: float) -> int:
        """Close the connections whose time is over; returns how many."""
        server = runner.server
        there = [] if server is None else list(server.connections)
        self._since = {
            connection: self._since.get(connection, now)
            for connection in there
            if connection not in self._asking
        }
        longest_first = sorted(self._since, key=self._since.__getitem__)
        over = [idle for idle in longest_first if now - self._since[idle] >= self._idle]
        too_many = max(0, len(there) - self._most - len(over))
        over += longest_first[len(over) : len(over) + too_many]
        for connection in over:
            if connection.transport is not None:
                connection.transport.abort()
        return len(over)
