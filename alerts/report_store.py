"""Reports as rows: added, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, false, insert, literal, select

from alerts.calls import Call, Report
from alerts.history.store import kept_rows_of
from alerts.reports import ReportFact
from data.tables.alerts import calls, reports

_COLUMNS = [reports.c[name] for name in ReportFact._fields]


def add(connection: Connection, call: Call, fact: ReportFact) -> None:
    """A report was made."""
    values = fact._asdict() | {
        "report": fact.report.value,
        "alert_id": call.alert_id,
        "person_id": call.person_id,
        "division_code": fact.division_code or call.division_code,
    }
    connection.execute(insert(reports).values(values))


def of_call(connection: Connection, call_id: int) -> list[ReportFact]:
    """The reports of a call, in order."""
    query = select(*_COLUMNS).where(reports.c.call_id == call_id).order_by(reports.c.id)
    return [_fact(row) for row in connection.execute(query)]


def of_alert(connection: Connection, alert_id: int) -> list[ReportFact]:
    """All reports of an alert, in order; of one archived too.

    :raises NotFound: the alert was archived, and the history is not here.
    """
    table = kept_rows_of(connection, alert_id, reports)
    if table is None:
        return _as_calls_have_them(connection, alert_id)
    query = select(*(table.c[name] for name in ReportFact._fields))
    query = query.where(table.c.alert_id == alert_id).order_by(table.c.id)
    facts = [_fact(row) for row in connection.execute(query)]
    return facts if facts or table is reports else _as_calls_have_them(connection, alert_id)


def count_by_kind(facts: Iterable[ReportFact]) -> dict[Report, int]:
    """How many calls made each kind of report."""
    pairs = {(fact.report, fact.call_id) for fact in facts}
    counts = {what: sum(kind is what for kind, _ in pairs) for what in Report}
    return {what: count for what, count in counts.items() if count}


def _as_calls_have_them(connection: Connection, alert_id: int) -> list[ReportFact]:
    """Of alerts archived before reports were kept apart: the last of each call."""
    table = kept_rows_of(connection, alert_id, calls)
    if table is None:
        return []
    columns = ("id", "report", "reported_at", "households", "persons", "report_text")
    where = (table.c.division_code, literal(""), false())
    query = select(*(table.c[name] for name in columns), *where).where(
        table.c.alert_id == alert_id, table.c.report.is_not(None)
    )
    found = connection.execute(query.order_by(table.c.reported_at, table.c.id))
    return [_fact(row) for row in found]


def _fact(row: Any) -> ReportFact:
    call_id, what, at, households, persons, text, code, place, alone = row
    # Rows that were archived before there were places have none.
    return ReportFact(
        call_id, Report(what), at, households, persons, text, code, place or "", bool(alone)
    )
