"""How the handlers of one bot speak, wherever its messages are sent from.

What is said to a chat is committed to the outbox, where it survives a kill, waits for its turn in
the pace and is sent by whichever process sends for the bot; nobody waits for it. A tap is answered
by this process, at once: no limit counts that. While the database does not answer, whoever asks
is told so without it, if this process sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.outgoing import Request, reply_of
from bot.telegram.unpaced import UnpacedRequests
from data.database import Connection

LONGEST_TOAST = 200  # characters, Telegram's limit for the answer to a tap


class Voice:
    """One bot as its handlers know it: its id, its name, and how to say something through it."""

    def __init__(self, api: BotApi, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._api = api
        self._unpaced = UnpacedRequests(api)
        self._told: set[asyncio.Task[Any]] = set()
        self.bot_id = int(api.bot_id)
        self.username = ""  # without @; known once Telegram has told it
        self.dispatcher: Dispatcher | None = None  # while this process sends for the bot

    @property
    def busy(self) -> bool:
        """Whether anything is still being said that is not in the outbox."""
        return self._unpaced.busy or bool(self._told)

    def will_make(
        self,
        connection: Connection,
        request: Request,
        chat_id: int,
        lane: Lane = Lane.ANSWER,
        about: tuple[int, int | None] | None = None,
        language: str = "zh",
    ) -> None:
        """Queue a reply in the running unit: it is made if that is committed, when its turn comes.

        Of several edits of one message that wait, only the newest is made.

        :param about: the alert and the call that the message is about; no call: it is the alert's
            progress card.
        """
        reply, now = reply_of(request), self._clock()
        outbox_store.relay(
            connection, self.bot_id, reply, chat_id, lane, now, about=about, language=language
        )

    def toast(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a tap: a passing line, or with ``alert`` a box to be closed. Nothing waits."""
        answer: dict[str, Any] = {"callback_query_id": query_id}
        if text:
            answer["text"] = text if len(text) <= LONGEST_TOAST else text[: LONGEST_TOAST - 1] + "…"
        if alert:
            answer["show_alert"] = True
        self._unpaced.make("answerCallbackQuery", answer)

    def ask_for(self, method: str, payload: Mapping[str, Any]) -> None:
        """Have a request made that no limit counts, such as a menu's. Nothing waits for it."""
        self._unpaced.make(method, payload)

    def tell_without_store(self, payload: Mapping[str, Any], chat_id: int) -> None:
        """Send a message that cannot be committed: the database does not answer."""
        telling = asyncio.get_running_loop().create_task(self.say("sendMessage", payload, chat_id))
        self._told.add(telling)
        telling.add_done_callback(self._told.discard)

    async def file(self, file_id: str, most_bytes: int) -> bytes | Outcome:
        """What a file holds that this bot was given; an outcome says why it cannot be had."""
        path = await self._api.file_path(file_id, most_bytes)
        if isinstance(path, Outcome):
            return path
        content = bytearray()
        outcome = await self._api.download(path, content.extend, most_bytes)
        return bytes(content) if outcome.ok else outcome

    async def say(
        self, method: str, payload: Mapping[str, Any], chat_id: int, lane: Lane = Lane.ANSWER
    ) -> Outcome:
        """Make a request without the outbox, when its turn comes, and wait for what comes of it.

        A kill loses it: only for what cannot be committed. Where another process keeps the bot's
        pace it cannot be made: only the database leads there.
        """
        if self.dispatcher is None:
            return Outcome(OutcomeKind.TEMPORARY, description="another process sends for the bot")
        return await self.dispatcher.make(Request(method, orjson.dumps(payload)), chat_id, lane)

    async def finish(self) -> None:
        """Let what is being said come to its end: we are stopping."""
        await self._unpaced.finish()
