"""What robots are to say now, looked for in the state of the warnings: nothing waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts import alert_store
from alerts.channels import queue_store, robot_store
from alerts.channels.robots import Robot, RobotPost, chase_due, hear_of, over_due, posts_due
from alerts.model import IN_FORCE
from alerts.restored import restored_lately
from alerts.rules import Rules
from alerts.validity import chased, in_force
from contacts.divisions.codes import code_range
from data.database import Connection

KEPT = timedelta(days=30)
"""For so long what robots said is remembered (ours)."""


def due(
    connection: Connection, robots: Sequence[Robot], rules: Rules, now: datetime
) -> list[RobotPost]:
    """What robots are to say and was not queued yet; only reads."""
    if not robots or restored_lately(connection, now):
        return []
    unfinished = queue_store.unfinished(connection)
    alerts = [
        alert
        for alert in alert_store.alerts(connection, *IN_FORCE, limit=1000)
        if in_force(alert, now) and alert.held_at is None and alert.id not in unfinished
    ]
    said: dict[int, list[RobotPost]] = {alert.id: [] for alert in alerts}
    for post in robot_store.of_alerts(connection, said):
        said[post.alert_id].append(post)
    found = over_due(robot_store.ended_unsaid(connection, now - KEPT), now)
    for alert in alerts:
        found += posts_due(alert, robots, said[alert.id], now)
        if rules.policies[alert.level].stand_in is None or not chased(alert, now):
            continue
        for robot in hear_of(robots, alert):
            late = robot_store.late_calls(connection, alert.id, *code_range(robot.division_code))
            chase = chase_due(alert, robot, late, said[alert.id], now) if late else None
            if chase is not None:
                found.append(chase)
    return found
