"""A limited number of slots: one task may wait for one, others take one only if it is free."""

from __future__ import annotations

import asyncio


class Slots:
    """A cheap semaphore of one event loop, which can be asked without waiting."""

    __slots__ = ("_free", "_waiter")

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiter: asyncio.Future[None] | None = None

    def take_at_once(self) -> bool:
        """Take one if there is one."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take one, waiting for it. Only one task may wait."""
        while not self.take_at_once():
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def give_back(self) -> None:
        """One is free again."""
        self._free += 1
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
