"""The page with the phones: its files, its scene, its clock, and who may call it.

The server listens on 127.0.0.1, but every web site a browser shows may knock there: a foreign
``Host`` (DNS rebinding) and a foreign ``Origin`` are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.cast_stage import Stage
from bot.sandbox.fast_forward import FastForward
from bot.sandbox.server import BotApiServer

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_LONGEST_MINUTES = 120
_HOSTS = ("127.0.0.1", "localhost")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Page:
    """What the page shows; ``scene`` is filled in before the server starts."""

    scene: dict[str, Any] = field(default_factory=dict)
    fast_forward: FastForward | None = None
    stage: Stage | None = None

    def extend(self, app: web.Application, server: BotApiServer) -> None:
        """Mount the page beside the Bot API; for ``BotApiServer(app_extensions=...)``."""
        app.middlewares.append(_only_this_page)
        app.middlewares.append(self._taken_by_hand)
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._file)
        app.router.add_get("/scene", self._scene)
        app.router.add_post("/clock", self._advance)

    async def _index(self, request: web.Request) -> web.Response:
        return _shipped("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return _shipped(request.match_info["name"])

    async def _scene(self, request: web.Request) -> web.Response:
        return _json({**self.scene, "now": self._now()})

    async def _advance(self, request: web.Request) -> web.Response:
        """``{"minutes": 5}``: let time pass."""
        try:
            minutes = float(orjson.loads(await request.read())["minutes"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise web.HTTPBadRequest(text='{"minutes": 5}') from None
        if self.fast_forward is None or not 0 < minutes <= _LONGEST_MINUTES:
            raise web.HTTPBadRequest(text=f"0 < minutes <= {_LONGEST_MINUTES}")
        await self.fast_forward.advance(timedelta(minutes=minutes))
        return _json({"now": self._now()})

    def _now(self) -> int:
        """Milliseconds since the epoch, by the sandbox's clock."""
        return 0 if self.fast_forward is None else int(self.fast_forward.now().timestamp() * 1000)

    @web.middleware
    async def _taken_by_hand(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Whoever's phone the visitor uses follows no script any more."""
        if self.stage is not None and request.path.startswith("/sandbox/people/"):
            # What is wrong with it, the action itself will say.
            with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                self.stage.leave_alone(int(orjson.loads(await request.read())["user_id"]))
        return await handler(request)


@web.middleware
async def _only_this_page(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse what another web site's page sends here."""
    port = request.url.port
    hosts = {f"{host}:{port}" for host in _HOSTS}
    if request.host not in hosts:
        raise web.HTTPForbidden(text="Host")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        raise web.HTTPForbidden(text="Origin")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="Sec-Fetch-Site")
    return await handler(request)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def _shipped(name: str) -> web.Response:
    folder = resources.files("bot.sandbox") / "page"
    known = {file.name: file for file in folder.iterdir()}
    kind = _TYPES.get("." + name.rpartition(".")[2])
    if kind is None or name not in known:
        raise web.HTTPNotFound
    return web.Response(
        body=known[name].read_bytes(),
        content_type=kind,
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )


def _json(facts: Any) -> web.Response:
    return web.Response(body=orjson.dumps(facts), content_type="application/json")
