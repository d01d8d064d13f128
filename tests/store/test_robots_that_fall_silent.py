"""Robots whose last post no group got: until one is, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.channels import robot_store
from alerts.channels.robots import PostKind, PostState, Robot, RobotPost
from contacts.groups import Purpose
from data.database import Connection, Database
from tests.called_by_channels import at, warn
from tests.roster import COUNTY

pytestmark = pytest.mark.both_databases

HERE = Robot("r", COUNTY, Purpose.ALL, "wecom")


def posted(database: Database, minutes: float, state: PostState, version: int) -> None:
    alert_id = warn(database, minutes)

    def unit(c: Connection) -> None:
        made = RobotPost(
            0, alert_id, "r", PostKind.POST, PostState.QUEUED, 0, (), at(minutes), version
        )
        robot_store.add(c, [made], at(minutes))
        [waits] = robot_store.queued(c, at(minutes))
        robot_store.ended(c, waits.id, state, at(minutes))

    database.do(unit)


def test_a_robot_that_failed_is_named_until_it_posts_or_nobody_knows_any_more(
    database: Database,
) -> None:
    def silent(minutes: float) -> list[Robot]:
        other = Robot("other", COUNTY, Purpose.ALL)
        return database.read(lambda c: robot_store.falling_silent(c, [HERE, other], at(minutes)))

    assert silent(0) == []
    posted(database, 0, PostState.FAILED, 1)
    week = robot_store.SILENT_FOR / timedelta(minutes=1)
    assert silent(week - 1) == [HERE]
    assert silent(week + 1) == []
    posted(database, 5, PostState.FAILED, 2)
    posted(database, 6, PostState.SENT, 3)
    assert silent(7) == []
