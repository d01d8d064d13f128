"""Outages of the stories: the power is cut, hours pass, people go on tapping, it comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.app import App
from tests.stories.story import Story, settings_for


@asynccontextmanager
async def power_cut(story: Story, *, hours: float = 0, minutes: float = 0) -> AsyncIterator[None]:
    """No process runs for so long; what is done inside waits at Telegram until it is over."""
    await story.app.stop()
    yield
    story.clock.advance(timedelta(hours=hours, minutes=minutes))
    story.app = App(
        settings_for(story.server), story.app.database, clock=story.clock, ticking=False
    )
    await story.app.start()
    await story.app.ready()
    await story.settled()


async def cut_before_sending(story: Story) -> None:
    """The bot takes in and commits, and sends nothing: the power goes a moment later."""
    await story.app.lines[0].stop_sending()
