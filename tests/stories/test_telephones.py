"""Whoever reads that they should ring somebody up reads the number, and finds it in one tap."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import locale
from bot.config.settings import TelephoneSettings
from bot.locale.catalogue import read_catalogue
from bot.views.problems import CODES, KINDS
from contacts.people import Role
from data.tables.contacts import people
from tests.roster import TOWNSHIP, VILLAGES
from tests.security.scene import forget
from tests.stories.story import Story, story_of

TO_BE_RUNG = re.compile("(找|(?<![转发])给|向|联系(上级)?|告诉|乡镇或县)值班员")
STATION, DESK = "199 0000 0006", "199 0000 0005"  # 镇值班, 县值班


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with story_of(tmp_path) as told:
        yield told


@pytest.mark.parametrize("report", ["需要支援", "无法执行"])
async def test_a_report_that_says_ring_bears_the_township_s_number(
    story: Story, report: str
) -> None:
    head = story["村长0"]
    await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移")
    await story["县指挥"].taps("确认发布")
    await head.taps("收到")
    await head.taps(report)
    assert f"紧急请直接打电话：镇值班 {STATION}" in _read(story, "村长0")
    await head.says("桥断了")
    assert f"紧急请直接打电话：镇值班 {STATION}" in _read(story, "村长0")
    forget(story)  # what the others were told is another story


async def test_a_refusal_bears_the_number(story: Story) -> None:
    head = story["村长0"]
    assert STATION in await head.forges("a:999")  # a call that never was: an answer tap
    await story["护林员"].says("/board")
    await story["护林员"].sees("不能操作", "镇值班", STATION)


async def test_without_a_duty_officer_the_configured_number_is_told(tmp_path: Path) -> None:
    number = TelephoneSettings(duty="0433-6220110")
    async with story_of(tmp_path, telephones=number) as story:
        gone = update(people).where(people.c.role == Role.DUTY_OFFICER.value).values(active=False)
        story.app.database.do(lambda c: c.execute(gone))
        await story["护林员"].says("/board")
        await story["护林员"].sees("不能操作", "0433-6220110")
        await story["村长0"].says("☎️ 值班电话")
        await story["村长0"].sees("0433-6220110", "12119")


async def test_the_duty_phone_is_one_tap_away(story: Story) -> None:
    for name in ("村长0", "护林员"):
        await story[name].says("☎️ 值班电话")
        shown = await story[name].sees("值班电话", "镇值班", STATION, "县值班", DESK)
        assert shown["text"].index(STATION) < shown["text"].index(DESK)


async def test_a_shift_decides_whose_number_it_is(story: Story) -> None:
    """An officer of the next tier answers for a township that has none; nobody is told himself."""
    await story["镇值班"].says("☎️ 值班电话")
    shown = await story["镇值班"].sees("值班电话", DESK)
    assert STATION not in shown["text"]


@pytest.mark.parametrize("words", ["值班员", "值班", "值班電話", "敦化市值班员 黄泥河镇"])
async def test_the_handbook_finds_duty_officers(story: Story, words: str) -> None:
    await story["村长0"].says(f"/handbook {words}")
    await story["村长0"].sees("镇值班", "+8619900000006", "县值班", "+8619900000005")


async def test_the_handbook_finds_a_village_and_a_post(story: Story) -> None:
    gazetteer = story.app.services.gazetteer
    village = gazetteer.name(VILLAGES[1])
    await story["县值班"].says(f"/handbook {village}")
    shown = await story["县值班"].sees("村长1", "护林员")
    assert "村长0" not in shown["text"]
    await story["县值班"].says("/handbook 巡护员")
    shown = await story["县值班"].sees("护林员")
    assert "村长1" not in shown["text"]
    await story["县值班"].says(f"/handbook {village} 包保责任人")
    shown = await story["县值班"].sees("村长1")
    assert "护林员" not in shown["text"]
    for words in (gazetteer.name(TOWNSHIP), "黃泥河鎮", "黄泥河值班", "镇值班", "199 0000 0006"):
        await story["村长0"].says(f"/handbook {words}")
        shown = await story["村长0"].sees("镇值班", "+8619900000006")
        assert "镇长" not in shown["text"] and "县值班" not in shown["text"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("县值班", ("📣 点名", "🛰 热点", "🗂 现场情况", "🖥 大屏")),
        ("县指挥", ("📣 点名", "🛰 热点", "🗂 现场情况", "🖥 大屏")),
        ("村长0", ("☎️ 值班电话",)),
    ],
)
async def test_what_a_post_needs_is_on_its_keyboard(
    story: Story, name: str, keys: tuple[str, ...]
) -> None:
    await story[name].says("/help")
    await story[name].sees("能做什么")
    _, chat = story.server.people._place(story[name].id, None, None)
    rows = chat.keyboards[story[name].id]["keyboard"]
    shown = [button["text"] for row in rows for button in row]
    assert set(keys) <= set(shown)


async def test_the_keys_do_what_they_say(story: Story) -> None:
    officer = story["县值班"]
    await officer.says("🛰 热点")
    await officer.sees("热点")
    await officer.says("🗂 现场情况")
    await officer.sees("现场上报")
    await officer.says("🖥 大屏")
    await officer.sees("大屏没有开通")


def test_whatever_names_the_duty_officer_has_room_for_the_number() -> None:
    for words in (*CODES.values(), *KINDS.values()):
        assert ("{duty}" in words) is bool(TO_BE_RUNG.search(words)), words
    shipped = Path(locale.__file__).parent / locale.CATALOGUE.format(language="en")
    texts = read_catalogue(shipped.read_text(encoding="utf-8").splitlines())
    said = [words for words in texts if TO_BE_RUNG.search(words)]
    assert len(said) > 10
    assert [words for words in said if "{duty}" not in words] == []


def _read(story: Story, name: str) -> str:
    """Everything the person got since they last looked."""
    return "\n".join(message["text"] for message in story.server.watch.take(story[name].id))
