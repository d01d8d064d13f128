"""How a warning ends: lifted (解除), cancelled (取消) or expired; and how its calling ends.

That everybody is accounted for closes the calling only (销号): the warning stays in force. Whatever
ends, those whom it drew in are told, and what it caused stops.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from enum import Enum

from alerts import alert_message_store, alert_store, call_store, one_card_store
from alerts.accounts import note_use
from alerts.calls import TAKE_BACK_FOR, CallState
from alerts.channels import news_store
from alerts.drafts.settling import warning_ended
from alerts.lifecycle import ChangeKind
from alerts.lookup import AlertProblem, known_alert
from alerts.model import IN_FORCE, Alert, State
from alerts.outbox import called_store, end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.publishing.counts import note_event
from alerts.publishing.model import Happened
from alerts.release import tell
from alerts.rules import BEIJING
from alerts.validity import as_of, in_force
from contacts import people_store
from contacts.access import may_cancel, may_close, require
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput

_CHASING = (
    MessageKind.CALL,
    MessageKind.REMIND,
    MessageKind.POST,
    MessageKind.CHASE,
    MessageKind.SILENT_LIST,
    MessageKind.REPORT_DUE,
    MessageKind.CARD,
    MessageKind.POST_CARD,
    MessageKind.CONFIRM,
    MessageKind.CONFIRM_CHANGE,
    MessageKind.CHANGED,
)


class ClosingProblem(Enum):
    """Why a warning was not closed."""

    STILL_OPEN = "still_open"  # some have not answered: a reason is needed to discharge them


def permit_end(connection: Connection, alert_id: int, by: Person, now: datetime) -> Alert:
    """The warning, when ``by`` may lift, cancel or change it now: asked before the question and by
    the act.

    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    :raises Conflict: it is over already, or was never released.
    """
    alert = known_alert(connection, alert_id)
    require(may_cancel(by, alert.areas), alert=alert_id)
    if alert.state is State.PENDING:
        raise Conflict(AlertProblem.NOT_OUT, alert=alert_id, state=alert.state, hazard=alert.hazard)
    if not in_force(alert, now):
        state = as_of(alert, now).state
        raise Conflict(AlertProblem.OVER, alert=alert_id, state=state, hazard=alert.hazard)
    return alert


def cancel(
    connection: Connection, alert_id: int, by: Person, now: datetime, zone: tzinfo = BEIJING
) -> Alert:
    """Cancel a warning (取消), which should not have been issued: everyone who got it is told
    before anything else is sent.

    :param zone: where the times of identifiers are.
    :raises NotFound: no such warning.
    :raises NotAllowed: see ``permit_end``.
    :raises Conflict: it is over already, or was never released.
    """
    before = permit_end(connection, alert_id, by, now)
    note_use(connection, by, now)
    alert_store.change_alert(
        connection,
        alert_id,
        state=State.CANCELLED.value,
        cancelled_by=by.id,
        cancelled_at=now,
        version=before.version + 1,
    )
    _write_message(connection, alert_id, ChangeKind.CANCEL, by, now, zone)
    return _end_for_everybody(connection, alert_id, by, "alert.cancelled", now)


def lift(
    connection: Connection, alert_id: int, by: Person, now: datetime, zone: tzinfo = BEIJING
) -> Alert:
    """Lift a warning (解除): what it warned of is over. Everyone who got it is told.

    :param zone: where the times of identifiers are.
    :raises NotFound: no such warning.
    :raises NotAllowed: see ``permit_end``.
    :raises Conflict: it is over already, or was never released.
    """
    before = permit_end(connection, alert_id, by, now)
    note_use(connection, by, now)
    alert_store.change_alert(
        connection,
        alert_id,
        state=State.LIFTED.value,
        lifted_by=by.id,
        lifted_at=now,
        version=before.version + 1,
    )
    _write_message(connection, alert_id, ChangeKind.LIFT, by, now, zone)
    lifted = _end_for_everybody(connection, alert_id, by, "alert.lifted", now)
    if before.chasing:  # of the others the summary was sent when the calling was complete
        _tell_those_in_charge(connection, lifted, by, MessageKind.SUMMARY, now)
    return lifted


def _write_message(
    connection: Connection,
    alert_id: int,
    kind: ChangeKind,
    by: Person,
    now: datetime,
    zone: tzinfo,
) -> None:
    alert = known_alert(connection, alert_id)
    alert_message_store.add_next(connection, alert, (kind,), by.id, now, zone)


def _end_for_everybody(
    connection: Connection, alert_id: int, by: Person, action: str, now: datetime
) -> Alert:
    """The alert was lifted or cancelled: stop what it caused, and tell everyone who heard of it."""
    stopped = call_store.end_open_calls(connection, alert_id, CallState.CANCELLED)
    call_store.stop_reports(connection, alert_id)
    outbox_store.drop_queued(connection, alert_id, *_CHASING)
    known = set() if by.telegram_id is None else {by.telegram_id}
    narrowed = known_alert(connection, alert_id).changed_at is not None
    kinds = end_store.BEARING_WARNING
    told = end_store.tell(connection, alert_id, kinds, now, but_chats=known, narrowed=narrowed)
    end_store.take_buttons(connection, alert_id, end_store.DRAWN_IN, now)
    end_store.edit_calls(connection, alert_id, now)
    _give_buttons_back(connection, alert_id, now)
    detail = {"open_calls": stopped, "told": told}
    append(connection, now, [Entry(action, f"alert:{alert_id}", by.id, detail)])
    news_store.note_end(connection, alert_id, now)
    warning_ended(connection, alert_id, by, now, lifted=action == "alert.lifted")
    return known_alert(connection, alert_id)


def _give_buttons_back(connection: Connection, alert_id: int, now: datetime) -> None:
    """Another warning of the same danger goes on: its message can be answered again."""
    others = [call.id for call in one_card_store.older_of_ended(connection, alert_id)]
    called_store.add_to_called(connection, others, MessageKind.ANSWERED, Lane.ANSWER, now)


def permit_close(connection: Connection, alert_id: int, by: Person | None) -> Alert:
    """The warning, when ``by`` may close it now: asked before the question, and again by the act.

    :param by: ``None`` when jiaoying itself closes what is finished: only the state counts then.
    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    :raises Conflict: it is over, or its calling is closed already.
    """
    alert = known_alert(connection, alert_id)
    if by is not None:
        require(may_close(by, alert.areas), alert=alert_id)
    if alert.state is State.CLOSED:
        raise Conflict(AlertProblem.CLOSED, alert=alert_id, hazard=alert.hazard)
    if alert.state is not State.RELEASED:
        raise Conflict(AlertProblem.OVER, alert=alert_id, state=alert.state, hazard=alert.hazard)
    return alert


def close(
    connection: Connection, alert_id: int, by: Person | None, reason: str, now: datetime
) -> Alert:
    """Close the calling of a warning (销号); calls still open are discharged with ``reason``.

    The warning itself stays in force.

    :param by: ``None`` when jiaoying itself closes what is finished.
    :raises NotFound: no such warning.
    :raises NotAllowed: see ``permit_close``.
    :raises Conflict: it is not in force.
    :raises InvalidInput: calls are open and no reason is given (``STILL_OPEN``).
    """
    alert = permit_close(connection, alert_id, by)
    if by is not None:
        note_use(connection, by, now)
    reason = reason.strip()
    if call_store.open_exists(connection, alert_id) and not reason:
        silent = call_store.count_silent(connection, alert_id)
        raise InvalidInput(ClosingProblem.STILL_OPEN, open=silent, alert=alert_id)
    discharged = call_store.end_open_calls(
        connection,
        alert_id,
        CallState.DISCHARGED,
        discharged_by=None if by is None else by.id,
        discharge_reason=reason or None,
    )
    alert_store.change_alert(
        connection,
        alert_id,
        state=State.CLOSED.value,
        closed_at=now,
        closed_by=None if by is None else by.id,
        close_reason=reason or None,
    )
    outbox_store.drop_queued(
        connection, alert_id, MessageKind.REMIND, MessageKind.CHASE, MessageKind.SILENT_LIST
    )
    if discharged:
        end_store.edit_discharged(connection, alert_id, now)
    end_store.take_buttons(connection, alert_id, (MessageKind.CHASE,), now)
    # What an officer has just recorded can be taken back under the list for a minute.
    lists = (MessageKind.SILENT_LIST,)
    end_store.take_buttons(connection, alert_id, lists, now, after=TAKE_BACK_FOR)
    _tell_those_in_charge(connection, alert, by, MessageKind.SUMMARY, now)
    detail = {"discharged": discharged, "reason": reason}
    append(
        connection,
        now,
        [Entry("alert.closed", f"alert:{alert_id}", None if by is None else by.id, detail)],
    )
    note_event(connection, Happened.CLOSED, alert, now)
    return known_alert(connection, alert_id)


def close_finished(connection: Connection, now: datetime) -> list[int]:
    """Close the calling of every warning of which nobody has still to answer; returns which."""
    finished = alert_store.finished(connection)
    for alert_id in finished:
        close_if_finished(connection, alert_id, now)
    return finished


def close_if_finished(connection: Connection, alert_id: int, now: datetime) -> None:
    """Close the calling of a warning of which nobody has still to answer.

    Does nothing when somebody closed or ended it meanwhile, or took an answer back.
    """
    if alert_store.is_finished(connection, alert_id):
        close(connection, alert_id, None, "", now)


def expire(connection: Connection, now: datetime) -> list[int]:
    """End what has outlived its time, so that its open calls are chased no more; returns which."""
    ended = alert_store.ended(connection, now)
    for alert_id in ended:
        expire_alert(connection, alert_id, now)
    return ended


def expire_alert(connection: Connection, alert_id: int, now: datetime) -> None:
    """End one warning that has outlived its time; not one that was ended or prolonged meanwhile.

    :raises NotFound: no such warning.
    """
    alert = known_alert(connection, alert_id)
    if alert.state not in (State.PENDING, *IN_FORCE) or alert.expires_at > now:
        return
    if alert.state is State.PENDING:
        alert_store.change_alert(connection, alert.id, state=State.REFUSED.value)
        outbox_store.drop_queued(connection, alert.id, *_CHASING)
        end_store.take_buttons(connection, alert.id, (MessageKind.CONFIRM,), now)
        sender = people_store.person(connection, alert.sender_id)
        if sender is not None and sender.telegram_id is not None:
            tell(connection, MessageKind.RELEASED, sender, alert, now, lane=Lane.ANSWER)
        append(connection, now, [Entry("alert.expired", f"alert:{alert.id}")])
        return
    alert_store.change_alert(connection, alert.id, state=State.EXPIRED.value)
    warning_ended(connection, alert.id, None, now, lifted=False)
    unanswered = call_store.end_open_calls(connection, alert.id, CallState.CANCELLED)
    call_store.stop_reports(connection, alert.id)
    outbox_store.drop_queued(connection, alert.id, *_CHASING)
    # Until when it was to hold is in every message of it: only whoever is still busy with it, or
    # is still asked for an answer, hears of it.
    narrowed = alert.changed_at is not None
    end_store.tell(connection, alert.id, end_store.DRAWN_IN, now, narrowed=narrowed)
    end_store.take_buttons(connection, alert.id, end_store.DRAWN_IN, now)
    end_store.edit_calls(connection, alert.id, now)
    if unanswered:
        _give_buttons_back(connection, alert.id, now)
    if alert.chasing:
        _tell_those_in_charge(connection, alert, None, MessageKind.SUMMARY, now)
    detail = {"unanswered": unanswered}
    append(connection, now, [Entry("alert.expired", f"alert:{alert.id}", None, detail)])
    note_event(connection, Happened.EXPIRED, alert, now)


def _tell_those_in_charge(
    connection: Connection, alert: Alert, by: Person | None, kind: MessageKind, now: datetime
) -> None:
    ids = (alert.sender_id, alert.confirmed_by, None if by is None else by.id)
    known = [person_id for person_id in ids if person_id is not None]
    for person in people_store.people(connection, known).values():
        if person.telegram_id is not None:
            tell(connection, kind, person, alert, now, lane=Lane.REST)
