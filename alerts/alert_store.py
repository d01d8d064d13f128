"""Rows to alerts, and back. No rule lives here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    bindparam,
    exists,
    insert,
    literal,
    select,
    update,
)

from alerts import call_store
from alerts.calls import Call
from alerts.model import IN_FORCE, Alert, Hazard, Level, State, Status
from data.database import Connection
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, as_json, looked_up
from data.tables.alerts import alerts as table
from data.tables.alerts import calls, cards, unfinished_releases
from data.tables.changes import unfinished_updates
from data.tables.columns import UtcDateTime
from data.tables.contacts import divisions

_BY_ID = select(table).where(table.c.id == bindparam("key"))
_BY_IDS = select(table).where(table.c.id.in_(GIVEN_IDS))
_FINISHED = select(table.c.id).where(
    table.c.state == State.RELEASED.value,
    ~exists().where(calls.c.alert_id == table.c.id, calls.c.state == call_store.WAITING),
    ~exists().where(unfinished_releases.c.alert_id == table.c.id),
    ~exists().where(unfinished_updates.c.alert_id == table.c.id),
)

_ALL_FINISHED = _FINISHED.order_by(table.c.id)
_ENDED = (
    select(table.c.id)
    .where(
        table.c.state.in_([state.value for state in (State.PENDING, *IN_FORCE)]),
        table.c.expires_at <= bindparam("now"),
    )
    .order_by(table.c.id)
)

# By alert and person, as the index has them; calls that were archived are not among them.
_OF_PERSON = (
    select(calls.c.id, calls.c.alert_id)
    .where(
        looked_up(calls.c.alert_id, select(table.c.id).where(table.c.archived_at.is_(None))),
        calls.c.person_id == bindparam("person"),
    )
    .order_by(calls.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new alert; returns its id."""
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def alert(connection: Connection, alert_id: int) -> Alert | None:
    """The alert, or ``None``."""
    row = connection.execute(_BY_ID, {"key": alert_id}).first()
    return None if row is None else as_alert(row)


def alerts_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Alert]:
    """These alerts by id; unknown ids are left out."""
    if not (wanted := set(ids)):
        return {}
    rows = connection.execute(_BY_IDS, {"ids": as_json(wanted)})
    return {row.id: as_alert(row) for row in rows}


def alerts(connection: Connection, *states: State, limit: int = 50) -> list[Alert]:
    """The newest alerts in these states (all states when none is named), newest first."""
    return [as_alert(row) for row in connection.execute(_newest(states, limit))]


@cache
def _newest(states: tuple[State, ...], limit: int) -> Select[Any]:
    """Ticks ask every second or so, for states and a limit that are always the same."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    return query


def of_hazard(
    connection: Connection, hazard: Hazard, status: Status, *states: State
) -> list[Alert]:
    """The alerts of one hazard in these states, newest first."""
    query = select(table).where(
        table.c.hazard == hazard.value,
        table.c.status == status.value,
        table.c.state.in_([state.value for state in states]),
    )
    return [as_alert(row) for row in connection.execute(query.order_by(table.c.id.desc()))]


def areas_released_alone(
    connection: Connection, person_id: int, levels: Collection[Level], since: datetime
) -> set[str]:
    """The areas of the real warnings of these levels that one person released since then, without
    a second person; cancelled or not: they reached people."""
    query = select(table.c.areas).where(
        table.c.sender_id == person_id,
        table.c.status == Status.ACTUAL.value,
        table.c.level.in_([level.value for level in levels]),
        table.c.state.not_in([State.PENDING.value, State.REFUSED.value]),
        table.c.confirmed_by.is_(None),
        table.c.released_at > literal(since, UtcDateTime),
    )
    return {code for areas in connection.execute(query).scalars() for code in areas}


def newest_since(
    connection: Connection, sender_id: int, at: datetime, *states: State
) -> Alert | None:
    """The newest alert in these states that a person wrote at that time or later, or ``None``."""
    query = (
        select(table)
        .where(
            table.c.sender_id == sender_id,
            table.c.created_at >= at,
            table.c.state.in_([state.value for state in states]),
        )
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else as_alert(row)


def change_alert(connection: Connection, alert_id: int, **values: Any) -> None:
    """Set columns of an alert."""
    connection.execute(update(table).where(table.c.id == alert_id).values(**values))
    if "state" in values:
        # Its cards show the state. Here, so that no way to end an alert can forget them.
        settled = (cards.c.alert_id == alert_id) & cards.c.settled
        connection.execute(update(cards).where(settled).values(settled=False))
        asking = (cards.c.alert_id == alert_id) & cards.c.asks_until.is_not(None)
        connection.execute(update(cards).where(asking).values(asks_until=None))


def ended(connection: Connection, now: datetime) -> list[int]:
    """Alerts still pending or in force whose time is over, by id."""
    return list(connection.execute(_ENDED, {"now": now}).scalars())


def finished(connection: Connection) -> list[int]:
    """Alerts in force of which nobody has still to answer, by id; all their calls were made."""
    return list(connection.execute(_ALL_FINISHED).scalars())


def is_finished(connection: Connection, alert_id: int) -> bool:
    """Whether it is one of ``finished``."""
    return connection.execute(_FINISHED.where(table.c.id == alert_id)).first() is not None


def known_divisions(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Those of ``codes`` that are divisions."""
    query = select(divisions.c.code).where(divisions.c.code.in_(GIVEN_WORDS))
    return set(connection.execute(query, {"words": as_json(set(codes))}).scalars())


def calls_of_person(
    connection: Connection, person_id: int, *, limit: int = 20
) -> list[tuple[Call, Alert]]:
    """The person's newest calls with their alerts, newest first."""
    given = {"person": person_id, "most": limit}
    found = []
    for row in connection.execute(_OF_PERSON, given).all():
        its_call, its_alert = call_store.call(connection, row.id), alert(connection, row.alert_id)
        assert its_call is not None and its_alert is not None
        found.append((its_call, its_alert))
    return found


def as_alert(row: Row[Any]) -> Alert:
    """The alert of a row of ``alerts``."""
    values = dict(row._mapping)
    values.update(
        status=Status(row.status),
        level=Level(row.level),
        hazard=Hazard(row.hazard),
        state=State(row.state),
        areas=tuple(row.areas),
        places=tuple(row.places or ()),
        besides=tuple(row.besides or ()),
        shape=row.shape or "",
    )
    return Alert(**values)
