"""When the robots of groups in WeCom, Feishu and DingTalk speak, and of what. Pure.

They stand where a work group is not in Telegram. A robot says a warning once, names the silent of
its division when others stand in for them, and says once that the warning is over. It hears
nothing: whoever is called answers by their own channels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from alerts.model import Alert, Draft
from contacts.divisions.codes import contains
from contacts.groups import Purpose, purposes_for, tiers_above

POSTED_FOR = timedelta(minutes=30)
"""A warning that was released longer ago is not posted any more (ours): a robot that was down, or
was configured since, does not tell old news."""

ASKED_AGAIN = timedelta(minutes=10)
"""A robot that did not post a warning in force is tried again after this, until it does (ours)."""

CHASED_EVERY = timedelta(minutes=5)
"""Between two posts that name the silent of one warning in one group (ours)."""


class PostKind(Enum):
    """What a robot says."""

    POST = "post"  # the warning
    CHASE = "chase"  # names the silent
    OVER = "over"  # it was lifted, cancelled, has expired, or is no more for the group's division


class PostState(Enum):
    """What became of it."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # not true any more


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot in a group of a division.

    :param key: by which it is known here.
    :param kind: whose: wecom, feishu, dingtalk, apprise.
    """

    key: str
    division_code: str
    purpose: Purpose
    kind: str = ""


class RobotPost(NamedTuple):
    """One thing that a robot says."""

    id: int
    alert_id: int
    robot: str
    kind: PostKind
    state: PostState
    tries: int
    named: tuple[int, ...]  # the calls whose persons it names
    created_at: datetime
    version: int = 1  # of the warning, that it says


def hear_of(robots: Iterable[Robot], alert: Alert | Draft) -> list[Robot]:
    """The robots whose groups hear of a warning, as work groups in Telegram do."""
    wanted = purposes_for(Purpose(alert.hazard.family.value))
    above = tiers_above(alert.areas)
    return [
        robot
        for robot in robots
        if robot.purpose in wanted
        and (
            robot.division_code in above
            or any(contains(area, robot.division_code) for area in alert.areas)
        )
    ]


def posts_due(
    alert: Alert, robots: Iterable[Robot], said: Collection[RobotPost], now: datetime
) -> list[RobotPost]:
    """The posts of a warning in force that are due and were not queued yet.

    Each change is posted, too; and once, to a group that had it, that it is no more for it. What a
    robot was refused is tried again now and then: nobody tells us when it is mended.

    :param said: all that was said of it, or is to be said, in order.
    """
    times = [at for at in (alert.changed_at, alert.released_at) if at is not None]
    since = max(times, default=None)
    posts = {(post.robot, post.version): post for post in said if post.kind is PostKind.POST}
    refused = {
        robot
        for (robot, version), post in posts.items()
        if version == alert.version
        and post.state is PostState.FAILED
        and now - post.created_at > ASKED_AGAIN
    }
    again = [
        _new(alert.id, robot.key, PostKind.POST, now)._replace(version=alert.version)
        for robot in hear_of(robots, alert)
        if robot.key in refused
    ]
    if since is None or now - since > POSTED_FOR:
        return again
    released_at = alert.released_at or since  # later than a post: it was sent anew
    known = {key for key, post in posts.items() if post.created_at >= released_at}
    last = {post.robot: post.kind for post in said if post.kind is not PostKind.CHASE}
    told = {robot for robot, kind in last.items() if kind is PostKind.OVER}
    had = {
        post.robot for post in said if post.kind is PostKind.POST and post.state is PostState.SENT
    }
    hearing = [robot.key for robot in hear_of(robots, alert)]
    due = [
        _new(alert.id, key, PostKind.POST, now)._replace(version=alert.version)
        for key in hearing
        if (key, alert.version) not in known and key not in refused
    ]
    left = sorted(had - told - set(hearing))
    return again + due + [_new(alert.id, key, PostKind.OVER, now) for key in left]


def chase_due(
    alert: Alert, robot: Robot, late: Sequence[int], said: Collection[RobotPost], now: datetime
) -> RobotPost | None:
    """The post that names the silent of a robot's division, if somebody new is among them.

    :param late: the open calls there whose stand-ins were due already.
    """
    here = [post for post in said if post.robot == robot.key]
    chases = [post for post in here if post.kind is PostKind.CHASE]
    posted = any(post.kind is PostKind.POST and post.state is PostState.SENT for post in here)
    if not posted or any(now - post.created_at < CHASED_EVERY for post in chases):
        return None
    named = {call for post in chases for call in post.named}
    if not set(late) - named:
        return None
    return _new(alert.id, robot.key, PostKind.CHASE, now)._replace(named=tuple(late))


def over_due(posts: Iterable[RobotPost], now: datetime) -> list[RobotPost]:
    """That warnings are over, to the groups that had them."""
    return [_new(post.alert_id, post.robot, PostKind.OVER, now) for post in posts]


def _new(alert_id: int, robot: str, kind: PostKind, now: datetime) -> RobotPost:
    return RobotPost(0, alert_id, robot, kind, PostState.QUEUED, 0, (), now)
