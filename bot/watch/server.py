"""The small server for monitors, on loopback: ``/metrics`` and ``/healthz``.

A second process on the machine finds the port taken: it says so and works on without one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import orjson
from aiohttp import web

from bot.config.settings_watch import WatchSettings
from bot.services.async_database import AsyncDatabase
from bot.watch.health import HealthCheck
from bot.watch.vitals import Vitals
from bot.web.listener import Listener

log = logging.getLogger(__name__)


class WatchServer:
    """Answers monitors. Make it in a running event loop, ``start`` it, ``stop`` it."""

    def __init__(
        self,
        settings: WatchSettings,
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        vitals: Callable[[], Vitals],
        health: HealthCheck,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._health = health
        self._listener: Listener | None = None

    async def start(self) -> None:
        """Listen, if a port is set and free."""
        if not self._settings.port:
            return
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        listener = Listener(application)
        listen, port = self._settings.listen, self._settings.port
        try:
            await listener.start(listen, port)
        except OSError as error:
            log.warning("no /metrics and /healthz: %s:%d: %s", listen, port, error.strerror)
            return
        self._listener = listener

    async def stop(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None

    @property
    def listening(self) -> bool:
        """Whether it got its port."""
        return self._listener is not None

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Imported with the first scrape: after a restart no warning waits for it.
        from prometheus_client import CONTENT_TYPE_LATEST

        from bot.watch.metrics import exposition

        body = await exposition(self._database, self._vitals(), self._clock())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _request: web.Request) -> web.Response:
        health = await self._health.check()
        told = {
            "ok": health.ok,
            "reasons": [complaint.words for complaint in health.complaints],
            "codes": [complaint.ailment.value for complaint in health.complaints],
            "findings": [finding.value for finding in health.worst],
        }
        return web.Response(
            status=200 if health.ok else 503,
            body=orjson.dumps(told),
            content_type="application/json",
        )
