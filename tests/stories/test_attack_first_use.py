"""Attack: an account that came to be an officer's is used for something quieter than a release.

Whatever the rights of the post are used for first, those above hear of it, once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import select, update

from alerts import alert_store
from alerts.model import State
from bot.config.settings_watch import BoardSettings
from contacts.people import Role
from data.tables.alerts import calls
from data.tables.contacts import people
from tests.roster import (
    CITY_COMMANDER,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    TOWNSHIP,
    VILLAGERS,
    VILLAGES,
    person,
)
from tests.security.scene import forget
from tests.stories.story import Story, story_of

HEAD = person(75, "新村长", VILLAGES[2], Role.VILLAGE_RESPONSIBLE, linked=False)
TOWN_HEAD = person(74, "副镇长", TOWNSHIP, Role.DEPUTY_DIRECTOR, linked=False)
STRANGER = 77_001


async def reads_codes(story: Story) -> None:
    await story["县值班"].says("/link")


async def opens_the_board(story: Story) -> None:
    await story["县值班"].says("/board")


async def calls_the_roll(story: Story) -> None:
    await story["县值班"].says("/rollcall 敦化市 巡护员 20")
    await story["县值班"].taps("开始点名")


async def answers_for_somebody(story: Story) -> None:
    await story["县值班"].forges(f"p:{call_of(story)}:phone")


async def lets_an_account_in(story: Story) -> None:
    story.server.people.press_start(STRANGER, TOWN_HEAD["invite_code"])
    await story.settled()
    await story["县指挥"].forges(f"ia:{TOWN_HEAD['id']}:{STRANGER}")


async def sets_the_danger(story: Story) -> None:
    await story["县指挥"].says("/danger 敦化市 橙 气象")


async def withdraws_what_another_proposed(story: Story) -> None:
    await story["州主任"].says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")
    await story["州主任"].taps("确认发布")
    pending = story.app.database.read(lambda c: alert_store.alerts(c, State.PENDING))
    await story["州指挥"].forges(f"n:{pending[0].id}")


def call_of(story: Story) -> int:
    query = select(calls.c.id).where(calls.c.person_id == VILLAGERS[0]["id"])
    return max(story.app.database.read(lambda c: c.execute(query).scalars().all()))


ACTS: list[tuple[Callable[[Story], Awaitable[None]], dict, tuple[str, ...]]] = [
    (reads_codes, COUNTY_DUTY, ("州指挥", "州主任")),
    (opens_the_board, COUNTY_DUTY, ("州指挥", "州主任")),
    (calls_the_roll, COUNTY_DUTY, ("州指挥", "州主任")),
    (answers_for_somebody, COUNTY_DUTY, ("州指挥", "州主任")),
    (lets_an_account_in, COUNTY_COMMANDER, ("州指挥", "州主任")),
    (sets_the_danger, COUNTY_COMMANDER, ("州指挥", "州主任")),
    (withdraws_what_another_proposed, CITY_COMMANDER, ("省指挥",)),
]


async def test_those_above_hear_of_the_first_use_whatever_it_is(tmp_path: Path) -> None:
    board = BoardSettings(public_url="https://fire.example/board/")
    async with story_of(tmp_path, more=(HEAD, TOWN_HEAD), board=board) as story:
        story.server.people.add_user(STRANGER, "陌生手机", phone="+8619911110000")
        await story["镇长"].says("/warn 黄 暴雨 黄泥河镇 注意防范")
        await story["镇长"].taps("确认发布")
        forget(story)
        for act, row, above in ACTS:
            new = update(people).where(people.c.id == row["id"]).values(account_is_new=True)
            story.app.database.do(lambda c, new=new: c.execute(new) and None)
            await act(story)
            told = [
                message["chat"]["id"]
                for message in forget(story)
                if "第一次行使权限" in message.get("text", "") and row["name"] in message["text"]
            ]
            assert sorted(told) == sorted(story[name].id for name in above), act.__name__
            await story["县值班"].says("/link")
            await story["县指挥"].says("/link")
            again = [m for m in forget(story) if "第一次行使权限" in m.get("text", "")]
            assert not again, act.__name__
