"""What a plan's time asks for: somebody is asked, a stage goes out by itself, the plan ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts import alert_store
from alerts.model import IN_FORCE, Alert, State, Status
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Message
from alerts.outbox.stage_messages import StageAsk, StageNews
from alerts.preview import anybody_in
from alerts.rules import LANES, Rules
from alerts.stages import plan as plans
from alerts.stages import store
from alerts.stages.plan import Act, Patience, Plan, PlanState, Stage, StoredPlan
from alerts.stages.planning import (
    confirmed,
    draft_at,
    end_with_warning,
    go_out,
    waits_for_second,
)
from contacts import people_store
from contacts.access import may_release
from contacts.divisions.codes import any_around
from contacts.duty_store import commanders_of
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotAllowed

CHUNK = 20
"""Plans looked at in one transaction: a stage may be a release."""


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``run_due`` would find something to do."""
    return store.any_due(connection, now)


def run_due(connection: Connection, rules: Rules, now: datetime, *, limit: int = CHUNK) -> int:
    """Do what is due of the plans; returns how many were looked at."""
    due = store.due(connection, now, limit)
    for stored in due:
        _look(connection, stored, rules, now)
    return len(due)


def patience(stored: StoredPlan, rules: Rules) -> Patience:
    """How long before somebody is asked, and how late a stage may go out by itself."""
    minutes = rules.overdue_minutes[stored.draft.level]
    late = timedelta(minutes=minutes) if minutes else timedelta.max
    return Patience(timedelta(minutes=rules.stage_ask_minutes), late)


def _look(connection: Connection, stored: StoredPlan, rules: Rules, now: datetime) -> None:
    over = _over_with_warning(connection, stored, now)
    if over is not None:
        plan, why = over
        _tell(connection, end_with_warning(connection, stored, plan, why, now), now)
        return
    if confirmed(connection, stored, now) is not None:
        return  # it is looked at again at once
    if waits_for_second(connection, stored) and now < stored.plan.onset_at:
        store.save(connection, stored.id, stored.plan, next_at=now + LOOK_AGAIN)
        return
    plan = plans.looked_at(stored.plan, now)
    if plan.state is not PlanState.RUNNING:
        _tell(connection, end_with_warning(connection, stored, plan, "onset", now), now)
        return
    act = plans.next_act(plan, now, patience(stored, rules))
    if act is None:
        next_at = plans.next_look(plan, now, patience(stored, rules))
        store.save(connection, stored.id, plan, next_at=_soon(stored, next_at, now))
        return
    what, stage = act
    if _for_nobody(connection, stored, stage, rules):
        plan = plans.skipped(plan, stage.lead, None, now)
        store.save(connection, stored.id, plan, next_at=now)
        detail = {"lead": stage.lead, "how": "nobody"}
        append(connection, now, [Entry("stages.skipped", f"stages:{stored.id}", None, detail)])
        return
    if what is Act.RELEASE and _went_out(connection, stored, plan, stage, rules, now):
        return
    plan = plans.asked(plan, stage.lead, now)
    store.save(connection, stored.id, plan, next_at=now)
    detail = {"lead": stage.lead, "how": what.value}
    append(connection, now, [Entry("stages.asked", f"stages:{stored.id}", None, detail)])
    late = what in (Act.ASK_LATE, Act.RELEASE)
    ask = StageAsk(stored.id, stage.lead, what is Act.REMIND, late)
    everybody = what is not Act.ASK
    for person in _in_charge(connection, stored, everybody=everybody):
        _say(connection, person, stored, ask, now)


LOOK_AGAIN = timedelta(minutes=1)
"""A plan whose warning is out is looked at so often: the warning may have ended (ours)."""


def _soon(stored: StoredPlan, next_at: datetime | None, now: datetime) -> datetime | None:
    if next_at is None or stored.alert_id is None:
        return next_at
    return min(next_at, now + LOOK_AGAIN)


def _for_nobody(connection: Connection, stored: StoredPlan, stage: Stage, rules: Rules) -> bool:
    """Whether a stage would call nobody but whoever planned it."""
    planner = people_store.person(connection, stored.planned_by)
    draft = draft_at(stored.draft, stage.lead, rules)
    return planner is not None and not anybody_in(connection, draft, planner, rules)


def _went_out(
    connection: Connection,
    stored: StoredPlan,
    plan: Plan,
    stage: Stage,
    rules: Rules,
    now: datetime,
) -> bool:
    """Whether the stage went out by itself: else somebody is asked."""
    by = people_store.person(connection, stored.planned_by)
    if by is None or not may_release(by, stored.draft.areas).allowed:
        return False
    looked = StoredPlan(
        stored.id, plan, stored.draft, stored.planned_by, stored.created_at, stored.alert_id
    )
    try:
        go_out(connection, looked, stage.lead, by, rules, now, by_itself=True)
    except (Conflict, InvalidInput, NotAllowed):
        return False
    return True


def _over_with_warning(
    connection: Connection, stored: StoredPlan, now: datetime
) -> tuple[Plan, str] | None:
    """How the plan ends when its warning has ended, or another covers all of its areas."""
    if stored.alert_id is not None:
        alert = alert_store.alert(connection, stored.alert_id)
        if alert is not None and alert.state in (State.PENDING, *IN_FORCE):
            return None
        return plans.cancelled(stored.plan, None, now), "warning_over"
    status = Status.EXERCISE if stored.draft.exercise else Status.ACTUAL
    others = alert_store.of_hazard(connection, stored.draft.hazard, status, *IN_FORCE)
    if any(_covers(alert, stored, now) for alert in others):
        return plans.overtaken(stored.plan, None, now), "released_otherwise"
    return None


def _covers(alert: Alert, stored: StoredPlan, now: datetime) -> bool:
    """Whether a warning that was released since says it all."""
    at = alert.released_at
    return (
        at is not None
        and stored.created_at <= at <= now
        and alert.expires_at > now
        and not alert.places
        and _all_inside(stored.draft.areas, alert.areas)
    )


def _all_inside(areas: Iterable[str], others: Iterable[str]) -> bool:
    held = frozenset(others)
    return all(any_around([area], held) for area in areas)


def _in_charge(connection: Connection, stored: StoredPlan, *, everybody: bool) -> list[Person]:
    """Whoever planned it, if they may still decide; when it is due, all who may with them."""
    planner = people_store.person(connection, stored.planned_by)
    found = {}
    if planner is not None and may_release(planner, stored.draft.areas).allowed:
        found[planner.id] = planner
    if everybody or not any(person.reachable for person in found.values()):
        depth = max((person.tier.depth for person in found.values()), default=None)
        for person in commanders_of(connection, stored.draft.areas):
            if depth is None or person.tier.depth == depth:
                found.setdefault(person.id, person)
    return [person for person in found.values() if person.telegram_id is not None]


def _tell(connection: Connection, stored: StoredPlan, now: datetime) -> None:
    """How the plan ended, to whoever planned it."""
    planner = people_store.person(connection, stored.planned_by)
    if planner is not None and planner.active and planner.telegram_id is not None:
        _say(connection, planner, stored, StageNews(stored.id), now, lane=Lane.REST)


def _say(
    connection: Connection,
    person: Person,
    stored: StoredPlan,
    message: Message,
    now: datetime,
    *,
    lane: Lane | None = None,
) -> None:
    lane = lane or LANES[stored.draft.level]
    outbox_store.add(connection, to_person(person, message, lane), now)
