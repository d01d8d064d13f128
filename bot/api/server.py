"""The API's web server, ``/api/v1``: who asks is known first, then what is asked is done.

It listens on loopback; a proxy with TLS stands before it. Every request is checked anew against
the roster. Nothing here is stored by a browser or a proxy.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from alerts.publishing.model import RequestProblem
from bot.api import acting, changing, drafts, events, publishing, reading, waiting
from bot.api.answers import refused
from bot.api.bearer import Bearer, Bearers
from bot.services.async_database import AsyncDatabase
from bot.services.services import Services
from bot.web.doors import Door
from bot.web.listener import Listener
from bot.web.safe_headers import SAFE_HEADERS
from data.errors import InvalidInput, JiaoyingError, NotFound, StoreError

log = logging.getLogger(__name__)

BASE = "/api/v1"

LARGEST_BODY = 512 * 1024
"""Bytes; a warning with a drawing of some thousand corners has a tenth (ours)."""

ByAnybody = Callable[[Services, Bearer | None, web.Request], Awaitable[web.StreamResponse]]
ByBearer = Callable[[Services, Bearer, web.Request], Awaitable[web.StreamResponse]]


class ApiServer:
    """Listens to other systems. Make it in a running event loop; ``start`` it, ``stop`` it."""

    def __init__(self, services: Services) -> None:
        # Readers of its own: a system that reads all warnings holds up no tap.
        self._database = AsyncDatabase(services.database.blocking, readers=2, name="api")
        self._services = services = replace(services, database=self._database)
        self._bearers = Bearers(services)
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[_as_json])
        application.on_response_prepare.append(_add_headers)
        application.add_routes(self.routes())
        self._listener = Listener(application)

    def routes(self) -> list[web.RouteDef]:
        """Every path; docs/api.openapi.yaml has the same, which a test holds it to."""
        get, post = web.get, web.post
        named = [
            get("/token", self._by_bearer(reading.own_token)),
            get("/alerts", self._by_bearer(reading.alerts)),
            get("/alerts/{alert}", self._by_bearer(reading.alert)),
            get("/alerts/{alert}/calls", self._by_bearer(reading.calls)),
            get("/alerts/{alert}/silent", self._by_bearer(reading.silent)),
            get("/alerts/{alert}/messages", self._by_bearer(publishing.messages)),
            get(publishing.FEED_PATH, self._published(publishing.atom)),
            get(events.FEED_PATH, self._by_bearer(events.events)),
            get("/cap/{identifier}.xml", self._published(publishing.cap)),
            get("/sources", self._by_bearer(reading.sources)),
            get("/waiting", self._by_bearer(waiting.waiting)),
            get("/changes/{change}", self._by_bearer(waiting.change)),
            post("/alerts/preview", self._by_bearer(_previewed)),
            post("/alerts", self._by_bearer(acting.release_by_api)),
            post("/alerts/{alert}/changes/preview", self._by_bearer(changing.preview_change)),
            post("/alerts/{alert}/changes", self._by_bearer(changing.change_by_api)),
            post("/alerts/{alert}/lift", self._by_bearer(changing.lift_by_api)),
            post("/alerts/{alert}/cancel", self._by_bearer(changing.cancel_by_api)),
            post("/alerts/{alert}/confirm", self._by_bearer(waiting.confirm_release)),
            post("/alerts/{alert}/withdraw", self._by_bearer(waiting.withdraw_release)),
            post("/changes/{change}/confirm", self._by_bearer(waiting.confirm_the_change)),
            post("/changes/{change}/withdraw", self._by_bearer(waiting.withdraw_the_change)),
            post("/drafts/{draft}/release", self._by_bearer(drafts.release_draft)),
            post("/drafts/{draft}/dismiss", self._by_bearer(drafts.dismiss_draft)),
        ]
        return [replace_path(route) for route in named]

    async def start(self) -> None:
        """Listen, if the port is free: warnings go out with or without it."""
        settings = self._services.settings.api
        await self._listener.start_when_free(
            settings.listen, settings.port, Door.API, self._services.doors
        )

    async def stop(self) -> None:
        """Listen no more."""
        await self._listener.stop()
        self._database.close()

    @property
    def port(self) -> int | None:
        """The port it listens on; ``None``: none."""
        return self._listener.port

    def _published(self, answer: ByAnybody) -> Handler:
        """Read with a token; without one, too, where the office leaves the feed open."""

        async def handler(request: web.Request) -> web.StreamResponse:
            open_feed = self._services.settings.api.open_feed
            bearer = None
            if open_feed and "Authorization" not in request.headers:
                self._bearers.admit_anybody(request)
            else:
                bearer = await self._bearers.of(request)
            return await answer(self._services, bearer, request)

        return handler

    def _by_bearer(self, answer: ByBearer) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            bearer = await self._bearers.of(request)
            return await answer(self._services, bearer, request)

        return handler


async def _previewed(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    return await acting.preview_release(services, bearer, await request.read())


def replace_path(route: web.RouteDef) -> web.RouteDef:
    """The same route under ``BASE``."""
    return web.RouteDef(route.method, BASE + route.path, route.handler, route.kwargs)


@web.middleware
async def _as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal as JSON; what goes wrong in us says nothing of us."""
    try:
        return await handler(request)
    except StoreError as error:
        log.error("the API could not answer: %s", error)
        return refused(error)
    except JiaoyingError as error:
        return refused(error)
    except web.HTTPRequestEntityTooLarge:
        answer = refused(InvalidInput(RequestProblem.TOO_LARGE))
    except web.HTTPMethodNotAllowed as error:
        answer = refused(InvalidInput(RequestProblem.NO_SUCH_METHOD))
        answer.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    except web.HTTPNotFound:
        return refused(NotFound(RequestProblem.NO_SUCH_PATH))
    return answer


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    own_caching = response.headers.get("Cache-Control")
    response.headers.update(SAFE_HEADERS)
    if own_caching is not None:
        response.headers["Cache-Control"] = own_caching
    response.headers["Content-Security-Policy"] = "default-src 'none'"
