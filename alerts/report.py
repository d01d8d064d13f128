"""Who has answered: progress while a warning runs, the summary when it is closed.

The database counts (``call_store.tally``); here the counts are added up and compared.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts import call_store
from alerts.calls import ANSWERED, Call, CallState, Reach, Report
from alerts.model import Alert
from contacts.divisions.codes import CODE_LENGTH, Tier, code_range, contains, tier_of
from data.database import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """How many persons of a warning, or of one division's part of it, stand how."""

    calls: int = 0
    acknowledged: int = 0  # by the person, reported included
    proxied: int = 0
    reported: int = 0
    discharged: int = 0
    cancelled: int = 0
    waiting: int = 0
    unreachable: int = 0  # of those waiting
    queued: int = 0  # of those waiting: not delivered yet
    households: int = 0
    persons: int = 0

    @property
    def answered(self) -> int:
        """By the person or by proxy."""
        return self.acknowledged + self.proxied

    @property
    def closed(self) -> int:
        """Nothing more is asked of these: answered or discharged."""
        return self.answered + self.discharged

    def plus(self, row: Any) -> Progress:
        """These counts and those of one row of ``call_store.tally``."""
        state, waiting = CallState(row.state), row.state == CallState.WAITING.value
        own = state in (CallState.ACKNOWLEDGED, CallState.REPORTED)
        return Progress(
            self.calls + row.n,
            self.acknowledged + (row.n if own else 0),
            self.proxied + (row.n if state is CallState.PROXIED else 0),
            self.reported + (row.n if state is CallState.REPORTED else 0),
            self.discharged + (row.n if state is CallState.DISCHARGED else 0),
            self.cancelled + (row.n if state is CallState.CANCELLED else 0),
            self.waiting + (row.n if waiting else 0),
            self.unreachable + (row.n if waiting and row.reach == Reach.UNREACHABLE.value else 0),
            self.queued + (row.n if waiting and row.reach == Reach.QUEUED.value else 0),
            self.households + row.households,
            self.persons + row.persons,
        )


def total(rows: Iterable[Any]) -> Progress:
    """The counts of all rows of ``call_store.tally``."""
    counts = Progress()
    for row in rows:
        counts = counts.plus(row)
    return counts


def by_division(rows: Iterable[Any], tier: Tier) -> dict[str, Progress]:
    """The counts rolled up to ``tier``: what lies above it counts for itself."""
    counts: dict[str, Progress] = {}
    for row in rows:
        code = at_tier(row.division_code, tier)
        counts[code] = counts.get(code, Progress()).plus(row)
    return dict(sorted(counts.items()))


def at_tier(code: str, tier: Tier) -> str:
    """The division of ``tier`` that ``code`` lies in, or ``code`` itself when it is not below."""
    if tier_of(code).depth <= tier.depth:
        return code
    return code[: tier.digits].ljust(CODE_LENGTH, "0")


def scope_of(division_code: str, areas: Iterable[str], *, wanted: str = "") -> str:
    """The part of a warning an officer of ``division_code`` looks after; empty: all of it.

    :param wanted: the part they ask for: theirs to see when it lies in their division.
    """
    if wanted and contains(division_code, wanted):
        return wanted
    return division_code if any(contains(area, division_code) for area in areas) else ""


def breakdown_tier(areas: Sequence[str]) -> Tier:
    """The tier just below the widest area: what the warning's commander wants to compare."""
    widest = min((tier_of(code) for code in areas), key=lambda tier: tier.depth)
    return widest.below or Tier.VILLAGE


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast answers came, in seconds after the call was made."""

    answers: int
    median: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told when a warning is over."""

    alert: Alert
    progress: Progress
    speed: Speed | None
    by_tier: dict[Tier, Speed]
    by_division: dict[str, tuple[Progress, Speed | None]]
    not_reported: int
    reports: dict[Report, int] = field(default_factory=dict)


def speed(calls: Iterable[Call]) -> Speed | None:
    """Median and slowest of the answers among ``calls``; ``None`` when there is none."""
    seconds = [
        (call.answered_at - call.called_at).total_seconds()
        for call in calls
        if call.answered_at is not None and call.state in ANSWERED
    ]
    if not seconds:
        return None
    return Speed(len(seconds), statistics.median(seconds), max(seconds))


def progress(connection: Connection, alert: Alert, division_code: str = "") -> Progress:
    """The counts of a warning, or of one division's part of it."""
    low, high = code_range(division_code) if division_code else ("", "~")
    return total(call_store.tally(connection, alert.id, low, high, tier=Tier.PROVINCE))


def summary(connection: Connection, alert: Alert) -> Summary:
    """Everything the closing message and the report file say."""
    tier = breakdown_tier(alert.areas)
    rows = call_store.tally(connection, alert.id, tier=tier)
    calls = [call for call, _, _ in call_store.all_calls(connection, alert.id)]
    tiers: dict[Tier, list[Call]] = {}
    places: dict[str, list[Call]] = {}
    reports: dict[Report, int] = {}
    for call in calls:
        tiers.setdefault(tier_of(call.division_code), []).append(call)
        places.setdefault(at_tier(call.division_code, tier), []).append(call)
        if call.report is not None:
            reports[call.report] = reports.get(call.report, 0) + 1
    by_depth = sorted(tiers.items(), key=lambda item: item[0].depth)
    speeds = {tier: speed(of_tier) for tier, of_tier in by_depth}
    return Summary(
        alert,
        total(rows),
        speed(calls),
        {tier: found for tier, found in speeds.items() if found is not None},
        {
            code: (counts, speed(places.get(code, [])))
            for code, counts in by_division(rows, tier).items()
        },
        sum(call.state is CallState.ACKNOWLEDGED for call in calls),
        reports,
    )


def overdue(connection: Connection, alert: Alert, first_rung: float | None, now: datetime) -> int:
    """How many have not answered within ``first_rung`` minutes of their call."""
    if first_rung is None:
        return 0
    return call_store.count_overdue(connection, alert.id, now, first_rung)
