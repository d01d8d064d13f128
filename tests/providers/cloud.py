"""What the clouds of the tests share: a server that answers as planned, and tells us things."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

HANGS_UP = "hangs up"
TAKES_AND_HANGS_UP = "takes it and hangs up"
"""Planned in place of an error: the connection is closed without an answer."""


class Cloud:
    """One provider.

    :param clock: the story's.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.asked = 0  # requests that were to make a call, taken or not
        self.planned: deque[str] = deque()  # then everything is taken
        self.down = False
        self.callbacks = ""  # where it tells of calls: set by the story
        app = web.Application()
        self.routes(app.router)
        self.server = TestServer(app)

    def routes(self, router: web.UrlDispatcher) -> None:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def plan(self, *codes: str) -> None:
        self.planned.extend(codes)

    def next_plan(self) -> str:
        self.asked += 1
        return self.planned.popleft() if self.planned else ""

    def hang_up(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def post(
        self,
        path: str,
        *,
        told: Any = None,
        fields: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, str]:
        """Tell us something; returns the status and what we answered."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                self.callbacks + path, json=told, data=body or fields, headers=headers
            ) as answer,
        ):
            return answer.status, await answer.text()
