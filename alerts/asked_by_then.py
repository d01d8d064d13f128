"""Who has been asked what a rise asks before the rise, carried out in parts, got to them.

A message that was queued before says, when it leaves, what holds by then; so does whatever a button
of before is answered with. Nobody is asked that twice: their calls are made anew from then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from alerts import ladder_store
from alerts.calls import Call
from alerts.ladder_store import LadderStanding
from alerts.model import Alert
from alerts.outbox.deliveries import Attempt
from alerts.outbox.messages import MessageKind
from alerts.updates import unfinished_store
from data.database import Connection

_LATER = timedelta(milliseconds=1)
"""Called after the rise, and not with it: then it does not ask them (``alerts.updates.fate``)."""


def has_read(call: Call, asked: int | None, alert: Alert) -> bool:
    """Whether an answer is to what the rise asks, of which the call does not know yet.

    :param asked: with which message of the warning its button asked.
    """
    if asked is None or alert.asked_at is None or asked < alert.asked_version:
        return False
    return call.open and call.called_at < alert.asked_at


def note_answered(connection: Connection, answered: Iterable[tuple[Call, Alert]]) -> None:
    """These were answered so (``has_read``)."""
    by_moment: dict[datetime, list[int]] = {}
    for call, alert in answered:
        assert alert.asked_at is not None
        by_moment.setdefault(alert.asked_at + _LATER, []).append(call.id)
    for moment, ids in by_moment.items():
        ladder_store.called_anew(connection, ids, moment)


def note_arrived(
    connection: Connection,
    standings: Iterable[LadderStanding],
    arrived: Mapping[int, Attempt],
) -> bool:
    """Whether calls arrived with the words of a rise that had not got to them: of those it is
    noted. To be asked before it is written down that they arrived."""
    changed = {each.alert_id for each in standings if each.version > 1}  # nearly always none
    found = False
    for rise in unfinished_store.rises(connection, changed):
        ids = [
            call_id
            for call_id, attempt in arrived.items()
            if attempt.delivery.alert_id == rise.alert_id
            and attempt.delivery.kind is MessageKind.CALL
            and rise.calls_after < call_id <= rise.calls_upto
            and (attempt.version or 0) >= rise.number
        ]
        if ids:
            ladder_store.called_anew(connection, ids, rise.at + _LATER)
            found = True
    return found
