"""Waiting for what the bot does: the next message of a chat, an answer to a tap, any event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from bot.sandbox.bot_api.accounts import Message
from bot.sandbox.bot_api.world import Event, WhichBot, World

T = TypeVar("T")
PATIENCE_SECONDS = 60.0  # it only ends what hangs


class Subscription:
    """Events from now on, in order; leave the ``with`` block to end it."""

    def __init__(self, watch: EventWatch) -> None:
        self._watch = watch
        self.queue: asyncio.Queue[Event] = asyncio.Queue()

    def __enter__(self) -> Subscription:
        self._watch.subscriptions.add(self)
        return self

    def __exit__(self, *exc: object) -> None:
        self._watch.subscriptions.discard(self)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self.queue.get()


class EventWatch:
    """Everything that happens in the sandbox, to wait for it.

    Bot messages pile up per chat until they are taken with ``next_message`` or ``take``; what is
    left over is ``untaken``, which a story test wants to be empty.
    """

    def __init__(self, world: World, *, collect: bool = True) -> None:
        """:param collect: whether bot messages pile up to be taken."""
        self._world = world
        self._collect = collect
        self._untaken: list[Message] = []
        self._waiting: list[asyncio.Future[None]] = []
        self.subscriptions: set[Subscription] = set()

    def publish(self, event: Event) -> None:
        """Pass an event on to whoever waits or subscribed."""
        if self._collect and event["type"] == "message" and event["message"]["from"]["is_bot"]:
            self._untaken.append(event["message"])
        for subscription in self.subscriptions:
            subscription.queue.put_nowait(event)
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    def subscribe(self) -> Subscription:
        """Events from now on: ``with watch.subscribe() as events: async for event in events``"""
        return Subscription(self)

    # -- messages ---------------------------------------------------------------------------------

    async def next_message(
        self,
        chat_id: int,
        *,
        where: Callable[[Message], bool] | None = None,
        bot: WhichBot = None,
        timeout: float = PATIENCE_SECONDS,
    ) -> Message:
        """Take the oldest untaken bot message of a chat, waiting for it if need be.

        The message is as it is now: an edit since then shows.

        :param where: take the oldest for which this is true.
        :param bot: only this bot's messages.
        :raises TimeoutError: naming what else is untaken.
        """
        sender = None if bot is None else self._world.bot(bot).id

        def found() -> Message | None:
            for i, message in enumerate(self._untaken):
                if message["chat"]["id"] != chat_id or sender not in (None, message["from"]["id"]):
                    continue
                current = self._current(message)
                if where is None or where(current):
                    del self._untaken[i]
                    return current
            return None

        try:
            return await self.until(found, timeout=timeout)
        except TimeoutError:
            raise TimeoutError(
                f"no such message to chat {chat_id} in {timeout} s; untaken: {self._brief()}"
            ) from None

    def take(self, chat_id: int) -> list[Message]:
        """Take all untaken bot messages of a chat, without waiting."""
        taken = [m for m in self._untaken if m["chat"]["id"] == chat_id]
        self._untaken = [m for m in self._untaken if m["chat"]["id"] != chat_id]
        return [self._current(message) for message in taken]

    def untaken(self) -> list[Message]:
        """Bot messages nobody has asked for, of all chats."""
        return [self._current(message) for message in self._untaken]

    def _current(self, message: Message) -> Message:
        chat_id, sender = message["chat"]["id"], message["from"]["id"]
        chat = self._world.groups.get(chat_id) or self._world.privates.get((sender, chat_id))
        record = chat.messages.get(message["message_id"]) if chat else None
        return record.shown() if record else message

    def _brief(self) -> list[tuple[int, str]]:
        return [
            (m["chat"]["id"], (m.get("text") or m.get("caption") or "")[:40])
            for m in self._untaken[:20]
        ]

    # -- anything ---------------------------------------------------------------------------------

    async def until(
        self, predicate: Callable[[], T | None], *, timeout: float = PATIENCE_SECONDS
    ) -> T:
        """Wait until ``predicate`` returns something true, and return that.

        It is tried at once and again after every event, so nothing is missed in between.

        :raises TimeoutError: when it never did.
        """
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future
            return found

    async def callback_answer(
        self, query_id: str, *, timeout: float = PATIENCE_SECONDS
    ) -> dict[str, Any]:
        """Wait for the answer to a tap: ``text``, ``show_alert``, perhaps ``url``.

        :raises TimeoutError: when it was not.
        """
        query = self._world.queries[query_id]
        try:
            return await self.until(lambda: query.answer, timeout=timeout)
        except TimeoutError:
            raise TimeoutError(f"tap {query_id} ({query.data}) was not answered") from None

    async def updates_taken(
        self, *, bot: WhichBot = None, timeout: float = PATIENCE_SECONDS
    ) -> None:
        """Wait until the bot has taken every queued update.

        It has when it moved its offset past them, or answered 2xx to every post.

        :raises TimeoutError: when it does not.
        """
        account = self._world.bot(bot)
        await self.until(lambda: not account.updates and not account.posting, timeout=timeout)
