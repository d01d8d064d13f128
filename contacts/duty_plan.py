"""A division's duty plan as spans of time: where nobody watches, who hands over to whom. Pure.

Times are UTC. A plan is the shifts over one division; several persons may watch together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """From ``starts_at`` until before ``ends_at``."""

    starts_at: datetime
    ends_at: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.ends_at - self.starts_at).total_seconds()

    def overlaps(self, other: Span) -> bool:
        """Whether a moment lies in both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, at: datetime) -> bool:
        """Whether the moment lies in it."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Shift(Span):
    """One person's watch over one division, as a row."""

    id: int
    person_id: int
    division_code: str


LEAST_GAP = timedelta(minutes=1)
"""Shorter than that is a rounding of the plan, nobody's absence (ours)."""


def uncovered(shifts: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """The spans of [since, until) in which no shift runs, the first first."""
    found: list[Span] = []
    covered = since
    for shift in sorted(shifts, key=lambda each: each.starts_at):
        if shift.starts_at >= until:
            break
        if shift.starts_at - covered >= LEAST_GAP:
            found.append(Span(covered, shift.starts_at))
        covered = max(covered, shift.ends_at)
    if until - covered >= LEAST_GAP:
        found.append(Span(covered, until))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """At ``at`` the watch goes from these persons to those."""

    at: datetime
    going: frozenset[int]
    coming: frozenset[int]


def changes(shifts: Sequence[Shift], since: datetime, until: datetime) -> list[Change]:
    """When the watch changes hands in [since, until), the first first.

    Somebody goes, and somebody comes at that moment who was not on watch before. Who watches on is
    among neither.
    """
    found = []
    for at in sorted({shift.starts_at for shift in shifts if since <= shift.starts_at < until}):
        before = {each.person_id for each in shifts if each.starts_at < at <= each.ends_at}
        after = {each.person_id for each in shifts if each.covers(at)}
        going, coming = before - after, after - before
        if going and coming:
            found.append(Change(at, frozenset(going), frozenset(coming)))
    return found
