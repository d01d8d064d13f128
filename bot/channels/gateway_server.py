"""Takes a county gateway's reports and answers in, and gives calls out to one that fetches them.

Every request is signed, fresh and taken once; what it says is committed before it is answered. A
gateway that gets no answer, or a 503, says the same again: with the same ``event``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any

from aiohttp import web

from alerts.channels import gateway_store
from bot.channels.contract import (
    ANSWERS_PATH,
    CALLS_PATH,
    REPORTS_PATH,
    read_answer,
    read_report,
)
from bot.channels.fetching import calls_after
from bot.channels.hearing import take_answer, take_report
from bot.channels.signing import SignatureFault, Signed, check_signature
from bot.services.services import Services
from bot.web.doors import Door
from bot.web.listener import Listener
from data.database import Connection
from data.errors import InvalidInput, JiaoyingError, NotAllowed, NotFound, StoreError

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024  # bytes

Told = dict[str, Any]
Unit = Callable[[Connection], Told]


class GatewayServer:
    """Listens to one gateway. Make it in a running event loop; ``start`` it, ``stop`` it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settings = services.settings.channels.gateway
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_post(REPORTS_PATH, self._report)
        application.router.add_post(ANSWERS_PATH, self._answer)
        if self._settings.pull:
            application.router.add_get(CALLS_PATH, self._fetch)
        self._listener = Listener(application)

    async def start(self) -> None:
        """Listen, if the port is free: else calls are made, and answered by Telegram alone."""
        listen, port = self._settings.listen, self._settings.port
        await self._listener.start_when_free(listen, port, Door.GATEWAY, self._services.doors)

    async def stop(self) -> None:
        """Listen no more."""
        await self._listener.stop()

    async def _report(self, request: web.Request) -> web.Response:
        def unit(body: bytes, c: Connection) -> Told:
            return take_report(c, self._services, read_report(body), self._services.clock())

        return await self._taken(request, unit)

    async def _answer(self, request: web.Request) -> web.Response:
        def unit(body: bytes, c: Connection) -> Told:
            return take_answer(c, self._services, read_answer(body), self._services.clock())

        return await self._taken(request, unit)

    async def _fetch(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "")

        def unit(_body: bytes, c: Connection) -> Told:
            return calls_after(c, self._services, after, self._services.clock())

        return await self._taken(request, unit)

    async def _taken(
        self, request: web.Request, unit: Callable[[bytes, Connection], Told]
    ) -> web.Response:
        """Do what a signed request asks for, in one transaction with its nonce."""
        body, now = await request.read(), self._services.clock()
        secret = self._settings.secret.reveal()
        try:
            signed = check_signature(
                secret, request.method, request.raw_path, request.headers, body, now
            )
            told = await self._services.database.run(
                partial(_once, signed, partial(unit, body), now)
            )
        except NotAllowed as error:
            return _refused(error, 409 if error.code is SignatureFault.REPLAYED else 401)
        except InvalidInput as error:
            return _refused(error, 422)
        except NotFound as error:
            return _refused(error, 404)
        except StoreError as error:
            log.error("a gateway's request was not taken in: %s", error)
            return web.json_response({"error": "try_again"}, status=503)
        return web.json_response(told)


def _once(signed: Signed, unit: Unit, now: datetime, connection: Connection) -> Told:
    """Do what a request asks for, unless it was done.

    :raises NotAllowed: with ``SignatureFault.REPLAYED``.
    """
    if not gateway_store.first_time(connection, signed.nonce, signed.until, now):
        raise NotAllowed(SignatureFault.REPLAYED)
    return unit(connection)


def _refused(error: JiaoyingError, status: int) -> web.Response:
    """Why a request is refused; ``field``: of the body."""
    code = error.code.value if isinstance(error.code, Enum) else error.code
    told = {"error": code}
    if "field" in error.facts:
        told["field"] = error.facts["field"]
    return web.json_response(told, status=status)
