"""Whoever has no Telegram gets an SMS by Aliyun or Tencent Cloud, and answers by replying."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.providers.aliyun import Aliyun
from tests.providers.cloud import TAKES_AND_HANGS_UP, Cloud
from tests.providers.tencent import Tencent
from tests.stories.cloud_story import CALLBACK_TOKEN, CloudStory, cloud_story
from tests.stories.county_gateway import FIRST, SECOND

PHONE, OTHER_PHONE = FIRST["phone"], SECOND["phone"]
World = CloudStory[Any]
Told = Callable[[World, str, dict[str, Any]], Awaitable[int]]


async def by_aliyun(world: World, what: str, item: dict[str, Any]) -> int:
    kind = {"receipts": "SmsReport", "replies": "SmsUp"}[what]
    return await world.cloud.push(CALLBACK_TOKEN, kind, item)


async def by_tencent(world: World, what: str, item: dict[str, Any]) -> int:
    told: Any = [item] if what == "receipts" else item
    return await world.cloud.tell(CALLBACK_TOKEN, what, told)


BOTH = pytest.mark.parametrize(
    ("cloud", "tell"), [(Aliyun, by_aliyun), (Tencent, by_tencent)], ids=["aliyun", "tencent"]
)


@BOTH
async def test_an_sms_arrives_or_does_not_and_a_reply_answers(
    tmp_path: Path, cloud: type[Cloud], tell: Told
) -> None:
    async with cloud_story(tmp_path, cloud, "sms") as world:
        await world.release()
        [sms], [other] = world.cloud.of(PHONE), world.cloud.of(OTHER_PHONE)
        words = json.dumps(sms, ensure_ascii=False)
        assert "官地镇暴雨红色预警" in words and "立即转移低洼地群众" in words
        assert "http" not in words
        if cloud is Aliyun:
            arrived = world.cloud.arrived(sms, True, "DELIVERED", "用户接收成功")
            lost = world.cloud.arrived(other, False, "MK:0005", "停机")
        else:
            arrived = world.cloud.arrived(sms)
            lost = world.cloud.arrived(other, "MK:0005", "停机")
        for item in (arrived, arrived, lost):
            assert await tell(world, "receipts", item) == 200
        reply = world.cloud.wrote(PHONE, "收到")
        # Nobody of ours wrote this, nobody knows this number, and these words are no answer.
        for item in (
            world.cloud.wrote("+8613900000001", "1"),
            world.cloud.wrote(PHONE, "收到没有？"),
        ):
            assert await tell(world, "replies", item) == 200
        await world.story.settled()
        assert set(world.answered().values()) == {None}
        assert [text for text in world.officers_read() if "收到没有" in text], "somebody reads it"
        for _ in range(2):
            assert await tell(world, "replies", reply) == 200
        await world.story.settled()
        assert world.answered() == {"官地村长": "sms", "北河沿村长": None}
        duty = world.story["县值班"]
        world.officers_read()
        await duty.says("/who")
        assert "短信：停机" in (await duty.sees("北河沿村长"))["text"]
        # The day after, the warning is over.
        world.story.clock.advance(timedelta(hours=25))
        await world.story.tick()
        assert await tell(world, "replies", world.cloud.wrote(OTHER_PHONE, "1")) == 200
        assert world.answered()["北河沿村长"] is None


async def test_an_sms_whose_answer_was_lost_is_known_by_its_number(tmp_path: Path) -> None:
    async with cloud_story(tmp_path, Tencent, "sms") as world:
        world.cloud.plan(TAKES_AND_HANGS_UP, TAKES_AND_HANGS_UP)
        await world.release()
        [sms] = world.cloud.of(PHONE)
        guess = "a-guess-of-somebody"
        assert await world.cloud.tell(guess, "receipts", [world.cloud.arrived(sms)]) == 404
        assert await world.cloud.tell(CALLBACK_TOKEN, "receipts", [1]) == 400
        strange = world.cloud.arrived(sms) | {"sid": "another", "mobile": "13900000001"}
        told = [strange, world.cloud.arrived(sms)]
        assert await world.cloud.tell(CALLBACK_TOKEN, "receipts", told) == 200
        for _ in range(3):
            await world.pass_time(seconds=30)
        assert len(world.cloud.of(PHONE)) == 1, "it arrived, and is not written again"
        assert len(world.cloud.of(OTHER_PHONE)) == 2, "nobody knows of this one"


async def test_an_unpaid_bill_is_told_and_the_ladder_goes_on(tmp_path: Path) -> None:
    async with cloud_story(tmp_path, Tencent, "sms") as world:
        world.cloud.plan("LimitExceeded.PhoneNumberThirtySecondLimit", "RequestLimitExceeded")
        world.cloud.no_money = True
        await world.release()
        await world.pass_time(minutes=9)
        read = world.officers_read()
        [told] = [text for text in read if "服务商拒收" in text]
        assert "短信：欠费" in told and "InsufficientBalance" in told
        assert [text for text in read if "还有 2 人没有回应" in text], "the ladder moves on"
        assert world.cloud.sent == []


async def test_two_persons_of_one_number_say_which_of_them(tmp_path: Path) -> None:
    async with cloud_story(tmp_path, Aliyun, "sms") as world:
        world.has_too(SECOND, PHONE)
        await world.release()
        assert await by_aliyun(world, "replies", world.cloud.wrote(PHONE, "1")) == 200
        await world.story.settled()
        assert set(world.answered().values()) == {None}
        # No SMS goes back by this cloud: somebody has to ring up and ask who it was.
        told = [text for text in world.officers_read() if "回了短信" in text]
        assert {name for name in ("官地村长", "北河沿村长") for text in told if name in text} == {
            "官地村长",
            "北河沿村长",
        }
        assert await by_aliyun(world, "replies", world.cloud.wrote(PHONE, "北河沿村长 1")) == 200
        assert world.answered() == {"官地村长": None, "北河沿村长": "sms"}
