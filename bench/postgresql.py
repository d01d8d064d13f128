"""(p) The same work on PostgreSQL and on SQLite, on one machine in one run, taking turns.

Both wait for the disk at every commit (``synchronous=full``; ``fsync`` on). Each piece of work
begins on a fresh copy of the same database. What a tap costs is compared with a message sent by raw
aiohttp.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.sending import claim, record
from bench.contender import alone
from bench.copies import POSTGRESQL, SQLITE, DatabaseCopies
from bench.cpu import raw
from bench.ladder import DUE, PERSONS, make_due, swept_in
from bench.scene import BOT_ID, QUIET, Row, go, now
from bench.scene import server as bot_api_server
from bench.taking_in import take_in
from bench.tapping import call_ids, recorded
from data.database import Database
from tests.postgresql import server

TAPS, DELIVERIES = 20_000, 20_000
HELD = 120  # what a bot at Telegram's limit holds claimed: four seconds of its pace
OUTCOMES = 32  # recorded in one transaction: half the slots of a bot with raised limits
RAW_MESSAGES = 4000
TICK = os.sysconf("SC_CLK_TCK")

RELEASE = "release to 60,000 committed, s"
SENT = f"{DELIVERIES:,} deliveries claimed and recorded, a second"
TAPPED = f"{TAPS:,} taps taken in and recorded, a second"
TAP_CPU = "CPU a tap in our process, µs"
SWEPT = f"{DUE:,} due of 60,000 swept, s"

CPU_BARS = {SQLITE: 1.5, POSTGRESQL: 2.0}
"""A tap's CPU in our process, in messages of raw aiohttp."""

Figures = dict[str, float]


def postgresql(folder: Path, *, quick: bool) -> list[Row]:
    """Medians over the rounds; quick: one round."""
    rounds = 1 if quick else 3
    found: dict[str, list[Figures]] = defaultdict(list)
    raws = []
    with server(durable=True) as database_server:
        copies = DatabaseCopies(folder, database_server, PERSONS)
        of_server: Callable[[], float] = lambda: 0.0  # noqa: E731
        if database_server is not None:
            of_server = partial(server_cpu, database_server.pid)
        for turn in range(rounds):
            with bot_api_server("--population", str(10**9), "--forget", "--no-log") as url:
                raws.append(alone(raw, url, RAW_MESSAGES))
            for kind in copies.kinds if turn % 2 == 0 else copies.kinds[::-1]:
                found[kind].append(_round(copies, kind, of_server))
    medians = {
        kind: {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
        for kind, turns in found.items()
    }
    return [*_compared(medians), *_against_raw(medians, statistics.median(raws))]


def _compared(medians: dict[str, Figures]) -> list[Row]:
    """The figures of both, and their ratios."""
    if POSTGRESQL not in medians:
        absent = Row("p", "no PostgreSQL: install postgresql or pgserver", "-")
        return [
            absent,
            *(Row("p", f"{SQLITE}: {n}", _short(f)) for n, f in medians[SQLITE].items()),
        ]
    ours, theirs = medians[SQLITE], medians[POSTGRESQL]
    rows = []
    for name in ours:
        of_server = "in the server" in name
        if not of_server:
            rows.append(Row("p", f"{SQLITE}: {name}", _short(ours[name])))
        rows.append(Row("p", f"{POSTGRESQL}: {name}", _short(theirs[name])))
        if not of_server:
            ratio = theirs[name] / ours[name]
            bar, met = "", None
            if name == TAPPED:
                bar, met = "≥ 0.6", ratio >= 0.6
            elif name == RELEASE:
                bar, met = "≤ 2", ratio <= 2
            rows.append(Row("p", f"PostgreSQL ÷ SQLite: {name}", f"{ratio:.2f}", bar, met))
    return rows


def _against_raw(medians: dict[str, Figures], message: float) -> list[Row]:
    rows = [Row("p", "raw aiohttp: CPU a message sent, µs", _short(message))]
    for kind, figures in medians.items():
        ratio, most = figures[TAP_CPU] / message, CPU_BARS[kind]
        label = f"{kind}: CPU of a tap taken in and recorded ÷ raw aiohttp's of a message"
        rows.append(Row("p", label, f"{ratio:.2f}", f"≤ {most:g}", ratio <= most))
    return rows


def _short(figure: float) -> str:
    return f"{figure:.2f}" if figure < 100 else f"{figure:.0f}"


def _round(copies: DatabaseCopies, kind: str, of_server: Callable[[], float]) -> Figures:
    """Everything once on one side."""
    figures: Figures = {}
    database = copies.of(kind)
    began = time.perf_counter()
    assert go(database).calls == PERSONS
    figures[RELEASE] = time.perf_counter() - began
    took, mine, servers = _measured(lambda: _send(database), of_server)
    figures[SENT] = DELIVERIES / took
    figures["CPU a delivery in our process, µs"] = mine / DELIVERIES * 1e6
    figures["CPU a delivery in the server, µs"] = servers / DELIVERIES * 1e6
    ids = call_ids(database)[-TAPS:]
    took, mine, servers = _measured(lambda: take_in(database, ids), of_server)
    figures[TAPPED] = TAPS / took
    figures[TAP_CPU] = mine / TAPS * 1e6
    figures["CPU a tap in the server, µs"] = servers / TAPS * 1e6
    assert recorded(database, (call for call, _ in ids)) == TAPS
    copies.gone(database)
    database = copies.of(kind)
    at = make_due(database)
    figures[SWEPT] = swept_in(database, at)
    copies.gone(database)
    return figures


def _measured(work: Callable[[], object], of_server: Callable[[], float]) -> tuple[float, ...]:
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
