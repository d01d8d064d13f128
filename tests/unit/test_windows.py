"""Telegram's limits as gates, at the very moment at which each opens."""

from __future__ import annotations

from math import inf

import pytest

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Ready
from bot.telegram.windows import (
    CHAT_GUARD,
    FORGETTING,
    GROUP_GUARD,
    GUARD,
    IDLE,
    LATEST,
    PACE,
    ChatPace,
    ChatRules,
    Gcra,
    Overall,
    Window,
    time_to_finish,
)

LIMITS = PaceLimits(30, 1, 20)
INTERVAL = 1 / (30 * PACE)
SECOND = 1 + CHAT_GUARD
MINUTE = 60 + GROUP_GUARD


@pytest.mark.parametrize(
    ("rate", "count", "seconds"),
    [(30, 30, 1.5), (2.5, 2, 1.3), (1, 1, 1.5), (0.5, 1, 2.5), (1.9, 1, 1 / 1.9 + 0.5)],
)
def test_a_rate_as_a_window(rate: float, count: int, seconds: float) -> None:
    window = Window(rate, 1.0, 0.5)
    assert (window.count, window.seconds) == (count, pytest.approx(seconds))


def test_even_spacing_with_credit_and_without() -> None:
    gate = Gcra(2.0, tolerance=3.0)
    assert gate.open_at() == -inf
    gate.take(10)
    assert gate.open_at() == 9
    gate.take(10, 3)
    assert gate.open_at() == 15
    gate.hold(20)
    assert gate.open_at() == 20
    gate.hold(5)  # none is ever shortened
    assert gate.open_at() == 20


def test_the_bot_s_gate_after_idling_after_credit_and_over_the_window() -> None:
    gate = Overall(30)
    assert gate.open_at() == -inf
    assert gate.take(100.0) == 0
    assert gate.open_at() == pytest.approx(100 + INTERVAL)  # idle before: no credit
    assert gate.take(100.0 + INTERVAL) == 1
    due = 100 + 3 * INTERVAL  # with the tolerance
    late = due + IDLE * INTERVAL - 0.001
    gate.take(late)
    assert gate.open_at() == pytest.approx(late)  # a timer that was late loses nothing
    gate = Overall(30)
    for number in range(30):
        assert gate.take(50.0) == number
    assert gate.open_at() >= 51 + GUARD


def test_an_album_needs_room_for_all_its_items() -> None:
    gate = Overall(4)
    for at in (10.0, 10.3, 10.6, 10.9):
        gate.take(at)
    assert gate.open_at(1) == pytest.approx(max(11 + GUARD, gate._even.open_at()))
    assert gate.open_at(3) == pytest.approx(11.6 + GUARD)
    assert gate.open_at(4) == gate.open_at(9) == pytest.approx(11.9 + GUARD)
    assert gate.take(20.0, 3) == 4
    assert gate.take(30.0) == 7


def test_what_left_later_or_not_at_all_counts_so() -> None:
    gate = Overall(2)
    first, second = gate.take(10.0), gate.take(11.0)
    gate.left(first, 10.5)
    assert gate.open_at() == pytest.approx(max(11.5 + GUARD, gate._even.open_at()))
    gate.left(first, 10.2)  # it is the later that counts
    assert gate.open_at(2) == pytest.approx(12 + GUARD)
    gate.left(second, 11.9)
    assert gate.open_at(2) == pytest.approx(12.9 + GUARD)
    gate.stayed(second)
    assert gate.open_at(2) == pytest.approx(max(gate._even.open_at(), -inf))
    third = gate.take(20.0, 2)
    gate.left(third, 20.5, 2)
    gate.left(first, 99.0)  # long out of the window
    gate.stayed(first)
    assert gate.open_at() == gate.open_at(2) == pytest.approx(21.5 + GUARD)
    gate.left(third, 25.0, 2)
    assert gate.open_at(1) == gate.open_at(2) == pytest.approx(26 + GUARD)
    gate.stayed(third, 2)
    assert gate.open_at(2) < 22


def test_a_slow_answer_tells_that_it_may_have_arrived_late() -> None:
    def after(*seconds: float) -> float:
        """When the window opens after answers that took so long."""
        gate = Overall(1)
        for number, took in enumerate(seconds):
            at = 100.0 * (number + 1)
            gate.answered(gate.take(at), at, at + took)
        return gate.open_at() - 100.0 * len(seconds) - gate._window.seconds

    assert after(0.05) == pytest.approx(0.05)  # nothing is known: be careful
    assert after(5.0) == pytest.approx(LATEST)
    quickest = 0.05 * FORGETTING  # learned slowly from slower ones
    assert after(0.05, 0.06) == pytest.approx(0.06 - quickest)
    assert after(0.05, 0.0, 0.04) == pytest.approx(0.04)  # and at once from a quicker one


def test_a_halt_is_followed_by_even_spacing_and_never_shortened() -> None:
    gate = Overall(30)
    gate.halt(200.0)
    gate.halt(150.0)
    assert gate.halted_until == 200 == gate.open_at()
    gate.take(200.0)
    assert gate.open_at() == pytest.approx(200 + INTERVAL)


def test_a_person_s_and_a_group_s_gate() -> None:
    rules = ChatRules(LIMITS)
    assert (rules.cards, rules.keep_group) == (10, 20)
    assert ChatRules(PaceLimits(30, 3, 1)).cards == 1
    assert ChatRules(PaceLimits(30, 3, 1)).keep_group == 3
    person = ChatPace(rules, is_group=False)
    assert person.open_at(False) == -inf
    person.take(10.0)
    assert person.open_at(False) == person.open_at(True) == pytest.approx(10 + SECOND)
    person.take(20.0)
    assert person.sent == [20.0]
    person.halt(30)
    person.halt(25)
    assert person.open_at(False) == 30
    group = ChatPace(rules, is_group=True)
    for number in range(20):
        group.take(100.0 + 2 * number)
        if number == 8:
            assert group.open_at(True) == pytest.approx(116 + SECOND)
        if number == 9:
            assert group.open_at(True) == pytest.approx(100 + MINUTE)
            assert group.open_at(False) == pytest.approx(118 + SECOND)
    assert group.open_at(False) == pytest.approx(100 + MINUTE)
    assert group.open_at(False, 3) == pytest.approx(104 + MINUTE)
    group.take(200.0)
    assert len(group.sent) == 20


def test_an_album_counts_as_if_its_items_left_one_after_the_other() -> None:
    chat = ChatPace(ChatRules(LIMITS), is_group=True)
    chat.take(10.0, 3)
    assert chat.sent == pytest.approx([10, 10 + SECOND, 10 + 2 * SECOND])
    chat.stayed(10.0, 3)
    assert chat.sent == []
    two_a_second = ChatPace(ChatRules(PaceLimits(30, 2, 20)), is_group=True)
    two_a_second.take(10.0, 3)
    assert two_a_second.sent == pytest.approx([10, 10 + SECOND / 2, 10 + SECOND])
    chat.take(10.0)
    chat.stayed(11.0)
    assert chat.sent == [10.0]


@pytest.mark.parametrize(("is_group", "longest"), [(False, SECOND), (True, MINUTE)])
def test_a_chat_is_idle_when_nothing_of_the_past_limits_it(is_group: bool, longest: float) -> None:
    chat = ChatPace(ChatRules(LIMITS), is_group)
    assert chat.is_idle(0)
    chat.take(0.0)
    assert not chat.is_idle(longest - 0.001)
    assert chat.is_idle(longest)
    chat.halt(500)
    assert not chat.is_idle(499.9) and chat.is_idle(500)


@pytest.mark.parametrize(
    ("persons", "groups", "waiting", "intervals"),
    [(0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (2, 1, 0, 2), (2, 1, 10, 12)],
)
def test_how_long_a_release_takes(persons: int, groups: int, waiting: int, intervals: int) -> None:
    found = time_to_finish(persons, groups, LIMITS, waiting=waiting)
    assert found == pytest.approx(intervals * INTERVAL)


# -- what the pacer tells of itself ---------------------------------------------------------------


def test_what_is_held_for_whom() -> None:
    pacer: Pacer[int] = Pacer(LIMITS)
    assert (len(pacer), pacer.open_chats(Lane.RED), pacer.held_for(1, Lane.RED)) == (0, 0, 0)
    for item in range(3):
        pacer.offer(item, 1, Lane.RED, (item,), is_group=False)
    pacer.offer(3, 1, Lane.RED, (3,), is_group=False, weight=5)
    pacer.offer(4, 2, Lane.RED, (4,), is_group=False)
    pacer.offer(5, 2, Lane.REST, (5,), is_group=False, not_before=50.0)
    assert pacer.held_for(1, Lane.RED) == 3  # but for albums
    assert (pacer.held(Lane.RED), pacer.held(Lane.REST), pacer.open_chats(Lane.RED)) == (5, 1, 2)
    assert pacer.waiting[Lane.RED] == 5
    assert pacer.full_chats(3) == {Lane.RED: [1]}
    assert pacer.full_chats(4) == {}
    assert pacer.full_chats(1) == {Lane.RED: [1, 2]}
    for item in range(10, 19):
        pacer.offer(item, 3, Lane.ANSWER, (item,), is_group=False, weight=2)
    assert pacer.full_chats(1) == {Lane.RED: [1, 2]}
    pacer.offer(19, 3, Lane.ANSWER, (19,), is_group=False, weight=2)
    assert pacer.full_chats(1) == {Lane.RED: [1, 2], Lane.ANSWER: [3]}  # ten albums are full


def test_two_chats_refused_for_one_reason_halt_the_bot_until_the_later_end() -> None:
    def halted(first: float, second: float, apart: float = 0.5) -> float:
        pacer: Pacer[int] = Pacer(LIMITS)
        pacer.refused(1, first, 100.0)
        assert pacer.halted_until == -inf
        pacer.refused(2, second, 100.0 + apart)
        return pacer.halted_until

    assert halted(30, 30) == 130.5
    assert halted(30, 31.5) == 132  # two seconds apart: still one and the same
    assert halted(30, 31.6) == 130  # the earlier: it asks again then
    assert halted(30, 3600) == 130
    assert halted(0.5, 30) == -inf  # the first is over
    pacer: Pacer[int] = Pacer(LIMITS)
    pacer.refused(1, 30, 100.0, everything=True)
    assert pacer.halted_until == 130


def test_a_request_that_succeeded_in_between_is_evidence_that_the_chat_was_meant() -> None:
    for left_at, halts in ((99.9, True), (100.0, True), (100.1, False)):
        pacer: Pacer[int] = Pacer(LIMITS)
        pacer.refused(1, 30, 100.0)
        pacer.accepted(left_at)
        pacer.refused(2, 30, 101.0)
        assert (pacer.halted_until > 0) is halts, left_at


def test_chats_long_idle_are_forgotten_and_halted_ones_are_not() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits(10_000, 1, 20))
    pacer.refused(5, 90_000, 0.0)
    for number in range(3000):
        pacer.offer(number, 10 + number, Lane.RED, (number,), is_group=False)
        assert isinstance(pacer.next(10.0 * number), Ready)
    assert len(pacer._chats) < 1100
    pacer.offer(1, 5, Lane.RED, (1,), is_group=False)
    assert not isinstance(pacer.next(89_999.0), Ready)
    assert isinstance(pacer.next(90_000.0), Ready)
