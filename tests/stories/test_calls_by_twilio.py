"""Outside China whoever has no Telegram is rung up, or written to, by Twilio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import StoreBusy
from tests.providers.twilio import Twilio, hangs_up, said_in
from tests.stories.cloud_story import CloudStory, cloud_story
from tests.stories.county_gateway import FIRST, SECOND

PHONE, OTHER_PHONE = FIRST["phone"], SECOND["phone"]
World = CloudStory[Twilio]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with cloud_story(tmp_path, Twilio, "voice", "sms") as running:
        yield running


async def test_every_key_is_answered_while_the_person_listens(world: World) -> None:
    await world.release()
    cloud = world.cloud
    [call] = [made for made in cloud.of(PHONE) if "Twiml" in made]
    assert "官地镇暴雨红色预警" in cloud.spoken(call) and "收到请按1" in cloud.spoken(call)
    for key, said in (("7", "没有这个按键"), ("9", cloud.spoken(call)), ("9", "收到请按1")):
        status, twiml = await cloud.press(call, key)
        assert status == 200 and said in said_in(twiml) and not hangs_up(twiml)
    assert world.answered()["官地村长"] is None
    for _ in range(2):  # Twilio did not hear what we said, and asks again
        status, twiml = await cloud.press(call, "1")
        assert "已记录" in said_in(twiml) and hangs_up(twiml)
    assert await cloud.ends(call, "completed", 4) == 204, "short, but answered"
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    # Of the other: hung up without a key, then out of reach.
    [other] = [made for made in cloud.of(OTHER_PHONE) if "Twiml" in made]
    assert await cloud.ends(other, "completed", 2) == 204
    await world.pass_time(seconds=61)
    await world.story.tick()
    again = [made for made in cloud.of(OTHER_PHONE) if "Twiml" in made][1]
    assert await cloud.ends(again, "no-answer") == 204
    assert world.answered()["北河沿村长"] is None
    assert not [made for made in cloud.of(PHONE) if "Twiml" in made][1:]
    world.officers_read()


async def test_an_sms_is_answered_by_replying_and_the_reply_says_which(world: World) -> None:
    await world.release()
    cloud = world.cloud
    [sms] = [made for made in cloud.of(PHONE) if "Body" in made]
    assert await cloud.arrives(sms, "sent") == 204
    assert await cloud.arrives(sms, "undelivered", "30005") == 204
    for _ in range(2):
        status, twiml = await cloud.writes(PHONE, "收到", sid="SM-of-the-reply")
        assert status == 200 and "已记录" in said_in(twiml)
    assert world.answered()["官地村长"] == "sms"
    assert (await cloud.writes("+13105550001", "1"))[1] == "<Response/>", "a stranger"
    assert "没有记为收到" in said_in((await cloud.writes(OTHER_PHONE, "在开会"))[1])
    world.officers_read()


async def test_who_does_not_sign_as_twilio_is_turned_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.release()
    cloud = world.cloud
    [call] = [made for made in cloud.of(PHONE) if "Twiml" in made]
    assert (await cloud.press(call, "1", token="somebody's"))[0] == 403
    assert (await cloud.writes(PHONE, "1", token="somebody's"))[0] == 403
    assert (await cloud.post("/twilio/key?call=1-1", fields={"Digits": "1"}))[0] == 403
    for kind, body in (("charset=none-such", b"a=b"), ("charset=utf-8", b"a=%ff")):
        form = {"Content-Type": f"application/x-www-form-urlencoded; {kind}"}
        assert (await cloud.post("/twilio/sms", body=body, headers=form))[0] in (400, 403)
    # Signed, and about nothing of ours.
    url = f"{cloud.public}/twilio/key?call=99999-1"
    assert hangs_up((await cloud.tells(url, {"CallSid": "CA1", "Digits": "1"}))[1])
    assert set(world.answered().values()) == {None}
    database = world.story.app.services.database

    async def busy(*_: object) -> None:
        raise StoreBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "run", busy)
        status, twiml = await cloud.press(call, "1")
        assert status == 200 and "再按一次" in said_in(twiml) and not hangs_up(twiml)
        assert await cloud.ends(call, "busy") == 503
    assert world.answered()["官地村长"] is None
    # Its key of yesterday, when the warning is over.
    world.story.clock.advance(timedelta(hours=25))
    await world.story.tick()
    assert "已记录" not in said_in((await cloud.press(call, "1"))[1])
    assert world.answered()["官地村长"] is None


async def test_a_suspended_account_is_told_and_a_number_that_is_none_holds_up_nobody(
    world: World,
) -> None:
    world.cloud.plan(*["403 20005"] * 16, "429 20429", "400 21211")
    await world.release()
    for _ in range(3):
        await world.pass_time(minutes=1)
    told = "\n".join(text for text in world.officers_read() if "服务商拒收" in text)
    assert "电话语音：欠费" in told and "短信：欠费" in told and "（20005）" in told
    await world.pass_time(minutes=5)
    assert len(world.cloud.taken) == 3
