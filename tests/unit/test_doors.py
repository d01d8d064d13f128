"""A server whose port is another program's is told, and listens once it is free."""

from __future__ import annotations

import socket

import pytest
from aiohttp import web

from bot.web import listener
from bot.web.doors import Door, Doors
from bot.web.listener import Listener
from tests.waiting import until


async def test_a_taken_port_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "AGAIN_SECONDS", 0.01)
    doors, door = Doors(), Listener(web.Application())
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        await door.start_when_free("127.0.0.1", port, Door.PAGE, doors)
        assert not door.listening and doors.shut == [("page", port)]
    await until(lambda: door.listening)
    assert door.port == port and doors.shut == []
    await door.stop()


async def test_a_server_that_never_could_listen_stops() -> None:
    doors, door = Doors(), Listener(web.Application())
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        await door.start_when_free("127.0.0.1", other.getsockname()[1], Door.GATEWAY, doors)
        await door.stop()
        assert not door.listening and doors.shut
