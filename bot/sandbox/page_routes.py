"""The page with the phones: its files, its scene, its clock, and who may call it.

The server listens on 127.0.0.1, but every web site a browser shows may knock there: a foreign
``Host`` (DNS rebinding) and a foreign ``Origin`` are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.bot_api.server import BotApiServer
from bot.sandbox.cast.acting import Cast
from bot.sandbox.cast.roster import Character, DemoRoster, LinkState, Temper
from bot.sandbox.fast_forward import FastForward
from bot.sandbox.happenings import FEED_PATH, RAIN_PATH, Happenings, RainGauge, Satellite
from bot.sandbox.telephone_routes import TelephoneRoutes
from bot.views.vocabulary import role_name
from bot.web.page_files import page_file
from contacts.divisions.gazetteer import Gazetteer

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

# Chinese name, English name, latitude, longitude (WGS-84), accuracy in metres.
_PLACES = (
    ("雁鸣湖镇湖东村", "Hudong village, Yanminghu", 43.700, 128.500, 12),
    ("黄泥河镇威虎岭村", "Weihuling village, Huangnihe", 43.560, 127.930, 18),
    ("敦化市区", "Dunhua town", 43.372, 128.232, 9),
    ("林区深处，误差 3 公里", "deep in the forest, 3 km accuracy", 43.480, 128.600, 3000),
    ("北京（不在本省）", "Beijing (outside the province)", 39.904, 116.407, 15),
    ("没有卫星信号：(0, 0)", "no satellite fix: (0, 0)", 0.0, 0.0, 0),
)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Page:
    """The page and what it shows; ``scene`` is filled in before the first visitor comes."""

    scene: dict[str, Any] = field(default_factory=dict)
    fast_forward: FastForward | None = None
    happenings: Happenings | None = None
    cast: Cast | None = None
    telephones: TelephoneRoutes | None = None
    satellite: Satellite = field(default_factory=Satellite)
    gauge: RainGauge = field(default_factory=RainGauge)

    def extend(self, app: web.Application, _server: BotApiServer) -> None:
        """Mount the page beside the Bot API; for ``BotApiServer(app_extensions=...)``."""
        app.middlewares.append(_only_this_page)
        app.middlewares.append(self._taken_by_hand)
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._file)
        app.router.add_get("/scene", self._scene)
        app.router.add_post("/clock", self._advance)
        app.router.add_post("/happen", self._happen)
        app.router.add_post("/take-up", partial(self._hand, taken=True))
        app.router.add_post("/put-away", partial(self._hand, taken=False))
        app.router.add_get("/telephone", self._telephone)
        app.router.add_post("/telephone", self._telephone)
        app.router.add_get(FEED_PATH, self.satellite.answer)
        app.router.add_get(RAIN_PATH, self.gauge.answer)

    async def _index(self, _request: web.Request) -> web.Response:
        return _shipped("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return _shipped(request.match_info["name"])

    async def _scene(self, _request: web.Request) -> web.Response:
        return _json({**self.scene, "now": self.now()})

    async def _advance(self, request: web.Request) -> web.Response:
        """Let time pass; the body is ``{"minutes": 5}``."""
        try:
            minutes = float(orjson.loads(await request.read())["minutes"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise web.HTTPBadRequest(text='{"minutes": 5}') from None
        if self.fast_forward is None or not 0 < minutes <= _LONGEST_MINUTES:
            raise web.HTTPBadRequest(text=f"0 < minutes <= {_LONGEST_MINUTES}")
        await self.fast_forward.advance(timedelta(minutes=minutes))
        return _json({"now": self.now()})

    async def _happen(self, request: web.Request) -> web.Response:
        """Let something happen; the body is ``{"what": "hotspot"}``."""
        try:
            what = str(orjson.loads(await request.read())["what"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise web.HTTPBadRequest(text='{"what": "hotspot"}') from None
        if self.happenings is None or not await self.happenings.happen(what):
            raise web.HTTPBadRequest(text="hotspot, shift, rain, duty, evening")
        return _json({"now": self.now()})

    async def _hand(self, request: web.Request, *, taken: bool) -> web.Response:
        """The visitor has this phone in hand, ``{"user_id": 7}``, or its owner acts again."""
        try:
            account = int(orjson.loads(await request.read())["user_id"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise web.HTTPBadRequest(text='{"user_id": 7}') from None
        if self.cast is not None:
            (self.cast.hold if taken else self.cast.let_go)(account)
        return _json({})

    async def _telephone(self, request: web.Request) -> web.Response:
        if self.telephones is None:
            raise web.HTTPServiceUnavailable
        seen = request.method in ("GET", "HEAD")
        return await (self.telephones.show if seen else self.telephones.use)(request)

    def now(self) -> int:
        """Milliseconds since the epoch, by the sandbox's clock."""
        return 0 if self.fast_forward is None else int(self.fast_forward.now().timestamp() * 1000)

    @web.middleware
    async def _taken_by_hand(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Nobody acts for an account while the visitor uses its phone."""
        if self.cast is not None and request.path.startswith("/sandbox/people/"):
            # What is wrong with it, the action itself will say.
            with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                self.cast.hold(int(orjson.loads(await request.read())["user_id"]))
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


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def _shipped(name: str) -> web.Response:
    response = page_file("bot.sandbox", name, _TYPES)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _json(facts: Any) -> web.Response:
    return web.Response(body=orjson.dumps(facts), content_type="application/json")


def scene(roster: DemoRoster, server: BotApiServer, gazetteer: Gazetteer) -> dict[str, Any]:
    """What the page must know, as JSON: whose phones there are, everybody, named positions."""
    phones = (roster.commander, roster.village_head, roster.ranger)
    bot = next(iter(server.world.bots.values()))
    return {
        "bot": bot.user,
        "phones": [character.account for character in phones],
        "officer": roster.officer.account,
        "telephoned": roster.telephoned.account,
        "people": [_person(character, phones, gazetteer) for character in roster.people],
        "groups": [
            {"id": group.chat_id, "title": group.title, "members": list(group.members)}
            for group in roster.groups
        ],
        "places": [
            {"zh": zh, "en": en, "latitude": latitude, "longitude": longitude, "accuracy": accuracy}
            for zh, en, latitude, longitude, accuracy in _PLACES
        ],
    }


def _person(
    character: Character, phones: tuple[Character, ...], gazetteer: Gazetteer
) -> dict[str, Any]:
    return {
        "id": character.account,
        "name": character.name,
        "number": character.number,
        "role": {language: role_name(character.role, language) for language in ("zh", "en")},
        "post": character.role.value,
        "rank": character.rank,
        "place": gazetteer.name(character.division_code),
        "path": gazetteer.path(character.division_code),
        "scripted": character.temper is not Temper.VISITOR,
        "new": character.link is LinkState.NEW,
        "phone_on_table": character in phones,
        "telephone_only": character.link is LinkState.NONE,
        "usable": character.link in (LinkState.LINKED, LinkState.NEW),
    }
