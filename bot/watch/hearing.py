"""The Bot API with an ear: remembers when Telegram last answered a poll."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.telegram.bot_api import API, BotApi
from bot.telegram.failures import Outcome
from bot.telegram.transport import Connections


class HearingApi(BotApi):
    """``heard_at`` is ``None`` until the first answer, and while nobody polls."""

    __slots__ = ("_clock", "heard_at")

    def __init__(
        self,
        connections: Connections,
        token: str,
        base_url: str = API,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(connections, token, base_url)
        self._clock = clock
        self.heard_at: datetime | None = None

    async def poll(self, payload: Mapping[str, Any], *, seconds: float) -> Outcome:
        """As ``BotApi.poll``."""
        try:
            outcome = await super().poll(payload, seconds=seconds)
        except asyncio.CancelledError:
            self.heard_at = None  # its updates are not ours any more
            raise
        if outcome.ok:
            self.heard_at = self._clock()
        return outcome
