"""Moves the sandbox's clock forward in small steps, so that everything happens in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.app import App
from bot.runtime.ticks import CARDS
from bot.sandbox.bot_api.server import BotApiServer
from bot.sandbox.cast.acting import Cast
from bot.sandbox.cast.telephones import TelephoneOwners
from bot.services.clocks import MovableClock

STEP = timedelta(seconds=20)  # no rung of any ladder is passed over
LONG_STEP = timedelta(hours=1)
"""A step of hours in which nobody is waited for: the visitor does not wait either."""

LEAST_SECONDS = 0.02  # real seconds a step takes, so that the page shows what happens
MOST_SECONDS = 0.5  # a step does not wait longer for the bot to be done


class FastForward:
    """Lets time pass: at each step scripted people act and the bot does what is due."""

    def __init__(
        self,
        clock: MovableClock,
        app: App,
        server: BotApiServer,
        cast: Cast | None,
        telephones: TelephoneOwners,
    ) -> None:
        self._clock = clock
        self._app = app
        self._server = server
        self._cast = cast
        self._telephones = telephones
        self._one_at_a_time = asyncio.Lock()

    @property
    def now(self) -> Callable[[], datetime]:
        """The sandbox's clock."""
        return self._clock

    async def advance(self, by: timedelta, step: timedelta = STEP) -> datetime:
        """Let ``by`` pass.

        :param step: how much passes between two looks at what is due.
        :returns: what the clock shows then.
        """
        async with self._one_at_a_time:
            left = by
            while left > timedelta(0):
                passing = min(left, step)
                left -= passing
                self._clock.advance(passing)
                now = self._clock()
                self._server.world.event("clock", None, now=int(now.timestamp() * 1000))
                await self._let_happen()
            for name in CARDS:
                await self._app.ticks.run(name)
            self._app.look_again()
        return self._clock()

    async def _let_happen(self) -> None:
        if self._cast is not None:
            self._cast.act_due()
        await self._telephones.act()
        await self._settled()
        ticks = self._app.ticks
        await ticks.run_all(except_for=ticks.just_looked_at() | {*CARDS})
        self._app.look_again()
        await self._settled()

    async def _settled(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(LEAST_SECONDS)
        while loop.time() - began < MOST_SECONDS:
            updates = any(bot.updates for bot in self._server.world.bots.values())
            if not (updates or self._app.busy):
                return
            await asyncio.sleep(0.01)
