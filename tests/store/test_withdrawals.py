"""An answer that counts no more: its call, its channels and its stand-in wait again."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from alerts import alert_store, call_store, progress_store
from alerts.acknowledge import by_button, by_person, by_proxy
from alerts.calls import Call, CallOutcome, CallState, Proxy, Report, Via
from alerts.channels.model import Kind, Progress
from alerts.chase import sweep
from alerts.closing import cancel, close, close_finished, lift
from alerts.follow_up import discharge, report
from alerts.model import State
from alerts.report import progress
from alerts.withdrawals import store
from alerts.withdrawals.model import Doubt, Withdrawal, Withdrawn
from alerts.withdrawals.withdrawing import WithdrawalResult, doubt, take_back
from contacts import people_store
from contacts.channels import Channel
from contacts.people import Role
from data.database import Database
from data.errors import NotAllowed
from data.tables.alerts import deliveries
from tests.called_by_channels import HEAD, RULES, at, look, of, ring, said, warn
from tests.roster import (
    COUNTY_COMMANDER,
    NOW,
    STAND_IN,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_posts import OTHER_VILLAGE, hold
from tests.store.test_progress_counters import agree

DUTY = TOWNSHIP_DUTY["telegram_id"]
pytestmark = pytest.mark.one_database


def call_of(database: Database, alert_id: int, row: dict[str, Any] = HEAD) -> Call:
    found = database.read(lambda c: call_store.call_of(c, alert_id, row["id"]))
    assert found is not None
    return found


def answers(database: Database, alert_id: int, minutes: float, row: dict[str, Any] = HEAD) -> None:
    call = call_of(database, alert_id, row)
    database.do(lambda c: by_button(c, call.id, row["telegram_id"], RULES, at(minutes)))


def doubts(database: Database, alert_id: int, minutes: float, **more: Any) -> WithdrawalResult:
    call, why = call_of(database, alert_id), Doubt.NOT_DONE.value
    return database.do(lambda c: doubt(c, call.id, DUTY, why, RULES, at(minutes), **more))


def takes_back(database: Database, alert_id: int, minutes: float) -> WithdrawalResult:
    call, account = call_of(database, alert_id), HEAD["telegram_id"]
    return database.do(lambda c: take_back(c, call.id, account, RULES, at(minutes)))


def swept(database: Database, minutes: float) -> None:
    while database.do(lambda c: sweep(c, RULES, at(minutes))):
        pass


_WHATEVER = ("answer", "answer", "take_back", "take_back", "moved", "doubt", "proxy", "sweep")


@pytest.mark.both_databases
def test_numbers_are_right_whatever_is_reported_doubted_and_answered(database: Database) -> None:
    hold(database, HEAD, VILLAGES[1], Role.VILLAGE_RESPONSIBLE)
    hold(database, HEAD, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = warn(database)
    chance, minutes, account = random.Random(14), 0.0, HEAD["telegram_id"]
    done: set[str] = set()
    for _ in range(40):
        minutes += chance.choice((0.5, 2, 2))
        call, now = call_of(database, alert_id), at(minutes)
        what = chance.choice(_WHATEVER)
        if what == "answer":
            answers(database, alert_id, minutes)
        elif what == "moved":
            figures = {"households": 3, "persons": chance.randint(1, 9)}
            database.do(
                lambda c, call=call, now=now, figures=figures: report(
                    c, call.id, account, Report.MOVED, now, **figures
                )
            )
        elif what == "doubt":
            doubts(database, alert_id, minutes)
        elif what == "take_back":
            takes_back(database, alert_id, minutes)
        elif what == "proxy":
            database.do(lambda c, call=call, now=now: by_proxy(c, call.id, DUTY, Proxy.PHONE, now))
        else:
            swept(database, minutes)
        if call_of(database, alert_id) != call:
            done.add(what)
        assert agree(database), (what, minutes)
        if call_of(database, alert_id).open:
            alert = database.read(lambda c: alert_store.alert(c, alert_id))
            assert alert is not None
            counted = database.read(lambda c, alert=alert: progress(c, alert))
            assert (counted.persons, counted.reported) == (0, 0)
    assert {"answer", "moved", "doubt", "take_back"} <= done
    kept = database.read(lambda c: store.of_alert(c, alert_id))
    assert {answer.kind for answer in kept[call_of(database, alert_id).id]} == {
        Withdrawal.TAKEN_BACK,
        Withdrawal.DOUBTED,
    }
    assert not database.read(lambda c: progress_store.differing(c, alert_id))


def test_calling_that_was_complete_goes_on_while_the_warning_holds(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: close(c, alert_id, by, "已核实", at(2)))
    assert doubts(database, alert_id, 3).outcome is Withdrawn.RECORDED
    again = database.read(lambda c: alert_store.alert(c, alert_id))
    assert again is not None and again.state is State.RELEASED and again.closed_at is None
    assert database.do(lambda c: close_finished(c, at(3))) == []
    assert call_of(database, alert_id, VILLAGERS[1]).state is CallState.DISCHARGED
    answers(database, alert_id, 4)
    assert database.do(lambda c: close_finished(c, at(4))) == [alert_id]
    database.do(lambda c: lift(c, alert_id, by, at(5)))
    assert doubts(database, alert_id, 6).outcome is Withdrawn.CLOSED
    assert takes_back(database, alert_id, 6).outcome is Withdrawn.CLOSED
    assert call_of(database, alert_id).answered


def test_what_has_expired_is_not_opened_though_no_sweep_has_seen_it(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    assert doubts(database, alert_id, 24 * 60 + 1).outcome is Withdrawn.CLOSED


def test_who_has_pressed_by_mistake_has_some_minutes_and_no_report(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    assert takes_back(database, alert_id, 6.1).outcome is Withdrawn.TOO_LATE
    assert takes_back(database, alert_id, 6).outcome is Withdrawn.RECORDED
    assert takes_back(database, alert_id, 6).outcome is Withdrawn.OPEN
    call, account = call_of(database, alert_id), HEAD["telegram_id"]
    assert call.called_at == at(6)
    told = database.do(lambda c: report(c, call.id, account, Report.DONE, at(6)))
    assert told.outcome is CallOutcome.NEEDS_ANSWER
    answers(database, alert_id, 7)
    database.do(lambda c: report(c, call.id, account, Report.DONE, at(7)))
    assert takes_back(database, alert_id, 8).outcome is Withdrawn.REPORTED
    assert doubts(database, alert_id, 8, meant=at(1)).outcome is Withdrawn.ANOTHER
    assert doubts(database, alert_id, 8, meant=at(7)).outcome is Withdrawn.RECORDED


def test_only_officers_above_doubt(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    call, why = call_of(database, alert_id), Doubt.NOT_AWARE.value
    for row in (HEAD, VILLAGERS[1]):
        account = row["telegram_id"]
        with pytest.raises(NotAllowed):
            database.do(lambda c, account=account: doubt(c, call.id, account, why, RULES, at(2)))
    with pytest.raises(NotAllowed):
        account = TOWNSHIP_HEAD["telegram_id"]
        database.do(lambda c: take_back(c, call.id, account, RULES, at(2)))


def test_an_answer_on_its_way_meanwhile_is_none_to_the_new_call(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    doubts(database, alert_id, 10)
    call = call_of(database, alert_id)

    def by_sms(minutes: float) -> CallOutcome:
        return database.do(
            lambda c: by_person(c, call.id, HEAD["id"], Via.SMS, RULES, at(11), done_at=at(minutes))
        ).outcome

    assert by_sms(9) is CallOutcome.BEFORE
    assert call_of(database, alert_id).open
    assert by_sms(10.5) is CallOutcome.RECORDED


def test_the_ladder_begins_anew_and_no_rungs_come_in_a_burst(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    doubts(database, alert_id, 60)
    swept(database, 60)
    trail = text("SELECT action FROM audit WHERE subject = :call ORDER BY seq")
    call = call_of(database, alert_id)

    def taken() -> list[str]:
        rows = database.read(lambda c: c.execute(trail, {"call": f"call:{call.id}"}).scalars())
        return [action for action in rows if action.startswith("call.to_")]

    assert taken() == []
    swept(database, 68)
    swept(database, 69)
    assert taken() == ["call.to_duty_officer"]
    swept(database, 75)
    assert taken() == ["call.to_duty_officer", "call.to_commander"]


def test_who_stood_in_is_called_again_aloud(database: Database) -> None:
    no_account = "UPDATE people SET telegram_id = NULL WHERE id = :head"
    database.do(lambda c: c.execute(text(no_account), {"head": HEAD["id"]}))
    alert_id = warn(database)
    swept(database, 0)
    head = call_of(database, alert_id)
    mark = "UPDATE calls SET message_id = 77 WHERE person_id = :deputy"
    database.do(lambda c: c.execute(text(mark), {"deputy": STAND_IN["id"]}))
    database.do(lambda c: by_proxy(c, head.id, DUTY, Proxy.PHONE, at(3)))
    assert call_of(database, alert_id, STAND_IN).stood_down
    database.do(lambda c: doubt(c, head.id, DUTY, "没人接过电话", RULES, at(40)))
    deputy = call_of(database, alert_id, STAND_IN)
    assert deputy.open and deputy.called_at == at(40) and not deputy.discharge_reason
    query = select(deliveries.c.params).where(
        deliveries.c.call_id == deputy.id, deliveries.c.kind == "remind"
    )
    assert database.read(lambda c: c.execute(query).scalars().all()) == [{"again": "stand_in"}]
    swept(database, 40)  # the head cannot be reached: the officer at once; the deputy waits
    assert call_of(database, alert_id, STAND_IN).steps & 15 == 0


def test_other_channels_call_anew_within_the_quiet_rules(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    first = of(database, HEAD, alert_id)[0]
    assert first.id in ring(database, 0)
    answers(database, alert_id, 0.2)
    takes_back(database, alert_id, 0.4)
    assert look(database, 0.5) == 1
    anew = said(of(database, HEAD, alert_id))[-1]
    assert anew == (Channel.VOICE, Kind.CALL, Progress.QUEUED)
    assert ring(database, 0.6) == [], "the number rang less than a minute ago"
    assert len(ring(database, 1.1)) == 1
    assert NOW + timedelta(minutes=1) == at(1)


def test_who_was_struck_off_is_not_doubted(database: Database) -> None:
    alert_id = warn(database)
    call = call_of(database, alert_id)
    database.do(lambda c: discharge(c, call.id, DUTY, "外出", at(1)))
    assert doubts(database, alert_id, 2).outcome is Withdrawn.CLOSED


def test_nothing_is_reported_on_what_was_cancelled_before(database: Database) -> None:
    alert_id = warn(database)
    answers(database, alert_id, 1)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: cancel(c, alert_id, by, at(2)))
    call, account = call_of(database, alert_id), HEAD["telegram_id"]

    def reports(what: Report, done: float) -> CallOutcome:
        return database.do(
            lambda c: report(c, call.id, account, what, at(3), done_at=at(done))
        ).outcome

    assert reports(Report.DONE, 2.5) is CallOutcome.CLOSED
    assert call_of(database, alert_id).report is None
    assert reports(Report.HELP, 2.5) is CallOutcome.RECORDED
    assert reports(Report.DONE, 1.5) is CallOutcome.RECORDED, "done while it held, handled late"
