"""A report that is late climbs like a call: the person, the duty officer above, the tier above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from alerts import alert_store, ladder_store, late_report_store, silent_store
from alerts.calls import Call
from alerts.escalation import ReportStep, next_report_due, report_due, report_step
from alerts.ladder_store import ReportStepsRow
from alerts.lookup import person_of, watched_call
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from alerts.rungs import divisions_of
from contacts import people_store
from contacts.divisions.codes import ancestors
from contacts.duty_store import officers_above_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

CHUNK = 200
"""Late reports looked at in one transaction: small enough that a tap never waits long."""

_ACTIONS = {
    ReportStep.ASKED: "call.report_asked",
    ReportStep.OFFICER: "call.report_to_officer",
    ReportStep.NEXT_TIER: "call.report_to_next_tier",
}


def climb_reports(
    connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK
) -> int:
    """Take the rungs due at ``now`` of those who answered but have not reported; returns how many.

    Each rung comes after the same time (the level's ``report`` minutes). Of a warning that is held
    nothing is taken: it waits that long again.
    """
    late = ladder_store.reports_due(connection, now, limit)
    alerts = {call.alert_id: alert_store.alert(connection, call.alert_id) for call in late}
    taken: dict[tuple[int, ReportStep], list[Call]] = defaultdict(list)
    rows: list[ReportStepsRow] = []
    entries: list[Entry] = []
    for call in late:
        alert, step = alerts[call.alert_id], report_step(call.steps)
        assert alert is not None
        policy = rules.policies[alert.level]
        if step is None or not alert.in_force:
            rows.append((call.id, call.steps, None))
        elif alert.held:
            rows.append((call.id, call.steps, report_due(policy, now)))
        else:
            steps = call.steps | step
            rows.append((call.id, steps, next_report_due(policy, steps, now)))
            entries.append(Entry(_ACTIONS[step], f"call:{call.id}", None))
            taken[call.alert_id, step].append(call)
    deliveries: list[NewDelivery] = []
    for (alert_id, step), calls in taken.items():
        alert = alerts[alert_id]
        assert alert is not None
        if step is ReportStep.ASKED:
            deliveries += _asked(connection, calls)
        else:
            deliveries += _listed(connection, alert, calls, step, now)
    outbox_store.add_many(connection, deliveries, now)
    ladder_store.save_report_steps(connection, rows)
    append(connection, now, entries)
    return len(late)


def ring_about_report(
    connection: Connection, call_id: int, telegram_id: int, now: datetime
) -> tuple[Alert, Person, Person | None]:
    """The officer rings up somebody who has answered but not reported: the others see it.

    :returns: the warning, the officer, and who rings them up now: the officer, unless somebody else
        did before; ``None``: there is nothing to ring for any more.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    call, alert, _ = watched_call(connection, call_id, officer, now)
    if not alert.in_force or not late_report_store.is_unreported(connection, call.id):
        return alert, officer, None
    known = silent_store.ringing_up(connection, [call_id], now).get(call_id)
    if known is not None and known.officer_id != officer.id:
        return alert, officer, people_store.person(connection, known.officer_id)
    silent_store.ring(connection, call_id, officer.id, now)
    append(connection, now, [Entry("call.ringing_about_report", f"call:{call_id}", officer.id)])
    return alert, officer, officer


def _asked(connection: Connection, calls: Iterable[Call]) -> list[NewDelivery]:
    """The question to each of these themselves."""
    people = people_store.people(connection, [call.person_id for call in calls])
    return [
        to_person(
            people[call.person_id],
            MessageKind.REPORT_DUE,
            Lane.REST,
            role=people[call.person_id].role.value,
            alert_id=call.alert_id,
            call_id=call.id,
        )
        for call in calls
        if people[call.person_id].reachable
    ]


def _listed(
    connection: Connection, alert: Alert, calls: Iterable[Call], step: ReportStep, now: datetime
) -> list[NewDelivery]:
    """The list to the officers above, one message each, whatever the number of persons on it.

    Where nobody above can be reached, whoever released the warning gets it.
    """
    codes = divisions_of(connection, calls)
    if step is ReportStep.NEXT_TIER:
        codes = {next(iter(ancestors(code)), code) for code in codes}
    above = officers_above_many(connection, codes, now)
    sender = people_store.person(connection, alert.sender_id)
    instead = [sender] if sender is not None and sender.reachable else []
    told: dict[int, Person] = {}
    for code in codes:
        reachable = [officer for officer in above.get(code, ()) if officer.reachable]
        told.update((officer.id, officer) for officer in reachable or instead)
    return [
        to_person(
            officer,
            MessageKind.UNREPORTED_LIST,
            Lane.REST,
            role=officer.role.value,
            alert_id=alert.id,
            coalesce_key=f"unreported:{alert.id}:{officer.id}",
        )
        for officer in told.values()
    ]
