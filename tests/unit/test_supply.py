"""What is claimed for whom, what is rendered when, and what takes the place of what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from bot.config.settings import PaceLimits
from bot.telegram import claiming
from bot.telegram.claiming import CLOSED_HELD, GATHER_SECONDS, REST_SECONDS, Supply
from bot.telegram.outgoing import Outgoing, Request
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Ready
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)
BOT, HELD, PER_CHAT = 7, 8, 2
ALBUM = Request("sendMediaGroup", orjson.dumps({"chat_id": 5, "media": [{}, {}, {}]}))
WORDS = Request("sendMessage", b'{"chat_id":5,"text":"x"}')

Told = Callable[[Sequence[Lane]], None]


def delivery(
    number: int,
    kind: MessageKind = MessageKind.SUMMARY,
    lane: Lane = Lane.REST,
    chat: int | None = None,
    **more: Any,
) -> Delivery:
    chat_id = 100 + number if chat is None else chat
    return Delivery(number, kind, lane, LaneOrder.VILLAGE, chat_id, **more)


class Scene:
    """A supply over an outbox in memory; the pacer lets nothing go by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outbox: list[Delivery] = []
        self.untrue: set[int] = set()  # numbers of what is dropped when it is claimed
        self.rooms: list[dict[Lane, int]] = []
        self.full: list[dict[Lane, list[int]]] = []
        self.given_back: list[list[int] | None] = []
        self.dropped: list[tuple[int, str]] = []
        self.rendered_early: list[int] = []
        self.says: Callable[[Delivery], Request | None] = lambda _: WORDS
        self.may_send = True
        self.outages = 0
        self.beside: list[bool] = []  # of each unit, whether it runs beside other writers
        self.watchers: list[tuple[int, Told]] = []
        self.arrived = 0
        self.claimed: set[int] = set()
        self.pacer: Pacer[Outgoing] = Pacer(PaceLimits())
        monkeypatch.setattr(claiming, "claim", self._claim)
        monkeypatch.setattr(claiming.claim_store, "give_back", self._give_back)
        this: Any = self
        self.supply = Supply(
            this,
            lambda: NOW,
            this,
            this,
            "test",
            BOT,
            self.pacer,
            this,
            HELD,
            PER_CHAT,
            lambda: self.may_send,
            self._arrived,
        )

    # -- as the database ---------------------------------------------------------------------------

    async def run(self, unit: Callable[[Any], Any], *, beside: bool = False) -> Any:
        await asyncio.sleep(0)
        self.beside.append(beside)
        if self.outages:
            self.outages -= 1
            raise StoreBusy("locked")
        return unit(None)

    def _claim(
        self,
        _c: Any,
        worker: str,
        now: datetime,
        room: dict[Lane, int],
        bot_id: int,
        *,
        per_chat: int,
        full: dict[Lane, list[int]],
        dropped: list[Delivery],
    ) -> list[Delivery]:
        assert (worker, now, bot_id, per_chat) == ("test", NOW, BOT, PER_CHAT)
        self.rooms.append(dict(room))
        self.full.append(full)
        taken: list[Delivery] = []
        for waiting in sorted(self.outbox, key=lambda waiting: waiting.id):
            same = [t for t in taken if t.lane is waiting.lane]
            of_chat = [t for t in same if t.chat_id == waiting.chat_id]
            closed = waiting.chat_id in full.get(waiting.lane, ())
            if len(same) < room.get(waiting.lane, 0) and len(of_chat) < per_chat and not closed:
                taken.append(waiting)
        self.outbox = [waiting for waiting in self.outbox if waiting not in taken]
        dropped += [waiting for waiting in taken if waiting.id in self.untrue]
        return [waiting for waiting in taken if waiting.id not in self.untrue]

    def _give_back(
        self,
        _c: Any,
        now: datetime,
        *,
        bot_id: int,
        worker: str,
        except_ids: list[int] | None = None,
    ) -> None:
        assert (now, bot_id, worker) == (NOW, BOT, "test")
        self.given_back.append(except_ids)

    # -- as the others it works with ---------------------------------------------------------------

    def add(self, attempt: Attempt, *, holds_slot: bool = True) -> None:
        assert not holds_slot  # nothing was sent
        assert attempt.result in (Result.DROPPED, Result.IMPOSSIBLE)
        self.dropped.append((attempt.delivery.id, attempt.error))

    async def rendered(self, deliveries: Sequence[Delivery]) -> list[Request | None]:
        self.rendered_early += [given.id for given in deliveries]
        return [self.says(given) for given in deliveries]

    def watch(self, bot_id: int, told: Told) -> None:
        self.watchers.append((bot_id, told))

    def unwatch(self, bot_id: int, told: Told) -> None:
        self.watchers.remove((bot_id, told))

    def _arrived(self) -> None:
        self.arrived += 1

    # -- what tests ask ----------------------------------------------------------------------------

    async def queue(self, *waiting: Delivery) -> None:
        self.outbox += waiting
        [(_, told)] = self.watchers
        told(list({given.lane for given in waiting}))
        await let_happen()

    def held(self) -> list[Outgoing]:
        return self.pacer.discard(lambda _: True)

    def held_ids(self) -> list[int]:
        return [item.delivery.id for item in self.held() if item.delivery is not None]

    def let_go(self, now: float) -> Outgoing:
        ready = self.pacer.next(now)
        assert isinstance(ready, Ready)
        self.supply.taken(ready)
        return ready.item


@asynccontextmanager
async def at_work(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    scene = Scene(monkeypatch)
    assert scene.supply.busy  # nobody has looked yet
    running = asyncio.create_task(scene.supply.run())
    await let_happen()
    assert not scene.supply.busy
    scene.rooms.clear()
    scene.full.clear()
    try:
        yield scene
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert scene.watchers == []


async def test_it_looks_into_every_lane_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch)
    running = asyncio.create_task(scene.supply.run())
    await let_happen()
    assert scene.rooms == [dict.fromkeys(Lane, HELD)]
    scene.supply.look_again()
    await let_happen()
    assert scene.rooms[1:] == [dict.fromkeys(Lane, HELD)]
    running.cancel()


async def test_only_the_lanes_it_was_told_of_are_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(delivery(1), delivery(2, lane=Lane.RED))
        assert scene.rooms[0] == {Lane.RED: HELD, Lane.REST: HELD}
        assert len(scene.rooms) == 1  # there was no more
        assert (scene.claimed, scene.arrived) == ({1, 2}, 1)
        assert all(scene.beside)  # behind no long unit of another process
        assert scene.held_ids() == [1, 2]


async def test_a_lane_is_filled_for_many_chats_and_again_when_half_of_them_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(*(delivery(number) for number in range(1, 21)))
        assert scene.rooms == [{Lane.REST: HELD}]
        assert scene.supply.busy  # there may be more
        now = 1000.0
        for left in range(HELD - 1, HELD // 2, -1):
            scene.let_go(now := now + 1)
            await let_happen()
            assert (len(scene.rooms), scene.pacer.held(Lane.REST)) == (1, left)
        scene.let_go(now + 1)
        await let_happen()
        assert scene.rooms[1] == {Lane.REST: HELD - HELD // 2}
        assert scene.pacer.held(Lane.REST) == HELD


async def test_what_is_true_comes_though_what_is_dropped_took_all_the_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        scene.untrue = set(range(1, HELD + 1))
        await scene.queue(*(delivery(number) for number in range(1, HELD + 2)))
        assert len(scene.rooms) == 2
        assert scene.held_ids() == [HELD + 1]


async def test_chats_that_must_wait_hold_many_but_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(monkeypatch) as scene:
        for number in range(CLOSED_HELD * HELD - 1):
            scene.pacer.offer(Outgoing(WORDS, (1, number)), 500, Lane.REST, (1, 1), is_group=False)
        await scene.queue(delivery(900))
        assert [room[Lane.REST] for room in scene.rooms] == [HELD - 1]
        assert scene.full == [{Lane.REST: [500]}]
        await scene.queue(delivery(901))
        assert len(scene.rooms) == 1  # it is full now
        assert scene.supply.busy


async def test_of_one_chat_a_few_are_held_and_the_next_when_they_have_gone(
    monkeypatch: pytest.MonkeyPatch, still_time: PassTime
) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(*(delivery(number, chat=5) for number in range(1, 6)))
        assert scene.claimed == {1, 2}
        assert scene.full[-1] == {Lane.REST: [5]}  # whoever is behind them is looked for
        scene.let_go(1000.0)
        await still_time(GATHER_SECONDS - 0.001)
        assert scene.claimed == {1, 2}
        assert scene.supply.busy
        await still_time(0.001)
        assert scene.claimed == {1, 2, 3, 4}


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_what_shows_how_things_stand_is_rendered_when_it_leaves(
    monkeypatch: pytest.MonkeyPatch, kind: MessageKind
) -> None:
    late = {
        MessageKind.CARD,
        MessageKind.POST_CARD,
        MessageKind.SILENT_LIST,
        MessageKind.SILENT_LIST_EDIT,
        MessageKind.SILENT_SHEET,
        MessageKind.HELP_WANTED,
        MessageKind.UNREPORTED_LIST,
        MessageKind.LEDGER_SHEET,
        MessageKind.CUT_OFF_LIST,
        MessageKind.ROLL_CALL_RESULT,
        MessageKind.PICTURE,
        MessageKind.SKY_PICTURE,
    }
    async with at_work(monkeypatch) as scene:
        await scene.queue(delivery(1, kind))
        [item] = scene.held()
        assert item.request is (None if kind in late else WORDS)
        assert scene.rendered_early == ([] if kind in late else [1])


async def test_what_is_over_when_it_is_claimed_is_not_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        scene.says = lambda given: None if given.id == 1 else WORDS
        await scene.queue(delivery(1), delivery(2))
        assert scene.dropped == [(1, "overtaken")]
        assert scene.held_ids() == [2]


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_a_cancellation_takes_the_calls_of_its_warning_that_wait(
    monkeypatch: pytest.MonkeyPatch, kind: MessageKind
) -> None:
    ends = kind.value in ("call", "remind", "post", "chase", "silent_list")
    async with at_work(monkeypatch) as scene:
        await scene.queue(
            delivery(1, kind, alert_id=1, coalesce_key="one"), delivery(2, kind, alert_id=2)
        )
        await scene.queue(delivery(3, MessageKind.CANCEL, Lane.CANCEL, alert_id=1))
        assert scene.dropped == ([(1, "cancelled")] if ends else [])
        await scene.queue(delivery(4, kind, coalesce_key="one", chat=101))
        assert scene.held_ids() == ([2, 3, 4] if ends else [4, 2, 3])  # 4 in the place of 1


async def test_a_newer_one_takes_the_place_of_an_older_one_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(
            delivery(1, chat=5, coalesce_key="a"),
            delivery(2, chat=6, coalesce_key="b"),
            delivery(3, chat=7, coalesce_key="c"),
        )
        await scene.queue(
            delivery(4, chat=5, coalesce_key="a"),
            delivery(5, chat=60, coalesce_key="b"),
            delivery(6, lane=Lane.RED, chat=7, coalesce_key="c"),
            delivery(7, chat=5),
        )
        assert sorted(scene.dropped) == [(1, "replaced"), (2, "replaced"), (3, "replaced")]
        assert [scene.let_go(now).delivery.id for now in range(1000, 1012, 3)] == [6, 4, 5, 7]  # type: ignore[union-attr]
        await scene.queue(delivery(8, chat=5, coalesce_key="a"))  # 4 has left
        assert len(scene.dropped) == 3


async def test_what_comes_back_gives_way_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(delivery(1, chat=5, coalesce_key="a"), delivery(2, chat=6))
        turns = [scene.pacer.next(now) for now in (1000.0, 1001.0)]
        for ready in turns:
            assert isinstance(ready, Ready)
            scene.supply.taken(ready)
        await scene.queue(delivery(3, chat=5, coalesce_key="a"))
        for ready in turns:
            assert isinstance(ready, Ready)
            scene.supply.put_back(ready)
        assert scene.dropped == [(1, "replaced")]
        assert sorted(scene.held_ids()) == [2, 3]


async def test_whoever_waits_for_an_album_gets_what_is_short_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        album = {1, 3}
        scene.says = lambda given: ALBUM if given.id in album else WORDS
        await scene.queue(delivery(1, lane=Lane.ANSWER, chat=5), delivery(3, chat=6))
        await scene.queue(delivery(2, lane=Lane.ANSWER, chat=5), delivery(4, chat=6))
        order = [scene.let_go(now).delivery.id for now in range(1000, 1040, 10)]  # type: ignore[union-attr]
        assert order == [2, 1, 3, 4]  # among others, an album keeps its place


async def test_while_the_pace_is_not_ours_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with at_work(monkeypatch) as scene:
        scene.may_send = False
        await scene.queue(delivery(1))
        assert (scene.rooms, scene.arrived) == ([], 0)
        scene.may_send = True
        scene.supply.look_again()
        await let_happen()
        assert scene.claimed == {1}


async def test_after_a_claim_that_may_have_been_made_what_is_not_held_is_queued_again(
    monkeypatch: pytest.MonkeyPatch, still_time: PassTime
) -> None:
    async with at_work(monkeypatch) as scene:
        await scene.queue(delivery(1))
        scene.outages = 2
        await scene.queue(delivery(2))
        assert scene.rooms == [{Lane.REST: HELD}] and scene.supply.busy
        await still_time(REST_SECONDS)
        assert scene.given_back == []  # the database is still out
        await still_time(REST_SECONDS - 0.001)
        assert scene.outages == 0 and scene.claimed == {1}
        await still_time(0.001)
        assert (scene.given_back, scene.claimed) == ([[1]], {1, 2})
        await scene.queue(delivery(3))
        assert scene.given_back == [[1]]  # once
        await scene.supply.give_back()
        assert scene.given_back == [[1], None]
        scene.outages = 1
        await scene.supply.give_back()  # we are stopping: what cannot be given back is uncertain


async def test_it_claims_when_the_pacer_has_run_low(monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(monkeypatch) as scene:
        scene.supply.runs_low()
        await let_happen()
        assert scene.rooms == []  # nothing can be there
        await scene.queue(*(delivery(number) for number in range(1, 20)))
        assert len(scene.rooms) == 1
        scene.supply.runs_low()
        await let_happen()
        assert len(scene.rooms) == 1  # there is enough
        scene.held()
        scene.supply.runs_low()
        await let_happen()
        assert scene.rooms[1] == {Lane.REST: HELD}
