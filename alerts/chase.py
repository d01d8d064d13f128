"""The sweep: asks which calls have a step due, and takes it. Nothing of the ladder is in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts import alert_store, call_store, ladder_store
from alerts.calls import LadderState
from alerts.escalation import Due, Policy, Step, due_step, next_step
from alerts.holding import hold
from alerts.ladder_store import StepsRow
from alerts.model import Alert
from alerts.rules import Rules
from alerts.rungs import Climb
from alerts.set_aside_store import CALLS_DUE, REPORTS_DUE
from alerts.updates import unfinished_store
from alerts.validity import chased, never_overdue_before, overdue
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

ASKED_ANEW_WITHIN = timedelta(minutes=1)
"""So long no step is taken while everybody of a province is asked again (ours)."""

CHUNK = 1000
"""Calls swept in one transaction: small enough that a tap never waits long for the writer."""


def sweep(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Take the steps due at ``now``, for at most ``limit`` calls; returns for how many.

    Idempotent: a step taken is marked in the same transaction, so sweeping again takes the next.
    """
    hold_overdue(connection, rules, now)
    due_calls = ladder_store.due(connection, now, limit)
    if not due_calls:
        return 0
    alerts: dict[int, Alert] = {}
    # The calls of one release mostly stand alike: what is due is worked out once for all of them.
    planned: dict[tuple[Any, ...], _Planned] = {}
    rows: list[StepsRow] = []
    entries: list[Entry] = []
    # Whose level has just risen: each of their calls is about to be made anew.
    asking_again = unfinished_store.asking_again(connection)
    for call_id, repeats, *standing in due_calls:
        key = tuple(standing)
        plan = planned.get(key)
        if plan is None:
            alert_id, *ladder = key
            if alert_id not in alerts:
                alert = alert_store.alert(connection, alert_id)
                assert alert is not None
                alerts[alert_id] = alert
            alert = alerts[alert_id]
            ladder_state = ladder_store.as_ladder_state(ladder)
            if alert_id in asking_again:
                plan = _postponed(alert, ladder_state, now)
            else:
                plan = _plan(alert, rules.policies[alert.level], ladder_state, now)
            planned[key] = plan
        plan.ids.append(call_id)
        if plan.due is not None:
            entries.append(Entry(plan.action, f"call:{call_id}", None, plan.detail))
        rows.append((call_id, plan.steps, repeats + plan.repeats, plan.at, plan.following_at))
    entries.extend(_climb(connection, rules, alerts, planned.values(), now))
    ladder_store.save_steps(connection, rows)
    append(connection, now, entries)
    return len(due_calls)


def hold_overdue(connection: Connection, rules: Rules, now: datetime) -> None:
    """Hold the warnings whose steps are overdue by too much: nobody swept for so long."""
    waiting = ladder_store.overdue_alerts(connection, never_overdue_before(now, rules))
    for alert_id, since in waiting.items():
        alert = alert_store.alert(connection, alert_id)
        if alert is not None and chased(alert, now) and overdue(alert, since, now, rules):
            hold(connection, alert, now)


def _climb(
    connection: Connection,
    rules: Rules,
    alerts: dict[int, Alert],
    plans: Iterable[_Planned],
    now: datetime,
) -> list[Entry]:
    """Take the steps that are due; returns what is to be in the trail beside them."""
    climbs = {key: Climb(connection, alert, rules, now) for key, alert in alerts.items()}
    above: dict[int, dict[Step, list[int]]] = defaultdict(lambda: defaultdict(list))
    for plan in plans:
        if plan.due is None:
            continue
        if plan.due.step in (Step.REMIND, Step.REPEAT):
            climbs[plan.alert_id].remind(plan.ids, plan.ladder_state)
        if plan.due.step is not Step.REMIND:
            above[plan.alert_id][plan.due.step] += plan.ids
    entries: list[Entry] = []
    for alert_id, climb in climbs.items():
        entries += climb.take(
            {step: call_store.calls(connection, ids) for step, ids in above[alert_id].items()}
        )
    return entries


@dataclass(slots=True)
class _Planned:
    """What becomes of the calls that stand alike."""

    alert_id: int
    ladder_state: LadderState
    due: Due | None  # the step to take now
    steps: int
    at: datetime | None  # when the last step was taken
    following_at: datetime | None
    repeats: int = 0
    action: str = ""
    detail: dict[str, Any] | None = None
    ids: list[int] = field(default_factory=list)


def _plan(alert: Alert, policy: Policy, ladder_state: LadderState, now: datetime) -> _Planned:
    """The step to take now and the one after it."""
    chasing = chased(alert, now)
    due = due_step(policy, ladder_state, now) if chasing else None
    if due is None:
        following = next_step(policy, ladder_state) if chasing else None
        return _Planned(
            alert.id,
            ladder_state,
            None,
            ladder_state.steps,
            ladder_state.last_step_at,
            following.at if following else None,
        )
    following = next_step(policy, ladder_state, taking=Due(due.step, now, due.reason))
    return _Planned(
        alert.id,
        ladder_state,
        due,
        ladder_state.steps | due.step,
        now,
        following.at if following else None,
        int(due.step is Step.REPEAT),
        _STEP_NAMES[due.step],
        {"reason": due.reason.value},
    )


def _postponed(alert: Alert, ladder_state: LadderState, now: datetime) -> _Planned:
    """No step now: the call is about to be made anew, or its turn comes after those that are."""
    return _Planned(
        alert.id,
        ladder_state,
        None,
        ladder_state.steps,
        ladder_state.last_step_at,
        now + ASKED_ANEW_WITHIN,
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
