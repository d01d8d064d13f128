"""What somebody does who holds the database: change the trail without its guard."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from data.database import Database

_TRIGGERS = text(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"
)


def tamper(database: Database, change: Callable[[Connection], object]) -> None:
    """Make a change of the trail that the database would refuse; the guard is there again then."""

    def unit(connection: Connection) -> None:
        if not database.is_sqlite:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
            change(connection)
            connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER USER")
            return
        triggers = connection.execute(_TRIGGERS).all()
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        change(connection)
        for trigger in triggers:
            connection.exec_driver_sql(trigger.sql)

    database.do(unit)
