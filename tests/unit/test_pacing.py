"""The pacer keeps Telegram's limits and the priorities, and sends as fast as they allow."""

from __future__ import annotations

import random
from heapq import heappop, heappush
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Empty, Ready, Wait
from bot.telegram.windows import CHAT_GUARD, GROUP_GUARD, GUARD, PACE, time_to_finish

lanes = st.sampled_from(list(Lane))


def most_in(times: list[float], seconds: float) -> int:
    """The largest number of ``times`` inside any half-open window of that length."""
    times = sorted(times)
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def drain(
    pacer: Pacer[int], now: float = 0.0, lateness: random.Random | None = None, late: float = 0.0
) -> list[tuple[float, Ready[int]]]:
    """Everything that is held, with the time each left; timers fire up to ``late`` too late."""
    sent = []
    while True:
        match pacer.next(now):
            case Ready() as ready:
                sent.append((now, ready))
            case Wait(until):
                assert until > now
                now = until + (lateness.uniform(0, late) if lateness else 0.0)
            case Empty():
                return sent


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0, 4), st.integers(-4, 200).filter(bool), lanes), max_size=250),
    st.floats(0, 0.03),
    st.integers(0, 999),
)
def test_no_arrival_pattern_breaks_a_limit(
    arrivals: list[tuple[float, int, Lane]], late: float, seed: int
) -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number, (time, chat, lane) in enumerate(arrivals):
        pacer.offer(number, chat, lane, is_group=chat < 0, not_before=time)
    sent = drain(pacer, lateness=random.Random(seed), late=late)
    assert sorted(ready.item for _, ready in sent) == list(range(len(arrivals)))
    assert most_in([time for time, _ in sent], 1.0 + GUARD - 1e-6) <= 30
    for chat in {chat for _, chat, _ in arrivals}:
        times = [time for time, ready in sent if ready.chat_id == chat]
        assert most_in(times, 1.0 + CHAT_GUARD - 1e-6) <= 1
        if chat < 0:
            assert most_in(times, 60.0 + GROUP_GUARD - 1e-6) <= 20


@pytest.mark.slow
@pytest.mark.parametrize("late", [0.0, 0.006])
def test_twelve_minutes_at_the_limit(late: float) -> None:
    """The issue's bar: 21,810 messages, at least 0.98 of 30/s, and what *arrives* fits too."""
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(21_810):
        is_group = number < 1_144
        chat = -1 - number if is_group else number
        pacer.offer(number, chat, Lane.RED, (int(not is_group), number), is_group=is_group)
    sent = drain(pacer, lateness=random.Random(7), late=late)
    times = [time for time, _ in sent]
    assert [ready.item for _, ready in sent] == list(range(21_810))
    assert len(times) / (30 * times[-1]) >= 0.98
    jitter = random.Random(8)
    assert most_in([time + jitter.uniform(0, 0.011) for time in times], 1.0) <= 30
    assert max(after - before for before, after in pairwise(times)) < 0.08
    assert time_to_finish(20_666, 1_144, PaceLimits()) == pytest.approx(times[-1], rel=0.005)


@settings(max_examples=25)
@given(st.floats(0, 0.4), st.integers(0, 999))
def test_a_request_that_leaves_late_is_counted_when_it_left(hold_up: float, seed: int) -> None:
    """The process was busy between letting a request go and its first byte."""
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(300):
        pacer.offer(number, number, Lane.RED, (number,), is_group=False)
    busy = random.Random(seed)
    now, free_at, left = 0.0, 0.0, []
    while not isinstance(step := pacer.next(now), Empty):
        if isinstance(step, Wait):
            now = step.until
            continue
        if busy.random() < 0.03:
            free_at = now + hold_up
        left.append(max(now, free_at))
        pacer.left(step, left[-1])
    assert most_in(left, 1.0 + GUARD - 1e-6) <= 30


@settings(max_examples=25)
@given(st.floats(0.001, 0.2), st.floats(0, 0.06), st.integers(0, 999))
def test_slow_answers_tell_of_late_arrivals(way: float, jitter: float, seed: int) -> None:
    """Each request is late on its way by up to ``jitter``; the server never sees 31 in a second."""
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(400):
        pacer.offer(number, number, Lane.RED, (number,), is_group=False)
    line = random.Random(seed)
    now, left, arrived, answers = 0.0, [], [], []
    while not isinstance(step := pacer.next(now), Empty):
        if isinstance(step, Wait):
            now = step.until
        else:
            pacer.left(step, now)
            left.append(now)
            arrived.append(now + way + line.uniform(0, jitter))
            heappush(answers, (arrived[-1] + way, len(arrived), step, now))
        while answers and answers[0][0] <= now:
            at, _, ready, left_at = heappop(answers)
            pacer.answered(ready, left_at, at)
    assert most_in(arrived, 1.0) <= 30
    # The start is careful; what counts is the pace once the line is known.
    assert 200 / (30 * (left[-1] - left[-201])) >= 0.92


def test_lanes_leave_in_order_and_groups_before_villages_before_cities() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    wanted = []
    for lane in Lane:
        for place in range(3):
            wanted.append((lane, place))
    for number, (lane, place) in enumerate(reversed(wanted)):
        pacer.offer(number, number + 1, lane, (place,), is_group=False)
    left = [ready for _, ready in drain(pacer)]
    order = [list(reversed(wanted))[ready.item] for ready in left]
    assert order == wanted


def test_a_busy_chat_does_not_block_its_lane() -> None:
    pacer: Pacer[str] = Pacer(PaceLimits())
    for number in range(3):
        pacer.offer(f"busy {number}", 1, Lane.RED, (0,), is_group=False)
    pacer.offer("other", 2, Lane.REST, (9,), is_group=False)
    sent = drain(pacer)  # type: ignore[arg-type]
    assert [ready.item for _, ready in sent] == ["busy 0", "other", "busy 1", "busy 2"]


def test_order_holds_while_a_chat_may_get_several_a_second() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits(per_chat_per_second=3))
    for order, chat in ((0, 1), (5, 1), (3, 2), (4, 2)):
        pacer.offer(order, chat, Lane.RED, (order,), is_group=False)
    assert [ready.item for _, ready in drain(pacer)] == [0, 3, 4, 5]


def test_a_flood_of_taps_leaves_two_thirds_to_first_calls() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(2_000):
        pacer.offer(number, number + 1, Lane.ANSWER, is_group=False)
        pacer.offer(number, number + 10_001, Lane.ORANGE, is_group=False)
    sent = drain(pacer)
    first_minute = [ready.lane for time, ready in sent if time < 60]
    answers = first_minute.count(Lane.ANSWER)
    assert answers <= len(first_minute) / 3 + 3
    assert answers >= len(first_minute) / 3 - 3  # and they get their third
    assert first_minute[0] is Lane.ANSWER


def test_answers_alone_get_the_whole_pace_and_no_debt_from_it() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(300):
        pacer.offer(number, number + 1, Lane.ANSWER, is_group=False)
    sent = drain(pacer)
    end = sent[-1][0]
    assert end < 300 / (30 * PACE)
    pacer.offer(1, 9_001, Lane.RED, is_group=False)
    pacer.offer(2, 9_002, Lane.ANSWER, is_group=False)
    assert [ready.item for _, ready in drain(pacer, end)] == [2, 1]


def test_cards_leave_half_of_a_groups_minute_to_warnings() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(15):
        pacer.offer(number, -5, Lane.CARD, is_group=True)
    now, cards = 0.0, 0
    while now < 30:
        got = pacer.next(now)
        if isinstance(got, Wait):
            now = got.until
        else:
            assert isinstance(got, Ready)  # not all of them, so never empty
            cards += 1
    assert cards == 10
    pacer.offer(99, -5, Lane.RED, is_group=True)
    got = pacer.next(30.0)
    assert isinstance(got, Ready)
    assert got.item == 99


def test_a_group_gets_its_first_post_at_once_then_one_a_second_then_the_minute_is_full() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(25):
        pacer.offer(number, -7, Lane.RED, is_group=True)
    times = [time for time, _ in drain(pacer)]
    assert times[0] == 0.0
    assert times[19] == pytest.approx(19 * (1 + CHAT_GUARD))
    assert times[20] == pytest.approx(60 + GROUP_GUARD)


def test_limits_need_not_be_whole_numbers() -> None:
    limits = PaceLimits(per_second=2.5, per_chat_per_second=0.5, per_group_per_minute=0.5)
    pacer: Pacer[int] = Pacer(limits)
    for number in range(3):
        pacer.offer(number, 1, Lane.RED, is_group=False)
        pacer.offer(number, -1, Lane.RED, is_group=True)
    sent = drain(pacer)
    person = [time for time, ready in sent if ready.chat_id == 1]
    group = [time for time, ready in sent if ready.chat_id == -1]
    assert min(b - a for a, b in pairwise(person)) >= 2.0
    assert min(b - a for a, b in pairwise(group)) >= 120.0


def test_idle_chats_are_forgotten() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits(per_second=1000))
    for number in range(20_000):
        pacer.offer(number, number + 1, Lane.RED, is_group=False)
        pacer.next(number * 0.002)
    assert len(pacer._chats) < 4_000
    assert not pacer._queues
