"""Emergency responses: a list of their own, called and chased like any call, never a warning's."""

from pathlib import Path

import pytest

from tests.roster import FLOOD_GROUP
from tests.stories.story import Story, buttons, story_of
from tests.waiting import PATIENCE


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def raised(story: Story, line: str) -> dict:
    """The county's commander raises one in one line; returns the preview."""
    chief = story["县指挥"]
    await chief.says(line)
    preview = await chief.sees("启动前请核对")
    await chief.taps("确认启动", message=preview)
    return preview


async def test_few_taps_a_list_of_its_own_a_card_of_its_own(story: Story) -> None:
    chief, duty, head = story["县指挥"], story["县值班"], story["镇长"]
    await chief.says("/response")
    await chief.sees("应急响应", "没有正在进行", "敦化市启动哪一级")
    await chief.taps("防汛Ⅲ级")
    await chief.sees("敦化市防汛Ⅲ级应急响应", "发什么内容")
    await chief.taps("1")
    preview = chief.last_with("确认启动")
    assert "启动前请核对" in preview["text"]
    assert "✅ 确认启动 🟡Ⅲ级·敦化市·叫应3人" in buttons(preview)
    assert not {"改灾害", "改时间", "➕ 再加一个区域"} & set(buttons(preview))
    await chief.taps("确认启动", message=preview)
    card = await chief.sees("敦化市防汛Ⅲ级应急响应", "已回应")
    assert "✅ 终止响应" in buttons(card)
    # Its own list: the command and those of the tier below; of the villages nobody.
    await duty.sees("启动敦化市防汛Ⅲ级应急响应", "分管领导到岗会商", "启动\n")
    await head.sees("敦化市防汛Ⅲ级应急响应")
    await story["镇值班"].sees("敦化市防汛Ⅲ级应急响应")
    await duty.sees("敦化市防汛Ⅲ级应急响应", chat=FLOOD_GROUP)
    assert "已记录" in await duty.taps("收到")
    shown = duty.shows(duty.last_with("已完成"))
    assert "到岗值守，参加会商" in shown["text"]
    assert "预警" not in shown["text"]
    # A warning beside it is another call and another card.
    await chief.says("/warn 橙 暴雨 黄泥河镇 危险区先转移")
    await chief.taps("确认发布")
    await chief.sees("黄泥河镇暴雨橙色预警")  # its preview
    await chief.sees("黄泥河镇暴雨橙色预警", "已回应")
    for name in ("镇长", "村长0", "村长1", "村长2"):
        await story[name].sees("暴雨橙色预警")
    await head.sees("暴雨橙色预警", chat=FLOOD_GROUP)
    toast = await head.taps("收到")  # of the newest
    assert "暴雨橙色预警" in toast and "应急响应" not in toast


async def test_raised_again_it_is_adjusted(story: Story) -> None:
    chief = story["县指挥"]
    await raised(story, "/response 防汛 Ⅳ级 敦化市 各单位在岗值守")
    await chief.sees("敦化市防汛Ⅳ级应急响应", "已回应", "启动")
    for name in ("县值班", "镇长", "镇值班"):
        await story[name].sees("启动敦化市防汛Ⅳ级应急响应")
    await chief.sees("启动敦化市防汛Ⅳ级应急响应", chat=FLOOD_GROUP)
    await story.fast_forward(minutes=1)
    await chief.says("/response 防汛 Ⅲ级 敦化市")
    known = await chief.sees("正在进行", "变更响应")
    assert "✏️ 变更响应" in buttons(known)
    number = known["text"].split("/update ")[1].split(" ")[0]
    await chief.says(f"/update {number} Ⅲ级")
    change = await chief.sees("由Ⅳ级提升至Ⅲ级")
    await chief.taps("确认", message=change)
    for name in ("县值班", "镇长", "镇值班"):
        await story[name].sees("由Ⅳ级提升至Ⅲ级", "敦化市防汛Ⅲ级应急响应")
    await chief.sees("敦化市防汛Ⅲ级应急响应", chat=FLOOD_GROUP)


async def read(story: Story) -> list[tuple[str, str]]:
    """All that anybody has got and not read yet: whose chat, and what it says."""
    names = {actor.id: name for name, actor in story.people.items()} | {FLOOD_GROUP: "群"}
    found = []
    for message in list(story.server.watch.untaken()):
        chat = message["chat"]["id"]
        await story.server.watch.next_message(chat, where=lambda _: True, timeout=PATIENCE)
        found.append((names[chat], message.get("text", "")))
    return found


async def test_lowered_it_lets_go_of_whom_it_calls_no_more_and_ends_for_all(story: Story) -> None:
    chief, duty = story["县指挥"], story["镇值班"]
    await raised(story, "/response 防汛 Ⅱ级 敦化市 各单位到岗")
    await story.fast_forward(minutes=32)  # the stand-in, the group, lists, villages cut off
    said = await read(story)
    assert any("疑似三断" in words and "大川村" in words for _, words in said)
    await story["村长1"].taps("收到")
    await story["村长1"].taps("需要支援")
    await story["村长1"].says("缺两台泵")
    await chief.says("/update Ⅲ级")
    await chief.taps("停叫3人", message=chief.last_with("停叫3人"))
    await story.tick()
    said += (lowered := await read(story))
    relieved = {name for name, words in lowered if "响应等级降低，不再叫应您" in words}
    assert relieved == {"村长0", "村长2", "副村长0"}
    assert not any("未接到返回通知" in words for _, words in lowered)
    # Nobody need go to a village of which it calls nobody any more.
    assert {name for name, words in lowered if "大川村，不用再派人去" in words} == {
        "县值班",
        "镇值班",
    }
    card = chief.shows(chief.last_with("终止响应"))
    assert "没有人可叫" not in card["text"] and "第 2 版" in card["text"]
    assert "村级未完成" not in duty.shows(duty.last_with("标记三断"))["text"]
    await chief.taps("终止响应", message=card)
    await chief.taps("确定终止", message=card)
    await story.tick()
    said += (ended := await read(story))
    # The two of the city had the list of the silent; whom it called no more knows already.
    told = {name for name, words in ended if words.startswith("✅ 应急响应已终止")}
    assert told == {"县值班", "镇值班", "镇长", "村长1", "州指挥", "州主任", "群"}
    assert "第 2 版" in chief.shows(card)["text"], "its end is no version"
    for name in ("县值班", "镇值班", "镇长", "村长0", "村长1", "村长2", "副村长0", "州指挥"):
        left = [each for shown in story.server.messages(story[name].id) for each in buttons(shown)]
        assert set(left) <= {"📖 怎么做"}, name
    assert not [each for shown in story.server.messages(FLOOD_GROUP) for each in buttons(shown)]
    called_so = [words.replace("已发布的预警不受影响", "") for _, words in said]
    assert not [words for words in called_so if "预警" in words or "误发" in words]


async def test_ended_in_one_line(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/response 终止 防汛")
    await chief.sees("没有正在进行的应急响应可以终止")
    await raised(story, "/response 启动敦化市防汛Ⅳ级应急响应 各单位在岗值守")
    await chief.sees("敦化市防汛Ⅳ级应急响应", "已回应")
    for name in ("县值班", "镇长", "镇值班"):
        await story[name].sees("敦化市防汛Ⅳ级应急响应", "各单位在岗值守")
    await chief.sees("敦化市防汛Ⅳ级应急响应", chat=FLOOD_GROUP)
    await chief.says("/response 终止 防汛 敦化市")
    asked = await chief.sees("确定终止这次应急响应？")
    assert any("告知3人" in label for label in buttons(asked))
    await chief.taps("确定终止响应", message=asked)
    for name in ("县值班", "镇长", "镇值班"):
        await story[name].sees("应急响应已终止", "转入日常值守")
    await chief.sees("应急响应已终止", chat=FLOOD_GROUP)
    await chief.sees("叫应总结", "应急响应已终止")
