"""How it went to call people by other channels than Telegram: for silent lists and reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, select

from alerts.channels.model import OF_CALLS, Progress, Tried
from alerts.history.store import kept_rows_of
from contacts.channels import Cause, Channel
from data.json_rows import GIVEN_IDS, as_json
from data.tables.channels import channel_deliveries


def tried(connection: Connection, call_ids: Iterable[int]) -> dict[int, tuple[Tried, ...]]:
    """How it went for each of these calls of live warnings, by call."""
    return _tried(connection.execute(_OF_CALLS, {"ids": as_json(call_ids)}))


def tried_of_alert(connection: Connection, alert_id: int) -> dict[int, tuple[Tried, ...]]:
    """How it went for all calls of a warning, by call; of one archived too.

    :raises NotFound: the warning was archived, and the history is not here.
    """
    table = kept_rows_of(connection, alert_id, channel_deliveries)
    if table is None:
        return {}
    return _tried(connection.execute(_asked(table).where(table.c.alert_id == alert_id)))


def _asked(table: Table) -> Select[Any]:
    columns = (table.c.call_id, table.c.channel, table.c.attempts, table.c.cause, table.c.state)
    receipts = (table.c.accepted_at, table.c.delivered_at, table.c.read_at, table.c.heard_at)
    called = table.c.kind.in_([kind.value for kind in OF_CALLS])
    return select(*columns, *receipts).where(called).order_by(table.c.id)


_OF_CALLS = _asked(channel_deliveries).where(channel_deliveries.c.call_id.in_(GIVEN_IDS))


def _tried(rows: Iterable[Row[Any]]) -> dict[int, tuple[Tried, ...]]:
    found: dict[int, dict[Channel, Tried]] = {}
    for row in rows:
        channel = Channel(row.channel)
        of_call = found.setdefault(row.call_id, {})
        before = of_call.get(channel, Tried(channel, 0))
        heard = before.heard or row.heard_at is not None
        arrived = before.arrived or heard or (row.delivered_at or row.read_at) is not None
        cause = before.cause if row.cause is None else Cause(row.cause)
        dead = row.state == Progress.FAILED.value and row.accepted_at is None and row.cause is None
        of_call[channel] = Tried(
            channel,
            before.tries + (0 if dead else row.attempts),
            None if arrived else cause,
            arrived,
            heard,
            before.not_taken or dead,
        )
    return {call_id: tuple(by_channel.values()) for call_id, by_channel in found.items()}
