"""A bot's sending ends and begins again, as when its lease moves between processes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.sending import claim
from bot.runtime.line import READ_AGAIN_SECONDS
from bot.services.async_database import AsyncDatabase
from data.database import Connection, Unit
from data.errors import StoreUnwritable
from data.tables.alerts import deliveries
from tests.roster import BOT_ID
from tests.stories.story import Story, story_of
from tests.waiting import PATIENCE, PassTime, let_happen

STRANGER = 5_000


def _queue(story: Story) -> None:
    """Something that is claimed, and dropped as it is rendered: its alert does not exist."""
    delivery = NewDelivery(MessageKind.SUMMARY, Lane.REST, STRANGER)
    story.app.database.do(lambda c: outbox_store.add(c, delivery, story.clock()))


def _rows(connection: Connection) -> list[tuple[str, str | None]]:
    ours = deliveries.c.chat_id == STRANGER
    query = select(deliveries.c.state, deliveries.c.claimed_by).where(ours)
    return [
        (row.state, row.claimed_by) for row in connection.execute(query.order_by(deliveries.c.id))
    ]


async def test_each_dispatcher_claims_under_a_name_of_its_own_and_leaves_no_watcher(
    tmp_path: Path,
) -> None:
    async with story_of(tmp_path) as story:
        (line,) = story.app.lines
        watchers = len(story.app.database._watchers)
        _queue(story)
        await story.settled()
        for _ in range(3):
            await line.stop_sending()
            await line.send()
            _queue(story)
            await story.settled()
        assert len(story.app.database._watchers) == watchers
        names = [claimed_by for _, claimed_by in story.app.database.read(_rows)]
        assert len(set(names)) == 4
        assert all(name and name.startswith(story.app.worker) for name in names)


async def test_what_another_process_claims_meanwhile_is_not_queued_again(tmp_path: Path) -> None:
    """The writer is busy for longer than the lease lasts: by then the rows are the next one's."""
    async with story_of(tmp_path) as story:
        (line,) = story.app.lines
        await line.stop_sending()
        _queue(story)
        story.app.database.do(lambda c: claim(c, "other", story.clock(), {Lane.REST: 9}, BOT_ID))
        held, may_end = [True], threading.Event()
        line._may_send = lambda: held[0]
        busy = story.app.database.write(lambda _: may_end.wait(PATIENCE))
        sending = asyncio.create_task(line.send())
        await let_happen()
        held[0] = False
        may_end.set()
        await asyncio.wrap_future(busy)
        await sending
        await line.stop_sending()
        assert story.app.database.read(_rows) == [("claimed", "other")]


async def test_a_database_that_is_out_for_a_moment_ends_no_part_of_a_bot(
    tmp_path: Path, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with story_of(tmp_path) as story:
        (line,) = story.app.lines
        await line.stop_taking_in()
        await line.stop_sending()
        ask, out = story.app.services.database.ask, [True]

        async def refused(query: Unit[Any]) -> Any:
            if out:
                raise StoreUnwritable("unwritable")
            return await ask(query)

        monkeypatch.setattr(AsyncDatabase, "ask", lambda _self, query: refused(query))
        await line.send()
        await line.take_in()
        for _ in range(3):
            await pass_time(READ_AGAIN_SECONDS)
        assert not any(task.done() for task in line.tasks)
        out.clear()
        await pass_time(READ_AGAIN_SECONDS)
        await story["村长0"].says("/help")
        await story["村长0"].sees("收到")
        assert not any(task.done() for task in line.tasks)


async def test_ending_is_not_hurried_by_whoever_does_not_wait_for_it(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        (line,) = story.app.lines
        ended = asyncio.Event()

        async def slow() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await let_happen()  # a request that is under way
                ended.set()

        line._sending.append(asyncio.create_task(slow()))
        await let_happen()
        impatient = asyncio.create_task(line.stop_sending())
        await let_happen()
        impatient.cancel()
        await line.stop_sending()
        assert ended.is_set()
        assert line.dispatcher is None
