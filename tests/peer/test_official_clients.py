"""Feishu's and DingTalk's own clients connect to the servers that play both here.

Our own connections are tested against these servers: that they speak as the real ones do is what
their makers' clients say.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot.channels.dingtalk.wire import card_request as dingtalk_card
from bot.channels.events import Handle, OutgoingCall
from bot.channels.feishu.card import card as feishu_card
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer, Sent
from bot.services.clocks import utc_now
from contacts.channels import Channel
from tests.waiting import PATIENCE

HERE = Path(__file__).parent
CALL = OutgoingCall(
    Handle(812, 1), Channel.FEISHU, "call", "zhang", "立即转移", {}, {}, 0.0, False, utc_now(),
    queued_at=utc_now(), title="敦化市暴雨红色预警", buttons={"1": "✅ 收到", "2": "🆘 需要支援"},
)  # fmt: skip


@asynccontextmanager
async def client(script: str, *arguments: str) -> AsyncIterator[None]:
    """A client in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, HERE / script, *arguments, stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("frames", [1, 3])
async def test_feishus_own_client_takes_a_press_and_answers_it(frames: int) -> None:
    feishu = FeishuServer("cli_1", "secret", utc_now, splits=frames)
    feishu.patience = PATIENCE
    card = Sent("om_1", "ou_1", utc_now(), "interactive", feishu_card(CALL), "u")
    feishu.sent["om_1"] = card
    async with TestServer(feishu.application) as server:
        url = str(server.make_url("")).rstrip("/")
        async with client("official_feishu.py", url, "cli_1", "secret"):
            async with asyncio.timeout(PATIENCE):
                await feishu.connected.wait()
            assert await feishu.pressed("om_1", "ou_1", "2") == "heard 2"


async def test_dingtalks_own_client_takes_a_press_and_answers_it() -> None:
    dingtalk = DingtalkServer("id", "secret", "robot", utc_now, template="t")
    dingtalk.patience = PATIENCE
    dingtalk.has("zhang", "+8613900000001")
    dingtalk._made(dingtalk_card(CALL, "zhang", "t", "robot"))
    async with TestServer(dingtalk.application) as server:
        url = str(server.make_url("")).rstrip("/")
        async with client("official_dingtalk.py", url, "id", "secret"):
            async with asyncio.timeout(PATIENCE):
                await dingtalk.connected.wait()
            assert (await dingtalk.ping())["code"] == 200
            [shown] = dingtalk.messages("zhang")
            await dingtalk.press(shown.id, "zhang", "1")
            [shown] = dingtalk.messages("zhang")
            assert shown.answered == "zhang pressed 1" and not shown.buttons
