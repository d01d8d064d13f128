"""(p) The same work on PostgreSQL and on SQLite, on one machine in one run, taking turns.

Both wait for the disk at every commit (``synchronous=full``; ``fsync`` on). Each piece of work
begins on a fresh copy of the same database.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from alerts.acknowledge import by_button
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.sending import claim, record
from bench.ladder import DUE, PERSONS, make_due, swept_in
from bench.scene import BOT_ID, QUIET, Row, filled, go, now
from data import inbox
from data.database import Connection, Database
from data.tables.alerts import calls
from data.tables.contacts import people
from tests.postgresql import Server, server

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
TAPS, DELIVERIES = 20_000, 20_000
UPDATES = 100  # one answer to getUpdates holds no more
HELD = 120  # what a bot at Telegram's limit holds claimed: four seconds of its pace
OUTCOMES = 32  # recorded in one transaction: half the slots of a bot with raised limits
TICK = os.sysconf("SC_CLK_TCK")

Figures = dict[str, float]


class DatabaseCopies:
    """Makes fresh copies of one filled database, on SQLite or PostgreSQL."""

    def __init__(self, folder: Path, database_server: Server) -> None:
        self._folder, self._server, self._numbers = folder, database_server, count(1)
        self._file = folder / "template.db"
        filled(self._file, PERSONS).close()
        database_server.execute("CREATE DATABASE template_filled")
        filled(database_server.url("template_filled"), PERSONS).close()
        # A roster is loaded long before a warning: the planner knows it by then.
        self._vacuum("template_filled")

    def of(self, kind: str) -> Database:
        """One to work on; close it."""
        name = f"copy_{next(self._numbers)}"
        if kind == SQLITE:
            shutil.copy(self._file, self._folder / f"{name}.db")
            return Database(f"sqlite:///{self._folder}/{name}.db")
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE template_filled")
        self._server.execute("CHECKPOINT")  # the copy's own writing is not the work's
        return Database(self._server.url(name))

    def gone(self, database: Database) -> None:
        """Close it and delete it."""
        database.close()
        if database.is_sqlite:
            for file in self._folder.glob(f"{database.url.rpartition('/')[2]}*"):
                file.unlink()
        else:
            name = database.url.rpartition("/")[2]
            self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _vacuum(self, name: str) -> None:
        import psycopg

        with psycopg.connect(self._server.url(name), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """Medians over the rounds; quick: one round."""
    rounds = 1 if quick else 3
    found: dict[str, list[Figures]] = defaultdict(list)
    with server(durable=True) as database_server:
        if database_server is None:
            return [Row("p", "no PostgreSQL: install postgresql or pgserver", "-")]
        copies = DatabaseCopies(folder, database_server)
        for turn in range(rounds):
            for kind in (SQLITE, POSTGRESQL) if turn % 2 == 0 else (POSTGRESQL, SQLITE):
                found[kind].append(_round(copies, kind, partial(server_cpu, database_server.pid)))
    ours, theirs = (
        {name: statistics.median(turn[name] for turn in found[kind]) for name in found[kind][0]}
        for kind in (SQLITE, POSTGRESQL)
    )
    rows = []
    for name in ours:
        of_server = "in the server" in name
        for kind, figures in ((SQLITE, ours), (POSTGRESQL, theirs)):
            if not (of_server and kind == SQLITE):
                rows.append(Row("p", f"{kind}: {name}", _short(figures[name])))
        if not of_server:
            ratio = theirs[name] / ours[name]
            rows.append(Row("p", f"PostgreSQL ÷ SQLite: {name}", f"{ratio:.2f}"))
    return rows


def _short(figure: float) -> str:
    return f"{figure:.2f}" if figure < 100 else f"{figure:.0f}"


def _round(copies: DatabaseCopies, kind: str, of_server: Callable[[], float]) -> Figures:
    """Everything once on one side."""
    figures: Figures = {}
    database = copies.of(kind)
    began = time.perf_counter()
    assert go(database).calls == PERSONS
    figures["release to 60,000 committed, s"] = time.perf_counter() - began
    took, mine, servers = _measured(lambda: _send(database), of_server)
    figures[f"{DELIVERIES:,} deliveries claimed and recorded, a second"] = DELIVERIES / took
    figures["CPU a delivery in our process, µs"] = mine / DELIVERIES * 1e6
    figures["CPU a delivery in the server, µs"] = servers / DELIVERIES * 1e6
    ids = _call_ids(database)
    took, mine, servers = _measured(lambda: _tap(database, ids), of_server)
    figures[f"{TAPS:,} taps taken in and recorded, a second"] = TAPS / took
    figures["CPU a tap in our process, µs"] = mine / TAPS * 1e6
    figures["CPU a tap in the server, µs"] = servers / TAPS * 1e6
    recorded = select(calls.c.id).where(calls.c.state == "acknowledged")
    assert len(database.read(lambda c: c.execute(recorded).all())) == TAPS
    copies.gone(database)
    database = copies.of(kind)
    at = make_due(database)
    figures[f"{DUE:,} due of 60,000 swept, s"] = swept_in(database, at)
    copies.gone(database)
    return figures


def _measured(work: Callable[[], None], of_server: Callable[[], float]) -> tuple[float, ...]:
    """Seconds by the clock, of our process's CPU and of the server's."""
    mine, servers, began = time.process_time(), of_server(), time.perf_counter()
    work()
    took = time.perf_counter() - began
    return took, time.process_time() - mine, of_server() - servers


def _send(database: Database) -> None:
    """Claim as a dispatcher does and record as it does, as if Telegram answered at once."""
    left, numbers = DELIVERIES, count(1)
    while left:
        room = {Lane.RED: min(HELD, left)}
        taken = database.write(
            lambda c, room=room: claim(c, "bench", now(), room, BOT_ID),  # type: ignore[misc]
            beside=True,
        ).result()
        assert taken
        attempts = [Attempt(delivery, Result.SENT, next(numbers)) for delivery in taken]
        for start in range(0, len(attempts), OUTCOMES):
            part = attempts[start : start + OUTCOMES]
            database.do(lambda c, part=part: record(c, part, QUIET, now()))  # type: ignore[misc]
        left -= len(taken)


def _tap(database: Database, ids: list[tuple[int, int]]) -> None:
    """As the bot does: updates committed to the inbox first, then a unit for each tap.

    The next updates are asked for while the taps of the last wait for the writer.
    """
    moment = now() + timedelta(seconds=1)
    under_way: list[Future[Any]] = []
    for start in range(0, TAPS, UPDATES):
        tapping = [
            (start + n, call, account)
            for n, (call, account) in enumerate(ids[start : start + UPDATES])
        ]
        updates = [_update(number, call, account) for number, call, account in tapping]
        database.do(lambda c, updates=updates: inbox.put(c, BOT_ID, updates, moment))  # type: ignore[misc]
        for done in under_way:
            done.result()
        under_way = [database.write(partial(_answer, *tap, moment)) for tap in tapping]
    for done in under_way:
        done.result()


def _answer(number: int, call: int, account: int, moment: Any, connection: Connection) -> None:
    by_button(connection, call, account, QUIET, moment)
    inbox.done(connection, BOT_ID, number)


def _update(number: int, call: int, account: int) -> dict[str, Any]:
    chat = {"id": account, "type": "private", "first_name": "人"}
    return {
        "update_id": number,
        "callback_query": {
            "id": str(number),
            "from": {"id": account, "is_bot": False, "first_name": "人"},
            "message": {"message_id": 1, "date": 0, "chat": chat, "text": "红色预警"},
            "chat_instance": "1",
            "data": f"a:{call}",
        },
    }


def _call_ids(database: Database) -> list[tuple[int, int]]:
    query = (
        select(calls.c.id, people.c.telegram_id)
        .join(people, people.c.id == calls.c.person_id)
        .order_by(calls.c.id)
        .limit(TAPS)
    )
    return [(row[0], row[1]) for row in database.read(lambda c: c.execute(query).all())]


def server_cpu(pid: int) -> float:
    """Seconds of CPU of a process, its children, and those of them that ended; Linux only."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found = (folder / "stat").read_text().rpartition(")")[2].split()
            if folder.name == str(pid):
                ticks += sum(int(part) for part in found[11:15])
            elif found[1] == str(pid):
                ticks += int(found[11]) + int(found[12])
    return ticks / TICK
