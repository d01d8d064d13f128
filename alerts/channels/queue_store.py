"""What is to be said by other channels enters their outbox: whose call has nothing there yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select, union, update

from alerts.calls import CallState, Reach
from alerts.channels.model import OF_CALLS, Kind, Progress
from alerts.escalation import Step
from contacts.channels import Cause, Channel
from data.tables.alerts import calls, unfinished_releases
from data.tables.changes import unfinished_updates
from data.tables.channels import channel_deliveries as table
from data.tables.columns import constant
from data.upserts import insert_into

_WAITING = constant(CallState.WAITING.value)
_DROPPED = constant(Progress.DROPPED.value)


class NewChannelDelivery(NamedTuple):
    """An address to be called. Empty: there is none, which is known then."""

    call_id: int
    alert_id: int
    person_id: int
    channel: Channel
    address: str
    kind: Kind


class Uncalled(NamedTuple):
    """A call of which nobody has rung or written yet, beside Telegram."""

    call_id: int
    person_id: int
    unreachable: bool  # by Telegram
    stands_in: bool


def uncalled(
    connection: Connection,
    alert_id: int,
    kind: Kind,
    ways: Collection[tuple[bool, bool]],
    limit: int,
    *,
    called_before: datetime | None = None,
    by: Collection[Channel] = (),
    but: Collection[int] = (),
) -> list[Uncalled]:
    """Open calls of a warning that have no delivery of this kind, oldest first.

    :param ways: which calls: (unreachable by Telegram, stands in for another).
    :param called_before: only those reminded already, or not delivered and called before then; and
        nobody who was called by another channel since.
    :param but: calls that are left out.
    :param by: the channels of the reminder: in none of them the call itself still waits.
    """
    unreachable = calls.c.reach == Reach.UNREACHABLE.value
    stands_in = calls.c.stand_in_for.is_not(None)
    wanted = or_(
        *(
            and_(
                unreachable if no_telegram else ~unreachable,
                stands_in if stand_in else calls.c.stand_in_for.is_(None),
            )
            for no_telegram, stand_in in ways
        )
    )
    entered = exists().where(
        table.c.call_id == calls.c.id,
        table.c.kind == constant(kind.value),
        table.c.state != _DROPPED,
    )
    query = (
        select(calls.c.id, calls.c.person_id, unreachable, stands_in)
        .where(calls.c.alert_id == alert_id, calls.c.state == _WAITING, wanted, ~entered)
        .order_by(calls.c.id)
        .limit(limit)
    )
    if but:
        query = query.where(calls.c.id.not_in(list(but)))
    if called_before is not None:
        reminded = calls.c.steps.bitwise_and(int(Step.REMIND)) != 0
        late = and_(calls.c.delivered_at.is_(None), calls.c.called_at <= called_before)
        call = table.alias("its_call")
        told_at = func.coalesce(call.c.accepted_at, call.c.created_at)
        waits = and_(
            call.c.state.in_((Progress.QUEUED.value, Progress.CLAIMED.value)),
            call.c.attempts == 0,
            call.c.channel.in_([channel.value for channel in by]),
        )
        just_called = exists().where(
            call.c.call_id == calls.c.id,
            call.c.kind == Kind.CALL.value,
            or_(told_at > called_before, waits),
        )
        query = query.where(or_(reminded, late), ~just_called)
    return [
        Uncalled(row[0], row[1], bool(row[2]), bool(row[3])) for row in connection.execute(query)
    ]


def unfinished(connection: Connection) -> set[int]:
    """Warnings whose release, or a change of which, is not carried out for everybody yet."""
    both = union(select(unfinished_releases.c.alert_id), select(unfinished_updates.c.alert_id))
    return set(connection.execute(both).scalars())


def add(connection: Connection, new: Sequence[NewChannelDelivery], now: datetime) -> None:
    """Queue these; one without an address has failed already, one that is there stays as it is."""
    if not new:
        return
    rows = [
        {
            **row._asdict(),
            "channel": row.channel.value,
            "kind": row.kind.value,
            "state": (Progress.QUEUED if row.address else Progress.FAILED).value,
            "cause": None if row.address else Cause.NOT_LINKED.value,
            "ended_at": None if row.address else now,
            "not_before": now,
            "created_at": now,
        }
        for row in new
    ]
    connection.execute(insert_into(connection, table).on_conflict_do_nothing(), rows)


def say_after_all(connection: Connection, call_id: int, since: datetime, now: datetime) -> None:
    """What was dropped of a call since then is said after all: the answer was a mistake."""
    there = table.alias("there")
    same = exists().where(
        there.c.call_id == table.c.call_id,
        there.c.kind == table.c.kind,
        there.c.channel == table.c.channel,
        there.c.address == table.c.address,
        there.c.state != _DROPPED,
    )
    connection.execute(
        update(table)
        .where(
            table.c.call_id == call_id,
            table.c.state == _DROPPED,
            table.c.kind.in_([kind.value for kind in OF_CALLS]),
            table.c.ended_at >= since,
            ~same,
        )
        .values(state=Progress.QUEUED.value, not_before=now, ended_at=None, claimed_by=None)
    )
