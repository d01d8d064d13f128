"""Takes updates in: committed to the inbox first, then the offset moves, then they are handled.

Telegram forgets an update once a later offset is asked for; so the next poll is made only after the
commit. One person's updates are handled in order, different persons' at the same time; those of
strangers one after another, after everybody else's. Where
several processes take the same bot's updates in (a webhook's; of those that poll, one after the
other), each looks for what another left behind when it died, and takes it over; an update that both
handle has its effect once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, Protocol

from bot.services.async_database import AsyncDatabase
from bot.telegram.acts import stamp, stamp_left
from bot.telegram.bot_api import BotApi
from bot.telegram.failures import Outcome, OutcomeKind
from contacts import bot_store
from data import inbox
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

POLL_SECONDS = 25.0
EMPTY_REST_SECONDS = 0.2  # a server that answers an empty poll at once must not be hammered
CONFLICT_REST_SECONDS = 10.0
LONGEST_REST_SECONDS = 30.0
BATCH = 100

LOOK_SECONDS = 4.0
"""How often a process looks for updates that another took in and has not handled."""

LEFT_SECONDS = 10.0
"""How long an update must have waited to count as left behind: one that is being handled only
costs the work twice."""

NOTED_EVERY = timedelta(seconds=10)
"""How often it is written down that the bot is being heard."""

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
]

STRANGERS = -1
"""Stands for all strangers where a sender is meant: no account or chat has it."""

Handle = Callable[[dict[str, Any]], Awaitable[None]]
NotAgain = Callable[[list[dict[str, Any]], set[int]], set[int]]
NotStored = Callable[[dict[str, Any], StoreError], Coroutine[Any, Any, None]]


class Sifted(NamedTuple):
    """Updates by whose they are; what is of no account is in neither."""

    known: list[dict[str, Any]]
    strangers: list[dict[str, Any]]


class StrangersDesk(Protocol):
    """Tells strangers from the roster's people, and answers them where that needs no handler."""

    async def sift(self, updates: list[dict[str, Any]]) -> Sifted:
        """Those to be stored and handled.

        :raises StoreError: it cannot be asked who is known.
        """

    def done(self, update: dict[str, Any]) -> None:
        """One of ``Sifted.strangers`` was handled, or is not to be."""


class Intake:
    """One bot's updates, by long polling or handed over by the webhook."""

    def __init__(
        self,
        database: AsyncDatabase,
        api: BotApi,
        clock: Callable[[], datetime],
        handle: Handle,
        not_stored: NotStored,
        not_again: NotAgain = lambda _left, _failed: set(),
        strangers: StrangersDesk | None = None,
    ) -> None:
        """
        :param handle: handles an update; what it returns is done when the update is. A future is
            waited for as it is: it costs no task.
        :param not_stored: told once of each update that could not be committed; Telegram will
            deliver it again, but whoever waits for an answer must know now.
        :param not_again: of the updates left by an earlier process, and the numbers of those that
            failed there, which are not to be tried again.
        :param strangers: without it everybody counts as known.
        """
        self._database = database
        self._api = api
        self._bot_id = int(api.bot_id)
        self._clock = clock
        self._handle = handle
        self._not_stored = not_stored
        self._not_again = not_again
        self._strangers = strangers
        self._told: dict[int, asyncio.Task[None]] = {}  # of updates not stored yet
        self._last: dict[int, asyncio.Future[None]] = {}  # by sender: the newest of their updates
        self._under_way: set[int] = set()  # updates being handled, by number
        self._seen: dict[int, float] = {}  # of others, when first seen in the inbox
        self._conflict = False
        self.heard_at: datetime | None = None  # the last answer to a poll; None while nobody polls
        self._heard_until: datetime | None = None  # everything done before was taken in
        self._noted: datetime | None = None  # as it was last written down

    async def resume(self) -> None:
        """Handle what an earlier process took in but did not finish."""
        left = await self._database.ask(self._pending)
        await self._database.ask(self._learn)
        failed = await self._database.ask(lambda c: inbox.failed_ids(c, self._bot_id))
        if given_up := self._not_again(left, failed):
            log.warning("%d updates that failed are not tried again", len(given_up))
            await self._database.run(lambda c: inbox.give_up(c, self._bot_id, given_up))
        self._start(update for update in left if update["update_id"] not in given_up)

    async def accept(self, updates: list[dict[str, Any]]) -> None:
        """Commit updates, then start handling them. Returns after the commit.

        :raises StoreError: when they could not be committed; Telegram must send them again.
        """
        desk = self._strangers
        sifted = Sifted(updates, [])
        fresh: set[int] = set()
        try:
            if desk is not None:
                sifted = await desk.sift(updates)
            if stored := [*sifted.known, *sifted.strangers]:
                fresh.update(await self._database.run(lambda c: self._put(c, stored)))
        except StoreError as error:
            self._tell(updates, error)
            raise
        finally:
            for update in sifted.strangers:
                if desk is not None and update["update_id"] not in fresh:
                    desk.done(update)
        for update in updates:
            self._told.pop(update["update_id"], None)
        self._start(update for update in sifted.known if update["update_id"] in fresh)
        self._start(
            (update for update in sifted.strangers if update["update_id"] in fresh), STRANGERS
        )

    def _put(self, connection: Connection, updates: list[dict[str, Any]]) -> list[int]:
        now = self._clock()
        stamp(updates, self._heard_until, now)
        return inbox.put(connection, self._bot_id, updates, now)

    def awake(self) -> None:
        """Nothing went unheard until now: the clock was moved by hand, or Telegram says so."""
        self._heard_until = self._clock()

    async def note_heard(self) -> None:
        """Write down until when the bot was heard, for whoever takes its updates in next."""
        until = self._heard_until
        if until is None or until == self._noted:
            return
        await self._database.run(lambda c: bot_store.note_heard(c, self._bot_id, until))
        self._noted = until

    async def learn(self) -> None:
        """Read until when the bot was heard, before updates are taken in.

        :raises StoreError: it cannot be read.
        """
        await self._database.ask(self._learn)

    async def poll(self, asked_once: Callable[[], None] | None = None) -> None:
        """Poll until cancelled.

        :param asked_once: called when what waited at the beginning was taken in, or not to be had;
            with it the first poll does not wait for anything.
        """
        try:
            await self._poll(asked_once)
        finally:
            self.heard_at = None  # the bot's updates are not ours any more

    async def _poll(self, asked_once: Callable[[], None] | None) -> None:
        offset, asked = 0, 0
        rest = 0.0
        while True:
            if asked == 1 and asked_once is not None:
                asked_once()
            if rest:
                await asyncio.sleep(rest)
            started = asyncio.get_running_loop().time()
            outcome = await self._api.poll(
                {"offset": offset, "limit": BATCH, "allowed_updates": ALLOWED_UPDATES},
                seconds=POLL_SECONDS if asked or asked_once is None else 0.0,
            )
            asked += 1
            answered = self._clock()
            if outcome.ok:
                self.heard_at = answered
            if not outcome.ok or not isinstance(outcome.result, list):
                rest = self._rest_after(outcome, rest)
                continue
            self._conflict = False
            updates = outcome.result
            if not updates:
                self._heard_until = answered
                early = asyncio.get_running_loop().time() - started < 1.0
                rest = EMPTY_REST_SECONDS if early else 0.0
                continue
            try:
                await self.accept(updates)
            except StoreError as error:
                log.error("updates not taken in, asked for again: %s", error)
                rest = min(LONGEST_REST_SECONDS, max(1.0, rest * 2))
                continue
            offset = updates[-1]["update_id"] + 1
            rest = 0.0
            if len(updates) < BATCH:  # else more of that time are waiting
                self._heard_until = answered

    def _pending(self, connection: Connection) -> list[dict[str, Any]]:
        return self._stamped(connection, inbox.pending(connection, self._bot_id))

    def _stored(self, connection: Connection, ids: list[int]) -> list[dict[str, Any]]:
        return self._stamped(connection, inbox.stored(connection, self._bot_id, ids))

    def _stamped(self, connection: Connection, left: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What an earlier release, or somebody by hand, stored has no stamp."""
        received = inbox.received_at(connection, self._bot_id) if left else {}
        for update in left:
            stamp_left(update, received.get(update["update_id"]))
        return left

    def _learn(self, connection: Connection) -> None:
        """Until when the bot was heard, as it was last written down, here or elsewhere."""
        noted = bot_store.heard_until(connection, self._bot_id)
        if noted is not None and (self._heard_until is None or noted > self._heard_until):
            self._heard_until = self._noted = noted

    async def hear_webhook(self) -> None:
        """Note again and again that Telegram has nothing left to push, until cancelled."""
        while True:
            asked = self._clock()
            outcome = await self._api.call("getWebhookInfo")
            known = outcome.result if outcome.ok else None
            if isinstance(known, dict) and known.get("pending_update_count") == 0:
                self._heard_until = asked
                with suppress(StoreError):
                    await self.note_heard()
            await asyncio.sleep(NOTED_EVERY.total_seconds())

    async def look_after_others(self) -> None:
        """Take over what other processes took in and did not handle, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look_for_left()
            except StoreError as error:
                log.info("not looked for what others left: %s", error)
            except Exception:
                log.exception("not looked for what others left")

    async def _look_for_left(self) -> None:
        waiting = await self._database.ask(lambda c: inbox.untried(c, self._bot_id))
        await self._database.ask(self._learn)
        now = asyncio.get_running_loop().time()
        self._seen = {
            number: self._seen.get(number, now)
            for number in waiting
            if number not in self._under_way
        }
        left = [number for number, since in self._seen.items() if now - since >= LEFT_SECONDS]
        if left:
            log.warning("%d updates were left behind by another process", len(left))
            self._start(await self._database.ask(lambda c: self._stored(c, left)))

    async def drain(self) -> None:
        """Wait until everything taken in so far was handled."""
        while self._last:
            await asyncio.gather(*self._last.values(), return_exceptions=True)
            await asyncio.sleep(0)

    @property
    def busy(self) -> bool:
        """Whether any update is being handled."""
        return bool(self._last)

    def _rest_after(self, outcome: Outcome, rest: float) -> float:
        if outcome.kind is OutcomeKind.CONFLICT:
            if not self._conflict:
                log.error(
                    "another process polls with this token; standing by: %s", outcome.description
                )
            self._conflict = True
            return CONFLICT_REST_SECONDS
        if outcome.kind is OutcomeKind.UNAUTHORIZED:
            log.error("Telegram refuses the token of bot %s: check [[telegram.bots]]", self._bot_id)
            return LONGEST_REST_SECONDS
        log.warning("getUpdates: %s %s", outcome.kind.value, outcome.description)
        return outcome.retry_after or min(LONGEST_REST_SECONDS, max(0.5, rest * 2))

    def _tell(self, updates: list[dict[str, Any]], error: StoreError) -> None:
        loop = asyncio.get_running_loop()
        for update in updates:
            if (number := update["update_id"]) not in self._told:
                self._told[number] = loop.create_task(self._not_stored(update, error))

    def _start(self, updates: Iterable[dict[str, Any]], line: int | None = None) -> None:
        """``line``: all of them are handled one after another, as if they were one sender's."""
        for update in updates:
            number = update["update_id"]
            if number in self._under_way:
                continue
            self._under_way.add(number)
            sender = sender_of(update) if line is None else line
            before = self._last.get(sender)
            handling = asyncio.ensure_future(
                self._handle(update) if before is None else self._after(before, update)
            )
            self._last[sender] = handling
            handling.add_done_callback(partial(self._forget, sender, number))
            if line is not None:
                handling.add_done_callback(partial(self._handled_stranger, update))

    def _forget(self, sender: int, number: int, done: asyncio.Future[None]) -> None:
        self._under_way.discard(number)
        if self._last.get(sender) is done:
            del self._last[sender]

    def _handled_stranger(self, update: dict[str, Any], _done: asyncio.Future[None]) -> None:
        if self._strangers is not None:
            self._strangers.done(update)

    async def _after(self, before: asyncio.Future[None], update: dict[str, Any]) -> None:
        if not before.done():
            await asyncio.wait([before])
        await self._handle(update)


def sender_of(update: dict[str, Any]) -> int:
    """The account that did something, or the chat where it happened; 0 where neither is said."""
    try:
        return int(update["callback_query"]["from"]["id"])  # nearly all, in a release
    except (KeyError, TypeError, ValueError):
        pass
    for what in update.values():
        if isinstance(what, dict):
            who = what.get("from") or what.get("chat")
            if isinstance(who, dict) and isinstance(who.get("id"), int):
                return int(who["id"])
    return 0
