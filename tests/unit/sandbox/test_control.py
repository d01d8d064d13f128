"""The sandbox's own HTTP interface, which its page and the benchmarks use."""

from __future__ import annotations

import asyncio
import base64
import sys
from typing import Any

import aiohttp
import orjson
import pytest

from tests.unit.sandbox.client import GROUP, WANG, Client, sandbox


async def ask(bot: Client, method: str, path: str, body: Any = None) -> Any:
    url = f"{bot.server.base_url}/sandbox/{path}"
    async with bot.session.request(method, url, json=body) as response:
        answer = await response.json()
        assert answer["ok"] == (response.status == 200)
        return answer.get("result", answer.get("description"))


async def test_people_act_and_the_bot_answers() -> None:
    async with sandbox() as (_, bot):
        await ask(bot, "POST", "people/add_user", {"user_id": 9, "first_name": "新"})
        photo = base64.b64encode(b"real bytes").decode()
        shot = await ask(bot, "POST", "people/send_photo", {"user_id": 9, "content": photo})
        file = await bot.call("getFile", file_id=shot["photo"][0]["file_id"])
        url = f"{bot.server.base_url}/file/bot{bot.token}/{file['file_path']}"
        async with bot.session.get(url) as response:
            assert await response.read() == b"real bytes"
        markup = {"inline_keyboard": [[{"text": "收到", "callback_data": "a"}]]}
        sent = await bot.call("sendMessage", chat_id=WANG, text="x", reply_markup=markup)
        tap = {"user_id": WANG, "chat_id": WANG, "message_id": sent["message_id"], "text": "收到"}
        (query,) = await ask(bot, "POST", "taps", {"taps": [tap]})
        await bot.call("answerCallbackQuery", callback_query_id=query, text="已记录")
        answer = await ask(bot, "GET", f"answer?query_id={query}")
        assert answer == {"text": "已记录", "show_alert": False}
        assert len((await ask(bot, "GET", "taps"))["seconds"]) == 1
        assert [
            message["text"] for message in await ask(bot, "GET", f"messages?chat_id={WANG}")
        ] == ["x"]
        assert (await ask(bot, "GET", "chats"))["groups"][0]["id"] == GROUP


async def test_a_mistake_is_told() -> None:
    async with sandbox() as (_, bot):
        refusal = await ask(bot, "POST", "people/send_text", {"user_id": 404, "text": "a"})
        assert "no user 404" in refusal
        assert "no such action" in await ask(bot, "POST", "people/_say", {})


async def test_faults_limits_log_and_stats() -> None:
    async with sandbox() as (_, bot):
        await ask(bot, "POST", "faults", {"action": "answer", "error_code": 500, "count": 1})
        assert (await ask(bot, "GET", "faults"))[0]["error_code"] == 500
        assert (await bot.status("sendMessage", chat_id=WANG, text="a"))[0] == 500
        await ask(bot, "POST", "limits", {"per_second": 1})
        await bot.call("sendMessage", chat_id=WANG, text="a")
        assert (await bot.status("sendMessage", chat_id=GROUP, text="a"))[0] == 429
        rows = await ask(bot, "GET", "log?since=1")
        assert [(row["chat_id"], row["code"]) for row in rows] == [(WANG, 200), (GROUP, 429)]
        stats = await ask(bot, "GET", "stats?methods=sendMessage")
        assert stats["by_code"] == {"500": 1, "200": 1, "429": 1}


async def test_events_stream() -> None:
    async with sandbox() as (server, bot):
        url = f"{server.base_url}/sandbox/events?chat_id={WANG}"
        async with bot.session.get(url) as stream:
            await stream.content.readuntil(b"\n\n")
            await bot.call("sendMessage", chat_id=GROUP, text="not this")
            await bot.call("sendMessage", chat_id=WANG, text="<i>a</i>", parse_mode="HTML")
            event = orjson.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
            assert event["type"] == "message" and event["message"]["html"] == "<i>a</i>"


@pytest.mark.slow
async def test_a_process_of_its_own_with_a_population() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox.bot_api", "--token", "1:a"),
        *("--population", "100", "--limits", "30,1,20", "--forget"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        word, base = (await process.stdout.readline()).decode().split()
        assert word == "ready"
        results = []
        async with aiohttp.ClientSession() as session:
            for chat_id in (100, -5, 101):
                body = {"chat_id": chat_id, "text": "a"}
                async with session.post(f"{base}/bot1:a/sendMessage", json=body) as response:
                    results.append(response.status)
        assert results == [200, 200, 400]
    finally:
        process.terminate()
        assert await process.wait() == 0
