"""Who wants help gets it from somebody: taken on by one officer, seen by the others, settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from alerts import help_store
from alerts.cards import help_list_store, progress_card_store
from alerts.cards.help_lists import tell_of_help
from alerts.lookup import call_of_another, known_alert, person_of
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import HelpNews
from alerts.reports import HelpRequest
from contacts import people_store
from contacts.access import may_discharge
from contacts.duty_store import officers_above
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotFound


class HelpProblem(Enum):
    """Why nothing can be done about a cry for help."""

    UNKNOWN = "unknown_help"


class HelpOutcome(Enum):
    """What became of taking on or settling a cry for help; only RECORDED changed anything."""

    RECORDED = "recorded"
    TAKEN = "taken"  # somebody was faster
    RESOLVED = "resolved"  # it is settled already


@dataclass(frozen=True, slots=True)
class HelpResult:
    """A cry for help as it is now, whose it is, and who has taken it on."""

    outcome: HelpOutcome
    request: HelpRequest
    person: Person
    taker: Person | None


def take(connection: Connection, request_id: int, telegram_id: int, now: datetime) -> HelpResult:
    """An officer takes it on (接手): the others see that, and whoever needs help.

    :raises NotFound: no such request.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    request = _known(connection, request_id)
    _, alert, person = call_of_another(connection, request.call_id, officer, may_discharge, now)
    if not request.open:
        return _result(connection, HelpOutcome.RESOLVED, request, person)
    if request.taken_by is not None:
        return _result(connection, HelpOutcome.TAKEN, request, person)
    help_store.taken(connection, request.id, officer.id, now)
    request = replace(request, taken_by=officer.id, taken_at=now)
    append(connection, now, [_entry("call.help_taken", request, officer)])
    _tell(connection, request, person, now)
    tell_officers(connection, alert, request.division_code, person, now, again=True)
    return _result(connection, HelpOutcome.RECORDED, request, person)


def resolve(connection: Connection, request_id: int, telegram_id: int, now: datetime) -> HelpResult:
    """It is settled: so says an officer in charge, or whoever needed help.

    :raises NotFound: no such request.
    :raises NotAllowed: a stranger, or somebody whom it does not concern.
    """
    by = person_of(connection, telegram_id)
    request = _known(connection, request_id)
    if by.id == request.person_id:
        person, alert = by, known_alert(connection, request.alert_id)
    else:
        _, alert, person = call_of_another(connection, request.call_id, by, may_discharge, now)
    if not request.open:
        return _result(connection, HelpOutcome.RESOLVED, request, person)
    request = _settle(connection, request, alert, person, by, now)
    return _result(connection, HelpOutcome.RECORDED, request, person)


def resolve_by_task(connection: Connection, request_id: int, by: Person, now: datetime) -> None:
    """The task that was made of a request is struck off by ``by``: what was asked for is there.

    Nothing is done where it was settled before.
    """
    request = help_store.request(connection, request_id)
    person = None if request is None else people_store.person(connection, request.person_id)
    if request is not None and person is not None and request.open:
        _settle(connection, request, known_alert(connection, request.alert_id), person, by, now)


def _settle(
    connection: Connection,
    request: HelpRequest,
    alert: Alert,
    person: Person,
    by: Person,
    now: datetime,
) -> HelpRequest:
    help_store.resolved(connection, request.id, by.id, now)
    request = replace(request, resolved_by=by.id, resolved_at=now)
    append(connection, now, [_entry("call.help_resolved", request, by)])
    if by.id != person.id:
        _tell(connection, request, person, now)
    tell_officers(connection, alert, request.division_code, person, now, again=True)
    return request


def tell_officers(
    connection: Connection, alert: Alert, code: str, person: Person, now: datetime, *, again: bool
) -> None:
    """The list of who needs help, to the officers above and to the sender of the warning.

    :param code: the division in which the person needs help.
    :param again: they have a list, which is edited: nobody new is on it.
    """
    officers = officers_above(connection, person.division_code, now)
    if code != person.division_code:
        officers = [*officers, *officers_above(connection, code, now)]
    sender = people_store.person(connection, alert.sender_id)
    progress_card_store.look_again(connection, [alert.id])
    told = {officer.id: officer for officer in (*officers, *([sender] if sender else []))}
    if again:  # the shift may have changed since: whoever has a list sees it
        known = help_list_store.readers(connection, alert.id)
        told |= people_store.people(connection, known)
    linked = [
        officer
        for officer in told.values()
        if officer.telegram_id is not None and officer.id != person.id
    ]
    tell_of_help(connection, alert.id, linked, now, again=again)


def _known(connection: Connection, request_id: int) -> HelpRequest:
    request = help_store.request(connection, request_id)
    if request is None:
        raise NotFound(HelpProblem.UNKNOWN, request=request_id)
    return request


def _tell(connection: Connection, request: HelpRequest, person: Person, now: datetime) -> None:
    """Whoever needs help reads who has taken it on, or that it is settled."""
    if person.reachable:
        news = to_person(
            person,
            HelpNews(request.id),
            Lane.ANSWER,
            role=person.role.value,
            alert_id=request.alert_id,
            call_id=request.call_id,
            coalesce_key=f"help-news:{request.id}",
        )
        outbox_store.add(connection, news, now)


def _result(
    connection: Connection, outcome: HelpOutcome, request: HelpRequest, person: Person
) -> HelpResult:
    taker = None
    if request.taken_by is not None:
        taker = people_store.person(connection, request.taken_by)
    return HelpResult(outcome, request, person, taker)


def _entry(action: str, request: HelpRequest, by: Person) -> Entry:
    return Entry(action, f"call:{request.call_id}", by.id, {"request": request.id})
