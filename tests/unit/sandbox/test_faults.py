"""The faults that the sandbox's server can be told to produce."""

from __future__ import annotations

import asyncio
from collections import Counter

import aiohttp
import pytest

from bot.sandbox.bot_api.faults import Fault, FaultAction, FaultScript
from tests.unit.sandbox.client import GROUP, LI, WANG, sandbox


def test_a_share_of_the_calls_and_a_count() -> None:
    script = FaultScript(seed=1)
    script.add(Fault(FaultAction.HTML, method="sendMessage", share=0.25))
    met = Counter(script.meet("sendmessage", 1, 1, 0.0) is not None for _ in range(4000))
    assert 900 < met[True] < 1100
    assert script.meet("getMe", None, 1, 0.0) is None
    script.clear()
    script.add(Fault(FaultAction.ANSWER, count=2, chat_id=5))
    assert [script.meet("x", chat, 1, 0.0) is not None for chat in (5, 6, 5, 5)] == [1, 0, 1, 0]


def test_a_storm_lasts_from_its_first_call() -> None:
    script = FaultScript()
    script.add(Fault(FaultAction.STORM, seconds=3))
    assert script.meet("getUpdates", None, 1, 9.0) is None
    storm = script.meet("sendMessage", 1, 1, 10.0)
    assert storm is not None and script.storm_retry_after(storm, 10.5) == 3
    assert script.meet("sendMessage", 2, 1, 12.9) is storm
    assert script.meet("sendMessage", 2, 1, 13.0) is None
    assert not script


async def test_answers_and_gateway_pages() -> None:
    async with sandbox() as (server, bot):
        server.faults.add(Fault(FaultAction.ANSWER, count=1, retry_after=7))
        status, body = await bot.status("sendMessage", chat_id=WANG, text="a")
        assert (status, body["parameters"]) == (429, {"retry_after": 7})
        assert body["description"] == "Too Many Requests: retry after 7"
        server.faults.add(Fault(FaultAction.ANSWER, count=1, error_code=403))
        refusal = await bot.refused("sendMessage", chat_id=WANG, text="a")
        assert refusal == "403 Forbidden: bot was blocked by the user"
        server.faults.add(Fault(FaultAction.HTML, count=1))
        url = f"{server.base_url}/bot{bot.token}/sendMessage"
        async with bot.session.post(url, json={"chat_id": WANG, "text": "a"}) as response:
            assert response.status == 502 and "nginx" in await response.text()
        assert server.messages(WANG) == []


@pytest.mark.parametrize(("action", "performed"), [("drop_before", 0), ("drop_after", 1)])
async def test_dropped_sockets(action: str, performed: int) -> None:
    async with sandbox() as (server, bot):
        server.faults.add(Fault(FaultAction(action), method="sendMessage", count=1))
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.call("sendMessage", chat_id=WANG, text="a")
        assert len(server.messages(WANG)) == performed
        assert server.calls.rows()[-1]["code"] == 0
        await bot.call("sendMessage", chat_id=LI, text="a")


async def test_accepted_then_hung() -> None:
    async with sandbox() as (server, bot):
        server.faults.add(Fault(FaultAction.HANG, chat_id=GROUP, seconds=60))
        call = asyncio.create_task(bot.call("sendMessage", chat_id=GROUP, text="a"))
        assert (await server.watch.next_message(GROUP))["text"] == "a"
        await bot.call("sendMessage", chat_id=WANG, text="a")
        assert not call.done()
        call.cancel()


async def test_the_network_goes_and_comes_back() -> None:
    async with sandbox() as (server, bot):
        await server.refuse_connections()
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.call("getMe")
        await server.accept_connections()
        assert await bot.call("getMe")
