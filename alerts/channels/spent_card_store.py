"""Cards in other apps whose buttons answer nothing any more, as rows: they are to lose them.

The warning, or the test, is over, or is no more for where the person is; or its level rose, and
another card asks. A row is taken once: ``withdrawn_at`` says that its buttons are gone, or cannot
be taken.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, or_, select

from alerts.calls import CallState
from alerts.channels.delivery_rows import COLUMNS, ChannelDelivery, as_delivery
from alerts.channels.model import OF_CALLS
from alerts.model import IN_FORCE, State
from contacts.channels import Channel
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries as table
from data.tables.channels import test_calls, test_lines

CHANGED_FOR: dict[Channel, timedelta] = {
    Channel.WECOM: timedelta(hours=72),
    Channel.FEISHU: timedelta(days=14),
    Channel.DINGTALK: timedelta(days=14),
}
"""For so long after it was sent a card may be changed (theirs; DingTalk names no end: ours)."""

_OVER = [state.value for state in (State.LIFTED, State.CANCELLED, State.EXPIRED)]
_IN_FORCE = [state.value for state in IN_FORCE]


class Turn(NamedTuple):
    """What a warning, or a test, came to, after which cards of it may answer nothing."""

    alert_id: int
    version: int
    over: bool
    at: datetime
    test_id: int = 0


def turns(connection: Connection, since: datetime) -> list[Turn]:
    """Warnings that ended, or were changed, since then, the last first; and tests that ended."""
    ended = func.coalesce(alerts.c.lifted_at, alerts.c.cancelled_at, alerts.c.expires_at)
    over = alerts.c.state.in_(_OVER)
    query = (
        select(
            alerts.c.id,
            alerts.c.version,
            over.label("over"),
            func.coalesce(alerts.c.lifted_at, alerts.c.cancelled_at, alerts.c.expires_at),
            alerts.c.changed_at,
        )
        .where(
            alerts.c.expires_at > since,  # by an index; no warning ends after that
            or_(
                and_(over, ended > since),
                and_(alerts.c.state.in_(_IN_FORCE), alerts.c.changed_at > since),
            ),
        )
        .order_by(alerts.c.id.desc())
    )
    found = []
    for alert_id, version, is_over, ended_at, changed_at in connection.execute(query):
        found.append(Turn(alert_id, version, bool(is_over), ended_at if is_over else changed_at))
    tests = select(test_calls.c.id, test_calls.c.closed_at).where(test_calls.c.closed_at > since)
    return found + [Turn(0, 0, True, at, test_id) for test_id, at in connection.execute(tests)]


def spent(
    connection: Connection, turn: Turn, channel: Channel, now: datetime, limit: int
) -> list[ChannelDelivery]:
    """The next cards of a warning, or a test, in a channel that answer nothing any more."""
    query = select(*COLUMNS).where(
        table.c.channel == channel.value,
        table.c.accepted_at > now - CHANGED_FOR[channel],
        table.c.withdrawn_at.is_(None),
    )
    if turn.test_id:
        lines = select(test_lines.c.id).where(test_lines.c.test_id == turn.test_id)
        query = query.where(table.c.test_line_id.in_(lines))
    else:
        query = query.where(
            table.c.alert_id == turn.alert_id,
            table.c.kind.in_([kind.value for kind in OF_CALLS]),
        )
    if not turn.over:
        asked_anew = and_(
            calls.c.state == CallState.WAITING.value,
            alerts.c.asked_version > 1,
            # Queued before the level rose, and sent after it, a card has the words of now.
            func.coalesce(table.c.claimed_at, table.c.created_at) < calls.c.called_at,
        )
        query = (
            query.join(calls, calls.c.id == table.c.call_id)
            .join(alerts, alerts.c.id == table.c.alert_id)
            .where(or_(calls.c.state == CallState.LEFT_OUT.value, asked_anew))
        )
    rows = connection.execute(query.order_by(table.c.id).limit(limit))
    return [as_delivery(row) for row in rows]
