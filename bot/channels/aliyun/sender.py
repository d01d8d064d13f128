"""Hands calls and SMS to Aliyun."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp

from bot.channels.aliyun.wire import outcome_of, request
from bot.channels.cloud import ask, cloud_session
from bot.channels.events import OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.config.settings_clouds import AliyunSettings
from bot.services.services import Services


class AliyunSender:
    """Makes signed requests to both of Aliyun's services.

    :param session: closed by whoever opened it.
    """

    def __init__(
        self,
        settings: AliyunSettings,
        session: aiohttp.ClientSession,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one call over."""
        made = request(call, self._settings, self._clock(), secrets.token_hex(16))
        if made is None:
            return Outcome(Result.REFUSED)
        reply = await ask(self._session, made)
        return reply if isinstance(reply, Outcome) else outcome_of(reply)


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[AliyunSender]:
    """A sender with connections of its own, for as long as there is something to send."""
    async with cloud_session() as session:
        yield AliyunSender(services.settings.channels.aliyun, session, services.clock)
