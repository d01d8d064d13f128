"""A plan in stages, and what its time asks of it. Pure.

Each stage is due some hours before the danger is expected. Shortly before, whoever planned it is
asked; or it goes out by itself, where they chose so. Only the newest stage that is due ever goes
out: what the bot slept through is overtaken by what comes after it. One that is late by too much
does not go out by itself any more: it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from alerts.model import Draft, Level


class StageState(Enum):
    """What became of a stage; everything but ``WAITING`` and ``ASKED`` is its end."""

    WAITING = "waiting"
    ASKED = "asked"  # somebody is asked whether it goes out
    RELEASED = "released"
    SKIPPED = "skipped"  # somebody decided that it does not
    OVERTAKEN = "overtaken"  # a later stage, or the whole warning, came first
    MISSED = "missed"  # its time passed, and nobody decided
    CANCELLED = "cancelled"  # the plan was cancelled


OPEN = (StageState.WAITING, StageState.ASKED)


class PlanState(Enum):
    """What became of a plan."""

    RUNNING = "running"
    DONE = "done"  # nothing of it is left to be decided
    CANCELLED = "cancelled"  # by somebody, or with its warning


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``lead`` minutes before. ``reminded``: asked again when it was due."""

    lead: int
    state: StageState = StageState.WAITING
    reminded: bool = False
    decided_at: datetime | None = None
    decided_by: int | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Plan:
    """When the danger is expected, and the stages before it, the earliest first.

    ``since``: when that was planned so; no stage is late before.
    """

    onset_at: datetime
    stages: tuple[Stage, ...]
    since: datetime
    by_itself: bool = False
    state: PlanState = PlanState.RUNNING

    def due_at(self, stage: Stage) -> datetime:
        """When a stage is due."""
        return self.onset_at - timedelta(minutes=stage.lead)

    def stage(self, lead: int) -> Stage | None:
        """The stage with this lead."""
        return next((stage for stage in self.stages if stage.lead == lead), None)

    @property
    def open(self) -> tuple[Stage, ...]:
        """The stages still to be decided, the earliest first."""
        return tuple(stage for stage in self.stages if stage.open)

    @property
    def current(self) -> Stage | None:
        """The last stage that went out."""
        return next((s for s in reversed(self.stages) if s.state is StageState.RELEASED), None)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it is kept: what it says, by whom, and its warning once that went out."""

    id: int
    plan: Plan
    draft: Draft
    planned_by: int
    created_at: datetime
    alert_id: int | None = None
    ended_at: datetime | None = None
    ended_by: int | None = None

    @property
    def running(self) -> bool:
        """Whether anything of it is still to be decided."""
        return self.plan.state is PlanState.RUNNING


@dataclass(frozen=True, slots=True)
class StagePreview:
    """A stage of a plan: when, with which level, and how many it would call now."""

    lead: int
    due_at: datetime
    level: Level
    actions: str
    persons: int
    second_person: bool


class Act(Enum):
    """What a plan's time asks for."""

    ASK = "ask"  # shortly before a stage is due
    REMIND = "remind"  # it is due, and nobody has decided
    ASK_LATE = "ask_late"  # it should have gone out by itself, and is late by too much
    RELEASE = "release"  # by itself


@dataclass(frozen=True, slots=True)
class Patience:
    """How long before a stage somebody is asked; how late one may go out by itself."""

    ask_before: timedelta = timedelta(minutes=30)
    late_after: timedelta = timedelta(minutes=60)


def new_plan(
    leads: Iterable[int], onset_at: datetime, now: datetime, *, by_itself: bool = False
) -> Plan:
    """A plan made now: of the stages whose time has passed only the last is still to go out."""
    stages = tuple(Stage(lead) for lead in sorted(set(leads), reverse=True))
    return looked_at(Plan(onset_at, stages, now, by_itself), now)


def looked_at(plan: Plan, now: datetime) -> Plan:
    """The plan with what its time alone decides: stages overtaken or missed, the plan done."""
    if plan.state is not PlanState.RUNNING:
        return plan
    plan = _overtaken(plan, now)
    if now >= plan.onset_at:
        plan = _each_open(plan, StageState.MISSED, now)
    return _done_if_decided(plan)


def next_act(plan: Plan, now: datetime, patience: Patience) -> tuple[Act, Stage] | None:
    """What is to be done now, of a plan that was looked at; ``None``: nothing yet."""
    if plan.state is not PlanState.RUNNING or not plan.open:
        return None
    stage = plan.open[0]
    due = plan.due_at(stage)
    if stage.state is StageState.ASKED and now >= due and not stage.reminded:
        return Act.REMIND, stage
    if plan.by_itself:
        if now < due or stage.state is StageState.ASKED:
            return None
        late = now - max(due, plan.since) > patience.late_after
        return (Act.ASK_LATE if late else Act.RELEASE), stage
    if stage.state is StageState.WAITING and now >= due - patience.ask_before:
        return Act.ASK, stage
    return None


def next_look(plan: Plan, now: datetime, patience: Patience) -> datetime | None:
    """When the plan is to be looked at again, after what was due now was done."""
    if plan.state is not PlanState.RUNNING or not plan.open:
        return None
    times = [plan.onset_at]
    for stage in plan.open:
        due = plan.due_at(stage)
        times += [due, *([] if plan.by_itself else [due - patience.ask_before])]
    return min((at for at in times if at > now), default=now)


def asked(plan: Plan, lead: int, now: datetime) -> Plan:
    """Somebody is asked whether a stage goes out; once it is due, for the last time."""
    due = plan.onset_at - timedelta(minutes=lead)
    return _with(plan, lead, state=StageState.ASKED, reminded=now >= due)


def released(plan: Plan, lead: int, by: int | None, now: datetime) -> Plan:
    """A stage goes out, when its time has come or before; those before it are overtaken."""
    plan = _with(plan, lead, state=StageState.RELEASED, decided_at=now, decided_by=by)
    plan = _each_open(plan, StageState.OVERTAKEN, now, over=lead)
    return _done_if_decided(plan)


def left_to_second(plan: Plan, lead: int) -> Plan:
    """A stage waits for its second person: if that comes to nothing, it is asked about once more,
    when it is due, whether or not it was to go out by itself."""
    return _with(plan, lead, state=StageState.ASKED, reminded=False)


def skipped(plan: Plan, lead: int, by: int | None, now: datetime) -> Plan:
    """Somebody decided that a stage does not go out; or it would call nobody."""
    changed = _with(plan, lead, state=StageState.SKIPPED, decided_at=now, decided_by=by)
    return _done_if_decided(changed)


def overtaken(plan: Plan, by: int | None, now: datetime) -> Plan:
    """The whole warning went out: nothing of the plan is left."""
    if plan.state is not PlanState.RUNNING:
        return plan
    return replace(_each_open(plan, StageState.OVERTAKEN, now, by=by), state=PlanState.DONE)


def cancelled(plan: Plan, by: int | None, now: datetime) -> Plan:
    """The plan is off: by somebody, or with its warning. What went out has gone out."""
    if plan.state is not PlanState.RUNNING:
        return plan
    changed = _each_open(plan, StageState.CANCELLED, now, by=by)
    return replace(changed, state=PlanState.CANCELLED)


def moved(plan: Plan, onset_at: datetime, now: datetime) -> Plan:
    """The danger is expected at another time: what is still to be decided moves with it.

    A question that was asked is asked anew at its new time. What went out or was skipped stays so;
    what was overtaken because of the old time alone, with nothing later gone out, waits again. A
    plan that is over stays over.
    """
    if plan.state is not PlanState.RUNNING:
        return plan
    floor = min(
        (stage.lead for stage in plan.stages if stage.state is StageState.RELEASED), default=None
    )

    def again(stage: Stage) -> Stage:
        by_time = stage.state is StageState.OVERTAKEN and (floor is None or stage.lead < floor)
        if stage.open or by_time:
            return Stage(stage.lead)
        return stage

    stages = tuple(map(again, plan.stages))
    changed = replace(plan, onset_at=onset_at, stages=stages, since=now)
    return looked_at(changed, now)


def with_choice(plan: Plan, now: datetime, *, by_itself: bool) -> Plan:
    """It goes out by itself from now on, or is asked about; what is asked already stays asked."""
    return replace(plan, by_itself=by_itself, since=now)


def _overtaken(plan: Plan, now: datetime) -> Plan:
    """Of several open stages whose time has come only the last stays."""
    due = [stage for stage in plan.open if plan.due_at(stage) <= now]
    last = due[-1].lead if due else None
    return plan if last is None else _each_open(plan, StageState.OVERTAKEN, now, over=last)


def _each_open(
    plan: Plan,
    state: StageState,
    now: datetime,
    *,
    over: int = -1,
    by: int | None = None,
) -> Plan:
    """Every open stage with a lead ``over`` so many minutes ends in this state."""
    return replace(
        plan,
        stages=tuple(
            replace(stage, state=state, decided_at=now, decided_by=by)
            if stage.open and stage.lead > over
            else stage
            for stage in plan.stages
        ),
    )


def _done_if_decided(plan: Plan) -> Plan:
    done = plan.state is PlanState.RUNNING and not plan.open
    return replace(plan, state=PlanState.DONE) if done else plan


def _with(plan: Plan, lead: int, **values: object) -> Plan:
    stages: Sequence[Stage] = plan.stages
    return replace(
        plan,
        stages=tuple(
            replace(stage, **values) if stage.lead == lead and stage.open else stage  # type: ignore[arg-type]
            for stage in stages
        ),
    )
