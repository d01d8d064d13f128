"""Who was shown whose number, position or photo is noted, in chat and on the board, for a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from alerts import alert_store
from bot.config.load import load
from contacts import access_log_store
from contacts.access_log_store import Look, Shown, Way
from data.database import Database
from data.tables.contacts import access_log
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    FIRE_GROUP,
    NOW,
    RANGER,
    VILLAGERS,
    VILLAGES,
)
from tests.security.scene import forget
from tests.store.test_board import Wall, released, wall
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, story_of

__all__ = ["wall"]  # the fixture

HEAD = VILLAGERS[0]


def looks(database: Database, row: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = database.read(lambda c: access_log_store.of_person(c, row["id"]))
    return [(look.viewer_id, look.what.value, look.way.value) for look in found]


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_a_number_shown_in_chat_is_noted_once_a_day(story: Story, tmp_path: Path) -> None:
    database, duty = story.app.database, story["县值班"]
    for _ in range(2):
        await duty.says("/handbook 村长0")
        await duty.sees("19900000010")
        await story.tick()
    assert looks(database, HEAD) == [(COUNTY_DUTY["id"], "phone", "bot")]
    story.clock.advance(timedelta(hours=24, minutes=1))
    await story.tick()
    await duty.says("/handbook 村长0")
    await duty.sees("19900000010")
    assert len(looks(database, HEAD)) == 2
    told = await CommandLine(tmp_path)("person", "seen", HEAD["phone"])
    assert told.out.count("县值班") == 2 and "电话" in told.out and "机器人" in told.out
    told = await CommandLine(tmp_path)("person", "seen", VILLAGERS[1]["phone"])
    assert "没有人看过" in told.out


async def test_a_masked_number_and_ones_own_and_the_desks_are_not(story: Story) -> None:
    head, ranger = story["村长0"], story["护林员"]
    await ranger.says("/handbook 村长1")
    assert "****" in (await ranger.sees("村长1"))["text"]
    await head.says("/handbook 值班")
    await head.sees("19900000006")  # there to be rung by everybody below
    await story["县值班"].says("/handbook 县值班")
    await story["县值班"].sees("19900000005")
    rows = story.app.database.read(lambda c: c.execute(select(access_log)).all())
    assert rows == []


async def test_where_somebody_is_and_their_photo(story: Story) -> None:
    ranger, people = story["护林员"], story.server.people
    people.send_location(ranger.id, 43.372, 128.232, horizontal_accuracy=8)
    await story.settled()
    await ranger.says("🆘 求救")
    await ranger.taps("立即求救")
    noted = looks(story.app.database, RANGER)
    assert (COUNTY_DUTY["id"], "position", "bot") in noted
    assert all(viewer != RANGER["id"] for viewer, _, _ in noted)
    for chat in {message["chat"]["id"] for message in story.server.watch.untaken()}:
        story.server.watch.take(chat)


async def test_the_board_notes_what_it_shows(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(COUNTY_COMMANDER)
    for _ in range(3):
        await wall.facts()
        wall.clock.now += timedelta(seconds=3)
    noted = looks(wall.database, VILLAGERS[1])
    assert noted == [(COUNTY_COMMANDER["id"], "phone", "board")]
    wall.clock.now += timedelta(hours=11)
    await wall.enters(COUNTY_DUTY)
    await wall.facts()
    assert len(looks(wall.database, VILLAGERS[1])) == 2


async def test_it_is_deleted_in_time(story: Story) -> None:
    days = load(None, {}).privacy.access_log_days
    now = story.clock()

    def fill(c: Any) -> None:
        for age in (days + 1, days - 1):
            look = Look(now - timedelta(days=age), 5, HEAD["id"], Shown.PHONE, Way.BOT)
            access_log_store.note(c, [look])

    story.app.database.do(fill)
    assert len(looks(story.app.database, HEAD)) == 2
    await story.tick()
    assert len(looks(story.app.database, HEAD)) == 1
    assert NOW


async def test_where_numbers_leave_by_the_board_only(tmp_path: Path) -> None:
    from bot.config.settings import PrivacySettings

    async with story_of(tmp_path, privacy=PrivacySettings(phones="board")) as story:
        await story["县值班"].says("/handbook 村长0")
        shown = (await story["县值班"].sees("村长0"))["text"]
        assert "199****0010" in shown and "19900000010" not in shown
        await story["村长0"].says("/handbook 值班")
        assert "1990000" not in (await story["村长0"].sees("值班"))["text"]
        rows = story.app.database.read(lambda c: c.execute(select(access_log)).all())
        assert rows == []


def seen_by(database: Database, row: dict[str, Any]) -> set[tuple[str, str]]:
    """Who or what was shown something of a person: by which way, what."""
    found = database.read(lambda c: access_log_store.of_person(c, row["id"]))
    return {(look.way.value, look.what.value) for look in found}


async def test_photos_and_places_that_go_to_a_group(story: Story, tmp_path: Path) -> None:
    ranger, people = story["护林员"], story.server.people
    people.send_location(ranger.id, 43.372, 128.232, horizontal_accuracy=8)
    await story.settled()
    people.send_photo(ranger.id, caption="沟里冒烟")
    await story.settled()
    noted = looks(story.app.database, RANGER)
    assert (FIRE_GROUP, "photo", "group") in noted and (FIRE_GROUP, "position", "group") in noted
    assert (COUNTY_DUTY["id"], "photo", "bot") in noted
    told = (await CommandLine(tmp_path)("person", "seen", RANGER["phone"])).out
    assert "敦化防火" in told and "群" in told
    forget(story)


async def test_who_looks_at_a_photo_again_is_noted_then(story: Story) -> None:
    """Two days later, by /feed: a reply as any other."""
    ranger, people, database = story["护林员"], story.server.people, story.app.database
    people.send_location(ranger.id, 43.372, 128.232, horizontal_accuracy=8)
    await story.settled()
    people.send_photo(ranger.id, caption="沟里冒烟")
    await story.settled()
    forget(story)
    database.do(lambda c: c.execute(delete(access_log)) and None)
    await story["县指挥"].says("/feed")
    await story["县指挥"].taps("👁")
    await story.settled()
    chief = COUNTY_COMMANDER["id"]
    assert set(looks(database, RANGER)) >= {(chief, "photo", "bot"), (chief, "position", "bot")}
    assert {viewer for viewer, _, _ in looks(database, RANGER)} == {chief}
    forget(story)


async def test_where_the_people_of_a_roll_call_are(story: Story) -> None:
    """A picture shows many at once: each of them can ask who saw it."""
    await story["县指挥"].says("/rollcall 敦化市 巡护员 20")
    await story["县指挥"].taps("开始点名")
    await story["护林员"].presses("一键报位", location=(43.37, 128.23, 8.0))
    await story["县指挥"].taps("地图")
    await story.settled()
    assert (COUNTY_COMMANDER["id"], "position", "bot") in looks(story.app.database, RANGER)
    forget(story)


async def test_what_the_command_line_writes(story: Story, tmp_path: Path) -> None:
    jiaoying, database = CommandLine(tmp_path), story.app.database
    await story["县指挥"].says("/warn 黄 暴雨 222403101201 注意防范")
    await story["县指挥"].taps("确认发布")
    await story.settled()
    (alert,) = database.read(
        lambda c: [a.id for a in alert_store.alerts(c) if COUNTY[:6] in a.areas[0]]
    )
    assert (await jiaoying("report", alert, "--output", "r.xlsx")).code == 0
    assert seen_by(database, VILLAGERS[1]) == {("command", "phone")}
    assert seen_by(database, VILLAGERS[0]) == set()
    assert (await jiaoying("person", "export", VILLAGERS[0]["phone"])).code == 0
    assert seen_by(database, VILLAGERS[0]) == {("command", "phone")}
    done = await jiaoying(
        "sheets", VILLAGES[2], "--output", "s.pdf", "--bot-username", "b", "--all"
    )
    assert done.code == 0, done.err
    assert seen_by(database, VILLAGERS[2]) == {("command", "phone")}
    told = (await jiaoying("person", "seen", VILLAGERS[2]["phone"])).out
    assert "命令行" in told and "@" in told
    forget(story)
