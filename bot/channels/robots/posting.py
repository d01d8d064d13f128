"""Lets the robots of groups speak: the work of a tick.

At each look a robot says one thing: its server takes 20 a minute, and a look is five seconds. What
was not taken is tried again for half an hour; what was taken and not noted is said twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import aiohttp

from alerts.channels import announcing, robot_store
from alerts.channels.robots import PostKind, PostState, RobotPost
from bot.channels.bodies import whole_body
from bot.channels.robots.by_apprise import post_by_apprise
from bot.channels.robots.wire import Brand, Heard, heard, longest_text, request
from bot.config.settings_channels import APPRISE, RobotSettings
from bot.messages.facts import Facts
from bot.messages.posts import late_calls
from bot.messages.silent_lists import silent_rows
from bot.services.services import Services
from bot.views.warnings.robot_post import NAMED, robot_chase, robot_over, robot_post
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

LANGUAGE = "zh"
"""Groups are of offices here, as in Telegram."""

ANSWER_SECONDS = 10.0
LONGEST_ANSWER = 64 * 1024  # bytes

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)
"""Until a post is tried again: doubled each time, within these (ours)."""

GIVE_UP_AFTER = timedelta(minutes=30)
"""For so long a post is tried (ours)."""

SECOND_LOOK = timedelta(minutes=1)
"""After a refusal; only another one is believed (ours)."""

_NO_BOT = 0  # nothing that only one bot knows is said here


class Looked(NamedTuple):
    """What one look found."""

    new: list[RobotPost]
    queued: bool


class RobotPosting:
    """The work of the tick that lets robots speak."""

    def __init__(self, services: Services) -> None:
        self._services = services
        settings = [robot for robot in services.settings.channels.robots if robot.url]
        self._settings = {robot.key: robot for robot in settings}
        self._robots = services.rules.warnings.robots

    def due(self, connection: Connection, now: datetime) -> Looked | None:
        """What is to be said; ``None``: nothing."""
        new = announcing.due(connection, self._robots, self._services.rules.warnings, now)
        queued = bool(robot_store.queued(connection, now))
        return Looked(new, queued) if new or queued else None

    async def send(self, looked: Looked, now: datetime) -> None:
        """Queue what is new, and say one thing by each robot."""
        database = self._services.database
        if looked.new:
            await database.run(lambda c: robot_store.add(c, looked.new, now))
        queued = await database.ask(lambda c: robot_store.queued(c, now))
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(self._say(session, post) for post in _first_of_each(queued)))

    async def _say(self, session: aiohttp.ClientSession, post: RobotPost) -> None:
        """Say one thing; whatever goes wrong concerns no other robot.

        They share the connections, which end with the first error that is raised.
        """
        said: Heard | None
        try:
            said, code = await self._said(session, post)
        except Exception as error:  # noqa: BLE001 - one bad post stops no other
            said, code = Heard.LATER, type(error).__name__  # its text may hold the webhook
            log.error("robot post %d could not be said: %s", post.id, code)
        try:
            await self._note(post, said, code)
        except StoreError as error:
            log.error("robot post %d is not noted and will be said again: %s", post.id, error)

    async def _said(
        self, session: aiohttp.ClientSession, post: RobotPost
    ) -> tuple[Heard | None, str]:
        """What the server said; ``None``: there is nothing to be said, or no robot any more."""
        robot = self._settings.get(post.robot)
        if robot is None:
            return None, ""
        text = await self._services.database.ask(partial(self._text, post, robot))
        if text is None:
            return None, ""
        return await self._post(session, robot, text, self._services.clock())

    async def _note(self, post: RobotPost, said: Heard | None, code: str) -> None:
        database, now = self._services.database, self._services.clock()
        if said is None:
            await database.run(lambda c: robot_store.ended(c, post.id, PostState.DROPPED, now))
        elif said is Heard.TAKEN:
            await database.run(lambda c: robot_store.ended(c, post.id, PostState.SENT, now))
        elif (said is Heard.LATER or not post.tries) and now - post.created_at < GIVE_UP_AFTER:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2**post.tries)
            wait = wait if said is Heard.LATER else SECOND_LOOK
            await database.run(lambda c: robot_store.put_back(c, post.id, now + wait))
        else:
            log.error("robot post %d was refused: %s", post.id, code)
            await database.run(lambda c: robot_store.ended(c, post.id, PostState.FAILED, now))

    async def _post(
        self, session: aiohttp.ClientSession, robot: RobotSettings, text: str, now: datetime
    ) -> tuple[Heard, str]:
        if robot.kind == APPRISE:
            return await post_by_apprise(robot.url.reveal(), text)
        secret = robot.secret.reveal()
        asked = request(Brand(robot.kind), robot.url.reveal(), secret, text, now)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with session.post(
                asked.url, data=asked.body, headers=headers, allow_redirects=False
            ) as answer:
                return heard(answer.status, await whole_body(answer, LONGEST_ANSWER))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Heard.LATER, type(error).__name__

    def _text(self, post: RobotPost, robot: RobotSettings, connection: Connection) -> str | None:
        """What is to be said; ``None``: it is not true any more."""
        facts = Facts(connection, self._services, self._services.clock(), _NO_BOT)
        alert = facts.alert_numbered(post.alert_id)
        if alert is None:
            return None
        place = facts.area(alert)
        if post.kind is PostKind.OVER:
            return robot_over(alert, place, LANGUAGE, facts.zone)
        # Queued before an outage it waits to be decided, as all; sent anew it is posted anew.
        if not alert.in_force or alert.held or facts.now - post.created_at >= GIVE_UP_AFTER:
            return None
        if post.kind is PostKind.POST:
            said = {message.number: message for message in facts.messages_of(alert.id)}
            last = said.get(alert.version) if alert.version > 1 else None
            by = alert.sender_id if last is None else last.by_id
            kinds = () if last is None else last.kinds
            return robot_post(alert, place, facts.signed_by(alert, by), LANGUAGE, kinds=kinds)
        late = late_calls(facts, alert, robot.division) if alert.chasing else []
        if not late:
            return None
        first = min(call.called_at for call in late)
        rows = silent_rows(facts, late[:NAMED], within=robot.division)
        minutes = int((facts.now - first).total_seconds() // 60)
        return robot_chase(
            alert,
            place,
            rows,
            LANGUAGE,
            total=len(late),
            minutes=minutes,
            longest=longest_text(robot.kind),
        )


def _first_of_each(posts: Iterable[RobotPost]) -> list[RobotPost]:
    first: dict[str, RobotPost] = {}
    for post in posts:
        first.setdefault(post.robot, post)
    return list(first.values())
