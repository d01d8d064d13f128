"""An officer says whom they are ringing up, so that of 300 silent people nobody is rung twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import silent_store
from alerts.calls import Call
from alerts.lookup import person_of, watched_call
from alerts.model import Alert
from alerts.silence import Ringing
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection


@dataclass(frozen=True, slots=True)
class SilentPerson:
    """Somebody on the list, as one officer finds them: ``ringing`` says who rings them up now.

    ``None``: there is nothing to ring them up for any more.
    """

    call: Call
    alert: Alert
    person: Person
    ringing: Ringing | None


def ring(
    connection: Connection, call_id: int, telegram_id: int, now: datetime, *, instead: bool = False
) -> SilentPerson:
    """The officer rings this person up now: the others see it for some minutes.

    Nothing is noted where somebody else rings already, or where there is nothing to ring for any
    more: the answer came.

    :param instead: in the place of whoever else does.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = watched_call(connection, call_id, officer, now)
    if not (call.open and alert.chasing):
        return SilentPerson(call, alert, person, None)
    ringing = silent_store.ringing_up(connection, [call_id], now).get(call_id)
    if ringing is None or ringing.officer_id == officer.id or instead:
        silent_store.ring(connection, call_id, officer.id, now)
        append(connection, now, [Entry("call.ringing", f"call:{call_id}", officer.id)])
        ringing = Ringing(call_id, officer.id, officer.name, now)
    return SilentPerson(call, alert, person, ringing)


def stop_ringing(connection: Connection, call_id: int, telegram_id: int, now: datetime) -> Alert:
    """The officer did not get through: the person is free for others to ring up.

    :returns: the warning it was about.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    _, alert, _ = watched_call(connection, call_id, officer, now)
    if silent_store.stop_ringing(connection, call_id, officer.id):
        append(connection, now, [Entry("call.ringing_stopped", f"call:{call_id}", officer.id)])
    return alert
