"""A process takes, renews and gives up its leases; the work of one never holds up another."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from bot.runtime.leases import (
    LEASE_SECONDS,
    LOOK_SECONDS,
    MARGIN_SECONDS,
    RENEW_SECONDS,
    Leases,
    Table,
)
from data.errors import StoreBusy
from data.leases import Renewed
from tests.waiting import PassTime, let_happen, until

US, OTHER = "us", "another process"
SEND, TAKE_IN = "dispatch:1", "intake:1"
SETTINGS = {"policy": "abc"}
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TOPICS = {"dispatch": [SEND], "intake": [TAKE_IN]}


class FakeTable:
    """The rows of leases in memory; ``share`` is how many of a topic are ours."""

    def __init__(self) -> None:
        self.holders: dict[str, str] = {}
        self.share = 99
        self.away = False
        self.reported: list[tuple[str, dict[str, str], datetime]] = []
        self.renewals: Counter[str] = Counter()  # by topic
        self.may_answer = threading.Event()
        self.may_answer.set()

    def renew(self, holder: str, topic: str, names: Sequence[str], seconds: float) -> Renewed:
        assert seconds == LEASE_SECONDS
        self.may_answer.wait()
        self.renewals[topic] += 1
        if self.away:
            raise StoreBusy("locked")
        mine = [name for name in names if self.holders.get(name) == holder]
        free = [name for name in names if name not in self.holders]
        gained = free[: max(0, self.share - len(mine))]
        self.holders |= dict.fromkeys(gained, holder)
        return Renewed(
            frozenset((*mine, *gained)), frozenset(gained), frozenset(mine[self.share :])
        )

    def let_go(self, holder: str, names: Collection[str]) -> None:
        for name in names:
            if self.holders.get(name) == holder:
                del self.holders[name]

    def let_go_all(self, holder: str) -> None:
        self.let_go(holder, list(self.holders))

    def report(
        self,
        holder: str,
        settings: Mapping[str, str],
        clock: Callable[[], datetime],
        seconds: float,
    ) -> None:
        assert seconds == LEASE_SECONDS
        if self.away:
            raise StoreBusy("locked")
        self.reported.append((holder, dict(settings), clock()))

    def close(self) -> None:
        pass


class Process:
    """One process: what it works at, and what holds its work up."""

    def __init__(self) -> None:
        self.table = FakeTable()
        self.seconds = 1000.0  # since the machine was started
        self.happened: list[str] = []
        self.working: set[str] = set()
        self.may_begin: defaultdict[str, asyncio.Event] = defaultdict(_set)
        self.may_end: defaultdict[str, asyncio.Event] = defaultdict(_set)
        self.refusals = 0
        self.rounds = 0  # of renewals: it rests after each
        self.topics: dict[str, list[str]] = dict(TOPICS)

    async def gained(self, name: str) -> None:
        if self.refusals:
            self.refusals -= 1
            self.happened.append(f"refused {name}")
            raise StoreBusy("locked")
        await self.may_begin[name].wait()
        assert name not in self.working
        self.working.add(name)
        self.happened.append(f"begun {name}")

    async def lost(self, name: str) -> None:
        await self.may_end[name].wait()
        self.working.remove(name)
        self.happened.append(f"ended {name}")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Leases]:
        self.leases = Leases(
            self.table,
            US,
            self.topics,
            self.gained,
            self.lost,
            settings=SETTINGS,
            wall=lambda: NOW,
            clock=lambda: self.seconds,
        )
        tell = self.leases._tell

        async def told(table: Table) -> None:  # what a round ends with
            await tell(table)
            self.rounds += 1

        self.leases._tell = told  # type: ignore[method-assign]
        keeping = asyncio.create_task(self.leases.run())
        try:
            yield self.leases
        finally:
            self.table.may_answer.set()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await self.leases.leave()

    async def renewed(self, pass_time: PassTime, times: int = 1) -> None:
        """The next renewals of every topic are made, and what they say is known."""
        await until(lambda: self.rounds, "never renewed")
        for _ in range(times):
            before = self.rounds
            self.seconds += RENEW_SECONDS
            await pass_time(RENEW_SECONDS)
            await until(lambda before=before: self.rounds > before, "not renewed")


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def process() -> Process:
    return Process()


async def test_what_is_free_is_taken_and_kept(process: Process, pass_time: PassTime) -> None:
    async with process.running() as leases:
        assert not leases.held(SEND)
        await until(lambda: process.working == {SEND, TAKE_IN})
        assert leases.held(SEND) and leases.held(TAKE_IN) and not leases.held("schedule:all")
        await process.renewed(pass_time, times=6)
        assert leases.held(SEND)
        assert process.happened == [f"begun {SEND}", f"begun {TAKE_IN}"]
    assert process.table.holders == {}  # whoever leaves frees what it held


async def test_what_the_database_says_is_another_s_is_given_up_at_once(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running() as leases:
        await until(lambda: process.working == {SEND, TAKE_IN})
        process.table.holders[SEND] = OTHER
        await process.renewed(pass_time)
        assert not leases.held(SEND)
        await until(lambda: process.working == {TAKE_IN}, "it goes on")
        assert leases.held(TAKE_IN)


async def test_one_that_was_another_s_meanwhile_is_begun_anew(
    process: Process, pass_time: PassTime
) -> None:
    """Between two renewals it ran out, was another's, and was let go: claims may be gone."""
    async with process.running() as leases:
        await until(lambda: process.working == {SEND, TAKE_IN})
        del process.table.holders[SEND]
        await process.renewed(pass_time)
        await until(lambda: process.happened[-2:] == [f"ended {SEND}", f"begun {SEND}"])
        assert leases.held(SEND)


async def test_a_process_that_was_suspended_knows_before_it_sends(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running() as leases:
        await until(lambda: process.working == {SEND, TAKE_IN})
        process.seconds += LEASE_SECONDS  # the lid was closed: the loop's clock stood still
        assert not leases.held(SEND)
        process.table.holders = {SEND: OTHER}
        await pass_time(LOOK_SECONDS)
        await until(lambda: SEND not in process.working, "it goes on")


async def test_while_the_database_is_away_it_is_held_until_shortly_before_the_end(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running() as leases:
        await until(lambda: process.working == {SEND, TAKE_IN})
        process.table.away = True
        process.seconds += LEASE_SECONDS - MARGIN_SECONDS - 0.1
        await pass_time(LOOK_SECONDS)
        assert leases.held(SEND)
        process.seconds += 0.1
        assert not leases.held(SEND)
        await pass_time(LOOK_SECONDS)
        await until(lambda: not process.working, "it goes on")


async def test_an_answer_that_comes_too_late_begins_nothing(process: Process) -> None:
    process.table.may_answer.clear()
    async with process.running() as leases:
        await let_happen()  # it asks
        process.seconds += LEASE_SECONDS
        process.table.may_answer.set()
        await until(lambda: process.table.renewals["intake"], "not asked")
        assert not leases.held(SEND)
        assert f"begun {SEND}" not in process.happened


async def test_no_lease_waits_for_the_work_of_another_to_begin(
    process: Process, pass_time: PassTime
) -> None:
    """Beginning to send waits for the writer, which may be busy for longer than a lease lasts."""
    process.may_begin[SEND].clear()
    async with process.running() as leases:
        await until(lambda: process.working == {TAKE_IN}, "it waits")
        await process.renewed(pass_time, times=6)
        assert leases.held(SEND) and leases.held(TAKE_IN)
        process.may_begin[SEND].set()
        await until(lambda: SEND in process.working)


async def test_what_is_to_be_shared_is_let_go_when_its_work_has_ended_and_the_rest_is_kept(
    process: Process, pass_time: PassTime
) -> None:
    first, second = "dispatch:1", "dispatch:2"
    process.topics = {"dispatch": [first, second]}
    async with process.running() as leases:
        await until(lambda: process.working == {first, second})
        process.table.share = 1
        process.may_end[second].clear()  # it has a request under way
        await process.renewed(pass_time, times=6)  # longer than a lease lasts
        assert process.table.holders == {first: US, second: US}
        assert leases.held(first) and leases.held(second)
        process.may_end[second].set()
        await until(lambda: process.table.holders == {first: US}, "it is not let go")
        await until(lambda: not leases.held(second))
        assert process.working == {first}
        process.table.share = 2  # the other process went away
        await process.renewed(pass_time)
        await until(lambda: process.working == {first, second})


async def test_one_lost_and_taken_again_waits_until_its_earlier_work_has_ended(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running():
        await until(lambda: process.working == {SEND, TAKE_IN})
        process.may_end[SEND].clear()
        process.table.holders[SEND] = OTHER
        await process.renewed(pass_time)
        del process.table.holders[SEND]
        await process.renewed(pass_time)  # ``gained`` asserts that two never work at once
        assert process.happened.count(f"begun {SEND}") == 1
        process.may_end[SEND].set()
        await until(lambda: process.happened.count(f"begun {SEND}") == 2)


async def test_work_that_the_database_does_not_let_begin_is_begun_later(
    process: Process, pass_time: PassTime
) -> None:
    process.refusals = 1
    async with process.running() as leases:
        await until(lambda: process.happened[:1] == [f"refused {SEND}"])
        await process.renewed(pass_time)
        await until(lambda: SEND in process.working, "never begun")
        assert leases.held(SEND)


async def test_whoever_stops_holds_on_until_its_work_has_ended(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running() as leases:
        await until(lambda: process.working == {SEND, TAKE_IN})
        process.may_end[SEND].clear()
        ending = asyncio.create_task(leases.end_work())
        await until(lambda: process.working == {SEND})
        await process.renewed(pass_time, times=6)
        assert leases.held(SEND) and not ending.done()
        process.may_end[SEND].set()
        await ending
        assert process.working == set()


async def test_settings_and_clock_are_told_at_every_renewal(
    process: Process, pass_time: PassTime
) -> None:
    async with process.running():
        await until(lambda: process.table.reported)
        await process.renewed(pass_time)
        await until(lambda: len(process.table.reported) >= 2)
        assert set(map(str, process.table.reported)) == {str((US, SETTINGS, NOW))}
        process.table.away = True
        await process.renewed(pass_time, times=2)  # it harms nothing when it cannot be told


async def test_with_sqlite_everything_is_ours() -> None:
    process = Process()
    leases = Leases(
        None, US, TOPICS, process.gained, process.lost, settings=SETTINGS, wall=lambda: NOW
    )
    keeping = asyncio.create_task(leases.run())
    await until(lambda: process.working == {SEND, TAKE_IN})
    assert leases.held(SEND)
    await leases.end_work()
    assert process.working == set()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await leases.leave()
    assert not leases.held(SEND)


async def test_what_goes_wrong_beside_the_database_ends_the_process() -> None:
    async def gained(_name: str) -> None:
        raise RuntimeError("a bug")

    process = Process()
    with pytest.raises(RuntimeError, match="a bug"):
        await Leases(
            None, US, TOPICS, gained, process.lost, settings=SETTINGS, wall=lambda: NOW
        ).run()
