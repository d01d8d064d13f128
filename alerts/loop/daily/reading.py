"""A division's day, week or month, put together to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.loop.daily import store
from alerts.loop.daily.counting import counted, patrolled, with_patrol
from alerts.loop.daily.days import DailyRules, Period, Span, day_at, days_of, span_of
from alerts.loop.daily.figures import (
    NOTHING,
    Figures,
    Parts,
    by_child,
    of_division,
    over_days,
)
from alerts.loop.daily.remarks import DailyProblem, Remark
from contacts.divisions.codes import contains
from data.database import Connection
from data.errors import InvalidInput

CURVE_DAYS = 14
"""A day's curves show so many days up to it (ours)."""


@dataclass(frozen=True, slots=True)
class DailyReport:
    """What is told of a division and time; the last of ``days`` may not be over (``so_far``).

    ``below``: the divisions right below it, and what is its own. ``all_below``: every division of
    which anything is known apart. ``curve``: its days and, of a single day, those before it.
    ``unread``: divisions below it in which nobody could be told of the last day.
    """

    division_code: str
    period: Period
    days: tuple[date, ...]
    span: Span
    figures: Figures
    below: Mapping[str, Figures]
    all_below: Mapping[str, Figures]
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
    parts = _parts(connection, code, days, known, now, rules)
    curve = {each: of_division(found, code) for each, found in parts.items()}
    if curves and period is Period.DAY:
        curve = _days_before(connection, code, day) | curve
    summed = _over_days(parts)
    last = known.get(days[-1])
    first, end = span_of(days[0], rules), span_of(days[-1], rules)
    return DailyReport(
        code,
        period,
        days,
        Span(first.since, min(end.until, now) if days[-1] == current else end.until),
        of_division(summed, code),
        by_child(summed, code),
        summed,
        curve,
        tuple(store.remarks_in(connection, days, code)),
        None if last is None else last.made_at,
        days[-1] == current,
        ()
        if last is None
        else tuple(each for each in last.unread if each != code and contains(code, each)),
    )


def _parts(
    connection: Connection,
    code: str,
    days: tuple[date, ...],
    known: Mapping[date, store.Made],
    now: datetime,
    rules: DailyRules,
) -> dict[date, Parts]:
    stored = store.parts_of(connection, known, code)
    found: dict[date, Parts] = {}
    for each in days:
        if each in known:
            told = stored.get(each, {})
        else:
            span = span_of(each, rules)
            told = counted(connection, Span(span.since, min(span.until, now)))
        told = with_patrol(told, patrolled(connection, each))
        found[each] = {part: of for part, of in told.items() if contains(code, part)}
    return found


def _over_days(parts: Mapping[date, Parts]) -> dict[str, Figures]:
    """Each division's days together: what stands on the last day stands."""
    codes = sorted({code for found in parts.values() for code in found})
    summed = {
        code: over_days(found.get(code, NOTHING) for found in parts.values()) for code in codes
    }
    return {code: figures for code, figures in summed.items() if not figures.empty}


def _days_before(connection: Connection, code: str, day: date) -> dict[date, Figures]:
    """Those before it of which a report was made, for the curves."""
    before = [day - timedelta(days=n) for n in range(CURVE_DAYS - 1, 0, -1)]
    known = store.made(connection, before)
    stored = store.parts_of(connection, known, code)
    return {each: of_division(stored.get(each, {}), code) for each in before if each in known}
