"""The pacer chooses the same messages as a slow, simple model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.outbox.lanes import Lane
from bot.config.settings import PaceLimits
from bot.telegram.pacing import Pacer
from bot.telegram.turns import Empty, Ready
from bot.telegram.windows import GUARD, IDLE, PACE, ChatRules, Window

LIMITS = (
    PaceLimits(per_second=4, per_chat_per_second=1, per_group_per_minute=5),
    PaceLimits(per_second=8, per_chat_per_second=3, per_group_per_minute=7),
    PaceLimits(per_second=2.5, per_chat_per_second=0.5, per_group_per_minute=3.5),
)


@dataclass
class Held:
    item: int
    chat: int
    lane: Lane
    order: tuple[int, ...]
    seq: int
    not_before: float
    weight: int


@dataclass
class Model:
    """The pacer's rules written plainly: a choice looks at every message and every send so far."""

    limits: PaceLimits
    held: list[Held] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)  # when; an album as many times as it has items
    of_chat: dict[int, list[float]] = field(default_factory=dict)  # as if one after the other
    halts: dict[int, float] = field(default_factory=dict)
    seq: int = 0
    due: float = float("-inf")
    halted: float = float("-inf")
    answers_due: float = float("-inf")

    def offer(
        self, item: int, chat: int, lane: Lane, order: tuple[int, ...], later: float, weight: int
    ) -> None:
        self.seq += 1
        self.held.append(Held(item, chat, lane, order, self.seq, later, weight))

    def open_at(self, held: Held) -> float:
        rules = ChatRules(self.limits)
        mine = self.of_chat.get(held.chat, [])
        bounds = [held.not_before, self.halts.get(held.chat, float("-inf"))]
        checks = [(rules.second.count, rules.second.seconds)]
        if held.chat < 0:
            count = rules.cards if held.lane is Lane.CARD else rules.group.count
            checks.append((count, rules.group.seconds))
        for count, seconds in checks:
            others = max(0, count - held.weight)
            if len(mine) > others:
                bounds.append(mine[-1 - others] + seconds)
        return max(bounds)

    def heads(self, now: float) -> list[Held]:
        """What is first of its chat in its lane; the rest waits for it."""
        first: dict[tuple[int, Lane], Held] = {}
        for held in sorted(self.held, key=lambda held: (held.order, held.seq)):
            if held.not_before <= now:
                first.setdefault((held.chat, held.lane), held)
        return [*first.values(), *(held for held in self.held if held.not_before > now)]

    def overall(self, weight: int = 1) -> float:
        interval = 1 / (self.limits.per_second * PACE)
        window = Window(self.limits.per_second, 1.0, GUARD)
        bounds = [self.due - interval, self.halted]
        others = window.count - min(weight, window.count)
        if len(self.sent) > others:
            bounds.append(self.sent[-1 - others] + window.seconds)
        return max(bounds)

    def next(self, now: float) -> int | float | None:
        """The item that leaves, or until when to wait, or None when empty."""
        if not self.held:
            return None
        if self.overall() > now:
            return self.overall()
        heads = self.heads(now)
        free = [held for held in heads if self.open_at(held) <= now]
        if not free:
            return min(self.open_at(held) for held in heads)
        share = 3 / (self.limits.per_second * PACE)
        messages = [held for held in free if Lane.CANCEL <= held.lane <= Lane.REST]
        best = min(free, key=lambda held: (held.lane, held.order, held.seq))
        contested = best.lane is Lane.ANSWER and bool(messages)
        if contested and self.answers_due - 2 * share > now:
            best = min(messages, key=lambda held: (held.lane, held.order, held.seq))
            contested = False
        if self.overall(best.weight) > now:
            return self.overall(best.weight)
        if contested:
            self.answers_due = max(self.answers_due, now) + best.weight * share
        self.held.remove(best)
        self.sent += [now] * best.weight
        second = ChatRules(self.limits).second
        moments = self.of_chat.setdefault(best.chat, [])
        moments += [now + n * (second.seconds / second.count) for n in range(best.weight)]
        interval = 1 / (self.limits.per_second * PACE)
        self.due = best.weight * interval + (
            now + interval if now > self.due + IDLE * interval else max(self.due, now)
        )
        return best.item

    def refused_everything(self, chat: int, seconds: float, now: float) -> None:
        self.halts[chat] = max(self.halts.get(chat, float("-inf")), now + seconds)
        self.halted = max(self.halted, now + seconds)
        self.due = max(self.due, now + seconds + 1 / (self.limits.per_second * PACE))


lanes = st.sampled_from([Lane.RED, Lane.RED, Lane.ANSWER, Lane.ANSWER, Lane.CARD, *Lane])
chats = st.integers(-2, 3).filter(bool)
offers = st.tuples(
    st.just("offer"),
    chats,
    lanes,
    st.integers(0, 2),
    st.sampled_from([0.0, 0.0, 0.7, 3.0]),
    st.sampled_from([1, 1, 1, 2, 3, 10]),  # an album has up to ten items
)
steps = st.lists(
    st.one_of(
        offers,
        offers,
        st.tuples(st.just("ask"), st.floats(0, 2.0)),
        st.tuples(st.just("ask_when_told")),
        st.tuples(st.just("ask_when_told")),
        st.tuples(st.just("halt_all"), chats, st.floats(0.1, 5.0)),
        st.tuples(st.just("discard"), st.integers(2, 5)),
    ),
    min_size=10,
    max_size=80,
)


class SideBySide:
    """The pacer and the slow model, doing the same. Each step is a method by the step's name."""

    def __init__(self, limits: PaceLimits) -> None:
        self.pacer: Pacer[int] = Pacer(limits)
        self.model = Model(limits)
        self.now = self.told = 0.0
        self.items = 0

    def offer(self, chat: int, lane: Lane, order: int, delay: float, weight: int) -> None:
        self.items += 1
        later = self.now + delay if delay else float("-inf")
        self.model.offer(self.items, chat, lane, (order,), later, weight)
        self.pacer.offer(
            self.items,
            chat,
            lane,
            (order,),
            is_group=chat < 0,
            not_before=later,
            weight=weight,
        )

    def ask(self, seconds: float) -> None:
        self.now += seconds
        expected, got = self.model.next(self.now), self.pacer.next(self.now)
        self.told = self.now
        if isinstance(got, Ready):
            assert got.item == expected
            assert got.at == self.now
        elif isinstance(got, Empty):
            assert expected is None
        else:
            # The model knows a later bound when an item's chat is halted meanwhile; waking a
            # little early is allowed, waking late or never getting further is not.
            assert isinstance(expected, float)
            assert self.now < got.until <= expected
            self.told = got.until

    def ask_when_told(self) -> None:
        self.ask(max(0.0, self.told - self.now))

    def halt_all(self, chat: int, seconds: float) -> None:
        self.model.refused_everything(chat, seconds, self.now)
        self.pacer.refused(chat, seconds, self.now, everything=True)
        for other, (_, until) in self.pacer._refusals.items():
            self.model.halted = max(self.model.halted, until)
            assert self.model.halts[other] >= until

    def discard(self, divisor: int) -> None:
        gone = self.pacer.discard(lambda item: item % divisor == 0)
        expected = [held.item for held in self.model.held if held.item % divisor == 0]
        assert sorted(gone) == sorted(expected)
        self.model.held = [held for held in self.model.held if held.item % divisor]


@pytest.mark.slow
@settings(max_examples=60)
@given(st.sampled_from(LIMITS), steps)
def test_it_chooses_as_the_slow_model_does(limits: PaceLimits, steps: list[tuple]) -> None:
    both = SideBySide(limits)
    for name, *arguments in steps:
        getattr(both, name)(*arguments)
        assert len(both.pacer) == len(both.model.held)
        assert sum(both.pacer.waiting.values()) == len(both.model.held)
    for _ in range(20 * len(both.model.held) + 50):  # nothing is lost: it all leaves in the end
        both.ask_when_told()
    assert len(both.pacer) == 0
