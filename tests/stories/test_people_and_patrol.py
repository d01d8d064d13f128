"""Linking people, blocking the bot, groups, positions and photos, all in chat."""

from pathlib import Path

import pytest

from bot.sandbox.bot_api.errors import SandboxMistake
from data.tables.contacts import divisions
from tests.roster import FIRE_GROUP, FLOOD_GROUP
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.waiting import PassTime

DUNHUA = (43.372, 128.232)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_a_stranger_is_told_how_to_be_known_and_links_by_own_number(story: Story) -> None:
    await _unlink(story, "村长0")
    people, newcomer = story.server.people, 77_001
    people.add_user(newcomer, "新手机", phone="+8619900000010")
    people.press_start(newcomer)
    await story.settled()
    stranger = _actor(story, newcomer)
    await stranger.sees("请先绑定身份")
    people.share_contact(newcomer, contact_user_id=10_011, phone="+8619900000010")
    await story.settled()
    await stranger.sees("别人的名片")  # another's card is refused
    people.share_contact(newcomer)
    await story.settled()
    await stranger.sees("绑定成功", "村长0")


async def test_an_invite_link_links_one_account_only(story: Story) -> None:
    await _unlink(story, "村长0")
    people = story.server.people
    for account in (77_001, 77_002):
        people.add_user(account, "手机")
    people.press_start(77_001, "invite0000000010")
    await story.settled()
    await _actor(story, 77_001).sees("绑定成功", "村长0")
    people.press_start(77_002, "invite0000000010")
    await story.settled()
    refused = await _actor(story, 77_002).sees()
    assert "绑定成功" not in refused["text"]


async def test_whom_the_roster_linked_gets_the_keyboard_with_the_first_answer(
    story: Story,
) -> None:
    ranger = story["护林员"]  # has a telegram_id in the roster, and never pressed /start
    with pytest.raises(SandboxMistake):
        await ranger.presses("求救")
    await ranger.says("您好")
    await ranger.sees()
    await ranger.presses("我的任务")
    await ranger.sees("任务")


async def test_a_cancellation_brings_the_keyboard_to_persons_and_not_to_groups(
    story: Story,
) -> None:
    await release(story)
    await everybody_is_called(story)
    commander = story["县指挥"]
    await commander.taps("取消预警")
    await commander.taps("确定取消预警")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("预警已取消")
        await story[name].presses("我的任务")
        await story[name].sees("任务")
    await story["村长0"].sees("预警已取消", chat=FLOOD_GROUP)
    with pytest.raises(SandboxMistake):
        story.server.people.press_key(story["村长0"].id, "我的任务", chat_id=FLOOD_GROUP)


async def test_whoever_unblocks_the_bot_gets_the_open_call(story: Story) -> None:
    story.server.people.block_bot(story["村长0"].id)
    await story.settled()
    await release(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    await story.tick()
    # Unreachable: the stand-in and the duty officer are told at once.
    await story["副村长0"].sees("立即转移", "村长0")
    await story["镇值班"].sees("村长0")
    await story.fast_forward(seconds=30)
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)
    story.server.people.unblock_bot(story["村长0"].id)
    await story.settled()
    await story["村长0"].sees("立即转移")


async def test_a_group_that_becomes_a_supergroup_keeps_its_post(story: Story) -> None:
    new = story.server.groups.migrate(FLOOD_GROUP)
    await story.settled()
    await release(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("敦化市暴雨红色预警", chat=new)


async def test_a_position_is_answered_with_the_places_name(story: Story) -> None:
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, *DUNHUA, horizontal_accuracy=12)
    await story.settled()
    await ranger.sees("已记录", "敦化市")


async def test_a_position_is_answered_with_the_village_of_the_post(story: Story) -> None:
    """The shipped divisions have no places of villages: the post says which."""
    story.server.people.send_location(story["护林员"].id, 43.37, 128.23, horizontal_accuracy=10)
    await story.settled()
    await story["护林员"].sees("已记录", "敦化市（您负责黄泥河镇 ")
    story.server.people.send_location(story["县指挥"].id, 43.37, 128.23, horizontal_accuracy=10)
    await story.settled()
    said = await story["县指挥"].sees("已记录", "敦化市")
    assert "您负责" not in said["text"]


async def test_a_position_is_answered_with_the_nearest_village(story: Story) -> None:
    def place(code: str, lon: float, lat: float) -> None:
        where = divisions.update().where(divisions.c.code == code).values(lon=lon, lat=lat)
        story.app.database.do(lambda c: c.execute(where))

    place("222403102200", 128.233, 43.371)
    place("222403102201", 128.40, 43.40)
    patroller = story["护林员"]
    story.server.people.send_location(patroller.id, 43.37, 128.23, horizontal_accuracy=10)
    await story.settled()
    await patroller.sees("已记录", "敦化市 官地镇 北河沿村附近")
    story.server.people.send_location(patroller.id, 43.40, 128.30, horizontal_accuracy=10)
    await story.settled()
    await patroller.sees("已记录", "敦化市，距官地镇 北河沿村 6.")


@pytest.mark.parametrize(
    ("spot", "accuracy", "reason"),
    [((0.0, 0.0), 5, "0,0"), ((39.9, 116.4), 5, "本省"), (DUNHUA, 1400, "1 公里")],
)
async def test_a_bad_position_is_kept_marked_and_asked_for_again(
    story: Story, spot: tuple[float, float], accuracy: float, reason: str
) -> None:
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, *spot, horizontal_accuracy=accuracy)
    await story.settled()
    await ranger.sees("有疑问", reason, "再按一次")


async def test_a_live_location_is_answered_once(story: Story) -> None:
    ranger = story["护林员"]
    message = story.server.people.send_location(ranger.id, *DUNHUA, live_period=900)
    await story.settled()
    await ranger.sees("敦化市")
    for step in range(1, 4):
        await story.fast_forward(seconds=40)
        story.server.people.move_live_location(
            ranger.id, message["message_id"], DUNHUA[0] + step / 100, DUNHUA[1]
        )
        await story.settled()
    assert story.app.database.read(_positions) == 4


async def test_a_photo_goes_to_the_command_group(story: Story) -> None:
    ranger = story["护林员"]
    story.server.people.send_photo(ranger.id, caption="山脊全景")
    await story.settled()
    await ranger.sees("已上报", "敦化防火")
    photo = await story.server.watch.next_message(FIRE_GROUP)
    assert "山脊全景" in photo["caption"]
    assert "护林员" in photo["caption"]
    assert photo["photo"]


async def test_a_refused_chat_delays_nobody_else(story: Story, pass_time: PassTime) -> None:
    from bot.sandbox.bot_api.faults import Fault, FaultAction

    slow = story["村长0"]
    refusal = Fault(
        FaultAction.ANSWER, "sendMessage", chat_id=slow.id, count=1, error_code=429, retry_after=60
    )
    story.server.faults.add(refusal)
    await release(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长1"].sees("立即转移", chat=FLOOD_GROUP)
    assert not story.server.watch.take(slow.id)
    await pass_time(61)
    await story.fast_forward(seconds=61)
    await slow.sees("立即转移")


async def test_a_hanging_send_is_made_again_and_either_copy_answers(story: Story) -> None:
    from bot.sandbox.bot_api.faults import Fault, FaultAction

    story.server.faults.add(
        Fault(FaultAction.DROP_AFTER, "sendMessage", chat_id=story["村长0"].id, count=1)
    )
    await release(story)
    await story.fast_forward(seconds=5)
    first = await story["村长0"].sees("立即转移")
    await story["村长0"].sees("立即转移")
    for name in ("村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长1"].sees("立即转移", chat=FLOOD_GROUP)
    assert "已记录" in await story["村长0"].taps("收到", message=first)


async def test_everybody_is_called(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)


def _positions(connection) -> int:
    from sqlalchemy import func, select

    from data.tables.patrol import positions

    return int(connection.execute(select(func.count()).select_from(positions)).scalar_one())


async def _unlink(story: Story, name: str) -> None:
    from data.tables.contacts import people

    def unit(connection) -> None:
        connection.execute(
            people.update().where(people.c.id == story[name].row["id"]).values(telegram_id=None)
        )

    story.app.database.do(unit)


def _actor(story: Story, telegram_id: int):
    from tests.stories.story import Actor

    return Actor(story, {"telegram_id": telegram_id, "name": str(telegram_id)})
