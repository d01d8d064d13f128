"""Taking an answer back, or doubting it: the call waits again, and its ladder goes on from now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import call_store
from alerts.accounts import note_use
from alerts.calls import Call, Reach
from alerts.escalation import next_step
from alerts.follow_up import check_reason
from alerts.lookup import Refusal, call_of_another, known_alert, known_call, own_call, person_of
from alerts.loop.evacuation import figure_store, move_store
from alerts.loop.evacuation.settling import answer_doubted
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.messages import MessageKind, Reminder
from alerts.reopening import open_again
from alerts.rules import LANES, Rules
from alerts.standing_down import about_call, call_up_again
from alerts.validity import in_force
from alerts.withdrawals import model, store
from alerts.withdrawals.model import Again, Withdrawal, Withdrawn, WithdrawnAnswer
from contacts import people_store
from contacts.access import may_doubt
from contacts.people import Person
from data.audit import Entry, append, last_done
from data.database import Connection
from data.errors import NotAllowed

TAKEN_BACK = "call.taken_back"
DOUBTED = "call.doubted"
"""Actions of the trail."""


@dataclass(frozen=True, slots=True)
class WithdrawalResult:
    """Somebody tried to make an answer count no more: what became of it."""

    outcome: Withdrawn
    call: Call  # as it is now
    alert: Alert
    person: Person  # the call's addressee


def take_back(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    rules: Rules,
    now: datetime,
    *,
    meant: datetime | None = None,
    done_at: datetime | None = None,
) -> WithdrawalResult:
    """As ``take_back_by_person``, for whoever this Telegram account belongs to.

    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    person = person_of(connection, telegram_id)
    return take_back_by_person(
        connection, call_id, person.id, rules, now, meant=meant, done_at=done_at
    )


def take_back_by_person(
    connection: Connection,
    call_id: int,
    person_id: int,
    rules: Rules,
    now: datetime,
    *,
    meant: datetime | None = None,
    done_at: datetime | None = None,
) -> WithdrawalResult:
    """The addressee pressed by mistake: they are called as before, and the ladder goes on from now.

    For some minutes (``Rules.take_back_for``), whatever the channel it was answered by; a report
    ends that. Calling that was complete goes on.

    :param meant: when the answer was given that is meant; ``None``: the last.
    :param done_at: when it was taken back, if that was before now.
    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: somebody who left the roster, or not the addressee.
    """
    person = people_store.person(connection, person_id)
    if person is None or not person.active:
        raise NotAllowed(Refusal.NOT_LINKED)
    call = own_call(connection, call_id, person)
    alert = known_alert(connection, call.alert_id)
    recorded_at = last_done(connection, "call.acknowledged", f"call:{call.id}")
    changed, outcome = model.take_back(
        call, meant, recorded_at, min(done_at or now, now), now, rules.take_back_for
    )
    if not in_force(alert, now):
        outcome = Withdrawn.CLOSED
    result = WithdrawalResult(outcome, call, alert, person)
    if outcome is not Withdrawn.RECORDED:
        return result
    withdrawn = _withdrawn(call, Withdrawal.TAKEN_BACK, person.id, "", now)
    alert = _wait_again(connection, call, changed, alert, withdrawn, rules, now)
    if person.reachable and call.message_id is not None:
        outbox_store.add(connection, about_call(MessageKind.ANSWERED, changed, person), now)
    elif person.reachable:
        outbox_store.add_calls_again(connection, [call.id], LANES[alert.level], now)
    return WithdrawalResult(outcome, changed, alert, person)


def doubt(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    reason: str,
    rules: Rules,
    now: datetime,
    *,
    meant: datetime | None = None,
) -> WithdrawalResult:
    """An officer above doubts an answer: the person is asked again, and told why.

    What was reported counts no more until it is reported again; a cry for help stays open. Calling
    that was complete goes on.

    :param reason: a ``Doubt`` value, or the officer's own words.
    :param meant: when the answer was given that is doubted; one given since is not.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    :raises InvalidInput: with a ``FollowUpProblem``: no reason, or too long a one.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = permit_doubt(connection, call_id, officer, now)
    reason = check_reason(reason, call=call_id)
    reach = Reach.QUEUED if person.reachable else Reach.UNREACHABLE
    changed, outcome = model.doubt(call, meant, now, reach=reach)
    if not in_force(alert, now):
        outcome = Withdrawn.CLOSED
    if outcome is not Withdrawn.RECORDED:
        return WithdrawalResult(outcome, call, alert, person)
    note_use(connection, officer, now)
    withdrawn = _withdrawn(call, Withdrawal.DOUBTED, officer.id, reason, now)
    alert = _wait_again(connection, call, changed, alert, withdrawn, rules, now)
    if move_store.last_move(connection, alert.id):
        there = figure_store.villages_of(connection, call)
        for code in sorted(there | figure_store.left_out_of(connection, call)):
            answer_doubted(connection, alert.id, code, person.id, officer.id, now)
    if person.reachable:
        message = Reminder(again=Again.DOUBTED, by=officer.name, reason=reason)
        outbox_store.add_reminders(connection, [call.id], message, LANES[alert.level], now)
        if call.message_id is not None:
            outbox_store.add(connection, about_call(MessageKind.ANSWERED, changed, person), now)
    return WithdrawalResult(outcome, changed, alert, person)


def permit_doubt(
    connection: Connection, call_id: int, officer: Person, now: datetime
) -> tuple[Call, Alert, Person]:
    """A call, its warning and its addressee, for an officer who may doubt the answer.

    :raises NotFound: no such call.
    :raises NotAllowed: not an officer in charge of that person.
    """
    known_call(connection, call_id)
    return call_of_another(connection, call_id, officer, may_doubt, now)


def _wait_again(
    connection: Connection,
    before: Call,
    changed: Call,
    alert: Alert,
    withdrawn: WithdrawnAnswer,
    rules: Rules,
    now: datetime,
) -> Alert:
    """Store the call as it waits again, with all that follows; returns its warning as it is now."""
    store.clear_reports_of_posts(connection, before.id)
    figure_store.clear_left_out(connection, before)
    due = next_step(rules.policies[alert.level], changed.ladder_state)
    call_store.save_asked_again(connection, changed, None if due is None else due.at)
    store.add(connection, before, withdrawn)
    store.say_anew(connection, [before.id], now)
    action = TAKEN_BACK if withdrawn.kind is Withdrawal.TAKEN_BACK else DOUBTED
    detail: dict[str, object] = {"via": withdrawn.answered_via.value}
    if withdrawn.reason:
        detail["reason"] = withdrawn.reason
    append(connection, now, [Entry(action, f"call:{before.id}", withdrawn.by_id, detail)])
    alert = open_again(connection, alert, withdrawn.by_id, now)
    call_up_again(connection, changed, alert, rules, now)
    return alert


def _withdrawn(
    call: Call, kind: Withdrawal, by_id: int, reason: str, now: datetime
) -> WithdrawnAnswer:
    assert call.answered_at is not None and call.answered_via is not None
    return WithdrawnAnswer(
        call.id, kind, now, by_id, reason, call.called_at, call.answered_at, call.answered_via
    )
