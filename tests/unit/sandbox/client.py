"""A minimal bot: it calls one method and returns status and body."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.sandbox.bot_api import control
from bot.sandbox.bot_api.server import TOKEN, BotApiServer

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
WANG, LI, GROUP = 7, 8, -100


class Client:
    """Speaks to the sandbox's server as a bot does."""

    def __init__(self, server: BotApiServer, session: aiohttp.ClientSession, token: str) -> None:
        self.server = server
        self.session = session
        self.token = token

    async def status(self, method: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
        url = f"{self.server.base_url}/bot{self.token}/{method}"
        async with self.session.post(url, json=parameters) as response:
            return response.status, await response.json()

    async def call(self, method: str, **parameters: Any) -> Any:
        """The result of a call that must succeed."""
        status, body = await self.status(method, **parameters)
        assert status == 200, body
        return body["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        """Code and description of a call that must fail."""
        status, body = await self.status(method, **parameters)
        assert body["ok"] is False and body["error_code"] == status
        return f"{status} {body['description']}"


@asynccontextmanager
async def sandbox(token: str = TOKEN, **options: Any) -> AsyncIterator[tuple[BotApiServer, Client]]:
    """A server with two people who have started, and a group with both and the bot."""
    options.setdefault("clock", lambda: NOON)
    options.setdefault("app_extensions", (control.add_routes,))
    async with BotApiServer(**options) as server, aiohttp.ClientSession() as session:
        server.people.add_user(WANG, "王芳", username="wang", phone="+8613900000007")
        server.people.add_user(LI, "李强", phone="+8613900000008")
        server.groups.add_group(GROUP, "敦化防汛", [WANG, LI], kind="group")
        server.started_with_everybody()
        yield server, Client(server, session, token)
