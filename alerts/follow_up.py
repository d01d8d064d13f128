"""After the answer: what was done, who needs help, and who is taken off the list with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

from alerts import calls, help_store, ladder_store, report_store
from alerts.acknowledge import CallResult, saved
from alerts.calls import Call, CallOutcome, Report
from alerts.helping import tell_officers
from alerts.lookup import call_of_another, known_alert, own_call, person_of
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.reports import CALLING_FOR_HELP, Plausible, ReportFact
from alerts.standing_down import about_call, stand_down
from contacts import people_store
from contacts.access import may_discharge
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import InvalidInput

CHUNK = 200
"""Late reports asked for in one transaction: small enough that a tap never waits long."""

MOST_MOVED = 100_000
PLAUSIBLE = Plausible()
LONGEST_TEXT = 500


class FollowUpProblem(Enum):
    """Why a report or a discharge was not taken."""

    NO_REASON = "no_reason"
    TEXT_TOO_LONG = "text_too_long"
    IMPLAUSIBLE_NUMBER = "implausible_number"


def report(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    what: Report,
    now: datetime,
    *,
    done_at: datetime | None = None,
    households: int | None = None,
    persons: int | None = None,
    text: str | None = None,
    plausible: Plausible = PLAUSIBLE,
    sure: bool = False,
) -> CallResult:
    """The addressee reports what was done; "cannot" and "help" go on to the officers above at once.

    :param done_at: when it was reported, if that was before now.
    :param households: households moved.
    :param persons: people moved.
    :param plausible: figures beyond it count only when the person is ``sure`` (``DOUBTED``).
    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    :raises InvalidInput: with a ``FollowUpProblem``: a number or a text nobody can mean.
    """
    person, call, alert = permit_report(connection, call_id, telegram_id)
    _check(households, persons, text, call=call_id)
    at = calls.report_time(call, done_at, now)
    changed, outcome = calls.report(
        call, what, at, households=households, persons=persons, text=text
    )
    if outcome is CallOutcome.ALREADY and what in CALLING_FOR_HELP:
        request = help_store.of_call(connection, call.id)
        if request is None or not request.open:  # what was asked for before is settled
            changed, outcome = replace(changed, reported_at=at), CallOutcome.RECORDED
    doubted = plausible.doubts(call.division_code, households, persons) and not sure
    if outcome is CallOutcome.RECORDED and doubted:
        return CallResult(CallOutcome.DOUBTED, call, alert, person)
    figures = {"households": households, "persons": persons}
    detail = {"report": what.value, **figures, "text": text, **when_done(at, now)}
    entry = Entry("call.reported", f"call:{call.id}", person.id, detail)
    attempt = saved(connection, CallResult(outcome, changed, alert, person), entry, now)
    if outcome is CallOutcome.RECORDED:
        fact = ReportFact(call.id, what, at, households, persons, text)
        report_store.add(connection, call, fact)
        if what in CALLING_FOR_HELP:
            new = help_store.ask(connection, call, what, text, at)
            again = call.report is what and not new
            tell_officers(connection, alert, changed, person, now, again=again)
    return attempt


def permit_report(
    connection: Connection, call_id: int, telegram_id: int
) -> tuple[Person, Call, Alert]:
    """Who may report on a call, the call and its warning: asked before the report is asked for.

    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    person = person_of(connection, telegram_id)
    call = own_call(connection, call_id, person)
    return person, call, known_alert(connection, call.alert_id)


def discharge(
    connection: Connection, call_id: int, telegram_id: int, reason: str, now: datetime
) -> CallResult:
    """An officer takes an open call off the list, with a reason (销号).

    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of the addressee.
    :raises InvalidInput: with a ``FollowUpProblem``: no reason, or too long a one.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = call_of_another(connection, call_id, officer, may_discharge, now)
    reason = check_reason(reason, call=call_id)
    changed, outcome = calls.discharge(call, officer.id, reason)
    entry = Entry("call.discharged", f"call:{call.id}", officer.id, {"reason": reason})
    done = saved(connection, CallResult(outcome, changed, alert, person), entry, now)
    if outcome is CallOutcome.RECORDED:
        stand_down(connection, [changed], now)
        if call.message_id is not None and person.reachable:
            outbox_store.add(connection, about_call(MessageKind.ANSWERED, changed, person), now)
    return done


def check_reason(reason: str, **facts: Any) -> str:
    """The reason somebody typed, without blanks around it.

    :param facts: what it is the reason for: a refusal names it.
    :raises InvalidInput: with a ``FollowUpProblem``: none, or too long a one.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput(FollowUpProblem.NO_REASON, **facts)
    _check(None, None, reason, **facts)
    return reason


def remind_reports(connection: Connection, now: datetime, *, limit: int = CHUNK) -> int:
    """Ask once those who answered but have not reported in time; returns how many were asked."""
    late = ladder_store.reports_due(connection, now, limit)
    people = people_store.people(connection, [call.person_id for call in late])
    deliveries = [
        to_person(
            people[call.person_id],
            MessageKind.REPORT_DUE,
            Lane.REST,
            role=people[call.person_id].role.value,
            alert_id=call.alert_id,
            call_id=call.id,
        )
        for call in late
        if people[call.person_id].reachable
    ]
    outbox_store.add_many(connection, deliveries, now)
    ladder_store.clear_report_due(connection, (call.id for call in late))
    append(connection, now, [Entry("call.report_asked", f"call:{call.id}", None) for call in late])
    return len(late)


def _check(households: int | None, persons: int | None, text: str | None, **facts: Any) -> None:
    for number in (households, persons):
        if number is not None and not 0 <= number <= MOST_MOVED:
            raise InvalidInput(
                FollowUpProblem.IMPLAUSIBLE_NUMBER, number=number, most=MOST_MOVED, **facts
            )
    if text is not None and len(text) > LONGEST_TEXT:
        raise InvalidInput(
            FollowUpProblem.TEXT_TOO_LONG, length=len(text), most=LONGEST_TEXT, **facts
        )
