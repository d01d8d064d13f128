"""Sends what the outbox holds: claim, render, pace, send, record.

At least once: a delivery is claimed (committed), sent, and recorded (committed). A process killed
in between leaves claimed rows whose outcome is *uncertain*; they are sent again. Their number is
bounded by ``IN_FLIGHT``, for a slot is given back only when the outcome is on disk.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from alerts.outbox.deliveries import IMPOSSIBLE, Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from alerts.validity import CALLING
from bot.config.settings import PaceLimits
from bot.services.async_database import AsyncDatabase
from bot.telegram.bot_api import BotApi
from bot.telegram.claiming import Supply
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.file_bridge import FileBridge
from bot.telegram.last_look import LastLook
from bot.telegram.lookout import Lookout
from bot.telegram.outgoing import (
    Outgoing,
    Renderer,
    Request,
    attempt_of,
    not_said,
    offer,
    weight_of,
)
from bot.telegram.pacing import Pacer
from bot.telegram.phone_numbers import numbers_in
from bot.telegram.picture_sending import PictureSender
from bot.telegram.recording import Recorder
from bot.telegram.shown_messages import ShownMessages, edit_of
from bot.telegram.slots import Slots
from bot.telegram.turns import Empty, Ready, Wait
from data.errors import StoreError

log = logging.getLogger(__name__)

IN_FLIGHT = 64
"""Requests whose outcome is not on disk yet: the bound of duplicates after a crash."""

MOST_IN_FLIGHT = 256
"""The same where the limits are raised (a Bot API server of one's own): two seconds of sending."""

SENDERS = 64
"""Requests that wait for their answer at once: more would only wait longer, and cost more."""

_EDITED_LATER = frozenset(
    {MessageKind.CARD, MessageKind.SILENT_LIST, MessageKind.ROLL_CALL_RESULT, MessageKind.REPLY}
)
"""New messages that edits may follow which show nothing new."""

LONGEST_HELD = 5.0
_LONGEST_HELD = timedelta(seconds=LONGEST_HELD)
"""Seconds; whether something is still true is asked again when it was held for longer."""

MOST_BUGS = 3
"""Tries of what only ever ends in an error of ours, before it is set aside."""

LEASE_LOOK_SECONDS = 0.2
"""While nothing may be sent, how soon it is asked whether it may."""

FEW_OF_A_CHAT = 3
"""Deliveries of a lane held for one chat: a second each, so that it never waits for a claim."""

REPLY_TRIES = 3
REPLY_PATIENCE = 60.0  # seconds; a reply that must wait longer is not worth waiting for
FINISH_SECONDS = 15.0
REVOKED_SECONDS = 30.0  # between two tries with a token that Telegram refuses


class Dispatcher:
    """Sends for one bot token. Make it in a running event loop.

    :param bridge: makes the requests that name files of other bots.
    :param render: turns deliveries into requests.
    :param worker: its name on the deliveries it claims; each dispatcher has its own.
    :param lookout: tells it what is queued for its bot; one for all bots of a process.
    :param held: whether the bot's pace is ours at this very moment; from any thread. It is asked
        before each request.
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
        lookout: Lookout,
        *,
        held: Callable[[], bool] = lambda: True,
        shows_numbers: bool = True,
    ) -> None:
        self.results: Counter[str] = Counter()  # requests by what came of them, since the start
        self.unauthorized = False  # Telegram refused the token
        self._api = api
        self._shows_numbers = shows_numbers
        self._bridge = bridge
        self._pictures = PictureSender(api)
        self._pacer: Pacer[Outgoing] = Pacer(limits)
        slots = min(MOST_IN_FLIGHT, max(IN_FLIGHT, int(2 * limits.per_second)))
        self._slots = Slots(slots)
        self._lines = Slots(SENDERS)
        self._wake = asyncio.Event()
        self._shown = ShownMessages()
        self._may_send = held
        self._clock = clock
        self._last_look = LastLook(database, clock, render, rules)
        self._recorder = Recorder(database, rules, clock, self._slots, full=slots // 2)
        # Four seconds of sending: enough to ride over a slow claim, little to lose to a crash.
        chats = max(48, min(600, int(limits.per_second * 4)))
        self._supply = Supply(
            database,
            clock,
            self._last_look,
            lookout,
            worker,
            int(api.bot_id),
            self._pacer,
            self._recorder,
            chats,
            FEW_OF_A_CHAT * math.ceil(limits.per_chat_per_second),
            held,
            self._wake.set,
            rules,
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
        # After an album its chat must wait for as many seconds: what is short goes first.
        heavy = int(weight_of(request) > 1)
        item = Outgoing(request, (heavy, self._sequence), reply=reply)
        self._offer(item, chat_id, lane)
        return await reply

    async def at_once(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        """Make a request that no limit counts (answering a tap), without waiting in turn."""
        return await self._api.call(method, payload)

    def look_again(self) -> None:
        """Something may be due that was not: the clock was moved."""
        self._supply.look_again()

    async def looked(self) -> None:
        """Wait until what waited when we began is about to leave."""
        await self._supply.looked.wait()

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
        while True:
            # The slot first: what the pacer lets go is counted as leaving at that moment.
            await self._slots.take()
            await self._lines.take()
            self._start(await self._turn())

    async def _turn(self) -> Ready[Outgoing]:
        """What leaves next, when it may."""
        while True:
            if not self._may_send():
                await asyncio.sleep(LEASE_LOOK_SECONDS)
                continue
            step = self._pacer.next(self._loop.time())
            if isinstance(step, Ready):
                return step
            self._supply.runs_low()
            await self._wait_for_turn(step)

    def _start(self, ready: Ready[Outgoing]) -> None:
        """Have a sender send it: one that rests, or a new one."""
        self._supply.taken(ready)
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
            await self._send(ready)
            following = self._next_at_once()
            if following is None:
                self._lines.give_back()
                resting: asyncio.Future[Ready[Outgoing]] = self._loop.create_future()
                self._resting.append(resting)
                following = await resting
            ready = following

    def _next_at_once(self) -> Ready[Outgoing] | None:
        """What may leave at this very moment."""
        if self._stopping or not self._may_send() or not self._slots.take_at_once():
            return None
        step = self._pacer.next(self._loop.time())
        if not isinstance(step, Ready):
            self._slots.give_back()
            return None
        self._supply.taken(step)
        return step

    async def _wait_for_turn(self, step: Wait | Empty) -> None:
        """Wait until something may leave, or something was offered."""
        timer = None if isinstance(step, Empty) else self._loop.call_at(step.until, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if timer is not None:
            timer.cancel()

    async def _send(self, ready: Ready[Outgoing]) -> None:
        """Send what may leave; whatever happens, it has an outcome and its slot is given back."""
        item = ready.item
        self._under_way += 1
        try:
            if not _needs_a_look(ready, self._clock) or await self._still_true(ready):
                await self._make(ready)
        except asyncio.CancelledError:
            if item.leaving and item.delivery is not None:  # it may have arrived
                self._recorder.add(Attempt(item.delivery, Result.UNCERTAIN, error="stopped"))
            if item.reply is not None:
                item.reply.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it is logged where it is told
            self._went_wrong(ready, error)
        finally:
            self._under_way -= 1

    async def _make(self, ready: Ready[Outgoing]) -> None:
        """Make a request, unless it would change nothing or must not be made by us now."""
        item, request, drawn = ready.item, ready.item.request, None
        assert request is not None
        if request.makes_file is not None:
            drawn = await self._pictures.draw(request.makes_file)
            if drawn is None:
                request = item.request = request.as_words()
        edit = edit_of(request.method, request.body)
        if edit is not None and self._shown.shows(edit):
            self._changes_nothing(ready)
            return
        if not self._may_send():
            self._stayed(ready)
            return
        item.leaving = True
        if edit is not None:
            item.edit = edit
            self._shown.leaves(edit)
        left_at = self._loop.time()
        self._pacer.left(ready, left_at)
        if drawn is not None:
            outcome = await self._pictures.upload(request, drawn)
        else:
            outcome = await self._call(request)
            self._pacer.answered(ready, left_at, self._loop.time())
        item.leaving = False
        if edit is not None:
            item.edit = None
            self._shown.arrived(edit, done=outcome.ok)
        self._came_of(ready, request, outcome)

    async def _still_true(self, ready: Ready[Outgoing]) -> bool:
        """Whether a delivery is to be sent; then its request says how things stand now."""
        item, delivery = ready.item, ready.item.delivery
        assert delivery is not None
        rendered = await self._last_look.at(delivery)
        if isinstance(rendered, Request):
            if not item.instead:
                item.request = rendered
            item.true_at, item.known_at = self._loop.time(), self._clock()
            return True
        self._pacer.stayed(ready)
        self._recorder.add(not_said(delivery, rendered))
        return False

    def _changes_nothing(self, ready: Ready[Outgoing]) -> None:
        """The message shows already what this edit would make it show."""
        self._pacer.stayed(ready)
        item = ready.item
        if item.delivery is not None:
            self._recorder.add(Attempt(item.delivery, Result.DROPPED, error="unchanged"))
            return
        self._slots.give_back()
        self._tell(item, Outcome(OutcomeKind.NOT_MODIFIED))

    def _stayed(self, ready: Ready[Outgoing]) -> None:
        """The bot's pace is not ours any more, or not now: it waits until it is, or we stop."""
        self._pacer.stayed(ready)
        self._slots.give_back()
        self._supply.put_back(ready)

    def _went_wrong(self, ready: Ready[Outgoing], error: Exception) -> None:
        """A bug of ours: try again a few times, then set the delivery aside."""
        item = ready.item
        item.leaving = False
        if item.edit is not None:
            self._shown.arrived(item.edit, done=False)
            item.edit = None
        out = isinstance(error, StoreError)  # a file's place was asked for, before it was sent
        if not out:
            log.error("a request could not be made or its outcome not be handled", exc_info=error)
        if item.delivery is None:
            self._slots.give_back()
            self._tell(item, Outcome(OutcomeKind.UNCERTAIN, description=type(error).__name__))
        elif out or item.delivery.attempts + 1 < MOST_BUGS:
            result = Result.TEMPORARY if out else Result.UNCERTAIN
            self._recorder.add(Attempt(item.delivery, result, error=type(error).__name__))
        else:
            log.error("delivery %s is set aside", item.delivery.id)
            self._recorder.add(Attempt(item.delivery, Result.IMPOSSIBLE, error=IMPOSSIBLE))

    async def _call(self, request: Request) -> Outcome:
        if self._bridge is not None and request.files_of_others is not None:
            return await self._bridge.call(request, request.files_of_others)
        return await self._api.call(request.method, request.body)

    def _came_of(self, ready: Ready[Outgoing], request: Request, outcome: Outcome) -> None:
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
        self._note_shown(item, request, ready.chat_id, outcome)
        if item.delivery is None:
            self._replied(item, ready, outcome)
            self._slots.give_back()
        elif (other := _instead_of(request, outcome)) is not None:
            item.request, item.instead = other, True
            self._offer(item, ready.chat_id, ready.lane)
            self._slots.give_back()
        else:
            self._recorder.add(self._attempt(item.delivery, request, outcome))

    def _attempt(self, delivery: Delivery, request: Request, outcome: Outcome) -> Attempt:
        """What is recorded: of what arrived with the numbers it showed, but for the thousands of
        warnings, which show none."""
        attempt = attempt_of(delivery, outcome, request.version)
        if delivery.kind is MessageKind.CALL or delivery.kind in CALLING:  # by hash it takes longer
            return attempt
        if not outcome.ok or not self._shows_numbers:
            return attempt
        numbers = (*numbers_in(request.body), *request.numbers)
        return attempt._replace(numbers=numbers) if numbers else attempt

    def _note_shown(self, item: Outgoing, request: Request, chat_id: int, outcome: Outcome) -> None:
        if (
            outcome.kind is OutcomeKind.SENT
            and request.method == "sendMessage"
            and (item.delivery is None or item.delivery.kind in _EDITED_LATER)
            and outcome.message_id is not None
        ):
            self._shown.sent(chat_id, outcome.message_id, request.body)

    def _offer(
        self, item: Outgoing, chat_id: int, lane: Lane, not_before: float = float("-inf")
    ) -> None:
        offer(self._pacer, item, chat_id, lane, not_before)
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
        else:
            self._tell(item, outcome)

    def _tell(self, item: Outgoing, outcome: Outcome) -> None:
        """Tell whoever waits for a reply."""
        if item.reply is not None and not item.reply.done():
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


def _needs_a_look(ready: Ready[Outgoing], clock: Callable[[], datetime]) -> bool:
    """Whether it is to be asked once more what a delivery says and whether it is true."""
    item = ready.item
    if item.delivery is None:
        return False
    if item.request is None or ready.at - item.true_at > LONGEST_HELD:
        return True
    # The machine slept: its event loop's clock did too.
    return item.known_at is not None and clock() - item.known_at > _LONGEST_HELD
