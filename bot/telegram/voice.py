"""How the handlers of one bot speak, wherever its messages are sent from.

Where this process holds the bot's pace, a reply goes straight to its dispatcher. Otherwise it is
committed to the outbox, and the process that holds the pace sends it: one token, one pace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from bot.services.async_database import AsyncDatabase
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.outgoing import Request, reply_of


class Voice:
    """One bot as its handlers know it: its id, its name, and how to say something through it."""

    def __init__(self, database: AsyncDatabase, api: BotApi, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        self.bot_id = int(api.bot_id)
        self.username = ""  # without @; known once Telegram has told it
        self.dispatcher: Dispatcher | None = None  # while this process sends for the bot

    async def say(
        self, method: str, payload: Mapping[str, Any], chat_id: int, lane: Lane = Lane.ANSWER
    ) -> Outcome:
        """As ``make``, of a method and its parameters."""
        return await self.make(Request(method, orjson.dumps(payload)), chat_id, lane)

    async def make(self, request: Request, chat_id: int, lane: Lane = Lane.ANSWER) -> Outcome:
        """Make a request when its turn comes; one that another process will make counts as sent.

        The outcome of such a request has no message id.

        :raises StoreError: when it could not be handed over.
        """
        if self.dispatcher is not None:
            return await self.dispatcher.make(request, chat_id, lane)
        reply, now = reply_of(request), self._clock()
        await self._database.run(
            lambda c: outbox_store.relay(c, self.bot_id, reply, chat_id, lane, now)
        )
        return Outcome(OutcomeKind.SENT)

    async def at_once(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        """Make a request that no limit counts (answering a tap), without waiting in turn."""
        return await self._api.call(method, payload)
