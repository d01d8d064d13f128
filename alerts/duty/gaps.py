"""Gaps in duty plans: found ahead, told to the head of office, taken back when they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.duty import gap_store
from alerts.duty.handing_over import plan_handovers
from alerts.duty.model import (
    LOOK_EVERY,
    LOOKED_AHEAD,
    LOOKED_BACK,
    PLAN_KEPT,
    DutyRules,
    Gap,
    GapRung,
    next_rung_at,
    rungs_due,
)
from alerts.duty.who import heads, tell
from alerts.outbox.duty_messages import DutyGaps
from contacts import duty_plan_store, people_store
from contacts.duty_plan import Shift, Span, uncovered
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

CHUNK = 50
"""Plans looked at in one transaction."""


def gaps(connection: Connection, since: datetime, until: datetime) -> dict[str, list[Span]]:
    """The spans of [since, until) in which nobody is on duty, by division.

    Only of divisions that kept a plan then: some shift of theirs, whoever's, was not two weeks
    over. Before the first shift of a plan there is no gap: nobody had planned anything yet.
    """
    plans = duty_plan_store.plans(connection, since, until)
    found = {}
    for code, first in duty_plan_store.begun(connection, since - PLAN_KEPT, until).items():
        if spans := uncovered(plans.get(code, ()), max(since, first), until):
            found[code] = spans
    return found


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether a plan is to be looked at: one look at an index."""
    return bool(duty_plan_store.to_look_at(connection, now, 1))


def look_at_plans(
    connection: Connection, now: datetime, rules: DutyRules, *, limit: int = CHUNK
) -> int:
    """Look at the plans whose time has come; how many."""
    found = duty_plan_store.to_look_at(connection, now, limit)
    for code in found:
        _look(connection, code, rules, now)
    return len(found)


def set_first_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """The plan that ``look_at_plans`` comes to first is looked at later; whether there was one."""
    for code in duty_plan_store.to_look_at(connection, now, 1):
        duty_plan_store.look_at(connection, [code], now + LOOK_EVERY)
        set_aside.note(connection, "duty_plan", code, error, now, LOOK_EVERY)
        return True
    return False


def _look(connection: Connection, code: str, rules: DutyRules, now: datetime) -> None:
    if code not in duty_plan_store.kept(connection, now - PLAN_KEPT, code):
        for gap in gap_store.open_gaps(connection, code):
            gap_store.close(connection, gap.id, "past", now)
        duty_plan_store.forget_plan(connection, code)
        return
    since = now - LOOKED_BACK
    until = now + LOOKED_AHEAD + LOOK_EVERY
    plan = duty_plan_store.plan(connection, code, since, until)
    plan_handovers(connection, code, plan, rules, now)
    found = _gaps(plan, since, until, now) if rules.gaps else []
    known = _matched(connection, code, found, now)
    due = [(gap, rungs) for gap in known if (rungs := rungs_due(gap.starts_at, gap.told, now))]
    if due:
        _tell(connection, code, due, now)
    told = {gap.id: gap.told | rungs for gap, rungs in due}
    again = [next_rung_at(gap.starts_at, told.get(gap.id, gap.told)) for gap in known]
    soon = [at for at in again if at is not None]
    duty_plan_store.look_at(connection, [code], min([now + LOOK_EVERY, *soon]))


def _gaps(plan: Sequence[Shift], since: datetime, until: datetime, now: datetime) -> list[Span]:
    """Those that are not over; of a plan that begins later, none before its first shift."""
    begins = min((shift.starts_at for shift in plan), default=since)
    found = uncovered(plan, max(since, begins), until)
    return [span for span in found if span.ends_at > now]


def _matched(connection: Connection, code: str, found: list[Span], now: datetime) -> list[Gap]:
    """The rows of these gaps: those known already, as they are now, and new ones."""
    left = gap_store.open_gaps(connection, code)
    known = []
    filled = []
    for span in found:
        same = next((gap for gap in left if gap.span.overlaps(span)), None)
        if same is None:
            known.append(gap_store.add(connection, code, span, now))
            continue
        left.remove(same)
        if same.span != span:
            gap_store.move(connection, same.id, span)
        known.append(Gap(same.id, code, span.starts_at, span.ends_at, _still_told(same, span, now)))
    for gap in left:
        how = "filled" if gap.ends_at > now else "past"
        gap_store.close(connection, gap.id, how, now)
        if how == "filled" and gap.told:
            filled.append(gap.id)
    if filled:
        message = DutyGaps(code, tuple(filled), filled=True)
        tell(connection, heads(connection, code), message, now)
        detail = {"division": code, "gaps": filled}
        append(connection, now, [Entry("duty.gaps_filled", f"division:{code}", None, detail)])
    return known


def _still_told(gap: Gap, span: Span, now: datetime) -> int:
    """Which rungs were told of a gap that is another by now: one that begins later waits again."""
    told = gap.told
    for rung in GapRung:
        if told & rung and not rungs_due(span.starts_at, 0, now) & rung:
            told &= ~rung
    return told


def _tell(connection: Connection, code: str, due: list[tuple[Gap, int]], now: datetime) -> None:
    """One message, however many gaps: to the head of office, an hour before to who is on duty."""
    for gap, rungs in due:
        gap_store.set_told(connection, gap.id, gap.told | rungs)
    told = heads(connection, code)
    if any(rungs & GapRung.HOUR for _, rungs in due):
        plan = duty_plan_store.plan(connection, code, now, now + timedelta(minutes=1))
        on_duty = people_store.people(connection, [shift.person_id for shift in plan])
        told += list(on_duty.values())
    ids = tuple(gap.id for gap, _ in due)
    tell(connection, told, DutyGaps(code, ids), now)
    detail = {"division": code, "gaps": list(ids), "told": [person.id for person in told]}
    append(connection, now, [Entry("duty.gaps_told", f"division:{code}", None, detail)])
