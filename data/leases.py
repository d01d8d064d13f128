"""Leases: rows that say which process does what only one may do at a time.

A lease must be renewed; when it is not, it passes on to another process.

The clock is the database's, so that machines whose clocks differ agree. With SQLite one process
runs at a time (it holds a file lock), so a lease of another holder is a dead process's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import Connection, delete, insert, select, text, update

from data.tables.columns import from_milliseconds, to_milliseconds
from data.tables.running import leases

_NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a holder has after asking.

    ``gained`` is new and may have been another's; ``surplus`` is more than its share: to be let go
    as soon as what it does for it has ended.
    """

    held: frozenset[str]
    gained: frozenset[str] = frozenset()
    surplus: frozenset[str] = frozenset()


def renew(
    connection: Connection, holder: str, topic: str, names: Sequence[str], seconds: float
) -> Renewed:
    """Hold on to what is ours of ``names``, and take what is free, up to a fair share.

    :param topic: holders of the same topic (``dispatch``) share its names evenly.
    :param seconds: how long a lease lasts unless it is renewed.
    """
    now = _now(connection)
    until = from_milliseconds(now + int(seconds * 1000))
    presence = f"{topic}/{holder}"
    _put(connection, presence, holder, until)
    rows = connection.execute(select(leases).where(leases.c.name.startswith(topic))).all()
    alone = connection.dialect.name == "sqlite"
    living = {row.name: row.holder for row in rows if to_milliseconds(row.until) >= now}
    if alone:
        living = {name: who for name, who in living.items() if who == holder}
    processes = sum(1 for name in living if "/" in name)
    share = ceil(len(names) / max(1, processes))
    mine = [name for name in names if living.get(name) == holder]
    free = [name for name in names if name not in living]
    gained = free[: max(0, share - len(mine))]
    for name in (*mine, *gained):
        _put(connection, name, holder, until)
    return Renewed(frozenset((*mine, *gained)), frozenset(gained), frozenset(mine[share:]))


def let_go(connection: Connection, holder: str, names: Collection[str]) -> None:
    """Free these leases, if they are the holder's."""
    connection.execute(
        delete(leases).where(leases.c.holder == holder, leases.c.name.in_(list(names)))
    )


def let_go_all(connection: Connection, holder: str) -> None:
    """The holder is leaving."""
    connection.execute(delete(leases).where(leases.c.holder == holder))


def holders(connection: Connection) -> dict[str, str]:
    """Who holds what, of the living."""
    now = from_milliseconds(_now(connection))
    query = select(leases.c.name, leases.c.holder).where(leases.c.until >= now)
    rows = connection.execute(query).tuples().all()
    return dict(rows)


def _now(connection: Connection) -> int:
    """Milliseconds by the clock of the database."""
    if connection.dialect.name == "sqlite":
        return int(
            connection.execute(
                text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
            ).scalar_one()
        )
    return int(connection.execute(_NOW).scalar_one())


def _put(connection: Connection, name: str, holder: str, until: datetime) -> None:
    values = {"holder": holder, "until": until}
    changed = connection.execute(update(leases).where(leases.c.name == name).values(values))
    if not changed.rowcount:
        connection.execute(insert(leases).values(name=name, **values))
