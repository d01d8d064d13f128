"""Deadlines for whoever connects to one of our web servers: nobody holds a connection for nothing.

A server of ours stands open to a whole office's network, and each connection is an open file of the
process that also calls people. One that asks nothing is closed after a while, one that is being
asked for longer than a request takes is answered 408, and where there are too many, whoever comes
takes the place of the one that has been idle the longest, or else has asked for the longest.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.rare_lines import rarely

IDLE_SECONDS = 60.0
"""A connection that asks nothing, or does not take what it was answered (ours)."""

REQUEST_SECONDS = 20.0
"""For one request, its body too (ours)."""

MOST_CONNECTIONS = 200
"""Of one server (ours): a wall and its windows need a dozen."""

LOOK_SECONDS = 1.0

_CLOSED = "Connection closed."

rarely("aiohttp.server")  # what it says of requests that are none


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
        self._asking: dict[Any, None] = {}  # connections with a request under way, oldest first
        self._since: dict[Any, float] = {}  # the others: since when, oldest first
        self._looking: asyncio.Task[None] | None = None

        @web.middleware
        async def within_deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = request.protocol
            self._asking[connection] = None
            self._since.pop(connection, None)
            try:
                async with asyncio.timeout(self._request):
                    return await handler(request)
            except TimeoutError:
                return web.Response(status=408)
            except (ConnectionResetError, RuntimeError) as error:
                # The library's word, too, for a body whose connection was closed before it is read.
                gone = isinstance(error, ConnectionResetError) or str(error) == _CLOSED
                if connection.transport is not None or not gone:
                    raise
                return web.Response(status=400)  # they left in the middle: nobody reads it
            finally:
                self._asking.pop(connection, None)
                if connection.transport is not None:
                    self._since[connection] = asyncio.get_running_loop().time()

        application.middlewares.insert(0, within_deadline)

    def start(self, runner: web.AppRunner) -> None:
        """Begin to look at the connections of the application's runner, which was set up."""
        server = runner.server
        assert server is not None
        made, lost = server.connection_made, server.connection_lost

        def comes(connection: Any, transport: Any) -> None:
            made(connection, transport)
            self._make_room_for(connection)

        def goes(connection: Any, error: BaseException | None = None) -> None:
            lost(connection, error)
            self._since.pop(connection, None)
            self._asking.pop(connection, None)

        server.connection_made = comes  # type: ignore[method-assign, assignment]
        server.connection_lost = goes  # type: ignore[method-assign, assignment]
        self._looking = asyncio.get_running_loop().create_task(self._look(runner), name="idle")

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None

    def _make_room_for(self, newcomer: Any) -> None:
        """Somebody connects. Thousands in a second would take all files of the process."""
        self._since[newcomer] = asyncio.get_running_loop().time()
        if len(self._since) + len(self._asking) <= self._most:
            return
        oldest = next(iter(self._since))
        if oldest is newcomer and self._asking:
            oldest = next(iter(self._asking))
        self._since.pop(oldest, None)
        self._asking.pop(oldest, None)
        if oldest.transport is not None:
            oldest.transport.abort()

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
