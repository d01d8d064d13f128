"""Old positions are deleted after the configured time, open events keep theirs, the trail stays.

By the tick that the schedule runs, with the days of the configuration.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from bot.config.load import load
from bot.config.settings import PositionSettings
from bot.runtime.schedule import schedule
from bot.runtime.ticks import RETENTION_SECONDS
from contacts import board_link_store, link_store
from contacts.link_requests import LinkRequest
from data import audit
from data.errors import ConfigError
from data.tables.contacts import link_requests
from data.tables.patrol import distress_calls, positions
from data.tables.running import audit as audit_table
from data.tables.running import board_links, board_sessions, inbox
from tests.roster import BOT_ID, RANGER
from tests.security.scene import COORDINATE_WORDS
from tests.stories.story import Story, story_of

DAY = timedelta(days=1)


def put(c: Any, at: datetime, *, live: bool = False) -> int:
    values = {
        "person_id": RANGER["id"],
        "taken_at": at,
        "received_at": at,
        "lon": 128.21717,
        "lat": 43.41717,
        "live": live,
        "doubts": [],
    }
    key = c.execute(insert(positions).values(values)).inserted_primary_key
    return int(key[0])


def left(story: Story) -> list[int]:
    query = select(positions.c.id).order_by(positions.c.id)
    return story.app.database.read(lambda c: list(c.execute(query).scalars()))


@pytest.mark.parametrize("days", [1, 30, 90])
async def test_as_many_days_as_configured(tmp_path: Path, days: int) -> None:
    kept = replace(load(None, {}).positions, retention_days=days)
    async with story_of(tmp_path, positions=kept) as story:
        now = story.clock()

        def fill(c: Any) -> tuple[list[int], list[int]]:
            edge = now - days * DAY
            old = [put(c, edge - n * DAY - timedelta(seconds=1)) for n in (3, 2, 1, 0)]
            track = [put(c, edge - timedelta(seconds=1), live=True) for _ in range(5)]
            young = [put(c, edge + timedelta(seconds=1)), put(c, now, live=True)]
            return [*old, *track], young

        old, young = story.app.database.do(fill)
        assert left(story) == [*old, *young]
        await story.app.ticks.run("retention")
        assert left(story) == young
        story.clock.advance((days + 1) * DAY)
        await story.app.ticks.run("retention")
        assert left(story) == []


async def test_a_call_for_help_keeps_its_position_and_the_trail_stays_whole(
    tmp_path: Path,
) -> None:
    async with story_of(tmp_path) as story:
        now, ranger = story.clock(), RANGER["id"]

        def fill(c: Any) -> tuple[int, int]:
            spot, other = put(c, now - 200 * DAY), put(c, now - 200 * DAY)
            row = {"person_id": ranger, "raised_at": now - 200 * DAY, "sent_at": now - 200 * DAY}
            c.execute(insert(distress_calls).values(**row, position_id=spot, told=[]))
            audit.append(c, now, [audit.Entry("position.reported", f"person:{ranger}", ranger)])
            return spot, other

        spot, _ = story.app.database.do(fill)
        before = story.app.database.read(audit.length)
        await story.app.ticks.run("retention")
        assert left(story) == [spot]
        assert story.app.database.read(audit.length) == before + 1
        assert story.app.database.read(audit.verify).broken is None


async def test_updates_set_aside_go_too(tmp_path: Path) -> None:
    """As they came from Telegram, they hold positions and numbers."""
    async with story_of(tmp_path) as story:
        now = story.clock()

        def fill(c: Any) -> None:
            for number, (age, attempts) in enumerate(((100, 3), (100, 1), (1, 3), (100, 0))):
                payload = orjson.dumps({"update_id": number, "message": {"location": {}}}).decode()
                row = {"bot_id": BOT_ID, "update_id": 9000 + number, "payload": payload}
                at = now - age * DAY
                c.execute(insert(inbox).values(**row, received_at=at, attempts=attempts))

        story.app.database.do(fill)
        await story.app.ticks.run("retention")
        query = select(inbox.c.update_id).where(inbox.c.update_id >= 9000)
        # What was never tried is work to be done, however old.
        assert sorted(story.app.database.read(lambda c: c.execute(query).scalars().all())) == [
            9002,
            9003,
        ]


async def test_undecided_requests_and_dead_board_sessions_go_too(tmp_path: Path) -> None:
    """An account's name that asked to be somebody, and from where a board was opened."""
    async with story_of(tmp_path) as story:
        now = story.clock()

        def fill(c: Any) -> None:
            for account, hours in ((71, 25), (72, 23)):
                at = now - timedelta(hours=hours)
                wanted = LinkRequest(RANGER["id"], account, BOT_ID, "某人", code_at=at, asked_at=at)
                link_store.save_request(c, wanted)
            for number, hours in ((1, 60), (2, 3)):
                at = now - timedelta(hours=hours)
                until = at + timedelta(hours=12)
                c.execute(insert(board_links).values(id=number, person_id=1, made_at=at))
                session = board_link_store.BoardSession(number, 1, "10.0.0.1", at, until)
                board_link_store.add_session(c, session)

        def rows(c: Any) -> list[list[int]]:
            columns = (link_requests.c.telegram_id, board_links.c.id, board_sessions.c.link_id)
            return [list(c.execute(select(column)).scalars()) for column in columns]

        story.app.database.do(fill)
        await story.app.ticks.run("retention")
        assert story.app.database.read(rows) == [[72], [2], [2]]


async def test_no_position_and_no_number_is_in_the_trail(tmp_path: Path) -> None:
    from tests.security.scene import forget, full_day

    async with story_of(tmp_path) as story:
        await full_day(story)
        forget(story)
        rows = story.app.database.read(lambda c: c.execute(select(audit_table.c.detail)).all())
        assert rows
        for (detail,) in rows:
            assert not [word for word in COORDINATE_WORDS if word in detail], detail
            assert not re.search(r"(?<!\d)(86)?1[3-9]\d{9}(?!\d)", detail), detail


async def test_the_schedule_runs_it_and_the_configuration_bounds_it(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        made = schedule(story.app.ticks)
    assert "retention" in {job.name.rpartition(".")[2] for job in made.get_jobs()}
    assert RETENTION_SECONDS <= 24 * 3600
    assert PositionSettings().retention_days == 90
    for bad in ("0", "-1", "99999", "x"):
        with pytest.raises(ConfigError):
            load(None, {"JIAOYING_POSITIONS__RETENTION_DAYS": bad})
