"""Test calls in the outbox of the channels: which are due, and when they wait for warnings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)

from alerts.channels.delivery_rows import COLUMNS, ChannelDelivery, as_delivery
from alerts.channels.model import Kind, Progress
from alerts.model import Level, State
from alerts.restored import restored_lately
from contacts.channels import Channel
from data.tables.alerts import alerts
from data.tables.channels import channel_deliveries as table
from data.tables.channels import test_calls, test_lines
from data.tables.columns import UtcDateTime, constant
from data.tables.contacts import equipment, people

_TEST, _QUEUED, _CLAIMED, _DROPPED = (
    constant(word)
    for word in (
        Kind.TEST.value,
        Progress.QUEUED.value,
        Progress.CLAIMED.value,
        Progress.DROPPED.value,
    )
)
_FIRST = [Level.RED.value, Level.ORANGE.value]


def must_wait(connection: Connection, now: datetime) -> bool:
    """Whether a red or orange warning is being called, or a backup was put back a moment ago."""
    called = select(alerts.c.id).where(
        alerts.c.state == State.RELEASED.value,
        alerts.c.level.in_(_FIRST),
        alerts.c.expires_at > now,
    )
    found = connection.execute(called.limit(1)).first() is not None
    return found or restored_lately(connection, now)


def due(
    connection: Connection, channel: Channel, now: datetime, limit: int
) -> list[ChannelDelivery]:
    """The next deliveries of tests; none while a red or orange warning is being called.

    Not of an address that is proven by now, or not theirs any more, nor of a test that is over.
    """
    query = _LOCKED if connection.dialect.name == "postgresql" else _DUE
    given = {"channel": channel.value, "now": now, "most": limit}
    found = connection.execute(query, given).all()
    if not found or must_wait(connection, now):
        return []
    return [as_delivery(row) for row in found]


def still_to_be_sent(connection: Connection, delivery_id: int, now: datetime) -> bool:
    """Whether a test that was claimed is to be sent yet; no: a warning came, or it was answered."""
    query = (
        select(table.c.id)
        .join(test_lines, test_lines.c.id == table.c.test_line_id)
        .join(test_calls, test_calls.c.id == test_lines.c.test_id)
        .where(table.c.id == delivery_id, table.c.state == _CLAIMED, *_worth_sending(now))
    )
    return connection.execute(query).first() is not None and not must_wait(connection, now)


def drop(connection: Connection, line_id: int, now: datetime) -> None:
    """What is still to be sent of a line is not."""
    queued = and_(table.c.test_line_id == line_id, table.c.state == _QUEUED)
    connection.execute(update(table).where(queued).values(state=_DROPPED, ended_at=now))


def drop_all(connection: Connection, test_id: int, now: datetime) -> None:
    """What is still to be sent of a test is not."""
    lines = select(test_lines.c.id).where(test_lines.c.test_id == test_id)
    queued = and_(table.c.test_line_id.in_(lines), table.c.state == _QUEUED)
    connection.execute(update(table).where(queued).values(state=_DROPPED, ended_at=now))


def _worth_sending(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    somebody = exists().where(people.c.id == test_lines.c.person_id, people.c.active)
    satellite = exists().where(equipment.c.number == test_lines.c.address)
    return (
        test_calls.c.closed_at.is_(None),
        test_calls.c.ends_at > now,
        test_lines.c.proven_at.is_(None),
        or_(somebody, and_(test_lines.c.person_id.is_(None), satellite)),
    )


# Asked every second of each channel: built once.
_NOW = bindparam("now", type_=UtcDateTime)
_DUE = (
    select(*COLUMNS)
    .join(test_lines, test_lines.c.id == table.c.test_line_id)
    .join(test_calls, test_calls.c.id == test_lines.c.test_id)
    .where(
        table.c.state == _QUEUED,
        table.c.channel == bindparam("channel"),
        table.c.alert_id == 0,
        table.c.not_before <= _NOW,
        *_worth_sending(_NOW),
    )
    .order_by(table.c.not_before, table.c.id)
    .limit(bindparam("most", type_=Integer))
)
_LOCKED = _DUE.with_for_update(of=table, skip_locked=True)
