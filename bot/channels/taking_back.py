"""Tells a county's gateway of calls it holds that are not to be made: answered, or over."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from alerts.channels import take_back_store
from alerts.channels.take_back_store import HeldCall
from bot.channels.contract import BY_GATEWAY
from bot.channels.events import Handle
from bot.channels.gateway import GatewaySender, opened
from bot.config.settings_channels import GATEWAY
from bot.services.services import Services
from contacts.channels import Channel
from data.database import Connection

log = logging.getLogger(__name__)

AT_ONCE = 50
SECONDS = 1.0
"""Between two looks: whoever has answered is not to be rung a moment later."""

REST = timedelta(seconds=15)
"""Until a gateway that took none is asked again (ours)."""


class TakingBack:
    """The work of the tick that takes calls back from a gateway to which they are pushed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        channels = services.settings.channels
        self._channels = by_gateway(services)
        self._useless = not (channels.gateway.pushes and self._channels)
        self._rests_until: datetime | None = None

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether the gateway holds something that it is to be told of."""
        resting = self._rests_until is not None and now < self._rests_until
        return not (self._useless or resting) and bool(self._held(1, now, connection))

    async def tell(self, _due: bool, now: datetime) -> None:
        """Tell it; a gateway that knows no such request is not asked again."""
        held = await self._services.database.ask(partial(self._held, AT_ONCE, now))
        async with opened(self._services) as sender:
            for call in held:
                if not await self._take_back(sender, call):
                    self._rests_until = self._services.clock() + REST
                    return
                if self._useless:
                    return

    async def _take_back(self, sender: GatewaySender, call: HeldCall) -> bool:
        known = await sender.take_back(Handle(*call))
        if known is None:
            return False
        if not known:
            log.info("the gateway takes no calls back")
            self._useless = True
        now = self._services.clock()
        await self._services.database.run(
            lambda c: take_back_store.told(c, [call.delivery_id], now)
        )
        return True

    def _held(self, limit: int, now: datetime, connection: Connection) -> list[HeldCall]:
        return take_back_store.to_be_taken_back(connection, self._channels, now, limit)


def by_gateway(services: Services) -> list[Channel]:
    """The channels that a gateway serves."""
    provider = services.settings.channels.provider
    return [channel for channel in BY_GATEWAY if provider(channel) == GATEWAY]
