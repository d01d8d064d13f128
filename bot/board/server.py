"""The board's web server: the page, its facts, its map; nothing is shown without a session.

It listens on loopback; a proxy with TLS stands before it. Every request is checked anew against the
roster. What leads to somebody's phone number is never stored by a browser or a proxy.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from aiohttp import web

from bot.board import areas
from bot.board.calendar_feed import CalendarFeed
from bot.board.drawing import map_of
from bot.board.facts import Viewer, board_facts
from bot.board.pages import add_headers, cookie_path, html_page, refused_page, secure, shipped
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.services.async_database import AsyncDatabase
from bot.services.clocks import utc_now
from bot.services.geography import Geography
from bot.web.listener import Listener
from bot.web.visitors import address_kind, asked_by_own_page
from contacts import access_log_store, board_link_store, board_links, people_store
from contacts.access import may_release
from contacts.access_log_store import SAME_LOOK, Look, Shown, Way
from contacts.area_shapes import all_commanded
from contacts.board_link_store import BoardSession
from contacts.board_links import BoardRefusal, Pass, PassKind
from contacts.divisions.boundary_file import load_boundaries
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person
from data import audit
from data.database import Connection, Database
from data.errors import ConfigError, InvalidInput, StoreError
from data.tables.columns import to_milliseconds

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries

log = logging.getLogger(__name__)
T = TypeVar("T")

COOKIE = "jiaoying_board"
LARGEST_PASS = 4096  # bytes; one has some hundred
LARGEST_BODY = 48 * 1024  # bytes; a drawing of 1,000 points has some 30,000
FRESH_FOR = timedelta(seconds=1.5)
"""One look at the database serves all windows of a person that ask within it."""


class BoardPortTaken(ConfigError):
    """Another program listens on the board's port."""

    def __str__(self) -> str:
        where = f"{self.facts.get('listen')}:{self.facts.get('port')}"
        return (
            f"指挥大屏不能监听 {where}：{self.facts.get('reason')}。请改 [board] port。\n"
            f"The board cannot listen on {where}; change port under [board]."
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a person's board at ``at``, kept for other windows of the same person."""

    at: datetime
    body: bytes
    tag: str

    def fresh(self, now: datetime) -> bool:
        """Whether it is new enough; a clock that was set back makes it old too."""
        return abs(now - self.at) <= FRESH_FOR


@dataclass(frozen=True, slots=True)
class _Map:
    """A map as JSON, and the divisions and boundaries it was drawn from."""

    body: bytes
    gazetteer: Gazetteer
    boundaries: Boundaries

    def shows(self, geography: Geography) -> bool:
        """Whether nothing was imported since."""
        return self.gazetteer is geography.gazetteer and self.boundaries is geography.boundaries


def _drawn(scope: str, geography: Geography) -> _Map:
    gazetteer, boundaries = geography.gazetteer, geography.boundaries
    names = {code: gazetteer.name(code) for code in boundaries.codes}
    return _Map(orjson.dumps(map_of(scope, boundaries, names)), gazetteer, boundaries)


class BoardServer:
    """Serves the board at one address. Make it in a running event loop; ``start``, ``stop``."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Callable[[], datetime] = utc_now,
        geography: Geography | None = None,
    ) -> None:
        self._settings = settings.board
        rules = all_rules(settings)
        self._headquarters = rules.headquarters
        self._reporting = rules.warnings.reporting
        self._database = AsyncDatabase(database, readers=2, name="board")
        self._clock = clock
        self._geography = geography or Geography(
            database, lambda: load_boundaries(settings.database.url, Path.cwd())
        )
        self._key: bytes | None = None
        self._shown: dict[int, _Read] = {}
        self._noted: dict[int, tuple[datetime, set[str]]] = {}  # since when, and what
        self._maps: dict[str, _Map] = {}
        self._following: asyncio.Task[None] | None = None  # what is imported
        self.app = web.Application(client_max_size=LARGEST_BODY)
        self.app.on_response_prepare.append(add_headers)
        self.app.router.add_get("/", self._index)
        self.app.router.add_get("/open", self._open_page)
        self.app.router.add_post("/session", self._open)
        self.app.router.add_post("/leave", self._leave)
        self.app.router.add_get("/facts", self._facts)
        self.app.router.add_get("/map", self._map)
        self.app.router.add_post("/area", self._area)
        self.app.router.add_get("/static/{name}", self._file)
        CalendarFeed(self._settings.secret.reveal(), self._database, self._geography, clock).add_to(
            self.app
        )
        self._listener = Listener(self.app)

    async def start(self) -> None:
        """Listen; port 0 takes any free one.

        :raises BoardPortTaken: when somebody else does.
        """
        listen, port = self._settings.listen, self._settings.port
        try:
            await self._listener.start(listen, port)
        except OSError as error:
            raise BoardPortTaken(
                "board_port_taken", listen=listen, port=port, reason=error.strerror or "?"
            ) from error
        loop = asyncio.get_running_loop()
        self._following = loop.create_task(self._geography.follow(), name="geography")

    async def stop(self) -> None:
        """Stop listening."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._listener.stop()
        self._database.close()

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._listener.port is not None
        return self._listener.port

    @property
    def url(self) -> str:
        """Where it listens, for a browser on this machine."""
        return f"http://{self._settings.listen}:{self.port}"

    # -- getting in -----------------------------------------------------------------------------

    async def _open_page(self, _request: web.Request) -> web.Response:
        """The page a link leads to. The pass is behind the #: no server or proxy ever logs it."""
        return html_page("open.html")

    async def _open(self, request: web.Request) -> web.Response:
        """Exchange a link pass for a session; each link once."""
        if not asked_by_own_page(request):
            raise web.HTTPForbidden(text="Sec-Fetch-Site")
        body = await request.read()
        if len(body) > LARGEST_PASS:
            raise web.HTTPRequestEntityTooLarge(LARGEST_PASS, len(body))
        try:
            told = orjson.loads(body)["pass"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise web.HTTPBadRequest(text='{"pass": "..."}') from None
        now = self._clock()
        link = board_links.verify(str(told), PassKind.LINK, await self._signing_key(), now)
        if isinstance(link, BoardRefusal):
            return _refused(link)
        kind = address_kind(request)
        try:
            refusal = await self._database.run(lambda c: _opened(c, link, kind, now))
        except StoreError as error:
            log.error("board not opened: %s", error)
            raise web.HTTPServiceUnavailable from error
        if refusal is not None:
            return _refused(refusal)
        response = web.Response(status=204)
        response.set_cookie(
            COOKIE,
            board_links.sign(board_links.session_for(link, now), await self._signing_key()),
            max_age=int(board_links.SESSION_FOR.total_seconds()),
            path=cookie_path(self._settings.public_url),
            secure=secure(self._settings.public_url),
            httponly=True,
            samesite="Strict",
        )
        return response

    async def _leave(self, request: web.Request) -> web.Response:
        """The session of this browser ends, and it forgets it: a copied cookie opens nothing."""
        if not asked_by_own_page(request):
            raise web.HTTPForbidden(text="Sec-Fetch-Site")
        session = await self._session(request)
        if isinstance(session, Pass):
            now = self._clock()
            try:
                await self._database.run(lambda c: _left(c, session, now))
            except StoreError as error:
                log.error("board not left: %s", error)
                raise web.HTTPServiceUnavailable from error
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path=cookie_path(self._settings.public_url))
        return response

    async def _bearer(self, request: web.Request) -> Person | BoardRefusal:
        """Whose session this is, if the roster agrees now."""
        session = await self._session(request)
        if isinstance(session, BoardRefusal):
            return session
        link_id, person_id = session.link_id, session.person_id
        person, is_open = await self._read(
            lambda c: (
                people_store.person(c, person_id),
                board_link_store.is_open(c, link_id, person_id),
            )
        )
        refusal = board_links.still_good(session, person)
        if refusal is not None or person is None:
            return refusal or BoardRefusal.NOT_IN_POST
        return person if is_open else BoardRefusal.ENDED

    async def _session(self, request: web.Request) -> Pass | BoardRefusal:
        """The pass that the browser shows."""
        text = request.cookies.get(COOKIE, "")
        return board_links.verify(text, PassKind.SESSION, await self._signing_key(), self._clock())

    # -- what is shown --------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        bearer = await self._bearer(request)
        return refused_page(bearer) if isinstance(bearer, BoardRefusal) else html_page("index.html")

    async def _facts(self, request: web.Request) -> web.Response:
        """What the page shows, as JSON; 304 when the page has it already."""
        person = await self._bearer(request)
        if isinstance(person, BoardRefusal):
            return _refused(person)
        read = self._shown.get(person.id)
        if read is None or not read.fresh(self._clock()):
            read = await self._look(person)
        now = str(to_milliseconds(self._clock()))
        headers = {"ETag": f'"{read.tag}"', "Board-Now": now}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return _json(read.body, headers)

    async def _look(self, person: Person) -> _Read:
        now = self._clock()
        viewer = Viewer(person, self._geography.gazetteer, self._headquarters, self._reporting)
        body = await self._read(lambda c: orjson.dumps(board_facts(c, viewer, now)))
        await self._note_seen(viewer, now)
        # The tag holds the person: another's board is never mistaken for one's own.
        tag = hashlib.sha256(f"{person.id}\n{person.division_code}\n".encode() + body).hexdigest()
        self._shown = {key: read for key, read in self._shown.items() if read.fresh(now)}
        self._shown[person.id] = read = _Read(now, body, tag[:32])
        return read

    async def _note_seen(self, viewer: Viewer, now: datetime) -> None:
        """Note whose numbers and positions were shown, once a day; the board goes on without it."""
        person, seen = viewer.person, {*viewer.phones, *map(str, viewer.placed)}
        noted_at, noted = self._noted.get(person.id, (now, set[str]()))
        if now - noted_at >= SAME_LOOK:
            noted_at, noted = now, set()
        if not seen - noted:
            return
        phones = viewer.phones - noted
        looks = [
            Look(now, person.id, subject, Shown.POSITION, Way.BOARD)
            for subject in viewer.placed
            if subject != person.id and str(subject) not in noted
        ]

        def unit(c: Connection) -> None:
            access_log_store.note_numbers(c, person, phones, Way.BOARD, now)
            access_log_store.note(c, looks)

        try:
            await self._database.run(unit)
        except StoreError as error:
            log.error("not noted who was shown what: %s", error)
            return
        self._noted[person.id] = (noted_at, noted | seen)

    async def _map(self, request: web.Request) -> web.Response:
        """The map of the viewer's division, as JSON."""
        person = await self._bearer(request)
        if isinstance(person, BoardRefusal):
            return _refused(person)
        scope = person.division_code
        drawn = self._maps.get(scope)
        if drawn is None or not drawn.shows(self._geography):
            drawn = self._maps[scope] = await asyncio.to_thread(_drawn, scope, self._geography)
        return _json(drawn.body, {})

    async def _area(self, request: web.Request) -> web.Response:
        """An area drawn on the map: what lies in it; with ``send`` it goes on in the chat."""
        if not asked_by_own_page(request):
            raise web.HTTPForbidden(text="Sec-Fetch-Site")
        person = await self._bearer(request)
        if isinstance(person, BoardRefusal):
            return _refused(person)
        verdict = may_release(person, all_commanded(person))
        if not verdict.allowed:
            raise web.HTTPForbidden(text=verdict.value)
        body, geography, now = await request.read(), self._geography, self._clock()
        try:
            shape, send = areas.drawing_of(body)
            looked = await self._read(lambda c: areas.look(c, geography, person, shape))
        except InvalidInput as error:
            return _json(orjson.dumps(areas.refusal(error)), {})
        sent = False
        if send and not looked.empty:
            try:
                sent = await self._database.run(lambda c: areas.carry(c, person, looked, now))
            except StoreError as error:
                log.error("drawing not kept: %s", error)
                raise web.HTTPServiceUnavailable from error
        return _json(orjson.dumps({**looked.told, "sent": sent}), {})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return shipped(request.match_info["name"])

    # -- the store ------------------------------------------------------------------------------

    async def _signing_key(self) -> bytes:
        if self._key is None:
            secret = self._settings.secret.reveal() or await self._read(board_link_store.secret)
            self._key = board_links.key_of(secret)
        return self._key

    async def _read(self, query: Callable[[Connection], T]) -> T:
        """Run a query off the event loop.

        :raises aiohttp.web.HTTPServiceUnavailable: when the database cannot answer.
        """
        try:
            return await self._database.ask(query)
        except StoreError as error:
            log.error("board not read: %s", error)
            raise web.HTTPServiceUnavailable from error


def _opened(c: Connection, link: Pass, kind: str, now: datetime) -> BoardRefusal | None:
    refusal = board_links.still_good(link, people_store.person(c, link.person_id))
    if refusal is not None:
        return refusal
    if not board_link_store.open_once(c, link.link_id, now):
        return BoardRefusal.USED
    until = board_links.session_for(link, now).until
    session = BoardSession(link.link_id, link.person_id, kind, now, until)
    board_link_store.add_session(c, session)
    detail: dict[str, Any] = {"link": link.link_id, "address": kind}
    audit.append(
        c, now, [audit.Entry("board.opened", f"person:{link.person_id}", link.person_id, detail)]
    )
    return None


def _left(c: Connection, session: Pass, now: datetime) -> None:
    if board_link_store.end_session(c, session.link_id):
        subject, detail = f"person:{session.person_id}", {"link": session.link_id}
        audit.append(c, now, [audit.Entry("board.left", subject, session.person_id, detail)])


def _refused(refusal: BoardRefusal) -> web.Response:
    return web.Response(
        status=403,
        body=orjson.dumps({"refusal": refusal.value}),
        content_type="application/json",
    )


def _json(body: bytes, headers: dict[str, str]) -> web.Response:
    return web.Response(body=body, content_type="application/json", headers=headers)
