"""python-telegram-bot on our connections: parameters, files, errors, and no token in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import orjson
import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.telegram.transport import READ_SECONDS, AiohttpRequest, Connections
from tests.unit.http_server import SECRET, TOKEN, Server
from tests.waiting import PassTime


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.http.start_server()
    yield server
    server.release.set()
    await server.http.close()


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    async with Connections() as connections:
        yield connections


@pytest.fixture
async def bot(server: Server, connections: Connections) -> AsyncIterator[Bot]:
    bot = Bot(
        TOKEN,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=AiohttpRequest(connections),
        get_updates_request=AiohttpRequest(connections, polling=True),
    )
    yield bot
    with suppress(RuntimeError):
        await bot.shutdown()


async def test_ptb_sends_json(server: Server, bot: Bot) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("收到", callback_data="a:1")]])
    message = await bot.send_message(1, "立即转移", reply_markup=keyboard)
    assert message.message_id == 5
    path, body = server.asked[0]
    assert path == f"/bot{TOKEN}/sendMessage"
    asked = orjson.loads(body)
    assert asked["chat_id"] == 1
    assert asked["text"] == "立即转移"
    assert asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "a:1"


async def test_ptb_uploads_a_file(server: Server, bot: Bot) -> None:
    content = bytes(range(256)) * 400
    await bot.send_document(1, InputFile(content, filename="叫应.pdf"), caption="名单")
    path, body = server.asked[0]
    assert path.endswith("/sendDocument")
    assert server.content_types == ["multipart/form-data"]
    assert content in body
    assert "叫应.pdf".encode() in body or b"%E5%8F%AB%E5%BA%94.pdf" in body
    assert "名单".encode() in body


async def test_ptb_downloads_a_file(server: Server, bot: Bot) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.Response(body=b"photo")
        found = {"file_id": "f", "file_unique_id": "u", "file_path": "photos/1.jpg"}
        return web.json_response({"ok": True, "result": found})

    server.answer = answer
    file = await bot.get_file("f")
    assert await file.download_as_bytearray() == b"photo"


async def test_ptb_gets_its_own_errors(
    server: Server, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else PTB warns about its own RetryAfter
    server.refuse(400, "Bad Request: chat not found")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "x")
    server.refuse(429, "Too Many Requests", retry_after=8)
    with pytest.raises(RetryAfter):
        await bot.send_message(1, "x")


def says_no_secret(error: BaseException) -> bool:
    """Nor does anything it is linked to."""
    linked = error.__cause__ is None and error.__context__ is None
    return linked and SECRET not in f"{error!r} {error}"


async def test_ptbs_errors_hold_no_token(server: Server, bot: Bot, pass_time: PassTime) -> None:
    server.answer = server.hang
    sending = asyncio.create_task(bot.send_message(1, "x"))
    await server.arrived.wait()
    await pass_time(READ_SECONDS + 1)
    with pytest.raises(TimedOut) as timed_out:
        await sending
    assert says_no_secret(timed_out.value)
    server.answer = server.hang_up
    with pytest.raises(NetworkError) as lost:
        await bot.send_message(1, "x")
    assert says_no_secret(lost.value)
    server.echo_page(502)
    with pytest.raises(NetworkError) as page:
        await bot.send_message(1, "x")
    assert SECRET not in f"{page.value!r} {page.value.__cause__!r}"
    assert "is not here" in str(page.value)


async def test_ptbs_requests_open_and_close_the_connections(server: Server) -> None:
    connections = Connections()
    request = AiohttpRequest(connections)
    polling = AiohttpRequest(connections, polling=True)
    for each in (request, request, polling):
        await each.initialize()
    await polling.shutdown()
    assert (await request.do_request(f"{server.url}/botx/getMe", "POST"))[0] == 200
    for each in (request, request):
        await each.shutdown()
    with pytest.raises(RuntimeError, match="not open"):
        assert connections.sends
