"""What must be done before a database that was put back from a backup is used again.

It knows nothing of what happened after it was copied: who answered, what was cancelled, what was
sent. So what it was about to send or to do is set aside and said; nobody is chased before an
officer had time to cancel what is over; and no number is given out that may stand in somebody's
buttons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts import alert_store, call_store, restore_store
from alerts.lookup import AlertProblem, known_alert
from alerts.model import IN_FORCE, Alert, State
from alerts.publishing import store as publishing_store
from contacts import board_link_store
from contacts.token_making import end_every
from data import audit, inbox, leases, row_numbers
from data.audit import Entry
from data.database import Connection
from data.errors import Conflict

GRACE = timedelta(minutes=15)
"""Nobody is chased before this long after a restore."""


_RESTORED = "store.restored"


class RestoreProblem(Enum):
    """Why the database was not made ready."""

    RUNNING = "restore_running"  # processes hold leases: they are to be stopped first


@dataclass(frozen=True, slots=True)
class WaitingAlert:
    """A warning in force in the restored database, and how many of its messages were set aside."""

    alert: Alert
    open_calls: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was found and set aside."""

    set_aside: int
    updates: int
    last_entry: int
    last_entry_at: datetime | None
    alerts: tuple[WaitingAlert, ...]


def make_ready(
    connection: Connection, now: datetime, grace: timedelta = GRACE, *, alone: bool = False
) -> Restored:
    """Set aside what is stale, jump past numbers given out since, and enter it in the trail.

    Doing it twice does no harm.

    :param alone: nobody else can be using it: leases in it are of the process that was copied.

    :raises Conflict: a process of jiaoying is running on this database (``RUNNING``).
    """
    running = {} if alone else leases.holders(connection)
    if running:
        raise Conflict(RestoreProblem.RUNNING, holders=", ".join(sorted(set(running.values()))))
    leases.let_go_everybody(connection)
    last_entry, last_at = audit.last(connection)
    set_aside = restore_store.set_deliveries_aside(connection, now)
    updates = inbox.set_all_aside(connection)
    restore_store.forget_conversations(connection)
    restore_store.chase_nobody_before(connection, now + grace)
    restore_store.ring_nobody_before(connection, now + grace)
    row_numbers.jump(connection)
    board_link_store.end_everything(connection)  # who was shut out since would be let in again
    end_every(connection, now)  # as would a token be that was revoked since
    publishing_store.set_waiting_aside(connection, now)
    detail = {
        "last_entry": last_entry,
        "set_aside": set_aside,
        "updates": updates,
        "jump": row_numbers.JUMP,
    }
    audit.append(connection, now, [Entry(_RESTORED, "store", None, detail)])
    in_force = alert_store.alerts(connection, *IN_FORCE, State.PENDING, limit=1000)
    return Restored(
        set_aside,
        updates,
        last_entry,
        last_at,
        tuple(
            WaitingAlert(
                alert,
                call_store.count_silent(connection, alert.id),
                restore_store.count_set_aside(connection, alert.id),
            )
            for alert in in_force
        ),
    )


def restored_lately(connection: Connection, now: datetime) -> bool:
    """Whether a backup was put back that short ago that nobody new is called yet."""
    at = audit.last_done(connection, _RESTORED, "store")
    return at is not None and now < at + GRACE


def resume(connection: Connection, alert_id: int, now: datetime) -> int:
    """Send what was set aside of a warning that is still true; returns how many deliveries.

    Only the warning itself and what was posted of it in groups; not to persons who answered since.

    :raises NotFound: no such warning.
    :raises Conflict: it is over.
    """
    alert = known_alert(connection, alert_id)
    if alert.state is not State.RELEASED or alert.expires_at <= now:
        raise Conflict(AlertProblem.OVER, alert=alert_id, state=alert.state, hazard=alert.hazard)
    sent_again = restore_store.queue_set_aside(connection, alert_id, now)
    if sent_again:
        detail = {"deliveries": sent_again}
        audit.append(connection, now, [Entry("alert.resumed", f"alert:{alert_id}", None, detail)])
    return sent_again
