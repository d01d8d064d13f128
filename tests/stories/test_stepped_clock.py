"""The machine was paused for hours: its time is followed, entered in the trail, and said once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.services.clocks import LASTING_SECONDS, SteadyClock
from data.audit import audit
from tests.stories.story import Story, story_of


class Machine(SteadyClock):
    """The bot's clock, on a machine that can be paused."""

    def __init__(self) -> None:
        self.seconds, self.off = 0.0, timedelta(0)
        start = datetime.now(UTC)
        super().__init__(
            lambda: start + timedelta(seconds=self.seconds) + self.off, lambda: self.seconds
        )

    def advance(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()


def in_trail(story: Story) -> int:
    query = select(func.count()).where(
        audit.c.action == "clock.stepped", audit.c.detail.contains("true")
    )
    return int(story.app.database.read(lambda c: c.execute(query).scalar_one()))


async def test_a_paused_machine_is_back_in_time_within_minutes(tmp_path: Path) -> None:
    clock = Machine()
    async with story_of(tmp_path, clock=clock, alone=True) as story:  # type: ignore[arg-type]
        clock.off = timedelta(hours=9)
        clock()
        await story.fast_forward(seconds=LASTING_SECONDS + 90)
        assert clock.stepped_by == timedelta(0)
        await story["省指挥"].sees("服务器的时钟变了", "向前跳了 9 小时", "已改按新的时间")
        assert in_trail(story) == 1
        await story.fast_forward(minutes=12)
        assert in_trail(story) == 1
        await story["省指挥"].sees("故障已解除", "服务器的时钟变了")
