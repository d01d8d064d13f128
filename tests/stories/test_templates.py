"""Office heads change templates in the chat: seen on three phones first, restored, told by line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alerts.template_files import store
from alerts.template_files.model import TemplateKind
from bot.config.settings_handbook import TemplateSettings
from data.templates import TEMPLATES
from tests.roster import COUNTY
from tests.security.scene import forget
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, story_of
from tests.unit.test_handbook import CARD
from tests.unit.test_template_files import HAIL, LIST


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with story_of(tmp_path) as told:
        yield told


def last(story: Story, name: str) -> dict[str, object]:
    return story.server.messages(story[name].id)[-1]


async def test_a_text_is_changed_previewed_and_used_by_the_next_warning(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/templates")
    await chief.taps("预警用语")
    await chief.taps("山洪")
    shown = last(story, "县指挥")
    assert "山洪灾害 · 红色" in shown["text"]
    await chief.taps("修改", message=shown)
    asked = last(story, "县指挥")
    assert "中间空一行" in asked["text"]
    # Nothing, or too much, is refused by its line; the question stays.
    await chief.says("字" * 501)
    assert (
        "没有保存" in last(story, "县指挥")["text"]
        and "您发的文字 第 1 行：太长，最多 500 字" in last(story, "县指挥")["text"]
    )
    await chief.says("山洪要来了，救命要紧！\n沟口的人马上走。\n\n第二段的话。")
    preview = last(story, "县指挥")
    for words in ("📱", "指挥员", "村责任人", "巡护员", "沟口的人马上走", "先保自己", "第二段的话"):
        assert words in preview["text"], words
    assert "敦化市" in preview["text"]
    await chief.taps("保存", message=preview)
    assert "第 1 版" in chief.shows(preview)["text"]
    # The next warning says it; a county elsewhere does not.
    await chief.says("/warn 红 山洪 敦化市")
    assert "沟口的人马上走" in last(story, "县指挥")["text"]
    await story["图们指挥"].says("/warn 红 山洪 图们市")
    assert "沟口的人马上走" not in last(story, "图们指挥")["text"]
    # Lowered or raised, a warning that says the office's own words says those of its new level.
    await chief.says("/templates")
    await chief.taps("预警用语")
    await chief.taps("山洪")
    await chief.taps("🟠")
    await chief.taps("修改")
    await chief.says("橙色的话。")
    await chief.taps("✅ 保存")
    await chief.says("/warn 红 山洪 敦化市")
    await chief.taps("确认发布")
    await chief.says("/update 1 降级 橙")
    assert "橙色的话" in last(story, "县指挥")["text"]
    await chief.says("/update 1 降级 橙 大家注意")
    assert "大家注意" in last(story, "县指挥")["text"]
    # In the wizard it is one of the texts to choose.
    await chief.says("⚠️ 发布预警")
    await chief.taps("红")
    await chief.taps("山洪")
    await chief.taps("确认此区域")
    assert "第二段的话" in last(story, "县指挥")["text"]
    await chief.taps("2")
    # Restored: what shipped holds again.
    await chief.says("/templates")
    await chief.taps("预警用语")
    await chief.taps("✏️ 山洪")
    await chief.taps("历次版本")
    await chief.taps("停用本级的")
    assert "现在用的是" in last(story, "县指挥")["text"]
    await chief.says("/warn 红 山洪 敦化市")
    assert "山洪可能随时暴发" in last(story, "县指挥")["text"]
    await chief.says("/templates")
    await chief.taps("预警用语")
    await chief.taps("山洪")
    await chief.taps("历次版本")
    await chief.taps("看第 1 版")
    await chief.taps("恢复这一版")
    assert "第 4 版" in last(story, "县指挥")["text"]
    forget(story)


async def test_a_card_is_changed_and_a_mistake_in_it_is_told_by_line(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    await head.says("/templates")
    await head.sees("只有指挥员能做")
    await head.forges("hbr:card:hail-village:1")
    await chief.says("/templates")
    await chief.taps("手册卡片")
    await chief.taps("下一页")
    await chief.says("/handbook 冰雹 村")
    await chief.taps("冰雹：村里做什么")
    await chief.taps("修改")
    await chief.taps("修改")
    asked = last(story, "县指挥")["text"]
    assert "英文一起改" in asked and "=== English\n1. Call people outdoors" in asked
    # The Chinese was changed and the English forgotten: it would say another thing.
    shorter = asked.partition("：\n")[2].replace("\n2. 牲畜", "\n牲畜")
    await chief.says(shorter)
    assert "中文 4 步，英文 5 步" in last(story, "县指挥")["text"]
    await chief.says(shorter.replace("\n2. Livestock", "\nLivestock"))
    assert "📱 用英文的人\n📗 Hail: village\n1. Call" in last(story, "县指挥")["text"]
    await chief.says(CARD.replace("灾种: 山洪灾害 暴雨", "灾种: 冰雹 龙卷风"))
    said = last(story, "县指挥")["text"]
    assert "hail-village.md 第 3 行：没有「龙卷风」这个灾种" in said
    await chief.says(CARD.replace("灾种: 山洪灾害 暴雨", "灾种: 冰雹"))
    preview = last(story, "县指挥")
    assert "📱 村责任人" in preview["text"] and "这张不给此岗位" in preview["text"]
    other = last(story, "县指挥")
    await chief.taps("取消", message=other)
    assert "没有改动" in chief.shows(other)["text"]
    await chief.taps("修改")
    await chief.says(CARD.replace("灾种: 山洪灾害 暴雨", "灾种: 冰雹"))
    await chief.taps("✅ 保存")
    await head.says("/handbook 冰雹 转")
    await head.taps("山洪来了")
    assert "往高处走" in last(story, "村长0")["text"]
    # The button of a preview that was left saves nothing.
    version = last(story, "县指挥")
    await chief.taps("看一看", message=version)
    assert "第 1 版" in last(story, "县指挥")["text"]
    shown = chief.shows(version)["text"]
    assert "已过期" in await chief.forges("hby:a1b2c3d4", message_id=version["message_id"])
    assert chief.shows(version)["text"] == shown
    # 不改 under an old preview takes nothing else away: the warning being written goes on.
    await chief.says("/warn 红 山洪 敦化市 马上转移")
    await chief.forges("hbn:a1b2c3d4", message_id=preview["message_id"])
    await chief.taps("确认发布")
    assert any("山洪" in m["text"] for m in story.server.messages(head.id))
    forget(story)


async def test_a_list_that_is_used_gives_everybody_their_tasks(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    await chief.says("/templates")
    await chief.taps("任务清单")
    shown = last(story, "县指挥")
    assert "山洪、洪水红色：转移任务 · 6 条" in shown["text"]
    await chief.taps(f"看第 {number_of('flood-move')} 张")
    listed = last(story, "县指挥")
    assert "⏸ 没有启用" in listed["text"] and "限时 30 分钟" in listed["text"]
    # One task is changed in words; what cannot be read is told by line.
    await chief.taps("✏️ 1", message=listed)
    copied = str(last(story, "县指挥")["text"])
    lines = copied[copied.index("事项") :]
    await chief.says(lines.replace("30分钟", "马上"))
    assert "您发的文字 第 5 行" in last(story, "县指挥")["text"]
    await chief.says(lines.replace("30分钟", "20分钟").replace("佐证：照片", "佐证：无"))
    preview = last(story, "县指挥")
    assert "限时 20 分钟" in preview["text"] and "没有给此岗位的任务" in preview["text"]
    assert "发布预警时不派任务" in preview["text"]
    await chief.taps("✅ 保存", message=preview)
    await chief.taps("看一看", message=preview)
    await chief.taps("🏷 适用")
    await chief.says("名称：本县转移任务\n灾种：山洪、暴雨\n等级：红、橙")
    await chief.taps("✅ 保存")
    await chief.taps("看一看")
    assert "本县转移任务" in last(story, "县指挥")["text"]
    await chief.taps("🔢 派给谁")
    assert "现在发布的话" in last(story, "县指挥")["text"]
    await chief.taps("▶️ 启用")  # one tap, and it holds
    assert "第 3 版" in last(story, "县指挥")["text"]
    assert "已启用：发布时自动派任务" in last(story, "县指挥")["text"]
    await chief.says("/warn 红 山洪 敦化市 立即转移")
    await chief.taps("确认发布")
    await story.fast_forward(seconds=10)
    told = [m["text"] for m in story.server.messages(head.id)]
    [task] = [text for text in told if "📌" in text]
    assert "危险区群众全部转移，按名单清点" in task
    assert any("📌" in m["text"] for m in story.server.messages(story["镇长"].id))
    # One task less, one more; the last is not to be deleted.
    await chief.forges("hbe:list:flood-move:6", message_id=listed["message_id"])
    await chief.says("删除")
    await chief.taps("✅ 保存")
    await chief.forges("hbe:list:flood-move:99", message_id=listed["message_id"])
    await chief.says(lines.replace("危险区群众全部转移，按名单清点", "报平安"))
    assert "报平安" in last(story, "县指挥")["text"]
    forget(story)


def number_of(key: str) -> int:
    return sorted(file.stem for file in (TEMPLATES / "lists").glob("*.toml")).index(key) + 1


async def test_an_office_hears_once_which_lists_make_tasks_and_switches_them(
    tmp_path: Path,
) -> None:
    """As installed: red moves people by tasks; the office is told after its first warning."""
    async with story_of(tmp_path, alone=True, templates=TemplateSettings()) as story:
        chief, head = story["县指挥"], story["村长0"]

        def of_lists() -> list[dict[str, Any]]:
            told = story.server.messages(chief.id)
            return [m for m in told if "哪些预警自动派任务" in m["text"]]

        await chief.says("/warn 红 山洪 敦化市 立即转移")
        await chief.taps("确认发布")
        await story.fast_forward(seconds=15)
        town = story.server.messages(story["镇长"].id)
        assert any("到岗指挥，未回应的村派人上门" in m["text"] for m in town)
        # Villages have a call to answer: as shipped no list asks more of them.
        assert not any("📌" in m["text"] for m in story.server.messages(head.id))
        [told] = of_lists()
        check, move = number_of("flood-check"), number_of("flood-move")
        assert f"{check}. ⏸ 山洪、洪水橙色" in told["text"]
        assert f"{move}. ▶️ 山洪、洪水红色" in told["text"]
        # One tap each; a second on the same button changes nothing more.
        await chief.taps(f"▶️ 启用 {check}", message=told)
        shown = chief.shows(told)["text"]
        assert f"{check}. ▶️ 山洪、洪水橙色：检查任务 · 4 条 ✏️" in shown
        await chief.forges("hbx:flood-check:on:1", message_id=told["message_id"])
        await chief.taps(f"⏸ 停用 {move}", message=told)
        assert f"{move}. ⏸ 山洪、洪水红色" in chief.shows(told)["text"]
        assert "只有指挥员能做" in (
            await head.forges("hbx:flood-check:off") + last(story, "村长0")["text"]
        )
        versions = story.app.database.read(
            lambda c: [
                store.newest_number(c, TemplateKind.LIST, key, COUNTY)
                for key in ("flood-check", "flood-move")
            ]
        )
        assert versions == [1, 1]
        before = len(story.server.messages(head.id))
        await chief.says("/warn 红 山洪 黄泥河镇 再转移一次")
        await chief.taps("确认发布")
        await story.fast_forward(seconds=15)
        new = story.server.messages(head.id)[before:]
        assert new and not any("📌" in m["text"] for m in new)
        assert of_lists() == []  # the one there was shows the lists now; there is no second
        forget(story)


async def test_files_are_taken_in_the_chat_and_by_the_command_line(
    story: Story, tmp_path: Path
) -> None:
    chief = story["县指挥"]
    story.server.people.send_document(
        chief.id, HAIL.replace("留意", "看天").encode(), name="hail.toml"
    )
    await story.settled()
    preview = last(story, "县指挥")
    assert "冰雹" in preview["text"] and "📱 村责任人" in preview["text"]
    await chief.taps("✅ 保存", message=preview)
    story.server.people.send_document(chief.id, LIST.replace("30", "-3").encode(), name="own.toml")
    await story.settled()
    assert "own.toml 第 10 行" in last(story, "县指挥")["text"]
    # What somebody else sends under such a name is a report from the spot, as any file.
    story.server.people.send_document(story["村长0"].id, b"x", name="notes.md")
    await story.settled()
    assert "只有指挥员能做" not in last(story, "村长0")["text"]
    files = tmp_path / "files"
    files.mkdir()
    (files / "hail.toml").write_text(HAIL.replace("留意", "夜里也看天"), encoding="utf-8")
    (files / "own.toml").write_text(LIST.replace("30", "-3"), encoding="utf-8")
    run = CommandLine(story.file.parent)
    refused = await run("import", "templates", str(files), "--area", "敦化市")
    assert refused.code == 1 and "own.toml 第 10 行" in refused.out
    assert "一个也没有导入" in refused.out
    (files / "own.toml").write_text(LIST, encoding="utf-8")
    looked = await run("import", "templates", str(files), "--area", "敦化市", "--dry-run")
    assert looked.code == 0 and "2 个模板都写得对" in looked.out
    done = await run("import", "templates", str(files), "--area", "敦化市")
    assert done.code == 0 and "hail：第 2 版" in done.out and "own：第 1 版" in done.out
    await chief.says("/warn 蓝 冰雹 敦化市")
    assert "夜里也看天" in last(story, "县指挥")["text"]
    forget(story)
