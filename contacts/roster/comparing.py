"""Comparing a file with what is stored while others go on writing; then writing what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
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


REST = 0.05
"""Seconds between two pieces, at least (ours); as long as the last one took, if that is longer."""


def write_in_pieces(
    database: Database,
    compare: Callable[[Connection], R],
    pieces: Callable[[R], Iterable[Callable[[Connection], None]]],
    rest: Callable[[float], None] = time.sleep,
    concerned: tuple[str, ...] = (),
) -> R:
    """Compare while others go on writing; then write a piece at a time, others between them.

    For imports whose every piece is right by itself, and that do nothing where they have been done:
    one that is killed is made again, and goes on where it was. What somebody else changes meanwhile
    is compared anew before the next piece.

    :param pieces: what the report is written by; each enters what it does in the trail.
    :param rest: lets others write for so many seconds.
    :param concerned: what else must not have changed, as the trail names it.
    :returns: the first report; the last one, where that says that the rest is not to be written.
    """

    def reading(connection: Connection) -> tuple[int, R]:
        return audit.length(connection), compare(connection)

    length, first = database.read(reading)
    report = first
    while report.written:
        for piece in pieces(report):
            began = time.monotonic()
            after = database.do(
                partial(_one, piece=piece, length=length, concerned=_CONCERNED + concerned)
            )
            if after is None:
                break
            length = after
            rest(max(REST, time.monotonic() - began))
        else:
            return first
        length, report = database.read(reading)
    return first if first.written and not _stopped(report) else report


def _one(
    connection: Connection,
    piece: Callable[[Connection], None],
    length: int,
    concerned: tuple[str, ...],
) -> int | None:
    """Write a piece; how long the trail is then. ``None``: somebody else wrote, and it is not."""
    if audit.entries_about(connection, length, concerned):
        return None
    piece(connection)
    return audit.length(connection)


def _stopped(report: AnyReport) -> bool:
    return bool(getattr(report, "stopped", False))
