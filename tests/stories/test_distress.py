"""Calling for help: a tap, a confirmation; colleagues, station and county; the all clear."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from alerts.patrol.distress import calling as distress
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.calling import Raised
from alerts.patrol.distress.model import DistressRules
from bot.app import DISPATCH, App
from bot.sandbox.bot_api.server import BotApiServer
from bot.services import geography
from contacts import people_store
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
    pins = [await _pin(story, helper) for helper in (near, far, county, station)]
    assert {(pin["latitude"], pin["longitude"]) for pin in pins} == {DUNHUA}
    for desk in (county, station):
        called = await desk.sees("求救", "护林员", "43.37200,128.23200", "+8619900000030", "敦化市")
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
    question = await near.sees("护林员 确实安全了吗")
    await near.taps("还没有", message=question)
    assert "没有解除" in near.shows(question)["text"]
    await near.taps("人已安全")
    question = await near.sees("护林员 确实安全了吗")
    await near.taps("确认安全", message=question)
    assert "已解除" in near.shows(question)["text"]
    for person in (ranger, far, county, station):
        await person.sees("已解除", "近护林员")
    for person in (near, ranger, far, county, station):
        assert not _buttons_left(story, person), person.name
    assert "已经解除" in await county.forges("t:1")
    assert _keys_of(story, ranger) == RANGERS_KEYS
    assert not _asks_where(story, ranger)


async def test_without_a_second_tap_it_goes_out_by_itself(story: Story) -> None:
    ranger = story["护林员"]
    asked = await _first_tap(ranger)
    await story.fast_forward(seconds=9)
    story.expect_nothing()
    await story.fast_forward(seconds=1)
    for name in CALLED:
        await story[name].sees("求救", "没有位置")
    await ranger.sees("已求救", "县值班", "12119", "没有您的位置")
    assert "已于" in ranger.shows(asked)["text"]  # and nothing to press under it
    assert buttons(ranger.shows(asked)) == []
    await ranger.forges("dc:1", message_id=asked["message_id"])  # tapped at the same moment
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
    await ranger.sees("求救已撤销", "没有通知任何人")
    assert _keys_of(story, ranger) == RANGERS_KEYS
    assert not _asks_where(story, ranger)
    await story.fast_forward(minutes=3)


async def test_undone_later_everybody_called_hears_it(story: Story) -> None:
    ranger = story["护林员"]
    asked = await _first_tap(ranger)
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救")
    await story.fast_forward(seconds=30)
    await ranger.says("🆘 求救")
    again = await ranger.sees("已再次求救")
    for name in CALLED:
        await story[name].sees("第 2 次呼叫")
    await ranger.taps("误报", message=asked)
    for name in CALLED:
        await story[name].sees("撤销")
        assert not _buttons_left(story, story[name]), name
    await ranger.sees("求救已撤销", "此前已通知", "县值班", "镇值班", "已告诉他们是误报")
    for prompt in (asked, again):
        assert buttons(ranger.shows(prompt)) == []
        assert "撤销" in ranger.shows(prompt)["text"]
    await story.fast_forward(minutes=3)


async def test_undone_before_it_could_leave_nobody_is_told_of_either(story: Story) -> None:
    """Telegram is slow: whom the call has not left for yet never gets it, nor that it is over."""
    ranger = story["护林员"]
    await _first_tap(ranger)
    database, now = story.app.database, story.clock()

    def sent_and_undone(c: Connection) -> Raised:
        person = people_store.person(c, ranger.row["id"])
        assert person is not None
        distress.confirm(c, 1, person, now, DistressRules())
        return distress.undo(c, 1, person, now)  # nothing was claimed in between

    assert database.do(sent_and_undone).told == ()
    await story.settled()
    story.expect_nothing()


async def test_whoever_took_it_hears_that_it_was_undone(story: Story) -> None:
    ranger, county = story["护林员"], story["县值班"]
    asked = await _first_tap(ranger)
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救")
    await county.taps("我来处置")
    await county.sees("正在处置")
    for name in ("护林员", "镇值班"):
        await story[name].sees("县值班", "正在处置")
    assert "我来处置" not in " ".join(_buttons_left(story, story["镇值班"]))
    await ranger.taps("误报", message=asked)
    await ranger.sees("求救已撤销", "县值班")
    for name in CALLED:
        await story[name].sees("撤销")
        assert not _buttons_left(story, story[name]), name


async def test_who_may_see_may_not_end_it(story: Story) -> None:
    """A clerk of the county sees where everybody is; only who acts may say that all is well."""
    ranger, county = story["护林员"], story["县值班"]
    clerk = _joins(story, roster.person(70, "县科员", roster.COUNTY, Role.STAFF))
    near, far = await _colleagues(story)
    await _at(story, ranger, *DUNHUA)
    await _first_tap(ranger)
    await ranger.taps("立即求救")
    for helper in (story["县值班"], story["镇值班"], near, far):
        await _called(story, helper)
    for data in ("t:1", "k:1", "kc:1", "ko:1"):
        assert "值班员" in await clerk.forges(data)
    assert "接手的人" in await far.forges("kc:1")  # called, but it is not theirs to end
    await near.taps("我来处置")
    taken = await near.sees("正在处置")
    assert buttons(taken) == ["✅ 人已安全，解除"]
    await ranger.sees("正在处置")
    for officer in (county, story["镇值班"]):
        assert buttons(await officer.sees("正在处置")) == ["✅ 人已安全，解除"]
    assert buttons(await far.sees("正在处置")) == []
    for data in ("k:1", "kc:1"):
        assert "接手的人" in await far.forges(data)
    assert "另一个人" in await ranger.forges("kc:1")
    await county.taps("人已安全")  # who is in charge may, whoever took it
    await county.taps("确认安全", message=await county.sees("确实安全了吗"))
    for helper in (ranger, near, far, story["镇值班"]):
        await helper.sees("已解除", "县值班")


async def test_a_place_that_is_none_is_no_pin(story: Story) -> None:
    """(0,0), or a place somebody else sent once: said in words, never on a map."""
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, 0.0, 0.0)
    await story.settled()
    await ranger.sees("有疑问")
    await _first_tap(ranger, "可能不对")
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救", "没有定到位")
    story.expect_nothing()
    story.server.people.send_location(ranger.id, *DUNHUA, horizontal_accuracy=25)
    await story.settled()
    await ranger.sees("已记录")
    for name in CALLED:
        pin = await _pin(story, story[name])
        assert pin["horizontal_accuracy"] == 25


async def test_an_old_place_is_said_to_be_old_and_a_new_one_goes_along(story: Story) -> None:
    ranger = story["护林员"]
    await _at(story, ranger, *DUNHUA)
    await _first_tap(ranger, "走动了请再发")
    await ranger.taps("误报")
    await ranger.sees("求救已撤销")
    story.clock.advance(timedelta(hours=26))
    await _first_tap(ranger, "最后一次报位是 26 小时前的")
    await ranger.taps("立即求救")
    for name in CALLED:
        await story[name].sees("求救", "26 小时前")
    story.expect_nothing()  # nobody is sent to where the ranger was yesterday


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
        photo = await desk.sees_picture("在沟底")
        assert photo["photo"]


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
    await story.fast_forward(seconds=29)
    await ranger.says("🆘 求救")  # nobody is called twice in half a minute
    await ranger.sees("已发出，不用再按", "县值班 +8619900000005", "镇值班")
    story.expect_nothing()
    await story.fast_forward(seconds=1)
    await ranger.says("🆘 求救")
    await ranger.sees("已再次求救")
    for name in CALLED:
        await story[name].sees("第 2 次呼叫")


async def test_after_a_round_that_left_by_itself_a_press_waits_too(story: Story) -> None:
    ranger, county = story["护林员"], story["县值班"]
    await _first_tap(ranger)
    await story.fast_forward(seconds=10)
    for name in CALLED:
        await story[name].sees("求救")
    await ranger.sees("已求救")
    await story.fast_forward(minutes=2)
    for name in CALLED:
        await story[name].sees("第 2 次呼叫")
    await ranger.presses("🆘 求救")
    await ranger.sees("已发出，不用再按")
    await county.taps("我来处置")
    await county.sees("正在处置")
    for name in ("护林员", "镇值班"):
        await story[name].sees("正在处置")
    await story.fast_forward(seconds=30)
    await ranger.presses("🆘 求救")  # worse than it was: those told hear it once more
    await ranger.sees("已再次求救")
    for name in CALLED:
        await story[name].sees("求救", "县值班 正在处置")
    await ranger.presses("🆘 求救")
    await ranger.sees("已发出，不用再按")


async def test_a_village_head_without_a_place_is_asked_for_it_once(story: Story) -> None:
    head = story["村长1"]
    await _first_tap(head, "没有您的位置")
    assert _keys_of(story, head)[0] == ["📍 一键报位"]
    await head.presses("🆘 求救")
    await head.sees("已求救", "没有您的位置")
    for name in CALLED:
        await story[name].sees("求救", "没有位置")
    await head.presses("🆘 求救")
    await head.sees("已发出，不用再按")
    await head.taps("误报")
    await head.sees("求救已撤销")
    for name in CALLED:
        await story[name].sees("撤销")
    assert ["📋 我的任务", "📷 现场上报"] in _keys_of(story, head)


RANGERS_KEYS = [["📍 一键报位"], ["📷 现场上报", "🆘 求救"], ["📋 我的任务", "☎️ 值班电话"]]


async def _first_tap(ranger: Actor, *place: str) -> dict[str, Any]:
    await ranger.says("🆘 求救")
    asked = await ranger.sees("10 秒后自动发出", "12119")
    await ranger.sees("发送位置", *place)
    return asked


def _keys_of(story: Story, actor: Actor) -> list[list[str]]:
    """The keys under the actor's chat now."""
    _, chat = story.server.people._place(actor.id, None, None)
    keyboard = chat.keyboards[actor.id]["keyboard"]
    return [[key["text"] for key in row] for row in keyboard]


def _buttons_left(story: Story, actor: Actor) -> list[str]:
    """Every button about a call for help that is still in the actor's chat."""
    about = ("求救", "处置", "安全", "误报")
    messages = story.server.messages(actor.id)
    found = [button for message in messages for button in buttons(message)]
    return [button for button in found if any(word in button for word in about)]


def _joins(story: Story, row: dict[str, Any]) -> Actor:
    story.app.database.do(lambda c: c.execute(insert(people), [row]))
    story.server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
    story.server.started_with_everybody()
    return Actor(story, row)


async def _at(story: Story, actor: Actor, lat: float, lon: float) -> None:
    story.server.people.send_location(actor.id, lat, lon)
    await story.settled()
    await actor.sees("已记录")


async def _pin(story: Story, actor: Actor) -> dict[str, Any]:
    """The place on the map; it may overtake the words, and they it."""
    message = await story.server.watch.next_message(
        actor.id, where=lambda shown: "location" in shown
    )
    return dict(message["location"])


async def _called(story: Story, actor: Actor, *words: str) -> dict[str, Any]:
    """The call for help, with the place on the map."""
    pin = await _pin(story, actor)
    await actor.sees("求救", *words)
    return pin


async def _colleagues(story: Story) -> list[Actor]:
    """Four more rangers: one near, one far, one too far, one who called for help."""
    found = []
    spots = {"近护林员": 0.01, "远护林员": 0.1, "太远护林员": 1.0}
    for number, (name, north) in enumerate(spots.items(), start=50):
        row = roster.person(number, name, roster.VILLAGES[2], Role.RANGER)
        actor = _joins(story, row)
        await _at(story, actor, DUNHUA[0] + north, DUNHUA[1])
        found.append(actor)
    return found[:2]


def _asks_where(story: Story, actor: Actor) -> bool:
    """Whether a message in the chat still asks for the position."""
    return any("请发送位置" in shown.get("text", "") for shown in story.server.messages(actor.id))


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
