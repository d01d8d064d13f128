"""Hands calls and messages to their channels: claim, render, pace, send, record.

The work of one tick, so it runs in one process at a time, and in the stories. At least once: what
is claimed and has no outcome is handed over again by the same name, by which the other side knows
it.
A channel that fails rests, and nothing leaves in a burst afterwards: the pace gives no credit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from alerts.channels import store as channel_store
from alerts.channels.store import ChannelDelivery
from bot.channels.contract import OutgoingCall
from bot.channels.rendering import outgoing_calls
from bot.services.services import Services
from bot.telegram.windows import Gcra
from contacts.channels import Cause, Channel
from data.database import Connection

log = logging.getLogger(__name__)

CHUNK = 20
"""Claimed at once: two seconds of sending at the usual pace, little to put back."""

AT_ONCE = 8
"""Requests of one channel that wait for an answer at the same time (ours)."""

FIRST_REST = 5.0
LONGEST_REST = 60.0
"""Seconds a channel rests after a failure, doubled by each that follows (ours)."""

LONGEST_TOLD = 3600.0
"""Seconds; a channel that wants to be left alone for longer is asked again then (ours)."""

SILENT_IN_A_ROW = 3
"""So many calls without an answer are not the calls' fault: the channel is out."""

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=5)
"""Until a call is handed over once more that got no answer: half its age, within these (ours)."""

GIVE_UP_AFTER = timedelta(minutes=30)
"""A call that could not be handed over for so long is given up, and told (ours): the ladder has
gone on, and nobody's telephone rings for something that old."""

FORGOTTEN_AFTER = timedelta(minutes=2)
"""A claim so old has no process behind it any more: it is handed over again."""


class Result(Enum):
    """What came of handing one call over."""

    ACCEPTED = "accepted"
    LATER = "later"  # not now: the channel is busy, down, or does not know us
    UNCERTAIN = "uncertain"  # no answer: it may have arrived
    REFUSED = "refused"  # never: this very call is wrong


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel said to one call.

    :param after: seconds it wants to be left alone; ``None`` when it does not say.
    """

    result: Result
    provider_id: str | None = None
    cause: Cause | None = None
    after: float | None = None


class Sender(Protocol):
    """A road out: one channel's way to hand calls over."""

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one call over; whatever goes wrong is an outcome, never raised."""


SenderOpened = Callable[[], AbstractAsyncContextManager[Sender]]


class ChannelSending:
    """The work of the tick that hands calls over.

    :param senders: opens each channel's sender while there is something to send.
    :param per_second: the pace of each channel.
    :param worker: the name on what it claims.
    """

    def __init__(
        self,
        services: Services,
        senders: Mapping[Channel, SenderOpened],
        per_second: Mapping[Channel, float],
        worker: str = "sending",
    ) -> None:
        self._services = services
        self._senders = senders
        self._worker = worker
        self._paces = {
            channel: Gcra(1.0 / per_second[channel], tolerance=0.0) for channel in senders
        }
        self._silent = dict.fromkeys(senders, 0)  # calls in a row without an answer
        self._rested = dict.fromkeys(senders, 0)  # rests in a row
        self._rests_until: dict[Channel, datetime] = {}
        self._first = True  # only one process sends: what others claimed they will not send

    def due(self, connection: Connection, now: datetime) -> list[Channel]:
        """The channels in which something waits to be sent, and that do not rest."""
        return [
            channel
            for channel in self._senders
            if not self._rests(channel, now)
            and channel_store.anything_due(connection, channel, now, self._claimed_before(now))
        ]

    async def send(self, channels: list[Channel], _now: datetime) -> None:
        """Send whatever is due in these channels; none waits for another."""
        before = self._claimed_before(self._now())
        await self._services.database.run(
            lambda c: channel_store.free_claims(c, before, self._now())
        )
        self._first = False
        try:
            async with asyncio.TaskGroup() as group:
                for channel in channels:
                    group.create_task(self._send_all(channel))
        except ExceptionGroup as failures:
            raise _first(failures) from None

    def _claimed_before(self, now: datetime) -> datetime:
        """Whose claims have no process behind them: at the first look, all of them."""
        return now if self._first else now - FORGOTTEN_AFTER

    async def _send_all(self, channel: Channel) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        async with self._senders[channel]() as sender, asyncio.TaskGroup() as group:
            async for delivery, call in self._supply(channel):
                await slots.acquire()
                task = group.create_task(self._hand_over(channel, sender, delivery, call))
                task.add_done_callback(lambda _: slots.release())

    async def _supply(
        self, channel: Channel
    ) -> AsyncIterator[tuple[ChannelDelivery, OutgoingCall]]:
        """What is to be sent now, one after the other, each when the pace lets it go."""
        database, loop = self._services.database, asyncio.get_running_loop()
        pace = self._paces[channel]
        while not self._rests(channel, self._now()):
            claimed = await database.run(
                lambda c: channel_store.claim(c, channel, self._worker, self._now(), CHUNK)
            )
            if not claimed:
                return
            calls = await database.ask(
                lambda c, claimed=claimed: outgoing_calls(c, self._services, claimed, self._now())  # type: ignore[misc]
            )
            for delivery in claimed:
                call = calls.get(delivery.id)
                if call is None:
                    await self._later(channel, delivery, FIRST_WAIT)
                    continue
                await asyncio.sleep(max(0.0, pace.open_at() - loop.time()))
                if self._rests(channel, self._now()):
                    await self._put_back(channel, delivery, self._now())
                    continue
                pace.take(loop.time())
                yield delivery, call

    async def _hand_over(
        self, channel: Channel, sender: Sender, delivery: ChannelDelivery, call: OutgoingCall
    ) -> None:
        outcome = await sender.send(call)
        run, now = self._services.database.run, self._now
        if outcome.result is Result.ACCEPTED:
            self._works(channel)
            await run(lambda c: channel_store.accepted(c, delivery.id, outcome.provider_id, now()))
        elif outcome.result is Result.REFUSED:
            self._works(channel)
            log.warning("%s refused: delivery %d", channel.value, delivery.id)
            await self._give_up(delivery, outcome.cause)
        else:
            self._note_failure(channel, outcome)
            age = now() - delivery.created_at
            alone = outcome.result is Result.UNCERTAIN
            wait = min(max(age / 2, FIRST_WAIT), LONGEST_WAIT) if alone else timedelta(0)
            await self._later(channel, delivery, wait)

    async def _later(self, channel: Channel, delivery: ChannelDelivery, wait: timedelta) -> None:
        """Try again after so long; unless it was tried for long enough."""
        if self._now() - delivery.created_at >= GIVE_UP_AFTER:
            await self._give_up(delivery, None)
        else:
            await self._put_back(channel, delivery, self._now() + wait)

    async def _give_up(self, delivery: ChannelDelivery, cause: Cause | None) -> None:
        await self._services.database.run(
            lambda c: channel_store.failed(c, delivery.id, cause, self._now())
        )

    async def _put_back(
        self, channel: Channel, delivery: ChannelDelivery, earliest: datetime
    ) -> None:
        until = max(self._rests_until.get(channel, earliest), earliest)
        await self._services.database.run(
            lambda c: channel_store.put_back(c, delivery.id, until, self._now())
        )

    def _note_failure(self, channel: Channel, outcome: Outcome) -> None:
        """Leave the channel alone when it is out: as long as it says, else longer each time."""
        now = self._now()
        if outcome.result is Result.UNCERTAIN:
            self._silent[channel] += 1
            if self._silent[channel] < SILENT_IN_A_ROW:
                return
        own = min(LONGEST_REST, FIRST_REST * 2 ** self._rested[channel])
        seconds = own if outcome.after is None else min(outcome.after, LONGEST_TOLD)
        if not self._rests(channel, now):  # else it is the same failure, told by another call
            self._rested[channel] += 1
            log.warning("%s rests for %.0f s: %s", channel.value, seconds, outcome.result.value)
        until = now + timedelta(seconds=seconds)
        self._rests_until[channel] = max(until, self._rests_until.get(channel, until))

    def _works(self, channel: Channel) -> None:
        self._silent[channel] = self._rested[channel] = 0

    def _rests(self, channel: Channel, now: datetime) -> bool:
        until = self._rests_until.get(channel)
        # A clock that was set back must not silence a channel for long.
        return until is not None and timedelta(0) < until - now <= timedelta(seconds=LONGEST_TOLD)

    def _now(self) -> datetime:
        return self._services.clock()


def _first(failure: Exception) -> Exception:
    """What went wrong first, of what went wrong at once."""
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
