"""What the handlers and the rendering share: the store, the rules, the geography, the sender."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from alerts.outbox.lanes import Lane
from alerts.rules import Rules
from bot.config.settings import Limits
from bot.runtime.geography import Geography
from bot.telegram.failures import Outcome
from bot.telegram.windows import time_to_finish
from contacts.divisions.gazetteer import Gazetteer
from data.database import Database

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries


class Sender(Protocol):
    """How a handler speaks; ``bot.telegram.dispatcher.Dispatcher`` is one."""

    async def say(
        self, method: str, payload: Mapping[str, Any], chat_id: int, lane: Lane = Lane.ANSWER
    ) -> Outcome:
        """Make a request in turn."""
        ...

    async def at_once(self, method: str, payload: Mapping[str, Any]) -> Outcome:
        """Make a request no limit counts."""
        ...


@dataclass(slots=True)
class Services:
    """What one bot works with; geography and readers are shared by all bots of the process."""

    database: Database
    rules: Rules
    limits: Limits
    clock: Callable[[], datetime]
    sender: Sender
    bot_id: int
    geography: Geography
    bot_username: str = ""
    settings: Any = None
    readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="reader")
    )

    @property
    def zone(self) -> tzinfo:
        """The zone times are shown in."""
        return self.rules.zone

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""
        return self.geography.gazetteer

    @property
    def boundaries(self) -> Boundaries:
        """The counties' boundaries, WGS-84."""
        return self.geography.boundaries

    def time_to_finish(self, persons: int, groups: int) -> float:
        """Seconds until a warning to so many chats has left, at today's pace."""
        return time_to_finish(persons, groups, self.limits)
