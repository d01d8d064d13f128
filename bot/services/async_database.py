"""The database as the event loop uses it: ``await run(unit)`` changes, ``await ask(query)`` reads.

``data.database`` knows threads and futures, not asyncio; this is the one place where they meet.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from data.database import Database, Unit

T = TypeVar("T")

LONGEST_REST = 10.0
"""Seconds between two tries of what is never given up while the database does not answer: a second
at first, a second longer each time."""


class AsyncDatabase:
    """One database, with threads of its own to read in. Close it when done.

    Make one for each kind of work that must not wait for another's reads: a monitor that asks for
    figures must not hold up a tap. All of them share the database's one writer.

    :param blocking: the database itself, open; also for what runs in a thread by itself. It stays
        open when this is closed.
    :param readers: how many questions are answered at once.
    :param name: of the threads.
    """

    def __init__(self, blocking: Database, *, readers: int, name: str) -> None:
        self.blocking = blocking
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix=name)

    async def run(self, unit: Unit[T], *, beside: bool = False) -> T:
        """What ``unit`` returned, after its commit. It may run twice: see ``data.database``.

        :param beside: as in ``Database.write``.
        :raises StoreError: when it could not be committed.
        """
        return await asyncio.wrap_future(self.blocking.write(unit, beside=beside))

    async def ask(self, query: Unit[T]) -> T:
        """The answer to ``query``, read in a thread of ours.

        :raises StoreError: when the database could not be read.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.blocking.read, query)

    def close(self) -> None:
        """Let the reading threads go; none is waited for."""
        self._readers.shutdown(wait=False)
