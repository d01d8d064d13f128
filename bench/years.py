"""(y) Hot queries with years of old deliveries in the live table ÷ with none. Nothing is archived:
this is what the bot pays before ``jiaoying db archive`` was ever run.

Two databases hold the same warning of today; one of them also holds old warnings with their
deliveries, a tenth as many calls, and a tenth as many entries of the trail. Each piece of work is
done on both in turns, on rows that were not touched before; of each side the faster third counts,
which a busy machine disturbs least.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text, update

from alerts.cards.progress_cards import stale_cards
from alerts.cards.silent_lists import stale_lists
from alerts.chase import anything_due, sweep
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.oversight.store import claimed_before, late_calls, queues
from alerts.sending import claim, record
from bench.scene import BOT_ID, CHASING, QUIET, Row, filled, go, now
from bench.taking_in import take_in
from bench.tapping import call_ids
from contacts import bot_store
from data import audit
from data.database import Connection, Database
from data.tables.alerts import calls
from data.tables.columns import to_milliseconds
from tests.postgresql import server

PERSONS = 20_000
OLD, OLD_QUICK = 10_000_000, 300_000
A_WARNING = 20_000  # deliveries of each old warning
ENTRIES_AT_ONCE = 20_000
BATCH = 120  # what a bot holds claimed
TAPS_AT_ONCE = 200
SWEPT_AT_ONCE = 400
ROUNDS, ROUNDS_QUICK = 21, 11
READS = 20  # of each question in a round: it takes less than a millisecond

Work = Callable[[Database, int], object]


def years(folder: Path, *, quick: bool) -> list[Row]:
    """SQLite with ten million old deliveries (quick: 300,000); PostgreSQL with 300,000."""
    old, rounds = (OLD_QUICK, ROUNDS_QUICK) if quick else (OLD, ROUNDS)
    rows = []
    with server(durable=True) as database_server:
        urls = {"SQLite": [f"sqlite:///{folder}/{name}.db" for name in ("none", "old")]}
        if database_server is not None:
            for name in ("none", "old"):
                database_server.execute(f"CREATE DATABASE {name}")
            urls["PostgreSQL"] = [database_server.url(name) for name in ("none", "old")]
        for kind, (none, with_old) in urls.items():
            count = old if kind == "SQLite" else OLD_QUICK
            with _ready(none, 0) as without, _ready(with_old, count) as loaded:
                rows += _compared(kind, without, loaded, count, rounds)
    return rows


@contextmanager
def _ready(url: str, old: int) -> Iterator[Database]:
    """A database with the warning of today, after so many deliveries of old ones."""
    database = filled(url, PERSONS)
    if old:
        _fill_with_old(database, old)
    go(database, CHASING)
    if not database.is_sqlite:
        _vacuum(url)
    try:
        yield database
    finally:
        database.close()


def _fill_with_old(database: Database, count: int) -> None:
    """Old warnings, an even share of the deliveries each, all sent; and what belongs to them."""
    for number in range(1, count // A_WARNING + 1):
        database.do(lambda c, number=number: _old_warning(c, number))  # type: ignore[misc]
    at = now() - timedelta(days=300)
    entries = [
        audit.Entry("call.acknowledged", f"call:{number}", 1, {"via": "button"})
        for number in range(1, ENTRIES_AT_ONCE + 1)
    ]
    for start in range(0, count // 10, ENTRIES_AT_ONCE):
        few = entries[: count // 10 - start]
        database.do(lambda c, few=few: audit.append(c, at, few))  # type: ignore[misc]


def _old_warning(connection: Connection, number: int) -> None:
    at = to_milliseconds(now() - timedelta(days=300))
    given = {"alert": number, "at": at, "bot": BOT_ID, "name": f"old{number}", "areas": "[]"}
    connection.execute(text(_ALERT), given)
    connection.execute(text(_CALLS), given | {"most": A_WARNING // 10})
    series = _SERIES[connection.dialect.name]
    connection.execute(text(_DELIVERIES.format(series=series)), given | {"most": A_WARNING})


_ALERT = (
    "INSERT INTO alerts (identifier, status, level, hazard, headline, description, areas, state, "
    "sender_id, created_at, released_at, expires_at, closed_at) VALUES "
    "(:name, 'Actual', 'red', 'rainstorm', 'old', 'old', :areas, 'expired', 1, :at, :at, :at, :at)"
)
_CALLS = (
    "INSERT INTO calls (alert_id, person_id, division_code, role, state, reach, called_at, "
    "delivered_at, answered_at, answered_via) "
    "SELECT :alert, id, division_code, role, 'acknowledged', 'delivered', :at, :at, :at, 'button' "
    "FROM people WHERE id > 1 ORDER BY id LIMIT :most"
)
_SERIES = {
    "sqlite": "(WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series "
    "WHERE n < :most) SELECT n FROM series)",
    "postgresql": "generate_series(1, :most) AS series(n)",
}
_DELIVERIES = (
    "INSERT INTO deliveries (kind, lane, place, state, bot_id, chat_id, role, alert_id, "
    "not_before, claimed_by, claimed_at, created_at, sent_at, message_id) "
    "SELECT 'call', 2, 1, 'sent', :bot, 1000 + n, 'ranger', :alert, "
    ":at, 'old', :at, :at, :at, n FROM {series}"
)


def _compared(kind: str, without: Database, loaded: Database, count: int, rounds: int) -> list[Row]:
    times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    both = (without, loaded)
    ids = [call_ids(database) for database in both]

    def taps(database: Database, turn: int) -> None:
        mine = ids[both.index(database)]
        first = turn * TAPS_AT_ONCE
        take_in(database, mine[first : first + TAPS_AT_ONCE], first)

    pieces: dict[str, Work] = {
        "claimed and recorded": _send,
        "taps": taps,
        "sweep": _sweep,
        "card tick": lambda d, _: _read(
            d, lambda c: (stale_cards(c, now()), stale_lists(c, now()))
        ),
        "trail of the warning": lambda d, _: _read(d, _trail),
        "what the auditor asks": lambda d, _: _read(d, _audited),
        "whose bot is gone": lambda d, _: d.do(bot_store.assign),
    }
    for turn in range(rounds):
        for database in both:
            _make_due(database, turn)
        for name, piece in pieces.items():
            sides = (0, 1) if turn % 2 == 0 else (1, 0)
            for side in sides:
                began = time.perf_counter()
                piece(both[side], turn)
                times[name][side].append(time.perf_counter() - began)
    rows = []
    for name, (few, many) in times.items():
        ratio = _undisturbed(many) / _undisturbed(few)
        label = f"{kind}: {name}, with {count:,} old deliveries ÷ with none"
        rows.append(Row("y", label, f"{ratio:.2f}", "≤ 1.1", ratio <= 1.1))
    return rows


def _undisturbed(seconds: list[float]) -> float:
    """The median of the faster third; the first round, which compiles statements, is left out."""
    kept = sorted(seconds[1:])
    return statistics.median(kept[: max(1, len(kept) // 3)])


def _send(database: Database, _turn: int) -> None:
    room = {Lane.RED: BATCH}
    taken = database.write(lambda c: claim(c, "bench", now(), room, BOT_ID), beside=True).result()
    assert taken
    attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
    database.do(lambda c: record(c, attempts, QUIET, now()))


def _make_due(database: Database, turn: int) -> None:
    """Some calls are due from now on."""
    query = text(
        "SELECT id FROM calls WHERE alert_id = (SELECT max(id) FROM alerts) "
        "ORDER BY id LIMIT :few OFFSET :low"
    )
    given = {"few": SWEPT_AT_ONCE, "low": SWEPT_AT_ONCE * turn}
    ids = database.read(lambda c: list(c.execute(query, given).scalars()))
    due = (
        update(calls)
        .where(calls.c.id.in_(ids))
        .values(delivered_at=calls.c.called_at, reach="delivered", due_at=now())
    )
    database.do(lambda c: c.execute(due))


def _sweep(database: Database, _turn: int) -> None:
    """Those are taken."""
    moment = now() + timedelta(minutes=2.5)
    assert database.read(lambda c: anything_due(c, CHASING, moment))
    while database.do(lambda c: sweep(c, CHASING, moment)):
        continue


def _read(database: Database, question: Callable[[Connection], object]) -> None:
    for _ in range(READS):
        database.read(question)


def _trail(connection: Connection) -> list[object]:
    newest = connection.execute(text("SELECT max(id) FROM alerts")).scalar_one()
    query = text("SELECT id FROM calls WHERE alert_id = :alert LIMIT 100")
    called = list(connection.execute(query, {"alert": newest}).scalars())
    return list(audit.trail_of_alert(connection, newest, called))


def _audited(connection: Connection) -> object:
    moment = now()
    return (
        queues(connection, moment),
        late_calls(connection, moment),
        claimed_before(connection, moment),
        audit.length(connection),
    )


def _vacuum(url: str) -> None:
    """What autovacuum does within a minute: else the two differ by what the planner knows."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
