"""Keeps a websocket to a provider open, over which it tells us what people pressed.

Nothing has to reach us from outside: we connect. A connection that ends, or is never answered, is
made again, after one second and twice as many each time. What a provider says is handled beside
the reading, so that a slow database delays no heartbeat. Addresses are never logged: they hold
tickets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import aiohttp

log = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds until a connection is made again, doubled by each failure (ours)."""

GOOD_AFTER = 30.0
"""Seconds; a connection that lasted so long was no failure: the next comes after the first wait."""

OPEN_SECONDS = 10.0
"""To be told where to connect, and to connect."""

CLOSE_SECONDS = 1.0
"""A connection that we end waits no longer for the other side's farewell."""

HEARTBEAT_SECONDS = 20.0
"""Between two pings of the websocket; without a pong within half of it the connection is dead."""

AT_ONCE = 32
"""So many things said by a provider are handled at the same time; the others wait their turn."""

MOST_AFTERWARDS = 200
"""So many things may still be going on that are done after something was answered (ours)."""

LARGEST_FRAME = 1024 * 1024  # bytes


class NotLetIn(Exception):
    """The provider does not tell us where to connect. Its text bears no secret."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to something that arrived.

    :param leave: the connection is to be made anew.
    :param then: done once it is said, for what takes longer than the provider waits.
    """

    said: bytes | str | None = None
    leave: bool = False
    then: Callable[[], Awaitable[None]] | None = None


class Dialogue(Protocol):
    """What one provider says over its connection, and what is answered."""

    name: str

    async def address(self, session: aiohttp.ClientSession) -> str:
        """Where to connect, asked anew before each connection.

        :raises NotLetIn: it does not say.
        """

    async def answer(self, heard: bytes | str) -> Reply:
        """What is to be said to a frame. Whatever goes wrong is part of the reply."""

    def ping(self) -> tuple[bytes | str | None, float]:
        """What the provider wants to hear now and then, and again after so many seconds."""


class StayingConnected:
    """One connection that is kept for as long as ``run`` runs."""

    def __init__(
        self, dialogue: Dialogue, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._dialogue = dialogue
        self._sleep = sleep
        self._afterwards: set[asyncio.Task[None]] = set()
        self.name = dialogue.name
        self.stands = False
        """Whether it is connected now."""

    async def run(self) -> None:
        """Stay connected, until cancelled."""
        try:
            await self._stay()
        finally:
            for task in self._afterwards:
                task.cancel()
            await asyncio.gather(*self._afterwards, return_exceptions=True)

    async def _stay(self) -> None:
        timeout = aiohttp.ClientTimeout(total=OPEN_SECONDS)
        wait = FIRST_WAIT
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                began = asyncio.get_running_loop().time()
                why = await self._once(session)
                if asyncio.get_running_loop().time() - began >= GOOD_AFTER:
                    wait = FIRST_WAIT
                log.warning("%s: %s; connecting again in %.0f s", self.name, why, wait)
                await self._sleep(wait)
                wait = min(LONGEST_WAIT, wait * 2)

    async def _once(self, session: aiohttp.ClientSession) -> str:
        """Connect, and listen until it ends.

        :returns: why it ended.
        """
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                url = await self._dialogue.address(session)
                socket = await session.ws_connect(
                    url,
                    heartbeat=HEARTBEAT_SECONDS,
                    max_msg_size=LARGEST_FRAME,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        except NotLetIn as error:
            return str(error)
        except aiohttp.WSServerHandshakeError as error:
            return f"refused with status {error.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return f"not reached: {type(error).__name__}"  # its text would hold the address
        log.info("%s: connected", self.name)
        self.stands = True
        try:
            return await self._listen(socket)
        finally:
            self.stands = False
            await socket.close()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            pinging = group.create_task(self._ping(socket))
            async for message in socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    await slots.acquire()
                    task = group.create_task(self._hear(socket, message.data))
                    task.add_done_callback(lambda _: slots.release())
            pinging.cancel()
        return f"the connection ended with {socket.close_code}"

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse, heard: bytes | str) -> None:
        try:
            reply = await self._dialogue.answer(heard)
            if reply.said is not None:
                await _say(socket, reply.said)
            if reply.then is not None:
                self._do_afterwards(reply.then)
        except Exception:  # a bug of ours keeps no other press from us
            log.exception("%s: what it said was not taken in", self.name)
            return
        if reply.leave:
            await socket.close()

    def _do_afterwards(self, what: Callable[[], Awaitable[None]]) -> None:
        """Holds up neither what is said to us meanwhile nor a connection that is made again."""
        if len(self._afterwards) >= MOST_AFTERWARDS:
            log.warning("%s: too much is going on: nothing is done after an answer", self.name)
            return
        task = asyncio.get_running_loop().create_task(self._done_afterwards(what))
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    async def _done_afterwards(self, what: Callable[[], Awaitable[None]]) -> None:
        try:
            await what()
        except Exception:
            log.exception("%s: what follows an answer was not done", self.name)

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not socket.closed:
            words, seconds = self._dialogue.ping()
            if words is not None:
                await _say(socket, words)
            await asyncio.sleep(seconds)


async def _say(socket: aiohttp.ClientWebSocketResponse, words: bytes | str) -> None:
    """Say it, if the connection still stands: else the provider says it all again."""
    try:
        await (socket.send_str(words) if isinstance(words, str) else socket.send_bytes(words))
    except (aiohttp.ClientError, OSError):
        return
