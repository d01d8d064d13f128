"""What is done by the API: each act once by its key, with the rights that its person has now.

The rights, the key and the act are one transaction. An act that is refused may be asked again by
the same key; one that was done is answered as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from alerts.headquarters import nearest_service
from alerts.model import Draft, State
from alerts.preview import preview
from alerts.publishing.model import RequestProblem
from alerts.release import Released, count_if_large, release
from alerts.same_warnings import same_in_force
from bot.api.answers import told
from bot.api.bearer import Bearer, bearer_of, token_text
from bot.api.bodies import Body, ReleaseAsked, key_of, release_asked
from bot.messages.facts import warned_name
from bot.services.services import Services
from bot.views.vocabulary import headline
from contacts import api_token_store, place_store
from contacts.api_token_store import Done
from contacts.api_tokens import Scope
from contacts.area_shapes import Resolved, resolve
from data import audit
from data.database import Connection
from data.errors import Conflict, InvalidInput
from data.geo.shape_cover import sound

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"

SHAPE_METRES = 20.0
"""How true a shape is kept (ours): as CAP it is read by many, a thousand corners by few."""

Act = Callable[[Connection, Bearer, datetime], tuple[int, dict[str, Any]]]
"""Does what is asked; returns the status and what is answered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that acts: whose it is, its key, and what stands for all it says."""

    token: str
    key: str
    digest: str

    @classmethod
    async def of(cls, request: web.Request) -> Asked:
        """What a request says.

        :raises InvalidInput: it bears no key.
        """
        key = key_of(request.headers.get(KEY_HEADER, ""))
        said = f"{request.method} {request.path}\n".encode() + await request.read()
        return cls(token_text(request), key, hashlib.sha256(said).hexdigest())


async def done_once(services: Services, asked: Asked, act: Act, *scopes: Scope) -> web.Response:
    """Do it, unless it was done: then what it was answered.

    :param scopes: for which of these a token must have been made; none: to release.
    :raises NotAllowed: the token is not good any more, or may not do this.
    :raises Conflict: the key was used for something else.
    """
    now = services.clock()

    def unit(c: Connection) -> tuple[Done, bool]:
        bearer = bearer_of(c, asked.token, now)
        bearer.require(*scopes or (Scope.RELEASE,))
        if (before := _done_before(c, bearer, asked)) is not None:
            return before, True
        with audit.acting_from(c, bearer.whence):
            status, facts = act(c, bearer, now)
        result = Done(asked.digest, status, orjson.dumps(facts).decode())
        api_token_store.note_done(c, bearer.token.id, asked.key, result, now)
        return result, False

    result, replayed = await services.database.run(unit)
    return _told(result, replayed=replayed)


async def answered_before(
    services: Services, asked: Asked, *scopes: Scope
) -> web.StreamResponse | None:
    """What it was answered, if it was done: asked first where its words are looked up, for what
    they named may have another name by now, or be gone.

    :raises NotAllowed: see ``done_once``.
    :raises Conflict: see ``done_once``.
    """

    def look(c: Connection) -> Done | None:
        bearer = bearer_of(c, asked.token, services.clock())
        bearer.require(*scopes or (Scope.RELEASE,))
        return _done_before(c, bearer, asked)

    before = await services.database.ask(look)
    return None if before is None else _told(before, replayed=True)


def _done_before(connection: Connection, bearer: Bearer, asked: Asked) -> Done | None:
    before = api_token_store.done(connection, bearer.token.id, asked.key)
    if before is not None and before.digest != asked.digest:
        raise Conflict(RequestProblem.KEY_REUSED)
    return before


def _told(done: Done, *, replayed: bool) -> web.Response:
    headers: Mapping[str, str] = {REPLAYED_HEADER: "true"} if replayed else {}
    return told(orjson.loads(done.answer), done.status, headers)


# -- release -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with what its body did not say; ``found``: what lies in its shape.

    ``counted``: how many it calls, where they are too many to count in the release.
    """

    draft: Draft
    found: Resolved | None = None
    counted: int | None = None


async def preview_release(services: Services, bearer: Bearer, body: bytes) -> web.Response:
    """Whom a warning would call; nothing is done."""
    bearer.require(Scope.RELEASE)
    asked, now = release_asked(Body(body), services.gazetteer), services.clock()

    def query(c: Connection) -> dict[str, Any]:
        prepared = prepare(c, asked, bearer, services)
        draft = prepared.draft
        found = preview(c, draft, bearer.person, services.rules.warnings, now)
        return {
            "headline": draft.headline,
            "areas": list(draft.areas),
            "signal": draft.issued_by,
            "persons": found.persons,
            "reachable": found.reachable,
            "groups": found.groups,
            "uncalled_villages": found.uncalled,
            "second_person": found.second_person,
            "same_in_force": [a.id for a in same_in_force(c, draft, bearer.person, now)],
            "shape": None if prepared.found is None else _of_shape(prepared.found),
        }

    return told(await services.database.ask(query))


async def release_by_api(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Release a warning, or leave it for a second person."""
    bearer.require(Scope.RELEASE)
    asked = await Asked.of(request)
    if (answer := await answered_before(services, asked)) is not None:
        return answer
    wanted = release_asked(Body(await request.read()), services.gazetteer)
    rules = services.rules.warnings

    def read(c: Connection) -> Prepared:
        found = prepare(c, wanted, bearer, services)
        counted = count_if_large(c, found.draft, bearer.person.id, rules)
        return replace(found, counted=counted)

    prepared = await services.database.ask(read)
    draft = prepared.draft

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        bearer.require_areas(draft.areas)
        same = [] if wanted.same_too else same_in_force(c, draft, bearer.person, now)
        if same:
            raise Conflict(RequestProblem.SAME_IN_FORCE, alerts=[alert.id for alert in same])
        done = release(c, draft, bearer.person, rules, now, counted=prepared.counted)
        return (202 if done.state is State.PENDING else 201), released_facts(done)

    return await done_once(services, asked, act)


def prepare(
    connection: Connection, asked: ReleaseAsked, bearer: Bearer, services: Services
) -> Prepared:
    """The draft with what is not said: the areas of its shape or places, the signal, the headline.

    :raises NotAllowed: it reaches beyond the token's division.
    :raises InvalidInput: nobody is in its shape.
    """
    draft, gazetteer, found = asked.draft, services.gazetteer, None
    if asked.shape is not None:
        found = resolve(connection, services.geography, asked.shape, bearer.division)
        if not found.areas:
            raise InvalidInput(RequestProblem.EMPTY_SHAPE, field="shape")
        shape = sound(asked.shape, SHAPE_METRES).geojson()
        draft = replace(draft, areas=found.areas, besides=found.besides, shape=shape)
    known = place_store.known_places(connection) if draft.places else None
    named = [place for code in draft.places if known and (place := known.get(code)) is not None]
    areas = draft.areas or tuple(dict.fromkeys(place.division_code for place in named))
    bearer.require_areas(areas)
    signal = asked.signal
    if signal is None:
        headquarters = services.rules.headquarters
        home = bearer.person.division_code
        signal = nearest_service(headquarters, home, draft.hazard, gazetteer.name)
    names = {place.code: place.name for place in named}
    where = warned_name(services, areas, draft.places, names) if areas else ""
    words = headline(draft.level, draft.hazard, where, "zh")
    return Prepared(replace(draft, areas=areas, issued_by=signal, headline=words), found)


def _of_shape(found: Resolved) -> dict[str, Any]:
    return {
        "villages": found.villages,
        "unplaced": found.unplaced,
        "left_out": found.left_out,
        "outside": found.outside,
    }


def released_facts(done: Released) -> dict[str, Any]:
    """What came of a release."""
    return {
        "alert": done.alert_id,
        "state": done.state.value,
        "calls": done.calls,
        "groups": done.groups,
        "second_person": done.state is State.PENDING,
    }
