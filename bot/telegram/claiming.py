"""Claims deliveries from the outbox, renders them and hands them to the pacer, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime

from alerts.outbox import claim_store
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from alerts.sending import claim
from bot.services.async_database import AsyncDatabase
from bot.telegram.last_look import LastLook
from bot.telegram.lookout import Lookout
from bot.telegram.outgoing import Outgoing, Request, not_said, offer, weight_of
from bot.telegram.pacing import Pacer
from bot.telegram.recording import Recorder
from bot.telegram.turns import Ready
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

REST_SECONDS = 1.0
"""After a claim that failed."""

GATHER_SECONDS = 0.1
"""How long chats that have room again wait for each other, to be claimed for in one statement."""

CLOSED_HELD = 20
"""Chats that must wait may hold so many times what is held for chats that need not."""

_ENDED_BY_CANCEL = frozenset(
    {
        MessageKind.CALL,
        MessageKind.REMIND,
        MessageKind.POST,
        MessageKind.CHASE,
        MessageKind.SILENT_LIST,
    }
)

_RENDERED_WHEN_THEY_LEAVE = frozenset(
    {
        MessageKind.CARD,
        MessageKind.POST_CARD,
        MessageKind.SILENT_LIST,
        MessageKind.SILENT_LIST_EDIT,
        MessageKind.SILENT_SHEET,
        MessageKind.LEDGER_SHEET,
        MessageKind.CUT_OFF_LIST,
        MessageKind.HELP_WANTED,
        MessageKind.UNREPORTED_LIST,
        MessageKind.ROLL_CALL_RESULT,
        MessageKind.PICTURE,
        MessageKind.SKY_PICTURE,
    }
)
"""They show how things stand, and may wait long: what is urgent goes first."""


class Supply:
    """Keeps the pacer supplied, so that no chat, bot or lane waits for another.

    Of each lane it holds deliveries for at most ``held`` chats that may be sent to, and for one
    chat a few: the rest waits in the outbox, where it is in nobody's way and can be replaced.
    """

    def __init__(
        self,
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        last_look: LastLook,
        lookout: Lookout,
        worker: str,
        bot_id: int,
        pacer: Pacer[Outgoing],
        recorder: Recorder,
        held: int,
        per_chat: int,
        may_send: Callable[[], bool],
        arrived: Callable[[], None],
        rules: Rules | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._last_look = last_look
        self._lookout = lookout
        self._worker = worker
        self._bot_id = bot_id
        self._doubtful = False  # a claim whose commit is unknown: its rows may be ours
        self._pacer = pacer
        self._recorder = recorder
        self._rules = {} if rules is None else {"rules": rules}
        self._held = held
        self._per_chat = min(per_chat, held)
        self._may_send = may_send
        self._arrived = arrived
        self._maybe: set[Lane] = set(Lane)  # lanes the outbox may hold more of
        self._more: set[tuple[int, Lane]] = set()  # chats the outbox may hold more for
        self._keyed: dict[str, Outgoing] = {}  # what waits in the pacer, by its coalesce key
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._claiming = False
        self.looked = asyncio.Event()  # what waited for us when we began is claimed
        self._gathering: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def busy(self) -> bool:
        """Whether the outbox may hold something that could be claimed now."""
        return self._claiming or bool(self._maybe) or self._gathering is not None

    def look_again(self) -> None:
        """Something may be due that was not: time went by, or the clock was moved."""
        self._queued(list(Lane))

    def taken(self, ready: Ready[Outgoing]) -> None:
        """The pacer let something go: claim more when it runs low."""
        delivery, lane = ready.item.delivery, ready.lane
        if delivery is not None and delivery.coalesce_key is not None:
            self._keyed.pop(delivery.coalesce_key, None)
        if (
            self._more
            and self._gathering is None
            and (ready.chat_id, lane) in self._more
            and self._pacer.held_for(ready.chat_id, lane) <= 1
        ):
            self._gathering = self._loop.call_later(GATHER_SECONDS, self._gathered)
        if lane in self._maybe and self._has_room(lane):
            self._wanted.set()

    def runs_low(self) -> None:
        """Claim if the pacer has nothing to send for many chats, whatever it holds for others."""
        if self._maybe and any(self._has_room(lane) for lane in self._maybe):
            self._wanted.set()

    async def run(self) -> None:
        """Claim whenever there is room and something may be there, until cancelled."""
        self._lookout.watch(self._bot_id, self._queued)
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                self._claiming = True
                try:
                    while await self._claim():
                        continue
                    self.looked.set()
                finally:
                    self._claiming = False
        finally:
            self._lookout.unwatch(self._bot_id, self._queued)
            if self._gathering is not None:
                self._gathering.cancel()

    async def give_back(self) -> None:
        """Queue again what was claimed and not sent: we are stopping."""
        with suppress(StoreError):
            await self._database.run(
                lambda c: claim_store.give_back(
                    c, self._clock(), bot_id=self._bot_id, worker=self._worker
                )
            )

    def put_back(self, ready: Ready[Outgoing]) -> None:
        """Hold something again that was let go and did not leave."""
        self._offer(ready.item, ready.chat_id, ready.lane)

    def _queued(self, lanes: Collection[Lane]) -> None:
        self._maybe.update(lanes)
        self._wanted.set()

    def _gathered(self) -> None:
        self._gathering = None
        roomy = {key for key in self._more if self._pacer.held_for(*key) <= 1}
        self._more -= roomy
        self._queued({lane for _, lane in roomy})

    def _has_room(self, lane: Lane) -> bool:
        return (
            self._pacer.open_chats(lane) <= self._held // 2
            and self._pacer.held(lane) < CLOSED_HELD * self._held
        )

    async def _claim(self) -> bool:
        """Claim once; whether another claim would be of use now."""
        room = {
            lane: self._held - self._pacer.open_chats(lane)
            for lane in sorted(self._maybe)
            if self._has_room(lane)
        }
        if not room:
            return False
        self._maybe -= set(room)
        few = self._per_chat < self._held
        full = self._pacer.full_chats(self._per_chat) if few else {}

        def take(connection: Connection) -> tuple[list[Delivery], list[Delivery]]:
            if not self._may_send():  # the writer may come to it late
                return [], []
            dropped: list[Delivery] = []
            true = claim(
                connection,
                self._worker,
                self._clock(),
                room,
                self._bot_id,
                per_chat=self._per_chat,
                full=full,
                dropped=dropped,
                **self._rules,
            )
            return true + dropped, true

        try:
            if self._doubtful:
                await self._reclaim()
            taken, true = await self._database.run(take, beside=True)
        except Exception as error:
            if isinstance(error, StoreError):
                log.warning("cannot claim deliveries: %s", error)
            else:
                log.exception("cannot claim deliveries")
            self._doubtful = True
            self._maybe |= set(room)
            await asyncio.sleep(REST_SECONDS)
            return True
        by_lane = Counter(delivery.lane for delivery in taken)
        self._maybe |= {lane for lane, most in room.items() if by_lane[lane] >= most}
        if few:
            by_chat = Counter((delivery.chat_id, delivery.lane) for delivery in taken)
            filled = {key for key, number in by_chat.items() if number >= self._per_chat}
            self._maybe |= {lane for _, lane in filled}  # perhaps for others, behind them
            self._more |= filled
            self._more |= {(chat_id, lane) for lane in room for chat_id in full.get(lane, ())}
        if true:
            await self._hand_over(true)
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
        at, known_at = self._loop.time(), self._clock()
        said_now = []
        for delivery in taken:
            if delivery.kind in _RENDERED_WHEN_THEY_LEAVE:
                self._hold(delivery, None, at, known_at)
            else:
                said_now.append(delivery)
        rendered = await self._last_look.rendered(said_now) if said_now else []
        for delivery, request in zip(said_now, rendered, strict=True):
            if isinstance(request, Request):
                self._hold(delivery, request, at, known_at)
            else:
                self._recorder.add(not_said(delivery, request), holds_slot=False)
        self._arrived()

    def _hold(
        self, delivery: Delivery, request: Request | None, at: float, known_at: datetime
    ) -> None:
        """Hand a delivery to the pacer, in the place of an older one that it replaces."""
        key = delivery.coalesce_key
        older = None if key is None else self._keyed.get(key)
        if older is not None and older.delivery is not None:
            if (older.delivery.chat_id, older.delivery.lane) == (delivery.chat_id, delivery.lane):
                self._drop(older.delivery, "replaced")
                older.delivery, older.request, older.true_at = delivery, request, at
                older.known_at = known_at
                older.instead = False
                return
            self._drop_held(lambda item: item is older, "replaced")
        # Whoever asked for an album waits for it; what he asks for next, being short, goes first.
        last = delivery.lane is Lane.ANSWER and weight_of(request) > 1
        order = (delivery.order + last * len(LaneOrder), delivery.id)
        item = Outgoing(request, order, delivery, true_at=at, known_at=known_at)
        self._offer(item, delivery.chat_id, delivery.lane)

    def _offer(self, item: Outgoing, chat_id: int, lane: Lane) -> None:
        key = None if item.delivery is None else item.delivery.coalesce_key
        if key is not None and self._keyed.setdefault(key, item) is not item:
            assert item.delivery is not None
            self._drop(item.delivery, "replaced")
            return
        offer(self._pacer, item, chat_id, lane)

    def _drop(self, delivery: Delivery, why: str) -> None:
        self._recorder.add(Attempt(delivery, Result.DROPPED, error=why), holds_slot=False)

    def _drop_held(self, unwanted: Callable[[Outgoing], bool], why: str) -> None:
        for item in self._pacer.discard(unwanted):
            assert item.delivery is not None
            if item.delivery.coalesce_key is not None:
                self._keyed.pop(item.delivery.coalesce_key, None)
            self._drop(item.delivery, why)

    def _drop_ended(self, alert_id: int | None) -> None:
        """A cancelled warning's calls that wait in the pacer are not sent any more."""
        self._drop_held(
            lambda item: (
                item.delivery is not None
                and item.delivery.alert_id == alert_id
                and item.delivery.kind in _ENDED_BY_CANCEL
            ),
            "cancelled",
        )
