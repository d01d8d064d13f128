"""Sends what the outbox holds: claim, render, pace, send, record.

At least once: a delivery is claimed (committed), sent, and recorded (committed). A process killed
in between leaves claimed rows whose outcome is *uncertain*; they are sent again. Their number is
bounded by ``IN_FLIGHT``, for a slot is given back only when the outcome is on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from bot.config.settings import PaceLimits
from bot.services.async_database import AsyncDatabase
from bot.telegram.bot_api import BotApi
from bot.telegram.claiming import Supply
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.file_bridge import FileBridge
from bot.telegram.outgoing import Outgoing, Renderer, Request, attempt_of
from bot.telegram.pacing import Pacer
from bot.telegram.picture_sending import PictureSender
from bot.telegram.recording import Recorder
from bot.telegram.shown_messages import ShownMessages, edit_of
from bot.telegram.slots import Slots
from bot.telegram.turns import Empty, Ready, Wait

log = logging.getLogger(__name__)

IN_FLIGHT = 64
"""Requests whose outcome is not on disk yet: the bound of duplicates after a crash."""

MOST_IN_FLIGHT = 256
"""The same where the limits are raised (a Bot API server of one's own): two seconds of sending."""

SENDERS = 64
"""Requests that wait for their answer at once: more would only wait longer, and cost more."""

_EDITED_LATER = frozenset({MessageKind.CARD, MessageKind.SILENT_LIST})
"""New messages that are brought up to date by edits, which begin with what they show already."""

REPLY_TRIES = 3
REPLY_PATIENCE = 60.0  # seconds; a reply that must wait longer is not worth waiting for
FINISH_SECONDS = 15.0
REVOKED_SECONDS = 30.0  # between two tries with a token that Telegram refuses


class Dispatcher:
    """Sends for one bot token. Make it in a running event loop.

    :param bridge: makes the requests that name files of other bots.
    :param render: turns deliveries into requests.
    :param worker: its name on the deliveries it claims; each dispatcher has its own.
    :param held: whether the bot's pace is ours at this very moment; from any thread.
    """

    def __init__(
        self,
        database: AsyncDatabase,
        api: BotApi,
        bridge: FileBridge | None,
        limits: PaceLimits,
        rules: Rules,
        clock: Callable[[], datetime],
        render: Renderer,
        worker: str,
        held: Callable[[], bool] = lambda: True,
    ) -> None:
        self._held = held
        self.results: Counter[str] = Counter()  # requests by what came of them, since the start
        self.unauthorized = False  # Telegram refused the token
        self._api = api
        self._bridge = bridge
        self._pictures = PictureSender(api)
        self._pacer: Pacer[Outgoing] = Pacer(limits)
        slots = min(MOST_IN_FLIGHT, max(IN_FLIGHT, int(2 * limits.per_second)))
        self._slots = Slots(slots)
        self._lines = Slots(SENDERS)
        self._wake = asyncio.Event()
        self._shown = ShownMessages()
        self._recorder = Recorder(database, rules, clock, self._slots, full=slots // 2)
        # Four seconds of sending: enough to ride over a slow claim, little to lose to a crash.
        most_held = max(48, min(2000, int(limits.per_second * 4)))
        self._supply = Supply(
            database,
            clock,
            render,
            worker,
            int(api.bot_id),
            self._pacer,
            self._recorder,
            self._shown,
            most_held,
            self._wake.set,
        )
        self._senders: set[asyncio.Task[None]] = set()
        self._resting: list[asyncio.Future[Ready[Outgoing]]] = []  # senders with nothing to send
        self._under_way = 0
        self._sequence = 0
        self._stopping = False
        self._loop = asyncio.get_running_loop()

    # -- the outside ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled; what is claimed but not sent is given back then."""
        parts = [
            self._loop.create_task(part)
            for part in (self._pump(), self._recorder.run(), self._supply.run())
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            self._stopping = True
            parts[0].cancel()
            parts[2].cancel()
            await self._finish()
            parts[1].cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def make(self, request: Request, chat_id: int, lane: Lane) -> Outcome:
        """Make a request when its turn comes, and wait for its outcome: somebody waits for it."""
        reply: asyncio.Future[Outcome] = self._loop.create_future()
        self._sequence += 1
        self._forget_shown(request)
        item = Outgoing(request, (0, self._sequence), reply=reply)
        self._offer(item, chat_id, lane)
        return await reply

    async def at_once(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        """Make a request that no limit counts (answering a tap), without waiting in turn."""
        return await self._api.call(method, payload)

    def look_again(self) -> None:
        """Something may be due that was not: the clock was moved."""
        self._supply.look_again()

    @property
    def busy(self) -> bool:
        """Whether anything is held, under way, or not yet recorded."""
        return bool(len(self._pacer) or self._under_way or self._recorder.busy or self._supply.busy)

    @property
    def halted_for(self) -> float:
        """Seconds for which Telegram told the whole bot to wait, from now."""
        return max(0.0, self._pacer.halted_until - self._loop.time())

    @property
    def held(self) -> dict[Lane, int]:
        """How many requests wait for their turn, by lane."""
        return self._pacer.waiting

    # -- sending ----------------------------------------------------------------------------------

    async def _pump(self) -> None:
        pacer, time = self._pacer, self._loop.time
        while True:
            # The slot first: what the pacer lets go is counted as leaving at that moment.
            await self._slots.take()
            await self._lines.take()
            while not isinstance(step := pacer.next(time()), Ready):
                await self._wait_for_turn(step)
            self._start(step)

    def _start(self, ready: Ready[Outgoing]) -> None:
        """Have a sender send it: one that rests, or a new one."""
        self._supply.taken_from(ready.lane)
        while self._resting:
            resting = self._resting.pop()
            if not resting.done():
                resting.set_result(ready)
                return
        sender = self._loop.create_task(self._sender(ready))
        self._senders.add(sender)
        sender.add_done_callback(self._senders.discard)

    async def _sender(self, ready: Ready[Outgoing]) -> None:
        """Send one after another; a task for each request would cost a tenth of its CPU."""
        while True:
            try:
                await self._send(ready)
            except Exception:  # a bug; its delivery is given back when we stop
                log.exception("the outcome of a request could not be handled")
            following = self._next_at_once()
            if following is None:
                self._lines.give_back()
                resting: asyncio.Future[Ready[Outgoing]] = self._loop.create_future()
                self._resting.append(resting)
                following = await resting
            ready = following

    def _next_at_once(self) -> Ready[Outgoing] | None:
        """What may leave at this very moment."""
        if self._stopping or not self._slots.take_at_once():
            return None
        step = self._pacer.next(self._loop.time())
        if not isinstance(step, Ready):
            self._slots.give_back()
            return None
        self._supply.taken_from(step.lane)
        return step

    async def _wait_for_turn(self, step: Wait | Empty) -> None:
        """Wait until something may leave, or something was offered."""
        timer = None if isinstance(step, Empty) else self._loop.call_at(step.until, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if timer is not None:
            timer.cancel()

    async def _send(self, ready: Ready[Outgoing]) -> None:
        item = ready.item
        self._under_way += 1
        try:
            drawn = None
            if item.request.picture is not None:
                drawn = await self._pictures.draw(item.request.picture)
                if drawn is None:
                    item.request = item.request.as_words()
            left_at = self._loop.time()
            self._pacer.left(ready, left_at)
            if drawn is not None:
                outcome = await self._pictures.upload(item.request, drawn)
            else:
                outcome = await self._call(item.request)
                self._pacer.answered(ready, left_at, self._loop.time())
            self._came_of(ready, outcome)
        finally:
            self._under_way -= 1

    async def _call(self, request: Request) -> Outcome:
        if self._bridge is not None and request.files_of_others is not None:
            return await self._bridge.call(request, request.files_of_others)
        return await self._api.call(request.method, request.body)

    def _came_of(self, ready: Ready[Outgoing], outcome: Outcome) -> None:
        item = ready.item
        self.results[outcome.kind.value] += 1
        if outcome.reason is Reason.RATE_LIMITED:
            self._pacer.refused(ready.chat_id, outcome.retry_after, self._loop.time())
        elif outcome.kind is OutcomeKind.UNAUTHORIZED:
            self.unauthorized = True
            now = self._loop.time()
            self._pacer.refused(ready.chat_id, REVOKED_SECONDS, now, everything=True)
        elif outcome.ok:
            self._pacer.accepted(ready.at)
        self._note_shown(item, ready.chat_id, outcome)
        if item.delivery is None:
            self._slots.give_back()
            self._replied(item, ready, outcome)
        elif (other := _instead_of(item.request, outcome)) is not None:
            self._slots.give_back()
            item.request = other
            self._offer(item, ready.chat_id, ready.lane)
        else:
            self._recorder.add(attempt_of(item.delivery, outcome))

    def _note_shown(self, item: Outgoing, chat_id: int, outcome: Outcome) -> None:
        if not outcome.ok:
            self._forget_shown(item.request)
        elif (
            item.request.method == "sendMessage"
            and item.delivery is not None
            and item.delivery.kind in _EDITED_LATER
            and outcome.message_id is not None
        ):
            self._shown.sent(chat_id, outcome.message_id, item.request.body)

    def _forget_shown(self, request: Request) -> None:
        """After this, what the message of an edit shows is not certain."""
        edit = edit_of(request.method, request.body)
        if edit is not None:
            self._shown.forget(edit.chat_id, edit.message_id)

    def _offer(
        self, item: Outgoing, chat_id: int, lane: Lane, not_before: float = float("-inf")
    ) -> None:
        self._pacer.offer(
            item, chat_id, lane, item.order, is_group=chat_id < 0, not_before=not_before
        )
        self._wake.set()

    def _replied(self, item: Outgoing, ready: Ready[Outgoing], outcome: Outcome) -> None:
        """An immediate reply: tried again while that can help, then its waiter is told."""
        assert item.reply is not None
        item.tries += 1
        again = (
            outcome.kind in (OutcomeKind.TEMPORARY, OutcomeKind.UNCERTAIN)
            and item.tries < REPLY_TRIES
            and outcome.retry_after <= REPLY_PATIENCE
            and not self._stopping
        )
        if again:
            wait = outcome.retry_after or float(item.tries)
            self._offer(item, ready.chat_id, ready.lane, self._loop.time() + wait)
        elif not item.reply.done():
            item.reply.set_result(outcome)

    async def _finish(self) -> None:
        """Wait for what is under way, record it, give back what was never sent."""
        give_up = self._loop.time() + FINISH_SECONDS
        while self._under_way and self._loop.time() < give_up:  # noqa: ASYNC110 - we are stopping
            await asyncio.sleep(0.01)
        senders = list(self._senders)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for item in self._pacer.discard(lambda _: True):
            if item.reply is not None and not item.reply.done():
                item.reply.cancel()
        await self._recorder.flush()
        await self._supply.give_back()


def _instead_of(request: Request, outcome: Outcome) -> Request | None:
    """What to send in place of a request that was refused for good, if anything may be accepted."""
    return request.after_refusal(outcome) if outcome.kind is OutcomeKind.PERMANENT else None
