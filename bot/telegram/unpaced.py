"""Requests that no limit counts (answering a tap, a menu), made while nobody waits for them.

Whoever asks for one goes on at once: a person's next tap is not held up by the answer to the last,
and a server that does not answer holds up nobody's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

from bot.telegram.bot_api import BotApi
from bot.telegram.failures import OutcomeKind

log = logging.getLogger(__name__)

MOST_AT_ONCE = 256
"""Requests that wait for their answer at once; more wait for one of them to end. Telegram may be
0.3 s away: 500 taps a second have 150 under way."""

TRIES = 3
REST_SECONDS = 1.0
FINISH_SECONDS = 2.0


class UnpacedRequests:
    """Makes the requests of one bot, in the order they were asked for. For one event loop."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._waiting: deque[tuple[str, Mapping[str, Any]]] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether any has not been made yet."""
        return bool(self._senders)

    def make(self, method: str, payload: Mapping[str, Any]) -> None:
        """Have a request made as soon as may be; tried again when the network fails."""
        self._waiting.append((method, payload))
        if len(self._senders) < MOST_AT_ONCE:
            sender = asyncio.get_running_loop().create_task(self._send())
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    async def finish(self) -> None:
        """Wait a moment for those that are under way: we are stopping."""
        if self._senders:
            await asyncio.wait(self._senders, timeout=FINISH_SECONDS)
        for sender in self._senders:
            sender.cancel()

    async def _send(self) -> None:
        """One after another: a task for each request would cost a tenth of its CPU."""
        while self._waiting:
            method, payload = self._waiting.popleft()
            try:
                await self._until_answered(method, payload)
            except Exception:
                log.exception("%s was not made", method)

    async def _until_answered(self, method: str, payload: Mapping[str, Any]) -> None:
        for attempt in range(1, TRIES + 1):
            outcome = await self._api.call(method, payload)
            if outcome.kind not in (OutcomeKind.TEMPORARY, OutcomeKind.UNCERTAIN):
                break
            if attempt < TRIES:
                await asyncio.sleep(outcome.retry_after or REST_SECONDS)
        if not outcome.ok:
            log.info("%s: %s %s", method, outcome.kind.value, outcome.description)
