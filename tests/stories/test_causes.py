"""When a cause ends, what it caused ends: stand-ins, lists, namings. A slip can be taken back."""

from pathlib import Path
from typing import Any

import pytest

from contacts.people import Role
from data import audit
from tests.roster import FLOOD_GROUP, VILLAGES, person
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_ends import chased, with_buttons

THIRD = person(21, "三把手", VILLAGES[0], Role.VILLAGE_RESPONSIBLE, rank=3)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def trail(story: Story) -> list[tuple[str, str, dict]]:
    def entries(c):
        found = audit.trail_of_alert(c, 1, range(1, 20))
        return [(entry["action"], entry["subject"], entry["detail"]) for entry in found]

    return story.app.database.read(entries)


async def test_a_stand_in_is_stood_down_when_the_first_answers(story: Story) -> None:
    await chased(story)
    deputy = story["副村长0"]
    await story["村长0"].taps("收到")
    await deputy.sees("村长0", "本人回应", "不用再顶上")
    assert not with_buttons(deputy)
    downs = [row for row in trail(story) if row[0] == "call.stood_down"]
    assert [detail["for"] for _, _, detail in downs] == [2]
    await story.tick()
    await story["县指挥"].sees("叫应总结")
    assert not with_buttons(story["村长1"], FLOOD_GROUP)
    await story.fast_forward(minutes=20)  # nobody is chased any more


async def test_a_stand_in_who_acts_already_is_told_too(story: Story) -> None:
    await chased(story)
    deputy = story["副村长0"]
    await deputy.taps("收到", message=deputy.last_with("收到"))
    await story["村长0"].taps("收到")
    shown = story.server.messages(deputy.id)[-1]
    assert "村长0 已在" in shown["text"] and "请与其说清" in shown["text"]
    assert with_buttons(deputy)  # the report is still theirs to give
    await story.tick()
    await story["县指挥"].sees("叫应总结")


async def test_a_discharged_cause_stands_the_stand_in_down(story: Story) -> None:
    await chased(story)
    duty, deputy = story["镇值班"], story["副村长0"]
    await duty.taps("⋯")
    await duty.taps("☑️ 销号")
    await duty.sees("为什么")
    await duty.says("村里已撤空")
    confirm = await duty.sees("确定把 村长0 销号", "村里已撤空")
    await duty.taps("确定销号：村里已撤空", message=confirm)
    assert "已销号" in duty.shows(confirm)["text"]
    await deputy.sees("村长0", "已从名单中销号", "村里已撤空", "不用再顶上")
    first = story.server.messages(story["村长0"].id)[-1]
    assert "村里已撤空" in first["text"] and not buttons(first)
    await story.tick()
    await story["县指挥"].sees("叫应总结")
    await story.fast_forward(minutes=20)


async def test_a_whole_line_of_stand_ins_is_stood_down(tmp_path: Path) -> None:
    async with story_of(tmp_path, more=(THIRD,)) as story:
        await chased(story)
        await story.fast_forward(minutes=3)
        await story["三把手"].sees("副村长0", "顶上")
        await story["村长1"].sees("副村长0", chat=FLOOD_GROUP)
        await story["村长0"].taps("收到")
        for name in ("副村长0", "三把手"):
            await story[name].sees("村长0", "不用再顶上")
        await story.tick()
        await story["县指挥"].sees("叫应总结")


async def test_who_was_telephoned_reads_what_to_do(story: Story) -> None:
    await chased(story)
    duty, head = story["镇值班"], story["村长0"]
    assert "已登记" in await duty.taps("已电话叫应")
    await story["副村长0"].sees("村长0", "镇值班", "不用再顶上")
    told = story.server.messages(head.id)[-1]
    assert "镇值班 登记" in told["text"] and "请立即" in told["text"]
    assert any("收到" in text for text in buttons(told))  # their own answer still counts for more
    await story.tick()
    await story["县指挥"].sees("叫应总结")


def callback(message: dict[str, Any], text: str) -> str:
    """What the button says whose text holds this."""
    rows = message["reply_markup"]["inline_keyboard"]
    return next(key["callback_data"] for row in rows for key in row if text in key["text"])


async def test_a_slip_is_taken_back_within_a_minute(story: Story) -> None:
    await chased(story)
    duty, head, deputy = story["镇值班"], story["村长0"], story["副村长0"]
    await duty.taps("已电话叫应")
    await deputy.sees("不用再顶上")
    await story.tick()
    await story["县指挥"].sees("叫应总结")  # everybody was accounted for
    back = duty.last_with("撤回：村长0")
    pressed = callback(back, "撤回")
    assert "已撤回" in await duty.taps("撤回：村长0", message=back)
    again = await duty.forges(pressed, message_id=back["message_id"])
    assert "没有要撤回的" in again
    shown = story.server.messages(head.id)[-1]
    assert "还没有收到您的回应" in shown["text"] and any("收到" in text for text in buttons(shown))
    listed = duty.last_with("已电话叫应")
    assert "村长0" in listed["text"]
    assert ("call.proxy_taken_back", "call:2") in [row[:2] for row in trail(story)]
    await story.fast_forward(minutes=2)
    assert with_buttons(deputy)  # called up again
    await deputy.sees("请您再顶上")
    await deputy.sees("没有收到您的回应")
    for name in ("镇值班", "县值班"):
        await story[name].sees("疑似三断")
    await head.taps("收到")
    await deputy.sees("本人回应", "不用再顶上")
    await story.tick()
    await story["县指挥"].sees("叫应总结")
    for name in ("镇值班", "县值班"):
        await story[name].sees("不再算三断")


async def test_later_it_stands(story: Story) -> None:
    await chased(story)
    duty = story["镇值班"]
    await duty.taps("已电话叫应")
    await story["副村长0"].sees("不用再顶上")
    back = duty.last_with("撤回：村长0")
    data = callback(back, "撤回")
    await story.fast_forward(minutes=1.5)
    await story["县指挥"].sees("叫应总结")
    assert not with_buttons(duty)
    assert "没有撤回" in await duty.forges(data, message_id=back["message_id"])
