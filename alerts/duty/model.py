"""What is asked and said about duty: gaps and when they are told, asks, hand-overs. Pure.

Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from contacts.duty_plan import Span


class GapRung(IntEnum):
    """When a gap is told, the first first; a row keeps those told as bits."""

    WEEK = 1
    DAY = 2
    HOUR = 4


AHEAD = {
    GapRung.WEEK: timedelta(days=7),
    GapRung.DAY: timedelta(days=1),
    GapRung.HOUR: timedelta(hours=1),
}
"""How long before it begins (issue 16: a week, a day and an hour before)."""

LOOKED_AHEAD = timedelta(days=7)
LOOKED_BACK = timedelta(days=1)
"""A gap that began so long ago still is one, until it is over."""

PLAN_KEPT = timedelta(days=14)
"""A division whose last shift ended so long ago keeps no plan any more: no gap is told (ours)."""

LOOK_EVERY = timedelta(hours=1)
"""A plan is looked at at least so often; at once after it changed (ours)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time for which nobody is on a division's plan; ``told``: bits of ``GapRung``."""

    id: int
    division_code: str
    starts_at: datetime
    ends_at: datetime
    told: int = 0
    closed_at: datetime | None = None

    @property
    def span(self) -> Span:
        """When."""
        return Span(self.starts_at, self.ends_at)


def rungs_due(starts_at: datetime, told: int, now: datetime) -> int:
    """The rungs to be told now, as bits: with a later one the earlier ones are, too."""
    due = 0
    for rung, ahead in AHEAD.items():
        if starts_at - ahead <= now:
            due |= rung
    return due & ~told


def next_rung_at(starts_at: datetime, told: int) -> datetime | None:
    """When the next rung is due; ``None``: all were told."""
    left = [starts_at - ahead for rung, ahead in AHEAD.items() if not told & rung]
    return min(left, default=None)


class AskKind(Enum):
    """What somebody is asked to take."""

    SWAP = "swap"  # a shift that has not begun, perhaps for one of their own
    STAND_IN = "stand_in"  # what is left of a running shift, or a part of it
    FILL = "fill"  # a gap
    HAND_OVER = "handover"  # the watch from now on (交班), planned or not


class AskState(Enum):
    """What became of an ask."""

    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by whoever asked
    LAPSED = "lapsed"  # its time came first, or the shift is somebody else's by now


class DutyProblem(Enum):
    """Why nothing is done; each is said with what to do next."""

    NO_SUCH_SHIFT = "duty_no_such_shift"
    NOT_YOURS = "duty_not_yours"  # the shift is somebody else's (by now)
    BEGUN = "duty_begun"  # it runs: a stand-in is what is wanted
    NOT_BEGUN = "duty_not_begun"  # it does not run yet: a swap is what is wanted
    OVER = "duty_over"
    NOT_FOR_THEM = "duty_not_for_them"  # without a post there
    NOT_PROVEN = "duty_not_proven"  # their account is not proven enough for a watch's rights
    NOT_REACHED = "duty_not_reached"  # the bot cannot ask them
    YOURSELF = "duty_yourself"
    BUSY = "duty_busy"  # they watch at that time already
    DECIDED = "duty_decided"  # agreed, declined, withdrawn or lapsed before
    NO_SUCH_ASK = "duty_no_such_ask"
    NOT_ASKED = "duty_not_asked"  # the ask is to somebody else
    CHANGED = "duty_changed"  # the shift is another than was agreed to
    TAKEN_OVER = "duty_taken_over"  # somebody else has just taken over
    NOT_WATCHING = "duty_not_watching"  # only who is on duty hands over
    NO_SUCH_GAP = "duty_no_such_gap"
    FILLED = "duty_filled"
    NO_HANDOVER = "duty_no_handover"
    HANDED_OVER = "duty_handed_over"
    NOT_COMING = "duty_not_coming"  # not on the next watch
    WORDS_TOO_LONG = "duty_words_too_long"
    NO_DIVISION = "duty_no_division"  # no post from which a watch is kept
    LINK_OFF = "duty_link_off"  # no web server that could give out a calendar


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody was asked to take a shift, a part of one, or a gap."""

    id: int
    kind: AskKind
    division_code: str
    shift_id: int | None
    back_id: int | None
    starts_at: datetime
    ends_at: datetime
    asked_by: int
    asked_of: int
    asked_at: datetime
    state: AskState
    decided_at: datetime | None = None
    due_at: datetime | None = None
    words: str = ""  # of a hand-over: what whoever goes wants to add
    chased_at: datetime | None = None  # when they were asked again

    @property
    def span(self) -> Span:
        """When they would watch."""
        return Span(self.starts_at, self.ends_at)


class HandOverStep(Enum):
    """How far a hand-over has come."""

    PLANNED = "planned"
    ASKED = "asked"  # who goes was shown what is open
    GIVEN = "given"  # who comes has it
    RECEIVED = "received"
    MISSED = "missed"  # nobody confirmed it; told
    OFF = "off"  # the plan changed: there is none


MAX_WORDS = 1000
"""Characters of a hand-over's own words (ours)."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """One watch hands over to the next."""

    id: int
    division_code: str
    at: datetime
    step: HandOverStep
    given_by: int | None = None
    given_at: datetime | None = None
    words: str = ""
    open_things: dict[str, int] | None = None
    received_by: int | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyRules:
    """Whether gaps are told; minutes before a hand-over its note is asked for, and after it until
    it is told that nobody has confirmed it (0: never)."""

    gaps: bool = True
    handover_minutes: float = 30.0
    received_minutes: float = 30.0
