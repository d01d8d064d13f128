"""Asks Aliyun's queues for what became of calls and SMS: no address of ours is needed.

A message is deleted once it is taken in; whatever goes wrong before, it comes again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from bot.channels.aliyun.queue import (
    WAIT_SECONDS,
    LentKey,
    Message,
    delete_request,
    lent_key,
    messages_in,
    receive_request,
    token_request,
    type_of,
)
from bot.channels.aliyun.receipts import Heard, MessageType, read_all
from bot.channels.cloud import ANSWER_SECONDS, CloudReply, CloudRequest, ask, cloud_session
from bot.channels.cloud_hearing import take_heard
from bot.services.services import Services
from data.errors import InvalidInput, StoreError

log = logging.getLogger(__name__)

LARGEST_ANSWER = 1024 * 1024  # bytes; sixteen messages of at most 64 kB
FIRST_REST, LONGEST_REST = 2.0, 60.0
"""Seconds until a queue that refused is asked again, doubled by each refusal (ours)."""

AT_LEAST = 1.0
"""Seconds between two questions to an empty queue, should it not wait (ours)."""


@dataclass(slots=True)
class _Queue:
    name: str
    kind: MessageType
    key: LentKey | None = None
    answered: bool = False


class AliyunQueues:
    """Each queue is asked by itself: none waits for another.

    :param queues: their names; those of the settings when they are not given.
    """

    name = "aliyun queues"

    def __init__(self, services: Services, queues: Sequence[str] | None = None) -> None:
        self._services = services
        self._settings = services.settings.channels.aliyun
        asked = self._settings.queues if queues is None else queues
        named = [(name, type_of(name)) for name in asked]
        self._queues = [_Queue(name, kind) for name, kind in named if kind is not None]

    @property
    def stands(self) -> bool:
        """Whether every queue answered when it was asked last."""
        return all(queue.answered for queue in self._queues)

    async def run(self) -> None:
        """Take in what comes, until cancelled."""
        seconds = WAIT_SECONDS + ANSWER_SECONDS
        async with cloud_session(seconds) as session, asyncio.TaskGroup() as group:
            for queue in self._queues:
                group.create_task(self._keep_asking(session, queue))

    async def look(self) -> int:
        """Ask each queue once; how many messages were taken in."""
        async with cloud_session(WAIT_SECONDS + ANSWER_SECONDS) as session:
            taken = [await self._take_next(session, queue) for queue in self._queues]
        return sum(count or 0 for count in taken)

    async def _keep_asking(self, session: aiohttp.ClientSession, queue: _Queue) -> None:
        rest, loop = FIRST_REST, asyncio.get_running_loop()
        while True:
            asked_at = loop.time()
            taken = await self._take_next(session, queue)
            queue.answered = taken is not None
            if taken is None:
                await asyncio.sleep(rest)
                rest = min(LONGEST_REST, rest * 2)
                continue
            rest = FIRST_REST
            if not taken:
                await asyncio.sleep(max(0.0, asked_at + AT_LEAST - loop.time()))

    async def _take_next(self, session: aiohttp.ClientSession, queue: _Queue) -> int | None:
        """Take the next messages in; ``None``: the queue, or our own store, does not work now."""
        key = await self._key(session, queue)
        if key is None:
            return None
        url, now = self._settings.queue_url, self._services.clock()
        reply = await self._ask(session, receive_request(queue.name, key, url, now))
        messages = None if reply is None else messages_in(reply)
        if messages is None:
            queue.key = None  # it may be the key
            log.warning("%s: %s cannot be read now", self.name, queue.kind.value)
            return None
        if not messages:
            return 0
        try:
            await self._take_in(queue, messages)
        except StoreError as error:
            log.error("%s: %d messages wait: %s", self.name, len(messages), error)
            return None
        receipts = [message.receipt for message in messages]
        await self._ask(session, delete_request(queue.name, receipts, key, url, now))
        return len(messages)

    async def _take_in(self, queue: _Queue, messages: list[Message]) -> None:
        services, now = self._services, self._services.clock()
        heard: list[Heard] = []
        for message in messages:
            try:
                heard += read_all(queue.kind, message.body, now)
            except InvalidInput as error:  # it would come again for ever
                log.warning("%s: a message of %s is unreadable: %s", self.name, queue.kind, error)
        await take_heard(services, heard, now)

    async def _key(self, session: aiohttp.ClientSession, queue: _Queue) -> LentKey | None:
        now = self._services.clock()
        if queue.key is None or queue.key.until <= now:
            nonce = secrets.token_hex(16)
            asked = token_request(queue.name, queue.kind, self._settings, now, nonce)
            reply = await self._ask(session, asked)
            queue.key = None if reply is None else lent_key(reply, now)
            if queue.key is None:
                code = "" if reply is None else reply.told().get("Code", reply.status)
                log.error("%s: no key for %s: %s", self.name, queue.kind.value, code)
        return queue.key

    async def _ask(
        self, session: aiohttp.ClientSession, request: CloudRequest
    ) -> CloudReply | None:
        reply = await ask(session, request, longest=LARGEST_ANSWER)
        return reply if isinstance(reply, CloudReply) else None
