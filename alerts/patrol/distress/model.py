"""One call for help (求救) and what can become of it: pure.

Nothing is lost when the person cannot tap again: the first tap is stored as PENDING with the time
it goes out by itself; a second tap sends it at once, an undo before that time tells nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class Press(Enum):
    """What came of a press of 求救 after the first: what whoever pressed is told."""

    SENT = "sent"  # it left, or had left by itself
    AGAIN = "again"  # everybody was called once more
    HELD = "held"  # they were called a moment ago, so not again


class DistressStage(Enum):
    """How far a call for help has come."""

    PENDING = "pending"  # tapped once: goes out when its time comes, unless undone
    RINGING = "ringing"  # sent, and sent again, until somebody takes it
    TAKEN = "taken"
    OVER = "over"  # cleared by whoever took it, or undone


@dataclass(frozen=True, slots=True)
class DistressRules:
    """Seconds to undo, minutes between two rounds, and which colleagues are asked (ours)."""

    confirm_seconds: float = 10.0
    again_seconds: float = 30.0  # the caller's own presses call again no sooner than this
    repeat_minutes: float = 2.0
    colleagues: int = 3
    colleague_minutes: float = 720.0  # how old a colleague's position may be
    colleague_km: float = 50.0


@dataclass(frozen=True, slots=True)
class DistressCall:
    """A call for help, until it is cleared."""

    id: int
    person_id: int
    raised_at: datetime
    position_id: int | None = None
    file_id: str | None = None
    file_kind: str | None = None
    note: str | None = None
    taken_by: int | None = None
    taken_at: datetime | None = None
    cleared_by: int | None = None
    cleared_at: datetime | None = None
    sent_at: datetime | None = None  # when the first round left
    due_at: datetime | None = None  # when the next round leaves; None: no more
    rung_at: datetime | None = None  # when the last round left
    rounds: int = 0
    told: tuple[int, ...] = ()  # everybody who got it: they hear how it ends

    @property
    def open(self) -> bool:
        """Not cleared yet."""
        return self.cleared_at is None

    @property
    def stage(self) -> DistressStage:
        """How far it has come."""
        if self.cleared_at is not None:
            return DistressStage.OVER
        if self.sent_at is None:
            return DistressStage.PENDING
        return DistressStage.RINGING if self.taken_by is None else DistressStage.TAKEN

    @property
    def undone(self) -> bool:
        """Called off by whoever raised it."""
        return self.cleared_at is not None and self.cleared_by == self.person_id


def goes_out_at(raised_at: datetime, rules: DistressRules) -> datetime:
    """When a call raised then leaves by itself."""
    return raised_at + timedelta(seconds=rules.confirm_seconds)


ARRIVES_WITHIN = timedelta(minutes=2)
"""A call for help that takes longer to arrive says so (ours)."""


def arrived_late(raised_at: datetime, now: datetime) -> bool:
    """Whether it was raised so long ago that there is nothing more to wait for."""
    return now - raised_at > ARRIVES_WITHIN


def due(call: DistressCall, now: datetime) -> bool:
    """Whether a round is to leave now."""
    return call.due_at is not None and call.due_at <= now


def rung(
    call: DistressCall, told: tuple[int, ...], now: datetime, rules: DistressRules
) -> DistressCall:
    """A round leaves now to ``told``; the next is due until somebody takes it."""
    if not call.open:
        return call
    everybody = call.told + tuple(person_id for person_id in told if person_id not in call.told)
    # Counted from now, not from when it was due: after a standstill one round leaves, not a burst.
    after = None if call.taken_by is not None else now + timedelta(minutes=rules.repeat_minutes)
    return replace(
        call,
        sent_at=call.sent_at or now,
        due_at=after,
        rung_at=now,
        rounds=call.rounds + 1,
        told=everybody,
    )


def rang_just_now(call: DistressCall, now: datetime, rules: DistressRules) -> bool:
    """Whether everybody was called so lately that the caller's press does not call them again."""
    if call.rung_at is None:
        return False
    return now - call.rung_at < timedelta(seconds=rules.again_seconds)


def taken(call: DistressCall, officer_id: int, now: datetime) -> DistressCall:
    """Somebody takes it: no more rounds. Whoever was first keeps it."""
    if not call.open or call.taken_by is not None:
        return call
    return replace(call, taken_by=officer_id, taken_at=now, due_at=None)


def cleared(call: DistressCall, by: int, now: datetime) -> DistressCall:
    """All clear, or undone: it is over for good."""
    if not call.open:
        return call
    return replace(call, cleared_by=by, cleared_at=now, due_at=None)
