"""Calling and reminding people by the channels that the ladder names, beside Telegram.

Asked by the sweep, never by the release: what Telegram sends is not a moment later for it. What is
to be said is queued once for each address; ``store.claim`` takes it when the number may ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts import alert_store
from alerts.channels import queue_store, store
from alerts.channels.addresses import addresses_of
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import OF_CALLS, Kind, channels_for
from alerts.channels.queue_store import NewChannelDelivery, Uncalled
from alerts.chase import hold_overdue
from alerts.escalation import Policy
from alerts.model import Alert, State
from alerts.restored import restored_lately
from alerts.rules import Rules
from alerts.validity import chased
from contacts import people_store
from contacts.channels import Channel
from data import set_aside
from data.database import Connection

CHUNK = 500
"""Calls dealt with in one transaction: some hundredths of a second."""

_TOPIC = "channel_call"

_WAYS = [(no_telegram, stands_in) for no_telegram in (False, True) for stands_in in (False, True)]


def anything_due(connection: Connection, rules: Rules, now: datetime) -> bool:
    """Whether ``call_by_channels`` would find work: it only reads."""
    if not any(policy.channels.any for policy in rules.policies.values()):
        return False
    if restored_lately(connection, now):
        return False
    if store.any_pointless(connection, now):
        return True
    return any(
        _due(connection, alert, kind, rules, now, 1)
        for alert in _called(connection, rules, now)
        for kind in OF_CALLS
    )


def call_by_channels(
    connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK
) -> int:
    """Queue what is due by other channels, for at most ``limit`` calls; drop what is not worth it.

    Returns for how many calls something was done; what was queued once is not queued again. A
    warning whose steps are overdue by too much is held first, as the sweep does. Nobody is called
    so shortly after a backup was put back that no officer could cancel what is over.
    """
    if restored_lately(connection, now):
        return 0
    hold_overdue(connection, rules, now)
    dropped = store.drop_pointless(connection, now, limit)
    done = 0
    for alert in _called(connection, rules, now):
        for kind in OF_CALLS:
            due = _due(connection, alert, kind, rules, now, limit - done)
            _queue(connection, alert, kind, rules.policies[alert.level], due, now)
            done += len(due)
            if done >= limit:
                return done + dropped
    return done + dropped


def claim(
    connection: Connection,
    channel: Channel,
    by: str,
    rules: Rules,
    now: datetime,
    limit: int,
    *,
    tests: bool = False,
) -> list[ChannelDelivery]:
    """As ``store.claim``. What waited while nobody swept rings nobody before it is decided: at a
    start this may come before any sweep."""
    hold_overdue(connection, rules, now)
    return store.claim(connection, channel, by, now, limit, tests=tests)


def set_head_aside(
    connection: Connection, rules: Rules, now: datetime, error: BaseException
) -> bool:
    """Set aside the call that is due first, for the others; whether there was one."""
    for alert in _called(connection, rules, now):
        for kind in OF_CALLS:
            for call in _due(connection, alert, kind, rules, now, 1):
                set_aside.note(connection, _TOPIC, call.call_id, error, now)
                return True
    return False


def _called(connection: Connection, rules: Rules, now: datetime) -> list[Alert]:
    """The warnings whose level names other channels, and whose people are called now."""
    unfinished: set[int] | None = None
    found = []
    for alert in alert_store.alerts(connection, State.RELEASED, limit=1000):
        if not rules.policies[alert.level].channels.any or not chased(alert, now):
            continue
        if alert.held_at is not None:
            continue
        if unfinished is None:
            unfinished = queue_store.unfinished(connection)
        if alert.id not in unfinished:
            found.append(alert)
    return found


def _due(
    connection: Connection, alert: Alert, kind: Kind, rules: Rules, now: datetime, limit: int
) -> list[Uncalled]:
    policy = rules.policies[alert.level]
    ways = [way for way in _WAYS if channels_for(policy.channels, kind, *way)]
    if not ways:
        return []
    before = None
    if kind is Kind.REMIND:
        if policy.remind is None:
            return []
        before = now - timedelta(minutes=policy.remind)
    by = policy.channels.remind_by
    aside = [int(row) for row in set_aside.waiting(connection, _TOPIC, now)]
    return queue_store.uncalled(
        connection, alert.id, kind, ways, limit, called_before=before, by=by, but=aside
    )


def _queue(
    connection: Connection,
    alert: Alert,
    kind: Kind,
    policy: Policy,
    due: Sequence[Uncalled],
    now: datetime,
) -> None:
    people = people_store.people(connection, {call.person_id for call in due})
    # Whoever left the roster is rung by nobody.
    active = [person for person in people.values() if person.active]
    known: dict[Channel, dict[int, list[str]]] = {}
    new = []
    for call in due:
        for channel in channels_for(policy.channels, kind, call.unreachable, call.stands_in):
            if channel not in known:
                known[channel] = addresses_of(connection, active, channel)
            for address in known[channel].get(call.person_id) or [""]:
                new.append(
                    NewChannelDelivery(
                        call.call_id, alert.id, call.person_id, channel, address, kind
                    )
                )
    queue_store.add(connection, new, now)
