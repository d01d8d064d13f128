"""A bot whose lease another process has stops at once, and begins again when it is free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.app import App
from bot.runtime.leases import RENEW_SECONDS
from bot.sandbox.bot_api.server import BotApiServer
from data.database import Connection, Database
from data.tables.running import leases, processes
from tests.stories.story import settings_for
from tests.waiting import PATIENCE, PassTime, StillClock, until


@pytest.fixture
def store_kind() -> str:
    """Several machines need PostgreSQL."""
    return "postgresql"


@pytest.fixture
async def app(database: Database) -> AsyncIterator[App]:
    async with BotApiServer() as server:
        made = App(settings_for(server), database, clock=StillClock())
        await made.start()
        try:
            await asyncio.wait_for(made.ready(), PATIENCE)
            yield made
        finally:
            await made.stop()


def take_away(connection: Connection, name: str) -> None:
    """Another process has it, as after a pause of ours that the database did not wait for."""
    row = connection.execute(select(leases.c.until).where(leases.c.name == name)).one()
    later = row.until + timedelta(hours=1)
    theirs = update(leases).where(leases.c.name == name)
    connection.execute(theirs.values(holder="another", until=later))


async def test_a_lease_that_is_another_s_stops_the_bot_at_once_and_one_that_is_free_begins_it(
    app: App, pass_time: PassTime
) -> None:
    (line,) = app.lines
    sending, taking_in = f"dispatch:{line.bot_id}", f"intake:{line.bot_id}"
    await until(lambda: line.dispatcher is not None and app.vitals().schedules)
    for name in (sending, taking_in, "schedule:all"):
        app.database.do(lambda c, name=name: take_away(c, name))  # type: ignore[misc]
    assert app._leases is not None
    await pass_time(RENEW_SECONDS)
    await until(lambda: line.dispatcher is None, "it sends on")
    await until(lambda: not line.vitals().takes_in, "it takes in")
    await until(lambda: not app.vitals().schedules, "it keeps the schedule")
    assert not any(map(app._leases.held, (sending, taking_in, "schedule:all")))
    app.database.do(lambda c: c.execute(delete(leases).where(leases.c.holder == "another")))
    await pass_time(RENEW_SECONDS)
    await until(lambda: line.dispatcher is not None, "it does not send again")
    await until(lambda: line.vitals().takes_in and app.vitals().schedules)


async def test_a_second_process_gets_its_share_and_whoever_leaves_frees_all(
    app: App, database: Database, pass_time: PassTime
) -> None:
    (line,) = app.lines
    await until(lambda: line.dispatcher is not None)
    names = select(leases.c.name, leases.c.holder)
    held = {row.name: row.holder for row in database.read(lambda c: c.execute(names).all())}
    assert held[f"dispatch:{line.bot_id}"] == app.worker
    told = select(processes.c.name)
    await until(lambda: database.read(lambda c: c.execute(told).scalars().all()) == [app.worker])
    other = {"name": "dispatch/other", "holder": "other", "until": app.clock() + timedelta(days=1)}
    database.do(lambda c: c.execute(insert(leases).values(other)))
    await pass_time(RENEW_SECONDS)  # one bot: half of it is still one
    assert line.dispatcher is not None
    await app.stop()
    left = {row.holder for row in database.read(lambda c: c.execute(names).all())}
    assert left == {"other"}
    assert database.read(lambda c: c.execute(told).all()) == []
