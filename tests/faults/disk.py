"""A disk that can be filled up or made read-only, and freed again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from data.database import Connection, Database


class Disk:
    """Makes SQLite's writer fail as on a full or read-only disk, without a small disk or root."""

    def __init__(self, database: Database) -> None:
        self.room = True
        self.fault = ""
        event.listen(database.engine, "begin", self._begin)
        # A read-only connection cannot even begin the transaction that would mend it.
        event.listen(database.engine, "checkout", self._taken)

    def _begin(self, connection: Connection) -> None:
        if self.fault:
            connection.exec_driver_sql(self._switch)

    def _taken(self, driver: Any, _record: Any, _proxy: Any) -> None:
        if self.fault:
            driver.execute(self._switch)

    @property
    def _switch(self) -> str:
        if self.fault == "full":
            # Fewer pages than there are: SQLite takes it as "not one page more".
            return f"PRAGMA max_page_count={1_000_000_000 if self.room else 1}"
        return f"PRAGMA query_only={'OFF' if self.room else 'ON'}"

    def fails(self, fault: str) -> None:
        self.room, self.fault = False, fault
