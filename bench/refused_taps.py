"""(t) One tap of a hundred is refused (not the addressee's): the others pay nothing for it."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.copies import POSTGRESQL, SQLITE, DatabaseCopies
from bench.scene import Row, go
from bench.taking_in import take_in
from bench.tapping import CallAndAccount, call_ids, recorded
from data.database import Database
from tests.postgresql import server

PERSONS = 20_000
REFUSED_OF = 100


def refused_taps(folder: Path, *, quick: bool) -> list[Row]:
    """Taps a second with and without refusals, in turns, on a fresh copy each time."""
    count, turns = (2000, 3) if quick else (10_000, 5)
    ratios: dict[str, list[float]] = defaultdict(list)
    with server(durable=True) as database_server:
        copies = DatabaseCopies(folder, database_server, PERSONS)
        for turn in range(turns):
            for kind in copies.kinds:
                speeds = {}
                for some_refused in (False, True) if turn % 2 == 0 else (True, False):
                    database = copies.of(kind)
                    go(database)
                    speeds[some_refused] = _speed(database, count, some_refused=some_refused)
                    copies.gone(database)
                ratios[kind].append(speeds[True] / speeds[False])
    rows = []
    for kind in (SQLITE, POSTGRESQL):
        if not ratios[kind]:
            rows.append(Row("t", "no PostgreSQL: install postgresql or pgserver", "-"))
            continue
        ratio = statistics.median(ratios[kind])
        label = f"{kind}: taps a second, 1 % refused ÷ none"
        rows.append(Row("t", label, f"{ratio:.2f}", "≥ 0.9", ratio >= 0.9))
    return rows


def _speed(database: Database, count: int, *, some_refused: bool) -> float:
    ids = call_ids(database)[:count]
    taps = _with_strangers(ids) if some_refused else ids
    began = time.perf_counter()
    refused = take_in(database, taps)
    took = time.perf_counter() - began
    assert refused == (count // REFUSED_OF if some_refused else 0), refused
    assert recorded(database, (call for call, _ in ids)) == count - refused
    return count / took


def _with_strangers(ids: Sequence[CallAndAccount]) -> list[CallAndAccount]:
    """Every hundredth tap comes from somebody else who was called."""
    return [
        (call, ids[number - 1][1] if number % REFUSED_OF == REFUSED_OF - 1 else account)
        for number, (call, account) in enumerate(ids)
    ]
