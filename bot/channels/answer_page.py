"""The server of the answer page: ``/a/<link>`` shows a warning, and its button answers it.

It listens on loopback; a proxy with TLS stands before it. Looking changes nothing, whoever looks:
chats fetch what is linked in them. Only a form that is sent answers or reports, and what it did is
committed before the page says so. Nothing else is here, and no page leads anywhere else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from alerts import call_post_store, call_store
from alerts.acknowledge import by_person
from alerts.calls import CallOutcome, Report, Via
from alerts.follow_up import FollowUpProblem, report_by_person
from alerts.lookup import Refusal, known_alert
from bot.messages.answer_links import link_key
from bot.messages.answer_pages import page_asking_figures, page_of
from bot.messages.facts import Facts
from bot.services.async_database import AsyncDatabase
from bot.services.services import Services
from bot.views.answer_page import (
    MOST_DIGITS,
    STYLE,
    Figures,
    Notice,
    notice_page,
)
from bot.views.problems import problem
from bot.web.doors import Door
from bot.web.listener import Listener
from bot.web.safe_headers import SAFE_HEADERS
from bot.web.visitors import address_of
from bot.web.visits import VisitLimit
from contacts import access_log_store, answer_links, duty_store, people_store
from contacts.access_log_store import SAME_LOOK, Way
from contacts.answer_links import AnswerLink, LinkFault
from data.database import Connection
from data.errors import InvalidInput, JiaoyingError, StoreError

log = logging.getLogger(__name__)

LARGEST_FORM = 16 * 1024
"""Bytes: five hundred characters of words, each percent-encoded, and the fields."""

OF_ONE_CALL = (30, 2.0)
"""Visits with one link at once, and seconds between those after them (ours)."""

OF_NO_CALL = (20, 3.0)
"""The same for one address whose links are none of ours: nobody guesses for long."""

LONGEST_WAIT = 10.0
"""Seconds until a page says that the database does not answer, before a browser gives up (ours)."""

NO_BOT = 0
"""Pages are said by no bot."""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    **SAFE_HEADERS,
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

_STATUS = {
    Notice.FORGED: 403,
    Notice.EXPIRED: 410,
    Notice.GONE: 410,
    Notice.TOO_OFTEN: 429,
    Notice.UNAVAILABLE: 503,
    Notice.NOT_READ: 400,
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A page, and the stored numbers of others that stand on it."""

    page: str
    status: int = 200
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Told:
    """A report as the form has it, read."""

    report: Report
    households: int | None = None
    persons: int | None = None
    text: str | None = None
    place: int | None = None
    sure: bool = False


class AnswerPage:
    """Serves the page at one address. Make it in a running event loop; ``start``, ``stop``.

    :param seconds: a steady clock, for how often somebody comes.
    """

    def __init__(self, services: Services, seconds: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._settings = services.settings.channels.page
        self._database = AsyncDatabase(services.database.blocking, readers=2, name="page")
        self._seconds = seconds
        self._key: bytes | None = None
        self._of_calls = VisitLimit(*OF_ONE_CALL)
        self._of_strangers = VisitLimit(*OF_NO_CALL)
        self._noted: dict[tuple[int, frozenset[str]], datetime] = {}
        self.app = web.Application(client_max_size=LARGEST_FORM, middlewares=[self._always_a_page])
        self.app.on_response_prepare.append(_add_headers)
        self.app.router.add_get("/a/{link}", self._show)
        self.app.router.add_post("/a/{link}", self._take)
        self._listener = Listener(self.app)

    async def start(self) -> None:
        """Listen, if the port is free: else warnings go out, and are answered, without the page."""
        listen, port = self._settings.listen, self._settings.port
        await self._listener.start_when_free(listen, port, Door.PAGE, self._services.doors)

    async def stop(self) -> None:
        """Stop listening; what is being recorded is recorded."""
        await self._listener.stop()
        self._database.close()

    @property
    def port(self) -> int | None:
        """The port it listens on; ``None``: it got none."""
        return self._listener.port

    @web.middleware
    async def _always_a_page(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Whatever goes wrong, the person reads that it may not be recorded, and whom to ring."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await handler(request)
        except web.HTTPException:
            raise
        except (StoreError, TimeoutError) as error:
            log.error("answer page: the database does not answer: %s", error)
        except Exception:
            log.exception("answer page: an error nobody foresaw")
        return self._notice(Notice.UNAVAILABLE)

    async def _show(self, request: web.Request) -> web.Response:
        link = await self._admitted(request)
        if isinstance(link, Notice):
            return self._notice(link)
        return await self._answer(link, await self._database.ask(lambda c: self._look(c, link)))

    async def _take(self, request: web.Request) -> web.Response:
        """A form was sent: record it, and show the page anew by a request that changes nothing."""
        link = await self._admitted(request)
        if isinstance(link, Notice):
            return self._notice(link)
        fields = await _fields(request)
        try:
            shown = await self._database.run(lambda c: self._record(c, link, fields))
        except StoreError:
            raise  # also an error of ours, and not the person's
        except JiaoyingError as error:
            shown = await self._refused(link, error, fields)
        if shown is not None:
            return await self._answer(link, shown)
        # Relative: whatever path the proxy shows, the page is where the form was.
        return web.Response(status=303, headers={"Location": request.match_info["link"]})

    async def _admitted(self, request: web.Request) -> AnswerLink | Notice:
        """The link that is opened, unless it is none, or opened too often."""
        key, now = await self._signing_key(), self._services.clock()
        link = answer_links.verify(request.match_info["link"], key, now)
        limit, who = self._of_strangers, address_of(request)
        if isinstance(link, AnswerLink):
            limit, who = self._of_calls, str(link.call_id)
        if not limit.admits(who, self._seconds()):
            return Notice.TOO_OFTEN
        if isinstance(link, AnswerLink):
            return link
        return Notice.EXPIRED if link is LinkFault.EXPIRED else Notice.FORGED

    async def _signing_key(self) -> bytes:
        if self._key is None:
            self._key = await self._database.ask(lambda c: link_key(c, self._settings))
        return self._key

    def _look(
        self,
        c: Connection,
        link: AnswerLink,
        *,
        figures: Figures | None = None,
        refused: JiaoyingError | None = None,
    ) -> _Shown:
        """The page of the link's call as it stands.

        :param figures: as they were typed, and ``refused`` why they were not taken.
        """
        person = people_store.person(c, link.person_id)
        call = call_store.call(c, link.call_id)
        if person is None or not person.active or call is None or call.person_id != person.id:
            return self._noticed(Notice.GONE)
        facts = self._facts(c)
        alert = known_alert(c, call.alert_id)
        wrong = ""
        if refused is not None:
            wrong = problem(refused, person.language, facts.duty_phone(person))
        page = page_of(facts, call, alert, person, figures=figures, wrong=wrong)
        phones: frozenset[str] = frozenset()
        if not (call.open and alert.in_force) and not self._services.settings.privacy.board_only:
            officers = duty_store.telephone_officers(c, person, facts.now)
            phones = frozenset(officer.phone for officer in officers[:1])
        return _Shown(page, 400 if wrong else 200, phones)

    def _record(self, c: Connection, link: AnswerLink, fields: Mapping[str, str]) -> _Shown | None:
        """What the form says is recorded; a page, when that asks something first."""
        now, rules = self._services.clock(), self._services.rules.warnings
        if "answer" in fields:
            by_person(c, link.call_id, link.person_id, Via.PAGE, rules, now)
            return None
        told = _told(fields)
        if told is None:
            return self._noticed(Notice.NOT_READ)
        where = None
        if told.place is not None:
            call = call_store.call(c, link.call_id)
            where = None if call is None else call_post_store.numbered(c, call, told.place).where
        done = report_by_person(
            c,
            link.call_id,
            link.person_id,
            told.report,
            now,
            where=where,
            households=told.households,
            persons=told.persons,
            text=told.text,
            plausible=rules.plausible,
            sure=told.sure,
        )
        if done.outcome is not CallOutcome.DOUBTED:
            return None
        moved = (told.households, told.persons)
        page = page_asking_figures(
            self._facts(c), done.call, done.alert, done.person, _typed(fields), moved
        )
        return _Shown(page)

    async def _refused(
        self, link: AnswerLink, error: JiaoyingError, fields: Mapping[str, str]
    ) -> _Shown:
        """Nothing was recorded: the page again, with why, and what was typed."""
        if isinstance(error.code, Refusal):
            return self._noticed(Notice.GONE)
        return await self._database.ask(
            lambda c: self._look(c, link, figures=_typed(fields), refused=error)
        )

    def _facts(self, c: Connection) -> Facts:
        return Facts(c, self._services, self._services.clock(), NO_BOT)

    async def _answer(self, link: AnswerLink, shown: _Shown) -> web.Response:
        if shown.phones:
            await self._note_seen(link.person_id, shown.phones)
        return _html(shown.page, shown.status)

    async def _note_seen(self, person_id: int, phones: frozenset[str]) -> None:
        """Note whose number the person was shown, once a day; the page goes on without it."""
        now, key = self._services.clock(), (person_id, phones)
        if now - self._noted.get(key, now - SAME_LOOK) < SAME_LOOK:
            return
        self._noted = {known: at for known, at in self._noted.items() if now - at < SAME_LOOK}
        self._noted[key] = now

        def unit(c: Connection) -> None:
            person = people_store.person(c, person_id)
            if person is not None:
                access_log_store.note_numbers(c, person, phones, Way.PAGE, now)

        try:
            await self._database.run(unit)
        except StoreError as error:
            log.error("not noted who was shown what: %s", error)

    def _noticed(self, notice: Notice) -> _Shown:
        duty = self._services.settings.telephones.duty
        return _Shown(notice_page(notice, duty), _STATUS[notice])

    def _notice(self, notice: Notice) -> web.Response:
        shown = self._noticed(notice)
        response = _html(shown.page, shown.status)
        if shown.status in (429, 503):
            response.headers["Retry-After"] = "30"
        return response


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _html(page: str, status: int) -> web.Response:
    return web.Response(status=status, text=page, content_type="text/html", charset="utf-8")


async def _fields(request: web.Request) -> Mapping[str, str]:
    """What the form says; nothing when it is none that a page of ours sends."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):  # a browser sends the page's
        return {}
    try:
        form = await request.post()
    except ValueError:  # bytes that are no text
        return {}
    # No database takes a NUL, and no keyboard has one.
    return {key: value.replace("\0", "") for key, value in form.items() if isinstance(value, str)}


def _told(fields: Mapping[str, str]) -> _Told | None:
    """The report of a form; ``None`` when it is no form of ours.

    :raises InvalidInput: with a ``FollowUpProblem``: there are no figures in it.
    """
    try:
        report = Report(fields.get("report", ""))
        place = int(fields["place"]) if fields.get("place") else None
    except ValueError:
        return None
    text = fields.get("text", "").strip() or None
    if report is not Report.MOVED:
        return _Told(report, text=text, place=place)
    households = _number(fields.get("households", ""))
    persons = _number(fields.get("persons", ""))
    if households is None and persons is None:
        raise InvalidInput(FollowUpProblem.NO_FIGURES)
    return _Told(report, households, persons, None, place, sure=fields.get("sure") == "1")


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isdecimal() and len(text) <= MOST_DIGITS):
        raise InvalidInput(FollowUpProblem.NO_FIGURES)
    return int(text)


def _typed(fields: Mapping[str, str]) -> Figures:
    return Figures(*(fields.get(key, "") for key in ("households", "persons", "place")))
