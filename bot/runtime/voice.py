"""How the handlers of one bot speak, wherever its dispatcher runs.

Where this process holds the bot's pace, a reply goes straight to its dispatcher. Otherwise it is
committed to the outbox, and the process that holds the pace sends it: one token, one pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Kind, Outcome
from data.database import Database


class Voice:
    """``bot.runtime.services.Sender`` of one bot."""

    def __init__(self, database: Database, api: BotApi, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        self.dispatcher: Dispatcher | None = None

    async def say(
        self, method: str, payload: Mapping[str, Any], chat_id: int, lane: Lane = Lane.ANSWER
    ) -> Outcome:
        """Make a request in turn; one handed to another process counts as sent, without an id.

        :raises StoreError: when it could not be handed over.
        """
        if self.dispatcher is not None:
            return await self.dispatcher.say(method, payload, chat_id, lane)
        bot_id, now = int(self._api.bot_id), self._clock()
        await asyncio.wrap_future(
            self._database.write(
                lambda c: outbox_store.relay(c, bot_id, method, payload, chat_id, lane, now)
            )
        )
        return Outcome(Kind.SENT)

    async def at_once(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        """Make a request that no limit counts (answering a tap), without waiting in turn."""
        return await self._api.call(method, payload)
