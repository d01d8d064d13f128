"""Whoever has neither Telegram nor anything else gets an e-mail, and answers by its link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
from sqlalchemy import select

from alerts.channels import address_store
from bot.config.reader import Secret
from bot.config.settings import LadderSettings, PolicySettings
from bot.config.settings_channels import ChannelsSettings, EmailSettings, PageSettings
from contacts.channels import Channel
from data.tables.alerts import calls
from data.tables.channels import channel_addresses, channel_deliveries
from tests.stories.county_gateway import FIRST, LINE, SECOND
from tests.stories.mail_server import MailServer
from tests.stories.story import Story, story_of

PUBLIC = "https://hd.example.gov.cn/dh/"
HEAD, OTHER = "guandi@example.gov.cn", "beihe@example.gov.cn"


@asynccontextmanager
async def email_story(tmp_path: Path) -> AsyncIterator[tuple[Story, MailServer]]:
    """A story whose red ladder names e-mail; both village heads have an address."""
    async with MailServer() as mail:
        settings = EmailSettings(
            url=Secret(f"smtp://127.0.0.1:{mail.port}"),
            sender="yj@example.gov.cn",
            per_second=1000,
        )
        channels = ChannelsSettings(email=settings, page=PageSettings(url=PUBLIC, port=0))
        red = replace(LadderSettings(2, 5, 8, 15, 10, 30), at_once=("telegram", "email"))
        async with story_of(
            tmp_path,
            more=(FIRST, SECOND),
            alone=True,
            channels=channels,
            policy=replace(PolicySettings(), red=red),
        ) as story:
            for row, address in ((FIRST, HEAD), (SECOND, OTHER)):
                person = row["id"]
                story.app.database.do(
                    lambda c, person=person, address=address: address_store.enter(
                        c, person, Channel.EMAIL, address
                    )
                )
            yield story, mail
            chats = {message["chat"]["id"] for message in story.server.watch.untaken()}
            for chat in chats:
                story.server.watch.take(chat)


async def release(story: Story, line: str = LINE) -> str:
    chief = story["县指挥"]
    await chief.says(line)
    preview = (await chief.sees("发布前请核对"))["text"]
    await chief.taps("确认发布")
    await story.fast_forward(seconds=1)
    await story.tick()
    return str(preview)


async def test_an_e_mail_bears_the_link_by_which_it_is_answered(tmp_path: Path) -> None:
    async with email_story(tmp_path) as (story, mail):
        preview = await release(story)
        assert "邮件" in preview and "发完" in preview
        [letter] = mail.to(HEAD)
        assert mail.recipients.count(HEAD) == 1, "one person each"
        assert "官地镇暴雨红色预警" in letter["Subject"] and "演练" not in letter["Subject"]
        text = letter.get_content()
        assert "立即转移" in text and "press 收到 Received" in text
        found = re.search(re.escape(PUBLIC) + r"(a/[\w.-]+)", text)
        assert found is not None and story.app.answer_page is not None
        page = f"http://127.0.0.1:{story.app.answer_page.port}/{found[1]}"
        async with aiohttp.ClientSession() as browser:
            await browser.post(page, data={"answer": "1"})
        await story.settled()
        query = select(calls.c.answered_via).where(calls.c.person_id == FIRST["id"])
        assert story.app.database.read(lambda c: c.execute(query).scalar_one()) == "page"


async def test_what_a_mail_server_refuses(tmp_path: Path) -> None:
    """A mailbox that is not there; one that is full for now; hung up when all had been said."""
    async with email_story(tmp_path) as (story, mail):
        mail.refusals = {HEAD: 550, OTHER: 452}
        await release(story, LINE.replace("/warn", "/warn 演练"))
        columns = channel_deliveries.c
        query = select(columns.state, columns.cause).order_by(columns.id)
        states = story.app.database.read(lambda c: c.execute(query).all())
        assert sorted(states) == [("failed", "no_such_number"), ("queued", None)]
        mail.refusals, mail.after_data = {}, mail.after_data.__class__([0])
        await story.fast_forward(seconds=16)
        await story.tick()
        await story.fast_forward(seconds=16)
        await story.tick()
        letters = mail.to(OTHER)
        assert len({letter["Message-ID"] for letter in letters}) == 1 < len(letters)
        assert "【演练】" in letters[0]["Subject"] and "这是演练" in letters[0].get_content()
        known = channel_addresses.c
        marked = select(known.failures, known.cause).where(known.address == HEAD)
        assert story.app.database.read(lambda c: tuple(c.execute(marked).one())) == (
            1,
            "no_such_number",
        )
