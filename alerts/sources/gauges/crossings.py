"""A value crosses a line, stays above it, falls below it for long: a state machine. Pure.

Up it goes at once, down only after ``calm``, and only when it is below by a margin: a level that
flutters around its line crosses it once. What is not newer than the last look changes nothing, so
that duplicates, late readings and the order within a poll do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Line

LONGEST_GAP = timedelta(hours=3)
"""Below before and below now tells nothing about what was between, after so long a silence."""


class Passing(Enum):
    """What happened at a line."""

    RISEN = "risen"  # it reached a line above the one it held
    FALLEN = "fallen"  # it has been below the line for long, and is still above a lower one
    CALM = "calm"  # it has been below every line for long


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one quantity of a station stands. ``held`` is a line's rank; 0: below all of them."""

    held: int = 0
    since: datetime | None = None  # when the first line was crossed: names the whole episode
    crossed_at: datetime | None = None  # when the held one was
    below_since: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a value: the highest line it has reached, and the highest it is not yet clear of.

    ``kept`` is never lower than ``reached``.
    """

    at: datetime
    value: float
    reached: int = 0
    kept: int = 0
    line: Line | None = None  # the one reached


@dataclass(frozen=True, slots=True)
class Passed:
    """A line was passed, up or down; ``rank`` is what is held now."""

    passing: Passing
    rank: int
    before: int
    sight: Sight
    since: datetime  # of the episode


def sight(at: datetime, value: float, lines: Iterable[Line], rules: WaterRules) -> Sight:
    """A look at a level or a flow."""
    mine = list(lines)
    reached = [line for line in mine if value >= line.value]
    kept = [line.kind.rank for line in mine if value > line.value - margin(line, rules)]
    highest = max(reached, key=lambda line: line.kind.rank, default=None)
    rank = 0 if highest is None else highest.kind.rank
    return Sight(at, value, rank, max(kept, default=0), highest)


def margin(line: Line, rules: WaterRules) -> float:
    """How far below a line a value is clear of it."""
    if line.quantity is Quantity.LEVEL:
        return rules.margin_m
    return abs(line.value) * rules.margin_share


def step(standing: Standing, seen: Sight, rules: WaterRules) -> tuple[Standing, Passed | None]:
    """Where a value stands after one more look, and what it passed."""
    if standing.seen_at is not None and seen.at < standing.seen_at:
        return standing, None
    gap = standing.seen_at is not None and seen.at - standing.seen_at > LONGEST_GAP
    after = replace(standing, seen_at=seen.at)
    if seen.reached > standing.held:
        since = standing.since or seen.at
        risen = Standing(seen.reached, since, seen.at, None, seen.at)
        return risen, Passed(Passing.RISEN, seen.reached, standing.held, seen, since)
    if not standing.held or seen.kept >= standing.held:
        return replace(after, below_since=None), None
    below_since = seen.at if gap or standing.below_since is None else standing.below_since
    if seen.at - below_since < rules.calm:
        return replace(after, below_since=below_since), None
    assert standing.since is not None
    passing = Passing.FALLEN if seen.kept else Passing.CALM
    passed = Passed(passing, seen.kept, standing.held, seen, standing.since)
    if seen.kept:
        return Standing(seen.kept, standing.since, seen.at, None, seen.at), passed
    return Standing(seen_at=seen.at), passed
