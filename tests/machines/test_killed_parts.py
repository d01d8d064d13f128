"""Every part is killed with kill -9 in the middle of its work, and a standby finishes the work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select, update

from bench.scene import ask, filled, go, run
from bench.scene import server as bot_api_server
from bot.console.running import BOARD, PARTS
from bot.telegram.dispatcher import IN_FLIGHT
from data import audit
from data.database import Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from data.tables.running import inbox, leases
from tests.databases import UPGRADED
from tests.faults.counting import Count
from tests.forked import ForkedProcess, forked_bot
from tests.machines.scene import Machines, asked, called, count
from tests.postgresql import Server
from tests.waiting import PATIENCE, free_port
from tests.waiting import wait_until as until

PERSONS, TAPS = 300, 30


class World:
    """All parts, two of each that may have a standby, while a warning to many is under way."""

    def __init__(self, machines: Machines, database: Database, bot_api: str, url: str) -> None:
        self.machines, self.database, self.bot_api, self._url = machines, database, bot_api, url
        query = select(people.c.telegram_id, calls.c.id).join(
            people, people.c.id == calls.c.person_id
        )
        self._query = query
        self.watch_port = free_port()
        self.boards: list[ForkedProcess] = []

    def start_board(self) -> None:
        environ = {
            "JIAOYING_WATCH__PORT": str(self.watch_port),
            "JIAOYING_BOARD__PUBLIC_URL": "https://fire.example/board/",
            "JIAOYING_BOARD__PORT": str(free_port()),
        }
        self.boards.append(forked_bot(self._url, self.bot_api, "--only", BOARD, **environ))

    def kill_board(self) -> None:
        board = self.boards.pop()
        board.kill()
        board.wait(PATIENCE)

    def call_of(self) -> dict[int, int]:
        """The call of each account."""
        return {
            row[0]: row[1] for row in self.database.read(lambda c: c.execute(self._query).all())
        }

    def held(self) -> set[str]:
        """What is held by a process now."""
        names = select(leases.c.name)
        return {
            name.partition(":")[0]
            for name in self.database.read(lambda c: c.execute(names).scalars().all())
        }


@pytest.fixture
def world(postgresql: Server) -> Iterator[World]:
    with bot_api_server("--population", str(10**9)) as bot_api:
        url = postgresql.url(UPGRADED.postgresql(postgresql))
        database = filled(url, PERSONS)
        made = World(Machines(url, bot_api), database, bot_api, url)
        try:
            yield made
        finally:
            made.machines.stop()
            while made.boards:
                made.kill_board()
            database.close()


def test_every_part_is_killed_in_the_middle_of_its_work(world: World, counted: Count) -> None:
    machines, database = world.machines, world.database
    for part in PARTS:
        machines.start(part)
    world.start_board()
    until(lambda: world.held() >= set(PARTS), "not all parts work")
    assert asked(world.watch_port, "/healthz")[0] == 200
    for part in PARTS:
        machines.start(part)  # the standby
    go(database)
    call_of = world.call_of()
    until(
        lambda: sum(called(world.bot_api)[chat_id] for chat_id in call_of) >= 60, "nothing is sent"
    )
    machines.kill("dispatch")
    tapping = [chat_id for chat_id in call_of if called(world.bot_api)[chat_id]][:TAPS]
    taps = [
        {"user_id": chat_id, "chat_id": chat_id, "message_id": 1, "data": f"a:{call_of[chat_id]}"}
        for chat_id in tapping
    ]
    run(ask(world.bot_api, "taps", {"taps": taps}))
    machines.kill("intake")
    machines.kill("schedule")
    world.kill_board()
    sent = deliveries.c.state == "sent"
    until(
        lambda: not count(database, deliveries, deliveries.c.kind == "call", ~sent), "not all sent"
    )
    until(lambda: count(database, calls, calls.c.state == "acknowledged") == TAPS, "taps are lost")
    until(lambda: not count(database, inbox), "not handled")
    calls_by_chat = called(world.bot_api)
    counted(
        "kill -9 dispatch",
        trials=PERSONS,
        lost=sum(not calls_by_chat[chat_id] for chat_id in call_of),
        twice=sum(calls_by_chat[chat_id] - 1 for chat_id in call_of if calls_by_chat[chat_id]),
        bound=IN_FLIGHT,
    )
    entries = audit.audit.c.action == "call.acknowledged"
    counted(
        "kill -9 intake: 点击 taps",
        trials=TAPS,
        lost=0,
        twice=count(database, audit.audit, entries) - TAPS,
        bound=0,
    )
    # The others stay silent: the schedule that took over climbs the ladder.
    past = datetime.now(UTC) - timedelta(minutes=4)
    then = {"called_at": past, "delivered_at": past, "due_at": past}
    waiting = calls.c.state == "waiting"
    database.do(lambda c: c.execute(update(calls).where(waiting).values(then)))
    silent = PERSONS - TAPS
    reminders = deliveries.c.kind == "remind"
    until(lambda: count(database, deliveries, reminders) >= silent, "the ladder stands still")
    reminded = select(func.count(deliveries.c.call_id.distinct())).where(reminders)
    distinct = database.read(lambda c: int(c.execute(reminded).scalar_one()))
    counted(
        "kill -9 schedule: 提醒 reminders",
        trials=silent,
        lost=silent - distinct,
        twice=count(database, deliveries, reminders) - distinct,
        bound=0,
    )
    world.start_board()
    assert asked(world.watch_port, "/healthz")[0] == 200
    with urlopen(f"http://127.0.0.1:{world.watch_port}/metrics", timeout=PATIENCE) as page:
        lost = int("jiaoying_store_up 1.0" not in page.read().decode())
    counted("kill -9 board", trials=1, lost=lost, twice=0, bound=0)
    assert database.read(audit.verify).broken is None
