"""Changes that wait for a second person, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from alerts.lifecycle import Change
from alerts.model import IN_FORCE
from alerts.outbox.change_messages import ConfirmChange
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.updates.model import DECIDE_WITHIN, ChangeState, PendingChange, from_json, to_json
from data.tables.alerts import alerts, deliveries
from data.tables.changes import pending_changes as table


def add(
    connection: Connection,
    alert_id: int,
    change: Change,
    by_id: int,
    now: datetime,
    command_line: str | None = None,
) -> int:
    """Store a change that waits; returns its number. There must be no other of the warning."""
    values = {
        "alert_id": alert_id,
        "change": to_json(change),
        "by_id": by_id,
        "proposed_at": now,
        "state": ChangeState.PENDING.value,
        "command_line": command_line,
    }
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(connection: Connection, change_id: int) -> PendingChange | None:
    """The change of this number."""
    row = connection.execute(select(table).where(table.c.id == change_id)).first()
    return None if row is None else _change(row)


def waiting(connection: Connection, alert_id: int) -> PendingChange | None:
    """The change of a warning that waits."""
    query = select(table).where(
        table.c.alert_id == alert_id, table.c.state == ChangeState.PENDING.value
    )
    row = connection.execute(query).first()
    return None if row is None else _change(row)


def all_waiting(connection: Connection, most: int) -> list[PendingChange]:
    """The changes of whatever warnings that wait, the last first."""
    query = select(table).where(table.c.state == ChangeState.PENDING.value)
    rows = connection.execute(query.order_by(table.c.id.desc()).limit(most))
    return [_change(row) for row in rows]


def of_alert(connection: Connection, alert_id: int) -> list[PendingChange]:
    """All that were proposed of a warning, whatever became of them; the last first."""
    query = select(table).where(table.c.alert_id == alert_id).order_by(table.c.id.desc())
    return [_change(row) for row in connection.execute(query)]


def too_old(connection: Connection, now: datetime) -> list[PendingChange]:
    """Those that have waited for too long, or whose warning is over."""
    found = connection.execute(_TOO_OLD, {"before": now - DECIDE_WITHIN})
    return [_change(row) for row in found]


_TOO_OLD = (
    select(table)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(
        table.c.state == ChangeState.PENDING.value,
        or_(
            table.c.proposed_at <= bindparam("before"),
            alerts.c.state.not_in([state.value for state in IN_FORCE]),
        ),
    )
    .order_by(table.c.id)
)
"""Asked every few seconds: built once."""


class Question(NamedTuple):
    """The message that asked a second person: in the chat, and by the bot, of that time."""

    person_id: int
    message_id: int
    chat_id: int
    bot_id: int | None
    language: str
    role: str | None


def questions(connection: Connection, change: PendingChange) -> list[Question]:
    """The messages that ask about a change."""
    columns = [deliveries.c[name] for name in Question._fields]
    query = select(deliveries.c.params, *columns).where(
        deliveries.c.alert_id == change.alert_id,
        deliveries.c.kind == MessageKind.CONFIRM_CHANGE.value,
        deliveries.c.state == DeliveryState.SENT.value,
        deliveries.c.message_id.is_not(None),
        deliveries.c.person_id.is_not(None),
    )
    return [
        Question(*question)
        for params, *question in connection.execute(query)
        if decode(ConfirmChange, params).change_id == change.id
    ]


def decide(
    connection: Connection,
    change_id: int,
    state: ChangeState,
    by_id: int | None,
    now: datetime,
) -> None:
    """What became of a change that waited."""
    connection.execute(
        update(table)
        .where(table.c.id == change_id)
        .values(state=state.value, decided_by=by_id, decided_at=now)
    )


def _change(row: Row[Any]) -> PendingChange:
    return PendingChange(
        row.id,
        row.alert_id,
        from_json(row.change),
        row.by_id,
        row.proposed_at,
        ChangeState(row.state),
        row.decided_by,
        row.decided_at,
        row.command_line,
    )
