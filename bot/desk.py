"""What the handlers and the rendering share: the store, the rules, the places, the sender."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from alerts.lanes import Lane
from alerts.rules import Rules
from bot.config import Limits
from bot.telegram.failures import Outcome
from bot.telegram.windows import time_to_finish
from contacts.division_store import load_gazetteer
from contacts.divisions import Gazetteer
from data.database import Database

if TYPE_CHECKING:
    from data.geo import Boundaries


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
class Desk:
    """One bot's desk. Places are loaded when first asked for: start-up must be quick."""

    database: Database
    rules: Rules
    limits: Limits
    clock: Callable[[], datetime]
    sender: Sender
    bot_id: int
    load_boundaries: Callable[[], Boundaries]
    bot_username: str = ""
    settings: Any = None
    readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="reader")
    )
    _gazetteer: Gazetteer | None = None
    _boundaries: Boundaries | None = None
    _loading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def zone(self) -> tzinfo:
        """The zone times are shown in."""
        return self.rules.zone

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""
        if self._gazetteer is None:
            with self._loading:
                if self._gazetteer is None:
                    self._gazetteer = self.database.read(load_gazetteer)
        return self._gazetteer

    @property
    def boundaries(self) -> Boundaries:
        """The counties' boundaries, WGS-84."""
        if self._boundaries is None:
            with self._loading:
                if self._boundaries is None:
                    self._boundaries = self.load_boundaries()
        return self._boundaries

    def forget_places(self) -> None:
        """The divisions or boundaries were imported anew: load them again when asked."""
        self._gazetteer = None
        self._boundaries = None

    def time_to_finish(self, persons: int, groups: int) -> float:
        """Seconds until a warning to so many chats has left, at today's pace."""
        return time_to_finish(persons, groups, self.limits)
