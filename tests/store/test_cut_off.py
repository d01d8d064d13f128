"""Villages silent by every way: when they are found so, who is told, who goes, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts import alert_store, call_store, progress_store
from alerts.acknowledge import by_button
from alerts.calls import Proxy
from alerts.chase import sweep
from alerts.closing import cancel, lift
from alerts.cut_off import errands, finding, store
from alerts.cut_off.model import CutOff, CutOffEnd, CutOffRules, ErrandState, Outcome
from alerts.escalation import RungChannels
from alerts.model import Level
from alerts.reach import lost
from contacts import people_store
from contacts.channels import Channel
from contacts.people import Contact, Role
from data.database import Database
from data.errors import InvalidInput, NotAllowed
from data.tables.alerts import calls, deliveries
from data.tables.channels import channel_deliveries
from tests.called_by_channels import HEAD, RED, RULES, at, call_of, look, warn
from tests.roster import (
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    RANGER,
    STAND_IN,
    TOWNSHIP_DUTY,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_posts import hold

CUT = CutOffRules()
DUTY = TOWNSHIP_DUTY["telegram_id"]
RUNNER = RANGER["telegram_id"]
pytestmark = pytest.mark.one_database


def climb(database: Database, minutes: float) -> None:
    while database.do(lambda c: sweep(c, RULES, at(minutes))):
        pass


def found(database: Database, alert_id: int, minutes: float) -> list[str]:
    looked = database.read(lambda c: finding.silent(c, RULES, CUT, at(minutes)))
    assert database.do(lambda c: finding.find(c, RULES, CUT, at(minutes), looked)) == len(looked)
    rows = database.read(lambda c: store.open_of(c, alert_id))
    return [row.division_code for row in rows]


def telegram_lost(database: Database, *rows: dict[str, Any]) -> None:
    for row in rows:
        database.do(lambda c, row=row: lost(c, row["id"], Contact.BLOCKED, RULES, at(0)))


def told(database: Database, kind: str) -> list[tuple[int, Any]]:
    query = select(deliveries.c.chat_id, deliveries.c.params).where(deliveries.c.kind == kind)
    query = query.order_by(deliveries.c.id)
    return [(row[0], row[1]) for row in database.read(lambda c: c.execute(query).all())]


@pytest.fixture
def silent(database: Database) -> int:
    """Ten minutes ago; Telegram reaches nobody of the first village, nor does any other channel."""
    telegram_lost(database, HEAD, STAND_IN)
    alert_id = warn(database)
    climb(database, 0)
    look(database)
    failed = update(channel_deliveries).values(state="failed", ended_at=at(2), cause="no_answer")
    database.do(lambda c: c.execute(failed))
    climb(database, 9)
    return alert_id


@pytest.mark.both_databases
def test_a_village_is_found_when_everybody_was_tried_by_everything(database: Database) -> None:
    telegram_lost(database, HEAD, STAND_IN)
    alert_id = warn(database)
    climb(database, 0)
    look(database)
    assert found(database, alert_id, 10) == [], "its numbers still wait to be rung"
    first = channel_deliveries.c.person_id == HEAD["id"]
    ended = {"state": "failed", "ended_at": at(2), "cause": "no_answer"}
    database.do(lambda c: c.execute(update(channel_deliveries).values(ended).where(first)))
    assert found(database, alert_id, 10) == [], "the stand-in's, too"
    database.do(lambda c: c.execute(update(channel_deliveries).values(ended)))
    arrived = update(channel_deliveries).where(first)
    database.do(lambda c: c.execute(arrived.values(heard_at=at(3))))
    assert found(database, alert_id, 10) == [], "who listened has power and net"
    database.do(lambda c: c.execute(arrived.values(heard_at=None)))
    assert found(database, alert_id, 9.9) == []
    assert found(database, alert_id, 10) == [VILLAGES[0]]
    assert not database.read(lambda c: finding.silent(c, RULES, CUT, at(11)))
    chats = {chat for chat, _ in told(database, "cut_off_list")}
    assert {TOWNSHIP_DUTY["telegram_id"], COUNTY_DUTY["telegram_id"]} <= chats
    reminded = {"reach": "delivered", "delivered_at": at(1), "steps": 3, "due_at": None}
    second = calls.c.person_id == VILLAGERS[1]["id"]
    database.do(lambda c: c.execute(update(calls).values(reminded).where(second)))
    assert VILLAGES[1] not in found(database, alert_id, 12), "the SMS that reminds is not written"
    look(database, 12)
    database.do(lambda c: c.execute(update(channel_deliveries).values(ended)))
    assert VILLAGES[1] in found(database, alert_id, 12), "reached, reminded, and silent"
    never = CutOffRules(minutes=0)
    assert not database.read(lambda c: finding.silent(c, RULES, never, at(60)))


def test_an_answer_ends_it_and_who_is_on_the_way_need_not_go(
    database: Database, silent: int
) -> None:
    found(database, silent, 10)
    [village] = database.read(lambda c: store.open_of(c, silent))
    sent = database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    assert sent.outcome is Outcome.RECORDED and sent.errand is not None
    again = database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    assert again.outcome is Outcome.ALREADY
    call = database.read(lambda c: call_store.call_of(c, silent, HEAD["id"]))
    assert call is not None
    assert not database.read(finding.anything_to_end)
    database.do(lambda c: by_button(c, call.id, HEAD["telegram_id"], RULES, at(12)))
    assert database.read(finding.anything_to_end)
    assert database.do(lambda c: finding.end_what_is_over(c, at(12))) == 1
    assert database.read(lambda c: store.open_of(c, silent)) == []
    ended = database.read(lambda c: store.cut_off(c, village.id))
    assert ended is not None and ended.ended_how is CutOffEnd.ANSWERED
    assert told(database, "errand")[-1] == (RUNNER, {"errand": sent.errand.id, "over": True})
    late = database.do(lambda c: errands.answer(c, sent.errand.id, RUNNER, True, CUT, at(13)))
    assert late.outcome is Outcome.OVER


def test_the_runner_tells_its_people_and_their_calls_are_answered_by_proxy(
    database: Database, silent: int
) -> None:
    found(database, silent, 10)
    [village] = database.read(lambda c: store.open_of(c, silent))
    sent = database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    assert sent.errand is not None
    errand = sent.errand.id
    with pytest.raises(NotAllowed):
        other = VILLAGERS[1]["telegram_id"]
        database.do(lambda c: errands.answer(c, errand, other, True, CUT, at(12)))
    database.do(lambda c: errands.answer(c, errand, RUNNER, True, CUT, at(12)))
    done = database.do(lambda c: errands.report(c, errand, RUNNER, True, at(40)))
    assert done.errand is not None and done.errand.state is ErrandState.ARRIVED
    call = database.read(lambda c: call_store.call_of(c, silent, HEAD["id"]))
    assert call is not None and call.answered
    assert (call.proxy_by, call.proxy_how) == (RANGER["id"], Proxy.RUNNER.value)
    deputy = database.read(lambda c: call_store.call_of(c, silent, STAND_IN["id"]))
    assert deputy is not None and deputy.stood_down
    assert database.read(lambda c: store.open_of(c, silent)) == []
    assert not database.read(lambda c: progress_store.differing(c, silent))
    again = database.do(lambda c: errands.report(c, errand, RUNNER, True, at(41)))
    assert again.outcome is Outcome.ALREADY


def test_a_runner_without_a_word_is_asked_once_more_and_then_it_is_told(
    database: Database, silent: int
) -> None:
    found(database, silent, 10)
    [village] = database.read(lambda c: store.open_of(c, silent))
    database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    assert not database.read(lambda c: errands.anything_due(c, at(15.9)))
    database.do(lambda c: errands.chase(c, RULES, CUT, at(16)))
    assert told(database, "errand")[-1][1]["again"]
    before = len(told(database, "cut_off_list"))
    database.do(lambda c: errands.chase(c, RULES, CUT, at(21)))
    news = told(database, "cut_off_list")[before:]
    assert {params["news"] for _, params in news} == {"silent"}
    assert not database.read(lambda c: errands.anything_due(c, at(600)))
    head = VILLAGERS[1]
    database.do(lambda c: errands.assign(c, village.id, DUTY, head["id"], CUT, at(22)))
    assert (RUNNER, "over") in [
        (chat, list(params)[-1]) for chat, params in told(database, "errand")
    ]
    errand = database.read(lambda c: store.open_errand(c, village.id))
    assert errand is not None and errand.person_id == head["id"]
    database.do(lambda c: errands.report(c, errand.id, DUTY, False, at(23)))  # for them, by phone
    assert database.read(lambda c: store.open_errand(c, village.id)) is None
    assert database.read(lambda c: store.open_of(c, silent)), "it is cut off still"


def test_an_officer_marks_what_has_answered_and_unmarks_for_good(
    database: Database, silent: int
) -> None:
    second = VILLAGERS[1]
    call = database.read(lambda c: call_store.call_of(c, silent, second["id"]))
    assert call is not None
    database.do(lambda c: by_button(c, call.id, second["telegram_id"], RULES, at(3)))
    done = database.do(lambda c: finding.mark(c, silent, DUTY, VILLAGES[1], at(12)))
    assert done.outcome is Outcome.RECORDED and isinstance(done.cut_off, CutOff)
    assert not database.read(finding.anything_to_end), "it answered before the power went"
    with pytest.raises(InvalidInput):
        database.do(lambda c: finding.mark(c, silent, DUTY, VILLAGES[1][:9] + "000", at(12)))
    with pytest.raises(NotAllowed):
        account = second["telegram_id"]
        database.do(lambda c: finding.mark(c, silent, account, VILLAGES[2], at(12)))
    found(database, silent, 12)
    [first] = [
        row
        for row in database.read(lambda c: store.open_of(c, silent))
        if row.division_code == VILLAGES[0]
    ]
    database.do(lambda c: finding.unmark(c, first.id, DUTY, at(13)))
    assert found(database, silent, 14) == [VILLAGES[1]], "not found again"
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: cancel(c, silent, by, at(15)))
    assert database.do(lambda c: finding.end_what_is_over(c, at(15))) == 1
    after = database.do(lambda c: finding.mark(c, silent, DUTY, VILLAGES[2], at(16)))
    assert after.outcome is Outcome.OVER


def test_whoever_answers_for_two_villages_is_of_both(database: Database) -> None:
    hold(database, HEAD, "222403101205", Role.VILLAGE_RESPONSIBLE)
    telegram_lost(database, HEAD, STAND_IN)
    alert_id = warn(database)
    climb(database, 0)
    look(database)
    ended = {"state": "failed", "ended_at": at(2), "cause": "busy"}
    database.do(lambda c: c.execute(update(channel_deliveries).values(ended)))
    assert found(database, alert_id, 10) == [VILLAGES[0], "222403101205"]
    [own, further] = database.read(lambda c: store.open_of(c, alert_id))
    for village, told_there in ((further, False), (own, True)):
        sent = database.do(
            lambda c, v=village: errands.assign(c, v.id, DUTY, RANGER["id"], CUT, at(11))
        )
        assert sent.errand is not None
        key = sent.errand.id
        database.do(lambda c, key=key: errands.report(c, key, RUNNER, True, at(12)))
        assert call_of(database, HEAD, alert_id).answered is told_there, "they live in the other"
        left = [] if told_there else [VILLAGES[0]]
        assert found(database, alert_id, 13) == left, "who was reached is not found again"


def test_a_stand_in_is_rung_before_a_village_is_found(database: Database) -> None:
    later = replace(RED, channels=RungChannels((), (Channel.SMS,), (Channel.SMS,)))
    rules = replace(RULES, policies={**RULES.policies, Level.RED: later})
    telegram_lost(database, HEAD, STAND_IN)
    alert_id = warn(database, rules=rules)
    look(database, rules=rules)
    ended = update(channel_deliveries).values(state="failed", ended_at=at(2), cause="powered_off")
    database.do(lambda c: c.execute(ended))
    while database.do(lambda c: sweep(c, rules, at(10))):
        pass
    assert call_of(database, STAND_IN, alert_id).stand_in_for is not None

    def silent() -> list[str]:
        looked = database.read(lambda c: finding.silent(c, rules, CUT, at(10)))
        return [village.code for village in looked]

    assert silent() == [], "called a moment ago: the SMS is not queued yet"
    look(database, 10, rules)
    assert silent() == []
    database.do(lambda c: c.execute(ended))
    assert silent() == [VILLAGES[0]]


def test_what_a_runner_said_in_the_dark_counts_from_then_also_after_the_warning(
    database: Database, silent: int
) -> None:
    """The bot was out: 我去 and 已到 wait, and the warning is lifted before they are heard."""
    found(database, silent, 10)
    [village] = database.read(lambda c: store.open_of(c, silent))
    sent = database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    assert sent.errand is not None
    errand = sent.errand.id
    going = database.do(
        lambda c: errands.answer(c, errand, RUNNER, True, CUT, at(30), done_at=at(12))
    )
    assert going.errand is not None and going.errand.answered_at == at(12)
    assert going.errand.due_at == at(72)
    chief = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert chief is not None
    database.do(lambda c: lift(c, silent, chief, at(50)))
    database.do(lambda c: finding.end_what_is_over(c, at(50)))
    late = database.do(lambda c: errands.report(c, errand, RUNNER, True, at(55), done_at=at(51)))
    assert late.outcome is Outcome.OVER
    done = database.do(lambda c: errands.report(c, errand, RUNNER, True, at(55), done_at=at(40)))
    assert done.outcome is Outcome.RECORDED and done.errand is not None
    assert (done.errand.state, done.errand.reported_at) == (ErrandState.ARRIVED, at(40))


def test_after_a_long_outage_the_warning_is_decided_about_before_a_runner_is_asked_again(
    database: Database, silent: int
) -> None:
    found(database, silent, 10)
    [village] = database.read(lambda c: store.open_of(c, silent))
    database.do(lambda c: errands.assign(c, village.id, DUTY, RANGER["id"], CUT, at(11)))
    before = len(told(database, "errand"))
    database.do(lambda c: errands.chase(c, RULES, CUT, at(300)))
    alert = database.read(lambda c: alert_store.alert(c, silent))
    assert alert is not None and alert.held
    assert len(told(database, "errand")) == before and told(database, "still_send")
    assert not database.read(lambda c: errands.anything_due(c, at(301)))
