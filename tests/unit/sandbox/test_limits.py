"""Telegram's sending limits in the sandbox: none is exceeded, refusals say when to retry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.bot_api.call_log import most_in_a_second
from bot.sandbox.bot_api.limits import RateLimiter, RateLimits

PAUSES = st.integers(0, 48).map(lambda sixteenths: sixteenths / 16)  # exact in binary
STEPS = st.lists(st.tuples(PAUSES, st.sampled_from([1, 2, -1, -2])), max_size=300)


def most(times: list[float], seconds: float) -> int:
    return max((sum(0 <= other - start < seconds for other in times) for start in times), default=0)


@given(STEPS, st.integers(1, 5), st.integers(1, 2), st.integers(1, 6))
def test_no_window_holds_more_than_its_limit(
    steps: list[tuple[float, int]], overall: int, chat: int, group: int
) -> None:
    limiter, now = RateLimiter(RateLimits(overall, chat, group)), 0.0
    admitted: list[tuple[float, int]] = []
    for pause, chat_id in steps:
        now += pause
        if limiter.admit(now, chat_id, is_group=chat_id < 0) == 0:
            admitted.append((now, chat_id))
    times = [at for at, _ in admitted]
    assert most(times, 1.0) <= overall
    assert most(times, 1.0) == most_in_a_second(times)
    for chat_id in (1, 2, -1, -2):
        own_times = [at for at, receiver in admitted if receiver == chat_id]
        assert most(own_times, 1.0) <= chat
        if chat_id < 0:
            assert most(own_times, 60.0) <= group


@given(STEPS)
def test_a_refused_message_is_admitted_when_told(steps: list[tuple[float, int]]) -> None:
    limiter, now = RateLimiter(RateLimits(2, 1, 3)), 0.0
    for pause, chat_id in steps:
        now += pause
        wait = limiter.admit(now, chat_id, is_group=chat_id < 0)
        assert isinstance(wait, int) and wait >= 0
        if wait:
            now += wait
            assert limiter.admit(now, chat_id, is_group=chat_id < 0) == 0


def test_zero_switches_a_limit_off() -> None:
    limiter = RateLimiter(RateLimits(0, 0, 0))
    assert [limiter.admit(0.0, -1, is_group=True) for _ in range(100)] == [0] * 100


def test_idle_chats_are_forgotten_and_busy_ones_are_not() -> None:
    limiter = RateLimiter(RateLimits(0, 1, 20))
    for chat_id in range(1, 4096):
        limiter.admit(0.0, chat_id, is_group=False)
    limiter.admit(9.5, 5000, is_group=False)
    limiter.admit(10.0, 5001, is_group=False)  # the sweep
    assert limiter.admit(10.0, 5000, is_group=False) == 1
    assert len(limiter._chats) == 2
