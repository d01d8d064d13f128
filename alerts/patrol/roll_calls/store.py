"""Rows to roll calls, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from alerts.outbox.codec import decode, encode
from alerts.outbox.deliveries import Delivery, DeliveryState
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind, Picture, RollCallAsk, RollCallResult
from alerts.outbox.store import QUEUED_IN
from alerts.patrol.roll_calls.model import LATE_HOURS, Counts, RollCall, Standing, Whom
from contacts.divisions.codes import code_range
from contacts.people import Role
from contacts.people_store import reachable
from data.database import signal
from data.tables.alerts import deliveries
from data.tables.columns import UtcDateTime
from data.tables.contacts import people
from data.tables.patrol import roll_call_entries as entries
from data.tables.patrol import roll_calls

_MAP_WANTED: ColumnElement[bool] = literal_column("map_wanted", Boolean)
_FIELDS = tuple(column.name for column in roll_calls.c)
# As text, so that SQLite uses the index of those who have still to answer.
_NOT_ANSWERED: ColumnElement[bool] = entries.c.state != literal_column("'answered'")


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new roll call; returns its id."""
    key = connection.execute(insert(roll_calls).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def roll_call(connection: Connection, roll_call_id: int) -> RollCall | None:
    """One of them."""
    query = select(roll_calls).where(roll_calls.c.id == roll_call_id)
    row = connection.execute(query).first()
    return None if row is None else _roll_call(row)


def running(connection: Connection, division_code: str, whom: Whom) -> RollCall | None:
    """The one of this area and these roles that is not over."""
    query = select(roll_calls).where(
        roll_calls.c.closed_at.is_(None),
        roll_calls.c.division_code == division_code,
        roll_calls.c.whom == whom.value,
    )
    row = connection.execute(query).first()
    return None if row is None else _roll_call(row)


def newest(connection: Connection, division_code: str, limit: int) -> list[RollCall]:
    """Those of the division and below, newest first."""
    low, high = code_range(division_code)
    query = (
        select(roll_calls)
        .where(roll_calls.c.division_code.between(low, high))
        .order_by(roll_calls.c.id.desc())
        .limit(limit)
    )
    return [_roll_call(row) for row in connection.execute(query)]


def running_ones(connection: Connection) -> list[int]:
    """Ids of those that are not over."""
    query = select(roll_calls.c.id).where(roll_calls.c.closed_at.is_(None))
    return list(connection.execute(query).scalars())


def stale(connection: Connection) -> list[RollCall]:
    """Those whose result changed since it was shown."""
    query = select(roll_calls).where(roll_calls.c.shown.is_(None)).order_by(roll_calls.c.id)
    return [_roll_call(row) for row in connection.execute(query)]


def undrawn(connection: Connection, rested_since: datetime) -> list[RollCall]:
    """Those whose picture is wanted and out of date, and that had none since, or are over."""
    query = (
        select(roll_calls)
        .where(
            _MAP_WANTED,
            roll_calls.c.map_shown.is_(None),
            or_(
                roll_calls.c.map_at.is_(None),
                roll_calls.c.map_at <= rested_since,
                roll_calls.c.closed_at.is_not(None),
            ),
        )
        .order_by(roll_calls.c.id)
    )
    return [_roll_call(row) for row in connection.execute(query)]


def shows(connection: Connection, roll_call: RollCall, counts: Counts) -> None:
    """Its message is about to show this."""
    change(connection, roll_call.id, shown=counts.digest(roll_call))


def changed(connection: Connection, roll_call_id: int) -> None:
    """What its message and its picture show is out of date."""
    query = update(roll_calls).where(
        roll_calls.c.id == roll_call_id,
        or_(roll_calls.c.shown.is_not(None), roll_calls.c.map_shown.is_not(None)),
    )
    connection.execute(query.values(shown=None, map_shown=None))


def over(connection: Connection, now: datetime) -> list[RollCall]:
    """Those whose time has come to an end."""
    query = select(roll_calls).where(roll_calls.c.closed_at.is_(None), roll_calls.c.ends_at <= now)
    return [_roll_call(row) for row in connection.execute(query)]


def change(connection: Connection, roll_call_id: int, **values: Any) -> None:
    """Set columns of a roll call."""
    query = update(roll_calls).where(roll_calls.c.id == roll_call_id).values(**values)
    connection.execute(query)


# -- the roll ---------------------------------------------------------------------------------


def count_audience(
    connection: Connection, code: str, roles: frozenset[Role], but: int
) -> tuple[int, int]:
    """How many persons the roll would have, and how many of them can be reached."""
    query = select(func.count(), func.count(case((reachable(), 1)))).where(
        *_audience(code, roles, but)
    )
    persons, within_reach = connection.execute(query).one()
    return int(persons), int(within_reach)


def enroll(
    connection: Connection, roll_call_id: int, code: str, roles: frozenset[Role], but: int
) -> int:
    """Put everybody on the roll, in one statement; returns how many."""
    state = case((reachable(), Standing.ASKED.value), else_=literal(Standing.UNREACHABLE.value))
    chosen = select(literal(roll_call_id), people.c.id, people.c.division_code, state)
    names = ["roll_call_id", "person_id", "division_code", "state"]
    query = insert(entries).from_select(names, chosen.where(*_audience(code, roles, but)))
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount


def unreached(connection: Connection, roll_call_id: int) -> None:
    """Bring up to date who of the silent can be reached: it changes while a roll call runs."""
    silent = (
        (entries.c.roll_call_id == roll_call_id)
        & _NOT_ANSWERED
        & (entries.c.state != Standing.FAR.value)
    )
    within_reach = select(people.c.id).where(reachable())
    for standing, which in (
        (Standing.ASKED, entries.c.person_id.in_(within_reach)),
        (Standing.UNREACHABLE, entries.c.person_id.not_in(within_reach)),
    ):
        query = update(entries).where(silent, entries.c.state != standing.value, which)
        moved = connection.execute(
            query.values(state=standing.value), execution_options={"preserve_rowcount": True}
        )
        if moved.rowcount:
            changed(connection, roll_call_id)


def reach_changed(connection: Connection, roll_call_id: int) -> bool:
    """Whether ``unreached`` would change anything: one look at the silent."""
    wrong = or_(
        and_(entries.c.state == Standing.ASKED.value, not_(reachable())),
        and_(entries.c.state == Standing.UNREACHABLE.value, reachable()),
    )
    query = (
        select(entries.c.person_id)
        .join(people, people.c.id == entries.c.person_id)
        .where(
            entries.c.roll_call_id == roll_call_id,
            entries.c.state.in_([Standing.ASKED.value, Standing.UNREACHABLE.value]),
            wrong,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


# -- the answers ------------------------------------------------------------------------------


def waiting_for(
    connection: Connection, person_id: int, now: datetime
) -> list[tuple[RollCall, Standing]]:
    """The roll calls this person has still to answer, or answered from far away."""
    since = now - timedelta(hours=LATE_HOURS)
    query = (
        select(*roll_calls.c, entries.c.state)
        .join(entries, entries.c.roll_call_id == roll_calls.c.id)
        .where(entries.c.person_id == person_id, _NOT_ANSWERED, roll_calls.c.ends_at > since)
    )
    width = len(roll_calls.c)
    return [(_roll_call(row, width), Standing(row[width])) for row in connection.execute(query)]


def answer(
    connection: Connection,
    roll_call_id: int,
    person_id: int,
    standing: Standing,
    position_id: int,
    away_m: float | None,
    at: datetime,
) -> None:
    """A position came."""
    connection.execute(
        update(entries)
        .where(entries.c.roll_call_id == roll_call_id, entries.c.person_id == person_id)
        .values(state=standing.value, answered_at=at, position_id=position_id, away_m=away_m)
    )
    changed(connection, roll_call_id)


def still_silent(connection: Connection, roll_call_id: int, person_id: int) -> bool:
    """Whether this person has not answered."""
    query = select(entries.c.state).where(
        entries.c.roll_call_id == roll_call_id, entries.c.person_id == person_id
    )
    state = connection.execute(query).scalar_one_or_none()
    return state in (Standing.ASKED.value, Standing.UNREACHABLE.value)


def shown(connection: Connection, sent: Delivery, message_id: int | None) -> None:
    """A result or its picture was sent: from now on it is edited in place."""
    roll_call_id: int | None
    if sent.kind is MessageKind.PICTURE:
        roll_call_id, column = decode(Picture, sent.params).roll_call_id, "map_message_id"
    else:
        roll_call_id, column = decode(RollCallResult, sent.params).roll_call_id, "message_id"
    if message_id is None or roll_call_id is None:
        return
    its_roll_call = roll_call(connection, roll_call_id)
    if its_roll_call is None or its_roll_call.chat_id != sent.chat_id:  # somebody else's copy
        return
    change(connection, roll_call_id, **{column: message_id})


def _audience(code: str, roles: frozenset[Role], but: int) -> tuple[ColumnElement[bool], ...]:
    low, high = code_range(code)
    return (
        people.c.active,
        people.c.division_code.between(low, high),
        people.c.role.in_(sorted(role.value for role in roles)),
        people.c.id != but,
    )


def _roll_call(row: Any, width: int | None = None) -> RollCall:
    values = dict(zip(_FIELDS, row[:width], strict=True))
    return RollCall(**{**values, "whom": Whom(values["whom"])})


# -- The messages of a roll call on their way ------------------------------------------------------

_QUEUED = deliveries.c.state == literal_column("'queued'")


def queue_asks(
    connection: Connection, roll_call_id: int, now: datetime, *, again: bool = False
) -> int:
    """One message to each silent person who can be reached; one not sent yet is replaced."""
    prefix = f"roll-call:{roll_call_id}:"
    if again:
        keyed = deliveries.c.coalesce_key.startswith(prefix, autoescape=True)
        connection.execute(delete(deliveries).where(keyed, _QUEUED))
    at = literal(now, UtcDateTime)
    message = RollCallAsk(roll_call_id, again)
    values: dict[str, Any] = {
        "kind": literal(message.kind.value),
        "lane": literal(int(Lane.REST)),
        "place": literal(int(LaneOrder.VILLAGE)),
        "state": literal(DeliveryState.QUEUED.value),
        "bot_id": people.c.bot_id,
        "chat_id": people.c.telegram_id,
        "language": people.c.language,
        "role": people.c.role,
        "person_id": people.c.id,
        "params": literal(encode(message), JSON),
        "coalesce_key": literal(prefix).concat(cast(people.c.id, String)),
        "not_before": at,
        "created_at": at,
    }
    query = (
        select(*values.values())
        .join(entries, entries.c.person_id == people.c.id)
        .where(
            entries.c.roll_call_id == roll_call_id,
            entries.c.state == Standing.ASKED.value,
            reachable(),
        )
        .order_by(entries.c.division_code, entries.c.person_id)
    )
    signal(connection, f"{QUEUED_IN}{int(Lane.REST)}")
    return connection.execute(
        insert(deliveries).from_select(list(values), query),
        execution_options={"preserve_rowcount": True},
    ).rowcount


def drop_asks(connection: Connection, roll_call_id: int) -> None:
    """Do not send what is still queued: it is over."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.coalesce_key.startswith(f"roll-call:{roll_call_id}:", autoescape=True),
            _QUEUED,
        )
        .values(state=DeliveryState.DROPPED.value)
    )
