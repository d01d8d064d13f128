"""The tables of what was archived: rows of alerts long over, moved out of the way of the live ones.

Each holds the columns of the live table of its name, and the month it belongs to. They lie in a
schema ``history``: on SQLite a file beside the database (``data.history``), on PostgreSQL tables
partitioned by month. They bear no constraint but their key: what is in them was checked before.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Integer, MetaData, Table

from data.tables import alerts, beyond_answers, changes, channels, household_moves, running

SCHEMA = "history"
metadata = MetaData(schema=SCHEMA)


def month_of(at: datetime) -> int:
    """The month of a time, as in 202611; of an aware UTC time, the UTC month."""
    return at.year * 100 + at.month


def _kept(live: Table, *found_by: str) -> Table:
    keys = {column.name for column in live.primary_key.columns}
    columns = [
        Column(column.name, column.type, primary_key=column.name in keys, autoincrement=False)
        for column in live.columns
    ]
    return Table(
        live.name,
        metadata,
        Column("month", Integer, primary_key=True, autoincrement=False),
        *columns,
        *(Index(f"{live.name}_kept_{name}", name) for name in found_by),
    )


calls = _kept(alerts.calls, "alert_id")
cards = _kept(alerts.cards)
reports = _kept(alerts.reports, "alert_id")
help_requests = _kept(alerts.help_requests, "alert_id")
call_posts = _kept(alerts.call_posts, "alert_id")
left_out_posts = _kept(changes.left_out_posts, "alert_id")
withdrawn_answers = _kept(beyond_answers.withdrawn_answers, "alert_id")
household_moves_kept = _kept(household_moves.household_moves, "alert_id")
deliveries = _kept(alerts.deliveries, "alert_id")
channel_deliveries = _kept(channels.channel_deliveries, "alert_id")
audit = _kept(running.audit, "seq", "subject")
