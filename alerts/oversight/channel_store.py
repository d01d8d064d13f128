"""How the channels beside Telegram stand, as rows: what was not handed over, what is unheard of.

Each question is asked every half minute, and answered by an index of only such rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, func, select

from alerts.model import IN_FORCE
from alerts.oversight.store import Waiting
from contacts.channels import Channel
from data.tables.alerts import alerts
from data.tables.channels import channel_deliveries, robot_posts
from data.tables.columns import constant

_QUEUED = constant("queued")
_CLAIMED = constant("claimed")
_FAILED = constant("failed")
_ACCEPTED = constant("accepted")
_WITH_RECEIPTS = [Channel.VOICE.value, Channel.SMS.value]

# Built once: they are asked again and again.
_COLUMNS = channel_deliveries.c
_DEAD_LETTERS = select(func.count(), func.min(_COLUMNS.ended_at)).where(
    _COLUMNS.state == _FAILED,
    _COLUMNS.ended_at > bindparam("after"),
    _COLUMNS.accepted_at.is_(None),
    _COLUMNS.cause.is_(None),  # else it is the number's fault
)
_NOT_TAKEN = (
    select(_COLUMNS.alert_id, func.count(), func.min(_COLUMNS.created_at))
    .join(alerts, alerts.c.id == _COLUMNS.alert_id)
    .where(
        alerts.c.state.in_([state.value for state in IN_FORCE]),
        alerts.c.held_at.is_(None),
        _COLUMNS.state == _QUEUED,
        _COLUMNS.attempts == 0,
        _COLUMNS.created_at <= bindparam("before"),
        _COLUMNS.not_before <= bindparam("soon"),
    )
    .group_by(_COLUMNS.alert_id)
)
_UNHEARD = (
    select(_COLUMNS.channel, func.count(), func.min(_COLUMNS.accepted_at))
    .where(
        _COLUMNS.state == _ACCEPTED,
        _COLUMNS.accepted_at > bindparam("after"),
        _COLUMNS.accepted_at <= bindparam("before"),
        _COLUMNS.channel.in_(_WITH_RECEIPTS),
    )
    .group_by(_COLUMNS.channel)
)


def under_way(connection: Connection) -> list[tuple[str, str, int]]:
    """How many calls of each channel wait to be sent or are being sent: channel, state, count."""
    columns = channel_deliveries.c
    found = []
    for state in (_QUEUED, _CLAIMED):
        query = (
            select(columns.channel, columns.state, func.count())
            .where(columns.state == state)
            .group_by(columns.channel, columns.state)
        )
        found += [(row[0], row[1], row[2]) for row in connection.execute(query)]
    return found


def dead_letters(connection: Connection, after: datetime) -> Waiting:
    """Calls given up since then that no channel took, though nothing is wrong with the number."""
    count, oldest = connection.execute(_DEAD_LETTERS, {"after": after}).one()
    return Waiting(count, oldest)


def not_taken(connection: Connection, before: datetime, now: datetime) -> Waiting:
    """Calls queued before then and never handed over, while their warning's others were not either.

    One that is long but moves is no trouble: a province's calls take minutes at a carrier's pace.
    Left out are numbers that must not ring again yet.
    """
    columns = channel_deliveries.c
    count, oldest = 0, None
    given = {"before": before, "soon": now + SOON}
    for alert_id, calls, since in connection.execute(_NOT_TAKEN, given):
        taken = select(columns.id).where(columns.alert_id == alert_id, columns.accepted_at > before)
        if connection.execute(taken.limit(1)).first() is None:
            count, oldest = count + calls, min(since, oldest or since)
    return Waiting(count, oldest)


def silent(connection: Connection, after: datetime, before: datetime) -> Waiting:
    """Calls of channels that took several between these times and told of none of them since.

    Where a provider never says that something arrived, silence means nothing.
    """
    columns = channel_deliveries.c
    count, oldest = 0, None
    for channel, calls, since in connection.execute(_UNHEARD, {"after": after, "before": before}):
        told = select(columns.id).where(
            columns.channel == channel, columns.accepted_at >= since, columns.state != _ACCEPTED
        )
        if calls >= SEVERAL and connection.execute(told.limit(1)).first() is None:
            count, oldest = count + calls, min(since, oldest or since)
    return Waiting(count, oldest)


def robots_refused(connection: Connection, after: datetime) -> Waiting:
    """Posts of group robots that no group got, given up since then, and not said after all."""
    count, oldest = connection.execute(_ROBOTS_REFUSED, {"after": after}).one()
    return Waiting(count, oldest)


_SAME_POST = ("alert_id", "robot", "kind", "version")
_later = robot_posts.alias("later")
_refused = (
    select(func.min(robot_posts.c.ended_at).label("first"))
    .where(
        robot_posts.c.state == _FAILED,
        robot_posts.c.ended_at > bindparam("after"),
        ~exists().where(
            *(_later.c[name] == robot_posts.c[name] for name in _SAME_POST),
            _later.c.state == constant("sent"),
            _later.c.id > robot_posts.c.id,
        ),
    )
    .group_by(*(robot_posts.c[name] for name in _SAME_POST))
    .subquery()
)
_ROBOTS_REFUSED = select(func.count(), func.min(_refused.c.first))


SOON = timedelta(minutes=1)
"""A channel that is out is tried again within so long."""

SEVERAL = 3
"""Of so many calls of a channel one is heard of: fewer may all have been switched off (ours)."""
