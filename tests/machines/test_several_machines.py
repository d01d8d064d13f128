"""Two of each part on one PostgreSQL, killed in the middle: nothing twice, nothing lost."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bench.process import bot_process
from bench.scene import ask, run
from bench.scene import server as bot_api_server
from bot.console.running import PARTS
from contacts import store as contacts
from data import audit
from data.database import Database
from data.tables import calls, deliveries, inbox, people
from tests.postgresql import Server, server
from tests.roster import COUNTY_COMMANDER, VILLAGERS, fill
from tests.store.test_release import DRAFT, RULES

PATIENCE = 60.0


@pytest.fixture
def postgresql() -> Iterator[Server]:
    with server() as made:
        if made is None:
            pytest.skip("no PostgreSQL: install postgresql or pgserver")
        yield made


class Machines:
    """Every part, as often as wanted, each in a process of its own."""

    def __init__(self, url: str, bot_api: str) -> None:
        self._url, self._bot_api = url, bot_api
        self.running: dict[str, list[subprocess.Popen[bytes]]] = {part: [] for part in PARTS}

    def start(self, part: str) -> None:
        one = bot_process(self._url, self._bot_api, "--only", part)
        self.running[part].append(one)

    def kill(self, part: str) -> None:
        """The first of this part, as a power cut would."""
        one = self.running[part].pop(0)
        one.kill()
        one.wait(10)

    def stop(self) -> None:
        for one in [one for of_part in self.running.values() for one in of_part]:
            one.kill()
            one.wait(10)


@pytest.fixture
def world(postgresql: Server) -> Iterator[tuple[Machines, Database, str]]:
    """A filled database, a Bot API server that knows everybody, and no process yet."""
    postgresql.execute("CREATE DATABASE world")
    database = Database(postgresql.url("world"))
    fill(database)
    with bot_api_server("--population", str(10**9)) as url:
        machines = Machines(postgresql.url("world"), url)
        try:
            yield machines, database, url
        finally:
            machines.stop()
            database.close()


def until(what: Callable[[], bool], why: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < give_up, why
        time.sleep(0.1)


def count(database: Database, table, *conditions) -> int:  # type: ignore[no-untyped-def]
    query = select(func.count()).select_from(table).where(*conditions)
    return int(database.read(lambda c: c.execute(query).scalar_one()))


def released(database: Database) -> None:
    from alerts.release import release

    def unit(connection):  # type: ignore[no-untyped-def]
        who = contacts.person(connection, COUNTY_COMMANDER["id"])
        assert who is not None
        return release(connection, DRAFT, who, RULES, datetime.now(UTC))

    database.do(unit)


def called(url: str) -> Counter[int]:
    """How often each private chat was sent a warning."""
    rows = run(ask(url, "log?since=0"))
    return Counter(
        row["chat_id"]
        for row in rows
        if row["method"] == "sendMessage" and row["code"] == 200 and row["chat_id"] > 0
    )


def test_two_of_each_part_send_nothing_twice_and_skip_nothing(
    world: tuple[Machines, Database, str],
) -> None:
    machines, database, url = world
    for part in PARTS:
        machines.start(part)
        machines.start(part)
    released(database)
    until(lambda: not count(database, deliveries, deliveries.c.state != "sent"), "not all sent")
    heads = [one["telegram_id"] for one in VILLAGERS]
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


def test_killing_one_of_each_part_hands_its_work_over(
    world: tuple[Machines, Database, str],
) -> None:
    machines, database, url = world
    for part in PARTS:
        machines.start(part)
    until(lambda: run(ask(url, "stats"))["by_method"].get("deleteWebhook", 0) > 0, "no intake")
    for part in PARTS:  # the standby, then the death of whoever holds the lease
        machines.start(part)
        machines.kill(part)
    released(database)
    until(lambda: not count(database, deliveries, deliveries.c.state != "sent"), "not all sent")
    chats = {one["telegram_id"] for one in VILLAGERS}
    assert chats <= set(called(url))
    # Nobody answers: the schedule that took over climbs the ladder.
    past = datetime.now(UTC) - timedelta(minutes=5)
    then = {"called_at": past, "delivered_at": past, "due_at": past}
    database.do(lambda c: c.execute(update(calls).values(then)))
    until(lambda: count(database, calls, calls.c.steps > 0) > 0, "the ladder stands still")
    assert database.read(audit.verify).broken is None
