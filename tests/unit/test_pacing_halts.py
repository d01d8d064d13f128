"""What a 429 answer stops, for how long, and what follows it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Empty, Ready, Wait


def filled(chats: int, each: int = 1) -> Pacer[int]:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(each):
        for chat in range(1, chats + 1):
            pacer.offer(chat, chat, Lane.RED, (number, chat), is_group=False)
    return pacer


def take(pacer: Pacer[int], now: float) -> Ready[int]:
    """The next that leaves at or after ``now``, waiting exactly as told."""
    while True:
        got = pacer.next(now)
        assert not isinstance(got, Empty)
        if isinstance(got, Ready):
            return got
        now = got.until


def test_one_refused_chat_waits_alone_exactly_as_long_as_told() -> None:
    pacer = filled(4, each=2)
    first = take(pacer, 0.0)
    pacer.refused(first.item, 7.0, 0.5)
    pacer.offer(first.item, first.item, Lane.RED, (0, first.item), is_group=False)
    left = []
    while len(pacer):
        left.append(take(pacer, left[-1].at if left else 0.5))
    assert {ready.item for ready in left[:-2]} == {2, 3, 4}
    assert max(ready.at for ready in left[:-2]) < 3.0
    assert [ready.item for ready in left[-2:]] == [first.item, first.item]
    assert left[-2].at == 7.5


def test_a_second_refused_chat_halts_everything_and_no_burst_follows() -> None:
    pacer = filled(200)
    first = take(pacer, 0.0)
    second = take(pacer, first.at)
    pacer.refused(first.item, 5.0, 0.2)
    pacer.refused(second.item, 4.0, 0.3)
    assert pacer.next(0.3) == Wait(5.2)
    assert pacer.next(5.19) == Wait(5.2)
    times = []
    while len(pacer):
        times.append(take(pacer, times[-1] if times else 5.2).at)
    assert times[0] == 5.2
    assert min(b - a for a, b in pairwise(times)) > 0.0338 - 1e-6


def test_a_success_in_between_shows_that_each_refusal_was_its_chats_own() -> None:
    pacer = filled(50)
    first, second, third = take(pacer, 0.0), take(pacer, 0.1), take(pacer, 0.2)
    pacer.refused(first.item, 5.0, 0.15)
    pacer.accepted(third.at)  # left after the refusal and was delivered
    pacer.refused(second.item, 5.0, 0.3)
    assert isinstance(pacer.next(0.4), Ready)


def test_a_success_that_left_before_the_refusal_proves_nothing() -> None:
    pacer = filled(50)
    first, second, third = take(pacer, 0.0), take(pacer, 0.1), take(pacer, 0.2)
    pacer.refused(first.item, 5.0, 0.25)
    pacer.accepted(third.at)
    pacer.refused(second.item, 5.0, 0.3)
    assert pacer.next(0.4) == Wait(5.3)


def test_an_hour_for_one_chat_is_not_an_hour_for_everybody() -> None:
    pacer = filled(50)
    first, second = take(pacer, 0.0), take(pacer, 0.1)
    pacer.refused(first.item, 5.0, 0.2)
    pacer.refused(second.item, 3_600.0, 0.3)
    assert pacer.next(0.4) == Wait(5.2)
    assert isinstance(pacer.next(5.2), Ready)  # asks again


def test_a_refusal_long_over_is_no_evidence() -> None:
    pacer = filled(50)
    first, second = take(pacer, 0.0), take(pacer, 0.1)
    pacer.refused(first.item, 2.0, 0.2)
    pacer.refused(second.item, 2.0, 2.3)
    assert isinstance(pacer.next(2.4), Ready)


def test_the_caller_may_know_that_everything_is_meant() -> None:
    pacer = filled(5)
    refused = take(pacer, 0.0)
    pacer.refused(refused.item, 3.0, 1.0, everything=True)
    assert pacer.next(1.0) == Wait(4.0)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.floats(0.1, 20.0), st.floats(0.0, 6.0)),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_halts_combine_to_the_latest_and_lose_nothing(
    refusals: list[tuple[int, float, float]], everything: bool
) -> None:
    """python-telegram-bot's issue 5338: there a second, shorter 429 released the first early."""
    pacer = filled(5, each=3)
    now = 0.0
    halted: dict[int, float] = {}
    for chat, retry_after, pause in refusals:
        now += pause
        pacer.refused(chat, retry_after, now, everything=everything)
        halted[chat] = max(halted.get(chat, 0.0), now + retry_after)
    left: list[Ready[int]] = []
    while len(pacer):
        left.append(take(pacer, left[-1].at if left else now))
    assert sorted(ready.item for ready in left) == sorted(list(range(1, 6)) * 3)
    for ready in left:
        assert ready.at >= halted.get(ready.item, 0.0)
        if everything:
            assert ready.at >= max(halted.values()) or max(halted.values()) <= now
    if not everything and len(halted) == 1:
        [(chat, until)] = halted.items()
        first = next(ready.at for ready in left if ready.item == chat)
        assert first == pytest.approx(max(until, now), abs=0.6)
