"""Planning a warning in stages: made, moved, released, skipped, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from alerts import alert_store
from alerts.accounts import note_use
from alerts.lifecycle import RANK, Change
from alerts.model import Alert, Draft, Level, State
from alerts.outbox import shown_store
from alerts.outbox.stage_messages import StageAsk
from alerts.preview import DraftProblem, Preview, nobody_called, permit, preview
from alerts.release import release
from alerts.rules import Rules
from alerts.stages import plan as plans
from alerts.stages import store
from alerts.stages.plan import Plan, PlanState, StagePreview, StoredPlan
from alerts.stages.rules import rule_of
from alerts.updates import pending_store
from alerts.updates.changing import update
from alerts.updates.model import ChangeState, PendingChange
from contacts import people_store
from contacts.access import may_release, may_watch, require
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotFound

FARTHEST = timedelta(days=14)
"""How far ahead an onset may lie (ours): no forecast reaches further."""

EVERYTHING = 0
"""The lead of the whole warning: everybody whom the hazard calls, now."""


class StageProblem(Enum):
    """Why a plan is not made, or not changed."""

    NO_STAGES = "no_stages"  # this hazard is not planned
    TOO_LATE = "too_late"  # the danger begins before the last stage could go out
    TOO_FAR = "too_far"
    UNKNOWN = "unknown_plan"
    OVER = "plan_over"
    STAGE_OVER = "stage_over"  # the stage has had its end


_IN_HEADLINES = {
    Level.RED: "红色",
    Level.ORANGE: "橙色",
    Level.YELLOW: "黄色",
    Level.BLUE: "蓝色",
}
"""How a headline names its level: 敦化市暴雨橙色预警."""


def level_at(draft: Draft, lead: int, rules: Rules) -> Level:
    """With which level a stage goes out."""
    rule = rule_of(rules.stages.get(draft.hazard, ()), lead)
    most = None if rule is None else rule.at_most
    return min(draft.level, most, key=RANK.__getitem__) if most is not None else draft.level


def actions_at(draft: Draft, lead: int, rules: Rules) -> str:
    """What is to be done at a stage; empty where the stage is not configured any more."""
    rule = rule_of(rules.stages.get(draft.hazard, ()), lead)
    return "" if rule is None else rule.actions


def draft_at(draft: Draft, lead: int, rules: Rules) -> Draft:
    """The warning as it goes out at a stage."""
    actions = actions_at(draft, lead, rules)
    text = "\n".join(filter(None, [draft.text.strip(), actions]))
    stage, level = lead or None, level_at(draft, lead, rules)
    return replace(
        draft,
        level=level,
        headline=draft.headline.replace(_IN_HEADLINES[draft.level], _IN_HEADLINES[level]),
        text=text if len(text) <= rules.max_text else draft.text,
        lead_minutes=stage,
        stage=stage,
    )


def made(draft: Draft, onset_at: datetime, rules: Rules, now: datetime, by_itself: bool) -> Plan:
    """The plan of a warning.

    :raises InvalidInput: with a ``StageProblem``: it cannot be planned so.
    """
    configured = rules.stages.get(draft.hazard, ())
    if not configured:
        raise InvalidInput(StageProblem.NO_STAGES)
    _check_onset(onset_at, now)
    plan = plans.new_plan((rule.lead for rule in configured), onset_at, now, by_itself=by_itself)
    if not plan.open:
        raise InvalidInput(StageProblem.TOO_LATE)
    return plan


def previewed(
    connection: Connection, draft: Draft, plan: Plan, by: Person, rules: Rules
) -> list[StagePreview]:
    """The stages of a plan still to go out, and how many each would call now.

    :raises InvalidInput: with a ``DraftProblem``: it could not be released.
    :raises NotAllowed: ``by`` may not release it to all of its areas.
    """
    found = []
    for stage in plan.open:
        at = draft_at(draft, stage.lead, rules)
        counts = _counted(connection, at, by, rules)
        found.append(
            StagePreview(
                stage.lead,
                plan.due_at(stage),
                at.level,
                actions_at(draft, stage.lead, rules),
                0 if counts is None else counts.persons,
                counts is not None and counts.second_person,
            )
        )
    if not any(stage.persons for stage in found):
        raise nobody_called(draft)
    return found


def _counted(connection: Connection, draft: Draft, by: Person, rules: Rules) -> Preview | None:
    """Whom a stage would call; ``None``: nobody. An early one may be for nobody but its sender."""
    try:
        return preview(connection, draft, by, rules)
    except InvalidInput as error:
        if error.code in (DraftProblem.NOBODY, DraftProblem.NOBODY_THERE):
            return None
        raise


def plan_stages(
    connection: Connection,
    draft: Draft,
    onset_at: datetime,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    by_itself: bool = False,
) -> int:
    """Keep a plan; its number. Its first stage goes out, or is asked about, when it is due.

    :param by_itself: its stages go out by themselves; else whoever planned it is asked before each.
    :raises InvalidInput: with a ``StageProblem`` or a ``DraftProblem``.
    :raises NotAllowed: ``by`` may not release it to all of its areas.
    """
    permit(connection, draft, by, rules)
    plan = made(draft, onset_at, rules, now, by_itself)
    note_use(connection, by, now)
    plan_id = store.add(connection, draft, plan, by.id, now)
    detail = {
        "level": draft.level.value,
        "hazard": draft.hazard.value,
        "areas": list(draft.areas),
        "onset_at": onset_at.isoformat(),
        "by_itself": by_itself,
        "stages": [stage.lead for stage in plan.open],
    }
    append(connection, now, [Entry("stages.planned", f"stages:{plan_id}", by.id, detail)])
    return plan_id


def known_plan(
    connection: Connection, plan_id: int, reader: Person, *, lock: bool = False
) -> StoredPlan:
    """A plan, for whoever is informed of warnings there.

    :raises NotFound: no such plan.
    :raises NotAllowed: ``reader`` is not informed of warnings of its areas.
    """
    found = store.plan(connection, plan_id, lock=lock)
    if found is None:
        raise NotFound(StageProblem.UNKNOWN, number=plan_id)
    require(may_watch(reader, found.draft.areas), areas=found.draft.areas)
    return found


def running_plans(connection: Connection, reader: Person) -> list[StoredPlan]:
    """The plans that ``reader`` may see, of which something is still to be decided."""
    return [
        stored
        for stored in store.running(connection)
        if may_watch(reader, stored.draft.areas).allowed
    ]


def move(
    connection: Connection,
    plan_id: int,
    onset_at: datetime,
    by: Person,
    rules: Rules,
    now: datetime,
) -> StoredPlan:
    """The danger is expected earlier, or later: then its warning holds longer, too.

    :raises NotFound: no such plan.
    :raises NotAllowed: ``by`` could not release it.
    :raises Conflict: with ``OVER``.
    :raises InvalidInput: with ``TOO_LATE`` or ``TOO_FAR``.
    """
    stored = _permitted(connection, plan_id, by)
    _check_onset(onset_at, now)
    moved = plans.moved(stored.plan, onset_at, now)
    detail = {"from": stored.plan.onset_at.isoformat(), "to": onset_at.isoformat()}
    _hold_on(connection, stored, onset_at, by, rules, now)
    return _save(connection, stored, moved, "stages.moved", by, now, detail)


def _hold_on(
    connection: Connection,
    stored: StoredPlan,
    onset_at: datetime,
    by: Person,
    rules: Rules,
    now: datetime,
) -> None:
    """The warning that is out holds until its danger is over; an earlier danger shortens nothing.

    One that waits for its second person says the new end once it is released; one that was held
    back over its time is decided about by itself.
    """
    alert = _its_alert(connection, stored)
    until = onset_at + rules.lasts(alert) if alert is not None else onset_at
    if alert is None or until <= alert.expires_at:
        return
    if alert.state is State.PENDING:
        alert_store.change_alert(connection, alert.id, expires_at=until)
    elif alert.in_force and not alert.held:
        change = Change(expires_at=until, stage=alert.stage or EVERYTHING)
        update(connection, alert.id, change, by, rules, now)


def choose(
    connection: Connection, plan_id: int, by: Person, now: datetime, *, by_itself: bool
) -> StoredPlan:
    """It goes out by itself from now on, or somebody is asked; refusals as of ``move``."""
    stored = _permitted(connection, plan_id, by)
    plan = plans.with_choice(stored.plan, now, by_itself=by_itself)
    return _save(connection, stored, plan, "stages.chosen", by, now, {"by_itself": by_itself})


def skip(connection: Connection, plan_id: int, lead: int, by: Person, now: datetime) -> StoredPlan:
    """A stage does not go out; refusals as of ``move``, and a ``Conflict`` with ``STAGE_OVER``."""
    stored = _permitted(connection, plan_id, by)
    _open_stage(stored, lead)
    plan = plans.skipped(stored.plan, lead, by.id, now)
    return _save(connection, stored, plan, "stages.skipped", by, now, {"lead": lead})


def cancel(connection: Connection, plan_id: int, by: Person, now: datetime) -> StoredPlan:
    """Nothing more of the plan goes out; the warning that is out stays. Refusals as of ``move``."""
    stored = _permitted(connection, plan_id, by)
    plan = plans.cancelled(stored.plan, by.id, now)
    return _save(connection, stored, plan, "stages.cancelled", by, now, {})


def release_stage(
    connection: Connection, plan_id: int, lead: int, by: Person, rules: Rules, now: datetime
) -> StoredPlan:
    """A stage goes out now, when it is due or before; or (``EVERYTHING``) the whole warning.

    :raises NotFound: no such plan.
    :raises NotAllowed: ``by`` may not release it.
    :raises Conflict: with ``OVER`` or ``STAGE_OVER``; or what ``alerts.updates`` says.
    :raises InvalidInput: it would reach nobody, or cannot be released as it is.
    """
    stored = _permitted(connection, plan_id, by)
    if lead != EVERYTHING:
        _open_stage(stored, lead)
    note_use(connection, by, now)
    return go_out(connection, stored, lead, by, rules, now)


def go_out(
    connection: Connection,
    stored: StoredPlan,
    lead: int,
    by: Person,
    rules: Rules,
    now: datetime,
    *,
    by_itself: bool = False,
) -> StoredPlan:
    """The stage goes out in the name of ``by``: the warning is released, or changed."""
    draft = draft_at(stored.draft, lead, rules)
    until = max(now, stored.plan.onset_at) + rules.lasts(draft)
    alert = _its_alert(connection, stored)
    if alert is None:
        alert_id = release(connection, draft, by, rules, now, until=until).alert_id
    else:
        alert_id = alert.id
        change = _change(alert, stored, draft, rules, until)
        if update(connection, alert_id, change, by, rules, now).pending is not None:
            plan = plans.left_to_second(stored.plan, lead)
            detail = {"lead": lead, "alert": alert_id, "by_itself": by_itself}
            return _save(connection, stored, plan, "stages.proposed", by, now, detail)
    if lead == EVERYTHING:
        plan = plans.overtaken(stored.plan, by.id, now)
    else:
        plan = plans.released(stored.plan, lead, None if by_itself else by.id, now)
    detail = {"lead": lead, "alert": alert_id, "by_itself": by_itself}
    return _save(connection, stored, plan, "stages.released", by, now, detail, alert_id=alert_id)


def waits_for_second(connection: Connection, stored: StoredPlan) -> bool:
    """Whether a stage of a plan, or all of it, waits for a second person."""
    last = _proposed(connection, stored)
    return last is not None and last.state is ChangeState.PENDING


def confirmed(connection: Connection, stored: StoredPlan, now: datetime) -> StoredPlan | None:
    """The plan once the second person agreed to what waited; ``None``: that is no news."""
    last = _proposed(connection, stored)
    if last is None or last.state is not ChangeState.MADE or not stored.running:
        return None
    lead, by_id = last.change.stage or EVERYTHING, last.by_id
    if lead == EVERYTHING:
        plan = plans.overtaken(stored.plan, by_id, now)
    else:
        stage = stored.plan.stage(lead)
        if stage is None or not stage.open:
            return None
        plan = plans.released(stored.plan, lead, by_id, now)
    by = people_store.person(connection, by_id)
    detail = {"lead": lead, "alert": stored.alert_id, "confirmed": True}
    return _save(connection, stored, plan, "stages.released", by, now, detail)


def _proposed(connection: Connection, stored: StoredPlan) -> PendingChange | None:
    """The last stage of it that was left to a second person."""
    if stored.alert_id is None:
        return None
    found = pending_store.of_alert(connection, stored.alert_id)
    return next((one for one in found if one.change.stage is not None), None)


def _change(
    alert: Alert, stored: StoredPlan, draft: Draft, rules: Rules, until: datetime
) -> Change:
    """What becomes of the warning at the next stage. What somebody changed by hand since the last
    stays: its level, its text."""
    last = stored.plan.current
    before = None if last is None else draft_at(stored.draft, last.lead, rules)
    by_hand = before is None or alert.level is not before.level
    level = alert.level if by_hand else draft.level
    text = draft.text
    if before is not None and alert.description.strip() != before.text.strip():
        actions = draft.text.removeprefix(stored.draft.text.strip()).strip()
        old = before.text.removeprefix(stored.draft.text.strip()).strip()
        kept = alert.description.strip().removesuffix(old).strip()
        text = "\n".join(filter(None, [kept, actions]))
    headline = alert.headline.replace(_IN_HEADLINES[alert.level], _IN_HEADLINES[level])
    return Change(
        level=level,
        text=text,
        headline=headline,
        lead_minutes=draft.lead_minutes or 0,
        stage=draft.stage or EVERYTHING,
        expires_at=max(until, alert.expires_at),
    )


def _its_alert(connection: Connection, stored: StoredPlan) -> Alert | None:
    if stored.alert_id is None:
        return None
    alert = alert_store.alert(connection, stored.alert_id)
    return None if alert is None or alert.state is State.REFUSED else alert


def _permitted(connection: Connection, plan_id: int, by: Person) -> StoredPlan:
    stored = known_plan(connection, plan_id, by, lock=True)
    require(may_release(by, stored.draft.areas), areas=stored.draft.areas)
    if not stored.running:
        raise Conflict(StageProblem.OVER, stages=plan_id)
    return stored


def _open_stage(stored: StoredPlan, lead: int) -> None:
    stage = stored.plan.stage(lead)
    if stage is None or not stage.open:
        raise Conflict(StageProblem.STAGE_OVER, stages=stored.id)


def _check_onset(onset_at: datetime, now: datetime) -> None:
    if onset_at <= now:
        raise InvalidInput(StageProblem.TOO_LATE)
    if onset_at - now > FARTHEST:
        raise InvalidInput(StageProblem.TOO_FAR, days=FARTHEST.days)


def _save(
    connection: Connection,
    stored: StoredPlan,
    plan: Plan,
    what: str,
    by: Person | None,
    now: datetime,
    detail: Mapping[str, object],
    **values: object,
) -> StoredPlan:
    """The plan is so from now on; the sweep looks at it at once."""
    over = plan.state is not PlanState.RUNNING
    by_id = None if by is None else by.id
    if over and stored.running:
        values |= {"ended_at": now, "ended_by": by_id}
    store.save(connection, stored.id, plan, next_at=None if over else now, **values)
    append(connection, now, [Entry(what, f"stages:{stored.id}", by_id, dict(detail))])
    saved = store.plan(connection, stored.id)
    assert saved is not None

    def decided(asked: StageAsk) -> tuple[int, ...]:
        stage = plan.stage(asked.lead)
        open_still = saved.running and stage is not None and stage.open
        return () if open_still else (asked.plan_id,)

    since = stored.created_at
    shown_store.edit(connection, StageAsk, decided, [stored.id], now, since=since)
    return saved


def end_with_warning(
    connection: Connection, stored: StoredPlan, plan: Plan, why: str, now: datetime
) -> StoredPlan:
    """The plan ends by what happened to its warning, or in its area; for the sweep."""
    return _save(connection, stored, plan, "stages.ended", None, now, {"why": why})
