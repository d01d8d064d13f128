"""Villages silent by every way of calling, and the runner who is sent there. Pure.

A village counts as cut off (三断: power, net, road) once nobody of it has answered and everybody
called there was tried: Telegram does not reach them or they were reminded, their stand-ins were
called and tried as well, and no other channel has a try left. Where somebody picked up a telephone,
got an SMS or has read a card there is power and net: that is silence, no more. An officer may also
say so, or say that it is not. It ends when the village answers, when a runner has told its people,
or with the warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

ACCEPTED_FOR = timedelta(minutes=2)
"""So long after a provider took a call it may still ring (ours)."""


@dataclass(frozen=True, slots=True)
class CutOffRules:
    """Minutes; ours. ``minutes``: after its call somebody counts as tried, 0: never by itself.

    ``answer_minutes``: within which a runner says whether they go; ``report_minutes``: within which
    they report. Late, they are asked once more, and then the officers are told.
    """

    minutes: float = 10.0
    answer_minutes: float = 5.0
    report_minutes: float = 60.0


class CutOffEnd(Enum):
    """How it ended that a village is cut off."""

    ANSWERED = "answered"  # somebody of it answered
    REACHED = "reached"  # a runner told its people
    UNMARKED = "unmarked"  # an officer says that it is not
    OVER = "over"  # the warning is over, or no more for the village


class ErrandState(Enum):
    """Where somebody is who is sent to a village."""

    ASKED = "asked"
    GOING = "going"
    DECLINED = "declined"
    ARRIVED = "arrived"  # its people are told
    FAILED = "failed"  # did not get there
    ENDED = "ended"  # not needed any more, or somebody else goes


OPEN = frozenset({ErrandState.ASKED, ErrandState.GOING})


class News(Enum):
    """What happened, above a list that the officers get."""

    FOUND = "found"
    MARKED = "marked"
    ANSWERED = "answered"
    GOING = "going"
    DECLINED = "declined"
    SILENT = "silent"  # the runner does not answer, or does not report
    ARRIVED = "arrived"
    FAILED = "failed"
    UNMARKED = "unmarked"
    LEFT_OUT = "left_out"  # the warning was narrowed


class CutOffProblem(Enum):
    """Why something cannot be done about a village."""

    UNKNOWN = "unknown_cut_off"
    NOT_OF_WARNING = "not_of_warning"  # no village, or not one of the warning's
    NO_RUNNER = "no_runner"  # whoever is to go has left the roster
    NOT_YOUR_ERRAND = "not_your_errand"


class Outcome(Enum):
    """What became of an attempt; only RECORDED changed anything."""

    RECORDED = "recorded"
    ALREADY = "already"
    OVER = "over"  # the village is not cut off any more, the warning is over, somebody else goes


@dataclass(frozen=True, slots=True)
class CutOff:
    """A village that is, or was, cut off. Times are aware UTC."""

    id: int
    alert_id: int
    division_code: str
    found_at: datetime
    marked_by: int | None  # the officer; none: found by itself
    ended_at: datetime | None = None
    ended_by: int | None = None
    ended_how: CutOffEnd | None = None

    @property
    def open(self) -> bool:
        """Whether it still is."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody sent to a village. Times are aware UTC."""

    id: int
    alert_id: int
    cut_off_id: int
    division_code: str
    person_id: int
    assigned_by: int
    assigned_at: datetime
    state: ErrandState
    answered_at: datetime | None = None
    reported_at: datetime | None = None
    due_at: datetime | None = None
    asked_again: bool = False  # of what is due now

    @property
    def open(self) -> bool:
        """Whether something is still expected of the runner."""
        return self.state in OPEN


def answer(
    errand: Errand, going: bool, rules: CutOffRules, now: datetime
) -> tuple[ErrandState, datetime | None] | None:
    """Whether they go: the state then, and when what follows is due; ``None``: too late."""
    if errand.state not in OPEN or (going and errand.state is ErrandState.GOING):
        return None
    if not going:
        return ErrandState.DECLINED, None
    return ErrandState.GOING, now + timedelta(minutes=rules.report_minutes)


def said_at(errand: Errand, done_at: datetime | None, now: datetime) -> datetime:
    """When the runner said it: when it was done, though never before what they had said, or were
    asked, last."""
    return min(now, max(done_at or now, errand.answered_at or errand.assigned_at))


def report(errand: Errand, arrived: bool, *, ended_since: bool = False) -> ErrandState | None:
    """What the runner reports; whoever is there need not have said that they go.

    :param ended_since: the warning ended after they said so, and before it was heard.
    """
    if not errand.open and not (ended_since and errand.state is ErrandState.ENDED):
        return None
    return ErrandState.ARRIVED if arrived else ErrandState.FAILED


def chase(errand: Errand, rules: CutOffRules, now: datetime) -> tuple[bool, datetime | None]:
    """What a late errand comes to: whether the runner is asked once more (else the officers are
    told), and when what follows is due."""
    if errand.asked_again:
        return False, None
    return True, now + timedelta(minutes=rules.answer_minutes)
