"""A running warning is changed as a person does it: previewed, confirmed, read by who is concerned.

One story for each way of doing it, with a table of the steps: what is done, what the preview and
its button say, who reads what.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import alert_store, call_store
from alerts.model import Alert, Level
from bot.views.clock import BEIJING
from tests import elsewhere
from tests.roster import FLOOD_GROUP, VILLAGES
from tests.stories.story import Story, buttons, plain, story_of

HEADS = ("村长0", "村长1", "村长2")
CALLED = (*HEADS, "镇长")
LINE = "/warn 橙 暴雨 黄泥河镇 做好转移准备"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def release(story: Story, line: str = LINE) -> Alert:
    chief = story["县指挥"]
    await chief.says(line)
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("暴雨橙色预警")
    await story["村长0"].sees("暴雨橙色预警", chat=FLOOD_GROUP)
    return the_alert(story)


def the_alert(story: Story) -> Alert:
    found = story.app.database.read(alert_store.alerts)
    return next(alert for alert in found if alert.id != elsewhere.ALERT)


def shown(story: Story, message: dict[str, Any]) -> str:
    """What a message of the chief shows now, with its buttons."""
    now = story["县指挥"].shows(message)
    return plain(now["text"]) + "\n" + " | ".join(buttons(now))


async def heard(story: Story) -> dict[str, str]:
    """Everything that has come since, taken: what each chat reads, by name."""
    await story.tick()
    names = {actor.id: name for name, actor in story.people.items()} | {FLOOD_GROUP: "群"}
    found: dict[str, str] = {}
    watch = story.server.watch
    for chat in {message["chat"]["id"] for message in watch.untaken()}:
        texts = [plain(message["text"]) for message in watch.take(chat)]
        found[names[chat]] = "\n".join(texts)
    return found


STEPS = [
    # What is written; what the preview says; its button; who reads what (群: the county's group).
    (
        "/update 延长 6小时",
        ("有效期延长至", "内容不变：\n做好转移准备", "只告知变更、不用再回应 4 人"),
        "✅ 确认延长 至",
        dict.fromkeys((*CALLED, "群"), "有效期延长至"),
    ),
    (
        "/update 1 更正：立即转移到村部",
        ("内容改为：\n立即转移到村部", "只告知变更、不用再回应 4 人"),
        "✅ 确认更正 🟠橙·黄泥河镇·告知4人",
        dict.fromkeys((*CALLED, "群"), "立即转移到村部"),
    ),
    (
        "/update 黄泥河镇 降级 黄",
        ("🟠→🟡", "由橙色降为黄色", "只告知变更、不用再回应 4 人", "要改内容"),
        "✅ 确认降级 🟡黄·黄泥河镇·告知4人",
        dict.fromkeys((*CALLED, "群"), "已转移的群众：未接到返回通知，不得返回。"),
    ),
    (
        "/update 升级红，延长2小时 立即转移，不要等",
        ("🟡→🔴", "由黄色升级为红色", "内容改为：\n立即转移，不要等", "原来的 4 人全部重新叫应"),
        "✅ 确认升级",
        dict.fromkeys((*CALLED, "群"), "由黄色升级为红色"),
    ),
    (
        f"/update 去掉 {VILLAGES[0]}",
        (
            "不再包括：威虎岭村",
            "不再叫应，并告知对他们不再有效",
            "变更后：黄泥河镇（不含威虎岭村）",
        ),
        "✅ 确认缩小 −威虎岭村·停叫",
        {"村长0": "您这里不再适用"},
    ),
    (
        f"/update 扩大 {VILLAGES[0]}",
        ("增加：威虎岭村", "变更后：黄泥河镇"),
        "✅ 确认扩大 +威虎岭村",
        {"村长0": "➕ 预警又包括您这里，请重新回应\n🔴 黄泥河镇暴雨红色预警"},
    ),
]


async def test_one_line_after_another(story: Story) -> None:
    await release(story)
    chief = story["县指挥"]
    await story["村长0"].taps("收到")
    for version, (line, said, button, reads) in enumerate(STEPS, start=2):
        story.clock.advance(timedelta(seconds=40))
        await chief.says(line)
        preview = await chief.sees("变更前请核对")
        page = shown(story, preview)
        for words in said:
            assert words in page, page
        assert button in page, page
        assert not await heard(story), line  # nothing goes out before it is confirmed
        await chief.taps("✅ 确认", message=preview)
        assert f"已变更（第 {version} 版）" in shown(story, preview)
        got = await heard(story)
        # (Whether the township's own head hears of a village that goes is no matter here.)
        assert set(got) - {"镇长"} == set(reads) - {"镇长"}, (line, got)
        for name, words in reads.items():
            assert words in got[name], (line, name, got[name])
        assert the_alert(story).version == version
    assert the_alert(story).level is Level.RED
    assert the_alert(story).issued_by is None  # the weather service's signal was of orange
    assert sum(bool(buttons(m)) for m in story.server.messages(FLOOD_GROUP)) == 1
    # One live button, and it says when it was asked what it asks now.
    asked = [m for m in story.server.messages(story["村长0"].id) if buttons(m)]
    at = story.clock().astimezone(BEIJING).strftime("%H:%M")
    assert [buttons(message) for message in asked] == [[f"✅ 收到 {at}"]]


async def test_by_taps_several_things_at_once_with_mistakes(story: Story) -> None:
    """The menu is a message of its own: the card above it is edited whenever somebody answers."""
    alert = await release(story, LINE.replace("黄泥河镇", "敦化市"))
    chief = story["县指挥"]
    story.clock.advance(timedelta(minutes=1))
    await chief.taps("变更预警")
    menu = await chief.sees("变更这次预警：改哪一项")
    await story["村长0"].taps("收到")
    await story.tick()
    assert "改哪一项" in shown(story, menu)
    taps = [
        ("升级/降级", "改为什么等级"),
        ("升为 🔴 红色", "✅ 确认升级 🔴红·敦化市·叫应4人"),
        ("延长时间", "延长到什么时候"),
        ("返回", "✅ 确认升级 🔴红·敦化市·叫应4人"),
        ("缩小区域", "哪些地方还在预警区域内"),
        ("全不留", "留 0"),
        ("选好了", "至少留一处"),
        ("全部留", "去掉 0"),
        ("✅ 黄泥河镇", "去掉 1"),
        ("⬜ 黄泥河镇", "去掉 0"),
        ("选好了", "✅ 确认升级 🔴红·敦化市·叫应4人"),
        ("扩大区域", "这里已经在预警区域内"),
        ("返回", "变更前请核对"),
    ]
    for button, words in taps:
        await chief.taps(button, message=menu)
        assert words in shown(story, menu), (button, shown(story, menu))
    await chief.taps("延长时间", message=menu)
    await chief.says("很久")
    asked = await chief.sees("没有看懂「很久」", "延长到什么时候")
    await chief.taps("＋6 小时", message=asked)
    assert "有效期延长至" in shown(story, asked)
    await chief.taps("改内容", message=asked)
    await chief.sees("请写更正后的全文", "做好转移准备")
    await chief.says("立即撒离，老弱先走")
    typed = story.server.messages(chief.id)[-2]
    preview = await chief.sees("内容改为：", "立即撒离，老弱先走")
    await chief.edits(typed, "立即转移")
    newest = await chief.sees("内容已按您的修改更新", "立即转移")
    await chief.taps("✅ 确认", message=preview)
    assert "这份核对已作废" in shown(story, preview)
    await chief.taps("📡 引用敦化市气象台的红色信号", message=newest)
    assert "📡 不引用气象信号" in shown(story, newest)
    newest = chief.shows(newest)
    await chief.taps("✅ 确认", message=newest)
    assert "已变更（第 2 版）" in shown(story, newest)
    pressed = confirm_data(newest)
    toast = await chief.forges(pressed, message_id=newest["message_id"])  # twice is once
    assert "之前办过了" in toast and "已变更（第 2 版）" in shown(story, newest)
    got = await heard(story)
    assert set(got) == {*CALLED, "群"}
    changed = the_alert(story)
    assert (changed.level, changed.description, changed.version) == (Level.RED, "立即转移", 2)
    assert changed.expires_at == alert.expires_at + timedelta(hours=6)
    assert changed.issued_by == "敦化市气象台"


def confirm_data(message: dict[str, Any]) -> str:
    """What the confirm button of a preview bears."""
    rows = message["reply_markup"]["inline_keyboard"]
    return str(rows[0][0]["callback_data"])


async def test_refused_with_what_to_do_next(story: Story) -> None:
    """Lines that change nothing: nothing goes out, and each says what to do."""
    await release(story)
    chief = story["县指挥"]
    lines = [
        ("/update", ("一行变更", "/update 12 升级 红")),
        ("/update 快点", ("没有看懂「快点」", "一行变更")),
        ("/update 升级", ("「升级」后面没有写清楚", "改哪一项")),
        ("/update 升级 黄", ("现在是橙色，「升级」不能改成黄色", "降级 黄色")),
        ("/update 升级 橙", ("和现在完全一样",)),
        ("/update 至今天0点", ("不晚于现在的到期时间", "解除预警")),
        ("/update 延长 500小时", ("最多延长到从现在起 7 天",)),
        ("/update 去掉 大石头镇", ("「大石头镇」不在这次预警的区域内",)),
        ("/update 扩大 威虎岭村", ("「威虎岭村」已经在预警区域内",)),
        ("/update 扩大 图们市", ("超出您的区划范围",)),
        ("/update 扩大 黄泥合镇", ("没有找到「黄泥合镇」",)),
        ("/update 缩小 威虎岭村", ("缩小：是哪个意思", "去掉 威虎岭村", "只留 威虎岭村")),
        ("/update 99 升级 红", ("没有编号为 99 的预警",)),
        ("/update 图们市 升级 红", ("没有您可以变更的有效预警",)),
        ("/lift 1 洪水已经退去可以回家", ("确定解除这次预警？",)),
        ("/cancel 这一条是误发的测试内容", ("确定取消这次预警？",)),
        ("/lift 99", ("没有编号为 99 的预警",)),
    ]
    for line, words in lines:
        await chief.says(line)
        answer = shown(story, story.server.messages(chief.id)[-1])
        for word in words:
            assert word in answer, (line, answer)
        await chief.sees()
    head = story["村长0"]
    for line in ("/update 升级 红", "/lift", "/cancel", "/update 1 延长 6小时"):
        await head.says(line)
        await head.sees("只有指挥员能做")
    assert not await heard(story)
    assert the_alert(story).version == 1


async def test_somebody_else_was_faster_and_old_previews_are_made_anew(story: Story) -> None:
    await release(story)
    chief, governor = story["县指挥"], story["省指挥"]
    story.clock.advance(timedelta(minutes=1))
    await chief.says("/update 延长 6小时")
    mine = await chief.sees("变更前请核对")
    await governor.says("/update 黄泥河镇 降级 黄")
    theirs = await governor.sees("变更前请核对")
    await governor.taps("✅ 确认", message=theirs)
    await governor.sees("已回应")
    await heard(story)
    await chief.taps("✅ 确认", message=mine)
    again = await chief.sees("刚刚有人改过这次预警", "第 2 版", "降级 🟠→🟡", "变更前请核对")
    story.clock.advance(timedelta(minutes=40))
    story.without_ticks.add("sweep")  # who is chased meanwhile is no matter here
    await chief.taps("✅ 确认", message=again)
    newest = await chief.sees("上面的预览是", "请按现在的情况再核对一遍")
    await chief.taps("✅ 确认", message=newest)
    assert "已变更（第 3 版）：延长" in shown(story, newest)
    await heard(story)
    assert (the_alert(story).level, the_alert(story).version) == (Level.YELLOW, 3)
    # Lowered before it was lifted: whoever was moved while it was orange still reads to wait.
    await chief.says("/lift")
    asked = await chief.sees("确定解除这次预警？")
    await chief.taps("确定解除", message=asked)
    assert "未接到返回通知，不得返回" in shown(story, asked)
    assert "未接到返回通知，不得返回" in (await heard(story))["村长0"]


async def test_a_reply_to_the_message_of_before_the_rise_is_no_answer_to_it(story: Story) -> None:
    """Nor is a sign to it: what it answers was asked with another level."""
    await release(story)
    head, other = story["村长0"], story["村长1"]
    first = [story.server.messages(who.id)[-1] for who in (head, other)]
    story.clock.advance(timedelta(minutes=1))
    await story["县指挥"].says("/update 升级 红")
    preview = await story["县指挥"].sees("变更前请核对")
    await story["县指挥"].taps("✅ 确认", message=preview)
    await heard(story)
    alert = the_alert(story)
    await head.says("收到", reply_to=first[0]["message_id"])
    await head.sees("有更新：请看新的内容")
    await other.reacts(first[1], "👍")
    await other.sees("有更新：请看新的内容")
    found = story.app.database.read(lambda c: call_store.all_calls(c, alert.id))
    assert all(call.open for call, _, _ in found)
    red = [m for m in story.server.messages(head.id) if "红色预警" in plain(m.get("text", ""))]
    await head.says("收到", reply_to=red[-1]["message_id"])
    await head.sees("已记录", "黄泥河镇暴雨红色预警")
