"""How often Aliyun's queues are asked: at once while something comes, seldom when they refuse."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.aliyun.connection import AT_LEAST, LONGEST_REST, AliyunQueues
from bot.config.reader import Secret
from bot.config.settings_channels import ChannelsSettings
from bot.config.settings_clouds import AliyunSettings, TencentSettings, TwilioSettings
from contacts.channels import Channel
from tests.waiting import PassTime, still_time  # noqa: F401 - a fixture

SERVICES: Any = SimpleNamespace(settings=SimpleNamespace(channels=ChannelsSettings()))


async def test_a_queue_is_asked_at_once_while_something_comes(
    monkeypatch: pytest.MonkeyPatch,
    still_time: PassTime,  # noqa: F811
) -> None:
    answers = [16, 3, 0, 0, None, None, None, *[None] * 6, 1]
    asked: list[float] = []

    async def take_next(*_: Any) -> int | None:
        asked.append(asyncio.get_running_loop().time())
        if not answers:
            await asyncio.Event().wait()
        return answers.pop(0)

    monkeypatch.setattr(AliyunQueues, "_take_next", take_next)
    queues = AliyunQueues(SERVICES, ["Alicom-Queue-1234-SmsUp", "Alicom-Queue-1234"])
    running = asyncio.create_task(queues.run())
    while answers or len(asked) < 15:
        await still_time(1.0)
    running.cancel()
    waits = [round(later - earlier) for earlier, later in pairwise(asked)]
    assert waits == [0, 0, AT_LEAST, AT_LEAST, 2, 4, 8, 16, 32, *[LONGEST_REST] * 4, 0]


@pytest.mark.parametrize(
    ("settings", "channel", "missing"),
    [
        (AliyunSettings(), Channel.VOICE, "access_key_id"),
        (AliyunSettings("k", Secret("s")), Channel.VOICE, "show_number"),
        (AliyunSettings("k", Secret("s")), Channel.SMS, "sign_name"),
        (
            AliyunSettings("k", Secret("s"), sign_name="县", sms_template="SMS_1"),
            Channel.SMS,
            "queues",
        ),
        (
            AliyunSettings("k", Secret("s"), sign_name="县", sms_template="S", queues=("q",)),
            Channel.SMS,
            "",
        ),
        (TencentSettings("k", Secret("s"), sdk_app_id="1"), Channel.SMS, "sign_name"),
        (TwilioSettings("k", Secret("s")), Channel.VOICE, "from_number"),
    ],
)
def test_the_key_without_which_a_cloud_cannot_serve(
    settings: Any, channel: Channel, missing: str
) -> None:
    assert settings.missing(channel) == missing
