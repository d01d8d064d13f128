"""The open calls of persons, as rows: found warning by warning.

The index has calls by alert and person; one by person alone took a release a tenth of its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, select, true, update

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call, CallState, Reach
from alerts.model import ENDED, IN_FORCE
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person, reachable
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.alerts import alerts, calls
from data.tables.columns import UtcDateTime
from data.tables.contacts import people


def open_calls_of(connection: Connection, person_ids: Iterable[int]) -> list[Call]:
    """The open calls of these persons."""
    found = connection.execute(_OPEN_CALLS, {"ids": as_json(person_ids)})
    return [as_call(row) for row in found]


def ended_unanswered(
    connection: Connection, person_ids: Iterable[int], since: datetime
) -> list[Call]:
    """The calls of these persons whose warning ended after then, and that were not answered."""
    values = {"ids": as_json(person_ids), "since": since}
    return [as_call(row) for row in connection.execute(_ENDED_UNANSWERED, values)]


def out_of_reach(connection: Connection, person_ids: Iterable[int], now: datetime) -> int:
    """The open calls of these persons cannot be made: their next step is due at once."""
    values = {"ids": as_json(person_ids), "now": now}
    return connection.execute(_OUT_OF_REACH, values).rowcount


def calls_within_reach(connection: Connection, person_ids: Iterable[int]) -> list[int]:
    """The open calls that could not be made to these persons, who can be reached now."""
    return list(connection.execute(_WITHIN_REACH, {"ids": as_json(person_ids)}).scalars())


def sender(connection: Connection, telegram_id: int) -> tuple[Person, bool] | None:
    """Whose account this is, and whether a call that could not be made to them can be made now."""
    row = connection.execute(_SENDER, {"account": telegram_id}).first()
    return None if row is None else (as_person(row), row.within_reach)


# Few warnings are in force at a time, and no other has open calls. "Is true" keeps PostgreSQL from
# its index of open calls, all of which it would read.
_OPEN_OF_ALL = (
    looked_up(
        calls.c.alert_id,
        select(alerts.c.id).where(alerts.c.state.in_([state.value for state in IN_FORCE])),
    ),
    (calls.c.state == CallState.WAITING.value).is_(true()),
)
_OPEN = (*_OPEN_OF_ALL, looked_up(calls.c.person_id, GIVEN_IDS))
_OPEN_CALLS = select(*CALL_COLUMNS).where(*_OPEN)
_ENDED_AT = func.coalesce(alerts.c.lifted_at, alerts.c.cancelled_at, alerts.c.expires_at)
_ENDED_UNANSWERED = select(*CALL_COLUMNS).where(
    looked_up(
        calls.c.alert_id,
        select(alerts.c.id).where(
            alerts.c.state.in_([state.value for state in ENDED]),
            bindparam("since", type_=UtcDateTime) < _ENDED_AT,
        ),
    ),
    calls.c.state == CallState.CANCELLED.value,
    looked_up(calls.c.person_id, GIVEN_IDS),
)
_OUT_OF_REACH = (
    update(calls)
    .where(*_OPEN, calls.c.reach != Reach.UNREACHABLE.value)
    .values(reach=Reach.UNREACHABLE.value, due_at=bindparam("now", type_=UtcDateTime))
)
_WITHIN_REACH = (
    select(calls.c.id)
    .join(people, people.c.id == calls.c.person_id)
    .where(*_OPEN, calls.c.reach == Reach.UNREACHABLE.value, reachable())
)
_SENDER = select(
    *PERSON_COLUMNS,
    exists(calls.c.id)
    .where(
        *_OPEN_OF_ALL,
        calls.c.person_id == people.c.id,
        calls.c.reach == Reach.UNREACHABLE.value,
        reachable(),
    )
    .correlate(people)
    .label("within_reach"),
).where(people.c.telegram_id == bindparam("account"))
