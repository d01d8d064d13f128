"""What is read by the API: the handlers of its GET requests."""

from __future__ import annotations

from enum import Enum
from typing import Any

from aiohttp import web

from alerts.lookup import AlertProblem
from alerts.model import State
from alerts.publishing import listing_store
from bot.api import facts
from bot.api.answers import told
from bot.api.bearer import Bearer
from bot.api.bodies import Query
from bot.publishing.as_json import alert_json, time
from bot.services.services import Services
from contacts.api_tokens import Scope
from contacts.divisions.codes import Tier
from data.database import Connection
from data.errors import NotFound

MOST_ALERTS = 100
MOST_SILENT = 500

_STATES = tuple(state.value for state in State)
_TIERS = tuple(tier.value for tier in Tier)
_LARGEST = 2**53


async def own_token(_services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """What the token is, and what it may."""
    Query(request.query).done()
    token = bearer.token
    return told(
        {
            "token": token.public,
            "name": token.name,
            "person": bearer.person.name,
            "division": token.division_code,
            "scopes": sorted(scope.value for scope in token.scopes),
            "expires_at": time(token.expires_at),
        }
    )


async def alerts(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """Warnings, newest first."""
    query = Query(request.query)
    states = [State(word) for word in query.words("state", _STATES)]
    most = query.number("limit", 1, MOST_ALERTS, 20)
    before, since = query.number("before", 1, _LARGEST), query.time("since")
    query.done()
    assert most is not None

    def read(c: Connection) -> dict[str, Any]:
        page = listing_store.page(
            c,
            lambda alert: facts.visible(alert, bearer),
            most,
            before=before,
            states=states,
            since=since,
        )
        return facts.alert_page(c, page, services)

    return told(await services.database.ask(read))


async def alert(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """One warning."""
    number = number_of(request)
    Query(request.query).done()

    def read(c: Connection) -> dict[str, Any]:
        return alert_json(c, facts.alert_seen(c, number, bearer), services)

    return told(await services.database.ask(read))


async def calls(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """How a warning's calls stand, by division."""
    number, query = number_of(request), Query(request.query)
    tiers = query.words("tier", _TIERS)
    query.done()
    tier = Tier(tiers[0]) if tiers else None

    def read(c: Connection) -> dict[str, Any]:
        return facts.calls_facts(c, facts.alert_called(c, number, bearer), bearer, services, tier)

    return told(await services.database.ask(read))


async def silent(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """Who has not answered, with numbers: noted, as every look at a number is.

    The note is made first: no number leaves without it.
    """
    bearer.require(Scope.PHONES)
    number, query, now = number_of(request), Query(request.query), services.clock()
    offset = query.number("offset", 0, 1_000_000, 0)
    limit = query.number("limit", 1, MOST_SILENT, 100)
    query.done()
    assert offset is not None and limit is not None

    def read(c: Connection) -> tuple[dict[str, Any], set[str]]:
        seen = facts.alert_called(c, number, bearer)
        found, shown = facts.silent_facts(
            c, seen, bearer, services, now, offset=offset, limit=limit
        )
        return found, {person.phone for person in shown}

    found, phones = await services.database.ask(read)
    if phones:
        await services.database.run(lambda c: facts.note_shown(c, bearer, phones, now))
    return told(found)


async def sources(services: Services, _bearer: Bearer, request: web.Request) -> web.Response:
    """How the sources stand that are polled."""
    Query(request.query).done()
    return told(await services.database.ask(facts.source_facts))


def number_of(
    request: web.Request, name: str = "alert", unknown: Enum = AlertProblem.UNKNOWN
) -> int:
    """The number of the warning in the address, or of something else.

    :param unknown: what is said where it is no number.
    :raises NotFound: it is none.
    """
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise NotFound(unknown, **{name: text[:20]})
    return int(text)
