"""What is done to the calls of one warning, with those of another and answered ones beside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from alerts import call_store, ladder_store, silent_store
from alerts.calls import CallState, Reach
from alerts.model import State
from alerts.reach import bot_down, bot_up, falling_silent, silent
from alerts.rules import Rules
from contacts import bot_store
from contacts.bots import Down
from data.database import Connection
from data.tables.alerts import alerts, calls
from data.tables.contacts import people
from tests.roster import BOT_ID, NOW, STAND_IN, VILLAGERS
from tests.store.test_told_of_the_end import MINE, OTHER, c, call, warn

__all__ = ["c"]
RULES = Rules()
FIRST, SECOND, THIRD = VILLAGERS
DUE = {Reach.QUEUED: NOW + timedelta(minutes=2), Reach.UNREACHABLE: NOW + timedelta(minutes=5)}


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def two_warnings(c: Connection, **more: Any) -> None:
    """Calls 1 (open), 2 (answered) and 3 (open) of the one, 11 and 13 (open) of the other."""
    warn(c, MINE)
    warn(c, OTHER)
    call(c, 1, MINE, FIRST, **more)
    call(c, 2, MINE, SECOND, **more | {"state": "acknowledged", "answered_at": NOW})
    call(c, 3, MINE, THIRD, **more)
    call(c, 11, OTHER, FIRST, **more)
    call(c, 13, OTHER, THIRD, **more)


def column(c: Connection, name: str) -> dict[int, Any]:
    """What each call has there."""
    query = select(calls.c.id, calls.c[name]).where(calls.c.id > 0).order_by(calls.c.id)
    return dict(tuple(row) for row in c.execute(query))


def test_ladders_and_reports_are_stopped(c: Connection) -> None:
    two_warnings(c, due_at=after(2), report_due_at=after(30))
    call_store.stop_ladders(c, MINE)
    assert column(c, "due_at") == {1: None, 2: after(2), 3: None, 11: after(2), 13: after(2)}
    call_store.stop_reports(c, MINE)
    stopped = {1: None, 2: None, 3: None, 11: after(30), 13: after(30)}
    assert column(c, "report_due_at") == stopped


def test_open_calls_are_ended(c: Connection) -> None:
    two_warnings(c, due_at=after(2))
    assert call_store.open_exists(c, MINE)
    assert call_store.end_open_calls(c, MINE, CallState.CANCELLED, report_due_at=None) == 2
    assert call_store.end_open_calls(c, MINE, CallState.CANCELLED) == 0
    waiting = {11: "waiting", 13: "waiting"}
    assert column(c, "state") == {1: "cancelled", 2: "acknowledged", 3: "cancelled"} | waiting
    assert column(c, "due_at") == {1: None, 2: after(2), 3: None, 11: after(2), 13: after(2)}
    assert not call_store.open_exists(c, MINE)
    assert call_store.open_exists(c, OTHER)


def test_open_calls_are_made_anew_as_for_the_first_time(c: Connection) -> None:
    had = {"delivered_at": NOW, "last_step_at": NOW, "steps": 3, "repeats": 2, "reach": "delivered"}
    two_warnings(c, **had)
    c.execute(update(people).where(people.c.id == THIRD["id"]).values(contact="blocked"))
    assert call_store.call_anew(c, MINE, after(60), DUE) == 2
    names = "called_at delivered_at last_step_at steps repeats reach due_at".split()
    query = select(*(calls.c[name] for name in names)).where(calls.c.id > 0).order_by(calls.c.id)
    first, second, third, *others = (tuple(row) for row in c.execute(query))
    assert first == (after(60), None, None, 0, 0, "queued", DUE[Reach.QUEUED])
    assert third == (after(60), None, None, 0, 0, "unreachable", DUE[Reach.UNREACHABLE])
    untouched = (NOW, NOW, NOW, 3, 2, "delivered", None)
    assert [second, *others] == [untouched] * 3


def test_ladders_begin_for_the_numbers_of_the_warning(c: Connection) -> None:
    two_warnings(c)
    call(c, 4, MINE, STAND_IN, reach="unreachable")
    call_store.start_ladders(c, MINE, (2, 13), after(1), DUE)
    due, unreachable = DUE[Reach.QUEUED], DUE[Reach.UNREACHABLE]
    begun = {1: None, 2: None, 3: due, 4: unreachable, 11: None, 13: None}
    assert column(c, "due_at") == begun
    made = {number: after(1) if at else NOW for number, at in begun.items()}
    assert column(c, "called_at") == made
    call_store.start_ladders(c, MINE, (1, 1), after(2), DUE)
    assert column(c, "called_at")[1] == after(2) and column(c, "called_at")[3] == after(1)
    assert call_store.last_called_at(c, MINE) == after(2)
    assert call_store.last_called_at(c, OTHER) == NOW
    assert call_store.last_called_at(c, 99) is None


def test_a_call_is_overdue_from_the_minute_on(c: Connection) -> None:
    two_warnings(c)
    c.execute(update(calls).where(calls.c.id == 3).values(called_at=after(5)))
    overdue = silent_store.count_overdue
    assert overdue(c, MINE, after(10), 10) == 1
    assert overdue(c, MINE, after(9.99), 10) == 0
    assert overdue(c, MINE, after(15), 10) == 2
    assert overdue(c, OTHER, after(10), 10) == 2


def test_who_is_still_asked_is_of_what_is_in_force_and_not_held(c: Connection) -> None:
    two_warnings(c)
    asked = call_store.still_asked
    assert asked(c, [1, 2, 3, 11, 99], NOW) == {1, 3, 11}
    assert asked(c, [1], NOW) == {1}
    assert asked(c, [], NOW) == set()
    until = NOW + timedelta(hours=9)  # see ``warn``
    assert asked(c, [1], until - timedelta(seconds=1)) == {1}
    assert asked(c, [1], until) == set()
    c.execute(update(alerts).where(alerts.c.id == MINE).values(held_at=NOW))
    assert asked(c, [1, 11], NOW) == {11}


def test_what_is_due_first_comes_first_and_no_more_than_asked_for(c: Connection) -> None:
    two_warnings(c)
    for number, minutes in ((3, 1), (11, 2), (1, 2), (13, 3)):
        c.execute(update(calls).where(calls.c.id == number).values(due_at=after(minutes)))

    def due(minutes: float, limit: int = 9) -> list[int]:
        return [row[0] for row in ladder_store.due(c, after(minutes), limit)]

    assert due(0.99) == []
    assert due(2) == [3, 1, 11]
    assert due(9) == [3, 1, 11, 13]
    assert due(9, 2) == [3, 1]
    assert ladder_store.overdue_alerts(c, after(1)) == {}
    assert ladder_store.overdue_alerts(c, after(2)) == {MINE: after(1)}
    assert ladder_store.overdue_alerts(c, after(9)) == {MINE: after(1), OTHER: after(2)}


def test_reports_that_are_late_come_in_order_and_are_asked_for_once(c: Connection) -> None:
    two_warnings(c)
    for number, minutes in ((3, 30), (11, 31), (1, 31)):
        c.execute(update(calls).where(calls.c.id == number).values(report_due_at=after(minutes)))

    def late(minutes: float, limit: int = 9) -> list[int]:
        return [found.id for found in ladder_store.reports_due(c, after(minutes), limit)]

    assert late(29.99) == []
    assert late(30) == [3]
    assert late(40) == [3, 1, 11]
    assert late(40, 2) == [3, 1]
    ladder_store.save_report_steps(c, [(3, 32, after(50)), (11, 224, None)])
    assert late(40) == [1]
    assert late(50) == [1, 3]


def test_calls_that_stand_alike_are_told_once(c: Connection) -> None:
    two_warnings(c)
    c.execute(update(calls).where(calls.c.id == 13).values(steps=1))
    c.execute(update(alerts).where(alerts.c.id == OTHER).values(state="closed", closed_at=NOW))
    found = ladder_store.standings(c, [1, 3, 11, 13])
    told = {(s.alert_id, s.alert_state, s.steps) for s in found}
    assert len(found) == 3
    assert told == {(MINE, State.RELEASED, 0), (OTHER, State.CLOSED, 0), (OTHER, State.CLOSED, 1)}
    one_by_one = dict(ladder_store.standing_of(c, [1, 3, 11]))
    assert one_by_one[1] is one_by_one[3] is not one_by_one[11]
    assert set(one_by_one) == {1, 3, 11}


def test_what_was_delivered_is_written_to_the_calls_that_stand_so(c: Connection) -> None:
    two_warnings(c)
    c.execute(update(calls).where(calls.c.id == 3).values(steps=1, last_step_at=NOW))
    alike, _ = sorted(ladder_store.standings(c, [1, 3]), key=lambda standing: standing.steps)
    messages = {1: 71, 3: 73, 11: 81}
    ladder_store.delivered(c, alike, messages, after(1), after(3))
    nothing = {2: None, 3: None, 11: None, 13: None}
    assert column(c, "message_id") == {1: 71} | nothing
    assert column(c, "delivered_at") == {1: after(1)} | nothing
    assert column(c, "due_at") == {1: after(3)} | nothing
    assert column(c, "reach") == {1: "delivered"} | dict.fromkeys(nothing, "queued")
    [again] = ladder_store.standings(c, [1])
    ladder_store.delivered(c, again, {1: 72}, after(2), None)  # the moment of the first stays
    assert (column(c, "message_id")[1], column(c, "delivered_at")[1]) == (72, after(1))


def test_a_bot_falls_silent_and_speaks_again_for_its_own_people(c: Connection) -> None:
    two_warnings(c)
    c.execute(update(people).values(bot_id=BOT_ID))
    c.execute(update(people).where(people.c.id == THIRD["id"]).values(bot_id=1000000002))
    assert falling_silent(c, BOT_ID, Down.REVOKED) and not silent(c, BOT_ID)
    assert not falling_silent(c, 99, Down.REVOKED) and not silent(c, 99)
    ended = bot_down(c, BOT_ID, Down.REVOKED, after(1))
    assert ended == 2
    assert bot_down(c, BOT_ID, Down.REVOKED, after(2)) == 0
    assert silent(c, BOT_ID) and not falling_silent(c, BOT_ID, Down.REVOKED)
    unreachable = {number for number, reach in column(c, "reach").items() if reach == "unreachable"}
    assert unreachable == {1, 11}
    assert {column(c, "due_at")[number] for number in unreachable} == {after(1)}
    everybody = len(list(c.execute(select(people.c.id).where(people.c.bot_id == BOT_ID)).scalars()))
    bot_up(c, BOT_ID, RULES, after(3), limit=everybody)
    assert silent(c, BOT_ID)  # there may be more
    assert bot_up(c, BOT_ID, RULES, after(3), limit=everybody) == 0
    assert not silent(c, BOT_ID)
    assert column(c, "reach") == dict.fromkeys((1, 2, 3, 11, 13), "queued")
    assert bot_store.bot(c, BOT_ID) is not None
