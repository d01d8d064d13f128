"""Calling for help: a tap, a confirmation; colleagues, station and county; the all clear."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from alerts.patrol.distress import store as distress_store
from bot.app import DISPATCH, App
from bot.sandbox.bot_api.server import BotApiServer
from bot.services import geography
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from contacts.people import Role
from data.database import Connection, Database
from data.tables.contacts import people
from tests import roster
from tests.stories.story import Actor, Story, buttons, settings_for, story_of
from tests.waiting import until

DUNHUA = (43.372, 128.232)
CALLED = ("县值班", "镇值班")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_after_a_start_the_divisions_are_loaded_before_anybody_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call for help would wait for as long as that takes."""
    loaded: list[Connection] = []

    def load(connection: Connection) -> Gazetteer:
        loaded.append(connection)
        return load_gazetteer(connection)

    monkeypatch.setattr(geography, "load_gazetteer", load)
    monkeypatch.setattr(geography, "AHEAD_SECONDS", 0.0)
    database = Database(f"sqlite:///{tmp_path}/started.db", synchronous="off")
    roster.fill(database)
    async with BotApiServer() as server:
        app = App(settings_for(server), database, parts={DISPATCH})
        await app.start()
        try:
            await until(lambda: loaded, "never loaded")
        finally:
            await app.stop()
            database.close()


async def test_a_second_tap_sends_it_at_once_and_all_clear_ends_it(story: Story) -> None:
    ranger, county, station = story["护林员"], story["县值班"], story["镇值班"]
    near, far = await _colleagues(story)
    await _at(story, ranger, *DUNHUA)
    asked = await _first_tap(ranger)
    assert not story.server.watch.take(county.id)
    await ranger.taps("立即求救")
    for desk in (county, station):
        called = await desk.sees("求救", "护林员", "43.37200,128.23200", "199", "敦化市")
        assert "离您约" not in called["text"]
    await near.sees("求救", "离您约 1.1 公里")
    await far.sees("求救", "离您约 11.1 公里")
    assert "县值班" in ranger.shows(asked)["text"]
    await near.taps("我来处置")
    await near.sees("近护林员", "正在处置", "护林员")
    for person in (ranger, far, county, station):
        await person.sees("近护林员", "正在处置")
    await story.fast_forward(minutes=5)  # taken: nobody is called again
    await near.taps("人已安全")
    for person in (near, ranger, far, county, station):
        await person.sees("已解除", "近护林员")
    await county.taps("我来处置")  # an old message: it is over, and says so


async def test_without_a_second_tap_it_goes_out_by_itself(story: Story) -> None:
    ranger = story["护林员"]
    await _first_tap(ranger)
    await story.fast_forward(seconds=9)
    story.expect_nothing()
    await story.fast_forward(seconds=1)
    for name in CALLED:
        await story[name].sees("求救", "没有位置")
    await ranger.sees("已求救", "县值班", "12119")
    await ranger.taps("立即求救")  # tapped late: nobody is called twice for it
    await story.tick()
    story.expect_nothing()


async def test_a_restart_between_the_taps_loses_nothing(story: Story) -> None:
    ranger = story["护林员"]
    await _first_tap(ranger)
    story.clock.advance(timedelta(minutes=1))
    await story.tick()
    for name in CALLED:
        await story[name].sees("求救")
    await ranger.sees("已求救")
    call = story.app.database.read(lambda c: distress_store.call(c, 1))
    assert call is not None and call.rounds == 1


async def test_undone_in_time_nobody_hears_of_it(story: Story) -> None:
    ranger = story["护林员"]
    asked = await _first_tap(ranger)
    await ranger.taps("误报")
    assert "撤销" in ranger.shows(asked)["text"]
    assert buttons(ranger.shows(asked)) == []
    await story.fast_forward(minutes=3)


async def test_undone_later_everybody_called_hears_it(story: Story) -> None:
    ranger = story["护林员"]
    asked = await _first_tap(ranger)
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救")
    await ranger.taps("误报", message=asked)
    for name in CALLED:
        await story[name].sees("撤销")


async def test_it_is_repeated_every_two_minutes_until_somebody_takes_it(story: Story) -> None:
    ranger = story["护林员"]
    await _first_tap(ranger)
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救")
    await story.fast_forward(seconds=90)
    story.expect_nothing()
    for number in (2, 3):
        await story.fast_forward(minutes=2 if number > 2 else 0.5)
        for name in CALLED:
            await story[name].sees(f"第 {number} 次呼叫")
    await story["镇值班"].taps("我来处置")
    await story["镇值班"].sees("正在处置")
    for name in ("护林员", "县值班"):
        await story[name].sees("镇值班", "正在处置")
    await story.fast_forward(minutes=5)


async def test_who_is_moving_is_followed_by_whoever_took_it(story: Story) -> None:
    ranger, county = story["护林员"], story["县值班"]
    await _first_tap(ranger)
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("没有位置")
    live = story.server.people.send_location(ranger.id, *DUNHUA, live_period=900)
    await story.settled()
    await ranger.sees("敦化市")
    for name in CALLED:  # not taken yet: everybody gets it
        await _pin(story, story[name])
    await county.taps("我来处置")
    await county.sees("正在处置")
    for name in ("护林员", "镇值班"):
        await story[name].sees("正在处置")
    await story.fast_forward(seconds=40)
    story.server.people.move_live_location(ranger.id, live["message_id"], 43.39, 128.232)
    await story.settled()
    pin = await _pin(story, county)
    assert pin["latitude"] == 43.39


async def test_pictures_and_words_go_with_it(story: Story) -> None:
    ranger, county, station = story["护林员"], story["县值班"], story["镇值班"]
    await _first_tap(ranger)
    await ranger.says("腿断了")
    await ranger.sees("随求救一起发出")
    await ranger.taps("立即求救")
    for desk in (county, station):
        await desk.sees("腿断了")
    story.server.people.send_photo(ranger.id, caption="在沟底")
    await story.settled()
    await ranger.sees("已转给 2 人")
    for desk in (county, station):
        photo = await story.server.watch.next_message(desk.id)
        assert "在沟底" in photo["caption"] and photo["photo"]


async def test_strangers_to_it_cannot_take_it(story: Story) -> None:
    ranger = story["护林员"]
    await _first_tap(ranger)
    await story["县值班"].forges("t:1")  # nobody was asked yet
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救")
    await story["图们指挥"].forges("t:1")
    await ranger.forges("t:1")
    await story["县值班"].forges("dc:1")
    call = story.app.database.read(lambda c: distress_store.call(c, 1))
    assert call is not None and call.taken_by is None


async def test_tapping_again_calls_again(story: Story) -> None:
    ranger = story["护林员"]
    await _first_tap(ranger)
    await ranger.says("🆘 求救")  # no time to look for another button
    await ranger.sees("已求救")
    for name in CALLED:
        await story[name].sees("求救")
    await ranger.says("🆘 求救")
    await ranger.sees("已再次求救")
    for name in CALLED:
        await story[name].sees("第 2 次呼叫")


async def _first_tap(ranger: Actor) -> dict[str, Any]:
    await ranger.says("🆘 求救")
    asked = await ranger.sees("10 秒后自动发出", "12119")
    await ranger.sees("发送位置")
    return asked


async def _at(story: Story, actor: Actor, lat: float, lon: float) -> None:
    story.server.people.send_location(actor.id, lat, lon)
    await story.settled()
    await actor.sees("已记录")


async def _pin(story: Story, actor: Actor) -> dict[str, Any]:
    message = await story.server.watch.next_message(actor.id)
    return dict(message["location"])


async def _colleagues(story: Story) -> list[Actor]:
    """Four more rangers: one near, one far, one too far, one who called for help."""
    found = []
    spots = {"近护林员": 0.01, "远护林员": 0.1, "太远护林员": 1.0}
    for number, (name, north) in enumerate(spots.items(), start=50):
        row = roster.person(number, name, roster.VILLAGES[2], Role.RANGER)
        story.app.database.do(lambda c, row=row: c.execute(insert(people), [row]))
        story.server.people.add_user(row["telegram_id"], name, phone=row["phone"])
        story.server.started_with_everybody()
        actor = Actor(story, row)
        await _at(story, actor, DUNHUA[0] + north, DUNHUA[1])
        found.append(actor)
    return found[:2]


async def test_the_second_tap_waits_for_no_message(story: Story) -> None:
    """A chat takes one message a second; the tap that sends the call is not behind the second."""
    ranger = story["护林员"]
    toasts: list[str] = []
    voice = story.app.lines[0].voice
    say = voice.say

    async def slow(method: str, payload: Any, chat_id: int, *lane: Any) -> Any:
        if "请发送位置" in payload.get("text", ""):
            toasts.append(payload["text"])
            await asyncio.Event().wait()  # its chat's turn is far off
        return await say(method, payload, chat_id, *lane)

    voice.say = slow  # type: ignore[method-assign]
    await ranger.says("🆘 求救")
    await ranger.sees("10 秒后自动发出求救")
    await ranger.sees("请发送位置")
    await ranger.taps("立即求救")
    assert not toasts
    for name in CALLED:
        await story[name].sees("求救", "护林员")
