"""Hands SMS to Tencent Cloud."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp

from bot.channels.cloud import ask, cloud_session
from bot.channels.events import OutgoingCall
from bot.channels.sending import Outcome
from bot.channels.tencent.wire import outcome_of, request
from bot.config.settings_clouds import TencentSettings
from bot.services.services import Services


class TencentSender:
    """Makes signed requests to Tencent Cloud.

    :param session: closed by whoever opened it.
    """

    def __init__(
        self,
        settings: TencentSettings,
        session: aiohttp.ClientSession,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one SMS over."""
        reply = await ask(self._session, request(call, self._settings, self._clock()))
        return reply if isinstance(reply, Outcome) else outcome_of(reply)


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[TencentSender]:
    """A sender with connections of its own, for as long as there is something to send."""
    async with cloud_session() as session:
        yield TencentSender(services.settings.channels.tencent, session, services.clock)
