"""A test call proves numbers: by a key, by a code; it wakes nobody, and real calls go first."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.config.settings_channels import TestsSettings
from contacts import equipment_store
from contacts.equipment import Equipment, EquipmentKind
from data.audit import audit
from data.tables.contacts import people
from tests.stories.county_gateway import (
    FIRST,
    LANDLINE,
    SECOND,
    GatewayStory,
    gateway_story,
)
from tests.stories.story import buttons
from tests.waiting import StillClock

PHONE, OTHER_PHONE = FIRST["phone"], SECOND["phone"]
SATELLITE = "+8617401349001"
ALL_DAY = TestsSettings(from_hour=0, until_hour=0)


@pytest.fixture
async def world(tmp_path: Path):
    async with gateway_story(tmp_path, "voice", "sms", tests=ALL_DAY) as running:
        village = FIRST["division_code"]
        phone = Equipment(EquipmentKind.SATELLITE_PHONE, village, number=SATELLITE)
        now = running.story.clock()
        running.story.app.database.do(
            lambda c: equipment_store.change(c, [phone], [], now, {"file": "名单.csv"})
        )
        yield running


async def begin(world: GatewayStory) -> str:
    """The county's commander tests 官地镇; what the preview said."""
    chief = world.story["县指挥"]
    world.officers_read()
    await chief.says("/coverage 官地镇")
    covered = await chief.sees("👥 覆盖：官地镇")
    world.covered = covered["text"]
    await chief.taps("测试呼叫")
    preview = await chief.sees("📞 测试呼叫：官地镇")
    await chief.taps("开始测试")
    await world.story.tick()
    await world.story.tick()
    return str(preview["text"])


def acts(world: GatewayStory) -> list[str]:
    rows = world.story.app.database.read(
        lambda c: c.execute(select(audit.c.action, audit.c.detail).order_by(audit.c.seq)).all()
    )
    assert not [row for row in rows if "1740134" in str(row.detail)]
    return [row.action for row in rows]


def code_of(call: dict[str, Any]) -> str:
    return re.findall(r"\d{4}", call["text"])[0]


async def test_a_key_and_a_code_prove_numbers(world: GatewayStory) -> None:
    for row in (FIRST, SECOND):
        world.has_too(row, LANDLINE)
    preview = await begin(world)
    assert "没有人绑定 Telegram，号码也没核实" in world.covered
    assert "电话语音 4 个" in preview and "短信 2 个" in preview and "卫星电话 1 部" in preview
    assert "共 2 人" in preview
    [call] = world.gateway.of(PHONE)
    assert call["text"].startswith("测试呼叫，不是预警。") and "官地村长" in call["text"]
    assert (call["kind"], call["exercise"], call["keys"].get("2")) == ("test", True, None)
    _, said = await world.key(call, "2")
    assert not said["recorded"] and "这是测试，没有记录求助" in said["say"]
    _, said = await world.key(call, "9")
    assert said["say"] == call["text"]
    _, said = await world.key(call, "1", event="pressed")
    assert said["recorded"] and "测试已记录，这里能叫到官地村长" in said["say"]
    # Told again, since our answer got lost: nothing changes.
    assert await world.key(call, "1", event="pressed") == (
        200,
        {"recorded": True, "say": "已记录。"},
    )
    # Two share a landline: it is rung for each of them by name, and proven of one only.
    [landline] = world.gateway.of(LANDLINE)
    _, said = await world.key(landline, "1")
    assert said["recorded"]
    await world.pass_time(seconds=61)
    *_, other = world.gateway.of(LANDLINE)
    assert {text for text in (landline["text"], other["text"]) if "北河沿村长" in text}
    # An SMS bears a code; wrong three times, a new one comes.
    [sms] = world.gateway.of(PHONE, "sms")
    assert (
        sms["text"].startswith("测试，不是预警") and sms["variables"]["warning"] == "测试，不是预警"
    )
    wrong = "1111" if code_of(sms) != "1111" else "2222"
    for _ in range(2):
        _, said = await world.sms(PHONE, wrong)
        assert not said["recorded"] and "数字不对" in said["say"]
    _, said = await world.sms(PHONE, wrong)
    assert "另发一个新的" in said["say"]
    await world.story.tick()
    _, again = world.gateway.of(PHONE, "sms")
    _, said = await world.sms(PHONE, code_of(sms))
    assert code_of(again) == code_of(sms) or "数字不对" in said["say"]
    _, said = await world.sms(PHONE, f"验证码{code_of(again)}")
    assert said["recorded"] and "测试已记录" in said["say"]
    # 收到 alone proves the number it came from, where it is nobody else's.
    _, said = await world.sms(OTHER_PHONE, "收到")
    assert said["recorded"]
    [satellite] = world.gateway.of(SATELLITE)
    assert "卫星电话" in satellite["text"]
    _, said = await world.key(satellite, "1")
    assert said["recorded"]
    # One never answers: three tries, then it is marked.
    for _ in range(3):
        *_, call = world.gateway.of(OTHER_PHONE)
        await world.report(call, "failed", cause="no_answer")
        await world.pass_time(seconds=61)
    assert "address.marked" in acts(world)
    chief = world.story["县指挥"]
    world.officers_read()
    await world.pass_time(minutes=11)
    told = await chief.sees("📞 测试结果：", "核实了 2 人", "卫星电话 1 部，打通 1 部")
    assert "北河沿村长" in told["text"] and "无人接听（3 次）" in told["text"]
    assert "官地镇" in told["text"] and "再测一次" in " ".join(buttons(told))
    done = acts(world)
    assert done.count("test_call.started") == done.count("test_call.closed") == 1
    assert done.count("address.proven") == 4 and "equipment.proven" in done
    _, said = await world.sms(OTHER_PHONE, "1234")
    assert not said["recorded"]
    # What was proven counts: both villages are covered without Telegram.
    await chief.says("/coverage 官地镇")
    covered = (await chief.sees("👥 覆盖：官地镇"))["text"]
    assert "已核实的电话、短信等 2" in covered and "号码也没核实" not in covered


async def test_a_warning_goes_first_and_its_answer_is_no_test(world: GatewayStory) -> None:
    chief = world.story["县指挥"]
    await world.release()
    assert "2 人的号码、账号没有核实过" in world.preview
    calls = len(world.gateway.calls)
    preview = await begin(world)
    assert "叫完以后才打" in preview
    assert len(world.gateway.calls) == calls
    # What comes back answers the warning.
    _, said = await world.sms(PHONE, "1")
    assert "已记录您收到" in said["say"]
    for row in (FIRST, SECOND):
        [call] = world.gateway.of(row["phone"])
        await world.key(call, "1")
    world.officers_read()
    await world.pass_time(seconds=61)
    tested = [call for call in world.gateway.calls.values() if call["kind"] == "test"]
    assert len(tested) == 5
    # A number that rang for the warning a moment ago waited for its quiet minute.
    assert "⏹ 停止测试" in " ".join(buttons(chief.last_with("停止测试")))
    assert "测试已停止" in await chief.taps("停止测试", message=chief.last_with("停止测试"))
    _, said = await world.key(world.gateway.of(PHONE)[-1], "1")
    assert "测试已经结束" in said["say"]


async def test_nobody_is_rung_at_night_and_only_who_commands_begins(tmp_path: Path) -> None:
    # The hour at which the story begins.
    hour = StillClock()().astimezone(ZoneInfo("Asia/Shanghai"))
    later = [(hour + timedelta(hours=hours)).hour for hours in (1, 3)]
    night = TestsSettings(from_hour=later[0], until_hour=later[1])
    async with gateway_story(tmp_path, "voice", tests=night) as world:
        refused = await world.story["县值班"].forges("tc:222403102000")
        assert "只有指挥员" in refused
        preview = await begin(world)
        assert "起打，夜里不打" in preview
        assert not world.gateway.calls
        # Whoever began it commands elsewhere by its end: those on duty alone read who is silent.
        moved = update(people).where(people.c.name == "县指挥").values(division_code="222402000000")
        world.story.app.database.do(lambda c: c.execute(moved))
        await world.pass_time(minutes=61)
        assert world.gateway.of(PHONE) and world.gateway.of(OTHER_PHONE)
        await world.pass_time(minutes=60)  # at whatever minute of the hour it began
        read = [
            any(
                "测试结果" in message["text"] for message in world.story.server.messages(officer.id)
            )
            for officer in (world.story["县指挥"], world.story["县值班"])
        ]
        assert read == [False, True]
