"""A call arrives with the words of before: its warning was changed while the request was under way.

Who was not known to have heard of the warning was not told of the change: the call would say it.
That call was on its way already; so whom it reached hears now what has changed since, or that the
warning is no more for where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from alerts import alert_message_store
from alerts.calls import CallState
from alerts.ladder_store import LadderStanding
from alerts.lifecycle import ASKING, TOLD, AlertMessage, ChangeKind
from alerts.model import IN_FORCE
from alerts.outbox import called_store, end_store
from alerts.outbox.change_messages import ChangeNews, NoMoreHere
from alerts.outbox.deliveries import Attempt
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import LANES
from alerts.updates import unfinished_store
from data.database import Connection

_ENDED = (CallState.DISCHARGED, CallState.CANCELLED, CallState.LEFT_OUT)


def any_may_be_outdated(
    standings: Iterable[LadderStanding], arrived: Mapping[int, Attempt]
) -> bool:
    """Whether one of these messages may say what is so no more: nearly never."""
    versions: dict[int | None, int] = {}
    called: dict[int | None, datetime] = {}
    for standing in standings:
        versions[standing.alert_id] = standing.version
        before = called.get(standing.alert_id, standing.called_at)
        called[standing.alert_id] = max(standing.called_at, before)
    for attempt in arrived.values():
        delivery, version = attempt.delivery, attempt.version
        newest = versions.get(delivery.alert_id)
        if newest is None:
            continue
        if version is not None and version < newest:
            return True
        if delivery.queued_at is not None and delivery.queued_at < called[delivery.alert_id]:
            return True
    return False


def take_out_overtaken(
    connection: Connection,
    arrived: Mapping[int, Attempt],
    standing_of: Mapping[int, LadderStanding],
    now: datetime,
) -> dict[int, Attempt]:
    """The messages that are their calls' now, by call: of the others the buttons go.

    A call that was made anew has a newer message, which came first: that one is looked at.
    """
    late = [
        call_id
        for call_id, standing in standing_of.items()
        if _is_anew(arrived[call_id], standing) and standing.delivered_at is not None
    ]
    taken = [arrived[call_id].delivery.id for call_id in late]
    end_store.take_buttons_of_late(connection, taken, now)
    return {call_id: arrived[call_id] for call_id in arrived.keys() - set(late)}


def changes_not_heard(
    connection: Connection,
    arrived: Mapping[int, Attempt],
    standing_of: Mapping[int, LadderStanding],
) -> dict[tuple[int, int], list[int]]:
    """Whom these messages reach with the words of before: calls, by warning and the number of the
    change that they have not read. To be asked before it is written down that they arrived."""
    found: dict[tuple[int, int], list[int]] = {}
    changes: dict[int, Sequence[AlertMessage]] = {}
    for call_id, attempt in arrived.items():
        standing = standing_of[call_id]
        said, alert_id = attempt.version, standing.alert_id
        if said is None or said >= standing.version or standing.state in _ENDED:
            continue
        # Whoever had heard of it was told; who is asked anew reads it there.
        if standing.told_before or _is_anew(attempt, standing):
            continue
        if alert_id not in changes:
            changes[alert_id] = alert_message_store.of_alert(connection, alert_id)
        for change in changes[alert_id]:
            told = TOLD.intersection(change.kinds) and not ASKING.intersection(change.kinds)
            if told and change.number > said:
                found.setdefault((alert_id, change.number), []).append(call_id)
    return {
        change: heard
        for change, ids in found.items()
        if (heard := unfinished_store.passed(connection, *change, ids))
    }


def left_out_meanwhile(
    connection: Connection, standing_of: Mapping[int, LadderStanding]
) -> dict[tuple[int, int], list[int]]:
    """Whom messages reach though the warning is for where they are no more: calls, by warning and
    the number of the change. To be asked before it is written down that they arrived."""
    found: dict[tuple[int, int], list[int]] = {}
    numbers: dict[int, int] = {}
    for call_id, standing in standing_of.items():
        alert_id = standing.alert_id
        if standing.state is not CallState.LEFT_OUT or standing.told_before:
            continue
        if standing.alert_state not in IN_FORCE:
            continue
        if alert_id not in numbers:
            changes = alert_message_store.of_alert(connection, alert_id)
            narrower = [each.number for each in changes if ChangeKind.NARROW in each.kinds]
            numbers[alert_id] = narrower[-1] if narrower else changes[-1].number
        found.setdefault((alert_id, numbers[alert_id]), []).append(call_id)
    return found


def tell_left_out(
    connection: Connection, left_out: Mapping[tuple[int, int], Sequence[int]], now: datetime
) -> None:
    """They hear that it is no more for where they are."""
    for (_, number), ids in sorted(left_out.items()):
        called_store.add_to_called(connection, ids, NoMoreHere(number), Lane.CANCEL, now)


def tell(
    connection: Connection,
    not_heard: Mapping[tuple[int, int], Sequence[int]],
    standings: Iterable[LadderStanding],
    now: datetime,
) -> None:
    """They hear what has changed, and the message of their call shows it."""
    lanes = {standing.alert_id: LANES[standing.level] for standing in standings}
    for (alert_id, number), ids in sorted(not_heard.items()):
        called_store.add_to_called(connection, ids, ChangeNews(number), lanes[alert_id], now)
        called_store.add_to_called(connection, ids, MessageKind.ANSWERED, Lane.CARD, now)


def _is_anew(attempt: Attempt, standing: LadderStanding) -> bool:
    """Whether the call was made anew after this was queued: by which another message is."""
    delivery = attempt.delivery
    if delivery.queued_at is None or delivery.coalesce_key is not None:
        return False
    return delivery.queued_at < standing.called_at
