"""Handing calls to a channel: at its pace, with rests, and one bad call holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from alerts.channels.model import Kind, Trouble
from alerts.test_calls import model
from bot.channels import sending
from bot.channels.sending import (
    GIVE_UP_AFTER,
    LONGEST_REST,
    SILENT_IN_A_ROW,
    ChannelSending,
    Outcome,
    Result,
)
from contacts.channels import Cause, Channel
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen, still_time  # noqa: F401 - a fixture

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
VOICE = Channel.VOICE


@dataclass
class Outbox:
    """The outbox of the channels, without a database: what is queued and what came of it."""

    queued: dict[int, datetime] = field(default_factory=dict)  # by id: not before
    created: datetime = NOW
    claimed: set[int] = field(default_factory=set)
    ended: dict[int, str] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)  # answered, cancelled or held since
    may_have_rung: list[int] = field(default_factory=list)
    left: dict[int, datetime] = field(default_factory=dict)  # claimed then, by somebody gone

    def claim(
        self,
        _c: Any,
        channel: Channel,
        _by: str,
        _rules: None,
        now: datetime,
        limit: int,
        *,
        tests: bool,
    ) -> list[Any]:
        assert tests
        due = [number for number, at in self.queued.items() if at <= now][:limit]
        for number in due:
            del self.queued[number]
        self.claimed |= set(due)
        return [
            SimpleNamespace(id=n, created_at=self.created, channel=channel, kind=Kind.CALL)
            for n in due
        ]

    def accepted(self, _c: Any, number: int, provider_id: str | None, _now: datetime) -> None:
        self.claimed.remove(number)
        self.ended[number] = f"accepted {provider_id}"

    def failed(self, _c: Any, number: int, cause: Cause | None, _now: datetime) -> None:
        self.claimed.remove(number)
        self.ended[number] = f"failed {cause and cause.value}"

    def put_back(
        self, _c: Any, number: int, not_before: datetime, _now: datetime, *, rang: bool
    ) -> None:
        self.claimed.remove(number)
        self.queued[number] = not_before
        self.may_have_rung += [number] * rang

    def still_to_be_sent(self, _c: Any, number: int, _now: datetime) -> bool:
        return number not in self.done

    def free_claims(
        self, _c: Any, before: datetime, now: datetime, *, channel: Channel, **_: bool
    ) -> int:
        assert channel is VOICE
        gone = {number for number, at in self.left.items() if at < before}
        self.queued |= dict.fromkeys(gone, now)
        self.left = {number: at for number, at in self.left.items() if number not in gone}
        return len(gone)

    def anything_due(
        self, _c: Any, _channel: Channel, now: datetime, before: datetime, *, tests: bool
    ) -> bool:
        assert tests
        due = any(at <= now for at in self.queued.values())
        return due or any(at < before for at in self.left.values())


class Troubles:
    """What a provider refuses, as long as it does."""

    def __init__(self) -> None:
        self.noted: list[tuple[Trouble, str]] = []

    def note(self, _c: Any, _channel: Channel, trouble: Trouble, words: str, _n: datetime) -> None:
        self.noted.append((trouble, words))

    def over(self, _c: Any, _channel: Channel, _now: datetime) -> None:
        self.noted.clear()


class Database:
    async def run(self, unit: Callable[[Any], Any]) -> Any:
        return unit(None)

    ask = run


class World:
    """A channel that answers as the test says; the clock is moved by hand."""

    def __init__(self, count: int, per_second: float = 1000) -> None:
        self.now = NOW
        self.outbox = Outbox(dict.fromkeys(range(count), NOW))
        self.troubles = Troubles()
        self.sent: list[tuple[int, float]] = []
        self.answers: Callable[[int], Outcome] = lambda _: Outcome(Result.ACCEPTED, "p")
        tests = model.TestRules(first=time(0), last=time(0))
        rules = SimpleNamespace(tests=tests, warnings=None)
        services: Any = SimpleNamespace(database=Database(), clock=lambda: self.now, rules=rules)
        self.sending = ChannelSending(services, VOICE, self.opened, per_second)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Any]:
        yield self

    async def send(self, call: Any) -> Outcome:
        self.sent.append((call, asyncio.get_running_loop().time()))
        return self.answers(call)

    async def look(self, seconds: float = 0) -> list[int]:
        """Let time pass and look once; returns what was handed over, in order."""
        self.now += timedelta(seconds=seconds)
        before = len(self.sent)
        if self.sending.due(None, self.now):  # type: ignore[arg-type]
            await self.sending.send(True, self.now)
        assert not self.outbox.claimed, "nothing stays claimed"
        return [number for number, _ in self.sent[before:]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def make(count: int, **how: Any) -> World:
        world = World(count, **how)
        for store in ("calling", "channel_store", "gateway_store"):
            monkeypatch.setattr(sending, store, world.outbox)
        monkeypatch.setattr(sending, "trouble_store", world.troubles)
        monkeypatch.setattr(
            sending, "outgoing_calls", lambda _c, _s, claimed, _n: {d.id: d.id for d in claimed}
        )
        return world

    return make


async def test_calls_leave_evenly_at_the_channels_pace(
    made: Callable[..., World],
    still_time: PassTime,  # noqa: F811
) -> None:
    world = made(6, per_second=2)
    task = asyncio.create_task(world.look())
    while not task.done():
        await still_time(0.25)
    times = [at for _, at in world.sent]
    assert [later - earlier for earlier, later in pairwise(times)] == [0.5] * 5


async def test_a_busy_channel_rests_exactly_as_long_as_it_says(made: Callable[..., World]) -> None:
    world = made(30)
    world.answers = lambda _: Outcome(Result.LATER, after=90)
    first = await world.look()
    assert 1 <= len(first) <= sending.AT_ONCE, "what was under way already"
    world.answers = lambda _: Outcome(Result.ACCEPTED)
    assert await world.look(89.9) == []
    assert len(await world.look(0.2)) == 30


async def test_a_channel_that_is_out_rests_longer_each_time_and_no_burst_follows(
    made: Callable[..., World],
) -> None:
    world = made(1)
    world.answers = lambda _: Outcome(Result.LATER)
    tried_at = []
    for second in range(300):
        if await world.look(1):
            tried_at.append(second)
    gaps = [later - earlier for earlier, later in pairwise(tried_at)]
    assert gaps[:4] == [5, 10, 20, 40] and set(gaps[4:]) == {LONGEST_REST}


async def test_a_call_without_an_answer_waits_alone(made: Callable[..., World]) -> None:
    world = made(40)
    uncertain = Outcome(Result.UNCERTAIN)
    world.answers = lambda number: uncertain if number == 0 else Outcome(Result.ACCEPTED)
    assert len(await world.look()) == 40
    assert list(world.outbox.queued) == [0]
    assert await world.look(14) == [] and await world.look(1) == [0]


async def test_a_call_at_which_the_sender_breaks_waits_alone_and_is_given_up_in_the_end(
    made: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    world = made(20)

    def answers(number: int) -> Outcome:
        if number == 3:
            raise ValueError("+8613900000001")
        return Outcome(Result.ACCEPTED, "p")

    world.answers = answers
    assert len(await world.look()) == 20 and len(world.outbox.ended) == 19
    assert list(world.outbox.queued) == [3] == world.outbox.may_have_rung
    for _ in range(6):
        assert await world.look(301) == [3]
    assert world.outbox.ended[3] == "failed None"
    assert "ValueError" in caplog.text and "139" not in caplog.text


async def test_a_call_whose_addressee_gets_too_much_waits_alone_for_as_long_as_told(
    made: Callable[..., World],
) -> None:
    world = made(40)
    held = Outcome(Result.HELD, after=61)
    world.answers = lambda number: held if number < 20 else Outcome(Result.ACCEPTED)
    assert len(await world.look()) == 40 and len(world.outbox.queued) == 20
    assert await world.look(60) == [] and len(await world.look(1)) == 20


async def test_several_calls_in_a_row_without_an_answer_are_the_channels_fault(
    made: Callable[..., World],
) -> None:
    world = made(200)
    world.answers = lambda _: Outcome(Result.UNCERTAIN)
    tried = await world.look()
    assert SILENT_IN_A_ROW <= len(tried) <= SILENT_IN_A_ROW + sending.AT_ONCE
    assert len(world.outbox.queued) == 200


async def test_a_refused_call_is_a_dead_letter_and_the_others_go_on(
    made: Callable[..., World],
) -> None:
    world = made(3)
    refused = Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)
    world.answers = lambda number: refused if number == 1 else Outcome(Result.ACCEPTED, "p")
    await world.look()
    assert world.outbox.ended == {0: "accepted p", 1: "failed no_such_number", 2: "accepted p"}


async def test_what_cannot_be_handed_over_for_long_is_given_up(made: Callable[..., World]) -> None:
    world = made(1)
    world.answers = lambda _: Outcome(Result.LATER)
    for _ in range(3):
        await world.look(GIVE_UP_AFTER.total_seconds() / 3 - 1)
    assert world.outbox.ended == {}
    await world.look(603)
    assert world.outbox.ended == {0: "failed None"}


async def test_what_only_waited_for_long_is_not_given_up(made: Callable[..., World]) -> None:
    """Held until somebody decided, or for a number that must be left alone."""
    world = made(1)
    world.outbox.created = NOW - timedelta(hours=3)
    world.answers = lambda _: Outcome(Result.LATER)
    await world.look()
    await world.look(3 * 3600)
    world.answers = lambda _: Outcome(Result.ACCEPTED, "p")
    await world.look(15)
    assert world.outbox.ended == {0: "accepted p"}


async def test_whoever_answered_or_was_called_off_since_the_claim_is_not_rung(
    made: Callable[..., World],
) -> None:
    world = made(3)
    world.outbox.done = {1}
    put_back = world.outbox.put_back

    def drops(*args: Any, rang: bool) -> None:
        """As the look does that drops what is pointless."""
        put_back(*args, rang=rang)
        del world.outbox.queued[args[1]]

    world.outbox.put_back = drops  # type: ignore[method-assign]
    assert await world.look() == [0, 2]


async def test_a_number_that_may_have_rung_is_left_alone(made: Callable[..., World]) -> None:
    world = made(2)
    outcomes = {0: Outcome(Result.UNCERTAIN), 1: Outcome(Result.LATER)}
    world.answers = outcomes.__getitem__
    await world.look()
    assert world.outbox.may_have_rung == [0]
    await world.look(60)
    assert world.outbox.may_have_rung == [0], "by one name it has rung once at most"


async def test_a_clock_that_was_set_back_silences_no_channel(made: Callable[..., World]) -> None:
    world = made(1)
    world.answers = lambda _: Outcome(Result.LATER, after=300)
    await world.look()
    world.answers = lambda _: Outcome(Result.ACCEPTED)
    world.outbox.queued[0] = NOW - timedelta(days=2)
    assert await world.look(-86_400) == [0]


async def test_what_cannot_be_said_is_looked_at_later_and_holds_up_nothing(
    made: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(3)
    said = lambda _c, _s, claimed, _n: {d.id: d.id for d in claimed if d.id != 1}  # noqa: E731
    monkeypatch.setattr(sending, "outgoing_calls", said)
    assert await world.look() == [0, 2]
    assert world.outbox.queued == {1: NOW + sending.FIRST_WAIT}


async def test_a_database_that_fails_at_one_call_stops_no_other(made: Callable[..., World]) -> None:
    world = made(20)
    accepted = world.outbox.accepted

    def busy(c: Any, number: int, provider_id: str | None, now: datetime) -> None:
        if number == 3:
            raise StoreBusy("busy")
        accepted(c, number, provider_id, now)

    world.outbox.accepted = busy  # type: ignore[method-assign]
    await world.sending.send(True, NOW)
    assert len(world.outbox.ended) == 19
    assert world.outbox.claimed == {3}, "it is handed over again by the same name"


async def test_no_more_is_claimed_than_leaves_soon(made: Callable[..., World]) -> None:
    world = made(9, per_second=0.5)
    sent = asyncio.create_task(world.sending.send(True, NOW))
    await let_happen()
    assert len(world.outbox.claimed) == 1, "the others are anybody's to take back"
    sent.cancel()
    await asyncio.gather(sent, return_exceptions=True)


async def test_what_an_earlier_process_left_is_sent_at_once_and_later_after_two_minutes(
    made: Callable[..., World],
) -> None:
    world = made(0)
    world.outbox.left = {7: NOW}
    assert await world.look(1) == [7]
    world.outbox.left = {8: world.now}
    assert await world.look(sending.FORGOTTEN_AFTER.total_seconds()) == []
    assert await world.look(1) == [8]


async def test_what_a_provider_refuses_is_noted_until_it_takes_something(
    made: Callable[..., World],
) -> None:
    world = made(1)
    world.answers = lambda _: Outcome(Result.LATER, trouble=Trouble.NO_MONEY, words="balance")
    assert await world.look() == [0]
    assert world.troubles.noted == [(Trouble.NO_MONEY, "balance")]
    assert await world.look(59) == [], "it is not asked again and again"
    world.answers = lambda _: Outcome(Result.ACCEPTED)
    assert await world.look(1) == [0] and world.troubles.noted == []
