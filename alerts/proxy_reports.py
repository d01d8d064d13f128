"""An officer records what somebody reported over the telephone: done, moved, cannot, help."""

from __future__ import annotations

from datetime import datetime

from alerts.accounts import note_use
from alerts.acknowledge import CallResult, by_proxy
from alerts.calls import Call, CallOutcome, Proxy, Report
from alerts.follow_up import PLAUSIBLE, report_by_person
from alerts.lookup import Refusal, call_of_another, person_of
from alerts.loop.evacuation.standing import beyond_target
from alerts.model import Alert
from alerts.reports import Plausible
from contacts.access import may_record_proxy
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed


def permit_report_for(
    connection: Connection, call_id: int, telegram_id: int, now: datetime
) -> tuple[Person, Call, Alert, Person]:
    """The officer, the call, its warning and whom it is to: asked before a report is asked for.

    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, not an officer in charge of that person, or their own call.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = call_of_another(connection, call_id, officer, may_record_proxy, now)
    if person.id == officer.id:
        raise NotAllowed(Refusal.NOT_YOURS, call=call_id)
    return officer, call, alert, person


def report_for(
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
    """What the person said counts as their report; the trail says which officer recorded it.

    Who reports has answered: a call that is open is answered by telephone first. "Cannot" and
    "help" go on to the officers above at once, as if the person had pressed the button.

    :param done_at: when they said so, if that was before now.
    :param sure: figures that hardly anybody can mean were asked about.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    :raises InvalidInput: with a ``FollowUpProblem``: a number or a text nobody can mean.
    """
    officer, call, alert, person = permit_report_for(connection, call_id, telegram_id, now)
    if not sure and (
        plausible.doubts(call.division_code, households, persons)
        or beyond_target(connection, alert, call.division_code, households) is not None
    ):
        return CallResult(CallOutcome.DOUBTED, call, alert, person)
    if call.open:
        answered = by_proxy(connection, call_id, telegram_id, Proxy.PHONE, now, done_at=done_at)
        if answered.outcome not in (CallOutcome.RECORDED, CallOutcome.ALREADY):
            return answered
    done = report_by_person(
        connection,
        call_id,
        person.id,
        what,
        now,
        done_at=done_at,
        households=households,
        persons=persons,
        text=text,
        sure=True,
        by=officer.id,
    )
    if done.outcome is CallOutcome.RECORDED:
        note_use(connection, officer, now)
    return done
