"""How the sandbox's server hands out updates: long polling, conflicts, webhooks."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.unit.sandbox.client import WANG, sandbox
from tests.waiting import PATIENCE


async def test_an_update_stays_until_the_offset_passes_it() -> None:
    async with sandbox() as (server, bot):
        for text in ("一", "二", "三"):
            server.people.send_text(WANG, text)
        first = await bot.call("getUpdates", limit=2)
        assert [update["message"]["text"] for update in first] == ["一", "二"]
        assert await bot.call("getUpdates", limit=2) == first
        rest = await bot.call("getUpdates", offset=first[-1]["update_id"] + 1)
        assert [update["message"]["text"] for update in rest] == ["三"]
        assert await bot.call("getUpdates", offset=rest[-1]["update_id"] + 1) == []
        await server.watch.updates_taken()


async def test_a_long_poll_ends_with_the_next_update() -> None:
    async with sandbox() as (server, bot):
        poll = asyncio.create_task(bot.call("getUpdates", timeout=30))
        await server.watch.until(lambda: server.bot_api.polling)
        server.people.send_text(WANG, "一")
        assert [update["message"]["text"] for update in await poll] == ["一"]


async def test_a_second_poll_ends_the_first_with_409() -> None:
    async with sandbox() as (server, bot):
        first = asyncio.create_task(bot.refused("getUpdates", timeout=30))
        await server.watch.until(lambda: server.bot_api.polling)
        second = asyncio.create_task(bot.call("getUpdates", timeout=30))
        assert await first == (
            "409 Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        server.people.send_text(WANG, "一")
        assert len(await second) == 1


async def test_allowed_updates_stay_in_force() -> None:
    async with sandbox() as (server, bot):
        await bot.call("getUpdates", allowed_updates=["callback_query"])
        server.people.send_text(WANG, "一")
        assert await bot.call("getUpdates") == []
        await bot.call("getUpdates", allowed_updates=[])
        server.people.send_text(WANG, "二")
        assert len(await bot.call("getUpdates")) == 1


async def test_a_webhook_is_posted_to_until_it_says_2xx() -> None:
    received: list[tuple[str | None, str]] = []
    twice = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        received.append((secret, update["message"]["text"]))
        if len(received) == 2:
            twice.set()
        return web.Response(status=500 if len(received) == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", receive)
    async with TestServer(app) as hook, sandbox() as (server, bot):
        url = str(hook.make_url("/hook"))
        await bot.call("setWebhook", url=url, secret_token="s3", max_connections=1)
        assert await bot.refused("getUpdates") == (
            "409 Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
        server.people.send_text(WANG, "一")
        await asyncio.wait_for(twice.wait(), PATIENCE)
        assert received == [("s3", "一"), ("s3", "一")]
        info = await bot.call("getWebhookInfo")
        assert info["url"] == url and "500" in info["last_error_message"]
        await bot.call("deleteWebhook")
        server.people.send_text(WANG, "二")
        assert (await bot.call("getUpdates"))[-1]["message"]["text"] == "二"
