"""A change of the biggest warnings waits for a second person; what held before stays in force."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from alerts.model import Alert, Level
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, buttons, plain, story_of
from tests.stories.test_warning_changes import heard, the_alert

RAISE = "升级 红"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        yield running


async def orange(story: Story) -> Alert:
    """A warning of a whole prefecture, which one person may release."""
    first = story["州指挥"]
    await first.says("/warn 橙 暴雨 延边朝鲜族自治州 做好转移准备")
    preview = await first.sees("发布前请核对")
    await first.taps("确认发布", message=preview)
    await heard(story)
    story.clock.advance(timedelta(minutes=1))
    return the_alert(story)


async def propose(story: Story) -> None:
    first = story["州指挥"]
    await first.says(f"/update {RAISE}")
    preview = await first.sees("变更前请核对", "须由第二名指挥员确认后才会变更")
    await first.taps("✅ 确认升级", message=preview)
    waits = plain(first.shows(preview)["text"])
    assert "等待第二人确认，还没有变更：升级" in waits and "州主任 199 0000 0003" in waits
    asked = await heard(story)
    assert set(asked) == {"州主任", "省指挥"}
    assert "请您确认变更" in asked["州主任"] and "州指挥 199 0000 0002" in asked["州主任"]
    assert the_alert(story).level is Level.ORANGE


async def test_confirmed_refused_withdrawn_and_too_late(story: Story) -> None:
    await orange(story)
    first, second, third = story["州指挥"], story["州主任"], story["省指挥"]
    await propose(story)
    await second.taps("不同意")
    assert "州主任 不同意，没有变更" in (await heard(story))["州指挥"]
    now = story.server.messages(third.id)[-1]  # they were slower: nothing is left to press
    assert "州主任 不同意" in plain(now["text"]) and "✅" not in "".join(buttons(now))
    await propose(story)
    await first.taps("撤回")
    await heard(story)
    assert "没有变更" in plain(story.server.messages(second.id)[-1]["text"])
    await propose(story)
    story.clock.advance(timedelta(minutes=40))
    story.without_ticks |= {"sweep"}
    await second.taps("✅ 确认升级")  # asked again, as it would be now
    again = story.server.messages(second.id)[-1]
    assert "没有照做" in again["text"]
    assert buttons(again)[0].startswith("✅ 确认升级 🔴红·延边州·叫应")
    await second.taps("✅ 确认升级", message=again)
    told = await heard(story)
    assert "已由 州主任 确认，变更生效（第 2 版）" in told["州指挥"]
    assert {"村长0", "镇长"} <= set(told)
    assert the_alert(story).level is Level.RED


async def test_changed_otherwise_meanwhile_it_is_read_again(story: Story) -> None:
    """What is confirmed is what was read; the headline is of the areas of by then."""
    await orange(story)
    await propose(story)
    second = story["州主任"]
    question = next(m for m in story.server.messages(second.id) if "请您确认变更" in m["text"])
    await second.says("/update 去掉 敦化市")
    await second.taps("✅ 确认", message=await second.sees("变更前请核对"))
    await heard(story)
    await second.taps("✅ 确认升级", message=question)
    again = second.shows(question)
    assert "又改过（现在是第 2 版）" in plain(again["text"]) and the_alert(story).version == 2
    assert buttons(again)[0] == "✅ 确认升级 🔴红·延边州（部分）·叫应2人"
    await second.taps("✅ 确认升级", message=again)
    told = await heard(story)
    assert set(told) == {"州指挥", "州主任", "图们指挥"}  # the group of 敦化 has been told before
    assert the_alert(story).headline == "延边州（不含敦化市）暴雨红色预警"


async def test_what_the_warning_says_already_is_waited_for_no_more(story: Story) -> None:
    await orange(story)
    await propose(story)
    first, second, third = story["州指挥"], story["州主任"], story["省指挥"]
    question = next(m for m in story.server.messages(second.id) if "请您确认变更" in m["text"])
    asked = next(m for m in story.server.messages(third.id) if "请您确认变更" in m["text"])
    with patch("alerts.updates.changing.needs_second_person", lambda *_: False):
        await third.says("/update 升级 红")
        await third.taps("✅ 确认升级", message=await third.sees("变更前请核对"))
    told = await heard(story)
    over = "预警后来改过，这一个不用再确认，没有照它变更"
    assert over in told["州指挥"]
    for person, message in ((second, question), (third, asked)):
        now = person.shows(message)
        assert over in plain(now["text"]) and "✅" not in "".join(buttons(now))
    await first.says("/update 延长 6小时")  # nothing stands in the way of the next
    assert "变更前请核对" in (await first.sees())["text"]


async def test_by_the_command_line(story: Story, tmp_path: Path) -> None:
    """With its preview, its refusals, and the trail that names who acted."""
    jiaoying = CommandLine(tmp_path)
    alert = await orange(story)
    by = ("--by", story["州指挥"].row["phone"])
    number = str(alert.id)
    for words, code, said in (
        (("update", "99", "--hours", "6", *by), 1, "没有编号为 99 的预警"),
        (("update", number, "--until", "很久", *by), 1, "看不懂 --until"),
        (("update", number, "--remove", "长春市", *by), 1, "不在这个预警范围内"),
        (("update", number, "--hours", "6", "--by", "19900000010"), 1, "职务不能做这一步"),
        (("update", number, "--hours", "6", "--by", "13000000000"), 1, "请核对号码"),
        (("update", number, "--hours", "-3", *by), 1, "只能往后延长"),
        (("update", number, "--hours", "6", "--until", "22:00", *by), 2, "只能写一个"),
        (("update", number, "--polygon", "no.geojson", *by), 1, "没有文件 no.geojson"),
        (("update", number, "--river", "无名河", *by), 1, "jiaoying import rivers"),
        (("update", number, "--hours", "6", "--preview", *by), 0, "还没有变更；会是：延长"),
        (("update", number, "--hours", "6", *by), 0, "已变更（第 2 版）：延长"),
        (("update", number, "--level", "red", *by), 0, "等待第二人确认"),
        (("lift", number, *by), 0, "已解除"),
        (("cancel", number, *by), 1, "已经结束"),
    ):
        result = await jiaoying(*words)
        assert (result.code, said in result.out + result.err) == (code, True), result
        await story.settled()
    told = await heard(story)
    assert "预警已解除" in told["村长0"]
    whose = ("--person", story["州指挥"].row["phone"], "--scope", "release")
    made = await jiaoying("token", "new", "--name", "省应急平台", *whose)
    assert made.code == 0, made
    await story.settled()
    words = (await heard(story))["州指挥"]
    assert "以您的名义给「省应急平台」发了 API 令牌 1" in words
    assert "可以：查询、发布、变更、解除、取消" in words and "撤销这个令牌（1 号）" in words
