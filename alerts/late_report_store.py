"""Who has answered, was asked for a report and has not given it, as rows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import ANSWERED, Call
from alerts.escalation import ReportStep
from contacts.divisions.codes import code_range
from data.tables.alerts import call_posts, calls

_POST = call_posts.c.call_id == calls.c.id
_UNREPORTED = (
    calls.c.state.in_([state.value for state in ANSWERED]),
    calls.c.steps.bitwise_and(int(ReportStep.ASKED)) != 0,
    or_(calls.c.report.is_(None), exists().where(_POST, call_posts.c.report.is_(None))),
)


def unreported(
    connection: Connection, alert_id: int, division: str, *, without: int, limit: int
) -> list[Call]:
    """Those of a division (empty: of the whole alert), whoever answered first before the others.

    :param without: the person who reads it: they are not on their own list.
    """
    query = select(*CALL_COLUMNS).where(*_of(alert_id, division, without))
    query = query.order_by(calls.c.answered_at, calls.c.id).limit(limit)
    return [as_call(row) for row in connection.execute(query)]


def count_unreported(connection: Connection, alert_id: int, division: str, *, without: int) -> int:
    """How many there are."""
    query = select(func.count()).select_from(calls).where(*_of(alert_id, division, without))
    return int(connection.execute(query).scalar_one())


def is_unreported(connection: Connection, call_id: int) -> bool:
    """Whether this call is one of them."""
    query = select(calls.c.id).where(calls.c.id == call_id, *_UNREPORTED)
    return connection.execute(query).first() is not None


def _of(alert_id: int, division: str, without: int) -> list[ColumnElement[bool]]:
    found = [calls.c.alert_id == alert_id, calls.c.person_id != without, *_UNREPORTED]
    if division:
        low, high = code_range(division)
        post_there = exists().where(_POST, call_posts.c.division_code.between(low, high))
        found.append(or_(calls.c.division_code.between(low, high), post_there))
    return found
