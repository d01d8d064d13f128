"""The second person agrees to a change that waits: it is made of the warning as it is by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from alerts.accounts import note_use
from alerts.lifecycle import Terms
from alerts.lookup import AlertProblem, known_alert
from alerts.model import Alert
from alerts.rules import Rules
from alerts.second_person import are_two
from alerts.updates.changing import applied_to, count, make, permit
from alerts.updates.model import Changed, ChangeState, Updated
from alerts.updates.pending import settle, still_waiting
from contacts import people_store
from contacts.access import Access, may_confirm, may_release, require
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed


def asked_about(connection: Connection, change_id: int, rules: Rules, now: datetime) -> Changed:
    """What a change that waits would do now, for the second person to look at.

    :raises NotFound: no such change.
    :raises Conflict: it does not wait any more; or nothing can be changed so by now.
    """
    change = still_waiting(connection, change_id)
    alert = known_alert(connection, change.alert_id)
    by = people_store.person(connection, change.by_id)
    assert by is not None
    applied = applied_to(connection, alert, change.change, rules, now)
    return count(connection, alert, applied, by, rules, now)


def confirm_change(
    connection: Connection,
    change_id: int,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    named: Callable[[Alert, Terms], str] | None = None,
) -> Updated:
    """The second person agrees.

    :param named: the headline of the warning as it is then: the one that was proposed names the
        areas and the level of before what was changed meanwhile.
    :raises NotFound: no such change.
    :raises Conflict: it does not wait any more; or nothing can be changed so by now.
    :raises NotAllowed: not a second commander of all of its areas, or not surely somebody else
        (``second_person.are_two``); or who proposed it may not any more (``SENDER_LEFT``).
    :raises InvalidInput: by now it would be for nobody, or cannot be released so.
    """
    change = still_waiting(connection, change_id)
    alert = known_alert(connection, change.alert_id)
    proposer = people_store.person(connection, change.by_id)
    require(may_confirm(by, change.by_id, alert.areas), alert=alert.id)
    applied = applied_to(connection, alert, change.change, rules, now)
    require(may_confirm(by, change.by_id, applied.life.terms.areas), alert=alert.id)
    if not are_two(connection, change.by_id, by.id):
        raise NotAllowed(Access.SAME_PERSON, alert=alert.id)
    if proposer is None or not may_release(proposer, applied.life.terms.areas).allowed:
        raise NotAllowed(AlertProblem.SENDER_LEFT, alert=alert.id)
    made = change.change
    if made.expires_at is not None and made.expires_at < alert.expires_at:
        made = replace(made, expires_at=None)  # prolonged further meanwhile
    if named is not None and made.headline is not None:
        made = replace(made, headline=named(alert, applied.life.terms))
    applied = permit(connection, alert, made, proposer, rules, now)
    note_use(connection, by, now)
    settle(connection, change, ChangeState.MADE, by.id, now)
    make(
        connection,
        alert,
        applied,
        proposer,
        rules,
        now,
        note=made.note,
        confirmed_by=by.id,
    )
    return Updated(alert.id, applied.life.version, applied.kinds)
