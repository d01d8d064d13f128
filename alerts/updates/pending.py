"""A change that needs a second person waits; what held before stays in force meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.accounts import note_use
from alerts.lifecycle import Applied, Change
from alerts.lookup import known_alert
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.change_messages import ChangeDecided, ConfirmChange
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.second_person import are_two
from alerts.updates import pending_store
from alerts.updates.model import ChangeProblem, ChangeState, PendingChange, to_json
from contacts import people_store
from contacts.access import may_cancel, require
from contacts.duty_store import commanders_of
from contacts.people import Person
from data import audit
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotFound

PRESSED_AGAIN = timedelta(minutes=2)
"""Whoever proposes the same later wants those to be asked again who did not decide (ours)."""


def propose(
    connection: Connection,
    alert: Alert,
    change: Change,
    applied: Applied,
    by: Person,
    now: datetime,
) -> int:
    """Keep a change until a second person confirms it, and ask for that; returns its number.

    One that waits already gives way: the newer is what its warning needs. The very same, pressed
    again a moment later, asks nobody twice.
    """
    before = pending_store.waiting(connection, alert.id)
    if before is not None and _the_same(before, change, by, now):
        return before.id
    if before is not None:
        settle(connection, before, ChangeState.SUPERSEDED, by.id, now)
    change_id = pending_store.add(
        connection, alert.id, change, by.id, now, audit.acting_user(connection)
    )
    detail = {"change": to_json(change), "kinds": [kind.value for kind in applied.kinds]}
    append(connection, now, [Entry("alert.update_proposed", f"alert:{alert.id}", by.id, detail)])
    for person in commanders_of(connection, applied.life.terms.areas):
        if person.telegram_id is not None and are_two(connection, by.id, person.id):
            delivery = to_person(
                person,
                ConfirmChange(change_id),
                Lane.ANSWER,
                role=person.role.value,
                alert_id=alert.id,
                coalesce_key=_key(change_id, person.id),
            )
            outbox_store.add(connection, delivery, now)
    return change_id


def _the_same(before: PendingChange, change: Change, by: Person, now: datetime) -> bool:
    just_now = before.by_id == by.id and now - before.proposed_at < PRESSED_AGAIN
    return just_now and to_json(before.change) == to_json(change)


def known_change(connection: Connection, change_id: int) -> PendingChange:
    """The change of this number, whatever became of it.

    :raises NotFound: there is none.
    """
    change = pending_store.change(connection, change_id)
    if change is None:
        raise NotFound(ChangeProblem.UNKNOWN, change=change_id)
    return change


def still_waiting(connection: Connection, change_id: int) -> PendingChange:
    """The change of this number, which waits.

    :raises NotFound: there is none.
    :raises Conflict: it was decided, superseded, or has lapsed (``NOT_PENDING``).
    """
    change = known_change(connection, change_id)
    if change.state is not ChangeState.PENDING:
        raise Conflict(ChangeProblem.NOT_PENDING, change=change_id, state=change.state)
    return change


def withdraw_change(
    connection: Connection, change_id: int, by: Person, now: datetime
) -> PendingChange:
    """Whoever proposed it withdraws it, or the second person refuses it.

    :raises NotFound: see ``still_waiting``.
    :raises Conflict: see ``still_waiting``.
    :raises NotAllowed: not a commander of the warning's area or above.
    """
    change = still_waiting(connection, change_id)
    alert = known_alert(connection, change.alert_id)
    require(may_cancel(by, alert.areas), alert=alert.id)
    note_use(connection, by, now)
    settle(connection, change, ChangeState.REFUSED, by.id, now)
    return known_change(connection, change_id)


def settle(
    connection: Connection,
    change: PendingChange,
    state: ChangeState,
    by_id: int | None,
    now: datetime,
) -> None:
    """What became of a change that waited: written down, and told to whoever proposed it; to who
    decided, too, where that was not in the chat: in whose name it was is to know of it."""
    pending_store.decide(connection, change.id, state, by_id, now)
    _no_more_asked(connection, change)
    if state is not ChangeState.MADE:  # that it was made has an entry of its own
        detail = {"change": change.id, "state": state.value}
        entry = Entry("alert.update_not_made", f"alert:{change.alert_id}", by_id, detail)
        append(connection, now, [entry])
    elsewhere = "" if by_id is None else audit.acting_user(connection) or ""
    _answer_questions(connection, change, None if elsewhere else by_id, now)
    told = {change.by_id, by_id} if elsewhere else {change.by_id} - {by_id}
    for person in people_store.people(
        connection, {one for one in told if one is not None}
    ).values():
        if person.telegram_id is None:
            continue
        news = to_person(
            person,
            ChangeDecided(change.id, elsewhere),
            Lane.ANSWER,
            role=person.role.value,
            alert_id=change.alert_id,
        )
        outbox_store.add(connection, news, now)


def anything_lapsed(connection: Connection, now: datetime) -> bool:
    """Whether ``lapse`` would find something."""
    return bool(pending_store.too_old(connection, now))


def lapse(connection: Connection, now: datetime) -> int:
    """Changes that nobody decided in time, or whose warning has ended, are made no more."""
    old = pending_store.too_old(connection, now)
    for change in old:
        settle(connection, change, ChangeState.LAPSED, None, now)
    return len(old)


def _key(change_id: int, person_id: int) -> str:
    return f"change:{change_id}:{person_id}"


def _answer_questions(
    connection: Connection, change: PendingChange, but: int | None, now: datetime
) -> None:
    """The questions say what became of it, and have no buttons; not that of who has just tapped."""
    edits = [
        NewDelivery(
            ChangeDecided(change.id, message_id=one.message_id),
            Lane.CARD,
            one.chat_id,
            language=one.language,
            role=one.role,
            alert_id=change.alert_id,
            person_id=one.person_id,
            bot_id=one.bot_id,
        )
        for one in pending_store.questions(connection, change)
        if one.person_id != but
    ]
    outbox_store.add_many(connection, edits, now)


def _no_more_asked(connection: Connection, change: PendingChange) -> None:
    keys = outbox_store.queued_keys(connection, f"change:{change.id}:")
    outbox_store.drop_keys(connection, keys)
