"""Two processes of each part on one PostgreSQL do nothing twice and leave nothing out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bench.scene import ask, run
from bench.scene import server as bot_api_server
from bot.console.running import PARTS
from contacts import people_store
from data import audit
from data.database import Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from data.tables.running import inbox
from tests.databases import FILLED
from tests.machines.scene import Machines, called, count
from tests.postgresql import Server
from tests.roster import COUNTY_COMMANDER, VILLAGERS
from tests.store.test_release import DRAFT, RULES
from tests.waiting import wait_until as until


@pytest.fixture
def world(postgresql: Server) -> Iterator[tuple[Machines, Database, str]]:
    """A filled database, a Bot API server that knows everybody, and no process yet."""
    shared = postgresql.url(FILLED.postgresql(postgresql))
    database = Database(shared)
    with bot_api_server("--population", str(10**9)) as url:
        machines = Machines(shared, url)
        try:
            yield machines, database, url
        finally:
            machines.stop()
            database.close()


def released(database: Database) -> None:
    from alerts.release import release

    def unit(connection):  # type: ignore[no-untyped-def]
        sender = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert sender is not None
        return release(connection, DRAFT, sender, RULES, datetime.now(UTC))

    database.do(unit)


def test_two_of_each_part_send_nothing_twice_and_skip_nothing(
    world: tuple[Machines, Database, str],
) -> None:
    machines, database, url = world
    for part in PARTS:
        machines.start(part)
        machines.start(part)
    released(database)
    waiting = deliveries.c.state.in_(("queued", "claimed"))
    until(lambda: not count(database, deliveries, waiting), "not all sent")
    heads = [row["telegram_id"] for row in VILLAGERS]
    seen = called(url)
    assert [seen[head] for head in heads] == [1] * len(heads)
    assert count(database, deliveries, deliveries.c.attempts > 0) == 0
    # A tap arrives at whichever takes in, and is answered by whichever sends.
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    ids = {row[1]: row[0] for row in database.read(lambda c: c.execute(query).all())}
    tap = {"user_id": heads[0], "chat_id": heads[0], "message_id": 1, "data": f"a:{ids[heads[0]]}"}
    run(ask(url, "taps", {"taps": [tap]}))
    until(lambda: count(database, calls, calls.c.state == "acknowledged") == 1, "tap lost")
    until(lambda: called(url)[heads[0]] >= 1 and not count(database, inbox), "not handled")
    assert database.read(audit.verify).broken is None
