"""Warnings that machines propose, by the API: listed, released as they are, or not sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from alerts import alert_store, closing
from alerts.drafts.deciding import ProposalProblem, dismiss, known_proposal, waiting
from alerts.drafts.deciding import released as draft_released
from alerts.drafts.model import ProposalKind, ProposalState, StoredProposal
from alerts.drafts.proposing import end
from alerts.lookup import AlertProblem
from alerts.model import State
from alerts.publishing.model import RequestProblem
from alerts.release import count_if_large, release
from alerts.same_warnings import same_in_force
from alerts.updates.changing import update
from bot.api.acting import Act, Asked, answered_before, done_once, prepare, released_facts
from bot.api.bearer import Bearer
from bot.api.bodies import Body, ReleaseAsked
from bot.api.changing import updated_facts
from bot.api.reading import number_of
from bot.messages.drafts import change_proposed
from bot.messages.facts import warned_name
from bot.publishing.as_json import time
from bot.services.services import Services
from bot.views.vocabulary import headline
from contacts import place_store
from contacts.api_tokens import Scope
from contacts.divisions.codes import overlap
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound

MOST_DRAFTS = 100
"""Of a list, the newest (ours): a feed may bring thousands."""


def listed(
    connection: Connection, bearer: Bearer, services: Services, now: datetime
) -> dict[str, Any]:
    """What waits for a decision in the token's division, and how many in all."""
    found = [one for one in waiting(connection, bearer.person, now) if _shown(one, bearer)]
    told = [_facts(connection, one, services) for one in found[:MOST_DRAFTS]]
    return {"drafts": told, "drafts_in_all": len(found)}


async def dismiss_draft(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """不发: it does not go out."""
    bearer.require(Scope.RELEASE)
    number, asked = _number(request), await Asked.of(request)
    Body(await request.read()).done()

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        stored = _open(c, number, bearer)
        bearer.require_areas(stored.proposal.draft.areas)
        decided = dismiss(c, number, bearer.person, now)
        return 200, {"draft": number, "state": decided.state.value}

    return await done_once(services, asked, act)


async def release_draft(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """It goes out as it is: a warning, a change of one that is in force, or its lifting."""
    bearer.require(Scope.RELEASE)
    number, asked = _number(request), await Asked.of(request)
    if (answer := await answered_before(services, asked)) is not None:
        return answer
    body = Body(await request.read())
    same_too = body.flag("same_too")
    body.done()
    rules = services.rules.warnings

    def count(c: Connection) -> tuple[ProposalKind, int | None]:
        found = _known(c, number, bearer, lock=False)  # decided: it may be asked by its key again
        kind, large = found.proposal.kind, None
        if kind is ProposalKind.NEW and found.open:
            large = count_if_large(c, found.proposal.draft, bearer.person.id, rules)
        return kind, large

    kind, counted = await services.database.ask(count)

    def as_warning(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        draft = _open(c, number, bearer).proposal.draft
        wanted = ReleaseAsked(draft, draft.issued_by, same_too)
        draft = prepare(c, wanted, bearer, services).draft
        same = [] if same_too else same_in_force(c, draft, bearer.person, now)
        if same:
            raise Conflict(RequestProblem.SAME_IN_FORCE, alerts=[alert.id for alert in same])
        done = release(c, draft, bearer.person, rules, now, counted=counted)
        draft_released(c, number, bearer.person, done.alert_id, now)
        return (202 if done.state is State.PENDING else 201), released_facts(done)

    def as_change(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        stored = _open(c, number, bearer)
        about = stored.proposal.changes
        alert = None if about is None else alert_store.alert(c, about)
        if alert is None or not alert.in_force:
            raise Conflict(AlertProblem.OVER, alert=about)
        change = change_proposed(c, services, stored, alert)
        bearer.require_areas((*alert.areas, *change.add))
        if stored.proposal.kind is ProposalKind.LIFT:
            over = closing.lift(c, alert.id, bearer.person, now, rules.zone)
            return 200, {"alert": over.id, "state": over.state.value, "version": over.version}
        done = update(c, alert.id, change, bearer.person, rules, now)
        if done.pending is None and _known(c, number, bearer).open:
            end(c, stored, ProposalState.RELEASED, bearer.person, now, alert_id=alert.id)
        return (200 if done.pending is None else 202), updated_facts(done)

    act: Act = as_warning if kind is ProposalKind.NEW else as_change
    return await done_once(services, asked, act)


def _number(request: web.Request) -> int:
    return number_of(request, "draft", ProposalProblem.UNKNOWN)


def _known(
    connection: Connection, number: int, bearer: Bearer, *, lock: bool = True
) -> StoredProposal:
    """A draft that is shown; of any other it is not said that it exists.

    :raises NotFound: there is none, or none to be shown.
    """
    unknown = NotFound(ProposalProblem.UNKNOWN, number=number)
    try:
        found = known_proposal(connection, number, bearer.person, lock=lock)
    except NotAllowed:
        raise unknown from None
    if not _shown(found, bearer):
        raise unknown
    return found


def _open(connection: Connection, number: int, bearer: Bearer) -> StoredProposal:
    """The same, while it waits for a decision.

    :raises NotFound: as ``_known``.
    :raises Conflict: ``DECIDED``.
    """
    found = _known(connection, number, bearer)
    if not found.open:
        raise Conflict(ProposalProblem.DECIDED, number=number)
    return found


def _shown(stored: StoredProposal, bearer: Bearer) -> bool:
    return overlap([bearer.division], stored.proposal.draft.areas)


def _facts(connection: Connection, stored: StoredProposal, services: Services) -> dict[str, Any]:
    proposal, draft = stored.proposal, stored.proposal.draft
    names = place_store.names(connection, draft.places) if draft.places else {}
    place = warned_name(services, draft.areas, draft.places, names)
    gazetteer = services.gazetteer
    return {
        "draft": stored.id,
        "kind": proposal.kind.value,
        "alert": proposal.changes,
        "source": proposal.source,
        "sender": proposal.sender,
        "level": draft.level.value,
        "hazard": draft.hazard.value,
        "headline": draft.headline or headline(draft.level, draft.hazard, place, "zh"),
        "text": draft.text,
        "areas": [{"code": code, "name": gazetteer.path(code) or code} for code in draft.areas],
        "exercise": draft.exercise,
        "lead_minutes": draft.lead_minutes,
        "notes": list(proposal.notes),
        "created_at": time(stored.created_at),
        "valid_until": time(proposal.valid_until),
    }
