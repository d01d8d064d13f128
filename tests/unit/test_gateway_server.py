"""The server that takes a gateway's reports and answers in."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.gateway_server import GatewayServer
from bot.config.settings_channels import ChannelsSettings, GatewaySettings
from bot.web.doors import Doors


async def test_a_port_that_is_taken_stops_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Telegram's warnings go out, and the log says why no answer of the gateway comes in."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        channels = ChannelsSettings(gateway=GatewaySettings(port=port))
        services: Any = SimpleNamespace(settings=SimpleNamespace(channels=channels), doors=Doors())
        server = GatewayServer(services)
        await server.start()
        await server.stop()
    assert services.doors.shut == [("gateway", port)]
    assert f"127.0.0.1:{port}" in caplog.text
