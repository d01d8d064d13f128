"""An album weighs as many messages as it has items, in the pace of its chat and of the bot."""

from __future__ import annotations

import random
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.outgoing import Request, weight_of
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Empty, Ready, Wait
from bot.telegram.windows import CHAT_GUARD, GROUP_GUARD, GUARD
from tests.unit.test_pacing import drain, most_in

lanes = st.sampled_from(list(Lane))


def album(items: int) -> Request:
    media = [{"type": "photo", "media": f"photo {n}"} for n in range(items)]
    return Request("sendMediaGroup", orjson.dumps({"chat_id": 5, "media": media}))


def test_an_album_weighs_as_many_as_its_items_and_everything_else_one() -> None:
    assert weight_of(album(2)) == 2
    assert weight_of(album(10)) == 10
    assert weight_of(Request("sendPhoto", b'{"chat_id":5,"photo":"x"}')) == 1
    assert weight_of(None) == 1


def test_three_albums_for_one_chat_leave_as_if_each_item_were_a_message() -> None:
    pacer: Pacer[str] = Pacer(PaceLimits())
    for number in range(3):
        pacer.offer(f"album {number}", 1, Lane.ANSWER, (1, number), is_group=False, weight=10)
    pacer.offer("/help", 1, Lane.ANSWER, (0, 3), is_group=False)
    pacer.offer("other", 2, Lane.REST, (0, 4), is_group=False)
    left = {ready.item: time for time, ready in drain(pacer)}  # type: ignore[arg-type]
    second = 1 + CHAT_GUARD
    assert left["/help"] == 0.0
    assert left["other"] < 0.1  # another chat does not wait for them
    assert left["album 0"] == pytest.approx(second)
    assert left["album 1"] == pytest.approx(11 * second)
    assert left["album 2"] == pytest.approx(21 * second)


def test_albums_for_many_chats_keep_the_overall_pace() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(12):
        pacer.offer(number, number + 1, Lane.REST, (number,), is_group=False, weight=10)
    times = [time for time, ready in drain(pacer) for _ in range(ready.weight)]
    assert most_in(times, 1.0 + GUARD - 1e-6) <= 30
    assert times[-1] > 3.0


def test_a_group_takes_no_album_that_would_fill_its_minute_twice() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(15):
        pacer.offer(number, -7, Lane.RED, (number,), is_group=True)
    pacer.offer(15, -7, Lane.RED, (15,), is_group=True, weight=10)
    sent = drain(pacer)
    assert sent[-1][1].item == 15
    assert sent[-1][0] == pytest.approx(sent[4][0] + 60 + GROUP_GUARD)


def test_what_is_lighter_does_not_wait_with_an_album_that_came_first() -> None:
    pacer: Pacer[str] = Pacer(PaceLimits())
    for number in range(15):
        pacer.offer(f"post {number}", -7, Lane.RED, (number,), is_group=True)
    pacer.offer("album", -7, Lane.RED, (20,), is_group=True, weight=10)
    now = 0.0
    while True:
        step = pacer.next(now)
        if isinstance(step, Wait):
            if step.until > 20:
                break
            now = step.until
    pacer.offer("post", -7, Lane.RED, (16,), is_group=True)
    step = pacer.next(now + 1.1)
    assert isinstance(step, Ready) and step.item == "post"


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 4),
            st.integers(-3, 60).filter(bool),
            lanes,
            st.sampled_from([1, 1, 1, 2, 5, 10]),
        ),
        max_size=120,
    ),
    st.floats(0, 0.03),
    st.integers(0, 999),
)
def test_no_arrival_pattern_of_albums_breaks_a_limit(
    arrivals: list[tuple[float, int, Lane, int]], late: float, seed: int
) -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number, (time, chat, lane, weight) in enumerate(arrivals):
        pacer.offer(number, chat, lane, is_group=chat < 0, not_before=time, weight=weight)
    sent = drain(pacer, lateness=random.Random(seed), late=late)
    assert sorted(ready.item for _, ready in sent) == list(range(len(arrivals)))
    every = [time for time, ready in sent for _ in range(ready.weight)]
    assert most_in(every, 1.0 + GUARD - 1e-6) <= 30
    for chat in {chat for _, chat, _, _ in arrivals}:
        of_chat = [(time, ready.weight) for time, ready in sent if ready.chat_id == chat]
        for (before, weight), (after, _) in pairwise(of_chat):
            assert after - before >= weight * (1.0 + CHAT_GUARD) - 1e-6
        if chat < 0:
            items = [time for time, weight in of_chat for _ in range(weight)]
            assert most_in(items, 60.0 + GROUP_GUARD - 1e-6) <= 20


@settings(max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([1, 1, 3])), max_size=150))
def test_what_stayed_takes_no_place_and_breaks_no_limit(plan: list[tuple[bool, int]]) -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number, (_, weight) in enumerate(plan):
        pacer.offer(number, number + 1, Lane.RED, (number,), is_group=False, weight=weight)
    now, left = 0.0, []
    while not isinstance(step := pacer.next(now), Empty):
        if isinstance(step, Wait):
            now = step.until
        elif plan[step.item][0]:
            left += [now] * step.weight
        else:
            pacer.stayed(step)
    assert most_in(left, 1.0 + GUARD - 1e-6) <= 30


def test_the_chat_of_what_stayed_is_open_at_once() -> None:
    pacer: Pacer[str] = Pacer(PaceLimits())
    pacer.offer("edit", -7, Lane.RED, (0,), is_group=True)
    step = pacer.next(0.0)
    assert isinstance(step, Ready)
    pacer.stayed(step)
    pacer.offer("warning", -7, Lane.RED, (1,), is_group=True)
    step = pacer.next(0.04)
    assert isinstance(step, Ready) and step.item == "warning"


def test_a_few_albums_do_not_fill_a_chat_and_many_do() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(29):
        pacer.offer(number, 1, Lane.ANSWER, (1, number), is_group=False, weight=10)
    assert pacer.full_chats(3) == {}
    pacer.offer(29, 1, Lane.ANSWER, (1, 29), is_group=False, weight=10)
    assert pacer.full_chats(3) == {Lane.ANSWER: [1]}


def test_what_is_held_is_counted_by_chat_and_by_chats_that_are_open() -> None:
    pacer: Pacer[int] = Pacer(PaceLimits())
    for number in range(5):
        pacer.offer(number, 1, Lane.RED, (number,), is_group=False)
    pacer.offer(5, 2, Lane.RED, (5,), is_group=False)
    assert pacer.held(Lane.RED) == 6
    assert pacer.open_chats(Lane.RED) == 2
    assert pacer.full_chats(3) == {Lane.RED: [1]}
    first = pacer.next(0.0)
    second = pacer.next(0.1)
    assert isinstance(first, Ready) and isinstance(second, Ready)
    assert (first.item, second.item) == (0, 5)
    assert isinstance(pacer.next(0.2), Wait)  # chat 1 must wait
    assert pacer.open_chats(Lane.RED) == 0
    assert pacer.held_for(1, Lane.RED) == 4
    pacer.discard(lambda item: item > 1)
    assert pacer.full_chats(3) == {}
    assert pacer.held_for(1, Lane.RED) == 1
