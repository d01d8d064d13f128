"""CAP messages by the API: the Atom feed, one message as XML, a warning's messages as JSON.

Where ``[api] open_feed`` says so, the feed and the messages need no token: exercises are not among
them, for whoever reads without one is not told what to make of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from alerts import alert_message_store, alert_store
from alerts.model import Alert
from alerts.publishing import message_list_store
from alerts.publishing.cap_out import CONTENT_TYPE as CAP_TYPE
from alerts.publishing.message_list_store import Listed
from alerts.publishing.model import PublishingProblem
from bot.api import facts
from bot.api.answers import told
from bot.api.bearer import Bearer
from bot.api.bodies import Query
from bot.api.feed import CONTENT_TYPE, PAGE, FeedEntry, feed
from bot.api.reading import number_of
from bot.publishing.messages import answers_xml, cap_of, cap_xml, event_of, message_json
from bot.services.services import Services
from data.database import Connection
from data.errors import NotFound

FEED_PATH = "/cap.atom"
FEED_TITLE = "叫应预警 jiaoying CAP 1.2"

NO_MESSAGE_YET = datetime(1970, 1, 1, tzinfo=UTC)

_LARGEST = 2**53


async def atom(services: Services, bearer: Bearer | None, request: web.Request) -> web.Response:
    """The newest messages as an Atom feed; 304 where nothing changed."""

    def page(c: Connection, before: int | None, base: str) -> FeedPage:
        found = message_list_store.page(c, _shown(bearer), PAGE, before)
        return [_entry(c, message, services, base) for message in found.messages], found.before

    return await feed_answer(services, request, FEED_PATH, FEED_TITLE, page)


FeedPage = tuple[list[FeedEntry], int | None]
"""Entries, and from which number on the next page goes down; ``None``: there is none."""


async def feed_answer(
    services: Services,
    request: web.Request,
    path: str,
    title: str,
    page: Callable[[Connection, int | None, str], FeedPage],
) -> web.Response:
    """A page of a feed; 304 to whoever has it.

    :param page: what it holds, by the number it begins below and the address of the API.
    """
    query = Query(request.query)
    before = query.number("before", 1, _LARGEST)
    query.done()
    base = services.settings.api.url.rstrip("/") + "/api/v1"

    def read(c: Connection) -> bytes:
        entries, following = page(c, before, base)
        return feed(
            entries,
            title=title,
            own=base + path + (f"?before={before}" if before else ""),
            following=f"{base}{path}?before={following}" if following else None,
            updated=entries[0].sent_at if entries else NO_MESSAGE_YET,
        )

    return _fresh(request, await services.database.ask(read), CONTENT_TYPE)


async def cap(services: Services, bearer: Bearer | None, request: web.Request) -> web.Response:
    """One message as CAP 1.2."""
    Query(request.query).done()
    identifier = request.match_info["identifier"]

    def read(c: Connection) -> bytes:
        message = message_list_store.by_identifier(c, identifier[:50])
        if message is not None and _shown(bearer)(message.alert):
            return cap_xml(c, message.alert, message.number, services)
        event = None if bearer is None else event_of(c, identifier[:50])  # numbers: for a token
        alert = None if event is None else alert_store.alert(c, event.alert_id)
        if event is None or alert is None or not _shown(bearer)(alert):
            raise NotFound(PublishingProblem.NO_MESSAGE)
        return answers_xml(c, event, alert, services)

    return _fresh(request, await services.database.ask(read), CAP_TYPE)


async def messages(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """A warning's messages, the first first."""
    Query(request.query).done()
    number = number_of(request)

    def read(c: Connection) -> dict[str, Any]:
        alert = facts.alert_seen(c, number, bearer)
        found = alert_message_store.of_alert(c, alert.id)
        told = [message_json(c, alert, message.number, services) for message in found]
        return {"alert": alert.id, "messages": told}

    return told(await services.database.ask(read))


def _shown(bearer: Bearer | None) -> Callable[[Alert], bool]:
    if bearer is None:
        return lambda alert: not alert.exercise
    return lambda alert: facts.visible(alert, bearer)


def _entry(connection: Connection, message: Listed, services: Services, base: str) -> FeedEntry:
    chinese = cap_of(connection, message.alert, message.number, services).infos[0]
    return FeedEntry(
        f"urn:x-cap:{message.identifier}",
        chinese.headline,
        chinese.description,
        chinese.sender_name,
        message.sent_at,
        f"{base}/cap/{message.identifier}.xml",
    )


def _fresh(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """The body, unless the asker has it: 304."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    given = request.headers.get("If-None-Match", "").split(",")
    known = {one.strip().removeprefix("W/") for one in given}
    if tag in known or "*" in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)
