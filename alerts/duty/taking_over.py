"""现在接班: a watch is taken over now, whether its person answers or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.accounts import note_use
from alerts.duty.handing_over import hand_over_now
from alerts.duty.model import DutyProblem
from alerts.duty.swapping import add_watch, replace_from
from alerts.duty.who import heads, require_watcher, tell
from alerts.outbox.duty_messages import DutyEvent, DutyNews
from contacts import duty_plan_store, people_store
from contacts.duty_plan import Shift, Span
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict

UNPLANNED = timedelta(hours=12)
"""Where nobody is on the plan for longer, who takes over watches so long (ours)."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A watch of ``division_code`` that is the person's from now on; ``of``: whose it was."""

    division_code: str
    span: Span
    of: Person | None


def running(connection: Connection, code: str, now: datetime) -> list[Shift]:
    """The shifts over a division that run now."""
    plan = duty_plan_store.plan(connection, code, now, now + timedelta(milliseconds=1))
    return [shift for shift in plan if shift.covers(now)]


def take_over(
    connection: Connection, person: Person, code: str, shift_id: int | None, now: datetime
) -> TakenOver:
    """Take over a running watch; pressed twice it is taken over once.

    Whoever comes early for their own shift begins it now. Whoever was on watch is told, and the
    head of office.

    :param shift_id: the shift whose person is relieved; ``None``: nobody is on the plan now.
    :raises JiaoyingError: NOT_FOR_THEM, NOT_PROVEN; TAKEN_OVER: that shift does not run any more.
    """
    now_on = running(connection, code, now)
    mine = next((shift for shift in now_on if shift.person_id == person.id), None)
    if mine is not None:
        return TakenOver(code, Span(mine.starts_at, mine.ends_at), None)
    require_watcher(connection, person, code, now)
    relieved = next((shift for shift in now_on if shift.id == shift_id), None)
    if relieved is None and (now_on or shift_id is not None):
        names = people_store.people(connection, [shift.person_id for shift in now_on])
        who = "、".join(each.name for each in names.values())
        raise Conflict(DutyProblem.TAKEN_OVER, name=who, division=code)
    note_use(connection, person, now)
    until = _until(connection, code, relieved, now)
    span = begin_watch(connection, person, code, relieved, until, now)
    of = None if relieved is None else people_store.person(connection, relieved.person_id)
    duty_plan_store.look_at(connection, [code], now)
    detail = {
        "division": code,
        "of": None if of is None else of.id,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
    }
    append(connection, now, [Entry("duty.taken_over", f"person:{person.id}", person.id, detail)])
    told = [] if of is None else [of]
    told += [head for head in heads(connection, code) if head.id != person.id]
    news = DutyNews(
        DutyEvent.TAKEN_OVER, division=code, by=person.id, of=None if of is None else of.id
    )
    tell(connection, told, news, now)
    hand_over_now(connection, code, person, now)
    return TakenOver(code, span, of)


def _until(connection: Connection, code: str, relieved: Shift | None, now: datetime) -> datetime:
    if relieved is not None:
        return relieved.ends_at
    coming = duty_plan_store.plan(connection, code, now, now + UNPLANNED)
    return min([now + UNPLANNED, *(shift.starts_at for shift in coming)])


def begin_watch(
    connection: Connection,
    person: Person,
    code: str,
    relieved: Shift | None,
    until: datetime,
    now: datetime,
) -> Span:
    """The watch is theirs from now until then; their own next shift begins earlier instead."""
    own = duty_plan_store.shifts_of(connection, person.id, now)
    next_own = next(
        (each for each in own if each.division_code == code and now < each.starts_at <= until),
        None,
    )
    if next_own is not None:
        if relieved is not None:
            _end_now(connection, relieved, now)
        duty_plan_store.begin_earlier(connection, next_own, now, now)
        return Span(now, next_own.ends_at)
    if relieved is not None:
        replace_from(connection, relieved, person.id, until, now)
    else:
        add_watch(connection, person.id, code, Span(now, until), now)
    return Span(now, until)


def _end_now(connection: Connection, shift: Shift, now: datetime) -> None:
    if shift.starts_at >= now:
        duty_plan_store.drop(connection, shift, now)
    else:
        duty_plan_store.cut(connection, shift, now, now)
