"""What waits for a decision, by the API: listed, confirmed by a second person, withdrawn.

The second person is a commander by a token of their own, made for nothing else, of another system
than the one that proposed it: two tokens on one machine are one hand. The rest is as in the chat.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiohttp import web

from alerts import alert_store
from alerts.lifecycle import Terms
from alerts.lookup import known_alert
from alerts.model import Alert, State
from alerts.publishing.model import RequestProblem
from alerts.release import confirm, count_if_large, withdraw
from alerts.updates import pending_store
from alerts.updates.changing import applied_to
from alerts.updates.confirming import asked_about, confirm_change
from alerts.updates.model import ChangeProblem, ChangeState, PendingChange
from alerts.updates.pending import known_change, withdraw_change
from bot.api import drafts, facts
from bot.api.acting import Asked, done_once, released_facts
from bot.api.answers import told
from bot.api.bearer import Bearer
from bot.api.bodies import Body, Query, bad
from bot.api.changing import preview_facts, updated_facts
from bot.api.reading import number_of
from bot.messages.facts import area_of_terms
from bot.publishing.as_json import alert_json, by_of, time
from bot.services.services import Services
from bot.views.vocabulary import headline
from contacts.access import may_cancel
from contacts.api_tokens import Scope
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotFound

MOST_LISTED = 100
"""Of each kind (ours): more never wait but of drafts, whose number is told."""

_EITHER = (Scope.RELEASE, Scope.CONFIRM)


async def waiting(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """Releases and changes that wait for a second person, and what machines have proposed."""
    Query(request.query).done()
    now = services.clock()

    def read(c: Connection) -> dict[str, Any]:
        releases = [
            {"alert": alert_json(c, alert, services), "own": alert.sender_id == bearer.person.id}
            for alert in alert_store.alerts(c, State.PENDING, limit=MOST_LISTED)
            if facts.visible(alert, bearer) and alert.expires_at > now
        ]
        waits = pending_store.all_waiting(c, MOST_LISTED)
        alerts = alert_store.alerts_by_id(c, [one.alert_id for one in waits])
        changes = [
            _change_facts(c, one, alerts[one.alert_id], bearer, services, now)
            for one in waits
            if _decides(bearer, alerts[one.alert_id])
        ]
        return {"releases": releases, "changes": changes, **drafts.listed(c, bearer, services, now)}

    return told(await services.database.ask(read))


async def change(services: Services, bearer: Bearer, request: web.Request) -> web.Response:
    """A change that waits, or waited, and whom it would concern now."""
    Query(request.query).done()
    number, now, rules = _number(request), services.clock(), services.rules.warnings

    def read(c: Connection) -> dict[str, Any]:
        found, alert = _seen(c, number, bearer)
        would = None
        if found.state is ChangeState.PENDING:
            with suppress(Conflict, InvalidInput):  # nothing can be changed so any more
                would = preview_facts(asked_about(c, number, rules, now))
        return {**_change_facts(c, found, alert, bearer, services, now), "preview": would}

    return told(await services.database.ask(read))


async def confirm_release(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """The second person agrees: the warning goes out."""
    bearer.require(Scope.CONFIRM)
    number, asked, rules = number_of(request), await Asked.of(request), services.rules.warnings
    old_too = _old_too(await request.read())

    def count(c: Connection) -> int | None:
        alert = facts.alert_seen(c, number, bearer)
        return count_if_large(c, alert, alert.sender_id, rules)

    counted = await services.database.ask(count)

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        alert = facts.alert_seen(c, number, bearer)
        bearer.require_areas(alert.areas)
        if alert.state is State.PENDING:
            bearer.require_another(alert.command_line)
            old = services.rules.acts.old_proposal(alert.created_at, now)
            _not_too_old(alert.created_at, now, old=old and not old_too)
        done = confirm(c, number, bearer.person, rules, now, counted=counted)
        return 200, released_facts(done)

    return await done_once(services, asked, act, Scope.CONFIRM)


async def withdraw_release(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Whoever proposed it withdraws it, or the second person refuses it."""
    bearer.require(*_EITHER)
    number, asked = number_of(request), await Asked.of(request)
    Body(await request.read()).done()

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        bearer.require_areas(facts.alert_seen(c, number, bearer).areas)
        withdraw(c, number, bearer.person, now)
        return 200, {"alert": number, "state": State.REFUSED.value}

    return await done_once(services, asked, act, *_EITHER)


async def confirm_the_change(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """The second person agrees: the change is made, of the warning as it is by now."""
    bearer.require(Scope.CONFIRM)
    number, asked = _number(request), await Asked.of(request)
    body, rules = Body(await request.read()), services.rules.warnings
    old_too, version = body.flag("old_too"), body.number("version", 1, 10**6, whole=True)
    body.done()
    if version is None:
        raise bad("version")

    def named(c: Connection) -> Callable[[Alert, Terms], str]:
        def headline_of(alert: Alert, terms: Terms) -> str:
            place = area_of_terms(c, services, terms)
            return headline(terms.level, alert.hazard, place, "zh")

        return headline_of

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        found, alert = _seen(c, number, bearer)
        bearer.require_areas((*alert.areas, *found.change.add))
        if found.state is ChangeState.PENDING:
            bearer.require_another(found.command_line)
            old = services.rules.acts.old_preview(found.proposed_at, now)
            _not_too_old(found.proposed_at, now, old=old and not old_too)
            if max(1, alert.version) != version:
                raise Conflict(RequestProblem.CHANGED_SINCE, version=alert.version)
        done = confirm_change(c, number, bearer.person, rules, now, named=named(c))
        return 200, updated_facts(done)

    return await done_once(services, asked, act, Scope.CONFIRM)


async def withdraw_the_change(
    services: Services, bearer: Bearer, request: web.Request
) -> web.StreamResponse:
    """Whoever proposed the change withdraws it, or the second person refuses it."""
    bearer.require(*_EITHER)
    number, asked = _number(request), await Asked.of(request)
    Body(await request.read()).done()

    def act(c: Connection, bearer: Bearer, now: datetime) -> tuple[int, dict[str, Any]]:
        _found, alert = _seen(c, number, bearer)
        bearer.require_areas(alert.areas)
        decided = withdraw_change(c, number, bearer.person, now)
        return 200, {"change": number, "alert": alert.id, "state": decided.state.value}

    return await done_once(services, asked, act, *_EITHER)


def _old_too(body: bytes) -> bool:
    asked = Body(body)
    old_too = asked.flag("old_too")
    asked.done()
    return old_too


def _not_too_old(proposed_at: datetime, now: datetime, *, old: bool) -> None:
    """What was proposed so long ago that in the chat it would be shown anew.

    :raises Conflict: ``OLD_PROPOSAL``.
    """
    if old:
        raise Conflict(RequestProblem.OLD_PROPOSAL, since=now - proposed_at)


def _seen(connection: Connection, number: int, bearer: Bearer) -> tuple[PendingChange, Alert]:
    """A change and its warning, when both are shown; of any other it is not said that it exists.

    :raises NotFound: there is none, or none to be shown.
    """
    found = known_change(connection, number)
    alert = known_alert(connection, found.alert_id)
    if not _decides(bearer, alert):
        raise NotFound(ChangeProblem.UNKNOWN, change=number)
    return found, alert


def _decides(bearer: Bearer, alert: Alert) -> bool:
    """Whether the token's person may know what is proposed of a warning: whoever may decide it."""
    return facts.visible(alert, bearer) and may_cancel(bearer.person, alert.areas).allowed


def _number(request: web.Request) -> int:
    return number_of(request, "change", ChangeProblem.UNKNOWN)


def _change_facts(
    connection: Connection,
    found: PendingChange,
    alert: Alert,
    bearer: Bearer,
    services: Services,
    now: datetime,
) -> dict[str, Any]:
    would = None
    if found.state is ChangeState.PENDING:
        with suppress(Conflict):  # nothing can be changed so any more
            rules = services.rules.warnings
            applied = applied_to(connection, alert, found.change, rules, now)
            terms = applied.life.terms
            would = {
                "kinds": [kind.value for kind in applied.kinds],
                "level": terms.level.value,
                "text": terms.description,
                "areas": list(terms.areas),
                "expires_at": time(terms.expires_at),
            }
    return {
        "change": found.id,
        "alert": alert.id,
        "version": max(1, alert.version),
        "state": found.state.value,
        "by": by_of(found.command_line),
        "own": found.by_id == bearer.person.id,
        "note": found.change.note,
        "proposed_at": time(found.proposed_at),
        "decide_before": time(found.decide_before),
        "would_be": would,
    }
