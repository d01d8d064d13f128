"""Each bot hears of what was queued for it, and one look serves all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.outbox.lanes import Lane
from bot.telegram import lookout as lookout_module
from bot.telegram.lookout import LOOK_SECONDS, RECHECK_SECONDS, Lookout
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)
A, B = 1, 2
RED = frozenset({Lane.RED})


class Store:
    """A database which others change, or which is out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.blocking = self
        self.watchers: list[Callable[[frozenset[str]], None]] = []
        self.outside, self.commits = 0, 0
        self.due: dict[int, set[Lane]] = {}
        self.looks: list[list[int]] = []
        self.out = False
        monkeypatch.setattr(lookout_module.claim_store, "due", self._due)

    def watch(self, told: Callable[[frozenset[str]], None]) -> None:
        self.watchers.append(told)

    def unwatch(self, told: Callable[[frozenset[str]], None]) -> None:
        self.watchers.remove(told)

    def outside_changes(self) -> int:
        if self.out:
            raise StoreBusy("locked")
        return self.outside

    async def ask(self, query: Callable[[Any], Any]) -> Any:
        return query(None)

    def _due(self, _c: Any, bots: list[int], now: datetime) -> dict[int, set[Lane]]:
        assert now == NOW
        self.looks.append(bots)
        return self.due


class Ear:
    def __init__(self) -> None:
        self.heard: list[set[Lane]] = []

    def __call__(self, lanes: Collection[Lane]) -> None:
        self.heard.append(set(lanes))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(monkeypatch)


def lookout_over(store: Store) -> Lookout:
    return Lookout(store, lambda: NOW)  # type: ignore[arg-type]


async def test_a_signal_is_for_its_bot_and_one_for_every_bot_for_all(store: Store) -> None:
    lookout, a, second_of_a, b = lookout_over(store), Ear(), Ear(), Ear()
    for bot, ear in ((A, a), (A, second_of_a), (B, b)):
        lookout.watch(bot, ear)
    assert len(store.watchers) == 1
    [committed] = store.watchers
    committed(frozenset({"cards", f"queued:{A}:3", f"queued:{A}:5", "queued:9:3"}))
    committed(frozenset({"cards"}))
    await let_happen()
    assert a.heard == second_of_a.heard == [{Lane.RED, Lane.REST}]
    assert b.heard == []
    lookout.unwatch(A, second_of_a)
    committed(frozenset({f"queued:{A}:3"}))
    await let_happen()
    assert (len(a.heard), len(second_of_a.heard)) == (2, 1)
    lookout.unwatch(A, a)
    assert len(store.watchers) == 1
    lookout.unwatch(B, b)
    assert store.watchers == []
    lookout.watch(B, b)  # it may begin again
    assert len(store.watchers) == 1
    lookout.unwatch(B, b)


async def test_what_comes_due_is_looked_for_every_second_for_all_bots_at_once(
    store: Store, still_time: PassTime
) -> None:
    lookout, a, b = lookout_over(store), Ear(), Ear()
    lookout.watch(A, a)
    lookout.watch(B, b)
    await let_happen()
    store.due = {A: {Lane.RED}}
    for looks in (0, 1):
        for _ in range(round(RECHECK_SECONDS / LOOK_SECONDS) - 1):
            await still_time(LOOK_SECONDS)
        assert (len(store.looks), len(a.heard)) == (looks, looks)
        await still_time(LOOK_SECONDS)
    assert (store.looks, a.heard, b.heard) == ([[A, B]] * 2, [RED] * 2, [])
    lookout.unwatch(A, a)
    lookout.unwatch(B, b)


async def test_what_another_process_changed_is_looked_at_at_once_and_our_own_is_not(
    store: Store, still_time: PassTime
) -> None:
    lookout, a = lookout_over(store), Ear()
    lookout.watch(A, a)
    await let_happen()
    await still_time(LOOK_SECONDS)
    assert store.looks == []  # nothing is known yet to compare with
    store.outside += 1
    await still_time(LOOK_SECONDS)
    assert len(store.looks) == 1
    store.outside += 1
    store.commits += 1  # that was us, and the signal told of it
    await still_time(LOOK_SECONDS)
    await still_time(LOOK_SECONDS)
    assert len(store.looks) == 1
    lookout.unwatch(A, a)


async def test_after_an_outage_everything_may_have_changed_and_it_is_said_once(
    store: Store, still_time: PassTime, caplog: pytest.LogCaptureFixture
) -> None:
    lookout, a = lookout_over(store), Ear()
    lookout.watch(A, a)
    await let_happen()
    await still_time(LOOK_SECONDS)
    for _ in range(2):
        store.out = True
        await still_time(LOOK_SECONDS)
        await still_time(LOOK_SECONDS)
        store.out = False
        looks = len(store.looks)
        await still_time(LOOK_SECONDS)
        assert len(store.looks) == looks + 1
    said = [record for record in caplog.records if "cannot look" in record.message]
    assert len(said) == 2
    lookout.unwatch(A, a)
    with pytest.raises(KeyError):
        lookout.unwatch(A, a)


async def test_a_signal_after_the_loop_has_ended_disturbs_nobody(store: Store) -> None:
    def in_another_loop() -> None:
        async def watch() -> None:
            lookout_over(store).watch(A, Ear())

        asyncio.run(watch())

    await asyncio.to_thread(in_another_loop)
    [committed] = store.watchers
    committed(frozenset({f"queued:{A}:3"}))
