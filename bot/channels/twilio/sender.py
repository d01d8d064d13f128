"""Hands calls and SMS to Twilio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.channels.cloud import ask, cloud_session
from bot.channels.events import OutgoingCall
from bot.channels.sending import Outcome
from bot.channels.twilio.wire import outcome_of, request
from bot.config.settings_channels import ChannelsSettings
from bot.services.services import Services


class TwilioSender:
    """Makes requests to Twilio, in the name of one account.

    :param session: closed by whoever opened it.
    """

    def __init__(self, settings: ChannelsSettings, session: aiohttp.ClientSession) -> None:
        self._settings = settings.twilio
        self._callbacks = settings.callbacks.url
        self._session = session

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one call over."""
        reply = await ask(self._session, request(call, self._settings, self._callbacks))
        return reply if isinstance(reply, Outcome) else outcome_of(reply)


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[TwilioSender]:
    """A sender with connections of its own, for as long as there is something to send."""
    async with cloud_session() as session:
        yield TwilioSender(services.settings.channels, session)
