"""The red danger day (极高火险日): orders in the morning, a zero report (零报告) in the evening.

Each step of a day is done once and marked in the same transaction; what is due is asked of the
clock and the rows, so a bot that stood still at 07:00 asks when it is back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import NamedTuple

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, RedDayAsk, RedDayFire, RedDaySilent
from alerts.patrol.red_days import store as red_day_store
from alerts.patrol.red_days.model import AskAnswer, AskKind, RedDayRules, RedDayStep, steps_due
from alerts.patrol.red_days.store import Ask
from alerts.season.closed import closed_for
from alerts.season.closed_store import closed_on
from alerts.season.model import DangerLevel, nearest_danger
from alerts.season.store import dangers_on
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound


class AskProblem(Enum):
    """Why an answer is not taken."""

    UNKNOWN = "unknown_ask"
    NOT_YOURS = "ask_not_yours"
    RECALLED = "ask_recalled"


class DueStep(NamedTuple):
    """A step that is due for the division whose red day it is."""

    code: str
    kind: AskKind
    step: RedDayStep

    def __str__(self) -> str:
        return f"{self.code} {self.kind.value} {self.step.value}"


def due(connection: Connection, now: datetime, rules: RedDayRules) -> list[DueStep]:
    """Every step that is due, in its order: on days on which red is set somewhere; and the report
    of no fire where the time is closed."""
    day = now.astimezone(rules.zone).date()
    levels = dangers_on(connection, day)
    red = sorted(code for code, level in levels.items() if level is DangerLevel.RED)
    closed = sorted({time.division_code for time in closed_on(connection, day)} - {*red})
    if not red and not closed:
        return []
    done = red_day_store.done(connection, day)
    return [
        DueStep(code, kind, step)
        for code in (*red, *closed)
        for kind, step in steps_due(now, rules, code, done)
        if kind is AskKind.ZERO_REPORT or code in red
    ]


def recalls(connection: Connection, now: datetime, rules: RedDayRules) -> list[DueStep]:
    """Of whom something was asked today whose day is red no longer, by whose red day it was."""
    day = now.astimezone(rules.zone).date()
    if not red_day_store.done(connection, day):
        return []
    holds = _Holding(connection, day)
    stale = {
        decided_for
        for decided_for, code, kind in red_day_store.asked_divisions(connection, day)
        if not holds.still(code, kind)
    }
    return [DueStep(code, AskKind.ORDERS, RedDayStep.RECALLED) for code in sorted(stale)]


class _Holding:
    """What still holds of what was asked on a day."""

    def __init__(self, connection: Connection, day: date) -> None:
        self._day = day
        self._levels = dangers_on(connection, day)
        self._closed = closed_on(connection, day)

    def still(self, code: str, kind: str) -> bool:
        """Whether the day is red there; the evening's report is owed in a closed time too."""
        if nearest_danger(self._levels, code, self._day).red:
            return True
        reports = kind == AskKind.ZERO_REPORT.value
        return reports and closed_for(self._closed, code, self._day) is not None


@dataclass(frozen=True, slots=True)
class RedDayPreview:
    """What setting a level to red, or from red, does: shown before it is done.

    ``asks``: what is asked of so many ``persons`` and when; ``recalled``: how many are told that
    what they were asked holds no longer.
    """

    persons: int
    asks: tuple[tuple[AskKind, datetime], ...]
    recalled: int


def preview(
    connection: Connection,
    code: str,
    day: date,
    level: DangerLevel,
    now: datetime,
    rules: RedDayRules,
) -> RedDayPreview:
    """What follows when ``code`` gets this level for this day."""
    levels = {**dangers_on(connection, day), code: level}
    asked = red_day_store.asked_persons(connection, day, AskKind.ORDERS.value)
    persons = [
        person
        for person in red_day_store.asked_people(connection, code)
        if nearest_danger(levels, person.division_code, day).decided_for == code
    ]
    if level is not DangerLevel.RED:
        return RedDayPreview(0, (), sum(person.id in asked for person in persons))
    asks = tuple((kind, max(now, rules.starts(kind, day))) for kind in AskKind)
    return RedDayPreview(sum(person.id not in asked for person in persons), asks, 0)


def take(connection: Connection, due_step: DueStep, now: datetime, rules: RedDayRules) -> int:
    """Do one step; returns how many messages were queued."""
    code, kind, step = due_step
    day = now.astimezone(rules.zone).date()
    if step is RedDayStep.RECALLED:
        return _recall(connection, code, day, now, rules)
    if step is RedDayStep.ASKED:
        levels = dangers_on(connection, day)
        people = red_day_store.asked_people(connection, code)
        if levels.get(code) is DangerLevel.RED:
            people = [
                person
                for person in people
                if nearest_danger(levels, person.division_code, day).decided_for == code
            ]
        red_day_store.ask(connection, people, code, day, kind.value, now)
    silent = red_day_store.silent(connection, day, kind.value, code)
    if step is RedDayStep.LISTED:
        sent = _list_silent(connection, silent, kind, now)
    else:
        sent = _send(connection, silent, now, again=step is RedDayStep.REMINDED)
    red_day_store.mark(connection, day, code, kind.value, step.value, now)
    detail = {"kind": kind.value, "step": step.value, "messages": sent}
    append(connection, now, [Entry("red_day.step", f"division:{code}", detail=detail)])
    return sent


def _recall(connection: Connection, code: str, day: date, now: datetime, rules: RedDayRules) -> int:
    """The day is red no longer: nobody has to answer, and those who got the orders are told so."""
    levels, holds = dangers_on(connection, day), _Holding(connection, day)
    stale = [
        ask
        for ask in red_day_store.holding(connection, day, code)
        if not holds.still(ask.division_code, ask.kind)
    ]
    since = datetime.combine(day, time(), rules.zone)
    reached = outbox_store.reached_keys(connection, MessageKind.RED_DAY, since)
    red_day_store.recall(connection, [ask.id for ask in stale], now)
    outbox_store.drop_keys(connection, [_key(ask) for ask in stale])
    told: dict[int, Ask] = {}  # one message each, however much was asked
    for ask in stale:
        if _key(ask) in reached:
            told.setdefault(ask.person_id, ask)
    sent = _send(connection, list(told.values()), now, again=False)
    if levels.get(code) is not DangerLevel.RED:
        red_day_store.forget_rounds(connection, day, code)
    detail = {"asks": len(stale), "messages": sent}
    append(connection, now, [Entry("red_day.recalled", f"division:{code}", detail=detail)])
    return sent


def _key(ask: Ask) -> str:
    return f"red-day:{ask.id}"


def answer(
    connection: Connection,
    ask_id: int,
    person: Person,
    given: AskAnswer,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> tuple[Ask, tuple[Person, ...]]:
    """Record an answer; the officers told of a fire. It may be changed: the last one holds.

    :param done_at: when it was given, if that was before now.
    :raises NotFound: nothing of this number was asked.
    :raises NotAllowed: it was asked of somebody else, or this is no answer to it.
    :raises Conflict: it was recalled; a fire is told all the same.
    """
    ask = red_day_store.asked(connection, ask_id)
    if ask is None:
        raise NotFound(AskProblem.UNKNOWN)
    fits = (ask.kind == AskKind.ORDERS.value) == (given is AskAnswer.RECEIVED)
    if ask.person_id != person.id or not fits:
        raise NotAllowed(AskProblem.NOT_YOURS)
    if ask.recalled_at is not None and given is not AskAnswer.FIRE:
        raise Conflict(AskProblem.RECALLED, division=ask.division_code)
    officers: tuple[Person, ...] = ()
    if ask.answer != given.value:
        at = now if done_at is None else min(now, max(done_at, ask.asked_at))
        red_day_store.answer(connection, ask_id, given.value, at)
        detail = {"answer": given.value, **when_done(at, now)}
        append(connection, now, [Entry("red_day.answered", f"ask:{ask_id}", person.id, detail)])
        if given is AskAnswer.FIRE:
            officers = _officers(connection, person.division_code, now)
            for officer in officers:
                delivery = to_person(officer, RedDayFire(ask_id), Lane.RED)
                outbox_store.add(connection, delivery, now)
    found = red_day_store.asked(connection, ask_id)
    assert found is not None
    return found, officers


def _officers(connection: Connection, code: str, now: datetime) -> tuple[Person, ...]:
    found = duty_officers_many(connection, [code], now)[code]
    return tuple(officer for officer in found if officer.reachable)


def _send(connection: Connection, silent: list[Ask], now: datetime, *, again: bool) -> int:
    deliveries = [
        NewDelivery(
            RedDayAsk(ask.id, again),
            Lane.ORANGE,
            ask.chat_id,
            language=ask.language,
            person_id=ask.person_id,
            coalesce_key=_key(ask),
        )
        for ask in silent
        if ask.chat_id is not None
    ]
    outbox_store.add_many(connection, deliveries, now)
    return len(deliveries)


def _list_silent(connection: Connection, silent: list[Ask], kind: AskKind, now: datetime) -> int:
    """One list to each duty officer of a county with silent persons."""
    by_code = duty_officers_many(connection, {ask.division_code for ask in silent}, now)
    lists: dict[int, tuple[Person, list[int]]] = {}
    for ask in silent:
        for officer in by_code[ask.division_code]:
            if officer.reachable and officer.id != ask.person_id:
                lists.setdefault(officer.id, (officer, []))[1].append(ask.id)
    for officer, asks in lists.values():
        message = RedDaySilent(kind, len(asks), tuple(asks[:MOST_LISTED]))
        outbox_store.add(connection, to_person(officer, message, Lane.ORANGE), now)
    return len(lists)


MOST_LISTED = 40
"""Persons named in one list; of the others it says how many (ours)."""
