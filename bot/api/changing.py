"""A running warning is changed, lifted or cancelled by the API: as its person may in the chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from alerts import closing
from alerts.lifecycle import Change
from alerts.model import Alert
from alerts.publishing.model import RequestProblem
from alerts.updates.changing import applied_to, changed, update
from alerts.updates.model import Changed, Updated
from bot.api import facts
from bot.api.acting import Asked, answered_before, done_once
from bot.api.answers import told
from bot.api.bearer import Bearer
from bot.api.bodies import Body, areas_of, bad, level_of
from bot.api.reading import number_of
from bot.messages.facts import area_of_terms
from bot.publishing.as_json import time
from bot.services.services import Services
from bot.views.vocabulary import headline
from contacts.api_tokens import Scope
from contacts.area_shapes import resolve
from contacts.divisions.gazetteer import Gazetteer
from data.database import Connection
from data.errors import InvalidInput
from data.geo.shapes import Shape

MOST_HOURS = 24 * 30
MOST_NOTE = 200
"""Characters of the note to a change (ours)."""


def change_asked(body: Body, gazetteer: Gazetteer) -> tuple[Change, Shape | None]:
    """The change that a body asks for, and the land in which it is widened; what it does not name
    stays.

    :raises InvalidInput: with a ``RequestProblem`` and the ``field``.
    """
    shape = body.shape("shape")
    hours = body.number("hours", 0.1, MOST_HOURS)
    until = body.time("expires_at")
    if hours is not None and until is not None:
        raise bad("expires_at")  # one of the two
    lead = body.number("lead_minutes", 0, 14 * 24 * 60, whole=True)
    change = Change(
        level=level_of(body),
        text=body.optional_text("text"),
        longer=None if hours is None else timedelta(hours=hours),
        expires_at=until,
        add=areas_of(body, "add", gazetteer),
        remove=areas_of(body, "remove", gazetteer),
        lead_minutes=None if lead is None else int(lead),
        note=body.text("note", MOST_NOTE),
        issued_by=body.optional_text("signal", 80),
    )
    body.done()
    return change, shape


async def preview_change(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Whom a change would call, ask again, tell and stand down; nothing is done."""
    bearer.require(Scope.RELEASE)
    number, now = number_of(request), services.clock()
    asked, shape = change_asked(Body(await request.read()), services.gazetteer)

    def query(c: Connection) -> dict[str, Any]:
        change = _with_land(c, asked, shape, bearer, services)
        meant = _named(c, _alert(c, number, bearer, change), change, services, now)
        found = changed(c, number, meant, bearer.person, services.rules.warnings, now)
        return preview_facts(found)

    return told(await services.database.ask(query))


async def change_by_api(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Change a warning, or leave the change for a second person."""
    bearer.require(Scope.RELEASE)
    number, asked = number_of(request), await Asked.of(request)
    if (answer := await answered_before(services, asked)) is not None:
        return answer
    wanted, shape = change_asked(Body(await request.read()), services.gazetteer)
    rules = services.rules.warnings
    change = await services.database.ask(lambda c: _with_land(c, wanted, shape, bearer, services))

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        meant = _named(c, _alert(c, number, bearer, change), change, services, now)
        done = update(c, number, meant, bearer.person, rules, now)
        return (200 if done.pending is None else 202), updated_facts(done)

    return await done_once(services, asked, act)


async def lift_by_api(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Lift a warning (解除): what it warned of is over."""
    return await _end(services, bearer, request, lifted=True)


async def cancel_by_api(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Cancel a warning (取消): it should not have been issued."""
    return await _end(services, bearer, request, lifted=False)


async def _end(
    services: Services, bearer: Bearer, request: web.Request, *, lifted: bool
) -> web.StreamResponse:
    bearer.require(Scope.RELEASE)
    number, asked = number_of(request), await Asked.of(request)
    Body(await request.read()).done()
    zone = services.rules.warnings.zone

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        _alert(c, number, bearer, Change())
        end = closing.lift if lifted else closing.cancel
        over = end(c, number, bearer.person, now, zone)
        return 200, {"alert": over.id, "state": over.state.value, "version": over.version}

    return await done_once(services, asked, act)


def _with_land(
    connection: Connection,
    change: Change,
    shape: Shape | None,
    bearer: Bearer,
    services: Services,
) -> Change:
    """The change with what lies in a drawing: it is added, as in the chat.

    :raises InvalidInput: ``EMPTY_SHAPE``.
    """
    if shape is None:
        return change
    found = resolve(connection, services.geography, shape, bearer.division)
    if not found.areas:
        raise InvalidInput(RequestProblem.EMPTY_SHAPE, field="shape")
    drawn = "" if change.add else shape.geojson()
    return replace(change, add=tuple(dict.fromkeys((*change.add, *found.areas))), drawn=drawn)


def _alert(connection: Connection, number: int, bearer: Bearer, change: Change) -> Alert:
    """The warning, when the token reaches all of it and all that is added.

    :raises NotFound: it is not shown to the token.
    :raises NotAllowed: ``DIVISION``.
    """
    alert = facts.alert_seen(connection, number, bearer)
    bearer.require_areas((*alert.areas, *change.add))
    return alert


def _named(
    connection: Connection, alert: Alert, change: Change, services: Services, now: datetime
) -> Change:
    """The change with the headline that the warning has then: of its level and areas.

    :raises Conflict: with an ``alerts.lifecycle.Outcome``: there is nothing to be changed so.
    """
    if change.level is None and not change.add and not change.remove:
        return change
    terms = applied_to(connection, alert, change, services.rules.warnings, now).life.terms
    place = area_of_terms(connection, services, terms)
    return replace(change, headline=headline(terms.level, alert.hazard, place, "zh"))


def preview_facts(found: Changed) -> dict[str, Any]:
    """What a change would do."""
    after = found.after
    return {
        "kinds": [kind.value for kind in found.kinds],
        "level": after.level.value,
        "text": after.description,
        "areas": list(after.areas),
        "expires_at": time(after.expires_at),
        "asked_again": found.asked,
        "called": found.called,
        "told": found.told,
        "stood_down": found.stood_down,
        "groups": found.groups,
        "second_person": found.second_person,
    }


def updated_facts(done: Updated) -> dict[str, Any]:
    """What came of a change; ``change`` is its number while it waits."""
    return {
        "alert": done.alert_id,
        "version": done.version,
        "kinds": [kind.value for kind in done.kinds],
        "second_person": done.pending is not None,
        "change": done.pending,
    }
