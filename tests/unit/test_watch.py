"""The health verdict, the figures, and a heartbeat that is sent only while all is well."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alerts.oversight.findings import FindingKind
from bot.config.reader import Secret
from bot.config.settings_watch import WatchSettings
from bot.services.async_database import AsyncDatabase
from bot.telegram.transport import Connections
from bot.watch.health import (
    SCHEDULE,
    WORDS,
    Ailment,
    Complaint,
    Health,
    StoreHealth,
    duties,
    judge,
)
from bot.watch.heartbeat import Heartbeat
from bot.watch.metrics import exposition
from bot.watch.vitals import BotVitals, Vitals
from data.database import Database
from tests.unit.http_server import Server
from tests.waiting import until

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
SILENCE = timedelta(seconds=120)
LONG_AGO = NOW - SILENCE - timedelta(seconds=1)
BOT = BotVitals(7, sends=True, takes_in=True, heard_at=NOW)
WELL = Vitals((BOT,), True, True, True, True, swept_at=NOW, audited_at=NOW)
STORE = StoreHealth(NOW, writable=True, current=True)


def ailments(
    vitals: Vitals, store: StoreHealth = STORE, *, began: datetime = LONG_AGO
) -> list[Ailment]:
    health = judge(vitals, store, dict.fromkeys(duties(vitals), began), NOW, SILENCE)
    return [complaint.ailment for complaint in health.complaints]


def with_bot(bot: BotVitals, **more: bool) -> Vitals:
    return replace(WELL, bots=(bot,), **more)


def test_all_is_well() -> None:
    assert ailments(WELL) == []
    assert judge(WELL, STORE, {}, NOW, SILENCE).ok


@pytest.mark.parametrize(
    ("vitals", "ailment"),
    [
        (with_bot(replace(BOT, sends=False)), Ailment.NOT_SENDING),
        (with_bot(replace(BOT, died=True)), Ailment.PART_DIED),
        (with_bot(replace(BOT, heard_at=LONG_AGO)), Ailment.NOT_HEARING),
        (with_bot(replace(BOT, heard_at=None)), Ailment.NOT_HEARING),
        (with_bot(replace(BOT, takes_in=False, heard_at=None)), Ailment.NOT_HEARING),
        (replace(WELL, swept_at=LONG_AGO), Ailment.SWEEP_LATE),
        (replace(WELL, swept_at=NOW + SILENCE * 2), Ailment.SWEEP_LATE),
        (replace(WELL, audited_at=None), Ailment.AUDIT_LATE),
    ],
)
def test_each_ailment_of_a_process(vitals: Vitals, ailment: Ailment) -> None:
    assert ailments(vitals) == [ailment]


def test_each_ailment_of_the_store() -> None:
    assert ailments(WELL, replace(STORE, writable=False)) == [Ailment.UNWRITABLE]
    assert ailments(WELL, replace(STORE, current=False)) == [Ailment.SCHEMA]


def test_what_began_a_moment_ago_has_time() -> None:
    fresh = replace(with_bot(replace(BOT, heard_at=None)), swept_at=None, audited_at=None)
    assert ailments(fresh, began=NOW - timedelta(seconds=100)) == []
    assert len(ailments(fresh)) == 3


def test_what_others_do_is_not_asked_of_this_process() -> None:
    standby = with_bot(BotVitals(7), alone=False, schedules=False)
    assert ailments(replace(standby, swept_at=None, audited_at=None)) == []
    assert duties(standby) == set()
    sender = with_bot(replace(BOT, takes_in=False, heard_at=None), should_take_in=False)
    assert ailments(sender) == []
    webhook = with_bot(replace(BOT, polls=False, heard_at=None))
    assert ailments(webhook) == []
    assert duties(WELL) == {7, SCHEDULE}


def test_every_ailment_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Ailment)
    assert all(" / " in words for words in WORDS.values())
    assert Complaint(Ailment.NOT_HEARING, 7).words.endswith("(bot 7)")


async def test_figures_without_a_store(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db", patience=0.1)
    asked = AsyncDatabase(database, readers=1, name="test")
    try:
        well = replace(WELL, connections={"feishu": False, "dingtalk": True})
        page = (await exposition(asked, well, NOW)).decode()
    finally:
        asked.close()
        database.close()
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert samples["jiaoying_store_up"] == 0
    assert samples["jiaoying_sweep_age_seconds"] == 0
    assert "jiaoying_inbox" not in samples
    assert 'jiaoying_connection_up{provider="feishu"} 0.0' in page


class FakeHealthCheck:
    """A stand-in for ``HealthCheck``."""

    def __init__(self) -> None:
        self.health = Health(())

    async def check(self) -> Health:
        return self.health


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    await made.http.start_server()
    yield made
    await made.http.close()


async def visits(server: Server, vitals: Vitals, health: Health, url: str = "") -> int:
    """How often it visited in five beats."""
    check, beats = FakeHealthCheck(), 0

    def looked_at() -> Vitals:
        nonlocal beats
        beats += 1
        return vitals

    check.health = health
    watch = WatchSettings(
        heartbeat_url=Secret(url or f"{server.url}/secret-key"), heartbeat_seconds=0.01
    )
    async with Connections() as connections:
        heart = Heartbeat(watch, connections, looked_at, check)  # type: ignore[arg-type]
        beating = asyncio.create_task(heart.run())
        await until(lambda: beats > 5)
        assert not beating.done()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
    return len(server.asked)


async def test_the_heart_beats_while_all_is_well(server: Server) -> None:
    assert await visits(server, WELL, Health(())) > 1
    assert {path for path, _ in server.asked} == {"/secret-key"}


@pytest.mark.parametrize(
    ("vitals", "health"),
    [
        (WELL, Health((Complaint(Ailment.SWEEP_LATE),))),
        (WELL, Health((), (FindingKind.CALLS_LATE,))),
        (replace(WELL, schedules=False), Health(())),
    ],
)
async def test_the_heart_stops(server: Server, vitals: Vitals, health: Health) -> None:
    assert await visits(server, vitals, health) == 0


@pytest.mark.parametrize("trouble", ["refused", "error", "hangs up", "not a url"])
async def test_no_failure_of_a_visit_harms_or_tells_the_address(
    server: Server, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = ""
    if trouble == "refused":
        url = "http://127.0.0.1:1/secret-key"
    elif trouble == "error":
        server.refuse(500, "no")
    elif trouble == "hangs up":
        server.answer = server.hang_up
    else:
        url = "http://[::1/secret-key"
    with caplog.at_level(logging.DEBUG):
        await visits(server, WELL, Health(()), url)
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert any(text.startswith("heartbeat:") for text in ours)
    assert [text for text in ours if "secret-key" in text] == []
