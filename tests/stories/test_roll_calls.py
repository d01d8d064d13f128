"""Roll calls: people answer with their position, and those who do not are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts.people import Contact
from data.tables.contacts import people
from tests.roster import COUNTY, OTHER_COUNTY
from tests.stories.story import Story, buttons, story_of

HERE = (43.37, 128.23, 12.0)  # Dunhua
TUMEN = (42.97, 129.85, 12.0)
NOWHERE = (0.0, 0.0, 12.0)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def _started(story: Story, line: str = "敦化市 所有人 20"):
    """The county's commander calls the roll in one line; returns the growing result."""
    commander = story["县指挥"]
    await commander.says(f"/rollcall {line}")
    preview = await commander.sees("点名 · 敦化市", "20 分钟内报位")
    await commander.taps("开始点名")
    return preview


def _keyboard(story: Story, name: str) -> list[list[dict[str, object]]]:
    """The keys under a person's chat now."""
    _, chat = story.server.people._place(story[name].id, None, None)
    return chat.keyboards[story[name].id]["keyboard"]


async def test_a_roll_call_in_a_few_taps(story: Story) -> None:
    commander = story["县指挥"]
    await commander.says("📣 点名")  # the key
    await commander.sees("点名：哪个区域？", "敦化市")
    await commander.taps("确认此区域")
    shown = commander.last_with("巡护员")
    assert "点谁？" in shown["text"]
    await commander.taps("巡护员")
    await commander.taps("20 分钟")
    assert "应到 1 人" in commander.shows(shown)["text"]
    await commander.taps("开始点名")
    assert "应到 1 人\n✅ 实到 0 人" in commander.shows(shown)["text"]
    await story["护林员"].sees("📣 点名 · 敦化市", "县指挥", "前报位")
    for word in ("收到", "到"):  # no position: it is said, with the key again
        await story["护林员"].says(word)
        await story["护林员"].sees("还没有记录您的答复", "📣 点名 · 敦化市", "一键报位")
    keys = _keyboard(story, "护林员")
    assert keys[0] == [{"text": "📍 一键报位", "request_location": True}]
    assert "🆘 求救" in [key["text"] for row in keys for key in row]
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("已记录", "点名已到")
    await story.tick()
    assert "应到 1 人\n✅ 实到 1 人" in commander.shows(shown)["text"]
    await story.fast_forward(minutes=21)
    assert "结束" in commander.shows(shown)["text"]
    assert buttons(commander.shows(shown)) == ["🗺 地图"]


async def test_the_result_grows_and_the_silent_are_named(story: Story) -> None:
    database = story.app.database
    database.do(
        lambda c: c.execute(
            people.update().where(people.c.id == 11).values(contact=Contact.BLOCKED.value)
        )
    )
    result = await _started(story)
    commander, asked = story["县指挥"], ("村长0", "村长2", "副村长0", "护林员", "镇长", "镇值班")
    for name in (*asked, "县值班"):
        await story[name].sees("📣 点名 · 敦化市")
    text = commander.shows(result)["text"]
    assert "应到 8 人\n✅ 实到 0 人" in text and "未到 8 人" in text and "联系不上 1 人" in text
    for name in asked[2:]:
        await story[name].presses("一键报位", location=HERE)
        await story[name].sees("点名已到")
    await story["县值班"].presses("一键报位", location=HERE)
    await story["县值班"].sees("点名已到")
    await story["村长2"].presses("一键报位", location=TUMEN)
    await story["村长2"].sees("点名已到，但您不在责任区内")
    await story["村长0"].presses("一键报位", location=NOWHERE)
    await story["村长0"].sees("有疑问")  # it answers nothing
    await story.tick()
    text = commander.shows(result)["text"]
    assert "应到 8 人\n✅ 实到 6 人" in text and "未到 2 人" in text and "不在责任区 1 人" in text
    await commander.taps("未到 2 人", message=result)
    listed = await commander.sees("未到 2 人", "村长0", "+86199000000010"[3:6], "村长1")
    assert "Telegram 联系不上" in listed["text"] and "村长2" not in listed["text"]
    await commander.taps("不在责任区 1 人", message=result)
    await commander.sees("不在责任区 1 人", "村长2", "报位离责任区")
    assert "请过" in await commander.taps("再叫一次", message=result)
    await story.fast_forward(minutes=2)
    assert "已再叫 1 人" in await commander.taps("再叫一次", message=result)
    await story["村长0"].sees("还没有收到您的位置", "点名")
    await story.fast_forward(minutes=19)
    await commander.sees("未到 2 人", "村长0", "村长1")
    await story["县值班"].sees("未到 2 人", "村长0")
    await story["村长0"].presses("一键报位", location=HERE)
    await story["村长0"].sees("点名已到（迟到）")
    await story.tick()
    assert "应到 8 人\n✅ 实到 7 人" in commander.shows(result)["text"]


async def test_the_same_roll_call_is_not_sent_twice(story: Story) -> None:
    await _started(story, "敦化市 巡护员 20")
    await story["护林员"].sees("📣 点名")
    await story["县指挥"].says("/rollcall 敦化市，巡護員，20分鐘")
    await story["县指挥"].sees("应到 1 人")
    assert "没有重复发出" in await story["县指挥"].taps("开始点名")
    await story["县指挥"].taps("结束点名")
    await story["县指挥"].sees("未到 1 人", "护林员")
    await story["县值班"].sees("未到 1 人", "护林员")


async def test_who_may_call_the_roll(story: Story) -> None:
    await story["护林员"].says("/rollcall 敦化市 巡护员 20")
    await story["护林员"].sees("不当值")
    await story["图们指挥"].forges(f"qg:{COUNTY}:rangers:20")
    await story["县指挥"].forges(f"qg:{OTHER_COUNTY}:rangers:20")
    await _started(story, "巡护员 20 敦化市")
    await story["护林员"].sees("📣 点名")
    for name in ("图们指挥", "村长0"):
        for button in ("again", "map", "close", "silent", "far", "show"):
            answer = await story[name].forges(f"qt:1:{button}:0")
            assert "范围" in answer or "不当值" in answer or "职务" in answer
    await story["县指挥"].forges("qt:999:close:0")
    await story["县指挥"].taps("结束点名")
    await story["县指挥"].sees("未到 1 人", "护林员")
    await story["县值班"].sees("未到 1 人")
    assert "已结束" in await story["县指挥"].forges("qt:1:again:0")


async def test_a_duty_officer_calls_the_roll_of_those_below(story: Story) -> None:
    """Nothing is ordered, only asked who is there: no commander is needed for that."""
    duty, station = story["县值班"], story["镇值班"]
    await duty.says("/rollcall 敦化市 护林员 20")
    preview = await duty.sees("应到 1 人")
    await duty.taps("开始点名")
    asked = await story["护林员"].sees("📣 点名 · 敦化市", "县值班")
    assert "指挥" not in asked["text"]
    await station.forges(f"qg:{COUNTY}:rangers:20")  # a township's officer: not the county
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.tick()
    assert "应到 1 人\n✅ 实到 1 人\n📵 未到 0 人" in duty.shows(preview)["text"]
    await duty.taps("结束点名")
    await station.says("/rollcall 黄泥河镇 村责任人 20")
    await station.sees("应到 4 人")
    await station.taps("开始点名")
    for name in ("村长0", "村长1", "村长2", "副村长0"):
        await story[name].sees("📣 点名 · 黄泥河镇", "镇值班")
    assert "已再叫" not in await story["村长0"].forges("qt:2:again:0")
    await story.fast_forward(minutes=2)
    assert "已再叫 4 人" in await station.taps("再叫一次")
    for name in ("村长0", "村长1", "村长2", "副村长0"):
        await story[name].sees("还没有收到您的位置")
    await station.taps("结束点名")
    await station.sees("未到 4 人", "村长0")
    await duty.sees("未到 4 人", "村长0")


async def test_nobody_and_no_such_place(story: Story) -> None:
    commander = story["县指挥"]
    await commander.says("/rollcall 敦化市 瞭望员 20")
    await commander.sees("没有要点名的人")
    await commander.says("/rollcall 火星 巡护员 20")
    await commander.sees("没有「火星」")
    await commander.says("黄泥河镇")  # typed: the question is still open
    await commander.sees("点谁？", "黄泥河镇")
    await commander.taps("✖️ 取消")


async def test_a_point_of_a_live_track_answers(story: Story) -> None:
    """The phone of a ranger who shares a live position is silent; the track is not."""
    ranger, people = story["护林员"], story.server.people
    shared = people.send_location(ranger.id, *HERE[:2], live_period=3600)
    await story.settled()
    await ranger.sees("已记录")
    result = await _started(story, "敦化市 巡护员 20")
    await ranger.sees("📣 点名")
    await story.fast_forward(seconds=5)  # too soon for a track to keep another point
    people.move_live_location(ranger.id, shared["message_id"], *HERE[:2])
    await story.settled()
    await story.tick()
    assert "应到 1 人\n✅ 实到 1 人" in story["县指挥"].shows(result)["text"]


@pytest.mark.parametrize("minutes", ["0", "721", "99999"])
async def test_minutes_that_cannot_be_say_which_can(story: Story, minutes: str) -> None:
    await story["县指挥"].says(f"/rollcall 敦化市 巡护员 {minutes}")
    await story["县指挥"].sees("1 到 720 分钟")
    await story["县指挥"].says("/rollcall 敦化市 巡护员 1分钟")
    await story["县指挥"].sees("1 分钟内报位")


async def test_a_restart_in_the_middle_forgets_nobody(story: Story) -> None:
    from bot.app import App
    from tests.stories.story import settings_for

    result = await _started(story, "敦化市 巡护员 20")
    await story["护林员"].sees("📣 点名")
    await story.app.stop()
    story.app = App(
        settings_for(story.server), story.app.database, clock=story.clock, ticking=False
    )
    await story.app.start()
    await story.app.ready()
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("点名已到")
    await story.fast_forward(minutes=21)
    text = story["县指挥"].shows(result)["text"]
    assert "应到 1 人\n✅ 实到 1 人" in text and "结束" in text


async def test_a_late_one_is_said_to_be_late(story: Story) -> None:
    result = await _started(story, "敦化市 巡护员 20")
    await story["护林员"].sees("📣 点名")
    await story.fast_forward(minutes=21)
    await story["县指挥"].sees("未到 1 人", "护林员")
    await story["县值班"].sees("未到 1 人")
    await story["护林员"].presses("一键报位", location=TUMEN)
    await story["护林员"].sees("不在责任区内", "迟到")
    await story.tick()
    assert "其中迟到 1 人" in story["县指挥"].shows(result)["text"]
    await story["县指挥"].taps("不在责任区 1 人", message=result)
    await story["县指挥"].sees("护林员", "迟到")


async def test_a_list_is_looked_at_again_before_somebody_is_rung_up(story: Story) -> None:
    await _started(story, "敦化市 巡护员 20")
    await story["护林员"].sees("点名")
    await story.fast_forward(minutes=21)
    for name in ("县指挥", "县值班"):
        listed = await story[name].sees("未到 1 人，请打电话", "护林员")
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("迟到")
    await story["县值班"].taps("刷新", message=listed)
    assert "没有未到的人" in story["县值班"].shows(listed)["text"]


async def test_a_list_shows_the_numbers_of_ones_own_people_only(story: Story) -> None:
    result = await _started(story, "敦化市 所有人 20")
    for name in ("村长0", "村长1", "村长2", "副村长0", "护林员", "镇长", "镇值班", "县值班"):
        await story[name].sees("📣 点名")
    await story["县指挥"].taps("未到 8 人", message=result)
    await story["县指挥"].sees("未到 8 人", "+8619900000010", "+8619900000006")
    # A township's officers see nothing of a county's roll.
    answer = await story["镇值班"].forges("qt:1:silent:0")
    assert "范围" in answer
