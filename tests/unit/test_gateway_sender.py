"""Handing one call to a gateway over HTTP: whatever goes wrong is an outcome, and names nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from bot.channels.events import Handle, OutgoingCall
from bot.channels.gateway import ANSWER_SECONDS, opened_sender
from bot.channels.sending import Outcome, Result
from bot.config.reader import Secret
from bot.config.settings_channels import GatewaySettings
from contacts.channels import Cause, Channel
from tests.unit.http_server import Server
from tests.waiting import PassTime, free_port, pass_time  # noqa: F401 - a fixture

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
CALL = OutgoingCall(
    Handle(812, 1), Channel.SMS, "call", "+8619900000010", "立即转移", {}, {}, 0.0, False, NOW
)


@pytest.fixture
async def gateway() -> AsyncIterator[Server]:
    server = Server()
    async with server.http:
        yield server
        server.release.set()


async def send(url: str) -> Outcome:
    async with opened_sender(GatewaySettings(url=url, secret=Secret("s" * 32)), lambda: NOW) as s:
        return await s.send(CALL)


async def test_a_call_is_posted_where_the_gateway_is(gateway: Server) -> None:
    assert (await send(f"{gateway.url}/gw/")).result is Result.ACCEPTED
    [(path, body)] = gateway.asked
    assert path == "/gw/v1/calls" and b'"id":"812-1"' in body
    assert gateway.content_types == ["application/json"]


async def test_no_answer_within_its_time_is_uncertain(
    gateway: Server,
    pass_time: PassTime,  # noqa: F811
) -> None:
    gateway.answer = gateway.hang
    sent = asyncio.create_task(send(gateway.url))
    await gateway.arrived.wait()
    await pass_time(ANSWER_SECONDS - 1)
    assert not sent.done()
    await pass_time(2)
    assert await sent == Outcome(Result.UNCERTAIN)


async def test_a_connection_that_breaks_is_uncertain_and_none_at_all_is_not(
    gateway: Server,
) -> None:
    gateway.answer = gateway.hang_up
    assert await send(gateway.url) == Outcome(Result.UNCERTAIN)
    assert await send(f"http://127.0.0.1:{free_port()}") == Outcome(Result.LATER)


async def test_an_answer_in_two_pieces_is_read_whole(gateway: Server) -> None:
    """The first piece arrives alone."""

    async def in_pieces(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=422)
        await answer.prepare(request)
        await answer.write(b'{"cause":')
        await gateway.release.wait()
        await answer.write(b'"no_such_number"}')
        return answer

    gateway.answer = in_pieces
    sent = asyncio.create_task(send(gateway.url))
    await gateway.arrived.wait()
    for _ in range(50):  # rounds of the loop
        await asyncio.sleep(0)
    gateway.release.set()
    assert await sent == Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)


async def test_nobody_is_followed_elsewhere_with_a_signed_request(gateway: Server) -> None:
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{gateway.url}/elsewhere")

    gateway.answer = elsewhere
    assert await send(gateway.url) == Outcome(Result.LATER)
    assert len(gateway.asked) == 1


async def test_an_answer_without_end_is_not_read_to_its_end(gateway: Server) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=202)
        await answer.prepare(request)
        with_room: Any = answer
        try:
            while True:
                await with_room.write(b" " * 65_536)
        except (ConnectionError, asyncio.CancelledError):
            return answer

    gateway.answer = endless
    assert await send(gateway.url) == Outcome(Result.ACCEPTED)
