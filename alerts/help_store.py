"""Cries for help as rows: who wants help, who has taken it on, what is settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from alerts.calls import Call, Report
from alerts.history.store import kept_rows_of
from alerts.reports import HelpCounts, HelpRequest
from contacts.divisions.codes import LAST_CODE
from data.tables.alerts import help_requests as table

COLUMNS = [table.c[name] for name in HelpRequest.__dataclass_fields__]
LONGEST_TEXT = 1000
"""Characters kept of all that one open request asks for."""

_OPEN = table.c.resolved_at.is_(None)


def ask(connection: Connection, call: Call, what: Report, text: str | None, at: datetime) -> bool:
    """The person of the call wants help in its division; while that is open it is one request.

    :returns: whether it is a new one.
    """
    waiting = and_(table.c.call_id == call.id, table.c.division_code == call.division_code, _OPEN)
    known = connection.execute(select(table.c.id, table.c.text).where(waiting)).first()
    if known is not None:
        values = {"report": what.value, "text": _both(known.text, text)}
        connection.execute(update(table).where(table.c.id == known.id).values(values))
        return False
    connection.execute(
        insert(table).values(
            alert_id=call.alert_id,
            call_id=call.id,
            person_id=call.person_id,
            division_code=call.division_code,
            report=what.value,
            text=text,
            asked_at=at,
        )
    )
    return True


def _both(before: str | None, text: str | None) -> str | None:
    """What was asked for stays asked for while it is open: 两台车, and then 路断了."""
    if not before or not text or text in before.split("；"):
        return before or text
    return f"{before}；{text}"[-LONGEST_TEXT:]


def request(connection: Connection, request_id: int) -> HelpRequest | None:
    """The request, or ``None``."""
    row = connection.execute(select(*COLUMNS).where(table.c.id == request_id)).first()
    return None if row is None else as_request(row)


def of_call(connection: Connection, call_id: int, division_code: str) -> HelpRequest | None:
    """The newest request of a call for help in a division, or ``None``."""
    query = select(*COLUMNS).where(
        table.c.call_id == call_id, table.c.division_code == division_code
    )
    query = query.order_by(table.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else as_request(row)


def taken(connection: Connection, request_id: int, by: int, now: datetime) -> None:
    """Somebody has taken it on."""
    connection.execute(
        update(table).where(table.c.id == request_id).values(taken_by=by, taken_at=now)
    )


def resolved(connection: Connection, request_id: int, by: int, now: datetime) -> None:
    """It is settled."""
    connection.execute(
        update(table).where(table.c.id == request_id).values(resolved_by=by, resolved_at=now)
    )


def of_alert(connection: Connection, alert_id: int) -> list[HelpRequest]:
    """All requests of an alert, in order; of one archived too.

    :raises NotFound: the alert was archived, and the history is not here.
    """
    kept = kept_rows_of(connection, alert_id, table)
    if kept is None:
        return []
    query = select(*(kept.c[name] for name in HelpRequest.__dataclass_fields__))
    query = query.where(kept.c.alert_id == alert_id).order_by(kept.c.id)
    return [as_request(row) for row in connection.execute(query)]


def counts(requests: Sequence[HelpRequest]) -> HelpCounts:
    """How far these requests have got."""
    return HelpCounts(
        len(requests),
        sum(request.taken_at is not None for request in requests),
        sum(not request.open for request in requests),
        sum(request.open and request.taken_at is None for request in requests),
    )


def counts_of(
    connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE
) -> HelpCounts:
    """How far those of an alert have got that came from the divisions in ``[low, high]``."""
    given = {"alert": alert_id, "low": low, "high": high}
    return HelpCounts(*connection.execute(_COUNTS, given).one())


def open_requests(
    connection: Connection, alert_ids: Iterable[int], low: str, high: str, limit: int
) -> list[HelpRequest]:
    """Those of these alerts that are not settled, of these divisions: not taken on first."""
    query = (
        select(*COLUMNS)
        .where(
            table.c.alert_id.in_(list(alert_ids)), table.c.division_code.between(low, high), _OPEN
        )
        .order_by(table.c.taken_at.is_not(None), table.c.id.desc())
        .limit(limit)
    )
    return [as_request(row) for row in connection.execute(query)]


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


_COUNTS = select(
    func.count(),
    _how_many(table.c.taken_at.is_not(None)),
    _how_many(table.c.resolved_at.is_not(None)),
    _how_many(and_(table.c.taken_at.is_(None), _OPEN)),
).where(
    table.c.alert_id == bindparam("alert"),
    table.c.division_code.between(bindparam("low"), bindparam("high")),
)


def as_request(row: Any) -> HelpRequest:
    """The request of a row that holds ``COLUMNS``."""
    values = dict(row._mapping)
    return HelpRequest(**{**values, "report": Report(values["report"])})
