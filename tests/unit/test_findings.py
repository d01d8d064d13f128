"""What the watch over jiaoying itself calls trouble, and when it tells an officer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.outbox.lanes import Lane
from alerts.oversight.findings import (
    BELIEVED_AFTER,
    OVER_AFTER,
    FindingKind,
    Open,
    OversightRules,
    Queue,
    Source,
    Telling,
    believed,
    silent,
    stuck,
    telling,
)

RULES = OversightRules()
NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def open_since(ago: timedelta, *, seen: timedelta = SECOND, told: timedelta | None = None) -> Open:
    return Open(
        FindingKind.CALLS_LATE,
        NOW - ago,
        NOW - seen,
        None if told is None else NOW - told,
    )


@pytest.mark.parametrize(
    ("known", "found", "wanted"),
    [
        (None, False, Telling.NOTHING),
        (None, True, Telling.WATCH),
        (open_since(BELIEVED_AFTER - SECOND), True, Telling.WATCH),
        (open_since(BELIEVED_AFTER), True, Telling.FOUND),
        (open_since(10 * MINUTE, seen=OVER_AFTER), True, Telling.ANEW),
        (open_since(10 * MINUTE, told=29 * MINUTE), True, Telling.WATCH),
        (open_since(40 * MINUTE, told=30 * MINUTE), True, Telling.AGAIN),
        (open_since(MINUTE, seen=OVER_AFTER - SECOND, told=MINUTE), False, Telling.ENDING),
        (open_since(MINUTE, seen=OVER_AFTER, told=MINUTE), False, Telling.OVER),
        (open_since(MINUTE, seen=OVER_AFTER), False, Telling.FORGET),
    ],
)
def test_what_is_told_when(known: Open | None, found: bool, wanted: Telling) -> None:
    assert telling(known, found, NOW, RULES) is wanted


def test_a_failed_update_is_said_once_a_day() -> None:
    known = Open(FindingKind.UPDATES_FAILED, NOW - 30 * MINUTE, NOW - SECOND, NOW - 31 * MINUTE)
    assert telling(known, True, NOW, RULES) is Telling.WATCH
    assert telling(known, True, NOW + timedelta(days=1), RULES) is Telling.AGAIN


def test_one_look_is_not_believed_nor_one_of_long_ago() -> None:
    assert not believed(open_since(SECOND, seen=SECOND), NOW)
    assert believed(open_since(MINUTE, seen=SECOND), NOW)
    assert not believed(open_since(60 * MINUTE, seen=2 * OVER_AFTER), NOW)


def queue(
    lane: Lane, waited: timedelta, taken: timedelta | None = None, *, due: int = 5, bot: int = 1
) -> Queue:
    return Queue(bot, lane, due, NOW - waited, None if taken is None else NOW - taken)


def test_a_long_queue_that_is_taken_from_is_no_trouble() -> None:
    assert stuck([queue(Lane.RED, 12 * MINUTE, 2 * SECOND, due=20_000)], NOW, RULES) == []


def test_a_queue_nobody_takes_from_is_stuck() -> None:
    never, long_ago = queue(Lane.RED, MINUTE), queue(Lane.RED, 5 * MINUTE, MINUTE, bot=2)
    assert stuck([never, long_ago], NOW, RULES) == [never, long_ago]
    assert stuck([queue(Lane.RED, 59 * SECOND)], NOW, RULES) == []


def test_a_lane_waits_for_the_more_urgent_ones_of_its_own_bot_only() -> None:
    rest = queue(Lane.REST, 10 * MINUTE)
    assert stuck([queue(Lane.RED, 10 * MINUTE, SECOND), rest], NOW, RULES) == []
    assert stuck([queue(Lane.RED, 10 * MINUTE, SECOND, bot=2), rest], NOW, RULES) == [rest]
    cards = queue(Lane.CARD, SECOND, SECOND)
    assert stuck([cards, rest], NOW, RULES) == [rest]  # cards go after it: that proves nothing


def test_cards_may_wait_longer_and_help_calls_less() -> None:
    assert stuck([queue(Lane.CARD, 9 * MINUTE)], NOW, RULES) == []
    assert len(stuck([queue(Lane.CARD, 10 * MINUTE)], NOW, RULES)) == 1
    assert len(stuck([queue(Lane.DISTRESS, 30 * SECOND)], NOW, RULES)) == 1


def test_a_source_is_silent_after_three_times_missed() -> None:
    every = timedelta(seconds=300)
    fresh = Source("a", NOW - 15 * MINUTE, every)
    late = Source("b", NOW - 15 * MINUTE - SECOND, every)
    never = Source("c", None, every, failures=3)
    new = Source("d", None, every, failures=2)
    assert silent([fresh, late, never, new], NOW) == [late, never]
