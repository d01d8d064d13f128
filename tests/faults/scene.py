"""What the fault tests share: an alert to hundreds of village heads while something fails."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from alerts.model import Draft, Hazard, Level
from alerts.release import release
from bot.app import App
from bot.sandbox.bot_api.server import BotApiServer
from bot.services.clocks import MovableClock
from contacts import people_store
from contacts.people import Role
from data.database import Database
from data.tables.alerts import calls, deliveries
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    TOWNSHIP_DUTY,
    VILLAGES,
    fill,
    person,
)
from tests.stories.story import settings_for
from tests.waiting import LOOK_AGAIN_SECONDS, PATIENCE, StillClock

FIRST = 100
"""Id of the first village head; their Telegram account is 10,000 above."""

OFFICERS = (COUNTY_COMMANDER, COUNTY_DUTY, TOWNSHIP_DUTY)


class Scene:
    """The real bot, the server between it and the phones, and the clock."""

    def __init__(
        self, server: BotApiServer, app: App, database: Database, clock: MovableClock, count: int
    ) -> None:
        self.server = server
        self.app = app
        self.database = database
        self.clock = clock
        self.chats = [10_000 + FIRST + n for n in range(count)]

    def release(self) -> None:
        """An orange warning to the county: nobody has to confirm it."""
        draft = Draft(Level.ORANGE, Hazard.RAINSTORM, (COUNTY,), "立即转移低洼地群众")

        def unit(c: Any) -> None:
            sender = people_store.person(c, COUNTY_COMMANDER["id"])
            assert sender is not None
            release(c, draft, sender, self.app.services.rules.warnings, self.clock())

        self.database.do(unit)

    def got(self) -> Counter[int]:
        """How many calls stand in each village head's chat."""
        return Counter(
            {
                chat: sum(_is_call(message) for message in self.server.messages(chat))
                for chat in self.chats
            }
        )

    @property
    def reached(self) -> int:
        """How many village heads have their call."""
        return sum(number > 0 for number in self.got().values())

    def lost_and_twice(self) -> tuple[int, int]:
        """Village heads without a call, and calls too many."""
        calls_by_chat = self.got()
        lost = sum(number == 0 for number in calls_by_chat.values())
        return lost, sum(number - 1 for number in calls_by_chat.values() if number > 1)

    def tap(self, chat: int) -> None:
        """The village head presses 收到 under the newest call."""
        newest = [message for message in self.server.messages(chat) if _is_call(message)][-1]
        self.server.people.tap(chat, chat, newest["message_id"], text="收到")

    def answered(self) -> set[int]:
        """The accounts whose call is acknowledged in the database."""
        query = select(calls.c.person_id).where(calls.c.state == "acknowledged")
        return {
            10_000 + person_id
            for person_id in self.database.read(lambda c: c.execute(query).scalars())
        }

    def states(self) -> Counter[str]:
        """The deliveries of calls by state."""
        query = select(deliveries.c.state).where(deliveries.c.kind == "call")
        return Counter(self.database.read(lambda c: c.execute(query).scalars().all()))

    def pending(self) -> int:
        """How many deliveries have no outcome yet."""
        open_ones = deliveries.c.state.in_(("queued", "claimed"))
        query = select(deliveries.c.id).where(open_ones)
        return len(self.database.read(lambda c: c.execute(query).all()))

    def advance(self, seconds: float) -> None:
        """Let time pass; what is due is looked for at once."""
        self.clock.advance(timedelta(seconds=seconds))
        self.app.look_again()

    async def until(self, reached: Callable[[], bool], *, advancing: float = 0.0) -> None:
        """Wait for something, the clock going ``advancing`` seconds further each time."""
        async with asyncio.timeout(PATIENCE):
            while not reached():
                if advancing:
                    self.advance(advancing)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def some_are_called(self, number: int = 60) -> list[int]:
        """Wait until so many have their call; at once then, while most are not called yet.

        :return: the chats of forty of them.
        """
        await self.server.watch.until(lambda: self.reached >= number, timeout=PATIENCE)
        return [chat for chat, calls_there in self.got().items() if calls_there][:40]

    def codes(self, method: str) -> Counter[int]:
        """How the calls of a method were answered."""
        return Counter(row["code"] for row in self.server.calls.rows() if row["method"] == method)


@asynccontextmanager
async def scene_of(
    tmp_path: Path,
    count: int = 200,
    *,
    per_second: float = 900.0,
    patience: float = 5.0,
    url: str | None = None,
    clock: Any = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Scene]:
    """Everybody has pressed Start; nobody was called yet.

    :param url: of an empty database; a new SQLite file unless told.
    :param clock: a clock that can ``advance``; one of its own unless told.
    :param monotonic: the seconds by which the server's faults begin and end.
    """
    clock = clock or StillClock()
    url = url or f"sqlite:///{tmp_path}/fault.db"
    database = Database(url, synchronous="normal", patience=patience)
    heads = tuple(
        person(FIRST + n, f"村长{n}", VILLAGES[n % len(VILLAGES)], Role.VILLAGE_RESPONSIBLE)
        for n in range(count)
    )
    fill(database, (*OFFICERS, *heads))
    async with BotApiServer(clock=clock, monotonic=monotonic) as server:
        for row in (*OFFICERS, *heads):
            server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
        for group in (-1001, -1002):
            server.people.add_group(
                group, "敦化", [row["telegram_id"] for row in OFFICERS], kind="group"
            )
        server.started_with_everybody()
        app = await app_on(server, database, clock, per_second=per_second)
        scene = Scene(server, app, database, clock, count)
        try:
            yield scene
        finally:
            await scene.app.stop()
            database.close()


async def app_on(
    server: BotApiServer, database: Database, clock: MovableClock, *, per_second: float = 900.0
) -> App:
    """The bot, started."""
    settings = settings_for(server)
    limits = replace(settings.telegram.limits, per_second=per_second)
    settings = replace(settings, telegram=replace(settings.telegram, limits=limits))
    app = App(settings, database, clock=clock, ticking=False)
    await app.start()
    await asyncio.wait_for(app.ready(), PATIENCE)
    return app


def _is_call(message: dict[str, Any]) -> bool:
    """Whether it is a call, to be answered or answered already (then the report is asked for)."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return any(
        (button.get("callback_data") or "").startswith(("a:", "r:"))
        for row in rows
        for button in row
    )
