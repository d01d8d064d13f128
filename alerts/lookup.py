"""Who asks and what they mean: a person by account, a warning or a call by number; or a refusal.

Numbers come from buttons, and buttons can be forged or years old: every use case looks up what is
meant here, and goes on only with what exists and concerns whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from enum import Enum

from alerts import alert_store, call_store
from alerts.calls import Call
from alerts.model import Alert, State
from contacts import people_store
from contacts.access import Access, may_cancel, may_record_proxy, may_watch, require
from contacts.duty_store import duty_divisions
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed, NotFound


class AlertProblem(Enum):
    """Why something cannot be done with a warning."""

    UNKNOWN = "unknown_alert"
    NOT_PENDING = "not_pending"
    OVER = "over"
    NOT_OUT = "not_out"  # it waits for its second person: it is withdrawn, not ended
    SENDER_LEFT = "sender_left"  # who proposed it may not release it any more
    NOT_HELD = "not_held"  # somebody has decided that it goes out
    PROLONGED = "prolonged"  # it holds until another time by now
    CLOSED = "calling_closed"  # it is in force, but nobody is called any more


class Refusal(Enum):
    """Why an answer to a call was not taken."""

    NOT_LINKED = "not_linked"  # a stranger: this Telegram account belongs to nobody we know
    NOT_YOURS = "not_yours"  # another person's button, or forged
    NO_CALL = "no_call"  # a member of the group who was not called
    UNKNOWN = "unknown_call"


def person_of(connection: Connection, telegram_id: int) -> Person:
    """Whose Telegram account this is.

    :raises NotAllowed: nobody's, or somebody's who left the roster (``NOT_LINKED``).
    """
    person = people_store.person_by_telegram(connection, telegram_id)
    if person is None or not person.active:
        raise NotAllowed(Refusal.NOT_LINKED)
    return person


def known_alert(connection: Connection, alert_id: int) -> Alert:
    """The warning of this number.

    :raises NotFound: there is none.
    """
    alert = alert_store.alert(connection, alert_id)
    if alert is None:
        raise NotFound(AlertProblem.UNKNOWN, alert=alert_id)
    return alert


def may_know_of(person: Person | None, alert: Alert) -> bool:
    """Whether somebody may know that this warning exists at all.

    What was not released, waiting for the second person or refused, is known to those who may
    release it.
    """
    if alert.state not in (State.PENDING, State.REFUSED):
        return True
    return may_cancel(person, alert.areas).allowed


def watched_alert(connection: Connection, alert_id: int, watcher: Person) -> Alert:
    """The warning of this number, for somebody who wants to see who has answered it.

    :raises NotFound: there is none.
    :raises NotAllowed: it is not theirs to watch.
    """
    alert = known_alert(connection, alert_id)
    if not may_know_of(watcher, alert):
        raise NotFound(AlertProblem.UNKNOWN, alert=alert_id)
    require(may_watch(watcher, alert.areas), alert=alert_id)
    return alert


def watched_alerts(connection: Connection, watcher: Person, *states: State) -> list[Alert]:
    """The newest warnings in these states that ``watcher`` may watch; the newest first.

    :raises NotAllowed: there are some that concern them, but their post watches none.
    """
    found = alert_store.alerts(connection, *states)
    alerts = [alert for alert in found if may_know_of(watcher, alert)]
    verdicts = [(alert, may_watch(watcher, alert.areas)) for alert in alerts]
    watched = [alert for alert, verdict in verdicts if verdict.allowed]
    # Those of other places are no concern of theirs: they do not make it "nothing in force".
    refused = [alert for alert, verdict in verdicts if verdict is Access.NOT_ON_DUTY]
    if refused and not watched:
        raise NotAllowed(Access.NOT_ON_DUTY, alert=refused[0].id)
    return watched


def known_call(connection: Connection, call_id: int) -> Call:
    """The call of this number.

    :raises NotFound: there is none.
    """
    call = call_store.call(connection, call_id)
    if call is None:
        raise NotFound(Refusal.UNKNOWN, call=call_id)
    return call


def own_call(connection: Connection, call_id: int, person: Person) -> Call:
    """The call of this number, for its addressee.

    :raises NotFound: there is none.
    :raises NotAllowed: it is another person's (``NOT_YOURS``).
    """
    call = known_call(connection, call_id)
    if call.person_id != person.id:
        raise NotAllowed(Refusal.NOT_YOURS, call=call_id)
    return call


def call_of_another(
    connection: Connection,
    call_id: int,
    officer: Person,
    may: Callable[[Person, Person, Collection[str]], Access],
    now: datetime,
) -> tuple[Call, Alert, Person]:
    """A call, its warning and its addressee, for an officer who acts in their place.

    :param may: the rule: ``contacts.access.may_record_proxy`` or ``may_discharge``.
    :raises NotFound: there is no such call.
    :raises NotAllowed: the officer is not in charge of the addressee.
    """
    call = known_call(connection, call_id)
    alert = known_alert(connection, call.alert_id)
    person = people_store.person(connection, call.person_id)
    assert person is not None
    verdict = may(officer, person, ())
    if not verdict.allowed:  # a shift may allow what their posts do not
        verdict = may(officer, person, duty_divisions(connection, officer.id, now))
    require(verdict, call=call_id, person=person.id)
    return call, alert, person


def watched_call(
    connection: Connection, call_id: int, officer: Person, now: datetime
) -> tuple[Call, Alert, Person]:
    """A call, its warning and its addressee, for an officer who asks what can be done about it.

    :raises NotFound: there is no such call.
    :raises NotAllowed: the warning is not theirs to watch, or they are not in charge of the person.
    """
    watched_alert(connection, known_call(connection, call_id).alert_id, officer)
    return call_of_another(connection, call_id, officer, may_record_proxy, now)
