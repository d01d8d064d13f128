"""Writes down what became of the requests, many in one transaction.

A request's slot is given back only when its outcome is on disk: that bounds the duplicates after a
crash by the number of slots.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from alerts.outbox.deliveries import Attempt
from alerts.rules import Rules
from alerts.sending import record, set_aside
from bot.services.async_database import AsyncDatabase
from bot.telegram.slots import Slots
from data.errors import StoreError

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0

MOST_TRIES = 2
"""Tries to write down what came of one delivery, before it is set aside."""

GATHER_SECONDS = 0.05
"""How long an outcome waits for others: one transaction for many costs a fraction."""


class Recorder:
    """Collects outcomes and writes them into the outbox, many at a time."""

    def __init__(
        self,
        database: AsyncDatabase,
        rules: Rules,
        clock: Callable[[], datetime],
        slots: Slots,
        *,
        full: int,
    ) -> None:
        """``full``: so many outcomes wait for no more, or too many slots would stand idle."""
        self._full = full
        self._database = database
        self._rules = rules
        self._clock = clock
        self._slots = slots
        self._waiting: list[tuple[Attempt, bool]] = []
        self.claimed: set[int] = set()  # deliveries of ours whose outcome is not on disk
        self._added = asyncio.Event()
        self._writing = False

    @property
    def busy(self) -> bool:
        """Whether any outcome is not on disk yet."""
        return self._writing or bool(self._waiting)

    def add(self, attempt: Attempt, *, holds_slot: bool = True) -> None:
        """Have an outcome written; ``holds_slot``: it was sent, and its slot is still taken."""
        self._waiting.append((attempt, holds_slot))
        self._added.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._added.wait()
            if len(self._waiting) < self._full:
                await asyncio.sleep(GATHER_SECONDS)
            self._added.clear()
            await self.flush()

    async def flush(self) -> None:
        """Write what waits now, trying until it is written."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        self._writing = True
        try:
            await self._write([attempt for attempt, _ in batch])
        finally:
            self._writing = False
        self.claimed.difference_update(attempt.delivery.id for attempt, _ in batch)
        for _, holds_slot in batch:
            if holds_slot:
                self._slots.give_back()

    async def _write(self, attempts: list[Attempt]) -> None:
        tries = 0
        while True:
            try:
                await self._database.run(lambda c: record(c, attempts, self._rules, self._clock()))
            except StoreError as error:
                log.warning("%d outcomes wait for the database: %s", len(attempts), error)
            except Exception:
                log.exception("what came of %d deliveries cannot be written down", len(attempts))
                tries += 1
                if len(attempts) > 1 or tries == MOST_TRIES:
                    await self._write_each(attempts)
                    return
            else:
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _write_each(self, attempts: list[Attempt]) -> None:
        """One of them cannot be written down, because of a bug: set it aside, write the others."""
        if len(attempts) > 1:
            for attempt in attempts:
                await self._write([attempt])
            return
        [attempt] = attempts
        log.error("delivery %s is set aside: %s", attempt.delivery.id, attempt.result.value)
        try:
            await self._database.run(lambda c: set_aside(c, attempt, self._clock()))
        except Exception:
            log.exception("delivery %s cannot even be set aside", attempt.delivery.id)
