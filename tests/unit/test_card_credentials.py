"""An app whose credentials or rights are wrong: said once, in words for whoever mends it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestServer

from alerts.channels.model import Trouble
from bot.channels.dingtalk import connection as dingtalk_connection
from bot.channels.dingtalk.api import DingtalkApi
from bot.channels.dingtalk.connection import DingtalkDialogue
from bot.channels.dingtalk.sender import DingtalkSender
from bot.channels.events import Handle, OutgoingCall
from bot.channels.feishu import connection as feishu_connection
from bot.channels.feishu.api import FeishuApi
from bot.channels.feishu.connection import FeishuDialogue
from bot.channels.feishu.sender import FeishuSender
from bot.channels.long_connection import NotLetIn
from bot.channels.sending import Outcome, Result
from bot.channels.token_api import REFUSED_FOR, AccessToken, Answer, NoToken, opened_session
from bot.config.reader import Secret
from bot.config.settings_accounts import DingtalkSettings, FeishuSettings
from bot.config.settings_channels import ChannelsSettings
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer
from contacts.channels import Cause, Channel
from tests.waiting import StillClock

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
NUMBER = "+8613900000001"


def now() -> datetime:
    return NOW


class FewServices:
    """What a dialogue asks for before anything is heard."""

    def __init__(self, channels: ChannelsSettings) -> None:
        self.settings = self
        self.channels = channels
        self.clock = now


def call(channel: Channel, to: str = NUMBER) -> OutgoingCall:
    return OutgoingCall(
        Handle(1, 1), channel, "call", to, "立即转移", {}, {}, 0.0, False, NOW, queued_at=NOW
    )


async def remember(_handle: Handle, _account: str) -> bool:
    return True


async def forget(_handle: Handle, _account: str) -> bool:
    return False


@pytest.mark.parametrize("secret", ["right", "wrong"])
async def test_feishu(secret: str) -> None:
    server = FeishuServer("cli_1", "right", now)
    member = server.has("ou_1", NUMBER)
    async with TestServer(server.application) as running, opened_session() as session:
        url = str(running.make_url("")).rstrip("/")
        settings = FeishuSettings("cli_1", Secret(secret), url)
        dialogue = FeishuDialogue(FewServices(ChannelsSettings(feishu=settings)))  # type: ignore[arg-type]
        sender = FeishuSender(FeishuApi(settings, now), session, remember)
        sent = await sender.send(call(Channel.FEISHU))
        if secret == "wrong":
            assert sent == Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words="10014")
            with pytest.raises(NotLetIn, match="code 10014"):
                await dialogue.address(session)
            return
        assert sent.result is Result.ACCEPTED
        assert (await dialogue.address(session)).startswith("ws://127.0.0.1")
        unnoted = FeishuSender(FeishuApi(settings, now), session, forget)
        assert (await unnoted.send(call(Channel.FEISHU))).result is Result.HELD
        server.trouble.plan(400, {"code": 99991672, "msg": "no scope"})
        sent = await sender.send(call(Channel.FEISHU))
        assert sent == Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words="99991672")
        member.stopped_bot = True
        sent = await sender.send(call(Channel.FEISHU, "ou_1"))
        assert sent == Outcome(Result.REFUSED, cause=Cause.BLOCKED)


@pytest.mark.parametrize("secret", ["right", "wrong"])
async def test_dingtalk(secret: str) -> None:
    server = DingtalkServer("ding", "right", "robot", now, template="another")
    server.has("zhang", NUMBER)
    async with TestServer(server.application) as running, opened_session() as session:
        url = str(running.make_url("")).rstrip("/")
        settings = DingtalkSettings(
            "ding", Secret(secret), "robot", "template", url, people_url=url
        )
        dialogue = DingtalkDialogue(FewServices(ChannelsSettings(dingtalk=settings)))  # type: ignore[arg-type]
        sender = DingtalkSender(settings, DingtalkApi(settings, now), session, remember)
        sent = await sender.send(call(Channel.DINGTALK))
        assert sent.result is Result.LATER
        if secret == "wrong":
            assert (sent.trouble, sent.words) == (Trouble.NOT_ALLOWED, "invalidClientIdOrSecret")
            with pytest.raises(NotLetIn, match="code authFailed"):
                await dialogue.address(session)
            return
        assert (sent.trouble, sent.words) == (Trouble.NOT_APPROVED, "param.templateNotExist")
        assert (await dialogue.address(session)).startswith("ws://127.0.0.1")
        server.trouble.plan(500, {})
        assert (await sender.send(call(Channel.DINGTALK, "zhang"))).result is Result.UNCERTAIN


async def test_over_https_the_connection_is_encrypted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers in a provider's place does not get what people press in the open."""
    told = {"code": 0, "data": {"URL": "ws://a.cn/ws"}, "endpoint": "ws://a.cn", "ticket": "t"}

    async def answered(*_: object) -> Answer:
        return Answer(200, told, {})

    for module in (dingtalk_connection, feishu_connection):
        monkeypatch.setattr(module, "post", answered)
    services = FewServices(ChannelsSettings())
    async with opened_session() as session:
        for dialogue in (FeishuDialogue(services), DingtalkDialogue(services)):  # type: ignore[arg-type]
            with pytest.raises(NotLetIn, match="not wss"):
                await dialogue.address(session)


async def test_who_waits_for_a_token_that_is_not_given_does_not_ask_again_at_once() -> None:
    clock, asked = StillClock(), 0

    async def ask(_session: object) -> tuple[str, float]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked == 1:
            raise TimeoutError
        return "t", 7200.0

    token = AccessToken(ask, clock)
    async with opened_session() as session:
        tries = [token.get(session) for _ in range(8)]
        came = await asyncio.gather(*tries, return_exceptions=True)
        assert [type(one) for one in came] == [TimeoutError, *[NoToken] * 7] and asked == 1
        clock.advance(REFUSED_FOR)
        assert await asyncio.gather(*[token.get(session) for _ in range(3)]) == ["t"] * 3
        assert asked == 2
