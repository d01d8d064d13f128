"""Nobody holds a connection of our web servers for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.web.deadlines import Deadlines
from tests.waiting import PassTime, until


@asynccontextmanager
async def serving(
    **bounds: float | int,
) -> AsyncIterator[tuple[Deadlines, web.AppRunner, int]]:
    application = web.Application()
    deadlines = Deadlines(application, **bounds)  # type: ignore[arg-type]

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def late(request: web.Request) -> web.Response:
        await until(lambda: request.transport is None)
        raise RuntimeError(request.headers["X"])  # as the library does

    application.router.add_route("*", "/", echo)
    application.router.add_route("*", "/late", late)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield deadlines, runner, runner.addresses[0][1]
    finally:
        await deadlines.stop()
        await runner.cleanup()


def there(runner: web.AppRunner) -> int:
    assert runner.server is not None
    return len(runner.server.connections)


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
async def test_whoever_asks_nothing_is_closed(said: bytes) -> None:
    async with serving(idle=30) as (deadlines, runner, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        await until(lambda: there(runner) == 1)
        assert deadlines.close_idle(runner, 100.0) == 0  # first seen
        assert deadlines.close_idle(runner, 129.9) == 0
        assert deadlines.close_idle(runner, 130.0) == 1
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()


async def test_whoever_asks_now_and_then_stays() -> None:
    async with serving(idle=30) as (deadlines, runner, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        loop = asyncio.get_running_loop()
        for later in (0.0, 29.0):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"200 OK" in await reader.readline()
            await reader.readuntil(b"\r\n\r\n")
            assert deadlines.close_idle(runner, loop.time() + later) == 0
        writer.close()


async def test_a_body_that_trickles_is_given_up(pass_time: PassTime) -> None:
    async with serving(request=20) as (deadlines, _, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        await until(lambda: bool(deadlines._asking))
        await pass_time(21)
        assert b"408" in await reader.readline()
        writer.close()


async def test_too_many_close_those_idle_the_longest() -> None:
    async with serving(idle=1000, most=3) as (deadlines, runner, port):
        writers = []
        for number in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            await until(lambda number=number: there(runner) == number + 1)
            if number < 3:
                assert deadlines.close_idle(runner, float(number)) == 0
        assert deadlines.close_idle(runner, 10.0) == 2
        await until(lambda: there(runner) == 3)
        for writer in writers:
            writer.close()


@pytest.mark.parametrize(
    "said", [b"", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"]
)
async def test_whoever_comes_takes_the_place_of_the_oldest(
    said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A flood of connections, idle or with bodies that never end, takes no more than its share of
    the process's files, and whoever asks something is answered meanwhile."""
    async with serving(most=5) as (deadlines, runner, port):
        deadlines.start(runner)
        writers = []
        for number in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            writers.append(writer)
            if said:
                await until(lambda number=number: len(deadlines._asking) == min(5, number + 1))
        await until(lambda: there(runner) == 5)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200 OK" in await reader.readline()
        assert len(deadlines._asking) + len(deadlines._since) == there(runner) <= 5
        for each in (*writers, writer):
            each.close()
        await until(lambda: there(runner) == 0)
        assert not deadlines._asking and not deadlines._since
    assert not [line for line in caplog.records if line.exc_info], "whoever leaves is no error"


@pytest.mark.parametrize(("words", "ours"), [("Connection closed.", False), ("a bug", True)])
async def test_a_body_read_after_its_connection_was_closed_is_no_error_of_ours(
    words: str, ours: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as (_, runner, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /late HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" % words.encode())
        await until(lambda: there(runner) == 1)
        await asyncio.sleep(0.02)
        writer.transport.abort()
        await until(lambda: there(runner) == 0)
        await asyncio.sleep(0.02)
    assert bool([line for line in caplog.records if line.exc_info]) is ours


async def test_it_looks_by_itself(pass_time: PassTime) -> None:
    async with serving(idle=30) as (deadlines, runner, port):
        deadlines.start(runner)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: there(runner) == 1)
        await pass_time(2)  # it sees the connection for the first time
        await pass_time(32)
        await until(lambda: there(runner) == 0)
        writer.close()
