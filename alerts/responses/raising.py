"""Which emergency response is in force where; raising one where none is, and ending it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from alerts import alert_store
from alerts.closing import lift
from alerts.model import IN_FORCE, Alert, Draft, Hazard, State, Status
from alerts.release import Released, release
from alerts.rules import Rules
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, NotFound


class ResponseProblem(Enum):
    """Why a response was not raised, or not ended."""

    NONE_IN_FORCE = "none_in_force"  # nothing there to end
    SEVERAL_IN_FORCE = "several_in_force"  # which one is meant is not clear
    IN_FORCE = "in_force"  # one is in force: adjusted, not raised again


def raise_response(
    connection: Connection, draft: Draft, by: Person, rules: Rules, now: datetime
) -> Released:
    """Raise one for a division that has none in force of this command.

    :raises Conflict: with ``IN_FORCE``: it has one, which is adjusted instead.
    :raises InvalidInput: see ``alerts.release.release``.
    :raises NotAllowed: ``by`` does not command the division.
    """
    states = (State.PENDING, *IN_FORCE)
    status = Status.EXERCISE if draft.exercise else Status.ACTUAL
    for alert in alert_store.of_hazard(connection, draft.hazard, status, *states):
        if alert.areas == draft.areas and alert.expires_at > now:
            raise Conflict(ResponseProblem.IN_FORCE, alert=alert.id)
    return release(connection, draft, by, rules, now)


def end_response(
    connection: Connection, hazard: Hazard, area: str, by: Person, now: datetime
) -> Alert:
    """End the one of a division: its own, or the only one that touches it.

    :raises NotFound: with ``NONE_IN_FORCE``.
    :raises Conflict: with ``SEVERAL_IN_FORCE``.
    :raises NotAllowed: see ``alerts.closing.permit_end``.
    """
    found = [
        alert
        for status in Status
        for alert in alert_store.of_hazard(connection, hazard, status, *IN_FORCE)
        if overlap([area], alert.areas)
    ]
    own = [alert for alert in found if alert.areas == (area,)]
    if not found:
        raise NotFound(ResponseProblem.NONE_IN_FORCE, area=area)
    meant = own or found
    if len(meant) > 1:
        raise Conflict(
            ResponseProblem.SEVERAL_IN_FORCE,
            alerts="、".join(str(alert.id) for alert in meant),
        )
    return lift(connection, meant[0].id, by, now)
