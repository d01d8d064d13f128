"""The ladder as rows: whose step is due, what was climbed, what was delivered.

These statements run for every message of a province: each is one statement whatever the number of
rows (``data.json_rows``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
    type_coerce,
    update,
)

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call, CallState, LadderState, Reach
from alerts.model import Level, State
from data.json_rows import (
    GIVEN_IDS,
    as_json,
    as_json_pairs,
    given_pairs,
    given_rows,
    looked_up,
)
from data.tables.alerts import alerts, calls
from data.tables.columns import UtcDateTime, constant, from_milliseconds, to_milliseconds


class NewDue(NamedTuple):
    """When the next step of a call is due now."""

    call_id: int
    due_at: datetime | None


class LadderStanding(NamedTuple):
    """How calls of one alert stand on its ladder; the calls of one release all stand alike."""

    alert_id: int
    level: Level
    alert_state: State
    state: CallState
    called_at: datetime
    delivered_at: datetime | None
    steps: int
    last_step_at: datetime | None
    told_before: bool  # a message of theirs has arrived, known by its number
    version: int  # how many messages the warning has had


StepsRow = tuple[int, int, int, datetime | None, datetime | None]
"""A call's id, the rungs climbed, how often the last was repeated, when, and what is due next."""

ReportStepsRow = tuple[int, int, datetime | None]
"""A call's id, the rungs climbed, and when what follows about its report is due."""


def due(connection: Connection, now: datetime, limit: int) -> Sequence[Sequence[Any]]:
    """Open calls whose next step is due, earliest first, as they are stored.

    Each is its id, how often its last step was repeated, its alert's id, and the fields of
    ``as_ladder_state``: a sweep has tens of thousands, and to make a ``Call`` of each took half of
    its time.
    """
    return connection.execute(_DUE, {"now": now, "most": limit}).all()


def overdue_alerts(connection: Connection, before: datetime) -> dict[int, datetime]:
    """The alerts with a step due before then, and since when: mostly none."""
    query = (
        select(calls.c.alert_id, func.min(calls.c.due_at))
        .where(calls.c.due_at.is_not(None), calls.c.due_at < before)
        .group_by(calls.c.alert_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def as_ladder_state(stored: Sequence[Any]) -> LadderState:
    """Where a call stands on its ladder, from what ``due`` found of it."""
    state, reach, called_at, delivered_at, steps, last_step_at = stored
    return LadderState(
        CallState(state),
        Reach(reach),
        from_milliseconds(called_at),
        None if delivered_at is None else from_milliseconds(delivered_at),
        steps,
        None if last_step_at is None else from_milliseconds(last_step_at),
    )


def reports_due(connection: Connection, now: datetime, limit: int) -> list[Call]:
    """Answered calls of whose late report a rung is due, earliest first."""
    query = (
        select(*CALL_COLUMNS)
        .where(calls.c.report_due_at.is_not(None), calls.c.report_due_at <= now)
        .order_by(calls.c.report_due_at, calls.c.id)
        .limit(limit)
    )
    return [as_call(row) for row in connection.execute(query)]


def save_steps(connection: Connection, rows: Sequence[StepsRow]) -> None:
    """Write back the rungs climbed."""
    if rows:
        values = [
            (
                call_id,
                steps,
                repeats,
                None if at is None else to_milliseconds(at),
                None if due is None else to_milliseconds(due),
            )
            for call_id, steps, repeats, at, due in rows
        ]
        connection.execute(_SAVE_STEPS, {"rows": as_json(values)})


def save_reach(connection: Connection, changes: Sequence[NewDue], reach: Reach) -> None:
    """Write back of whom it is known now that they can, or cannot, be reached."""
    if changes:
        rows = [
            (call_id, None if due is None else to_milliseconds(due)) for call_id, due in changes
        ]
        connection.execute(_SAVE_REACH, {"rows": as_json(rows), "now": reach.value})


def report_due_at(connection: Connection, call_id: int) -> datetime | None:
    """When the report of a call is asked for, if it still is."""
    query = select(calls.c.report_due_at).where(calls.c.id == call_id)
    return connection.execute(query).scalar()


def save_report_steps(connection: Connection, rows: Sequence[ReportStepsRow]) -> None:
    """Write back the rungs that late reports have climbed."""
    if rows:
        values = [
            (call_id, steps, None if due is None else to_milliseconds(due))
            for call_id, steps, due in rows
        ]
        connection.execute(_SAVE_REPORT_STEPS, {"rows": as_json(values)})


def standings(connection: Connection, call_ids: Iterable[int]) -> list[LadderStanding]:
    """How these calls stand on the ladder, equal ones once: one or two for a batch of any size."""
    rows = connection.execute(_STANDINGS, {"ids": as_json(call_ids)})
    return [_standing(row) for row in rows]


def standing_of(
    connection: Connection, call_ids: Iterable[int]
) -> list[tuple[int, LadderStanding]]:
    """How each of these calls stands on the ladder, by its id; equal ones are the same object."""
    known: dict[tuple[Any, ...], LadderStanding] = {}
    found = []
    for call_id, *row in connection.execute(_STANDING_OF, {"ids": as_json(call_ids)}):
        key = tuple(row)
        if key not in known:
            known[key] = _standing(key)
        found.append((call_id, known[key]))
    return found


def called_anew(connection: Connection, call_ids: Iterable[int], at: datetime) -> None:
    """These calls wait for their answers since then."""
    made = update(calls).where(looked_up(calls.c.id, GIVEN_IDS)).values(called_at=at)
    connection.execute(made, {"ids": as_json(call_ids)})


def delivered(
    connection: Connection,
    standing: LadderStanding,
    messages: Mapping[int, int | None],
    now: datetime,
    due: datetime | None,
) -> None:
    """Those of these calls that stand so were delivered: message ids, and what is due next."""
    connection.execute(
        _DELIVERED,
        {
            "rows": as_json_pairs(messages),
            "at": now,
            "due": due,
            "the_alert": standing.alert_id,
            "its_state": standing.state.value,
            "called": standing.called_at,
            "done": standing.steps,
            "reached": standing.delivered_at,
            "last_done": standing.last_step_at,
        },
    )


def _standing(row: Sequence[Any]) -> LadderStanding:
    alert_id, level, alert_state, state, *rest = row
    return LadderStanding(alert_id, Level(level), State(alert_state), CallState(state), *rest)


_DUE = (
    select(
        calls.c.id,
        calls.c.repeats,
        calls.c.alert_id,
        calls.c.state,
        calls.c.reach,
        *(type_coerce(at, BigInteger) for at in (calls.c.called_at, calls.c.delivered_at)),
        calls.c.steps,
        type_coerce(calls.c.last_step_at, BigInteger),
    )
    .where(
        calls.c.due_at.is_not(None),
        calls.c.due_at <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(calls.c.due_at, calls.c.id)
    .limit(bindparam("most", type_=Integer))
)

_STANDING_COLUMNS = (
    calls.c.alert_id,
    alerts.c.level,
    alerts.c.state.label("alert_state"),
    calls.c.state,
    calls.c.called_at,
    calls.c.delivered_at,
    calls.c.steps,
    calls.c.last_step_at,
    calls.c.message_id.is_not(None),
    alerts.c.version,
)
_WITH_ALERT = calls.join(alerts, alerts.c.id == calls.c.alert_id)
_GIVEN_CALL = looked_up(calls.c.id, GIVEN_IDS)
_STANDINGS = select(*_STANDING_COLUMNS).distinct().select_from(_WITH_ALERT).where(_GIVEN_CALL)
_STANDING_OF = select(calls.c.id, *_STANDING_COLUMNS).select_from(_WITH_ALERT).where(_GIVEN_CALL)


def _same_time(column: ColumnElement[datetime | None], name: str) -> ColumnElement[bool]:
    """Whether the column has the time of this parameter, or neither has any."""
    never: ColumnElement[Any] = literal_column("-1")
    return func.coalesce(column, never) == func.coalesce(bindparam(name, type_=UtcDateTime), never)


_MADE = given_pairs("id", "message_id").cte("made")
_DELIVERED = (
    update(calls)
    .where(
        calls.c.id == _MADE.c.id,
        # The calls are to be found by id. Within CASE the rest tempts no planner to another way:
        # PostgreSQL, which knows little of rows so new, read all the calls for each id.
        case(
            (
                calls.c.alert_id == bindparam("the_alert"),
                and_(
                    calls.c.state == bindparam("its_state"),
                    calls.c.called_at == bindparam("called"),
                    calls.c.steps == bindparam("done"),
                    _same_time(calls.c.delivered_at, "reached"),
                    _same_time(calls.c.last_step_at, "last_done"),
                ),
            ),
            else_=false(),
        ),
    )
    .values(
        reach=constant(Reach.DELIVERED.value),
        delivered_at=func.coalesce(calls.c.delivered_at, bindparam("at", type_=UtcDateTime)),
        message_id=_MADE.c.message_id,
        due_at=bindparam("due"),
    )
)

_NEXT = given_rows(id=BigInteger(), due=BigInteger()).cte("next")
_SAVE_REACH = (
    update(calls).where(calls.c.id == _NEXT.c.id).values(reach=bindparam("now"), due_at=_NEXT.c.due)
)

_CLIMBED = given_rows(
    id=BigInteger(), steps=Integer(), repeats=Integer(), at=BigInteger(), due=BigInteger()
).cte("climbed")
_SAVE_STEPS = (
    update(calls)
    .where(calls.c.id == _CLIMBED.c.id)
    .values(
        steps=_CLIMBED.c.steps,
        repeats=_CLIMBED.c.repeats,
        last_step_at=_CLIMBED.c.at,
        due_at=_CLIMBED.c.due,
    )
)
_REPORTS_CLIMBED = given_rows(id=BigInteger(), steps=Integer(), due=BigInteger()).cte(
    "reports_climbed"
)
_SAVE_REPORT_STEPS = (
    update(calls)
    .where(calls.c.id == _REPORTS_CLIMBED.c.id)
    .values(steps=_REPORTS_CLIMBED.c.steps, report_due_at=_REPORTS_CLIMBED.c.due)
)
