"""What is reported stands: figures beside a cry for help, a cry for help beside 已完成."""

from pathlib import Path

import pytest

from alerts import help_store, report_store
from alerts.calls import Report
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def all_answered(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    await story["县指挥"].sees("叫应总结")


async def moves(story: Story, name: str, figures: str) -> None:
    head = story[name]
    await head.taps("已转移群众")
    await head.sees("多少户")
    await head.says(figures)


async def needs_help(story: Story, name: str, why: str) -> None:
    head = story[name]
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    for officer in ("镇值班", "县指挥"):
        await story[officer].sees("请求支援", name)
    await head.says(why)
    await head.sees("已转给上级值班员")
    await story.settled()


def card(story: Story, name: str) -> str:
    messages = story.server.messages(story[name].id)
    return next(found["text"] for found in messages if "请立即" in found["text"])


async def test_the_tasks_show_all_that_was_reported(story: Story) -> None:
    await all_answered(story)
    head = story["村长0"]
    await moves(story, "村长0", "12户 35人")
    await head.sees("12")
    await needs_help(story, "村长0", "缺两条船")
    await head.presses("📋 我的任务")
    await head.sees("12 户 35 人", "缺两条船", "敦化市暴雨红色预警")


async def test_what_cannot_be_done_does_not_show_what_was_moved_before(story: Story) -> None:
    await all_answered(story)
    await moves(story, "村长0", "12户 35人")
    await story["村长0"].sees("12")
    await story["村长0"].taps("无法执行")
    await story["村长0"].sees("原因")
    for officer in ("镇值班", "县指挥"):
        listed = await story[officer].sees("无法执行", "村长0")
        assert "已转移 12 户 35 人" in listed["text"]  # said apart
    await story["村长0"].says("桥断了")
    said = await story["村长0"].sees("无法执行", "桥断了")
    assert "12 户" not in said["text"]
    lines = card(story, "村长0").splitlines()
    assert [line for line in lines if "已转移群众" in line and "12 户 35 人" in line]
    assert [line for line in lines if "无法执行" in line and "12 户" not in line]
    facts = story.app.database.read(lambda c: report_store.of_alert(c, 1))
    assert [(fact.report, fact.households) for fact in facts] == [
        (Report.MOVED, 12),
        (Report.CANNOT, None),
        (Report.CANNOT, None),
    ]


async def test_help_is_taken_seen_by_the_others_and_settled(story: Story) -> None:
    await all_answered(story)
    await needs_help(story, "村长0", "两台车")
    duty, chief, head = story["镇值班"], story["县指挥"], story["村长0"]
    assert "已记录" in await duty.taps("我接手：村长0")
    news = await head.sees("镇值班 已接手", duty.row["phone"])
    theirs = chief.last_with("已解决：村长0")
    assert "镇值班" in theirs["text"] and "两台车" in theirs["text"]
    assert not [text for text in buttons(theirs) if "我接手" in text]
    await head.taps("已完成")
    await story.settled()
    (asked,) = story.app.database.read(lambda c: help_store.of_alert(c, 1))
    assert asked.open and asked.taken_by == duty.row["id"]  # 已完成 does not erase it
    assert "两台车" in card(story, "村长0") and "已完成" in card(story, "村长0")
    assert "已记录" in await head.taps("已解决", message=news)
    shown = next(found for found in story.server.messages(chief.id) if "请求支援" in found["text"])
    assert "已解决" in shown["text"]
    assert not [text for text in buttons(shown) if "村长0" in text]
    await chief.taps("解除预警", message=chief.last_with("解除预警"))
    await chief.taps("确定解除")
    for name in ("村长0", "村长1", "村长2", "镇长", "镇值班"):
        await story[name].sees("预警已解除")
    await story["村长0"].sees("预警已解除", chat=-1001)


async def test_only_one_takes_it_on(story: Story) -> None:
    await all_answered(story)
    await needs_help(story, "村长1", "一台挖掘机")
    duty, chief = story["镇值班"], story["县指挥"]
    data = next(
        button["callback_data"]
        for row in chief.last_with("我接手")["reply_markup"]["inline_keyboard"]
        for button in row
        if "我接手" in button["text"]
    )
    message_id = chief.last_with("我接手")["message_id"]
    await duty.taps("我接手：村长1")
    await story["村长1"].sees("镇值班 已接手")
    assert "镇值班 已经接手" in await chief.forges(data, message_id=message_id)
    assert "您已接手" in await duty.forges(data, message_id=message_id)
    thief = story["村长2"]
    assert "已记录" not in await thief.forges(data)


async def test_an_older_list_of_who_needs_help_points_to_the_newest(story: Story) -> None:
    """It would go on offering to take on whom somebody has taken on since."""
    await all_answered(story)
    await needs_help(story, "村长0", "两台车")
    duty = story["镇值班"]
    first = duty.last_with("我接手：村长0")
    await needs_help(story, "村长1", "一台挖掘机")
    await story.settled()
    older = duty.shows(first)
    assert "请看下面最新的一条" in older["text"] and not buttons(older)
    newest = duty.last_with("我接手：村长0")
    assert "村长1" in newest["text"] and newest["message_id"] > first["message_id"]
    await duty.taps("我接手：村长0")
    await story["村长0"].sees("镇值班 已接手")


async def test_help_stays_in_the_summary(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    await story["村长0"].taps("收到")
    await needs_help(story, "村长0", "两台车")
    await story["镇值班"].taps("我接手：村长0")
    await story["村长0"].sees("镇值班 已接手")
    await story["村长0"].taps("已完成")
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    told = await story["县指挥"].sees("叫应总结", "求助 1：已接手 1，已解决 0，无人接手 0")
    assert "需要支援 1" in told["text"] and "已完成 1" in told["text"]


@pytest.mark.parametrize("figures", ["12000户", "12000户 40000人", "9000人"])
async def test_figures_nobody_can_mean_are_asked_about(story: Story, figures: str) -> None:
    await all_answered(story)
    await moves(story, "村长0", figures)
    head, chief = story["村长0"], story["县指挥"]
    await head.sees("真的是", "还没有记录")
    await story.tick()
    assert not [found for found in story.server.messages(chief.id) if "已转移" in found["text"]]
    await head.taps("重报")
    await head.sees("多少户")
    await head.says("12户")
    await head.sees("12 户")
    await story.tick()
    assert [found for found in story.server.messages(chief.id) if "已转移 12 户" in found["text"]]


async def test_they_count_once_they_are_meant(story: Story) -> None:
    await all_answered(story)
    await moves(story, "村长0", "1200户 3500人")
    await story["村长0"].sees("真的是")
    assert "已记录" in await story["村长0"].taps("没错")
    await story.tick()
    shown = story.server.messages(story["县指挥"].id)
    assert [found for found in shown if "已转移 1200 户 3500 人" in found["text"]]
