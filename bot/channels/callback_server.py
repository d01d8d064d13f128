"""Where clouds tell us what became of calls, and of answers: one server for all of them.

Each provider's folder has its own handlers, which check who asks. What a handler cannot write now
is answered 503: the cloud says it again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.config.settings_channels import CallbacksSettings
from bot.web.doors import Door, Doors
from bot.web.listener import Listener
from data.errors import StoreError

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024  # bytes


class CallbackServer:
    """Listens to clouds. Make it in a running event loop; ``start`` it, ``stop`` it."""

    def __init__(
        self, settings: CallbacksSettings, routes: Sequence[web.RouteDef], doors: Doors
    ) -> None:
        self._settings, self._doors = settings, doors
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[_again_if_lost])
        application.add_routes(routes)
        self._listener = Listener(application)

    async def start(self) -> None:
        """Listen, if the port is free: else calls are made, and answered by Telegram alone."""
        listen, port = self._settings.listen, self._settings.port
        await self._listener.start_when_free(listen, port, Door.CALLBACKS, self._doors)

    async def stop(self) -> None:
        """Listen no more."""
        await self._listener.stop()

    @property
    def port(self) -> int | None:
        """The port it listens on; ``None``: none."""
        return self._listener.port


@web.middleware
async def _again_if_lost(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except StoreError as error:
        log.error("what a provider told was not taken in: %s", error)
        return web.Response(status=503)
