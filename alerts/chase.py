"""The sweep: asks which calls have a step due, and takes it. Nothing of the ladder is in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts import alert_store, ladder_store
from alerts.calls import Call, LadderState
from alerts.escalation import Due, Policy, Step, due_step, next_step
from alerts.ladder_store import StepsRow
from alerts.model import Alert
from alerts.rules import Rules
from alerts.rungs import Climb
from alerts.set_aside_store import CALLS_DUE, REPORTS_DUE
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1000
"""Calls swept in one transaction: small enough that a tap never waits long for the writer."""


def sweep(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Take the steps due at ``now``, for at most ``limit`` calls; returns for how many.

    Idempotent: a step taken is marked in the same transaction, so sweeping again takes the next.
    """
    due_calls = ladder_store.due(connection, now, limit)
    if not due_calls:
        return 0
    alerts: dict[int, Alert] = {}
    climbing: dict[int, dict[Step, list[Call]]] = defaultdict(lambda: defaultdict(list))
    # The calls of one release mostly stand alike: what is due is worked out once for all of them.
    planned: dict[tuple[int, LadderState], _Planned] = {}
    rows: list[StepsRow] = []
    entries: list[Entry] = []
    for call in due_calls:
        ladder_state = call.ladder_state
        plan = planned.get((call.alert_id, ladder_state))
        if plan is None:
            if call.alert_id not in alerts:
                alert = alert_store.alert(connection, call.alert_id)
                assert alert is not None
                alerts[alert.id] = alert
            alert = alerts[call.alert_id]
            plan = _plan(alert, rules.policies[alert.level], ladder_state, now)
            planned[call.alert_id, ladder_state] = plan
            plan.calls = climbing[alert.id][plan.due.step] if plan.due is not None else []
        repeats = call.repeats
        if plan.due is not None:
            plan.calls.append(call)
            repeats += plan.repeats
            entries.append(Entry(plan.action, f"call:{call.id}", None, plan.detail))
        rows.append((call.id, plan.steps, repeats, plan.last_step_at, plan.following_at))
    ladder_store.save_steps(connection, rows)
    for alert_id, steps in climbing.items():
        entries.extend(Climb(connection, alerts[alert_id], rules, now).take(steps))
    append(connection, now, entries)
    return len(due_calls)


@dataclass(slots=True)
class _Planned:
    """What becomes of the calls that stand alike."""

    due: Due | None  # the step to take now
    steps: int
    last_step_at: datetime | None
    following_at: datetime | None
    repeats: int = 0
    action: str = ""
    detail: dict[str, Any] | None = None
    calls: list[Call] = field(default_factory=list)


def _plan(alert: Alert, policy: Policy, ladder_state: LadderState, now: datetime) -> _Planned:
    """The step to take now and the one after it."""
    if not alert.chasing:
        return _Planned(None, ladder_state.steps, ladder_state.last_step_at, None)
    due = due_step(policy, ladder_state, now)
    if due is None:
        following = next_step(policy, ladder_state)
        return _Planned(
            None, ladder_state.steps, ladder_state.last_step_at, following.at if following else None
        )
    following = next_step(policy, ladder_state, taking=Due(due.step, now, due.reason))
    return _Planned(
        due,
        ladder_state.steps | due.step,
        now,
        following.at if following else None,
        int(due.step is Step.REPEAT),
        _STEP_NAMES[due.step],
        {"reason": due.reason.value},
    )


def anything_due(connection: Connection, rules: Rules, now: datetime) -> bool:
    """Whether the sweep would find work: asked every second, so it only reads, and only ids."""
    return bool(
        set_aside.first_due(connection, CALLS_DUE, now) is not None
        or set_aside.first_due(connection, REPORTS_DUE, now) is not None
        or alert_store.ended(connection, now)
        or (rules.auto_close and alert_store.finished(connection))
    )


_STEP_NAMES = {
    Step.REMIND: "call.reminded",
    Step.STAND_IN: "call.stand_in_due",
    Step.DUTY_OFFICER: "call.to_duty_officer",
    Step.COMMANDER: "call.to_commander",
    Step.REPEAT: "call.repeated",
}
