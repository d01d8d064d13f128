"""Claims deliveries from the outbox, renders them and hands them to the pacer, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from alerts.outbox import claim_store
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import QUEUED_IN
from alerts.sending import claim
from bot.services.async_database import AsyncDatabase
from bot.telegram.outgoing import Outgoing, Renderer, Request
from bot.telegram.pacing import Pacer
from bot.telegram.recording import Recorder
from bot.telegram.shown_messages import ShownMessages, edit_of
from data.database import Connection, DatabaseError
from data.errors import StoreError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often to look for what another process queued (the command line, another machine)."""

RECHECK_SECONDS = 1.0
"""How often to look for retries that have come due."""

_ENDED_BY_CANCEL = frozenset(
    {
        MessageKind.CALL,
        MessageKind.REMIND,
        MessageKind.POST,
        MessageKind.CHASE,
        MessageKind.SILENT_LIST,
    }
)

_KEPT_UP_TO_DATE = frozenset(
    {
        MessageKind.CARD,
        MessageKind.POST_CARD,
        MessageKind.SILENT_LIST_EDIT,
        MessageKind.ROLL_CALL_RESULT,
    }
)
"""Edits of one message of these kinds leave in the order they were handed over: in one lane."""


class Supply:
    """Keeps the pacer supplied: it holds at most ``held`` claimed deliveries of each lane."""

    def __init__(
        self,
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        render: Renderer,
        worker: str,
        bot_id: int,
        pacer: Pacer[Outgoing],
        recorder: Recorder,
        shown: ShownMessages,
        held: int,
        arrived: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._render = render
        self._worker = worker
        self._bot_id = bot_id
        self._doubtful = False  # a claim whose commit is unknown: its rows may be ours
        self._pacer = pacer
        self._recorder = recorder
        self._shown = shown
        self._held = held
        self._arrived = arrived
        self._maybe: set[Lane] = set(Lane)  # lanes the outbox may hold more of
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._claiming = False
        self._loop = asyncio.get_running_loop()
        database.blocking.watch(self._committed)

    @property
    def busy(self) -> bool:
        """Whether the outbox may hold something that could be claimed now."""
        return self._claiming or bool(self._maybe)

    def look_again(self) -> None:
        """Something may be due that was not: time went by, or the clock was moved."""
        self._maybe.update(Lane)
        self._wanted.set()

    def taken_from(self, lane: Lane) -> None:
        """The pacer let something of ``lane`` go: claim more when it runs low."""
        if lane in self._maybe and self._pacer.held(lane) <= self._held // 2:
            self._wanted.set()

    async def run(self) -> None:
        """Claim whenever there is room and something may be there, until cancelled."""
        looking = asyncio.create_task(self._look())
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                self._claiming = True
                try:
                    while await self._claim():
                        continue
                finally:
                    self._claiming = False
        finally:
            looking.cancel()
            self._database.blocking.unwatch(self._committed)

    async def give_back(self) -> None:
        """Queue again what was claimed and not sent: we are stopping."""
        with suppress(StoreError):
            await self._database.run(
                lambda c: claim_store.give_back(
                    c, self._clock(), bot_id=self._bot_id, worker=self._worker
                )
            )

    async def _look(self) -> None:
        seen, rested = -1, 0.0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            rested += LOOK_SECONDS
            with suppress(StoreError):
                version = self._database.blocking.outside_changes()
                if version != seen or rested >= RECHECK_SECONDS:
                    seen, rested = version, 0.0
                    self.look_again()

    def _committed(self, signals: frozenset[str]) -> None:
        lanes = {
            Lane(int(word[len(QUEUED_IN) :])) for word in signals if word.startswith(QUEUED_IN)
        }
        if lanes:
            with suppress(RuntimeError):  # the loop is closed: we are stopping
                self._loop.call_soon_threadsafe(self._queued, lanes)

    def _queued(self, lanes: set[Lane]) -> None:
        self._maybe |= lanes
        self._wanted.set()

    async def _claim(self) -> bool:
        """Claim once; whether another claim would be of use now."""
        room = {
            lane: self._held - self._pacer.held(lane)
            for lane in sorted(self._maybe)
            if self._pacer.held(lane) <= self._held // 2
        }
        if not room:
            return False
        self._maybe -= set(room)
        try:
            if self._doubtful:
                await self._reclaim()
            taken = await self._database.run(
                lambda c: claim(c, self._worker, self._clock(), room, self._bot_id),
                beside=True,
            )
        except StoreError as error:
            log.warning("cannot claim deliveries: %s", error)
            self._doubtful = True
            self._maybe |= set(room)
            await asyncio.sleep(RECHECK_SECONDS)
            return True
        by_lane = Counter(delivery.lane for delivery in taken)
        self._maybe |= {lane for lane, most in room.items() if by_lane[lane] >= most}
        if taken:
            await self._hand_over(taken)
        return bool(taken)

    async def _reclaim(self) -> None:
        """Queue again what a claim took whose answer was lost: claimed by us, yet not held."""
        held = list(self._recorder.claimed)
        await self._database.run(
            lambda c: claim_store.give_back(
                c, self._clock(), bot_id=self._bot_id, worker=self._worker, except_ids=held
            )
        )
        self._doubtful = False

    async def _hand_over(self, taken: list[Delivery]) -> None:
        self._recorder.claimed.update(delivery.id for delivery in taken)
        for delivery in taken:
            if delivery.kind is MessageKind.CANCEL:
                self._drop_ended(delivery.alert_id)
        requests = await self._database.ask(lambda c: self._rendered(c, taken))
        for delivery, request in zip(taken, requests, strict=True):
            if request is None:
                self._drop(delivery, "overtaken")
                continue
            if not self._changes_anything(delivery, request):
                self._drop(delivery, "unchanged")
                continue
            order = (delivery.order, delivery.id)
            self._pacer.offer(
                Outgoing(request, order, delivery),
                delivery.chat_id,
                delivery.lane,
                order,
                is_group=delivery.chat_id < 0,
            )
        self._arrived()

    def _changes_anything(self, delivery: Delivery, request: Request) -> bool:
        """Whether a request has an effect: an edit may show what its message shows already."""
        edit = edit_of(request.method, request.body)
        if edit is None:
            return True
        if delivery.kind in _KEPT_UP_TO_DATE:
            return self._shown.will_change(edit)
        # It may leave before an edit that waits in a later lane, which then has the last word.
        self._shown.forget(edit.chat_id, edit.message_id)
        return True

    def _drop(self, delivery: Delivery, why: str) -> None:
        self._recorder.add(Attempt(delivery, Result.DROPPED, error=why), holds_slot=False)

    def _rendered(self, connection: Connection, taken: list[Delivery]) -> list[Request | None]:
        try:
            return self._render(connection, taken)
        except DatabaseError:
            raise
        except Exception:
            if len(taken) == 1:
                log.exception("cannot render delivery %s (%s)", taken[0].id, taken[0].kind.value)
                return [None]
        # One of them cannot be rendered: find it, send the others.
        return [self._rendered(connection, [delivery])[0] for delivery in taken]

    def _drop_ended(self, alert_id: int | None) -> None:
        """A cancelled warning's calls that wait in the pacer are not sent any more."""
        gone = self._pacer.discard(
            lambda item: (
                item.delivery is not None
                and item.delivery.alert_id == alert_id
                and item.delivery.kind in _ENDED_BY_CANCEL
            )
        )
        for item in gone:
            assert item.delivery is not None
            self._drop(item.delivery, "cancelled")
