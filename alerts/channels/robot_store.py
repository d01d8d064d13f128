"""What robots said, or are to say, in groups of other channels, as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from alerts.channels.robots import PostKind, PostState, Robot, RobotPost
from alerts.escalation import Step
from alerts.model import State
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, calls
from data.tables.channels import robot_posts as table
from data.tables.columns import constant

SILENT_FOR = timedelta(days=7)
"""So long after its last post failed a robot counts as one that no group hears (ours): later nobody
knows, and with the next warning it is tried."""

MOST_NAMED = 500
"""Calls whose persons one post is about, at most: it names the first of them."""

_COLUMNS = [table.c[name] for name in RobotPost._fields]
_QUEUED, _FAILED = constant(PostState.QUEUED.value), constant(PostState.FAILED.value)
_ENDED = [state.value for state in (State.LIFTED, State.CANCELLED, State.EXPIRED)]


def of_alerts(connection: Connection, alert_ids: Iterable[int]) -> list[RobotPost]:
    """What was said, or is to be said, of these warnings, in order."""
    query = select(*_COLUMNS).where(table.c.alert_id.in_(GIVEN_IDS)).order_by(table.c.id)
    rows = connection.execute(query, {"ids": as_json(alert_ids)})
    return [_post(row) for row in rows]


def ended_unsaid(connection: Connection, since: datetime) -> list[RobotPost]:
    """Posts of warnings that are over by now, where the group was not told so.

    :param since: what was posted before then nobody remembers.
    """
    told = table.alias("told")
    over = exists().where(
        told.c.alert_id == table.c.alert_id,
        told.c.robot == table.c.robot,
        told.c.kind == PostKind.OVER.value,
        # Left out once, a group whose area came back has a post since.
        told.c.id > table.c.id,
    )
    query = (
        select(*_COLUMNS)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(
            table.c.kind == PostKind.POST.value,
            table.c.state == PostState.SENT.value,
            table.c.created_at > since,
            alerts.c.state.in_(_ENDED),
            ~over,
        )
        .order_by(table.c.id)
    )
    return [_post(row) for row in connection.execute(query)]


def late_calls(connection: Connection, alert_id: int, low: str, high: str) -> list[int]:
    """The open calls of the divisions in ``[low, high]`` whose stand-ins were due already."""
    query = (
        select(calls.c.id)
        .where(
            calls.c.alert_id == alert_id,
            calls.c.state == constant("waiting"),
            calls.c.division_code.between(low, high),
            calls.c.steps.bitwise_and(int(Step.STAND_IN)) != 0,
        )
        .order_by(calls.c.division_code, calls.c.id)
        .limit(MOST_NAMED)
    )
    return list(connection.execute(query).scalars())


def falling_silent(connection: Connection, robots: Iterable[Robot], now: datetime) -> list[Robot]:
    """Of these robots those whose last post no group got lately, tried again and again."""
    last_failed = select(table.c.robot, func.max(table.c.id).label("id")).where(
        table.c.state == constant(PostState.FAILED.value), table.c.ended_at > now - SILENT_FOR
    )
    failed = dict(connection.execute(last_failed.group_by(table.c.robot)).all())  # hardly ever any
    if not failed:
        return []
    said = select(table.c.robot, func.max(table.c.id).label("id")).where(
        table.c.state == constant(PostState.SENT.value), table.c.robot.in_(failed)
    )
    since = dict(connection.execute(said.group_by(table.c.robot)).all())
    return [robot for robot in robots if failed.get(robot.key, 0) > since.get(robot.key, 0)]


def add(connection: Connection, posts: Iterable[RobotPost], now: datetime) -> None:
    """Queue these, unless the same was queued since they were thought of."""
    for post in posts:
        same: list[ColumnElement[bool]] = [
            table.c.alert_id == post.alert_id,
            table.c.robot == post.robot,
            table.c.kind == post.kind.value,
        ]
        if post.kind is PostKind.CHASE:
            same.append(table.c.state == _QUEUED)
        if post.kind is PostKind.OVER:
            same.append(table.c.id > _last_post(post))
        if post.kind is PostKind.POST:
            same += [table.c.version == post.version, table.c.state != _FAILED]
        if connection.execute(select(table.c.id).where(*same).limit(1)).first() is None:
            values = {
                "alert_id": post.alert_id,
                "robot": post.robot,
                "kind": post.kind.value,
                "state": PostState.QUEUED.value,
                "not_before": now,
                "named": list(post.named),
                "created_at": now,
                "version": post.version,
            }
            connection.execute(insert(table).values(values))


def _last_post(post: RobotPost) -> ScalarSelect[int]:
    said = table.alias("said")
    query = select(func.coalesce(func.max(said.c.id), 0)).where(
        said.c.alert_id == post.alert_id,
        said.c.robot == post.robot,
        said.c.kind == PostKind.POST.value,
    )
    return query.scalar_subquery()


def queued(connection: Connection, now: datetime) -> list[RobotPost]:
    """What is to be said now, oldest first."""
    query = select(*_COLUMNS).where(table.c.state == _QUEUED, table.c.not_before <= now)
    return [_post(row) for row in connection.execute(query.order_by(table.c.id).limit(1000))]


def put_back(connection: Connection, post_id: int, not_before: datetime) -> None:
    """It was not taken: it is tried again."""
    _change(connection, post_id, {"not_before": not_before, "tries": table.c.tries + 1})


def ended(connection: Connection, post_id: int, state: PostState, now: datetime) -> None:
    """It was said, or never will be."""
    _change(connection, post_id, {"state": state.value, "ended_at": now})


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether anything was queued before then."""
    return connection.execute(_old(before).limit(1)).first() is not None


def forget(connection: Connection, before: datetime) -> None:
    """Forget what was queued before then."""
    connection.execute(delete(table).where(table.c.created_at < before))


def _old(before: datetime) -> Any:
    return select(table.c.id).where(table.c.created_at < before)


def _change(connection: Connection, post_id: int, changes: Mapping[str, Any]) -> None:
    which = and_(table.c.id == post_id, table.c.state == _QUEUED)
    connection.execute(update(table).where(which).values(changes))


def _post(row: Any) -> RobotPost:
    made = RobotPost(*row)
    named: Collection[int] = made.named
    return made._replace(kind=PostKind(made.kind), state=PostState(made.state), named=tuple(named))
