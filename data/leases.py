"""Leases: rows that say which process does what only one may do at a time.

A lease must be renewed; when it is not, it passes on to another process. Each statement here is
right by itself, by the lock of the one row it changes: nothing waits for another's transaction.

The clock is the database's, so that machines whose clocks differ agree. With SQLite one process
runs at a time (it holds a file lock), so a lease of another holder is a dead process's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    create_engine,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError

from data.driver_errors import lost_connection, translated
from data.engines import postgresql_options, psycopg_url
from data.tables.columns import from_milliseconds, to_milliseconds
from data.tables.running import leases
from data.tables.running import processes as processes_table
from data.upserts import insert_into

T = TypeVar("T")

PATIENCE_SECONDS = 3
"""For one statement about leases, and for a server to take a connection: a renewal that takes
longer is of no use."""

FORGOTTEN_AFTER = timedelta(hours=1)
"""After so long nothing is kept of a process that died."""

LONGEST_LOOK = timedelta(seconds=1)
"""A look at the database's clock that took longer says too little about it."""

_NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
_ALONE_NOW = text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
_AT_WORK = (
    select(processes_table)
    .where(processes_table.c.until >= bindparam("now"))
    .order_by(processes_table.c.name)
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a holder has after asking.

    ``gained`` is new and may have been another's; ``surplus`` is more than its share: to be let go
    as soon as what it does for it has ended.
    """

    held: frozenset[str]
    gained: frozenset[str] = frozenset()
    surplus: frozenset[str] = frozenset()


class LeaseTable:
    """The leases in a PostgreSQL database, over a connection of their own.

    However long the writer is busy, a renewal is never behind it. It blocks, and is used from one
    thread at a time.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(
            psycopg_url(url),
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            max_overflow=0,
            connect_args={
                **postgresql_options(
                    lock=PATIENCE_SECONDS, idle=PATIENCE_SECONDS, statement=PATIENCE_SECONDS
                ),
                "connect_timeout": PATIENCE_SECONDS,
                "tcp_user_timeout": PATIENCE_SECONDS * 1000,
                "application_name": "jiaoying leases",
            },
        )

    def renew(self, holder: str, topic: str, names: Sequence[str], seconds: float) -> Renewed:
        """As the function ``renew``.

        :raises data.errors.StoreError: when the database does not answer in time.
        """
        return self._ask(lambda c: renew(c, holder, topic, names, seconds))

    def let_go(self, holder: str, names: Collection[str]) -> None:
        """As the function ``let_go``.

        :raises data.errors.StoreError: when the database does not answer in time.
        """
        self._ask(lambda c: let_go(c, holder, names))

    def let_go_all(self, holder: str) -> None:
        """As the function ``let_go_all``.

        :raises data.errors.StoreError: when the database does not answer in time.
        """
        self._ask(lambda c: let_go_all(c, holder))

    def report(
        self,
        holder: str,
        settings: Mapping[str, str],
        clock: Callable[[], datetime],
        seconds: float,
    ) -> None:
        """Tell how the process is set, and what its clock says.

        :raises data.errors.StoreError: when the database does not answer in time.
        """
        self._ask(lambda c: report(c, holder, settings, _ahead(c, clock), seconds))

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()

    def _ask(self, question: Callable[[Connection], T]) -> T:
        """The answer to ``question``, each statement of which is committed by itself."""
        for again in (True, False):
            try:
                with self._engine.connect() as connection:
                    return question(connection)
            except DBAPIError as error:
                # The server was restarted since the last time: a new connection may do.
                if not (again and lost_connection(error)):
                    raise translated(error) from error
        raise AssertionError("the second try returned or raised")


def renew(
    connection: Connection, holder: str, topic: str, names: Sequence[str], seconds: float
) -> Renewed:
    """Hold on to what is ours of ``names``, and take what is free, up to a fair share.

    :param topic: holders of the same topic (``dispatch``) share its names evenly.
    :param seconds: how long a lease lasts unless it is renewed.
    """
    milliseconds = _now(connection)
    now = from_milliseconds(milliseconds)
    until = from_milliseconds(milliseconds + int(seconds * 1000))
    _take(connection, f"{topic}/{holder}", holder, until, now)  # that we live
    kept = (
        update(leases)
        .where(leases.c.holder == holder, leases.c.name.in_(list(names)))
        .values(until=until)
        .returning(leases.c.name)
    )
    renewed = set(connection.execute(kept).scalars())
    mine = [name for name in names if name in renewed]
    share = ceil(len(names) / max(1, _living(connection, topic, now)))
    gained: list[str] = []
    if len(mine) < share:
        taken = select(leases.c.name).where(
            leases.c.name.in_(list(names)), leases.c.until >= now, leases.c.holder != holder
        )
        others = set() if _alone(connection) else set(connection.execute(taken).scalars())
        for name in names:
            if len(mine) + len(gained) >= share:
                break
            if name in renewed or name in others:
                continue
            if _take(connection, name, holder, until, now):
                gained.append(name)
    return Renewed(frozenset((*mine, *gained)), frozenset(gained), frozenset(mine[share:]))


def let_go(connection: Connection, holder: str, names: Collection[str]) -> None:
    """Free these leases, if they are the holder's."""
    connection.execute(
        delete(leases).where(leases.c.holder == holder, leases.c.name.in_(list(names)))
    )


def let_go_all(connection: Connection, holder: str) -> None:
    """The holder is leaving."""
    connection.execute(delete(leases).where(leases.c.holder == holder))
    connection.execute(delete(processes_table).where(processes_table.c.name == holder))


def let_go_everybody(connection: Connection) -> None:
    """Free every lease: nobody is running."""
    connection.execute(delete(leases))


def holders(connection: Connection) -> dict[str, str]:
    """Who holds what, of the living."""
    now = from_milliseconds(_now(connection))
    query = select(leases.c.name, leases.c.holder).where(leases.c.until >= now)
    return {row.name: row.holder for row in connection.execute(query)}


# -- the processes ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Process:
    """A process at work: how it is set, and by how much its clock is ahead of the database's.

    :ivar settings: a digest of each section of its settings.
    :ivar ahead_ms: ``None`` while it is not known.
    """

    name: str
    settings: Mapping[str, str]
    ahead_ms: int | None


def report(
    connection: Connection,
    name: str,
    settings: Mapping[str, str],
    ahead_ms: int | None,
    seconds: float,
) -> None:
    """Remember how a process is set, and its clock; forget those that are long gone.

    :param seconds: for how long it counts as at work unless it reports again.
    """
    milliseconds = _now(connection)
    long_ago = from_milliseconds(milliseconds) - FORGOTTEN_AFTER
    connection.execute(delete(processes_table).where(processes_table.c.until < long_ago))
    gone = leases.c.name.contains("/", autoescape=True), leases.c.until < long_ago
    connection.execute(delete(leases).where(*gone))  # of processes: see ``renew``
    values = {
        "settings": dict(settings),
        "until": from_milliseconds(milliseconds + int(seconds * 1000)),
    }
    if ahead_ms is not None:
        values["ahead_ms"] = ahead_ms
    connection.execute(
        insert_into(connection, processes_table)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[processes_table.c.name], set_=values)
    )


def processes(connection: Connection) -> list[Process]:
    """The processes at work, by name."""
    rows = connection.execute(_AT_WORK, {"now": from_milliseconds(_now(connection))})
    return [Process(row.name, row.settings, row.ahead_ms) for row in rows]


def _ahead(connection: Connection, clock: Callable[[], datetime]) -> int | None:
    """Milliseconds by which ``clock`` is ahead; ``None`` when the answer took too long to tell."""
    before = clock()
    there = _now(connection)
    took = clock() - before
    if not timedelta(0) <= took <= LONGEST_LOOK:
        return None
    return to_milliseconds(before + took / 2) - there


def _now(connection: Connection) -> int:
    """Milliseconds by the clock of the database."""
    return int(connection.execute(_ALONE_NOW if _alone(connection) else _NOW).scalar_one())


def _alone(connection: Connection) -> bool:
    """Whether no other process can be at work on the database."""
    return connection.dialect.name == "sqlite"


def _living(connection: Connection, topic: str, now: datetime) -> int:
    """How many processes work at the topic; we are one of them."""
    if _alone(connection):
        return 1
    present = leases.c.name.startswith(f"{topic}/", autoescape=True)
    query = select(func.count()).select_from(leases).where(present, leases.c.until >= now)
    return int(connection.execute(query).scalar_one())


def _take(connection: Connection, name: str, holder: str, until: datetime, now: datetime) -> bool:
    """Take a lease unless it is another's; whether it is ours now."""
    ours: ColumnElement[bool] = or_(leases.c.holder == holder, leases.c.until < now)
    values = {"holder": holder, "until": until}
    taking = (
        insert_into(connection, leases)
        .values(name=name, **values)
        .on_conflict_do_update(
            index_elements=[leases.c.name],
            set_=values,
            where=true() if _alone(connection) else ours,
        )
        .returning(leases.c.name)
    )
    return connection.execute(taking).first() is not None
