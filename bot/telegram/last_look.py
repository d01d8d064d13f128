"""Asks once more, just before it leaves, what a delivery says and whether it is still true.

Cards and lists say how things stand when they leave. What was held for long, because its chat or
the whole bot had to wait, may have been answered, cancelled or taken over meanwhile. Many are asked
about at once: while one question is under way, the next ones gather.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from alerts.outbox.deliveries import Delivery
from alerts.rules import Rules
from alerts.sending import still_true
from bot.services.async_database import AsyncDatabase
from bot.telegram.outgoing import Rendered, Renderer, render_each
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

REST_SECONDS = 1.0
"""Between two tries to read a database that is out."""

MOST_TRIES = 2
"""Looks at a delivery that end in an error of the database, before it counts as the delivery's."""

Look = Callable[[Connection, Sequence[Delivery]], list[Rendered]]


class LastLook:
    """The last look of one dispatcher at what it is about to send."""

    def __init__(
        self,
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        render: Renderer,
        rules: Rules | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._render = render
        self._rules = {} if rules is None else {"rules": rules}
        self._asked: list[tuple[Delivery, asyncio.Future[Rendered]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def at(self, delivery: Delivery) -> Rendered:
        """What a claimed delivery says now."""
        answer: asyncio.Future[Rendered] = asyncio.get_running_loop().create_future()
        self._asked.append((delivery, answer))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        return await answer

    async def rendered(self, deliveries: Sequence[Delivery]) -> list[Rendered]:
        """What these say now, true or not."""
        return await self._found(partial(render_each, self._render), deliveries)

    async def _look(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, []
            found = await self._found(self._now, [delivery for delivery, _ in asked])
            for (_, answer), rendered in zip(asked, found, strict=True):
                if not answer.done():
                    answer.set_result(rendered)

    def _now(self, connection: Connection, deliveries: Sequence[Delivery]) -> list[Rendered]:
        true = still_true(connection, deliveries, self._clock(), **self._rules)
        still = [delivery for delivery in deliveries if delivery.id in true]
        rendered = iter(render_each(self._render, connection, still))
        return [next(rendered) if delivery.id in true else None for delivery in deliveries]

    async def _found(self, look: Look, deliveries: Sequence[Delivery]) -> list[Rendered]:
        """What ``look`` finds; a delivery that it fails for does not stop the others.

        A database that is out is waited for.
        """
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                return await self._read(look, deliveries)
            except Exception as error:
                if len(deliveries) == 1 and not tries_left:
                    log.exception("delivery %s cannot be looked at", deliveries[0].id)
                    return [error]
            if len(deliveries) > 1:
                break
            await asyncio.sleep(REST_SECONDS)
        return [
            rendered for delivery in deliveries for rendered in await self._found(look, [delivery])
        ]

    async def _read(self, look: Look, deliveries: Sequence[Delivery]) -> list[Rendered]:
        while True:
            try:
                return await self._database.ask(lambda c: look(c, deliveries))
            except StoreError as error:
                log.warning("deliveries wait to be rendered: %s", error)
                await asyncio.sleep(REST_SECONDS)
