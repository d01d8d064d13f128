"""Who has answered: progress while a warning runs, the summary when it is closed.

The numbers are kept as calls change (``progress_store``); here they are added up and compared.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts import (
    call_store,
    completeness_store,
    help_store,
    progress_store,
    report_store,
    silent_store,
    uncalled_store,
)
from alerts.calls import ANSWERED, Call, CallState, Report
from alerts.completeness import Standing
from alerts.cut_off import store as cut_off_store
from alerts.loop.evacuation import standing
from alerts.loop.evacuation.counting import NONE, Evacuation, Figures
from alerts.model import Alert
from alerts.progress import Progress
from alerts.reports import HelpCounts
from alerts.withdrawals import store as withdrawals
from alerts.withdrawals.model import Withdrawal
from contacts.divisions.codes import CODE_LENGTH, EVERYWHERE, Tier, code_range, contains, tier_of
from data import audit
from data.database import Connection


def total(rows: Iterable[Any]) -> Progress:
    """The counts of all rows of ``progress_store.counts``."""
    counts = Progress()
    for row in rows:
        counts = counts.plus(row)
    return counts


def by_division(rows: Iterable[Any], tier: Tier) -> dict[str, Progress]:
    """The counts rolled up to ``tier``: what lies above it counts for itself.

    Without what a narrowing left out, unless somebody was moved there.
    """
    counts: dict[str, Progress] = {}
    for row in rows:
        if (code := counted_at(row.division_code, tier)) is None:
            continue
        counts[code] = counts.get(code, Progress()).plus(row)
    return {code: found for code, found in sorted(counts.items()) if found.any}


def at_tier(code: str, tier: Tier) -> str:
    """The division of ``tier`` that ``code`` lies in, or ``code`` itself when it is not below."""
    if tier_of(code).depth <= tier.depth:
        return code
    return code[: tier.digits].ljust(CODE_LENGTH, "0")


def counted_at(code: str, tier: Tier) -> str | None:
    """As ``at_tier``, for a code of ``progress_store.counts``, which may lack its zeros.

    ``None`` where what was counted twice below it lies above ``tier``: there nobody was.
    """
    if len(code) == CODE_LENGTH:
        return at_tier(code, tier)
    return None if len(code) < tier.digits else code[: tier.digits].ljust(CODE_LENGTH, "0")


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
    reports: dict[Report, int] = field(default_factory=dict)  # how many calls made each
    uncalled: int = 0  # villages in which nobody could be called
    help: HelpCounts = field(default_factory=HelpCounts)
    standings: Mapping[str, Standing] = field(default_factory=dict)  # what each of these owes
    cut_off: int = 0  # villages that were cut off at any time
    taken_back: int = 0  # answers that their persons took back
    doubted: int = 0  # answers that officers doubted
    evacuation: Evacuation = field(default_factory=Evacuation)
    still_away: Figures = NONE  # moved, and not called home


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
    low, high = code_range(division_code) if division_code else EVERYWHERE
    return total(progress_store.counts(connection, alert.id, low, high, tier=Tier.PROVINCE))


def summary(connection: Connection, alert: Alert) -> Summary:
    """Everything the closing message and the report file say."""
    tier = breakdown_tier(alert.areas)
    rows = progress_store.counts(connection, alert.id, tier=tier)
    calls = [call for call, _, _ in call_store.all_calls(connection, alert.id)]
    tiers: dict[Tier, list[Call]] = {}
    places: dict[str, list[Call]] = {}
    for call in calls:
        tiers.setdefault(tier_of(call.division_code), []).append(call)
        places.setdefault(at_tier(call.division_code, tier), []).append(call)
    withdrawn = [
        one for some in withdrawals.of_alert(connection, alert.id).values() for one in some
    ]
    doubted = sum(one.kind is Withdrawal.DOUBTED for one in withdrawn)
    taken_back = sum(one.kind is Withdrawal.TAKEN_BACK for one in withdrawn)
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
        report_store.count_by_kind(report_store.of_alert(connection, alert.id)),
        uncalled_store.villages(connection, alert.id),
        help_store.counts(help_store.of_alert(connection, alert.id)),
        completeness_store.standings_of(connection, alert.id, tier),
        len({found.division_code for found in cut_off_store.of_alert(connection, alert.id)}),
        taken_back,
        doubted,
        standing.evacuation_of(connection, alert),
        standing.still_away(connection, alert),
    )


def overdue(connection: Connection, alert: Alert, first_rung: float | None, now: datetime) -> int:
    """How many have not answered within ``first_rung`` minutes of their call."""
    if first_rung is None:
        return 0
    return silent_store.count_overdue(connection, alert.id, now, first_rung)


def note_written(connection: Connection, alert_id: int, file: str, now: datetime) -> None:
    """The report was written to a file: it holds every number, so the trail says who has it.

    :param file: the name of the file, without its folder.
    """
    entry = audit.Entry("report.written", f"alert:{alert_id}", detail={"file": file})
    audit.append(connection, now, [entry])
