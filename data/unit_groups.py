"""Several units of work in one transaction, each of which may fail without harming the others.

A unit that fails takes back only what it did itself. One that has written nothing has nothing to
take back: most refusals end so. Before the first thing a unit writes, a savepoint is set.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from data.driver_errors import translated
from data.errors import RuleBroken, StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")
Unit = Callable[[Connection], T]

LONGEST_SECONDS = 0.1
"""After so long a group is committed, and what has not run yet goes into the next: those whose
units are done must not wait for all that follow a long one."""

_GROUP = "group"
_CHANGES_NOTHING = ("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Outcome(NamedTuple):
    """What a unit returned, or the error it failed with."""

    result: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class Group:
    """How far a transaction has come; kept in ``connection.info`` while it runs.

    :ivar shared: several units: one that fails must leave the others' work as it is.
    :ivar signals: what the units signalled.
    :ivar notes: what ``data`` itself keeps for the transaction, such as the end of the trail; a
        failed unit's notes go with it.
    """

    shared: bool
    signals: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    wrote: bool = False  # the group
    unit_wrote: bool = False
    saved: bool = False  # a savepoint is set


def signal(connection: Connection, word: str) -> None:
    """Tell the watchers of every process ``word`` once the running unit has been committed."""
    group_of(connection).signals.add(word)


def group_of(connection: Connection) -> Group:
    """The group that runs on the connection; one of its own where there is none, as in tests."""
    found: Group = connection.info.setdefault(_GROUP, Group(shared=False))
    return found


def begin_group(connection: Connection, *, shared: bool) -> Group:
    """A new transaction begins on the connection."""
    group = connection.info[_GROUP] = Group(shared)
    return group


def forget_group(connection: Connection) -> None:
    """The last transaction is over, whatever ended it: its savepoints are gone."""
    connection.info.pop(_GROUP, None)


def note_writes(engine: Engine) -> None:
    """Have a savepoint set before each unit's first change on this engine."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        group: Group | None = connection.info.get(_GROUP)
        if group is None or group.unit_wrote or statement.startswith(_CHANGES_NOTHING):
            return
        if group.shared:
            if group.saved:
                connection.exec_driver_sql("RELEASE SAVEPOINT unit")
            connection.exec_driver_sql("SAVEPOINT unit")
            group.saved = True
        group.wrote = group.unit_wrote = True


def run_units(connection: Connection, units: Sequence[Unit[Any]], group: Group) -> list[Outcome]:
    """Run the units one after the other; one that failed has changed nothing.

    Fewer outcomes than units: the rest has not run, because these took long.

    :raises Exception: what takes the whole transaction with it.
    """
    outcomes: list[Outcome] = []
    until = time.monotonic() + LONGEST_SECONDS
    for unit in units:
        if outcomes and time.monotonic() > until:
            break
        signals, notes = set(group.signals), dict(group.notes)
        group.unit_wrote = False
        try:
            outcomes.append(Outcome(unit(connection)))
        except Exception as error:
            if not group.shared or _ends_transaction(error, group):
                raise
            if group.unit_wrote:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
            group.signals, group.notes = signals, notes
            outcomes.append(Outcome(error=told(error)))
    return outcomes


def _ends_transaction(error: Exception, group: Group) -> bool:
    """Whether no savepoint helps: the database is busy or gone, or there is no savepoint."""
    if not isinstance(error, DBAPIError):
        return False
    return not group.unit_wrote or isinstance(translated(error), StoreError)


def told(error: Exception) -> Exception:
    """The error as it is told to whoever asked."""
    meant = translated(error)
    if meant is error or not isinstance(meant, Exception):
        return error
    if isinstance(meant, RuleBroken):
        log.error("the database refused a row: %s", meant.facts["rule"])
    meant.__cause__ = error
    return meant


def failed(connection: Connection) -> bool:
    """Whether nothing of the transaction can be committed: PostgreSQL would roll back and say so
    to nobody, if a unit caught an error of the database and went on."""
    if connection.dialect.name == "sqlite":
        return False
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status.name == "INERROR")
