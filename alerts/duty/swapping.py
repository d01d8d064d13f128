"""Asking a colleague to take a shift (换班), a part of one (临时替班) or a gap, and their answer.

Everything is looked at again when it is agreed: meanwhile the shift may be somebody else's, may
have begun, or who was asked may have another. What stands in the way of an agreement ends it: then
both are told, and the plan stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from alerts.accounts import note_use
from alerts.duty import ask_store, gap_store
from alerts.duty.ending import end, told_of
from alerts.duty.model import PLAN_KEPT, Ask, AskKind, AskState, DutyProblem
from alerts.duty.who import require_watcher, tell
from alerts.outbox.duty_messages import DutyAsked
from contacts import duty_plan_store, people_store
from contacts.access import may_take_charge, require
from contacts.duty_plan import Shift, Span
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotFound

STAND_IN_HOURS = (1, 2, 4)
"""For so long somebody is asked to stand in; or to the end of the shift (ours)."""


def ask_swap(
    connection: Connection,
    person: Person,
    shift_id: int,
    other_id: int,
    back_id: int | None,
    now: datetime,
) -> Ask:
    """Ask a colleague to take a whole shift, for one of theirs in return or for none.

    Where they ask for the very same the other way round, that is agreed at once: the ask that is
    returned is theirs then.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    shift = own_shift(connection, person, shift_id, now)
    if shift.starts_at <= now:
        raise Conflict(DutyProblem.BEGUN, until=shift.ends_at)
    other = asked_person(connection, person, other_id, shift.division_code, now)
    back = None if back_id is None else _back(connection, person, other, shift, back_id, now)
    _free(connection, other, shift, besides=(back,))
    same = _same(connection, person, shift, other.id, back_id)
    if same is not None:
        if same.asked_by == person.id:
            return same
        return answer(connection, person, same.id, now, agrees=True)
    due_at = shift.starts_at if back is None else min(shift.starts_at, back.starts_at)
    ask = _new(AskKind.SWAP, shift, shift, person, other, due_at, now, back_id=back_id)
    return _asked(connection, ask, person, other, now)


def ask_stand_in(
    connection: Connection,
    person: Person,
    shift_id: int,
    other_id: int,
    hours: int | None,
    now: datetime,
) -> Ask:
    """Ask a colleague to keep a running watch for so many hours, or to its end.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    shift = own_shift(connection, person, shift_id, now)
    if shift.starts_at > now:
        raise Conflict(DutyProblem.NOT_BEGUN, starts_at=shift.starts_at)
    until = shift.ends_at if hours is None else min(shift.ends_at, now + timedelta(hours=hours))
    span = Span(now, until)
    other = asked_person(connection, person, other_id, shift.division_code, now)
    _free(connection, other, span)
    same = _same(connection, person, shift, other.id, None)
    if same is not None:
        return same
    ask = _new(AskKind.STAND_IN, shift, span, person, other, until, now)
    return _asked(connection, ask, person, other, now)


def ask_fill(
    connection: Connection, person: Person, gap_id: int, other_id: int, now: datetime
) -> Ask:
    """Ask somebody to take a gap; whoever is in charge of the division may.

    :raises JiaoyingError: with a ``DutyProblem``; NotAllowed: not in charge there.
    """
    gap = gap_store.gap(connection, gap_id)
    if gap is None or gap.ends_at <= now:
        raise NotFound(DutyProblem.NO_SUCH_GAP)
    if gap.closed_at is not None:
        raise Conflict(DutyProblem.FILLED)
    require(may_take_charge(person, gap.division_code), division=gap.division_code)
    other = asked_person(connection, person, other_id, gap.division_code, now)
    span = Span(max(now, gap.starts_at), gap.ends_at)
    _free(connection, other, span)
    for asked in ask_store.open_fills(connection, gap.division_code):
        if asked.asked_of == other.id and asked.span.overlaps(span):
            return asked
    ask = Ask(
        0,
        AskKind.FILL,
        gap.division_code,
        None,
        None,
        span.starts_at,
        span.ends_at,
        person.id,
        other.id,
        now,
        AskState.OPEN,
        due_at=span.ends_at,
    )
    return _asked(connection, ask, person, other, now)


def take_gap(connection: Connection, person: Person, gap_id: int, now: datetime) -> Span:
    """🙋 我来值: take a gap oneself; pressed twice it is taken once.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    gap = gap_store.gap(connection, gap_id)
    if gap is None:
        raise NotFound(DutyProblem.NO_SUCH_GAP)
    span = Span(max(now, gap.starts_at), gap.ends_at)
    if span.ends_at <= now:
        raise Conflict(DutyProblem.OVER)
    own = duty_plan_store.shifts_of(connection, person.id, now, span.ends_at)
    mine = [each for each in own if each.division_code == gap.division_code]
    if any(each.starts_at <= span.starts_at and span.ends_at <= each.ends_at for each in mine):
        return span
    plan = duty_plan_store.plan(connection, gap.division_code, span.starts_at, span.ends_at)
    if any(each.overlaps(span) for each in plan):
        raise Conflict(DutyProblem.FILLED)
    require_watcher(connection, person, gap.division_code, now)
    _free(connection, person, span)
    note_use(connection, person, now)
    duty_plan_store.add(connection, person.id, gap.division_code, span.starts_at, span.ends_at)
    _changed(connection, "duty.filled", person, gap.division_code, span, now, {"gap": gap.id})
    return span


def answer(
    connection: Connection, person: Person, ask_id: int, now: datetime, *, agrees: bool
) -> Ask:
    """Agree to an ask, or decline it; the same answer twice is one.

    The ask that is returned is LAPSED where it can be no more: its time came, or the shift is
    another than was asked about.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    ask = to_answer(connection, person, ask_id, agrees=agrees)
    if ask.state is not AskState.OPEN:
        return ask
    known = people_store.people(connection, [person.id, ask.asked_by])
    asked, asker = known[person.id], known.get(ask.asked_by)
    if not agrees:
        return end(connection, ask, AskState.DECLINED, now, by=asked)
    if asker is None or not asker.active or not _still(connection, ask, now):
        return end(connection, ask, AskState.LAPSED, now)
    _may_go_ahead(connection, ask, asked, asker, now)
    note_use(connection, asked, now)
    touched = _carry_out(connection, ask, asked, asker, now)
    ended = end(connection, ask, AskState.AGREED, now, by=asked)
    _lapse_others(connection, ended, touched, now)
    return ended


def to_answer(connection: Connection, person: Person, ask_id: int, *, agrees: bool) -> Ask:
    """An ask of this person that is open, or was answered so before.

    :raises JiaoyingError: NO_SUCH_ASK, DECIDED, NOT_ASKED.
    """
    ask = to_decide(connection, ask_id, AskState.AGREED if agrees else AskState.DECLINED)
    if ask.asked_of != person.id:
        raise InvalidInput(DutyProblem.NOT_ASKED)
    return ask


def to_decide(connection: Connection, ask_id: int, wanted: AskState) -> Ask:
    """An ask that is open, or was decided so before.

    :raises JiaoyingError: NO_SUCH_ASK, DECIDED.
    """
    ask = ask_store.ask_of(connection, ask_id, lock=True)
    if ask is None:
        raise NotFound(DutyProblem.NO_SUCH_ASK)
    if ask.state not in (AskState.OPEN, wanted):
        raise Conflict(DutyProblem.DECIDED, state=ask.state.value)
    return ask


def _may_go_ahead(
    connection: Connection, ask: Ask, asked: Person, asker: Person, now: datetime
) -> None:
    """Both may keep what they get, and have nothing else then."""
    require_watcher(connection, asked, ask.division_code, now)
    back = None if ask.back_id is None else duty_plan_store.shift(connection, ask.back_id)
    _free(connection, asked, Span(max(now, ask.starts_at), ask.ends_at), besides=(back,))
    if back is not None:
        require_watcher(connection, asker, back.division_code, now)
        given = duty_plan_store.shift(connection, ask.shift_id or 0)
        _free(connection, asker, back, besides=(given,))


def _lapse_others(connection: Connection, done: Ask, touched: list[int], now: datetime) -> None:
    """What else was asked about the same shifts, or the same gap, can be no more."""
    others = ask_store.open_about(connection, touched) if touched else []
    if done.kind is AskKind.FILL:
        fills = ask_store.open_fills(connection, done.division_code)
        others += [other for other in fills if other.span.overlaps(done.span)]
    for other in others:
        end(connection, other, AskState.LAPSED, now)


def withdraw(connection: Connection, person: Person, ask_id: int, now: datetime) -> Ask:
    """Whoever asked does not want it any more; twice is once.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    ask = to_decide(connection, ask_id, AskState.WITHDRAWN)
    if ask.asked_by != person.id:
        raise NotFound(DutyProblem.NO_SUCH_ASK)
    if ask.state is AskState.WITHDRAWN:
        return ask
    return end(connection, ask, AskState.WITHDRAWN, now, by=person)


def own_shift(connection: Connection, person: Person, shift_id: int, now: datetime) -> Shift:
    """A person's shift that is not over.

    :raises JiaoyingError: NO_SUCH_SHIFT, NOT_YOURS, OVER.
    """
    shift = duty_plan_store.shift(connection, shift_id, lock=True)
    if shift is None:
        raise NotFound(DutyProblem.NO_SUCH_SHIFT)
    if shift.person_id != person.id:
        raise Conflict(DutyProblem.NOT_YOURS)
    if shift.ends_at <= now:
        raise Conflict(DutyProblem.OVER)
    return shift


def asked_person(
    connection: Connection, person: Person, other_id: int, code: str, now: datetime
) -> Person:
    """Whoever is to be asked, if they may be and the bot reaches them.

    :raises JiaoyingError: YOURSELF, NOT_FOR_THEM, NOT_PROVEN, NOT_REACHED.
    """
    if other_id == person.id:
        raise InvalidInput(DutyProblem.YOURSELF)
    other = people_store.person(connection, other_id)
    if other is None:
        raise NotFound(DutyProblem.NOT_FOR_THEM, name="", division=code)
    require_watcher(connection, other, code, now)
    if not other.reachable:
        raise Conflict(DutyProblem.NOT_REACHED, name=other.name)
    return other


def free_of(connection: Connection, person: Person, span: Span, besides: Iterable[int]) -> bool:
    """Whether the person has no shift then, but for these."""
    own = duty_plan_store.shifts_of(connection, person.id, span.starts_at, span.ends_at)
    left = set(besides)
    return not any(each.overlaps(span) and each.id not in left for each in own)


def _free(
    connection: Connection, person: Person, span: Span, besides: Iterable[Shift | None] = ()
) -> None:
    if not free_of(connection, person, span, [each.id for each in besides if each is not None]):
        raise Conflict(DutyProblem.BUSY, name=person.name)


def _back(
    connection: Connection,
    person: Person,
    other: Person,
    shift: Shift,
    back_id: int,
    now: datetime,
) -> Shift:
    back = duty_plan_store.shift(connection, back_id)
    if back is None or back.person_id != other.id:
        raise Conflict(DutyProblem.CHANGED)
    if back.starts_at <= now:
        raise Conflict(DutyProblem.BEGUN, until=back.ends_at)
    require_watcher(connection, person, back.division_code, now)
    _free(connection, person, back, besides=(shift,))
    if back.overlaps(shift):
        raise Conflict(DutyProblem.BUSY, name=person.name)
    return back


def _same(
    connection: Connection, person: Person, shift: Shift, other_id: int, back_id: int | None
) -> Ask | None:
    """The open ask that says the same: one's own, or the other's the other way round."""
    wanted = [(person.id, other_id, shift.id, back_id)]
    if back_id is not None:
        wanted.append((other_id, person.id, back_id, shift.id))
    for ask in ask_store.open_about(connection, [shift.id]):
        if (ask.asked_by, ask.asked_of, ask.shift_id, ask.back_id) in wanted:
            return ask
    return None


def _new(
    kind: AskKind,
    shift: Shift,
    span: Span,
    person: Person,
    other: Person,
    due_at: datetime,
    now: datetime,
    *,
    back_id: int | None = None,
) -> Ask:
    return Ask(
        0,
        kind,
        shift.division_code,
        shift.id,
        back_id,
        span.starts_at,
        span.ends_at,
        person.id,
        other.id,
        now,
        AskState.OPEN,
        due_at=due_at,
    )


def _asked(connection: Connection, ask: Ask, person: Person, other: Person, now: datetime) -> Ask:
    ask = ask_store.add(connection, ask)
    tell(connection, [other], DutyAsked(ask.id), now)
    append(connection, now, [Entry("duty.asked", f"person:{other.id}", person.id, told_of(ask))])
    return ask


def _still(connection: Connection, ask: Ask, now: datetime) -> bool:
    """Whether what was asked about is as it was, and its time has not come."""
    if ask.due_at is not None and ask.due_at <= now:
        return False
    if ask.kind is AskKind.FILL:
        span = Span(max(now, ask.starts_at), ask.ends_at)
        plan = duty_plan_store.plan(connection, ask.division_code, span.starts_at, span.ends_at)
        return not any(each.overlaps(span) for each in plan)
    shift = duty_plan_store.shift(connection, ask.shift_id or 0, lock=True)
    if shift is None or shift.person_id != ask.asked_by or shift.ends_at < ask.ends_at:
        return False
    if ask.kind is AskKind.STAND_IN:
        return shift.covers(now)
    if shift.starts_at != ask.starts_at or shift.starts_at <= now:
        return False
    if ask.back_id is None:
        return True
    back = duty_plan_store.shift(connection, ask.back_id, lock=True)
    return back is not None and back.person_id == ask.asked_of and back.starts_at > now


def _carry_out(
    connection: Connection, ask: Ask, asked: Person, asker: Person, now: datetime
) -> list[int]:
    """Change the plan; returns the shifts that are others' now."""
    code = ask.division_code
    if ask.kind is AskKind.FILL:
        span = Span(max(now, ask.starts_at), ask.ends_at)
        duty_plan_store.add(connection, asked.id, code, span.starts_at, span.ends_at)
        _changed(connection, "duty.filled", asked, code, span, now, told_of(ask))
        return []
    shift = duty_plan_store.shift(connection, ask.shift_id or 0)
    assert shift is not None
    if ask.kind is AskKind.STAND_IN:
        replace_from(connection, shift, asked.id, ask.ends_at, now)
        _changed(
            connection, "duty.stood_in", asked, code, Span(now, ask.ends_at), now, told_of(ask)
        )
        return []
    duty_plan_store.give(connection, shift, asked.id, now)
    touched = [shift.id]
    back = None if ask.back_id is None else duty_plan_store.shift(connection, ask.back_id)
    if back is not None:
        duty_plan_store.give(connection, back, asker.id, now)
        duty_plan_store.look_at(connection, [back.division_code], now)
        touched.append(back.id)
    _changed(connection, "duty.swapped", asked, code, shift, now, told_of(ask))
    return touched


def replace_from(
    connection: Connection, shift: Shift, person_id: int, until: datetime, now: datetime
) -> None:
    """Another keeps a running watch from now until then; the rest of it stays whose it was."""
    rest = shift.ends_at > until
    if shift.starts_at >= now:
        duty_plan_store.give(connection, shift, person_id, now)
        if rest:
            given = duty_plan_store.shift(connection, shift.id)
            assert given is not None
            duty_plan_store.cut(connection, given, until, now)
    else:
        duty_plan_store.cut(connection, shift, now, now)
        add_watch(connection, person_id, shift.division_code, Span(now, until), now)
    if rest:
        left = Span(until, shift.ends_at)
        add_watch(connection, shift.person_id, shift.division_code, left, now)


def add_watch(connection: Connection, person_id: int, code: str, span: Span, now: datetime) -> None:
    """A watch begun in chat: of the division's plan, where it keeps one."""
    planned = bool(duty_plan_store.kept(connection, now - PLAN_KEPT, code))
    duty_plan_store.add(connection, person_id, code, span.starts_at, span.ends_at, planned=planned)


def _changed(
    connection: Connection,
    action: str,
    person: Person,
    code: str,
    span: Span,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    duty_plan_store.look_at(connection, [code], now)
    detail = {
        **detail,
        "division": code,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
    }
    append(connection, now, [Entry(action, f"person:{person.id}", person.id, detail)])
