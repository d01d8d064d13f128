"""Updates pushed by Telegram: checked by their secret, committed, then answered."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping

import orjson
from aiohttp import web

from bot.config.settings import WebhookSettings
from bot.telegram.intake import Intake
from bot.web.deadlines import Deadlines
from bot.web.doorway import open_site
from data.errors import StoreError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_CONNECTIONS = 500  # Telegram makes a hundred at most; a proxy keeps some of its own
LARGEST_UPDATE = 1024 * 1024  # bytes


class Webhook:
    """The HTTP server that Telegram pushes updates to; it stands behind a TLS proxy."""

    def __init__(self, settings: WebhookSettings, intakes: Mapping[str, Intake]) -> None:
        """``intakes``: by path, one for each bot."""
        self._settings = settings
        self._intakes = intakes
        application = web.Application(client_max_size=LARGEST_UPDATE)
        for path in intakes:
            application.router.add_post(path, self._receive)
        self._deadlines = Deadlines(application, most=MOST_CONNECTIONS)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._looking: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen; and look after what other processes that listen took in, should they die."""
        await self._runner.setup()
        await open_site(self._runner, self._settings.listen, self._settings.port)
        self._deadlines.start(self._runner)
        loop = asyncio.get_running_loop()
        self._looking = [
            loop.create_task(intake.look_after_others()) for intake in self._intakes.values()
        ]

    async def stop(self) -> None:
        """Stop listening."""
        for looking in self._looking:
            looking.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        await self._deadlines.stop()
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        # Bytes that are no UTF-8 come as lone surrogates, which a plain encode() refuses.
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        secret = self._settings.secret_token.reveal().encode()
        if not secret or not hmac.compare_digest(given, secret):
            return web.Response(status=403)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        try:
            await self._intakes[request.path].accept([update])
        except StoreError as error:
            # Not 2xx: Telegram sends it again.
            log.error("update not taken in: %s", error)
            return web.Response(status=503)
        return web.Response()
