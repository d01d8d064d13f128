"""Comparing a file with what is stored while others go on writing; then writing what it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from data import audit
from data.database import Connection, Database, allow_long


class AnyReport(Protocol):
    """What an import did, or would do, whatever it imports."""

    @property
    def written(self) -> bool:
        """Whether the database is changed by it."""


R = TypeVar("R", bound=AnyReport)


_CONCERNED = tuple(
    (
        "person: group: division: place: zone: station: evacuation_card: roster season heat_source"
    ).split()
)
"""What the trail's entries about anything that files bring are about."""


def compare_then_write(
    database: Database,
    compare: Callable[[Connection], R],
    write: Callable[[Connection, R], R],
    prepare: Callable[[R], int] = lambda _report: 0,
) -> R:
    """Compare while others go on writing; then write, if that would change anything.

    :param compare: reads, and returns what an import would do. It is asked again in the writing
        transaction when anything that concerns it was changed in between.
    :param write: does what the report says, and returns what it did.
    :param prepare: does beforehand what can be done in transactions of its own; returns how many
        such changes it made itself.
    """

    def reading(connection: Connection) -> tuple[int, R]:
        return audit.length(connection), compare(connection)

    length, report = database.read(reading)
    if not report.written:
        return report
    prepared = prepare(report)

    def writing(connection: Connection) -> R:
        allow_long(connection)
        undisturbed = audit.entries_about(connection, length, _CONCERNED) == prepared
        latest = report if undisturbed else compare(connection)
        return write(connection, latest) if latest.written else latest

    return database.do(writing)
