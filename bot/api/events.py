"""What happened to warnings as an Atom feed: releases, changes, ends, counts and closings.

The same events as webhooks are told, for a system that asks instead of being told: with a token.
"""

from __future__ import annotations

from aiohttp import web

from alerts.model import Alert
from alerts.publishing import store
from alerts.publishing.cap_out import CONTENT_TYPE as CAP_TYPE
from alerts.publishing.model import Event
from bot.api import facts
from bot.api.bearer import Bearer
from bot.api.feed import PAGE, FeedEntry
from bot.api.publishing import FeedPage, feed_answer
from bot.messages.facts import area_of
from bot.publishing.messages import answers_name, said_at, title_of
from bot.services.services import Services
from bot.views.cap_answers import EVENT_WORDS
from bot.views.vocabulary import headline
from data.database import Connection

FEED_PATH = "/events.atom"
FEED_TITLE = "叫应事件 jiaoying events"


async def events(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """The newest events; 304 where nothing happened since."""

    def page(c: Connection, before: int | None, base: str) -> FeedPage:
        found, following = store.page(c, lambda a: facts.visible(a, bearer), PAGE, before)
        entries = [_entry(c, event, alert, services, base) for event, alert in found]
        return entries, following

    return await feed_answer(services, request, FEED_PATH, FEED_TITLE, page)


def _entry(
    connection: Connection, event: Event, alert: Alert, services: Services, base: str
) -> FeedEntry:
    exercise = "【演练】" if alert.exercise else ""
    link, kind = f"{base}/alerts/{alert.id}", "application/json"
    title = headline(alert.level, alert.hazard, area_of(connection, services, alert), "zh")
    said = said_at(connection, event)
    if said is not None:  # as it was then: an entry does not change with its warning
        title = title_of(connection, said, alert.hazard, services)
        name = answers_name(alert, event) if event.message_number is None else said.identifier
        link, kind = f"{base}/cap/{name}.xml", CAP_TYPE
    return FeedEntry(
        f"urn:x-jiaoying:event:{event.id}",
        f"{exercise}{EVENT_WORDS[event.kind]}：{title}",
        _counts(event),
        "",
        event.at,
        link,
        kind,
        event.kind.value,
    )


def _counts(event: Event) -> str:
    """The numbers of that moment, where the event has any; see ``alerts.progress``."""
    return " ".join(f"{name}={number}" for name, number in (event.detail or {}).items())
