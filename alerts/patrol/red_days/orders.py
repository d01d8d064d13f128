"""The red danger day (极高火险日): orders in the morning, a zero report (零报告) in the evening.

Each step of a day is done once and marked in the same transaction; what is due is asked of the
clock and the rows, so a bot that stood still at 07:00 asks when it is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.patrol.red_days import store as red_day_store
from alerts.patrol.red_days.store import Ask
from alerts.season.model import DangerLevel, nearest_danger
from alerts.season.store import dangers_on
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotAllowed, NotFound

BEIJING = ZoneInfo("Asia/Shanghai")


class AskKind(Enum):
    """What is asked."""

    ORDERS = "orders"
    ZERO_REPORT = "zero_report"


class Answer(Enum):
    """What was answered."""

    RECEIVED = "received"
    NO_FIRE = "no_fire"
    FIRE = "fire"


class Step(Enum):
    """What is done once for a day and kind."""

    ASKED = "asked"
    REMINDED = "reminded"
    LISTED = "listed"


class AskProblem(Enum):
    """Why an answer is not taken."""

    UNKNOWN = "unknown_ask"
    NOT_YOURS = "ask_not_yours"


@dataclass(frozen=True, slots=True)
class RedDayRules:
    """Local times of day, and minutes until the silent are reminded and listed (ours)."""

    orders_at: time = time(7)
    zero_report_at: time = time(17)
    remind_minutes: float = 30.0
    list_minutes: float = 60.0
    zone: tzinfo = BEIJING

    def starts(self, kind: AskKind, day: date) -> datetime:
        """When it is asked on that local day."""
        at = self.orders_at if kind is AskKind.ORDERS else self.zero_report_at
        return datetime.combine(day, at, self.zone)


Done = Mapping[tuple[str, str, str], datetime]
"""When what was done: by division, kind and step."""


def steps_due(
    now: datetime, rules: RedDayRules, code: str, done: Done
) -> list[tuple[AskKind, Step]]:
    """What is due for a division whose red day it is, and not done yet. Pure.

    The later steps count from the asking itself: a day declared red at noon is asked at noon.
    """
    day = now.astimezone(rules.zone).date()
    found = []
    for kind in AskKind:
        asked = done.get((code, kind.value, Step.ASKED.value))
        if asked is None:
            if now >= rules.starts(kind, day):
                found.append((kind, Step.ASKED))
            continue
        for step, minutes in (
            (Step.REMINDED, rules.remind_minutes),
            (Step.LISTED, rules.list_minutes),
        ):
            due = now >= asked + timedelta(minutes=minutes)
            if due and (code, kind.value, step.value) not in done:
                found.append((kind, step))
    return found


def anything_due(connection: Connection, now: datetime, rules: RedDayRules) -> bool:
    """Whether ``carry_out`` would find work: only on days on which red is set somewhere."""
    return bool(_due(connection, now, rules)[1])


def carry_out(connection: Connection, now: datetime, rules: RedDayRules) -> int:
    """Do every step that is due, in its order; returns how many messages were queued."""
    levels, due = _due(connection, now, rules)
    if not due:
        return 0
    queued = 0
    day = now.astimezone(rules.zone).date()
    for code, kind, step in due:
        if step is Step.ASKED:
            people = [
                one
                for one in red_day_store.asked_people(connection, code)
                if nearest_danger(levels, one.division_code, day).decided_for == code
            ]
            red_day_store.ask(connection, people, code, day, kind.value, now)
        silent = red_day_store.silent(connection, day, kind.value, code)
        if step is Step.LISTED:
            sent = _list_silent(connection, silent, kind, now)
        else:
            sent = _send(connection, silent, now, again=step is Step.REMINDED)
        red_day_store.mark(connection, day, code, kind.value, step.value, now)
        detail = {"kind": kind.value, "step": step.value, "messages": sent}
        append(connection, now, [Entry("red_day.step", f"division:{code}", detail=detail)])
        queued += sent
    return queued


def _due(
    connection: Connection, now: datetime, rules: RedDayRules
) -> tuple[dict[str, DangerLevel], list[tuple[str, AskKind, Step]]]:
    day = now.astimezone(rules.zone).date()
    levels = dangers_on(connection, day)
    red = sorted(code for code, level in levels.items() if level is DangerLevel.RED)
    if not red:
        return levels, []
    done = red_day_store.done(connection, day)
    return levels, [(code, *one) for code in red for one in steps_due(now, rules, code, done)]


def answer(
    connection: Connection, ask_id: int, person: Person, given: Answer, now: datetime
) -> tuple[Ask, tuple[Person, ...]]:
    """Record an answer; the officers told of a fire. It may be changed: the last one holds.

    :raises NotFound, NotAllowed: unknown, or asked of somebody else.
    """
    ask = red_day_store.asked(connection, ask_id)
    if ask is None:
        raise NotFound(AskProblem.UNKNOWN)
    fits = (ask.kind == AskKind.ORDERS.value) == (given is Answer.RECEIVED)
    if ask.person_id != person.id or not fits:
        raise NotAllowed(AskProblem.NOT_YOURS)
    officers: tuple[Person, ...] = ()
    if ask.answer != given.value:
        red_day_store.answer(connection, ask_id, given.value, now)
        detail = {"answer": given.value}
        append(connection, now, [Entry("red_day.answered", f"ask:{ask_id}", person.id, detail)])
        if given is Answer.FIRE:
            officers = _officers(connection, person.division_code, now)
            for one in officers:
                _say(connection, MessageKind.RED_DAY_FIRE, Lane.RED, one, {"ask": ask_id}, now)
    found = red_day_store.asked(connection, ask_id)
    assert found is not None
    return found, officers


def _officers(connection: Connection, code: str, now: datetime) -> tuple[Person, ...]:
    found = duty_officers_many(connection, [code], now)[code]
    return tuple(one for one in found if one.reachable)


def _send(connection: Connection, silent: list[Ask], now: datetime, *, again: bool) -> int:
    rows = [
        {
            "kind": MessageKind.RED_DAY.value,
            "lane": int(Lane.ORANGE),
            "place": int(LaneOrder.VILLAGE),
            "chat_id": one.chat_id,
            "language": one.language,
            "role": None,
            "alert_id": None,
            "call_id": None,
            "person_id": one.person_id,
            "params": {"ask": one.id, "again": again},
            "coalesce_key": f"red-day:{one.id}",
            "not_before": now,
            "created_at": now,
        }
        for one in silent
        if one.chat_id is not None
    ]
    outbox_store.add_many(connection, rows)
    return len(rows)


def _list_silent(connection: Connection, silent: list[Ask], kind: AskKind, now: datetime) -> int:
    """One list to each duty officer of a county with silent persons."""
    by_code = duty_officers_many(connection, {one.division_code for one in silent}, now)
    lists: dict[int, tuple[Person, list[int]]] = {}
    for one in silent:
        for officer in by_code[one.division_code]:
            if officer.reachable and officer.id != one.person_id:
                lists.setdefault(officer.id, (officer, []))[1].append(one.id)
    for officer, asks in lists.values():
        params = {
            "kind": kind.value,
            "total": len(asks),
            "asks": asks[:MOST_LISTED],
        }
        _say(connection, MessageKind.RED_DAY_SILENT, Lane.ORANGE, officer, params, now)
    return len(lists)


MOST_LISTED = 40
"""Persons named in one list; of the others it says how many (ours)."""


def _say(
    connection: Connection,
    kind: MessageKind,
    lane: Lane,
    one: Person,
    params: Mapping[str, object],
    now: datetime,
) -> None:
    if one.telegram_id is not None:
        outbox_store.add(
            connection,
            kind,
            lane,
            one.telegram_id,
            now,
            language=one.language,
            person_id=one.id,
            params=params,
        )
