"""Warnings, counts, silent persons and sources, as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerts import alert_store, progress_store, report, silent_store
from alerts.calls import Call
from alerts.lookup import AlertProblem, may_know_of
from alerts.model import Alert
from alerts.publishing import listing_store
from alerts.publishing.model import RequestProblem
from alerts.sources.feed_store import FeedState, feed_states
from bot.api.bearer import Bearer
from bot.publishing.as_json import alert_json, time
from bot.services.services import Services
from contacts import access_log_store, people_store
from contacts.access import may_see_phone, may_watch
from contacts.access_log_store import Way
from contacts.divisions.codes import Tier, code_range, overlap, tier_of
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, NotFound

NO_ALERT = "unknown_alert"


def visible(alert: Alert, bearer: Bearer) -> bool:
    """Whether a warning is shown: it concerns the token's division, and its person may watch it."""
    return (
        overlap([bearer.division], alert.areas)
        and may_watch(bearer.person, alert.areas).allowed
        and may_know_of(bearer.person, alert)
    )


def alert_seen(connection: Connection, alert_id: int, bearer: Bearer) -> Alert:
    """The warning of this number, when it is shown; of any other it is not said that it exists.

    :raises NotFound: there is none, or none to be shown.
    """
    alert = alert_store.alert(connection, alert_id)
    if alert is None or not visible(alert, bearer):
        raise NotFound(AlertProblem.UNKNOWN, alert=alert_id)
    return alert


def alert_called(connection: Connection, alert_id: int, bearer: Bearer) -> Alert:
    """As ``alert_seen``, for whoever asks about its calls.

    :raises NotFound: as there.
    :raises Conflict: ``ARCHIVED``: they are in the history, and here would be none.
    """
    alert = alert_seen(connection, alert_id, bearer)
    if alert.archived_at is not None:
        raise Conflict(RequestProblem.ARCHIVED, alert=alert_id)
    return alert


def alert_page(
    connection: Connection, page: listing_store.Page, services: Services
) -> dict[str, Any]:
    """Some warnings, and where the next page begins."""
    told = [alert_json(connection, alert, services) for alert in page.alerts]
    return {"alerts": told, "next_before": page.before}


def calls_facts(
    connection: Connection, alert: Alert, bearer: Bearer, services: Services, tier: Tier | None
) -> dict[str, Any]:
    """How the calls in the token's division stand, by divisions of a tier; no names, no numbers."""
    own = tier_of(bearer.division)
    widest = max((own, report.breakdown_tier(alert.areas)), key=lambda one: one.depth)
    by = tier or (widest.below or widest if widest is own else widest)
    low, high = code_range(bearer.division)
    rows = progress_store.counts(connection, alert.id, low, high, tier=by)
    name = services.gazetteer.name
    return {
        "alert": alert.id,
        "division": bearer.division,
        "tier": by.value,
        "total": asdict(report.total(rows)),
        "divisions": [
            {"code": code, "name": name(code), **asdict(counts)}
            for code, counts in report.by_division(rows, by).items()
        ],
    }


def silent_facts(
    connection: Connection,
    alert: Alert,
    bearer: Bearer,
    services: Services,
    now: datetime,
    *,
    offset: int,
    limit: int,
) -> tuple[dict[str, Any], list[Person]]:
    """Who has not answered in the token's division, with numbers; and whose numbers were shown."""
    calls = silent_store.listed(
        connection, alert.id, bearer.division, now, limit=limit + 1, offset=offset
    )
    people = people_store.people(connection, {call.person_id for call in calls})
    told, shown = [], []
    for call in calls[:limit]:
        person = people[call.person_id]
        phone = may_see_phone(bearer.person, person).allowed
        if phone:
            shown.append(person)
        told.append(_silent(call, person, services, phone=phone))
    more = offset + limit if len(calls) > limit else None
    facts = {"alert": alert.id, "division": bearer.division, "silent": told, "next_offset": more}
    return facts, shown


def note_shown(connection: Connection, bearer: Bearer, shown: Iterable[str], now: datetime) -> None:
    """Note whose numbers the token's person was shown by the API."""
    access_log_store.note_numbers(connection, bearer.person, set(shown), Way.API, now)


def _silent(call: Call, person: Person, services: Services, *, phone: bool) -> dict[str, Any]:
    return {
        "call": call.id,
        "name": person.name,
        "phone": person.phone if phone else None,
        "role": call.role,
        "division": call.division_code,
        "division_name": services.gazetteer.path(call.division_code),
        "reach": call.reach.value,
        "called_at": time(call.called_at),
        "delivered_at": time(call.delivered_at),
        "stand_in": call.stand_in_for is not None,
    }


def source_facts(connection: Connection) -> dict[str, Any]:
    """How the sources that are polled stand."""
    return {"sources": [_source(state) for state in feed_states(connection)]}


def _source(state: FeedState) -> Mapping[str, Any]:
    return {
        "name": state.name,
        "ok": state.failures == 0 and state.succeeded_at is not None,
        "failures": state.failures,
        "fault": None if state.fault is None else state.fault.value,
        "tried_at": time(state.tried_at),
        "succeeded_at": time(state.succeeded_at),
        "newest_at": time(state.newest_at),
        "rows": state.rows,
        "bad_rows": state.bad_rows,
        "next_at": time(state.next_at),
    }
