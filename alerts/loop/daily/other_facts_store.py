"""What a day came to beside its warnings, as rows: fires, pictures, cries for help, silent sources.

One pass for all divisions for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, or_, select

from alerts.loop.daily.call_facts_store import Counted
from alerts.loop.daily.days import Span
from alerts.loop.daily.figures import Figure, Figures
from alerts.oversight.findings import FindingKind
from alerts.patrol.hotspots.model import TaskState, Verdict
from contacts.divisions.codes import tier_of
from data.tables.contacts import bots, people
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, field_reports
from data.tables.running import findings
from data.tables.water import station_watches, stations

_FIRES = (Verdict.FOREST_FIRE.value, Verdict.GRASSLAND_FIRE.value)


def seen_from_space(connection: Connection, span: Span) -> Iterator[Counted]:
    """Hotspots to be looked at, those that were, what was a fire, and what nobody has looked at.

    In the village where one is known to be, else in its county.
    """
    table = hotspot_tasks
    where = func.coalesce(table.c.village_code, table.c.county_code).label("code")
    settled = _within(table.c.verdict_at, span)
    still_open = and_(
        table.c.opened_at < span.until,
        or_(table.c.verdict_at.is_(None), table.c.verdict_at >= span.until),
        table.c.state != TaskState.EXPIRED.value,
    )
    query = (
        select(
            where,
            _count(_within(table.c.opened_at, span)),
            _count(settled),
            _count(settled, table.c.verdict.in_(_FIRES)),
            _count(still_open),
        )
        .where(or_(_within(table.c.opened_at, span), settled, still_open))
        .group_by(where)
    )
    for code, opened, looked_at, fires, left in connection.execute(query):
        counts = {
            Figure.HOTSPOTS: opened,
            Figure.HOTSPOTS_SETTLED: looked_at,
            Figure.FIRES: fires,
            Figure.HOTSPOTS_OPEN: left,
        }
        yield code, Figures(counts)


def from_the_spot(connection: Connection, span: Span) -> Iterator[Counted]:
    """Pictures and words from the spot: where they were taken, else where their sender belongs."""
    table = field_reports
    where = func.coalesce(table.c.division_code, people.c.division_code).label("code")
    query = (
        select(where, func.count())
        .select_from(table)
        .join(people, people.c.id == table.c.person_id)
        .where(_within(table.c.at, span))
        .group_by(where)
    )
    for code, count in connection.execute(query):
        yield code, Figures({Figure.FIELD_REPORTS: count})


def cried_for_help(connection: Connection, span: Span) -> Iterator[Counted]:
    """Calls for help that went out, where whoever called belongs."""
    query = (
        select(people.c.division_code, func.count())
        .select_from(distress_calls)
        .join(people, people.c.id == distress_calls.c.person_id)
        .where(_within(distress_calls.c.raised_at, span), distress_calls.c.sent_at.is_not(None))
        .group_by(people.c.division_code)
    )
    for code, count in connection.execute(query):
        yield code, Figures({Figure.DISTRESS: count})


def silent_sources(connection: Connection, span: Span) -> Iterator[Counted]:
    """Gauges of which nothing comes, where they stand; feeds, in the widest division served.

    Gauges as they are at the end of the span; of feeds it is known only what is silent now.
    """
    last = func.max(station_watches.c.silent_at)
    gauges = (
        select(stations.c.division_code)
        .join(station_watches, station_watches.c.station_code == stations.c.code)
        .where(stations.c.active, station_watches.c.silent_at.is_not(None))
        .group_by(stations.c.code, stations.c.division_code)
        .having(last <= span.until)
    )
    for code in connection.execute(gauges).scalars():
        yield code, Figures({Figure.SILENT_SOURCES: 1})
    query = select(findings.c.facts).where(
        findings.c.kind == FindingKind.SOURCE_SILENT.value, findings.c.since < span.until
    )
    served = connection.execute(
        select(bots.c.division_code).where(bots.c.retired.is_(False))
    ).scalars()
    widest = min(served, key=lambda code: (tier_of(code).depth, code), default=None)
    for facts in connection.execute(query).scalars():
        if widest is not None:
            yield widest, Figures({Figure.SILENT_SOURCES: int(facts["count"])})


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*conditions), 1), else_=0), type_=Integer)


def _within(column: ColumnElement[datetime], span: Span) -> ColumnElement[bool]:
    return and_(column >= span.since, column < span.until)
