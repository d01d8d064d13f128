"""The watch over the bot: figures and health over HTTP, a heartbeat, an officer who is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from bot.app import App
from bot.config.reader import Secret
from bot.config.settings import ScheduleSettings, TelephoneSettings
from bot.config.settings_watch import WatchSettings
from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from bot.watch.vitals import Vitals
from bot.watch.watching import Watching
from data import audit
from data.database import Database
from tests.roster import BOT_ID, EVERYBODY, FIRE_GROUP, FLOOD_GROUP, GOVERNOR, fill
from tests.stories.story import Story, settings_for
from tests.waiting import PATIENCE, StillClock, free_port, until

FRESH = timedelta(seconds=4)
HALF_A_MINUTE = timedelta(seconds=30)


@dataclass
class World:
    """A story whose ticks run by themselves, and a monitor that watches it from outside."""

    story: Story
    http: aiohttp.ClientSession
    url: str
    visits: list[str]

    @property
    def app(self) -> App:
        return self.story.app

    async def healthz(self) -> tuple[int, dict[str, Any]]:
        async with self.http.get(f"{self.url}/healthz") as answer:
            return answer.status, await answer.json()

    async def page(self) -> str:
        async with self.http.get(f"{self.url}/metrics") as answer:
            assert answer.status == 200
            return await answer.text()

    async def figure(self, name: str, **labels: str) -> float | None:
        """One sample; its labels must hold those given."""
        for family in text_string_to_metric_families(await self.page()):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return None

    async def until_health(self, status: int, *codes: str) -> dict[str, Any]:
        """Wait for this verdict; a proof of the store serves three seconds of the app's clock."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found, health = await self.healthz()
                if found == status and set(codes) <= set(health["codes"]):
                    return health
                self.story.clock.advance(FRESH)
                await asyncio.sleep(0.02)

    def pause(self, *ticks: str) -> None:
        """These ticks happen no more by themselves: the process is as good as dead."""
        assert self.app._scheduler is not None
        for job in self.app._scheduler.get_jobs():
            if job.name in ticks:
                job.pause()

    def officer_reads(self) -> list[str]:
        """What the duty officer of the province got about jiaoying itself."""
        chat = GOVERNOR["telegram_id"]
        texts = [message.get("text", "") for message in self.story.server.messages(chat)]
        return [text for text in texts if "故障" in text]


@asynccontextmanager
async def watched(tmp_path: Path) -> AsyncIterator[World]:
    visits: list[str] = []

    async def visited(request: web.Request) -> web.Response:
        visits.append(request.path)
        return web.Response()

    outside = web.Application()
    outside.router.add_get("/ping/{key}", visited)
    clock, file, port = StillClock(), tmp_path / "story.db", free_port()
    database = Database(f"sqlite:///{file}", synchronous="normal")
    fill(database)
    async with (
        TestServer(outside) as beyond,
        BotApiServer(clock=clock) as server,
        aiohttp.ClientSession() as http,
    ):
        for row in EVERYBODY:
            if row["telegram_id"] is not None:
                server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
        members = [row["telegram_id"] for row in EVERYBODY if row["telegram_id"]]
        server.people.add_group(FLOOD_GROUP, "敦化防汛", members, kind="group")
        server.people.add_group(FIRE_GROUP, "敦化防火", members)
        server.started_with_everybody()
        watch = WatchSettings(
            port=port,
            heartbeat_url=Secret(str(beyond.make_url("/ping/secret-key"))),
            heartbeat_seconds=0.05,
        )
        settings = settings_for(
            server,
            watch=watch,
            schedule=ScheduleSettings(0.1, 0.1),
            telephones=TelephoneSettings(administrator="0431 8888 8888"),
        )
        app = App(settings, database, clock=clock)
        await app.start()
        try:
            await asyncio.wait_for(app.ready(), PATIENCE)
            story = Story(server, app, clock, file)
            yield World(story, http, f"http://127.0.0.1:{port}", visits)
        finally:
            await app.stop()
            database.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with watched(tmp_path) as running:
        yield running


async def warn(world: World) -> None:
    story = world.story
    await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await story["县指挥"].taps("确认发布")
    await story.settled()


async def test_the_figures_say_what_happens(world: World) -> None:
    assert await world.figure("jiaoying_calls", state="waiting") is None
    await warn(world)
    waiting = await world.figure("jiaoying_calls", state="waiting")
    assert waiting is not None and waiting >= 3
    await world.story["村长0"].taps("收到")
    assert await world.figure("jiaoying_calls", state="waiting") == waiting - 1
    bot = str(BOT_ID)
    sent = await world.figure("jiaoying_requests_total", bot=bot, result="sent")
    assert sent is not None and sent > waiting
    assert await world.figure("jiaoying_updates_handled_total", bot=bot, kind="tap") == 2
    assert await world.figure("jiaoying_updates_handled_total", bot=bot, kind="message") == 1
    assert await world.figure("jiaoying_pacer_halted_seconds", bot=bot) == 0
    assert await world.figure("jiaoying_inbox") == 0
    assert await world.figure("jiaoying_store_up") == 1
    assert await world.figure("jiaoying_finding", kind="calls_late") == 0
    resident = await world.figure("process_resident_memory_bytes")
    assert resident is not None and resident > 10_000_000


async def test_nothing_secret_is_in_the_figures_or_the_verdict(world: World) -> None:
    await warn(world)
    _, health = await world.healthz()
    shown = await world.page() + str(health)
    secrets = [TOKEN, TOKEN.partition(":")[2], "secret-key"]
    secrets += [row[key] for row in EVERYBODY for key in ("phone", "name")]
    secrets += [row["phone"].removeprefix("+86") for row in EVERYBODY]
    assert [secret for secret in secrets if secret in shown] == []
    labels = set(re.findall(r'="([^"]*)"', shown))
    assert not labels & {str(row["telegram_id"]) for row in EVERYBODY}


async def test_a_queue_shows_while_nobody_sends(world: World) -> None:
    line = world.app.lines[0]
    await line.stop_sending()
    health = await world.until_health(503, "not_sending")
    assert any("没有在发消息" in reason for reason in health["reasons"])
    await line.send()
    await world.until_health(200)


async def test_a_dead_sweep_is_noticed_told_and_over(world: World) -> None:
    """The whole way: late calls, 503, no heartbeat, the officer told, and told that it is over."""
    story, clock = world.story, world.story.clock
    await world.until_health(200)
    await until(lambda: world.visits)
    assert set(world.visits) == {"/ping/secret-key"}
    await warn(world)

    world.pause("sweep", "audit")
    for _ in range(8):  # four minutes: the first reminder is due after two
        clock.advance(HALF_A_MINUTE)
        await world.app.ticks.run("audit")
    await story.settled()
    (found,) = world.officer_reads()
    assert "追叫停住了" in found and "请打电话" in found and "0431 8888 8888" in found
    late = await world.figure("jiaoying_sweep_late_seconds")
    assert late is not None and late > 60
    assert await world.figure("jiaoying_finding", kind="calls_late") == 1

    health = await world.until_health(503, "sweep_late")
    assert health["findings"] == ["calls_late"]
    await stopped(world)

    await world.app.ticks.run("sweep")
    await story.settled()
    for _ in range(4):
        clock.advance(HALF_A_MINUTE)
        await world.app.ticks.run("audit")
        await world.app.ticks.run("sweep")
    await story.settled()
    found, ended = world.officer_reads()
    assert "故障已解除：追叫停住了" in ended
    await story["县指挥"].says("/status")  # Telegram is heard of again
    await world.until_health(200)
    before = len(world.visits)
    await until(lambda: len(world.visits) > before)
    actions = world.app.database.read(
        lambda c: [entry["action"] for entry in audit.trail(c, "finding:calls_late")]
    )
    assert actions == ["oversight.found", "oversight.over"]


async def stopped(world: World) -> None:
    """The heart looks at the vitals again and again, and visits nobody."""
    watching = world.app.watching
    heart = watching._heartbeat
    assert heart is not None
    visits: list[int] = []  # made before each beat
    vitals = heart._vitals

    def looked_at() -> Vitals:
        visits.append(len(world.visits))
        return vitals()

    heart._vitals = looked_at
    await until(lambda: len(visits) > 10)
    heart._vitals = vitals
    assert len(set(visits)) == 1


async def test_a_store_that_cannot_be_written_is_unhealthy(world: World) -> None:
    await world.until_health(200)
    # What SQLite says of a file that became read-only.
    world.app.database.do(lambda c: c.exec_driver_sql("PRAGMA query_only = ON") and None)
    health = await world.until_health(503, "database_unwritable")
    assert health["ok"] is False
    await stopped(world)


async def test_a_taken_port_is_no_reason_to_die(world: World) -> None:
    app = world.app
    taken = WatchSettings(port=app.settings.watch.port)
    other = Watching(taken, app.database, app._connections, app.clock, app.vitals)
    await other.start()
    assert not other.server.listening
    await other.stop()
    assert (await world.healthz())[0] == 200
