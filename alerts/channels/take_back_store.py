"""Calls that a gateway holds and that are not to be made any more: who is to be told of which."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, or_, select, update

from alerts.calls import CallState
from alerts.channels.model import OF_CALLS, Kind, Progress
from alerts.model import IN_FORCE
from contacts.channels import Channel
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries as table
from data.tables.channels import test_calls, test_lines
from data.tables.columns import constant

WITHIN = timedelta(minutes=10)
"""What was taken before that has been made by now (ours)."""

_TOLD = "taken back "
_ACCEPTED = constant(Progress.ACCEPTED.value)
_ANSWERED = constant(Progress.ANSWERED.value)
_TEST = constant(Kind.TEST.value)


class HeldCall(NamedTuple):
    """A call that a gateway took: both sides call it by these (``bot.channels.events.Handle``)."""

    delivery_id: int
    attempt: int


def to_be_taken_back(
    connection: Connection, channels: Collection[Channel], now: datetime, limit: int
) -> list[HeldCall]:
    """Calls that a gateway took lately and nobody is to be rung for any more, oldest first.

    Their call was answered or discharged, their warning is over, their test has ended. Not one that
    has rung or arrived already, and none that its gateway was told of.
    """
    waits = exists().where(
        calls.c.id == table.c.call_id,
        calls.c.state == CallState.WAITING.value,
        alerts.c.id == calls.c.alert_id,
        alerts.c.state.in_([state.value for state in IN_FORCE]),
        alerts.c.expires_at > now,
    )
    tested = exists().where(
        test_lines.c.id == table.c.test_line_id,
        test_lines.c.proven_at.is_(None),
        test_calls.c.id == test_lines.c.test_id,
        test_calls.c.closed_at.is_(None),
    )
    called = table.c.kind.in_([kind.value for kind in OF_CALLS])
    over = or_(and_(called, ~waits), and_(table.c.kind == _TEST, ~tested))
    query = (
        select(table.c.id, table.c.attempts)
        .where(
            table.c.state.in_((_ACCEPTED, _ANSWERED)),
            table.c.withdrawn_at.is_(None),
            table.c.accepted_at > now - WITHIN,
            table.c.channel.in_([channel.value for channel in channels]),
            table.c.delivered_at.is_(None),
            table.c.read_at.is_(None),
            table.c.heard_at.is_(None),
            or_(table.c.state == _ANSWERED, over),
        )
        .order_by(table.c.accepted_at, table.c.id)
        .limit(limit)
    )
    return [HeldCall(*row) for row in connection.execute(query)]


def told(connection: Connection, delivery_ids: Iterable[int], now: datetime) -> None:
    """Their gateway knows, or needs not be told."""
    note = update(table).where(table.c.id.in_(GIVEN_IDS), table.c.withdrawn_at.is_(None))
    connection.execute(note.values(withdrawn_at=now), {"ids": as_json(delivery_ids)})


def tell_in(connection: Connection, delivery_ids: Iterable[int], batch: str) -> None:
    """They stand in an answer of this name to a gateway that fetches."""
    note = update(table).where(table.c.id.in_(GIVEN_IDS))
    connection.execute(note.values(claimed_by=_TOLD + batch), {"ids": as_json(delivery_ids)})


def told_in(connection: Connection, batch: str, now: datetime) -> None:
    """The gateway has stored the answer of this name."""
    note = update(table).where(
        table.c.claimed_by == _TOLD + batch,
        table.c.state.in_((_ACCEPTED, _ANSWERED)),
        table.c.accepted_at > now - 2 * WITHIN,
    )
    connection.execute(note.values(withdrawn_at=now))
