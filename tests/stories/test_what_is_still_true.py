"""What is shown stays true: held warnings, open cries for help, buttons that mean nothing now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.board.facts import Viewer, board_facts
from contacts import people_store
from tests.roster import FLOOD_GROUP
from tests.stories.outages import power_cut
from tests.stories.story import Actor, Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_late_acts import take_the_rest
from tests.stories.test_reports import all_answered, needs_help


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        yield running


async def called(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)


def board(story: Story, name: str = "县指挥") -> dict[str, Any]:
    def facts(c: Any) -> dict[str, Any]:
        person = people_store.person_by_telegram(c, story[name].id)
        assert person is not None
        return board_facts(c, Viewer(person, story.app.services.gazetteer), story.clock())

    return story.app.database.read(facts)


def card_of(story: Story, name: str = "县指挥") -> dict[str, Any]:
    messages = story.server.messages(story[name].id)
    return next(found for found in messages if "更新于" in found["text"])


async def test_a_held_warning_is_shown_on_card_list_and_board(story: Story) -> None:
    await called(story)
    chief = story["县指挥"]
    assert not board(story)["alerts"][0]["held"]
    async with power_cut(story, hours=9):
        pass
    await story.tick()
    await story.tick()
    await chief.sees("还要发吗")
    await story["县值班"].sees("还要发吗")
    card = card_of(story)
    assert "等人决定是否还要发" in card["text"]
    assert [text for text in buttons(card) if "还要发" in text]
    await chief.says("/status")
    await chief.sees("等人决定是否还要发")
    assert board(story)["alerts"][0]["held"]
    await chief.taps("还要发：按现在", message=card)
    take_the_rest(story)
    assert not board(story)["alerts"][0]["held"]


async def test_an_open_cry_for_help_stays_on_card_and_board_until_it_is_settled(
    story: Story,
) -> None:
    await called(story)
    chief, head = story["县指挥"], story["村长0"]
    await head.taps("收到")
    await needs_help(story, "村长0", "两台车")
    await story.tick()
    assert "需要支援 1（无人接手 1）" in card_of(story)["text"]
    [request] = board(story)["help"]
    assert (request["name"], request["text"], request["takenBy"]) == ("村长0", "两台车", None)
    await story["镇值班"].taps("我接手：村长0")
    await head.sees("已接手")
    await head.taps("已完成")  # settles nothing
    await story.tick()
    assert "需要支援 1（无人接手 0）" in card_of(story)["text"]
    assert board(story)["help"][0]["takenBy"] == "镇值班"
    await chief.taps("已解决：村长0")
    await head.sees("已办结")
    await story.tick()
    assert "需要支援" not in card_of(story)["text"]
    assert board(story)["help"] == []
    take_the_rest(story)


async def test_so_it_does_after_the_calling_is_complete(story: Story) -> None:
    await all_answered(story)
    await needs_help(story, "村长0", "两台车")
    await story.tick()
    assert "需要支援 1（无人接手 1）" in card_of(story)["text"]
    await story["镇值班"].taps("我接手：村长0")
    await story["村长0"].sees("已接手")
    await story.tick()
    assert "需要支援 1（无人接手 0）" in card_of(story)["text"]
    await story["镇值班"].taps("已解决：村长0")
    await story["村长0"].sees("已办结")
    await story.tick()
    assert "需要支援" not in card_of(story)["text"]


def live(story: Story, actor: Actor, word: str = "收到") -> list[dict[str, Any]]:
    """The messages of the chat that bear such a button."""
    messages = story.server.messages(actor.id)
    return [found for found in messages if word in " ".join(buttons(found))]


async def test_a_call_has_one_live_button_under_its_newest_message(story: Story) -> None:
    """Who is 60 looks at the end of the chat: the button is there, and nowhere else."""
    await called(story)
    head = story["村长0"]
    first = head.last_with("收到")
    await story.fast_forward(minutes=2)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        reminder = await story[name].sees("没有收到您的回应")
    await story.settled()
    [newest] = live(story, head)
    assert "没有收到您的回应" in newest["text"]
    assert not buttons(head.shows(first)) and "立即转移" in head.shows(first)["text"]
    assert "已记录" in await head.taps("收到", message=newest)
    assert not live(story, head)
    assert len(live(story, head, "已完成")) == 1
    assert reminder is not None


async def test_each_reminder_takes_the_button_over(story: Story) -> None:
    await called(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    story.without_ticks.add("cards")
    await story.fast_forward(minutes=20)
    assert len(live(story, story["村长0"])) == 1
    assert len(live(story, story["副村长0"])) == 1
    take_the_rest(story)


async def test_sent_anew_it_is_the_new_message_that_bears_the_button(story: Story) -> None:
    await called(story)
    async with power_cut(story, hours=9):
        pass
    await story.tick()
    question = await story["县指挥"].sees("还要发吗")
    await story["县值班"].sees("还要发吗")
    await story["县指挥"].taps("还要发", message=question)
    await everybody_is_called(story)
    await story.settled()
    for name in ("村长0", "村长1", "村长2", "镇长"):
        assert len(live(story, story[name])) == 1
    take_the_rest(story)


# -- buttons that mean nothing any more --------------------------------------------------------


async def ended_behind_their_back(story: Story) -> None:
    """The city's commander cancels it, from a card of their own."""
    await story["州指挥"].forges("X:1")
    take_the_rest(story)


@pytest.mark.parametrize("button", ["销号", "解除预警", "取消预警", "刷新", "未回应 4"])
async def test_a_card_shown_as_a_reply_says_that_its_warning_is_over(
    story: Story, button: str
) -> None:
    await called(story)
    chief = story["县指挥"]
    await chief.says("/status")
    listed = await chief.sees("📊 态势")
    await chief.taps("敦化市", message=listed)
    assert button in " ".join(buttons(chief.shows(listed)))
    await ended_behind_their_back(story)
    toast = await chief.taps(button, message=listed)
    shown = chief.shows(listed)
    assert "取消" in shown["text"] and not buttons(shown)
    if button not in ("刷新", "未回应 4"):
        assert "已经结束" in toast


@pytest.mark.parametrize("opened", ["/status", "/status 1"])
async def test_a_card_opened_later_is_kept_true_and_the_one_before_says_so(
    story: Story, opened: str
) -> None:
    """Of the releaser, who has a card already, and of a duty officer who has none."""
    await called(story)
    chief, duty = story["县指挥"], story["镇值班"]
    tracked, newest = card_of(story), {}
    for officer in (chief, duty):
        await officer.says(opened)
        newest[officer] = await officer.sees("态势" if opened == "/status" else "未回应")
        if opened == "/status":
            await officer.taps("敦化市", message=newest[officer])
    await story.settled()
    assert not buttons(chief.shows(tracked)) and "最新" in chief.shows(tracked)["text"]
    await story["村长0"].taps("收到")
    await story.fast_forward(seconds=10)
    for officer, card in newest.items():
        shown = officer.shows(card)
        assert "已回应 1" in shown["text"] and "刷新" in " ".join(buttons(shown))
    await story["州指挥"].forges("X:1")
    await story.fast_forward(seconds=10)
    for officer, card in newest.items():
        assert "取消" in officer.shows(card)["text"] and not buttons(officer.shows(card))
    take_the_rest(story)


async def test_what_is_opened_in_the_place_of_a_card_stays_while_people_answer(
    story: Story,
) -> None:
    """And is a card again once nobody has pressed anything there for a while."""
    await called(story)
    chief, card = story["县指挥"], card_of(story)
    await chief.taps("已回应", message=card)
    opened = chief.shows(card)["text"]
    await story["村长0"].taps("收到")
    await story.fast_forward(seconds=10)
    assert chief.shows(card)["text"] == opened
    await story.fast_forward(minutes=2, seconds=10)
    assert "已回应 1" in chief.shows(card)["text"]
    take_the_rest(story)


@pytest.mark.parametrize("button", ["村长0 已电话叫应", "⋯", "🔄"])
async def test_a_list_shown_as_a_reply_says_that_its_warning_is_over(
    story: Story, button: str
) -> None:
    await called(story)
    duty = story["镇值班"]
    await duty.says("/who")
    listed = await duty.sees("未回应", "村长0")
    rows = listed["reply_markup"]["inline_keyboard"]
    pressed = next(key["callback_data"] for row in rows for key in row if button in key["text"])
    await ended_behind_their_back(story)
    assert not buttons(duty.shows(listed))
    # Pressed at the same moment, before the phone showed that.
    toast = await duty.forges(pressed, message_id=listed["message_id"])
    assert "结束" in toast or "不用再叫应" in toast
    shown = duty.shows(listed)
    assert "不用再打电话" in shown["text"] and not buttons(shown)


@pytest.mark.parametrize("button", ["⋯", "销号"])
async def test_whoever_has_answered_is_not_asked_how_they_were_reached(
    story: Story, button: str
) -> None:
    await called(story)
    duty = story["镇值班"]
    await duty.says("/who")
    listed = await duty.sees("未回应", "村长0")
    rows = listed["reply_markup"]["inline_keyboard"]
    of_head = next(row for row in rows if "村长0" in row[0]["text"])[1]["callback_data"]
    if button == "销号":
        await duty.forges(of_head, message_id=listed["message_id"])
        of_head = next(
            pressed["callback_data"]
            for row in duty.shows(listed)["reply_markup"]["inline_keyboard"]
            for pressed in row
            if "销号" in pressed["text"]
        )
    await story["村长0"].taps("收到")
    toast = await duty.forges(of_head, message_id=listed["message_id"])
    assert "村长0 已回应或已销号" in toast
    shown = duty.shows(listed)["text"]
    assert "未回应 3 人" in shown and "村长0" not in shown


# -- calls for help ----------------------------------------------------------------------------


async def test_the_question_whether_somebody_is_safe_ends_when_another_clears_it(
    story: Story,
) -> None:
    ranger = story["护林员"]
    await ranger.says("🆘 求救")
    await story.fast_forward(seconds=11)
    take_the_rest(story)
    town, county = story["镇值班"], story["县值班"]
    await town.taps("我来处置")
    take_the_rest(story)
    for officer in (county, town):
        await officer.taps("人已安全")
        asked = await officer.sees("护林员 确实安全了吗")
        if officer is county:
            theirs = asked
    await town.taps("确认安全", message=asked)
    await story.settled()
    assert not buttons(county.shows(theirs))
    assert not buttons(town.shows(asked)) and "已解除" in town.shows(asked)["text"]
    take_the_rest(story)


async def test_so_it_does_when_whoever_called_calls_it_off(story: Story) -> None:
    ranger = story["护林员"]
    await ranger.says("🆘 求救")
    await story.fast_forward(seconds=11)
    take_the_rest(story)
    town = story["镇值班"]
    await town.taps("我来处置")
    take_the_rest(story)
    await town.taps("人已安全")
    asked = await town.sees("护林员 确实安全了吗")
    await ranger.taps("误报")
    await story.settled()
    assert not buttons(town.shows(asked))
    take_the_rest(story)


# -- groups ------------------------------------------------------------------------------------


async def test_a_group_that_takes_messages_again_gets_what_is_in_force(story: Story) -> None:
    from bot.sandbox.bot_api.faults import Fault, FaultAction

    words = "Bad Request: not enough rights to send text messages to the chat"
    fault = Fault(
        FaultAction.ANSWER, "sendMessage", FLOOD_GROUP, count=2, error_code=400, description=words
    )
    story.server.faults.add(fault)
    await release(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story.fast_forward(minutes=1)
    await story["村长0"].sees("敦化市暴雨红色预警", "立即转移", chat=FLOOD_GROUP)
    take_the_rest(story)
    await story.fast_forward(minutes=1)
    posts = [found for found in story.server.messages(FLOOD_GROUP) if "立即转移" in found["text"]]
    assert len(posts) == 1
    take_the_rest(story)
