"""Moving what is long over into the history, a chunk at a time, beside a bot that is running.

Every chunk is copied in one transaction and removed in another. A run that was killed, or that met
a full disk, is simply begun again: what was copied is copied anew, what was removed is gone.

First alert by alert its deliveries, cards and calls; then deliveries of no alert; then the entries
of the trail, whose last ones stay. The alerts themselves stay in the live table, with what they
said, who sent them and how they ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from alerts.history import store
from alerts.history.store import Chunk, OldAlert
from contacts import proof_store
from data import audit, history, trail_marks
from data.audit import Entry
from data.database import Connection, Database, sqlite_path
from data.errors import NotFound, StoreUnwritable
from data.history import HistoryProblem
from data.tables.alerts import calls, cards, deliveries

T = TypeVar("T")

CHUNK = 2000
"""Rows moved in one transaction: some hundredths of a second, in which no tap is recorded."""


@dataclass(slots=True)
class Archived:
    """How much a run moved."""

    alerts: int = 0
    calls: int = 0
    cards: int = 0
    reports: int = 0
    help_requests: int = 0
    call_posts: int = 0
    left_out_posts: int = 0
    channel_deliveries: int = 0
    withdrawn_answers: int = 0
    household_moves: int = 0
    deliveries: int = 0
    entries: int = 0

    @property
    def rows(self) -> int:
        """All of it."""
        of_calls = self.calls + self.reports + self.help_requests + self.call_posts
        of_calls += self.left_out_posts + self.channel_deliveries
        of_calls += self.withdrawn_answers + self.household_moves
        return of_calls + self.cards + self.deliveries + self.entries


class Archiving:
    """One run: everything that was over before a date.

    :param database: written to by this run only; the bot has one of its own.
    :param rest: called with the number of rows moved so far after each chunk: to let others write.
    :param new: begin another history file where the old one is gone.
    """

    def __init__(
        self,
        database: Database,
        before: datetime,
        now: datetime,
        *,
        chunk: int = CHUNK,
        rest: Callable[[int], None] = lambda _moved: None,
        new: bool = False,
    ) -> None:
        self._database = database
        self._before, self._now = before, now
        self._chunk, self._rest, self._new = chunk, rest, new
        file = sqlite_path(database.url)
        self._file = None if file is None else history.history_file(file)
        self._months: set[int] = set()
        self.moved = Archived()

    def run(self) -> Archived:
        """Move everything there is to move.

        :raises NotFound: there is a history, but its file is not here (``AWAY``).
        :raises StoreUnwritable: the history cannot be written, or does not hold what was written.
        :raises Conflict: the trail is broken (``BROKEN_TRAIL``).
        """
        self._write(self._prepare)
        old = partial(store.old_alerts, before=self._before)
        found = self._database.read(partial(old, after_id=0))
        while found:
            for alert in found:
                self._move_alert(alert)
            found = self._database.read(partial(old, after_id=found[-1].id))
        self._move_deliveries()
        self._move_entries()
        if self.moved.rows:
            self._write(self._enter)
        return self.moved

    def _write(self, unit: Callable[[Connection], T]) -> T:
        try:
            return self._database.do(unit)
        except StoreUnwritable as error:
            if self._file is not None and not self._file.exists():
                # Deleted under the run: SQLite calls that "read-only".
                raise NotFound(HistoryProblem.AWAY, file=self._file.name) from error
            raise

    def _prepare(self, connection: Connection) -> None:
        if not history.attach(connection) and not self._new and anything_archived(connection):
            raise NotFound(HistoryProblem.AWAY, file=history.history_name(connection))
        history.prepare(connection)
        history.require_in_place(connection)

    def _move_alert(self, alert: OldAlert) -> None:
        rows = partial(store.rows_of_alert, alert=alert, limit=self._chunk)
        while chunk := self._next(partial(rows, table=deliveries, after_key=0)):
            self._move(chunk)
        if not alert.archived:
            # Whole before it is read there; nothing of it changes any more.
            for table in (calls, cards, *store.OF_CALLS):
                self._copy_all(partial(rows, table=table))
            self._write(partial(self._mark_archived, alert=alert))
            self.moved.alerts += 1
        for table in store.OF_CALLS:
            while chunk := self._next(partial(rows, table=table, after_key=0)):
                self._move(chunk)
        while chunk := self._next(partial(store.last_calls, alert=alert, limit=self._chunk)):
            # Check tells of each person when they last answered, however long ago.
            self._write(partial(proof_store.keep, call_ids=chunk.keys))
            self._move(chunk)
        if chunk := self._next(partial(rows, table=cards, after_key=0)):
            self._move(chunk)

    def _mark_archived(self, connection: Connection, alert: OldAlert) -> None:
        store.mark_archived(connection, alert.id, self._now)
        entry = Entry("alert.archived", f"alert:{alert.id}", None, {"month": alert.month})
        audit.append(connection, self._now, [entry])

    def _copy_all(self, rows: partial[Chunk]) -> None:
        last = 0
        while chunk := self._next(partial(rows, after_key=last)):
            self._copy(chunk)
            last = chunk.keys[-1]
            self._rest(self.moved.rows)

    def _move_deliveries(self) -> None:
        old = partial(store.old_deliveries, before=self._before, limit=self._chunk)
        chunks, last = self._database.read(partial(old, after_id=0))
        while last is not None:
            for chunk in chunks:
                self._move(chunk)
            chunks, last = self._database.read(partial(old, after_id=last))

    def _move_entries(self) -> None:
        old = partial(store.old_entries, before=self._before, limit=self._chunk)
        while chunk := self._database.read(old):
            self._copy(chunk)
            remove = partial(store.remove_entries, chunk=chunk, now=self._now)
            self.moved.entries += self._write(remove)
            self._rest(self.moved.rows)

    def _next(self, query: Callable[[Connection], Chunk]) -> Chunk | None:
        chunk = self._database.read(query)
        return chunk if chunk.keys else None

    def _move(self, chunk: Chunk) -> None:
        self._copy(chunk)
        removed = self._write(partial(store.remove, chunk=chunk))
        name = chunk.table.name
        setattr(self.moved, name, getattr(self.moved, name) + removed)
        self._rest(self.moved.rows)

    def _copy(self, chunk: Chunk) -> None:
        def unit(connection: Connection) -> None:
            if chunk.month not in self._months:
                history.ensure_month(connection, chunk.month)
            store.copy(connection, chunk)

        self._write(unit)
        self._months.add(chunk.month)

    def _enter(self, connection: Connection) -> None:
        detail: dict[str, Any] = {
            "before": self._before.date().isoformat(),
            "alerts": self.moved.alerts,
            "calls": self.moved.calls,
            "deliveries": self.moved.deliveries,
            "entries": self.moved.entries,
        }
        entry = Entry("store.archived", "store", None, detail)
        audit.append(connection, self._now, [entry])


def anything_archived(connection: Connection) -> bool:
    """Whether there must be a history."""
    return trail_marks.newest(connection) is not None or store.any_alert_archived(connection)
