"""Which provider serves which channel: the one list of them.

A row is added here for each; its folder is loaded when an office uses it, and not before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from bot.channels.sending import ChannelSending, Sender
from bot.channels.spent_cards import CardSender, SpentCards
from bot.config.settings_channels import GATEWAY
from bot.services.services import Services
from contacts.channels import Channel

if TYPE_CHECKING:
    from bot.channels.dingtalk.sender import DingtalkSender
    from bot.channels.feishu.sender import FeishuSender
    from bot.channels.wecom.sender import WecomSender

log = logging.getLogger(__name__)

REST_SECONDS = 10.0
"""Until a connection that failed of itself is opened again (ours)."""

Opened = Callable[[Services], AbstractAsyncContextManager[Sender]]
CardsOpened = Callable[[Services], AbstractAsyncContextManager[CardSender]]


class LongConnection(Protocol):
    """A connection that we open to a provider, by which it tells us of answers."""

    @property
    def name(self) -> str:
        """Whose: for the log."""

    @property
    def stands(self) -> bool:
        """Whether it is connected now."""

    async def run(self) -> None:
        """Take in what comes until cancelled; a connection that is lost is opened again."""


# -- the rows: by the name of the provider, as its table of the settings has it ------------------


def _gateway() -> Opened:
    from bot.channels.gateway import opened

    return opened


def _wecom() -> Callable[[Services], AbstractAsyncContextManager[WecomSender]]:
    from bot.channels.wecom.sender import Remembered, opened

    return partial(opened, Remembered())


def _wecom_routes(services: Services) -> list[web.RouteDef]:
    from bot.channels.wecom.callbacks import routes

    return routes(services)


def _feishu() -> Callable[[Services], AbstractAsyncContextManager[FeishuSender]]:
    from bot.channels.feishu.sender import Opening

    return Opening()


def _dingtalk() -> Callable[[Services], AbstractAsyncContextManager[DingtalkSender]]:
    from bot.channels.dingtalk.sender import Opening

    return Opening()


def _feishu_connection(services: Services) -> LongConnection:
    from bot.channels.feishu.connection import connection

    return connection(services)


def _dingtalk_connection(services: Services) -> LongConnection:
    from bot.channels.dingtalk.connection import connection

    return connection(services)


def _email() -> Opened:
    from bot.channels.email.sender import opened

    return opened


def _aliyun() -> Opened:
    from bot.channels.aliyun.sender import opened

    return opened


def _aliyun_routes(services: Services) -> list[web.RouteDef]:
    from bot.channels.aliyun.callbacks import routes

    return routes(services)


def _aliyun_queues(services: Services) -> LongConnection | None:
    from bot.channels.aliyun.connection import AliyunQueues

    return AliyunQueues(services) if services.settings.channels.aliyun.queues else None


def _tencent() -> Opened:
    from bot.channels.tencent.sender import opened

    return opened


def _tencent_routes(services: Services) -> list[web.RouteDef]:
    from bot.channels.tencent.callbacks import routes

    return routes(services)


def _twilio() -> Opened:
    from bot.channels.twilio.sender import opened

    return opened


def _twilio_routes(services: Services) -> list[web.RouteDef]:
    from bot.channels.twilio.callbacks import routes

    return routes(services)


_SENDERS: Mapping[str, Callable[[], Opened]] = {
    GATEWAY: _gateway,
    Channel.EMAIL.value: _email,
    Channel.WECOM.value: _wecom,
    Channel.FEISHU.value: _feishu,
    Channel.DINGTALK.value: _dingtalk,
    "aliyun": _aliyun,
    "tencent": _tencent,
    "twilio": _twilio,
}
"""What hands calls over."""

_CARDS: Mapping[Channel, Callable[[], CardsOpened]] = {
    Channel.WECOM: _wecom,
    Channel.FEISHU: _feishu,
    Channel.DINGTALK: _dingtalk,
}
"""What changes a card that was sent."""

_RINGS_TWICE = frozenset({"aliyun", "tencent", "twilio"})
"""Who makes a call twice that is handed over twice, though by one name."""

_ROUTES: Mapping[str, Callable[[Services], list[web.RouteDef]]] = {
    Channel.WECOM.value: _wecom_routes,
    "aliyun": _aliyun_routes,
    "tencent": _tencent_routes,
    "twilio": _twilio_routes,
}
"""Where clouds tell us of calls and answers."""

_CONNECTIONS: Mapping[str, Callable[[Services], LongConnection | None]] = {
    Channel.FEISHU.value: _feishu_connection,
    Channel.DINGTALK.value: _dingtalk_connection,
    "aliyun": _aliyun_queues,
}
"""What we keep open to those who tell us without a public address of ours."""


# -- what is made of them ------------------------------------------------------------------------


def channel_sendings(services: Services) -> tuple[ChannelSending, ...]:
    """What hands calls over, for each channel that can be used: none waits for another."""
    channels = services.settings.channels
    sendings = []
    for channel in channels.served:
        pace = channels.per_second(channel)
        sender = _SENDERS.get(channels.provider(channel))
        if sender is None or pace is None:
            continue
        opened = partial(sender(), services)
        known = channels.provider(channel) not in _RINGS_TWICE
        sendings.append(ChannelSending(services, channel, opened, pace, known_again=known))
    return tuple(sendings)


def spent_cards(services: Services) -> tuple[SpentCards, ...]:
    """What takes the buttons off cards that answer nothing any more."""
    channels = services.settings.channels
    return tuple(
        SpentCards(services, channel, partial(_CARDS[channel](), services), pace)
        for channel in channels.served
        if channel in _CARDS and (pace := channels.per_second(channel)) is not None
    )


def callback_routes(services: Services) -> list[web.RouteDef]:
    """Where the clouds in use tell us of calls and answers."""
    used = services.settings.channels.uses
    return [route for name, routes in _ROUTES.items() if used(name) for route in routes(services)]


def long_connections(services: Services) -> list[LongConnection]:
    """The connections to be kept open to providers in use."""
    used = services.settings.channels.uses
    opened = [made(services) for name, made in _CONNECTIONS.items() if used(name)]
    return [connection for connection in opened if connection is not None]


async def kept_open(connection: LongConnection) -> None:
    """Run a connection until cancelled, and again after whatever ends it."""
    while True:
        try:
            await connection.run()
            log.warning("%s: the connection ended", connection.name)
        except Exception:
            log.exception("%s: the connection failed", connection.name)
        await asyncio.sleep(REST_SECONDS)
