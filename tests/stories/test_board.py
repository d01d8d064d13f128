"""/board sends a link to commanders and officers on duty, and refuses everybody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.config.settings_watch import BoardSettings
from contacts import board_link_store, board_links
from contacts.board_links import Pass, PassKind
from data.tables.running import audit
from tests.roster import COUNTY, COUNTY_COMMANDER
from tests.stories.story import Story, story_of

OPEN_TO = BoardSettings(public_url="https://fire.example/board/")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, board=OPEN_TO) as running:
        yield running


async def test_a_commander_gets_a_link_of_their_own(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/board")
    message = await chief.sees("指挥大屏", "敦化市", "10 分钟")
    [[button]] = message["reply_markup"]["inline_keyboard"]
    address, _, signed = button["url"].partition("#")
    assert address == "https://fire.example/board/open"
    key = board_links.key_of(story.app.database.read(board_link_store.secret))
    link = board_links.verify(signed, PassKind.LINK, key, story.clock())
    assert isinstance(link, Pass)
    assert (link.person_id, link.scope) == (COUNTY_COMMANDER["id"], COUNTY)
    trail = str(story.app.database.read(lambda c: list(c.execute(select(audit)))))
    assert "board.link" in trail and signed not in trail and signed.split(".")[1] not in trail


@pytest.mark.parametrize("name", ["县值班", "镇值班", "州主任", "省指挥"])
async def test_who_watches_may_look(story: Story, name: str) -> None:
    await story[name].says("/board")
    await story[name].sees("指挥大屏")


@pytest.mark.parametrize("name", ["护林员", "村长0"])
async def test_others_may_not(story: Story, name: str) -> None:
    await story[name].says("/board")
    message = await story[name].sees("⚠️")
    assert "reply_markup" not in message or "url" not in str(message["reply_markup"])


async def test_without_an_address_there_is_no_link(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        await story["县指挥"].says("/board")
        await story["县指挥"].sees("没有开通", "请管理员开通")
