"""Work done a chunk at a time: what fails in it is found and set aside, and the rest goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from bot.services.async_database import AsyncDatabase
from data import set_aside
from data.database import Connection
from data.errors import StoreError
from data.set_aside import DueColumn

log = logging.getLogger(__name__)

MOST_SET_ASIDE = 20
"""Rows set aside in one look: when more fail, it is no row's fault (ours)."""

Row = TypeVar("Row")

Chunk = Callable[[Connection, datetime, int], int]
"""Does what is due, at most so many of it; says how many."""

SetHeadAside = Callable[[Connection, datetime, Exception], bool]
"""Sets aside what a chunk of one would do; says whether there was anything."""


def of_column(rows: DueColumn) -> SetHeadAside:
    """The row that is due first is put off."""
    return lambda connection, now, error: set_aside.set_head_aside(connection, rows, now, error)


async def in_chunks(
    database: AsyncDatabase,
    now: datetime,
    chunk: Chunk,
    largest: int,
    set_head_aside: SetHeadAside,
    *,
    rest_seconds: float = 0.0,
) -> None:
    """Do chunk after chunk until there is nothing more; a tap's transaction gets its turn between.

    A chunk that fails is halved, until the one row is found that fails alone: it is set aside.

    :raises Exception: what went wrong, when it is the fault of no row.
    """
    limit, bad = largest, 0
    while True:
        size = limit
        try:
            done = await database.run(lambda c, size=size: chunk(c, now, size))  # type: ignore[misc]
        except StoreError:
            raise
        except Exception as failure:
            if limit > 1:
                limit //= 2
                continue
            bad += 1
            error = failure
            log.exception("set aside, the rest goes on")
            found = await database.run(lambda c, error=error: set_head_aside(c, now, error))  # type: ignore[misc]
            if not found or bad >= MOST_SET_ASIDE:
                raise
        else:
            if not done:
                return
            limit = min(largest, 2 * limit)
        await asyncio.sleep(rest_seconds)


async def each_alone(
    database: AsyncDatabase,
    now: datetime,
    topic: str,
    rows: Iterable[Row],
    unit: Callable[[Connection, Row], object],
) -> None:
    """One unit for each row; one that fails is set aside, and holds up no other."""
    rows = list(rows)
    waiting = await database.ask(lambda c: set_aside.waiting(c, topic, now)) if rows else set()
    for row in rows:
        if str(row) in waiting:
            continue
        try:
            await database.run(lambda c, row=row: unit(c, row))  # type: ignore[misc]
        except StoreError:
            raise
        except Exception as failure:
            error = failure
            log.exception("%s %s set aside, the rest goes on", topic, row)
            await database.run(
                lambda c, row=row, error=error: set_aside.note(c, topic, row, error, now)  # type: ignore[misc]
            )


async def all_set_aside(
    database: AsyncDatabase, now: datetime, topic: str, failed: Mapping[int, Exception]
) -> None:
    """Set aside the rows that could not be read, for them to be told; no more than once a while."""
    waiting = await database.ask(lambda c: set_aside.waiting(c, topic, now)) if failed else set()
    fresh = {row: error for row, error in failed.items() if str(row) not in waiting}
    if not fresh:
        return
    log.error("%s %s set aside, the rest goes on", topic, ", ".join(map(str, fresh)))

    def unit(connection: Connection) -> None:
        for row, error in fresh.items():
            set_aside.note(connection, topic, row, error, now)

    await database.run(unit)


async def each_of(*works: Callable[[], Awaitable[None]]) -> None:
    """Do one after the other, also when one fails.

    :raises Exception: the first that went wrong, when all had their turn.
    """
    first: Exception | None = None
    for work in works:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - it is raised below
            first = first or error
    if first is not None:
        raise first
