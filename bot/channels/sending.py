"""Hands calls and messages to their channels: claim, render, pace, send, record.

The work of a tick for each channel, so it runs in one process at a time, and in the stories. At
least once: what is claimed and has no outcome is handed over again by the same name, by which the
other side knows it.
A channel that fails rests, and nothing leaves in a burst afterwards: waiting earns no credit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Protocol

from alerts.channels import calling, gateway_store, news, news_store, test_store, trouble_store
from alerts.channels import store as channel_store
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import AGAIN_AFTER, NEWS, Kind, Trouble
from alerts.oversight import refusal_store
from bot.channels.events import OutgoingCall
from bot.channels.rendering import outgoing_calls
from bot.channels.unforeseen import told_by
from bot.services.services import Services
from bot.telegram.windows import Gcra
from contacts.channels import Cause, Channel
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

CHUNK = 60
CHUNK_SECONDS = 2.0
"""Claimed at once, at most: so many, and what leaves within so long."""

AT_ONCE = 8
"""Requests of one channel that wait for an answer at the same time (ours)."""

LATE_TIMER = 0.05
"""Seconds by which a timer may be late without loss to the pace (ours): no more than one call
follows at once then."""

LOOK_BEFORE = 0.05
"""Seconds before a call leaves that it is asked whether it is still to be made (ours)."""

FIRST_REST = 5.0
LONGEST_REST = 60.0
"""Seconds a channel rests after a failure, doubled by each that follows (ours)."""

LONGEST_TOLD = 300.0
"""Seconds; a channel that wants to be left alone for longer is asked again then (ours)."""

SILENT_IN_A_ROW = 3
"""So many calls without an answer are not the calls' fault: the channel is out."""

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=5)
"""Until a call is handed over once more that got no answer: half its age, within these (ours)."""

GIVE_UP_AFTER = timedelta(minutes=30)
"""A call that could not be handed over for so long is given up, and told (ours): the ladder has
gone on, and nobody's telephone rings for something that old."""

SAME_TROUBLE = timedelta(minutes=15)
"""A call that waited for longer between two tries did not fail all that time (ours)."""

FORGOTTEN_AFTER = timedelta(minutes=2)
"""A claim so old has no process behind it any more: it is handed over again."""


class Result(Enum):
    """What came of handing one call over."""

    ACCEPTED = "accepted"
    LATER = "later"  # not now: the channel is busy, down, or does not know us
    UNCERTAIN = "uncertain"  # no answer: it may have arrived
    HELD = "held"  # this call alone: in ``after`` seconds, for its addressee gets too much now
    REFUSED = "refused"  # never: this very call is wrong


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel said to one call.

    :param after: seconds it wants to be left alone; ``None`` when it does not say.
    :param account: whom the number belongs to there, where it was looked up; remembered.
    :param trouble: why it takes nothing from us; told to the duty officer.
    :param words: the provider's own word for that; without a trouble: what nobody foresaw.
    """

    result: Result
    provider_id: str | None = None
    cause: Cause | None = None
    after: float | None = None
    account: str | None = None
    trouble: Trouble | None = None
    words: str = ""


def of_a_change(outcome: Outcome, status: int) -> Outcome:
    """What the answer to a change means, read as if to a message: what is refused, in whatever
    words, will not be made later either."""
    unsure = outcome.result is Result.UNCERTAIN and status < 500
    return replace(outcome, result=Result.REFUSED) if unsure else outcome


class Sender(Protocol):
    """A road out: one channel's way to hand calls over."""

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one call over; whatever goes wrong is an outcome, never raised."""


SenderOpened = Callable[[], AbstractAsyncContextManager[Sender]]


class ChannelSending:
    """The work of the tick that hands one channel's calls over.

    :param opened: opens the channel's sender while there is something to send.
    :param per_second: the channel's pace.
    :param worker: the name on what it claims.
    :param known_again: the provider makes a call once that is handed over twice by one name.
    """

    def __init__(
        self,
        services: Services,
        channel: Channel,
        opened: SenderOpened,
        per_second: float,
        worker: str = "sending",
        *,
        known_again: bool = True,
    ) -> None:
        self._known_again = known_again
        self._services = services
        self.channel = channel
        self._opened = opened
        self._worker = worker
        interval = 1.0 / per_second
        self._pace = Gcra(interval, tolerance=min(interval, LATE_TIMER))
        # No more than leaves soon: whoever answers meanwhile is not to be rung.
        self._chunk = min(CHUNK, max(1, int(per_second * CHUNK_SECONDS)))
        self._silent = 0  # calls in a row without an answer
        self._rested = 0  # rests in a row
        self._rests_until: datetime | None = None
        # Deliveries that could not be handed over: since when, and when they last were tried.
        self._failing: dict[int, tuple[datetime, datetime]] = {}
        self._may_have_rung: set[int] = set()  # of these: nobody knows
        self._troubled = True  # as far as this process knows: another one may have noted it
        self._first = True  # only one process sends: what others claimed they will not send

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether something waits to be sent, and the channel does not rest."""
        before, tests = self._claimed_before(now), self._services.rules.tests.may_ring(now)
        return not self._rests(now) and channel_store.anything_due(
            connection, self.channel, now, before, tests=tests
        )

    async def send(self, _due: bool, _now: datetime) -> None:
        """Send whatever is due."""
        before, channel = self._claimed_before(self._now()), self.channel
        await self._services.database.run(
            lambda c: channel_store.free_claims(
                c, before, self._now(), channel=channel, known_again=self._known_again
            )
        )
        self._first = False
        self._forget_old()
        slots = asyncio.Semaphore(AT_ONCE)
        try:
            async with self._opened() as sender, asyncio.TaskGroup() as group:
                async for delivery, call in self._supply():
                    await slots.acquire()
                    task = group.create_task(self._hand_over(sender, delivery, call))
                    task.add_done_callback(lambda _: slots.release())
        except ExceptionGroup as failures:
            raise _first(failures) from None

    def _claimed_before(self, now: datetime) -> datetime:
        """Whose claims have no process behind them: at the first look, all of them."""
        return now if self._first else now - FORGOTTEN_AFTER

    async def _supply(self) -> AsyncIterator[tuple[ChannelDelivery, OutgoingCall]]:
        """What is to be sent now, one after the other, each when the pace lets it go."""
        database, loop = self._services.database, asyncio.get_running_loop()
        if self._pace.due < loop.time():
            self._pace.hold(loop.time())  # being idle earns no credit
        while not self._rests(self._now()):
            claimed = await database.run(
                lambda c: calling.claim(
                    c,
                    self.channel,
                    self._worker,
                    self._services.rules.warnings,
                    self._now(),
                    self._chunk,
                    tests=self._services.rules.tests.may_ring(self._now()),
                )
            )
            if not claimed:
                return
            calls = await database.ask(partial(self._calls, claimed))
            for delivery in claimed:
                call = calls.get(delivery.id)
                if call is None:
                    await self._later(delivery, FIRST_WAIT)
                    continue
                await asyncio.sleep(self._pace.open_at() - loop.time() - LOOK_BEFORE)
                if self._rests(self._now()) or not await database.ask(
                    partial(self._still_true, delivery)
                ):
                    await self._put_back(delivery, self._now())
                    continue
                await asyncio.sleep(self._pace.open_at() - loop.time())
                self._pace.take(loop.time())
                yield delivery, call

    def _calls(
        self, claimed: list[ChannelDelivery], connection: Connection
    ) -> dict[int, OutgoingCall]:
        return outgoing_calls(connection, self._services, claimed, self._now())

    def _still_true(self, delivery: ChannelDelivery, connection: Connection) -> bool:
        """Whether nobody answered, cancelled or held it since it was claimed.

        Of a test: whether it is still an hour for it, and no red or orange warning came meanwhile.
        """
        if delivery.kind is Kind.TEST:
            now = self._now()
            still = test_store.still_to_be_sent(connection, delivery.id, now)
            return still and self._services.rules.tests.may_ring(now)
        if delivery.kind in NEWS:
            return news_store.still_to_be_told(connection, delivery.id, self._now())
        return gateway_store.still_to_be_sent(connection, delivery.id, self._now())

    async def _hand_over(
        self, sender: Sender, delivery: ChannelDelivery, call: OutgoingCall
    ) -> None:
        outcome: Outcome | None = None
        try:
            outcome = await sender.send(call)
        except Exception as error:  # noqa: BLE001 - one bad call stops no channel
            # Its text may hold a number or a token. Whether it arrived nobody knows.
            log.error("delivery %d: a bug in sending it: %s", delivery.id, type(error).__name__)
        try:
            await self._record(delivery, outcome)
        except StoreError as error:
            # It stays claimed, and is handed over again by the same name.
            log.error("delivery %d was handed over and not noted: %s", delivery.id, error)

    async def _record(self, delivery: ChannelDelivery, outcome: Outcome | None) -> None:
        """Note what came of a call; ``None``: it could not be made, by a fault of ours."""
        if outcome is None:
            await self._later(delivery, self._alone(delivery), may_have_rung=True)
            return
        if (account := outcome.account) is not None:
            await self._services.database.run(
                lambda c: channel_store.found_account(c, delivery.id, account)
            )
        if outcome.result is Result.ACCEPTED:
            self._works(delivery)
            await self._services.database.run(partial(self._accepted, delivery, outcome))
            self._troubled = False
        elif outcome.result is Result.REFUSED:
            self._works(delivery)
            log.warning("%s refused: delivery %d", self.channel.value, delivery.id)
            await self._give_up(delivery, outcome.cause, unforeseen=outcome.words)
        elif outcome.result is Result.HELD:
            await self._put_back(delivery, self._now() + timedelta(seconds=outcome.after or 0))
        else:
            if outcome.trouble is not None:
                self._troubled = True
                await self._services.database.run(partial(self._note_trouble, outcome))
            elif outcome.words:
                await self._services.database.run(partial(self._note_words, outcome.words))
            self._note_failure(outcome)
            alone = outcome.result is Result.UNCERTAIN
            wait = self._alone(delivery) if alone else timedelta(0)
            await self._later(delivery, wait, may_have_rung=alone)

    def _alone(self, delivery: ChannelDelivery) -> timedelta:
        """How long a call waits that is out by itself, while the others go on."""
        first = FIRST_WAIT if self._known_again else AGAIN_AFTER
        return min(max((self._now() - delivery.created_at) / 2, first), LONGEST_WAIT)

    def _accepted(
        self, delivery: ChannelDelivery, outcome: Outcome, connection: Connection
    ) -> None:
        channel_store.accepted(connection, delivery.id, outcome.provider_id, self._now())
        if self._troubled:
            trouble_store.over(connection, self.channel, self._now())

    def _note_trouble(self, outcome: Outcome, connection: Connection) -> None:
        assert outcome.trouble is not None
        trouble_store.note(connection, self.channel, outcome.trouble, outcome.words, self._now())

    def _note_words(self, words: str, connection: Connection) -> None:
        """An officer reads them, as what Telegram says and nobody foresaw."""
        refusal_store.note(connection, told_by(self.channel, words), self._now())

    async def _later(
        self, delivery: ChannelDelivery, wait: timedelta, *, may_have_rung: bool = False
    ) -> None:
        """Try again after so long; unless it was tried for long enough.

        What only waited (for a decision, or for a number to be quiet) was not tried.
        """
        now = self._now()
        since, last = self._failing.get(delivery.id, (now, now))
        since = since if now - last < SAME_TROUBLE else now
        self._failing[delivery.id] = (since, now)
        if now - since >= GIVE_UP_AFTER:
            await self._give_up(delivery, None)
            return
        # However often it is handed over by one name, it has rung once at most.
        rang = may_have_rung and delivery.id not in self._may_have_rung
        if may_have_rung:
            self._may_have_rung.add(delivery.id)
        await self._put_back(delivery, now + wait, rang=rang)

    async def _give_up(
        self, delivery: ChannelDelivery, cause: Cause | None, *, unforeseen: str = ""
    ) -> None:
        self._forget(delivery)
        await self._services.database.run(partial(self._failed, delivery, cause, unforeseen))

    def _failed(
        self,
        delivery: ChannelDelivery,
        cause: Cause | None,
        unforeseen: str,
        connection: Connection,
    ) -> None:
        if unforeseen:
            self._note_words(unforeseen, connection)
        channel_store.failed(connection, delivery.id, cause, self._now())
        news.given_up(connection, delivery, self._now())

    async def _put_back(
        self, delivery: ChannelDelivery, earliest: datetime, *, rang: bool = False
    ) -> None:
        until = max(self._rests_until or earliest, earliest)
        await self._services.database.run(
            lambda c: channel_store.put_back(c, delivery.id, until, self._now(), rang=rang)
        )

    def _note_failure(self, outcome: Outcome) -> None:
        """Leave the channel alone when it is out: as long as it says, else longer each time."""
        now = self._now()
        if outcome.result is Result.UNCERTAIN:
            self._silent += 1
            if self._silent < SILENT_IN_A_ROW:
                return
        own = min(LONGEST_REST, FIRST_REST * 2**self._rested)
        if outcome.trouble is not None:
            own = LONGEST_REST  # it passes when somebody mends it
        seconds = own if outcome.after is None else min(outcome.after, LONGEST_TOLD)
        if not self._rests(now):  # else it is the same failure, told by another call
            self._rested += 1
            words = (self.channel.value, seconds, outcome.result.value)
            log.warning("%s rests for %.0f s: %s", *words)
        until = now + timedelta(seconds=seconds)
        self._rests_until = max(until, self._rests_until or until)

    def _works(self, delivery: ChannelDelivery) -> None:
        self._silent = self._rested = 0
        self._forget(delivery)

    def _forget_old(self) -> None:
        """What was answered or called off meanwhile is not tried any more."""
        now = self._now()
        self._failing = {
            number: (since, last)
            for number, (since, last) in self._failing.items()
            if now - last < SAME_TROUBLE
        }
        self._may_have_rung &= self._failing.keys()

    def _forget(self, delivery: ChannelDelivery) -> None:
        self._failing.pop(delivery.id, None)
        self._may_have_rung.discard(delivery.id)

    def _rests(self, now: datetime) -> bool:
        until = self._rests_until
        # A clock that was set back must not silence a channel for long.
        return until is not None and timedelta(0) < until - now <= timedelta(seconds=LONGEST_TOLD)

    def _now(self) -> datetime:
        return self._services.clock()


def _first(failure: Exception) -> Exception:
    """What went wrong first, of what went wrong at once."""
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
