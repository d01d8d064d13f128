"""The sweep: asks which calls have a step due, and takes it. Nothing of the ladder is in memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from alerts.calls import Call
from alerts.escalation import Due, Policy, Step, due_step, next_step
from alerts.ladder_store import Ladder
from alerts.model import Alert, State
from alerts.rules import Rules
from alerts.rungs import Climb, Taken
from alerts.store import Alerts
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1000
"""Calls swept in one transaction: small enough that a tap never waits long for the writer."""


def sweep(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Take the steps due at ``now``, for at most ``limit`` calls; returns for how many.

    Idempotent: a step taken is marked in the same transaction, so sweeping again takes the next.
    """
    store = Alerts(connection)
    ladder = Ladder(connection)
    due_calls = ladder.due(now, limit)
    if not due_calls:
        return 0
    by_alert: dict[int, list[Taken]] = defaultdict(list)
    alerts: dict[int, Alert] = {}
    # The calls of one release mostly stand alike: what is due is worked out once for all of them.
    planned: dict[tuple[Any, ...], tuple[Due | None, Due | None]] = {}
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for call in due_calls:
        if call.alert_id not in alerts:
            alert = store.alert(call.alert_id)
            assert alert is not None
            alerts[alert.id] = alert
        alert = alerts[call.alert_id]
        stands = _standing(call)
        if stands not in planned:
            planned[stands] = _plan(alert, rules.policies[alert.level], call, now)
        due, following = planned[stands]
        if due is not None:
            by_alert[alert.id].append(Taken(call, due))
            entries.append(_entry(call, due))
        rows.append(
            {
                "call_id": call.id,
                "new_steps": call.steps | due.step if due is not None else call.steps,
                "new_repeats": call.repeats + (due is not None and due.step is Step.REPEAT),
                "at": now if due is not None else call.last_step_at,
                "due": None if following is None else following.at,
            }
        )
    ladder.save_steps(rows)
    for alert_id, taken in by_alert.items():
        entries.extend(Climb(connection, alerts[alert_id], rules, now).take(taken))
    append(connection, now, entries)
    return len(due_calls)


def _standing(call: Call) -> tuple[Any, ...]:
    """All of a call that says what its next step is."""
    return (
        call.alert_id,
        call.state,
        call.reach,
        call.called_at,
        call.delivered_at,
        call.steps,
        call.last_step_at,
    )


def _plan(alert: Alert, policy: Policy, call: Call, now: datetime) -> tuple[Due | None, Due | None]:
    """The step to take now and the one after it."""
    if not alert.chasing:
        return None, None
    due = due_step(policy, call, now)
    taking = None if due is None else Due(due.step, now, due.reason)
    return due, next_step(policy, call, taking=taking)


def anything_due(connection: Connection, rules: Rules, now: datetime) -> bool:
    """Whether the sweep would find work: asked every second, so it only reads."""
    store, ladder = Alerts(connection), Ladder(connection)
    return bool(
        ladder.due(now, 1)
        or ladder.reports_due(now, 1)
        or store.ended(now)
        or (
            rules.auto_close
            and any(
                not store.open_exists(alert.id)
                for alert in store.alerts(State.RELEASED, limit=1000)
            )
        )
    )


_STEP_NAMES = {
    Step.REMIND: "call.reminded",
    Step.STAND_IN: "call.stand_in_due",
    Step.DUTY_OFFICER: "call.to_duty_officer",
    Step.COMMANDER: "call.to_commander",
    Step.REPEAT: "call.repeated",
}


def _entry(call: Call, due: Due) -> Entry:
    return Entry(_STEP_NAMES[due.step], f"call:{call.id}", None, {"reason": due.reason.value})
