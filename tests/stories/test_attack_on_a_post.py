"""Attack: the account of somebody without rights, taken with a code alone, waits for a better post.

A photographed invitation makes an account a village head's. What comes to that person later, a post
or a shift, does not come to the account before it is proven.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts import people_store
from contacts.people import Person, Role
from data.tables.alerts import calls as table
from tests.roster import COUNTY, TOWNSHIP, VILLAGERS, VILLAGES, person
from tests.security.scene import forget
from tests.stories.command_line import CommandLine
from tests.stories.story import Actor, Story, story_of

HEAD = person(75, "新村长", VILLAGES[2], Role.VILLAGE_RESPONSIBLE, linked=False)
THIEF = 77_001
OWN = 77_002


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=(HEAD,)) as running:
        for account, name, phone in (
            (THIEF, "第二个手机", "+8619911110000"),
            (OWN, "村长手机", HEAD["phone"]),
        ):
            running.server.people.add_user(account, name, phone=phone)
            running.people[name] = Actor(running, {"telegram_id": account, "name": name})
        yield running


def now_of(story: Story) -> Person:
    found = story.app.database.read(lambda c: people_store.person(c, HEAD["id"]))
    assert found is not None
    return found


async def takes_the_account(story: Story) -> Actor:
    thief = story["第二个手机"]
    story.server.people.press_start(THIEF, HEAD["invite_code"])
    await story.settled()
    await thief.sees("绑定成功", "新村长")
    return thief


async def is_put_on_shift(story: Story, folder: Path, code: str) -> None:
    """The duty roster names the village head for the next two days."""
    zone = story.app.settings.time.info
    since, until = (
        (story.clock() + timedelta(hours=hours)).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        for hours in (-1, 47)
    )
    file = folder / "duty.csv"
    rows = f"phone,division_code,starts_at,ends_at\n{HEAD['phone']},{code},{since},{until}\n"
    file.write_text(rows, encoding="utf-8")
    done = await CommandLine(folder)("import", "duty", file)
    assert done.code == 0, done
    await story.fast_forward(minutes=3)  # the command line has a clock of its own


async def answers_for_another(story: Story, account: Actor) -> str:
    """As an officer on duty may; returns what the bot says to it."""
    await story["镇长"].says("/warn 黄 暴雨 黄泥河镇 注意防范")
    await story["镇长"].taps("确认发布")
    await story.settled()
    calls = story.app.database.read(
        lambda c: (
            c.execute(select(table.c.id).where(table.c.person_id == VILLAGERS[0]["id"]))
            .scalars()
            .all()
        )
    )
    forget(story)
    return await account.forges(f"p:{max(calls)}:phone")


async def test_a_shift_does_not_come_to_an_account_of_a_code_alone(
    story: Story, tmp_path: Path
) -> None:
    thief = await takes_the_account(story)
    await is_put_on_shift(story, tmp_path, TOWNSHIP)
    for above in ("镇值班", "镇长"):
        asked = await story[above].sees("将要值班", "账号要重新核实", "199 0000 0075")
    assert "要重新核实" in await answers_for_another(story, thief)
    # Rung up, the village head says that it is not theirs: the account is out for good.
    await story["镇长"].taps("不是本人", message=asked)
    assert now_of(story).telegram_id is None
    await thief.sees("没有批准绑定")
    for code in (HEAD["invite_code"], now_of(story).invite_code):
        story.server.people.press_start(THIEF, code)
        await story.settled()
    forget(story)
    assert now_of(story).telegram_id is None


async def test_who_is_on_shift_and_is_who_they_say_is_let_in(story: Story, tmp_path: Path) -> None:
    """The same, and nothing else, for the village head: their own number, or a word from above."""
    story.server.people.press_start(OWN, HEAD["invite_code"])
    await story.settled()
    await story["村长手机"].sees("绑定成功")
    await is_put_on_shift(story, tmp_path, TOWNSHIP)
    forget(story)
    assert "要重新核实" in await answers_for_another(story, story["村长手机"])
    story.server.people.share_contact(OWN)
    await story.settled()
    story.server.people.press_start(OWN, now_of(story).invite_code)
    await story.settled()
    await story["村长手机"].sees("还差一步")
    await story["村长手机"].sees("绑定成功")
    assert "要重新核实" not in await answers_for_another(story, story["村长手机"])
    forget(story)


async def test_a_township_lets_nobody_watch_over_the_county(story: Story, tmp_path: Path) -> None:
    """Nobody gives a right that they do not have: it is the shift's division that counts."""
    thief = await takes_the_account(story)
    await is_put_on_shift(story, tmp_path, COUNTY)
    for above in ("县值班", "县指挥"):
        asked = await story[above].sees("将要值班", "账号要重新核实", "新村长")
    for below in ("镇值班", "镇长", "图们指挥"):
        assert "超出您的区划" in await story[below].forges(f"ia:{HEAD['id']}:{THIEF}"), below
    assert now_of(story).unproven
    await story["县指挥"].taps("已电话核实，批准", message=asked)
    assert not now_of(story).unproven
    await thief.sees("绑定成功")
    forget(story)
