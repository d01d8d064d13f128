"""What a day's warnings came to, as rows: calls, answers, reports.

One pass over the calls of the warnings that were in force in that time, for all divisions at once;
of those that were archived meanwhile in the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Table,
    and_,
    case,
    func,
    inspect,
    or_,
    select,
    type_coerce,
)

from alerts.calls import ANSWERED, COUNTED, CallState, Reach, Report, Via
from alerts.loop.daily.days import Span
from alerts.loop.daily.figures import Figure, Figures, Slowest
from alerts.model import WARNED_OF, Status
from contacts.divisions.codes import CODE_LENGTH, Tier
from data import history as history_of
from data.tables import history
from data.tables.alerts import alerts, calls, help_requests, reports
from data.tables.beyond_answers import cut_off_villages
from data.tables.contacts import people

Counted = tuple[str, Figures]
"""A division, and what was counted there."""

_MOST_IDS = 500

_AT_ONCE = 2_000
"""Rows read at once (ours)."""


@dataclass(frozen=True, slots=True)
class Warned:
    """The warnings that were in force at some time of a span, by id."""

    actual: tuple[int, ...]
    exercises: tuple[int, ...]
    held_at_end: frozenset[int]  # still in force at the end of it
    archived: frozenset[int]

    @property
    def all(self) -> tuple[int, ...]:
        """Exercises, too."""
        return (*self.actual, *self.exercises)


def warned_in(connection: Connection, span: Span) -> Warned:
    """The warnings whose calls may belong to the span."""
    ended = func.coalesce(alerts.c.lifted_at, alerts.c.cancelled_at, alerts.c.expires_at)
    query = select(alerts.c.id, alerts.c.status, alerts.c.archived_at, ended.label("ended")).where(
        alerts.c.released_at.is_not(None),
        alerts.c.released_at < span.until,
        ended >= span.since,
    )
    rows = connection.execute(query.order_by(alerts.c.id)).all()
    exercises = {row.id for row in rows if row.status == Status.EXERCISE.value}
    return Warned(
        tuple(row.id for row in rows if row.id not in exercises),
        tuple(sorted(exercises)),
        frozenset(row.id for row in rows if row.ended > span.until),
        frozenset(row.id for row in rows if row.archived_at is not None),
    )


def released(connection: Connection, span: Span) -> Iterator[Counted]:
    """Warnings released, where whoever sent them sits; no exercises, and no call of another kind
    (a response, the word to return)."""
    query = (
        select(people.c.division_code, func.count())
        .join(people, people.c.id == alerts.c.sender_id)
        .select_from(alerts)
        .where(
            _within(alerts.c.released_at, span),
            alerts.c.status == Status.ACTUAL.value,
            alerts.c.hazard.in_([hazard.value for hazard in WARNED_OF]),
        )
        .group_by(people.c.division_code)
    )
    for code, count in connection.execute(query):
        yield code, Figures({Figure.WARNINGS: count})


def called(connection: Connection, span: Span, warned: Warned) -> Iterator[Counted]:
    """Who was called and who answered, where the call's first post is; in how many seconds."""
    for table, ids in where_kept(connection, calls, warned.actual, warned):
        yield from _counts(connection, table, span, ids, warned)
        yield from _answers(connection, table, span, ids)
    for table, ids in where_kept(connection, calls, warned.exercises, warned):
        query = _by_division(
            table,
            ids,
            _count(_counted(table), _within(table.c.called_at, span)),
            _count(_answered(table), _within(table.c.answered_at, span)),
        )
        for code, asked, answered in connection.execute(query).all():
            counts = {Figure.EXERCISE_CALLS: asked, Figure.EXERCISE_ANSWERED: answered}
            yield _whole(code), Figures(counts)


def _counts(
    connection: Connection, table: Table, span: Span, ids: Sequence[int], warned: Warned
) -> Iterator[Counted]:
    answered = and_(_answered(table), _within(table.c.answered_at, span))
    waited = and_(
        table.c.called_at < span.until,
        table.c.alert_id.in_([key for key in ids if key in warned.held_at_end]),
        or_(
            table.c.state == CallState.WAITING.value,
            and_(_answered(table), table.c.answered_at >= span.until),
        ),
    )
    unreachable = and_(waited, table.c.reach == Reach.UNREACHABLE.value)
    query = _by_division(
        table,
        ids,
        _count(_counted(table), _within(table.c.called_at, span)),
        _count(answered),
        _count(answered, table.c.answered_via == Via.PROXY.value),
        _count(waited),
        _count(unreachable),
    )
    for code, *found in connection.execute(query).all():
        yield _whole(code), Figures(dict(zip(_OF_CALLS, found, strict=True)))


_OF_CALLS = (
    Figure.CALLS,
    Figure.ANSWERED,
    Figure.PROXIED,
    Figure.WAITING,
    Figure.UNREACHABLE,
)


def _answers(
    connection: Connection, table: Table, span: Span, ids: Sequence[int]
) -> Iterator[Counted]:
    """How many answers took how many whole seconds."""
    took = type_coerce(table.c.answered_at, BigInteger) - type_coerce(table.c.called_at, BigInteger)
    answered = (
        table.c.alert_id.in_(ids),
        _answered(table),
        _within(table.c.answered_at, span),
    )
    part, seconds = _part(table), (took // 1000).label("seconds")
    query = select(part, seconds, func.count()).where(*answered).group_by(part, seconds)
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    # A piece at a time: after a busy day there are as many rows as answers.
    with connection.execute(query, execution_options={"yield_per": _AT_ONCE}) as rows:
        for code, value, count in rows:
            value = max(0, value)  # an answer by the clock of another machine
            of_it = found[code]
            of_it[value] = of_it.get(value, 0) + count
    order = func.row_number().over(partition_by=part, order_by=(took.desc(), table.c.id))
    ranked = select(table.c.division_code, part.label("part"), seconds, order.label("place")).where(
        *answered
    )
    among = ranked.subquery()
    slowest = select(among.c.part, among.c.seconds, among.c.division_code)
    last = {
        row.part: Slowest(max(0, row.seconds), row.division_code)
        for row in connection.execute(slowest.where(among.c.place == 1)).all()
    }
    for code, answers in found.items():
        yield _whole(code), Figures({}, answers, last[code])


def reported(connection: Connection, span: Span, warned: Warned) -> Iterator[Counted]:
    """Of how many calls something was reported, and what of it calls for help."""
    for table, ids in where_kept(connection, reports, warned.actual, warned):
        of = history.calls if table is history.reports else calls

        def how_many(*kinds: Report, told: Table = table) -> ColumnElement[int]:
            of_these = told.c.report.in_([kind.value for kind in kinds])
            return func.count(case((of_these, told.c.call_id)).distinct())

        query = (
            select(
                of.c.division_code,
                how_many(*Report),
                how_many(Report.CANNOT),
                how_many(Report.HELP),
            )
            .select_from(table)
            .join(of, of.c.id == table.c.call_id)
            .where(table.c.alert_id.in_(ids), _within(table.c.reported_at, span))
            .group_by(of.c.division_code)
        )
        for code, all_of_them, cannot, wanted in connection.execute(query):
            counts = {Figure.REPORTS: all_of_them, Figure.CANNOT: cannot, Figure.HELP: wanted}
            yield code, Figures(counts)


def wanted_help(connection: Connection, span: Span, warned: Warned) -> Iterator[Counted]:
    """Who cannot comply or needs help and is not helped at the end."""
    for table, ids in where_kept(connection, help_requests, warned.actual, warned):
        held = [key for key in ids if key in warned.held_at_end]
        still_open = or_(table.c.resolved_at.is_(None), table.c.resolved_at >= span.until)
        query = (
            select(table.c.division_code, func.count())
            .where(table.c.alert_id.in_(held), table.c.asked_at < span.until, still_open)
            .group_by(table.c.division_code)
        )
        for code, count in connection.execute(query):
            yield code, Figures({Figure.HELP_OPEN: count})


def cut_off(connection: Connection, span: Span, warned: Warned) -> Iterator[Counted]:
    """Villages found cut off by every way (三断), each once."""
    for ids in _in_parts(warned.actual):
        query = (
            select(
                cut_off_villages.c.division_code,
                func.count(cut_off_villages.c.division_code.distinct()),
            )
            .where(
                cut_off_villages.c.alert_id.in_(ids),
                _within(cut_off_villages.c.found_at, span),
            )
            .group_by(cut_off_villages.c.division_code)
        )
        for code, count in connection.execute(query):
            yield code, Figures({Figure.CUT_OFF: count})


# -- where rows are, and how they are counted ---------------------------------------------------


def where_kept(
    connection: Connection, table: Table, ids: Sequence[int], warned: Warned
) -> Iterator[tuple[Table, list[int]]]:
    """The live table with the warnings whose rows are there, and the history's with the others.

    :raises NotFound: some were archived, and the history is not here (``HistoryProblem.AWAY``).
    """
    for part in _in_parts([key for key in ids if key not in warned.archived]):
        yield table, part
    archived = [key for key in ids if key in warned.archived]
    if not archived:
        return
    history_of.require(connection)
    kept = history.metadata.tables[f"{history.SCHEMA}.{table.name}"]
    if inspect(connection).has_table(table.name, schema=history.SCHEMA):
        for part in _in_parts(archived):
            yield kept, part


def _in_parts(ids: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(ids), _MOST_IDS):
        yield list(ids[first : first + _MOST_IDS])


def _by_division(table: Table, ids: Sequence[int], *figures: ColumnElement[int]) -> Any:
    part = _part(table)
    return select(part, *figures).where(table.c.alert_id.in_(ids)).group_by(part)


def _part(table: Table) -> ColumnElement[str]:
    """The digits of the part that a call belongs to: the database adds up a township's villages."""
    return func.substr(table.c.division_code, 1, Tier.TOWNSHIP.digits)


def _whole(digits: str) -> str:
    return digits.ljust(CODE_LENGTH, "0")


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*conditions), 1), else_=0), type_=Integer)


def _answered(table: Table) -> ColumnElement[bool]:
    return table.c.state.in_([state.value for state in ANSWERED])


def _counted(table: Table) -> ColumnElement[bool]:
    return table.c.state.in_([state.value for state in COUNTED])


def _within(column: ColumnElement[datetime], span: Span) -> ColumnElement[bool]:
    return and_(column >= span.since, column < span.until)
