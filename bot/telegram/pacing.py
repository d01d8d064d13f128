"""Which message leaves next, and when: the pace of one bot token. Pure.

Time is an argument: seconds of a clock that never goes back. The pacer holds a working set which
the dispatcher refills from the outbox; it never drops anything by itself.

**Priority.** A lane leaves before the next lane (``outbox.lanes``); inside a lane the smaller
``order_key`` first, then first come. An item whose chat must wait blocks nobody: the next item of
the lane goes. ``ANSWER`` is ahead of warnings, but while a message of ``CANCEL`` to ``REST`` could
leave, answers take at most a third of the pace (after a burst of three): a flood of taps cannot
starve first calls. ``CARD`` leaves only when nothing else can, and ``STRANGER``
when not even that.

**Weight.** An album is one request and as many messages as it has items; Telegram counts these. It
leaves when all of them fit, and its chat and the bot then wait for as many.

**A 429** does not say which limit was met. It always halts its chat for exactly ``retry_after``.
It halts the whole bot only on evidence: a *second* chat refused while the first is still halted,
and no request that left after the first refusal succeeded in between (tell the pacer with
``accepted``). Under the overall limit Telegram refuses whatever it gets, so the evidence is there
within one or two requests, 33 ms apart; whereas halting 20,000 recipients for half a minute because
one busy group was full would be the greater harm. Refused for one reason, the ends agree (whole
seconds, told a moment apart) and the bot rests until the latest of them. Ends far apart are two
chats told to wait for their own, one of them perhaps an hour: the bot rests until the earlier, and
asks again, which costs one request instead of the hour. A halt is never shortened, nothing is lost
(offer the refused item again), and after a halt messages leave evenly spaced again, no burst.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Generic, TypeVar

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.turns import EMPTY, Empty, Ready, Wait
from bot.telegram.windows import PACE, ChatPace, ChatRules, Gcra, Overall

T = TypeVar("T")
OrderKey = tuple[int, ...]

_MESSAGES = (Lane.CANCEL, Lane.RED, Lane.ORANGE, Lane.REST)  # what answers must leave room for
_ANSWER_SHARE = 3  # one in so many, while messages could leave
_ONE_REASON = 2.0  # seconds: ends of one and the same halt differ by less
_SWEEP = 1024  # chats remembered before the first look for idle ones


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    item: T
    chat_id: int
    lane: Lane
    order: OrderKey
    is_group: bool
    seq: int
    weight: int = 1
    alive: bool = True
    queue: _Queue[T] | None = None  # once its time has come


@dataclass(slots=True, eq=False)
class _Queue(Generic[T]):
    """What waits for one chat in one lane. Asleep while its chat must wait."""

    chat: ChatPace
    chat_id: int
    lane: Lane
    heap: list[tuple[OrderKey, int, _Waiting[T]]] = field(default_factory=list)
    count: int = 0  # of those in it that are alive, but for albums
    asleep: int = 0  # number of the entry among those asleep
    listed: int = -1  # seq of the entry last listed as ready

    def head(self) -> tuple[OrderKey, int, _Waiting[T]] | None:
        heap = self.heap
        while heap and not heap[0][2].alive:
            heappop(heap)
        return heap[0] if heap else None

    def open_at(self, head: _Waiting[T]) -> float:
        return self.chat.open_at(self.lane is Lane.CARD, head.weight)


class Pacer(Generic[T]):
    """The queue of one bot token. Choosing is O(log n) amortised."""

    def __init__(self, limits: PaceLimits) -> None:
        self._overall = Overall(limits.per_second)
        self._rules = ChatRules(limits)
        share = _ANSWER_SHARE / (limits.per_second * PACE)
        self._answers = Gcra(share, tolerance=2 * share)
        self._chats: dict[int, ChatPace] = {}
        self._queues: dict[tuple[int, int], _Queue[T]] = {}
        self._entries: dict[int, _Waiting[T]] = {}
        self._counts = [0] * len(Lane)
        self._awake = [0] * len(Lane)  # queues
        # Listings may be stale (their queue fell asleep, their entry left): checked when met.
        self._ready: list[list[tuple[OrderKey, int, _Queue[T]]]] = [[] for _ in Lane]
        self._asleep: list[tuple[float, int, _Queue[T]]] = []
        self._later: list[tuple[float, int, _Waiting[T]]] = []
        self._refusals: dict[int, tuple[float, float]] = {}  # chat: refused at, halted until
        self._seq = 0
        self._now = float("-inf")
        self._sweep_at = _SWEEP

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def waiting(self) -> dict[Lane, int]:
        """How many are held, by lane."""
        return dict(zip(Lane, self._counts, strict=True))

    @property
    def halted_until(self) -> float:
        """Until when the whole bot was told to wait; in the past when it was not."""
        return self._overall.halted_until

    def held(self, lane: Lane) -> int:
        """How many of this lane are held."""
        return self._counts[lane]

    def open_chats(self, lane: Lane) -> int:
        """How many chats have something in this lane that may leave, as far as was looked."""
        return min(self._awake[lane], self._counts[lane])

    def held_for(self, chat_id: int, lane: Lane) -> int:
        """How many of this lane are held for one chat, but for albums."""
        queue = self._queues.get((chat_id, lane))
        return 0 if queue is None else queue.count

    def full_chats(self, most: int) -> dict[Lane, list[int]]:
        """The chats for which ``most`` or more of a lane are held; O(n).

        Of albums ten times as many: a chat waits long for one, and what is short goes before it.
        """
        full: dict[Lane, list[int]] = {}
        for queue in self._queues.values():
            if queue.count >= most or len(queue.heap) >= 10 * most:
                full.setdefault(queue.lane, []).append(queue.chat_id)
        return full

    def offer(
        self,
        item: T,
        chat_id: int,
        lane: Lane,
        order_key: OrderKey = (),
        *,
        is_group: bool,
        not_before: float = float("-inf"),
        weight: int = 1,
    ) -> None:
        """Hold ``item`` until its turn comes, never before ``not_before``.

        ``weight``: how many messages it is.

        All order keys of a lane must have the same shape; ``(place, delivery id)`` keeps the
        outbox's order even for an item that is offered again after a refusal.
        """
        self._seq = seq = self._seq + 1
        entry = _Waiting(item, chat_id, lane, order_key, is_group, seq, weight)
        self._entries[seq] = entry
        self._counts[lane] += 1
        if not_before > self._now:
            heappush(self._later, (not_before, seq, entry))
        else:
            self._admit(entry)

    def next(self, now: float) -> Ready[T] | Wait | Empty:
        """What leaves now, counted as sent; or until when to wait; or that nothing is held."""
        self._now = now = max(now, self._now)
        if not self._entries:
            return EMPTY
        if now < (open_at := self._overall.open_at()):
            return Wait(open_at)
        self._wake(now)
        if (queue := self._choose(now)) is None:
            while self._asleep and self._asleep[0][1] != self._asleep[0][2].asleep:
                heappop(self._asleep)  # roused before
            return Wait(min(heap[0][0] for heap in (self._asleep, self._later) if heap))
        weight = queue.heap[0][2].weight
        if weight > 1 and now < (open_at := self._overall.open_at(weight)):
            return Wait(open_at)  # nothing lighter goes before it, or it would wait for ever
        return self._take(queue, now)

    def refused(
        self, chat_id: int, retry_after: float, now: float, *, everything: bool = False
    ) -> None:
        """Telegram answered 429: wait ``retry_after`` seconds. Offer the item again as well.

        :param everything: the caller knows that the whole bot is meant.
        """
        until = now + retry_after
        self._chat(chat_id, is_group=chat_id < 0).halt(until)
        fresh = {chat: (at, end) for chat, (at, end) in self._refusals.items() if end > now}
        self._refusals = {**fresh, chat_id: (now, until)}
        if everything:
            self._overall.halt(until)
        elif len(self._refusals) > 1:
            ends = sorted(end for _, end in self._refusals.values())
            self._overall.halt(ends[bisect_right(ends, ends[0] + _ONE_REASON) - 1])

    def left(self, ready: Ready[T], at: float) -> None:
        """What ``next`` let go has begun to leave only now: that is what Telegram will count."""
        self._overall.left(ready.number, at, ready.weight)

    def stayed(self, ready: Ready[T]) -> None:
        """What ``next`` let go did not leave after all: its chat need not wait for it."""
        self._overall.stayed(ready.number, ready.weight)
        chat = self._chats.get(ready.chat_id)
        if chat is not None:
            chat.stayed(ready.at, ready.weight)

    def answered(self, ready: Ready[T], left_at: float, at: float) -> None:
        """What left at ``left_at`` was answered: the slower, the later it may have arrived."""
        self._overall.answered(ready.number, left_at, at, ready.weight)

    def accepted(self, left_at: float) -> None:
        """A request that left at ``left_at`` (``Ready.at``) succeeded.

        So a refusal before it was its chat's own; it is no evidence against the whole bot.
        """
        if self._refusals:
            self._refusals = {c: seen for c, seen in self._refusals.items() if seen[0] >= left_at}

    def discard(self, predicate: Callable[[T], bool]) -> list[T]:
        """Take out every item for which ``predicate`` holds (overtaken, cancelled); O(n)."""
        gone = [entry for entry in self._entries.values() if predicate(entry.item)]
        for entry in gone:
            entry.alive = False
            self._remove(entry)
            if (queue := entry.queue) is not None and queue.asleep:
                self._rouse(queue)  # what comes next may be lighter
                self._list(queue)
        return [entry.item for entry in gone]

    def _remove(self, entry: _Waiting[T]) -> None:
        del self._entries[entry.seq]
        self._counts[entry.lane] -= 1
        if entry.queue is not None and entry.weight == 1:
            entry.queue.count -= 1

    def _chat(self, chat_id: int, is_group: bool) -> ChatPace:
        chat = self._chats.get(chat_id)
        if chat is None:
            if len(self._chats) >= self._sweep_at:
                self._forget_idle_chats()
            chat = self._chats[chat_id] = ChatPace(self._rules, is_group)
        elif is_group:
            chat.is_group = True
        return chat

    def _forget_idle_chats(self) -> None:
        busy = {queue.chat_id for queue in self._queues.values()}
        self._chats = {
            chat_id: chat
            for chat_id, chat in self._chats.items()
            if chat_id in busy or not chat.is_idle(self._now)
        }
        self._sweep_at = 2 * len(self._chats) + _SWEEP

    def _admit(self, entry: _Waiting[T]) -> None:
        """Into the queue of its chat; its time has come."""
        key = (entry.chat_id, entry.lane)
        queue = self._queues.get(key)
        if queue is None:
            chat = self._chat(entry.chat_id, entry.is_group)
            queue = self._queues[key] = _Queue(chat, entry.chat_id, entry.lane)
            self._awake[entry.lane] += 1
        elif entry.is_group:
            queue.chat.is_group = True
        heappush(queue.heap, (entry.order, entry.seq, entry))
        entry.queue = queue
        queue.count += entry.weight == 1
        if queue.asleep and queue.heap[0][2] is entry:
            self._rouse(queue)  # it may be lighter than what the queue has been waiting with
        if not queue.asleep:
            self._list(queue)

    def _list(self, queue: _Queue[T]) -> None:
        """Make the queue's first entry known to its lane; forget the queue if it is empty."""
        head = queue.head()
        if head is None:
            self._forget_queue(queue)
        elif head[1] != queue.listed:
            queue.listed = head[1]
            heappush(self._ready[queue.lane], (head[0], head[1], queue))

    def _forget_queue(self, queue: _Queue[T]) -> None:
        """It is empty, and awake."""
        del self._queues[queue.chat_id, queue.lane]
        self._awake[queue.lane] -= 1

    def _sleep(self, queue: _Queue[T], until: float) -> None:
        queue.listed = -1
        self._seq = queue.asleep = self._seq + 1
        self._awake[queue.lane] -= 1
        heappush(self._asleep, (until, queue.asleep, queue))

    def _rouse(self, queue: _Queue[T]) -> None:
        queue.asleep = 0
        self._awake[queue.lane] += 1

    def _wake(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            entry = heappop(self._later)[2]
            if entry.alive:
                self._admit(entry)
        while self._asleep and self._asleep[0][0] <= now:
            _, number, queue = heappop(self._asleep)
            if queue.asleep == number:  # else it was roused before
                self._rouse(queue)
                self._list(queue)

    def _first(self, lane: Lane, now: float) -> _Queue[T] | None:
        """The queue whose head is the lane's best that may leave now."""
        ready = self._ready[lane]
        while ready:
            _, seq, queue = ready[0]
            head = None if queue.asleep else queue.head()
            if head is not None and head[1] == seq:
                open_at = queue.open_at(head[2])
                if open_at <= now:
                    return queue
                heappop(ready)
                self._sleep(queue, open_at)
                continue
            heappop(ready)
            if not queue.asleep and self._queues.get((queue.chat_id, lane)) is queue:
                self._list(queue)
        return None

    def _choose(self, now: float) -> _Queue[T] | None:
        if (queue := self._first(Lane.DISTRESS, now)) is not None:
            return queue
        if (answer := self._first(Lane.ANSWER, now)) is not None:
            spent = self._answers.open_at() > now
            return (self._first_message(now) or answer) if spent else answer
        return (
            self._first_message(now)
            or self._first(Lane.CARD, now)
            or self._first(Lane.STRANGER, now)
            or self._first(Lane.LAST, now)
        )

    def _first_message(self, now: float) -> _Queue[T] | None:
        for lane in _MESSAGES:
            if self._ready[lane] and (queue := self._first(lane, now)) is not None:
                return queue
        return None

    def _take(self, queue: _Queue[T], now: float) -> Ready[T]:
        entry = heappop(queue.heap)[2]
        self._remove(entry)
        if (
            entry.lane is Lane.ANSWER
            and self._answers.open_at() <= now
            and self._first_message(now) is not None
        ):
            self._answers.take(now, entry.weight)
        queue.chat.take(now, entry.weight)
        number = self._overall.take(now, entry.weight)
        if queue.head() is None:
            self._forget_queue(queue)
        else:
            queue.listed = -1
            self._list(queue)
        return Ready(entry.item, entry.chat_id, entry.lane, now, number, entry.weight)
