"""Strangers: whoever is not in the roster. They are answered, and cost nobody of ours anything.

Anybody may write to a bot, as often as they like. What a stranger sends is not kept: they are told
how to be known, once in ten minutes, in a lane of its own (``Lane.STRANGER``), so many a second as
a tenth of the pace. Only what could make somebody known (an invite code, a shared number) or tells
of a group is stored and handled as everybody's, one after another. What is remembered of strangers
is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from bisect import bisect_left
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from alerts.outbox.lanes import Lane
from bot.actions.parsing import parse
from bot.services.services import Services
from bot.telegram.intake import Sifted, sender_of
from bot.telegram.outgoing import Request
from bot.telegram.voice import Voice
from bot.views.membership import welcome_stranger
from bot.views.problems import old_button, problem
from bot.views.screen import method, payload
from contacts import people_store
from contacts.access import Access
from data.database import Connection
from data.errors import NotAllowed, StoreError

log = logging.getLogger(__name__)

GREETED_FOR = timedelta(minutes=10)
"""How long a stranger who was greeted is not greeted again."""

SHARE = 10
"""Greetings take one in so many of the messages that the pace allows (ours)."""

AT_ONCE = 10
"""Greetings that leave without waiting, after a rest (ours)."""

MOST_TOASTS = 100
"""Taps of strangers answered in a second; no limit of Telegram's counts these answers (ours)."""

MOST_REMEMBERED = 10_000
"""Strangers remembered as greeted: bounds memory (ours)."""

MOST_KNOWN = 100_000
"""Accounts that came to the roster since, remembered so that nobody is looked up twice (ours)."""

MOST_WAITING = 500
"""Greetings not made yet, and updates of strangers being handled (ours): seconds of work."""

MOST_OF_ONE = 3
"""Of these, of one account."""

LANGUAGE = "zh"


def holds(accounts: array[int], account: int) -> bool:
    """Whether an account is among these, which are in order."""
    place = bisect_left(accounts, account)
    return place < len(accounts) and accounts[place] == account


class Strangers:
    """Tells strangers from the roster's people, for one bot. For one event loop."""

    def __init__(self, services: Services, voice: Voice, handled: Callable[[str], None]) -> None:
        """``handled``: told the kind of each update that needs nothing more, tap or message."""
        self._services = services
        self._voice = voice
        self._handled = handled
        self._per_second = max(1.0, services.settings.telegram.limits.per_second / SHARE)
        self._roster: array[int] | None = None  # accounts, in order, once they were read
        self._known_since: set[int] = set()  # who was found after that
        self._greeted: OrderedDict[int, datetime] = OrderedDict()
        self._to_greet: deque[int] = deque()
        self._greeting: asyncio.Task[None] | None = None
        self._joining: Counter[int] = Counter()  # by account: updates being handled
        self._handling = 0  # all of them
        self._credit, self._credited_at = float(AT_ONCE), float("-inf")
        self._toasts, self._toasts_since = 0, float("-inf")

    @property
    def busy(self) -> bool:
        """Whether any greeting is still to be queued."""
        return self._greeting is not None

    async def read_roster(self) -> None:
        """Read the roster's accounts before the first update comes, which need not wait then.

        :raises StoreError: they cannot be read; the first update reads them.
        """
        if self._roster is None:
            self._roster = await self._services.database.ask(people_store.accounts)

    async def sift(self, updates: list[dict[str, Any]]) -> Sifted:
        """Those to be stored and handled, the roster's people's first; the others are dealt with.

        :raises StoreError: it cannot be asked who is known.
        """
        senders = [sender_of(update) for update in updates]
        known = await self._known_among(senders)
        sifted = Sifted([], [])
        for update, sender in zip(updates, senders, strict=True):
            if not sender or sender in known:
                sifted.known.append(update)
            elif self._to_handle(update, sender):
                self._joining[sender] += 1
                self._handling += 1
                sifted.strangers.append(update)
            else:
                self._answer(update, sender)
        return sifted

    def done(self, update: dict[str, Any]) -> None:
        """An update of a stranger was handled, or is not to be."""
        sender = sender_of(update)
        self._handling -= 1
        self._joining[sender] -= 1
        if self._joining[sender] <= 0:
            del self._joining[sender]

    async def _known_among(self, senders: list[int]) -> set[int]:
        """Those of them who are in the roster. Who was once is asked about no more: they are
        handled as before, and refused where they may do nothing.

        All accounts of the roster are read at once: measured, to look up each one cost a fifteenth
        of all that a tap costs.
        """
        asked = {sender for sender in senders if sender}
        await self.read_roster()
        assert self._roster is not None
        known = {sender for sender in asked if holds(self._roster, sender)}
        known |= asked & self._known_since
        if unknown := asked - known:
            found = await self._services.database.ask(
                lambda c: people_store.accounts_known(c, unknown)
            )
            known |= found
            if len(self._known_since) > MOST_KNOWN:
                self._known_since.clear()
            self._known_since |= found
        return known

    def _to_handle(self, update: dict[str, Any], sender: int) -> bool:
        """Whether an update of a stranger is handled as anybody's."""
        if self._handling >= MOST_WAITING or self._joining[sender] >= MOST_OF_ONE:
            return False
        # What they send while they are perhaps becoming known belongs to whoever they are then.
        return sender in self._joining or may_matter(update)

    def _answer(self, update: dict[str, Any], sender: int) -> None:
        """Deal with an update that nothing can come of."""
        if isinstance(query := update.get("callback_query"), dict):
            self._toast(query)
            self._handled("tap")
            return
        self._handled("message")
        if _in_private(update.get("message")):
            self._greet(sender)

    def _toast(self, query: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._toasts_since >= 1.0:
            self._toasts, self._toasts_since = 0, now
        self._toasts += 1
        if self._toasts <= MOST_TOASTS and isinstance(query.get("id"), str):
            data = query.get("data")
            meant = isinstance(data, str) and parse(data) is not None
            refusal = problem(NotAllowed(Access.NOT_LINKED), LANGUAGE)
            words = refusal if meant else old_button(LANGUAGE)
            self._voice.toast(query["id"], words, alert=True)

    def _greet(self, account: int) -> None:
        now = self._services.clock()
        greeted = self._greeted.get(account)
        if greeted is not None and timedelta(0) <= now - greeted < GREETED_FOR:
            return
        if len(self._to_greet) >= MOST_WAITING:
            return
        self._greeted[account] = now
        self._greeted.move_to_end(account)
        while len(self._greeted) > MOST_REMEMBERED:
            self._greeted.popitem(last=False)
        self._to_greet.append(account)
        if self._greeting is None:
            self._greeting = asyncio.get_running_loop().create_task(self._greet_waiting())

    async def _greet_waiting(self) -> None:
        try:
            while self._to_greet:
                if wait := self._wait_for_share():
                    await asyncio.sleep(wait)
                    continue
                some = [self._to_greet.popleft() for _ in range(self._may_greet())]
                try:
                    await self._services.database.run(
                        lambda c: self._queue(c, some)  # noqa: B023
                    )
                except StoreError as error:
                    log.info("%d strangers are not greeted: %s", len(some), error)
        finally:
            self._greeting = None

    def _wait_for_share(self) -> float:
        """Seconds until the next may be greeted."""
        now = asyncio.get_running_loop().time()
        earned = (now - self._credited_at) * self._per_second
        self._credit, self._credited_at = min(AT_ONCE, self._credit + earned), now
        return max(0.0, (1.0 - self._credit) / self._per_second)

    def _may_greet(self) -> int:
        number = min(int(self._credit + 1e-9), len(self._to_greet)) or 1
        self._credit -= number
        return number

    def _queue(self, connection: Connection, accounts: list[int]) -> None:
        screen = welcome_stranger(LANGUAGE)
        for account in accounts:
            request = Request(method(screen), orjson.dumps(payload(screen, account)))
            self._voice.will_make(connection, request, account, Lane.STRANGER)


def may_matter(update: dict[str, Any]) -> bool:
    """Whether something may come of an update though nobody knows who sent it: it may make them
    known, or tells what became of a group. Pure."""
    changed = update.get("my_chat_member")
    if isinstance(changed, dict):
        return not _in_private(changed)
    message = update.get("message")
    if not isinstance(message, dict):
        return not any(key in update for key in ("edited_message", "callback_query"))
    if _in_private(message):
        text = message.get("text")
        code = isinstance(text, str) and text.startswith("/start") and len(text.split()) > 1
        return "contact" in message or code
    return "migrate_to_chat_id" in message or "migrate_from_chat_id" in message


def _in_private(message: Any) -> bool:
    chat = message.get("chat") if isinstance(message, dict) else None
    return isinstance(chat, dict) and chat.get("type") == "private"
