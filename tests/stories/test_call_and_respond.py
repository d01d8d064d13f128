"""A red warning goes out, is answered, chased, reported on and closed."""

import threading
from pathlib import Path
from typing import Any

import pytest

from alerts import call_store
from alerts import release as releasing
from tests.roster import COUNTY, FLOOD_GROUP
from tests.stories.story import Story, buttons, story_of

LINE = "/warn 红 暴雨 敦化市 立即转移低洼地群众"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def release(story: Story, line: str = LINE) -> None:
    """The county's commander releases in one line: preview, lead time, confirm."""
    chief = story["县指挥"]
    await chief.says(line)
    preview = await chief.sees("发布前请核对", "将叫应 4 人", "工作群 1 个")
    assert "确认发布" in " ".join(buttons(preview))
    await chief.taps("确认发布")
    await chief.sees("已回应")  # the progress card


def data_of(message: dict) -> str:
    """The callback data of a message's first button."""
    return message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]


async def everybody_is_called(story: Story) -> None:
    for name in ("村长0", "村长1", "村长2", "镇长"):
        message = await story[name].sees("敦化市暴雨红色预警", "立即转移")
        assert [text for text in buttons(message) if "收到" in text]
    await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)


async def test_a_warning_is_answered_by_every_named_person(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        assert "已记录" in await story[name].taps("收到")
    await story.tick()
    await story["县指挥"].sees("销号", "最慢")


async def test_nobody_is_counted_by_the_writer_when_a_large_one_is_released(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, by = call_store.count_audience, []

    def counted(*given: Any, **named: Any) -> Any:
        by.append(threading.current_thread().name)
        return count(*given, **named)

    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(call_store, "count_audience", counted)
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees("发布前请核对", "将叫应 4 人")
    await chief.taps("确认发布")
    await story.settled()
    assert len(by) == 2 and "writer" not in by  # the preview, and before the release
    await story.tick()
    await chief.sees("已回应")
    await everybody_is_called(story)


async def test_the_tap_shows_what_to_do_now_and_takes_the_report(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    call = head.last_with("收到")
    await head.taps("收到")
    shown = head.shows(call)
    assert "已回应" in shown["text"]
    assert "请立即" in shown["text"]
    assert not [text for text in buttons(shown) if "✅ 收到" in text]
    await head.taps("已转移群众")
    await head.sees("多少户")
    await head.says("都转移了")
    await head.sees("没看懂", "敦化市暴雨红色预警")
    await head.says("一百二十余人")
    await head.sees("要确切的数字")
    await head.says("十二户三十五人")
    await head.sees("12 户 35 人", "敦化市暴雨红色预警")


async def test_pressing_twice_says_when_it_was_recorded(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    call = head.last_with("收到")
    assert "已记录" in await head.taps("收到")
    again = await head.forges(data_of(call), message_id=call["message_id"])
    assert "不用再按" in again


async def test_another_persons_button_and_forged_data_change_nothing(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    data = data_of(story["村长0"].last_with("收到"))
    thief = story["村长1"]
    mine = thief.last_with("收到")["message_id"]
    assert "已记录" not in await thief.forges(data, message_id=mine)
    for forged in ("a:999999", "a:0", "nonsense", "r:1:burn", "X:1"):
        assert "已记录" not in await thief.forges(forged, message_id=mine)
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("已回应 0 / 4")


async def test_the_group_button_counts_only_members_with_a_call(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    assert "已记录" in await story["村长2"].taps("收到", chat=FLOOD_GROUP)
    refused = await story["县值班"].taps("收到", chat=FLOOD_GROUP)
    assert refused
    assert "已记录" not in refused


@pytest.mark.parametrize("words", ["收到", "收到！", "已收到", "OK 收到", "Received"])
async def test_typing_it_counts_too(story: Story, words: str) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    await head.says(words)
    await head.sees("已记录", "敦化市暴雨红色预警")
    await head.says(words)
    await head.sees("没有待您回应")


async def test_the_ladder_of_a_silent_village(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    silent = story["村长0"]
    await story.fast_forward(minutes=2)
    await silent.sees("没有收到您的回应")
    await story.fast_forward(minutes=3)
    await story["副村长0"].sees("敦化市暴雨红色预警", "村长0")
    await story.fast_forward(minutes=2)
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)
    await story["副村长0"].sees("没有收到您的回应")
    await story.fast_forward(minutes=1)
    duty = story["镇值班"]
    await duty.sees("未回应", "村长0", "199")
    await story.fast_forward(minutes=3)
    await story["村长1"].sees("副村长0", chat=FLOOD_GROUP)  # the stand-in is silent too
    for officer in (duty, story["县值班"]):
        await officer.sees("疑似三断", "村长0")
    await story.fast_forward(minutes=4)
    await story["镇长"].sees("未回应", "村长0")
    await duty.sees("未回应", "副村长0")
    assert "已登记" in await duty.taps("已电话叫应", message=duty.last_with("已电话叫应"))
    await story["副村长0"].sees("村长0", "不用再顶上")
    await story.tick()
    await story["县指挥"].sees("销号", "代")
    for officer in (duty, story["县值班"]):
        await officer.sees("不再算三断")


async def test_everything_is_in_the_trail(story: Story) -> None:
    from data import audit

    await release(story)
    await everybody_is_called(story)
    await story["村长0"].taps("收到")
    verdict = story.app.database.read(audit.verify)
    assert verdict.broken is None
    trail = story.app.database.read(
        lambda c: [entry["action"] for entry in audit.trail(c, "alert:1")]
    )
    assert trail == ["alert.released"]
    assert COUNTY in str(story.app.database.read(lambda c: list(audit.trail(c, "alert:1"))))
