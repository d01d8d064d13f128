"""What to do is one tap away: the card under an answered call, by words, by pinyin's initials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.config.settings_handbook import HandbookSettings
from data.tables.contacts import people
from tests.security.scene import forget
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import LINE
from tests.unit.test_handbook import CARD


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with story_of(tmp_path) as told:
        yield told


async def test_whoever_answered_reads_what_to_do_for_their_own_work(story: Story) -> None:
    head, chief = story["村长0"], story["县指挥"]
    await chief.says(LINE)
    await chief.taps("确认发布")
    assert "怎么做" not in str(story.server.messages(head.id)[-1])  # first the answer
    await head.taps("收到")
    call = head.last_with("怎么做")
    await head.taps("怎么做")
    assert [m["text"] for m in story.server.messages(head.id)][-1].startswith("📗 暴雨红色、橙色")
    card = story.server.messages(head.id)[-1]
    assert "逐户" not in card["text"].partition("依据")[2] and "SL 666-2014" in card["text"]
    # The report's buttons are where they were, and the card leads to the others.
    assert "已转移群众" in str(buttons(head.shows(call)))
    await head.taps("其他卡片", message=card)
    assert "村责任人" in head.shows(card)["text"]
    await head.taps("指挥员", message=card)
    await head.taps("防汛红色", message=head.shows(card))
    assert "转移五件事定死" in story.server.messages(head.id)[-1]["text"]
    # An office's own work has another card; nobody opens somebody else's call.
    await story["镇长"].taps("收到")
    await story["镇长"].taps("怎么做")
    assert "指挥员做什么" in story.server.messages(story["镇长"].id)[-1]["text"]
    data = next(
        button["callback_data"]
        for row in call["reply_markup"]["inline_keyboard"]
        for button in row
        if "怎么做" in button["text"]
    )
    assert "没有" in await story["村长1"].forges(data)
    # When it is over the card is the one for afterwards.
    await chief.says("/lift 1")
    await chief.taps("确定解除")
    await head.taps("怎么做", message=call)
    assert "水退以后" in story.server.messages(head.id)[-1]["text"]
    forget(story)


async def test_words_find_cards_and_people_side_by_side(story: Story) -> None:
    head = story["村长0"]
    await head.says("/handbook 山洪")
    found = await head.sees("📗 「山洪」：处置手册")
    assert "[转] 山洪来了：村里怎么转" in buttons(found)
    assert "没有找到" not in found["text"]
    await head.taps("山洪来了", message=found)
    await head.sees("📗 山洪来了：村里怎么转", "往两侧高处走", "依据：")
    await head.says("/handbook sh 转")
    assert "[转] 山洪来了：村里怎么转" in buttons(await head.sees("「sh 转」"))
    # A post is in the phone book and in the handbook: both are shown.
    await story["县值班"].says("/handbook 巡护员")
    both = await story["县值班"].sees("处置手册", "📖 「巡护员」")
    assert any("巡护员" in words for words in buttons(both))
    # A name is only a name; and what is nowhere is said with what can be written.
    await story["县值班"].says("/handbook 村长0")
    assert buttons(await story["县值班"].sees("📖 「村长0」：2 人")) == []
    await head.says("/handbook 外星人")
    await head.sees("没有找到「外星人」", "写灾种")
    # By hazard, from the phone book's own key.
    await story["县值班"].says("/handbook")
    book = await story["县值班"].sees("敦化市")
    await story["县值班"].taps("处置手册", message=book)
    await story["县值班"].taps("森林火灾", message=book)
    await story["县值班"].taps("森林火灾：值班室做什么", message=book)
    await story["县值班"].sees("不下达、不转发组织群众上山扑火的通知")
    assert "按钮" in await head.forges("hbl:earthquake")
    await head.forges("hbv:no-such-card")
    await head.sees("没有这张卡片")
    # Whoever reads English finds and reads the same cards in English.
    english = update(people).where(people.c.id == head.row["id"]).values(language="en")
    story.app.database.do(lambda c: c.execute(english))
    await head.says("/handbook flash flood")
    found = await head.sees("📗 “flash flood”")
    assert "[moving] Flash flood: moving the village" in buttons(found)
    await head.taps("Flash flood: moving", message=found)
    await head.sees("Go to high ground on both sides", "Written from: Guidelines")


async def test_a_province_s_own_card_takes_the_shipped_one_s_place(tmp_path: Path) -> None:
    own = tmp_path / "cards"
    own.mkdir()
    text = CARD.replace("逐户叫醒", "先打锣，再逐户叫")
    (own / "flash-flood-village-moving.md").write_text(text, encoding="utf-8")
    (own / "broken.md").write_text("---\n灾种: 龙卷\n---\n1. 跑", encoding="utf-8")
    async with story_of(tmp_path, handbook=HandbookSettings(str(own))) as story:
        await story["村长0"].says("/handbook 山洪 转")
        await story["村长0"].taps("山洪来了")
        await story["村长0"].sees("处置手册")
        await story["村长0"].sees("先打锣，再逐户叫")
