"""After the answer: what was done, who needs help, and who is taken off the list with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from alerts import call_post_store, calls, help_store, ladder_store, report_store
from alerts.accounts import note_use
from alerts.acknowledge import CallResult, saved
from alerts.call_post_store import PlaceProblem
from alerts.calls import Call, CallOutcome, CallState, Report
from alerts.figures_together import less
from alerts.helping import tell_officers
from alerts.lookup import Refusal, call_of_another, known_alert, own_call, person_of
from alerts.loop.evacuation.settling import figures_said
from alerts.loop.evacuation.standing import beyond_target
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.messages import MessageKind
from alerts.reports import CALLING_FOR_HELP, Plausible, PostReport, ReportFact, Where
from alerts.standing_down import about_call, stand_down
from contacts import people_store
from contacts.access import may_discharge
from contacts.people import Person
from data.audit import Entry, when_done
from data.database import Connection
from data.errors import InvalidInput, NotAllowed, NotFound

MOST_MOVED = 100_000
PLAUSIBLE = Plausible()
LONGEST_TEXT = 500


class FollowUpProblem(Enum):
    """Why a report or a discharge was not taken."""

    NO_REASON = "no_reason"
    TEXT_TOO_LONG = "text_too_long"
    IMPLAUSIBLE_NUMBER = "implausible_number"
    NO_FIGURES = "no_figures"  # neither households nor persons, or no digits


def report(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    what: Report,
    now: datetime,
    *,
    where: Where | None = None,
    done_at: datetime | None = None,
    households: int | None = None,
    persons: int | None = None,
    text: str | None = None,
    plausible: Plausible = PLAUSIBLE,
    sure: bool = False,
) -> CallResult:
    """As ``report_by_person``, for whoever this Telegram account belongs to.

    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    return report_by_person(
        connection,
        call_id,
        person_of(connection, telegram_id).id,
        what,
        now,
        where=where,
        done_at=done_at,
        households=households,
        persons=persons,
        text=text,
        plausible=plausible,
        sure=sure,
        shown=True,
    )


def report_by_person(
    connection: Connection,
    call_id: int,
    person_id: int,
    what: Report,
    now: datetime,
    *,
    where: Where | None = None,
    done_at: datetime | None = None,
    households: int | None = None,
    persons: int | None = None,
    text: str | None = None,
    plausible: Plausible = PLAUSIBLE,
    sure: bool = False,
    shown: bool = False,
    by: int | None = None,
    ticked: bool = False,
) -> CallResult:
    """The addressee reports what was done; "cannot" and "help" go on to the officers above at once.

    Whoever calls this knows that it is they: by a Telegram account, a signed link, a telephone.

    :param where: the one place that it is for, of several; without, it is for all of them.
    :param done_at: when it was reported, if that was before now.
    :param households: households moved.
    :param persons: people moved.
    :param plausible: figures beyond it count only when the person is ``sure`` (``DOUBTED``).
    :param shown: whoever calls this shows it in the message of the call, where there is one.
    :param by: the officer who records what the person said (``alerts.proxy_reports``).
    :param ticked: the figures are the sum of households that were ticked.
    :returns: the call as it stands at that place; ``CLOSED`` and nothing recorded where the warning
        was cancelled before.
    :raises NotFound: no such call, or it is not for that place (``PlaceProblem``).
    :raises NotAllowed: with a ``Refusal``: somebody who left the roster, or not the addressee.
    :raises InvalidInput: with a ``FollowUpProblem``: a number or a text nobody can mean.
    """
    person = people_store.person(connection, person_id)
    if person is None or not person.active:
        raise NotAllowed(Refusal.NOT_LINKED)
    call = own_call(connection, call_id, person)
    alert = known_alert(connection, call.alert_id)
    check_moved(households, persons, call=call_id)
    _check_length(text, call=call_id)
    at = calls.report_time(call, done_at, now)
    if comes_after_cancelling(alert, what, at):
        return CallResult(CallOutcome.CLOSED, call, alert, person)
    places = call_post_store.places_of(connection, call)
    alone = _place_of(call, places, where)
    its_post = call if alone is None else call_at(call, alone)
    changed, outcome = calls.report(
        its_post, what, at, households=households, persons=persons, text=text
    )
    code, place_code = (call.division_code, call.place_code) if alone is None else alone.where
    if outcome is CallOutcome.ALREADY and (
        _asks_anew(connection, call, code, what) or (alone is None and _left(places, what))
    ):
        changed, outcome = changed._replace(reported_at=at), CallOutcome.RECORDED
    if outcome is CallOutcome.RECORDED and not sure:
        beyond = beyond_target(connection, alert, code, households)
        if beyond is not None or plausible.doubts(code, households, persons):
            outcome = CallOutcome.DOUBTED
    if outcome is not CallOutcome.RECORDED:
        return CallResult(
            outcome, call if outcome is CallOutcome.DOUBTED else its_post, alert, person
        )
    fact = ReportFact(
        call.id, what, at, households, persons, text, code, place_code, alone is not None
    )
    its_call = changed if its_post is call else less(connection, call, alone, changed)
    result = CallResult(outcome, its_call, alert, person)
    _record(connection, result, fact, places, now, person.id if by is None else by)
    if not ticked:
        figures_said(connection, alert, call, fact, now)
    showing = alone is not None or not shown
    if showing and call.message_id is not None and person.reachable:
        outbox_store.add(connection, about_call(MessageKind.ANSWERED, call, person), now)
    if what in CALLING_FOR_HELP:
        new = help_store.ask(connection, call._replace(division_code=code), what, text, at)
        again = its_post.report is what and not new
        tell_officers(connection, alert, code, person, now, again=again)
    return CallResult(outcome, changed, alert, person)


def comes_after_cancelling(alert: Alert, what: Report, at: datetime) -> bool:
    """Whether there is nothing to report on: the warning should not have been issued.

    What was done before counts, however late it is handled; a cry for help always does.
    """
    if alert.state is not State.CANCELLED or alert.cancelled_at is None:
        return False
    return what not in CALLING_FOR_HELP and at >= alert.cancelled_at


def _place_of(call: Call, places: Iterable[PostReport], where: Where | None) -> PostReport | None:
    """The place that is reported on, of several that a call is for; ``None``: all of them.

    :raises NotFound: with a ``PlaceProblem``: the call is not for it.
    """
    found = next((place for place in places if place.where == where), None)
    if found is None and where not in (None, (call.division_code, call.place_code)):
        raise NotFound(PlaceProblem.NO_SUCH, call=call.id)
    return found


def _asks_anew(connection: Connection, call: Call, code: str, what: Report) -> bool:
    """Whether help is asked for again: what was asked for before is settled."""
    if what not in CALLING_FOR_HELP:
        return False
    request = help_store.of_call(connection, call.id, code)
    return request is None or not request.open


def _record(
    connection: Connection,
    result: CallResult,
    fact: ReportFact,
    places: Sequence[PostReport],
    now: datetime,
    by: int,
) -> None:
    call = result.call
    figures = {"households": fact.households, "persons": fact.persons}
    detail = {"report": fact.report.value, **figures, "text": fact.text}
    detail |= when_done(fact.reported_at, now)
    if fact.where is not None:
        detail |= {"division": fact.division_code, "place": fact.place_code}
    act = "call.reported" if by == result.person.id else "call.reported_by_proxy"
    entry = Entry(act, f"call:{call.id}", by, detail)
    left = any(place.report is None and place.where != fact.where for place in places)
    due = None
    if fact.where is not None and left:  # the other places are still asked for
        due = ladder_store.report_due_at(connection, call.id)
    saved(connection, result, entry, now, report_due=due)
    report_store.add(connection, call, fact)
    if places:
        call_post_store.set_report(
            connection, call, fact.where, fact.report, fact.reported_at, **figures
        )


def call_at(call: Call, place: PostReport) -> Call:
    """The call as it stands at one of its places."""
    if place.where == (call.division_code, call.place_code):
        return call
    state = call.state
    if call.answered:
        state = CallState.ACKNOWLEDGED if place.report is None else CallState.REPORTED
    return call._replace(
        state=state,
        report=place.report,
        reported_at=place.reported_at,
        households=place.households,
        persons=place.persons,
        report_text=None,
    )


def _left(places: Iterable[PostReport], what: Report) -> bool:
    """Whether something else, or nothing, was reported last of one of these places."""
    return any(place.report is not what for place in places)


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
        note_use(connection, officer, now)
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
    _check_length(reason, **facts)
    return reason


def check_moved(households: int | None, persons: int | None, **facts: Any) -> None:
    """Refuse figures that no division of the province can have.

    :raises InvalidInput: with a ``FollowUpProblem``.
    """
    for number in (households, persons):
        if number is not None and not 0 <= number <= MOST_MOVED:
            raise InvalidInput(
                FollowUpProblem.IMPLAUSIBLE_NUMBER, number=number, most=MOST_MOVED, **facts
            )


def _check_length(text: str | None, **facts: Any) -> None:
    if text is not None and len(text) > LONGEST_TEXT:
        raise InvalidInput(
            FollowUpProblem.TEXT_TOO_LONG, length=len(text), most=LONGEST_TEXT, **facts
        )
