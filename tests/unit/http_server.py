"""A small HTTP server for the tests of sending to Telegram: it answers as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestServer

SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
TOKEN = f"123456789:{SECRET}"
MESSAGE = {"message_id": 5, "date": 1790000000, "chat": {"id": 1, "type": "private"}}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers every method as the test says, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.content_types: list[str] = []
        self.arrived = asyncio.Event()
        self.release = asyncio.Event()
        self.answer: Handler = self.succeed
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.http = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.http.make_url("")).rstrip("/")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, await request.read()))
        self.content_types.append(request.content_type)
        self.arrived.set()
        return await self.answer(request)

    async def succeed(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "result": MESSAGE})

    async def hang(self, request: web.Request) -> web.StreamResponse:
        await self.release.wait()
        return await self.succeed(request)

    async def hang_up(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    def refuse(self, status: int, description: str, **parameters: int) -> None:
        async def answer(_request: web.Request) -> web.StreamResponse:
            body = {"ok": False, "error_code": status, "description": description}
            return web.json_response({**body, "parameters": parameters}, status=status)

        self.answer = answer

    def echo_page(self, status: int) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, text=f"<html>{request.path} is not here</html>")

        self.answer = answer
