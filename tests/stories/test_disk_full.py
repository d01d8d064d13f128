"""The disk fills up, or turns read-only, while a warning is being answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.acknowledge import by_buttons
from data.errors import StoreUnwritable
from data.tables.alerts import calls
from data.tables.running import audit
from tests.faults.disk import Disk
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.waiting import PATIENCE, until

CALLED = ("村长0", "村长1", "村长2", "镇长")


@pytest.fixture
async def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.telegram.intake.LONGEST_REST_SECONDS", 0.1)
    async with story_of(tmp_path) as running:
        yield running


@pytest.fixture
def disk(story: Story) -> Disk:
    return Disk(story.app.database)


def acknowledged(story: Story) -> int:
    query = select(func.count()).select_from(calls).where(calls.c.state != "waiting")
    return story.app.database.read(lambda c: int(c.execute(query).scalar_one()))


def tap(story: Story, name: str) -> str:
    person = story[name]
    message = person.last_with("收到")
    return story.server.people.tap(person.id, person.id, message["message_id"], text="收到")


async def toast(story: Story, query: str) -> str:
    answer = await story.server.watch.callback_answer(query, timeout=PATIENCE)
    return answer["text"] or ""


@pytest.mark.parametrize("fault", ["full", "read-only"])
async def test_nothing_is_claimed_recorded_and_nothing_is_lost(
    story: Story, disk: Disk, fault: str
) -> None:
    await release(story)
    await everybody_is_called(story)
    disk.fails(fault)
    # A long text first: it fits into no page that is there, so that the disk is full for sure.
    story.server.people.send_text(story["县指挥"].id, "x" * 4000)
    await story["县指挥"].sees("存不下", "没有记录")
    for name in CALLED:
        toasted = await toast(story, tap(story, name))
        assert "没有记录" in toasted
        assert "已记录" not in toasted
    assert acknowledged(story) == 0
    disk.room = True
    await story.server.watch.updates_taken(timeout=PATIENCE)
    await story.settled()
    assert acknowledged(story) == 4  # the taps were with Telegram all the time
    await story["县指挥"].sees()  # the long text is answered after all
    for name in CALLED:
        shown = story[name].shows(story[name].last_with("已转移"))
        assert "已回应" in shown["text"]
    await story.tick()
    await story["县指挥"].sees("销号")
    entries = select(func.count()).select_from(audit).where(audit.c.action == "call.acknowledged")
    assert story.app.database.read(lambda c: c.execute(entries).scalar_one()) == 4


async def test_a_release_is_not_claimed_and_goes_out_when_there_is_room(
    story: Story, disk: Disk
) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    preview = await chief.sees("发布前请核对")
    disk.fails("read-only")
    query = story.server.people.tap(chief.id, chief.id, preview["message_id"], text="确认发布")
    assert "没有记录" in await toast(story, query)
    assert "已发布" not in chief.shows(preview)["text"]
    disk.room = True
    await story.server.watch.updates_taken(timeout=PATIENCE)
    await story.settled()
    await chief.sees("已回应")
    await everybody_is_called(story)


@pytest.mark.usefixtures("disk")
async def test_an_update_taken_in_waits_as_long_as_it_takes(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up between taking the tap in and answering it."""
    monkeypatch.setattr("bot.runtime.answer_taps.LONGEST_REST", 0.01)
    await release(story)
    await everybody_is_called(story)
    tries: list[Any] = []

    def fails_at_first(*given: Any) -> Any:
        tries.append(given)
        if len(tries) <= 20:
            raise StoreUnwritable("unwritable", reason="database or disk is full")
        return by_buttons(*given)

    monkeypatch.setattr("bot.runtime.answer_taps.by_buttons", fails_at_first)
    query = tap(story, "村长0")
    assert "没有记录" in await toast(story, query)
    await until(lambda: acknowledged(story))
    assert len(tries) == 21
    await story.settled()
    assert "已回应" in story["村长0"].shows(story["村长0"].last_with("已转移"))["text"]


@pytest.mark.usefixtures("disk")
async def test_a_message_taken_in_waits_as_long_as_it_takes(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling of the trouble fails too: the update is done all the same when it is over."""
    monkeypatch.setattr("bot.runtime.updates.LONGEST_REST", 0.01)
    updates = story.app.lines[0].updates
    through, tries = updates._through_handlers, []

    async def fails_at_first(update: Any, context: Any) -> None:
        tries.append(update)
        if len(tries) <= 5:
            raise StoreUnwritable("unwritable", reason="database or disk is full")
        await through(update, context)

    def mute(*_given: Any) -> None:
        raise StoreUnwritable("unwritable", reason="database or disk is full")

    monkeypatch.setattr(updates, "_through_handlers", fails_at_first)
    monkeypatch.setattr("bot.handlers.context.Context.tell_without_store", mute)
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("没有")
    assert len(tries) == 6
