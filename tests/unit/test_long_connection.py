"""A connection that is kept open: made again after whatever ends it, ended at once when asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from bot.channels import long_connection
from bot.channels.long_connection import FIRST_WAIT, NotLetIn, Reply, StayingConnected
from tests.waiting import PATIENCE, free_port

SECRET = "ticket-that-nobody-may-read"


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """What we logged; the server here logs too."""
    records = [record for record in caplog.records if record.name.startswith("bot.")]
    return "\n".join(record.getMessage() for record in records)


class Provider:
    """Echoes nothing; says what the test wants, and keeps what it heard."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.came: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.status = 101
        app = web.Application()
        app.router.add_get("/ws", self._connection)
        self.server = TestServer(app)

    async def _connection(self, request: web.Request) -> web.StreamResponse:
        if self.status != 101:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.came.put_nowait(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.heard.put_nowait(message.data)
        return socket


class Echoing:
    """A dialogue that says back what it hears."""

    name = "echo"

    def __init__(self, url: str) -> None:
        self.url = url
        self.refused = False
        self.slow = asyncio.Event()
        self.went_on: bool | None = None

    async def address(self, _session: aiohttp.ClientSession) -> str:
        if self.refused:
            raise NotLetIn("code 514")
        return f"{self.url}?{SECRET}"

    def ping(self) -> tuple[str, float]:
        return "ping", 3600.0

    async def answer(self, heard: bytes | str) -> Reply:
        assert isinstance(heard, str)
        if heard == "bug":
            raise RuntimeError("a bug")
        if heard == "slow":
            await self.slow.wait()
        if heard == "then":
            return Reply("then too", leave=True, then=self._goes_on)
        return Reply(f"{heard} too", leave=heard == "leave")

    async def _goes_on(self) -> None:
        try:
            await self.slow.wait()
        finally:
            self.went_on = self.slow.is_set()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    found = Provider()
    async with found.server:
        yield found


class Running:
    """A connection that runs, and the waits between two tries."""

    def __init__(self, url: str) -> None:
        self.waits: list[float] = []
        self.dialogue = Echoing(url)
        self.connection = StayingConnected(self.dialogue, self._sleep)
        self.task = asyncio.create_task(self.connection.run())
        self.waited = asyncio.Condition()

    async def _sleep(self, seconds: float) -> None:
        async with self.waited:
            self.waits.append(seconds)
            self.waited.notify_all()
        await asyncio.sleep(0)

    async def tried(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE), self.waited:
            await self.waited.wait_for(lambda: len(self.waits) >= times)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task], timeout=PATIENCE)
        assert self.task.cancelled()


async def test_it_answers_beside_the_reading_and_is_made_again_when_it_breaks(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    running = Running(str(provider.server.make_url("/ws")))
    socket = await provider.came.get()
    assert await provider.heard.get() == "ping"
    for said in ("slow", "bug", "quick"):
        await socket.send_str(said)
    assert await provider.heard.get() == "quick too", "what is slow holds up nothing"
    running.dialogue.slow.set()
    assert await provider.heard.get() == "slow too"
    await socket.send_str("leave")
    assert await provider.heard.get() == "leave too"
    again = await provider.came.get()
    assert running.waits == [FIRST_WAIT]
    assert again._req is not None and again._req.transport is not None
    again._req.transport.abort()
    await provider.came.get()
    assert running.waits == [FIRST_WAIT, FIRST_WAIT * 2]
    await running.stop()
    assert "echo: connected" in ours(caplog) and SECRET not in ours(caplog)


async def test_it_waits_longer_each_time_and_says_why(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    provider.status = 403
    running = Running(str(provider.server.make_url("/ws")))
    await running.tried(2)
    running.dialogue.url = f"http://127.0.0.1:{free_port()}/ws"
    await running.tried(5)
    running.dialogue.refused = True
    await running.tried(9)
    await running.stop()
    assert running.waits[:9] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    for why in ("status 403", "ClientConnectorError", "code 514"):
        assert why in ours(caplog)
    assert SECRET not in ours(caplog)


async def test_it_ends_at_once_though_the_other_side_says_nothing_any_more(
    provider: Provider,
) -> None:
    running = Running(str(provider.server.make_url("/ws")))
    socket = await provider.came.get()
    await socket.send_str("slow")  # never answered
    await provider.heard.get()
    await running.stop()


async def test_what_is_done_after_an_answer_holds_up_nothing_and_ends_with_the_rest(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_connection, "AT_ONCE", 1)
    running = Running(str(provider.server.make_url("/ws")))
    socket = await provider.came.get()
    assert await provider.heard.get() == "ping"
    await socket.send_str("then")
    assert await provider.heard.get() == "then too"
    again = await provider.came.get()
    assert await provider.heard.get() == "ping", "a new connection, while that goes on"
    await again.send_str("quick")
    assert await provider.heard.get() == "quick too"
    assert running.dialogue.went_on is None
    await running.stop()
    assert running.dialogue.went_on is False
