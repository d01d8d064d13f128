"""The ladder as rows: whose step is due, what was climbed, what was delivered.

These statements run for every message of a province. Each is one statement whatever the number of
rows, its rows handed over as one JSON value: an ``executemany`` would let go of and fight for the
interpreter lock at every row, against the thread that sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, TextClause, bindparam, select, text, update
from sqlalchemy.sql.expression import TextualSelect

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call, CallState, Reach
from alerts.model import Level, State
from data.json_rows import ids_sql, pairs_of
from data.tables.alerts import calls
from data.tables.columns import UtcDateTime, to_milliseconds
from data.tables.contacts import people


class NewReach(NamedTuple):
    """What is now known of a call's way to its addressee, and when its next step is due."""

    call_id: int
    reach: Reach
    delivered_at: datetime | None
    message_id: int | None
    due_at: datetime | None


class Standing(NamedTuple):
    """How calls of one alert stand on its ladder; the calls of one release all stand alike."""

    alert_id: int
    level: Level
    alert_state: State
    state: CallState
    called_at: datetime
    delivered_at: datetime | None
    steps: int
    last_step_at: datetime | None


StepsRow = tuple[int, int, int, datetime | None, datetime | None]
"""A call's id, the rungs climbed, how often the last was repeated, when, and what is due next."""


def due(connection: Connection, now: datetime, limit: int) -> list[Call]:
    """Open calls whose next step is due, earliest first."""
    query = (
        select(*CALL_COLUMNS)
        .where(calls.c.due_at.is_not(None), calls.c.due_at <= now)
        .order_by(calls.c.due_at, calls.c.id)
        .limit(limit)
    )
    return [as_call(row) for row in connection.execute(query).all()]


def reports_due(connection: Connection, now: datetime, limit: int) -> list[Call]:
    """Answered calls whose report is late, earliest first."""
    query = (
        select(*CALL_COLUMNS)
        .where(calls.c.report_due_at.is_not(None), calls.c.report_due_at <= now)
        .order_by(calls.c.report_due_at)
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
        given = orjson.dumps(values).decode()
        connection.execute(_SAVE_STEPS[connection.dialect.name], {"rows": given})


def save_reach(connection: Connection, changes: Sequence[NewReach]) -> None:
    """Write back who can be reached, and who cannot any more."""
    if changes:
        rows = [
            {
                "call": change.call_id,
                "now": change.reach.value,
                "at": change.delivered_at,
                "message": change.message_id,
                "due": change.due_at,
            }
            for change in changes
        ]
        connection.execute(_SAVE_REACH, rows)


def out_of_reach(connection: Connection, bot_id: int, now: datetime) -> int:
    """The open calls of this bot's people cannot be made: their next step is due at once."""
    theirs = select(people.c.id).where(people.c.bot_id == bot_id)
    return connection.execute(
        update(calls)
        .where(
            calls.c.state == CallState.WAITING.value,
            calls.c.reach != Reach.UNREACHABLE.value,
            calls.c.person_id.in_(theirs),
        )
        .values(reach=Reach.UNREACHABLE.value, due_at=now)
    ).rowcount


def clear_report_due(connection: Connection, ids: Iterable[int]) -> None:
    """These calls were reminded of their report: do not again."""
    connection.execute(update(calls).where(calls.c.id.in_(list(ids))).values(report_due_at=None))


def standings(connection: Connection, call_ids: Iterable[int]) -> list[Standing]:
    """How these calls stand on the ladder, equal ones once: one or two for a batch of any size."""
    ids = orjson.dumps(list(call_ids)).decode()
    rows = connection.execute(_STANDINGS[connection.dialect.name], {"ids": ids})
    return [
        Standing(alert_id, Level(level), State(alert_state), CallState(state), *rest)
        for alert_id, level, alert_state, state, *rest in rows
    ]


def delivered(
    connection: Connection,
    standing: Standing,
    messages: Mapping[int, int | None],
    now: datetime,
    due: datetime | None,
) -> None:
    """Those of these calls that stand so were delivered: message ids, and what is due next."""
    connection.execute(
        _DELIVERED[connection.dialect.name],
        {
            "rows": orjson.dumps(list(messages.items())).decode(),
            "now": now,
            "due": due,
            "alert_id": standing.alert_id,
            "state": standing.state.value,
            "called_at": standing.called_at,
            "steps": standing.steps,
            "delivered_at": standing.delivered_at,
            "last_step_at": standing.last_step_at,
        },
    )


def _standings(dialect: str) -> TextualSelect:
    at = ("called_at", "delivered_at", "last_step_at")
    return text(
        "SELECT DISTINCT c.alert_id, a.level, a.state AS alert_state, c.state, c.called_at, "
        "c.delivered_at, c.steps, c.last_step_at FROM calls c "
        f"JOIN alerts a ON a.id = c.alert_id WHERE c.id IN ({ids_sql(dialect)})"
    ).columns(**dict.fromkeys(at, UtcDateTime))


_STANDINGS = {dialect: _standings(dialect) for dialect in ("sqlite", "postgresql")}


def _delivered(dialect: str) -> TextClause:
    # The calls are to be found by id. Within CASE the rest tempts no planner to another way:
    # PostgreSQL, which knows little of rows so new, read all the calls for each id.
    times = ("now", "due", "called_at", "delivered_at", "last_step_at")
    return text(
        f"WITH v AS ({pairs_of(dialect)}) "
        "UPDATE calls SET reach = 'delivered', delivered_at = COALESCE(delivered_at, :now), "
        "message_id = v.second, due_at = :due FROM v WHERE calls.id = v.first "
        "AND CASE WHEN alert_id = :alert_id THEN state = :state "
        "AND called_at = :called_at AND steps = :steps "
        "AND COALESCE(delivered_at, -1) = COALESCE(:delivered_at, -1) "
        "AND COALESCE(last_step_at, -1) = COALESCE(:last_step_at, -1) ELSE FALSE END"
    ).bindparams(*(bindparam(name, type_=UtcDateTime) for name in times))


_DELIVERED = {dialect: _delivered(dialect) for dialect in ("sqlite", "postgresql")}

_SAVE_REACH = (
    update(calls)
    .where(calls.c.id == bindparam("call"))
    .values(
        reach=bindparam("now"),
        delivered_at=bindparam("at"),
        message_id=bindparam("message"),
        due_at=bindparam("due"),
    )
)

_STEPS = {
    "sqlite": (
        "SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS steps, "
        "json_extract(value, '$[2]') AS repeats, json_extract(value, '$[3]') AS at, "
        "json_extract(value, '$[4]') AS due FROM json_each(:rows)"
    ),
    "postgresql": (
        "SELECT (value->>0)::bigint AS id, (value->>1)::int AS steps, (value->>2)::int AS repeats, "
        "(value->>3)::bigint AS at, (value->>4)::bigint AS due "
        "FROM json_array_elements(CAST(:rows AS json))"
    ),
}

_SAVE_STEPS = {
    dialect: text(
        f"WITH v AS ({rows}) UPDATE calls SET steps = v.steps, repeats = v.repeats, "
        "last_step_at = v.at, due_at = v.due FROM v WHERE calls.id = v.id"
    )
    for dialect, rows in _STEPS.items()
}
