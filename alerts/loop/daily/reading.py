"""A division's day, week or month, put together to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.loop.daily import store
from alerts.loop.daily.counting import counted, patrolled, with_patrol
from alerts.loop.daily.days import DailyRules, Period, Span, day_at, days_of, span_of
from alerts.loop.daily.figures import NOTHING, Figures, Sums, by_child, over_days, summed_up
from alerts.loop.daily.remarks import DailyProblem, Remark
from contacts.divisions.codes import Tier, contains, tier_of
from data.database import Connection
from data.errors import InvalidInput

CURVE_DAYS = 14
"""A day's curves show so many days up to it (ours)."""


@dataclass(frozen=True, slots=True)
class DailyReport:
    """What is told of a division and time; the last of ``days`` may not be over (``so_far``).

    ``below``: the divisions right below it, and what is its own. ``sums``: it and every division
    below, each with all that lies below it; of a week or month two tiers deep. ``curve``: its days
    and, of a single day, those before it.
    ``unread``: divisions below it in which nobody could be told of the last day.
    """

    division_code: str
    period: Period
    days: tuple[date, ...]
    span: Span
    figures: Figures
    below: Mapping[str, Figures]
    sums: Mapping[str, Figures]
    curve: Mapping[date, Figures]
    remarks: tuple[Remark, ...] = ()
    made_at: datetime | None = None
    so_far: bool = False
    unread: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The last day that it is about."""
        return self.days[-1]

    @property
    def own_remarks(self) -> list[Remark]:
        """Those on the division itself, and not on those below it."""
        return [each for each in self.remarks if each.division_code == self.division_code]


def read_report(
    connection: Connection,
    code: str,
    period: Period,
    day: date,
    now: datetime,
    rules: DailyRules,
    *,
    curves: bool = False,
) -> DailyReport:
    """The report of a division about the day, or about the week or month around it.

    A day that was made is told as it was then; any other is counted now, also today so far.

    :param curves: whether the days before a single day are wanted as well.
    :raises InvalidInput: the day has not begun (``AHEAD``).
    :raises NotFound: a day that was never made holds warnings that were archived, and the history
        is not here (``HistoryProblem.AWAY``).
    """
    current = day_at(now, rules)
    days = tuple(each for each in days_of(period, day) if each <= current)
    if not days or (period is Period.DAY and day > current):
        raise InvalidInput(DailyProblem.AHEAD, day=day.isoformat())
    known = store.made(connection, days)
    told = _told(connection, code, period, days, known, now, rules)
    curve = {each: of.sums.get(code, NOTHING) for each, of in told.items()}
    if curves and period is Period.DAY:
        curve = _days_before(connection, code, day) | curve
    sums = _over_days([of.sums for of in told.values()])
    own = over_days(of.own for of in told.values())
    last = known.get(days[-1])
    first, end = span_of(days[0], rules), span_of(days[-1], rules)
    return DailyReport(
        code,
        period,
        days,
        Span(first.since, min(end.until, now) if days[-1] == current else end.until),
        sums.get(code, NOTHING),
        by_child(sums, own, code),
        sums,
        curve,
        tuple(store.remarks_in(connection, days, code)),
        None if last is None else last.made_at,
        days[-1] == current,
        ()
        if last is None
        else tuple(each for each in last.unread if each != code and contains(code, each)),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One day: each division with all below it, and what is the own of the one in question."""

    sums: Sums
    own: Figures


def _told(
    connection: Connection,
    code: str,
    period: Period,
    days: tuple[date, ...],
    known: Mapping[date, store.Made],
    now: datetime,
    rules: DailyRules,
) -> dict[date, _Told]:
    deepest = _deepest(code, period)
    stored = store.sums_of(connection, known, code, deepest)
    own = store.own_of(connection, known, code)
    found: dict[date, _Told] = {}
    for each in days:
        if each in known:
            sums, its_own = stored.get(each, {}), own.get(each, NOTHING)
        else:
            span = span_of(each, rules)
            parts = counted(connection, Span(span.since, min(span.until, now)))
            sums, its_own = _within(summed_up(parts), code, deepest), parts.get(code, NOTHING)
        patrol = patrolled(connection, each, code)
        its_patrol = {code: patrol[code]} if code in patrol else {}
        found[each] = _Told(
            with_patrol(sums, _within(summed_up(patrol), code, deepest)),
            with_patrol({code: its_own}, its_patrol)[code] if patrol else its_own,
        )
    return found


def _deepest(code: str, period: Period) -> Tier:
    """Of a day every township; of more days two tiers."""
    depth = tier_of(code).depth + 2
    if period is Period.DAY or depth >= Tier.TOWNSHIP.depth:
        return Tier.TOWNSHIP
    return next(tier for tier in Tier if tier.depth == depth)


def _within(sums: Sums, code: str, deepest: Tier) -> dict[str, Figures]:
    return {
        each: figures
        for each, figures in sums.items()
        if contains(code, each) and tier_of(each).depth <= deepest.depth
    }


def _over_days(days: Sequence[Sums]) -> dict[str, Figures]:
    """Each division's days together: what stands on the last day stands."""
    if len(days) == 1:
        return dict(days[0])
    codes = sorted({code for found in days for code in found})
    summed = {code: over_days(found.get(code, NOTHING) for found in days) for code in codes}
    return {code: figures for code, figures in summed.items() if not figures.empty}


def _days_before(connection: Connection, code: str, day: date) -> dict[date, Figures]:
    """Those before it of which a report was made, for the curves."""
    before = [day - timedelta(days=n) for n in range(CURVE_DAYS - 1, 0, -1)]
    known = store.made(connection, before)
    stored = store.sums_of(connection, known, code, tier_of(code))
    return {each: stored.get(each, {}).get(code, NOTHING) for each in before if each in known}
