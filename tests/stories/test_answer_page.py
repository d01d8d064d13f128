"""Somebody without Telegram answers by a link that the duty officer passes on by WeChat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.config.settings_channels import ChannelsSettings, PageSettings
from contacts.people import Role
from data import audit
from tests.roster import FLOOD_GROUP, TOWNSHIP_DUTY, VILLAGES, person
from tests.stories.story import Story, buttons, plain, story_of
from tests.stories.test_call_and_respond import LINE

ALONE = person(70, "无网村长", VILLAGES[2], Role.VILLAGE_RESPONSIBLE, linked=False)
PUBLIC = "https://hd.example.gov.cn/dh/"
CHANNELS = ChannelsSettings(page=PageSettings(url=PUBLIC, port=0))


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with story_of(tmp_path, more=(ALONE,), channels=CHANNELS) as running:
        yield running


def rest_is_read(story: Story) -> None:
    """What the others are told meanwhile is in other stories."""
    for chat in (FLOOD_GROUP, *(actor.id for actor in story.people.values())):
        story.server.watch.take(chat)


async def listed(story: Story) -> dict[str, Any]:
    """A red warning that only somebody without Telegram has not answered; the township's list."""
    chief, duty = story["县指挥"], story["镇值班"]
    await chief.says(LINE)
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    await story.settled()
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    rest_is_read(story)
    await duty.says("/who")
    silent = await duty.sees("未回应 1 人", "无网村长")
    await duty.taps("我在打", message=silent)
    return silent


async def test_a_link_passed_on_is_answered_in_a_browser(story: Story) -> None:
    silent, duty = await listed(story), story["镇值班"]
    await duty.taps("发网页链接", message=duty.shows(silent))
    message = await duty.sees("无网村长 的网页答复链接", PUBLIC + "a/")
    found = re.search(re.escape(PUBLIC) + r"(a/(\d+)-[\w.-]+)", plain(message["text"]))
    assert found is not None and story.app.answer_page is not None
    page = f"http://127.0.0.1:{story.app.answer_page.port}/{found[1]}"  # as the proxy passes it on
    moved = {"report": "moved", "households": "12", "persons": "35"}

    async with aiohttp.ClientSession() as browser:

        async def shows(*words: str, form: dict[str, str] | None = None) -> None:
            asked = browser.get(page) if form is None else browser.post(page, data=form)
            async with asked as answer:
                text = await answer.text()
            assert answer.status == 200 and all(word in text for word in words), text

        await shows("敦化市暴雨红色预警", "无网村长")  # WeChat fetches a preview
        await story.tick()
        await duty.says("/who")
        await duty.sees("未回应 1 人")
        await shows("已记录", "请立即", "镇值班", 'href="tel:', form={"answer": "1"})
        await story.tick()
        rest_is_read(story)
        await duty.says("/who")
        await duty.sees("已回应 5 / 5")
        await shows("12 户 35 人", form=moved)
        await shows("要船", form={"report": "help", "text": "要船"})
    await story.settled()
    await duty.sees("要船", "无网村长")
    rest_is_read(story)
    trail = story.app.database.read(lambda c: list(audit.trail(c, f"call:{found[2]}")))
    assert found[1] not in str(trail)  # who reads the trail cannot answer for anybody
    by = {entry["action"]: (entry["actor"], entry["detail"].get("via")) for entry in trail}
    assert by["call.page_link"] == (TOWNSHIP_DUTY["id"], None)
    assert by["call.acknowledged"] == (ALONE["id"], "page")


async def test_only_who_is_in_charge_gets_the_link(story: Story) -> None:
    silent = await listed(story)
    rows = story["镇值班"].shows(silent)["reply_markup"]["inline_keyboard"]
    [data] = [key["callback_data"] for row in rows for key in row if "网页链接" in key["text"]]
    for name in ("村长0", "图们指挥", "护林员"):
        await story[name].forges(data)
        assert "/a/" not in str(story.server.messages(story[name].id))
    rest_is_read(story)


async def test_without_a_page_there_is_no_button_and_no_link(tmp_path: Path) -> None:
    async with story_of(tmp_path, more=(ALONE,)) as story:
        silent, duty = await listed(story), story["镇值班"]
        assert not [text for text in buttons(duty.shows(silent)) if "网页" in text]
        assert story.app.answer_page is None
        assert "没有开通网页答复" in await duty.forges("lw:1", message_id=silent["message_id"])
        rest_is_read(story)
