"""Whose answer it was that came by telephone or SMS, and what it said, by rows."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text, update

from alerts.calls import CallState, Via
from alerts.channels import address_store, event_store
from alerts.channels.answers import Taken, Taking, take
from alerts.channels.model import Progress
from alerts.closing import expire_alert
from contacts import number_store
from contacts.channels import Channel
from contacts.personal_store import erase, everything_about
from data import audit
from data.database import Database
from data.tables.channels import channel_events, channel_nonces, channel_tries
from data.tables.contacts import people
from tests.called_by_channels import (
    HEAD,
    RULES,
    UNLINKED,
    add_person,
    at,
    call_of,
    call_off,
    look,
    of,
    ring,
    warn,
)
from tests.roster import COUNTY_COMMANDER, TOWNSHIP_HEAD


def answer(
    database: Database,
    who: int | str,
    what: str = "1",
    minutes: float = 1,
    *,
    event: str = "e1",
    channel: Channel = Channel.VOICE,
) -> Taken:
    now = at(minutes)
    return database.do(lambda c: take(c, channel, event, who, what, now, RULES, now))


def test_key_1_answers_the_call_for_whom_it_rang(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    taken = answer(database, delivery_id)
    assert taken.taking is Taking.RECORDED and taken.answered
    call = call_of(database, HEAD, alert_id)
    assert (call.state, call.answered_via) == (CallState.ACKNOWLEDGED, Via.VOICE)
    assert of(database, HEAD, alert_id)[0].state is Progress.ANSWERED
    assert answer(database, delivery_id).taking is Taking.REPEATED
    assert answer(database, delivery_id, event="e2").taking is Taking.ALREADY
    [known] = database.read(lambda c: address_store.of_people(c, [HEAD["id"]]))
    assert known.verified_at == at(1)


@pytest.mark.parametrize(
    ("key", "taking"),
    [("7", Taking.NOT_UNDERSTOOD), ("9", Taking.AGAIN), ("", Taking.NOT_UNDERSTOOD)],
)
@pytest.mark.one_database
def test_other_keys_answer_nothing(database: Database, key: str, taking: Taking) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    assert answer(database, delivery_id, key).taking is taking
    call = call_of(database, HEAD, alert_id)
    assert call.open


def test_key_2_answers_and_asks_for_help(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    assert answer(database, delivery_id, "2").taking is Taking.HELP
    call = call_of(database, HEAD, alert_id)
    assert (call.state, call.answered_via) == (CallState.REPORTED, Via.VOICE)


@pytest.mark.one_database
def test_an_sms_answers_the_newest_warning_and_says_that_there_is_another(
    database: Database,
) -> None:
    add_person(database)
    older, newer = warn(database), warn(database, 1)
    look(database, 1)
    ring(database, 1, Channel.SMS)
    first = answer(database, UNLINKED["phone"], "收到", 2, channel=Channel.SMS)
    assert (first.taking, first.others) == (Taking.RECORDED, 1)
    assert first.result is not None and first.result.alert.id == newer
    second = answer(database, UNLINKED["phone"], "1", 3, event="e2", channel=Channel.SMS)
    assert second.result is not None and second.result.alert.id == older
    third = answer(database, UNLINKED["phone"], "1", 4, event="e3", channel=Channel.SMS)
    assert third.taking is Taking.ALREADY
    calls = [call_of(database, UNLINKED, alert_id) for alert_id in (older, newer)]
    assert [call.answered_via for call in calls] == [Via.SMS, Via.SMS]


@pytest.mark.one_database
def test_what_is_no_answer_is_taken_for_none(database: Database) -> None:
    add_person(database)
    warn(database)
    look(database)
    number = UNLINKED["phone"]
    assert answer(database, number, "没收到", channel=Channel.SMS).taking is Taking.NOT_UNDERSTOOD
    stranger = answer(database, "+8613912345678", "1", event="e2", channel=Channel.SMS)
    assert stranger.taking is Taking.STRANGER
    kept = database.read(lambda c: c.execute(select(channel_events.c.event_id)).scalars().all())
    assert "e2" not in kept, "what strangers write is not written down"
    uncalled = answer(database, COUNTY_COMMANDER["phone"], "1", event="e3", channel=Channel.SMS)
    assert uncalled.taking is Taking.NO_CALL


def test_after_the_end_an_answer_is_told_so(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database, 0, Channel.SMS)
    call_off(database, alert_id)
    taken = answer(database, UNLINKED["phone"], "1", 2, channel=Channel.SMS)
    assert taken.taking is Taking.OVER


def test_what_was_sent_before_the_end_and_comes_after_it_answers(database: Database) -> None:
    """A provider that was out for an hour tells then when it was written."""
    alert_id = warn(database)
    look(database)
    call_off(database, alert_id)  # a minute after it went out

    def sms(event: str, written: float) -> Taken:
        what = (Channel.SMS, event, str(HEAD["phone"]), "收到", at(written), RULES, at(60))
        return database.do(lambda c: take(c, *what))

    for event, written in (("e0", -30), ("e1", 2)):  # before it went out, and after its end
        assert sms(event, written).taking is not Taking.RECORDED
    assert sms("e2", 0.5).taking is Taking.RECORDED
    call = call_of(database, HEAD, alert_id)
    assert (call.state, call.answered_at) == (CallState.ACKNOWLEDGED, at(0.5))


@pytest.mark.one_database
def test_two_who_share_a_number_say_who_they_are(database: Database) -> None:
    add_person(database, other_phones=HEAD["phone"])
    alert_id = warn(database)
    look(database)
    asked = answer(database, HEAD["phone"], "1", channel=Channel.SMS)
    assert asked.taking is Taking.WHICH_PERSON
    assert {who.name for who in asked.persons} == {HEAD["name"], UNLINKED["name"]}
    named = answer(
        database, HEAD["phone"], f"1 {UNLINKED['name']}", event="e2", channel=Channel.SMS
    )
    assert named.taking is Taking.RECORDED
    states = [call_of(database, row, alert_id).state for row in (HEAD, UNLINKED)]
    assert states == [CallState.WAITING, CallState.ACKNOWLEDGED]


def test_who_left_the_roster_answers_nothing_and_is_rung_no_more(database: Database) -> None:
    alert_id = warn(database)
    gone = update(people).where(people.c.id == HEAD["id"]).values(active=False)
    database.do(lambda c: c.execute(gone))
    look(database)
    [made] = of(database, HEAD, alert_id)
    assert (made.state, made.address) == (Progress.FAILED, "")
    assert answer(database, made.id).taking is Taking.STRANGER
    assert (
        answer(database, HEAD["phone"], channel=Channel.SMS, event="e2").taking is Taking.STRANGER
    )


def test_an_answer_is_in_the_trail(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    ring(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    answer(database, delivery_id)
    call = call_of(database, HEAD, alert_id)
    entries = database.read(lambda c: list(audit.trail(c, f"call:{call.id}")))
    assert entries[-1]["action"] == "call.acknowledged"
    assert entries[-1]["detail"]["via"] == "voice"


def test_what_does_not_count_any_more_is_forgotten(database: Database) -> None:
    warn(database)
    look(database)
    ring(database)
    answer(database, HEAD["phone"], channel=Channel.SMS)
    nonce = {"nonce": "n", "expires_at": at(5)}
    database.do(lambda c: c.execute(insert(channel_nonces), [nonce]))
    assert not database.read(lambda c: event_store.any_forgettable(c, at(4)))
    later = at(60 * 24 * 8)
    assert database.read(lambda c: event_store.any_forgettable(c, later))
    database.do(lambda c: event_store.forget(c, later))
    for table in (channel_events, channel_tries, channel_nonces):
        assert database.read(lambda c, t=table: c.execute(select(t)).first()) is None


def test_whoever_is_erased_is_in_no_number(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    ring(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    answer(database, delivery_id)
    told = database.read(lambda c: everything_about(c, HEAD["id"]))
    assert told["channel_addresses"][0]["address"] == HEAD["phone"]
    assert told["channel_deliveries"][0]["address"] == HEAD["phone"]
    database.do(lambda c: erase(c, HEAD["id"], at(2)))
    told = database.read(lambda c: everything_about(c, HEAD["id"]))
    assert "channel_addresses" not in told
    assert HEAD["phone"] not in str(told["channel_deliveries"])
    rows = database.read(lambda c: c.execute(select(channel_tries.c.address)).scalars().all())
    assert HEAD["phone"] not in rows and TOWNSHIP_HEAD["phone"] in rows


@pytest.mark.one_database
def test_an_sms_means_no_warning_that_was_made_after_it(database: Database) -> None:
    add_person(database)
    older = warn(database)
    look(database)
    ring(database, 0, Channel.SMS)
    newer = warn(database, 10)
    late = database.do(
        lambda c: take(c, Channel.SMS, "e1", UNLINKED["phone"], "1", at(2), RULES, at(11))
    )
    assert late.taking is Taking.RECORDED and late.others == 0
    assert [call_of(database, UNLINKED, alert_id).state for alert_id in (older, newer)] == [
        CallState.ACKNOWLEDGED,
        CallState.WAITING,
    ]
    again = database.do(
        lambda c: take(c, Channel.SMS, "e2", UNLINKED["phone"], "1", at(2), RULES, at(11))
    )
    assert again.taking is Taking.ALREADY
    assert call_of(database, UNLINKED, newer).open


def test_after_the_warning_ran_out_an_answer_is_told_so(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    ring(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    day = 60 * 24 + 1
    database.do(lambda c: expire_alert(c, alert_id, at(day)))
    assert answer(database, delivery_id, minutes=day).taking is Taking.OVER
    assert call_of(database, HEAD, alert_id).state is CallState.CANCELLED


@pytest.mark.parametrize("number", ["139 0000 0001", "", "不是号码", "+86199000", "0" * 300])
@pytest.mark.one_database
def test_what_is_no_known_number_is_a_stranger(database: Database, number: str) -> None:
    taken = answer(database, number, channel=Channel.SMS)
    assert taken.taking is Taking.STRANGER


@pytest.mark.one_database
def test_a_number_is_known_however_it_is_written(database: Database) -> None:
    add_person(database)
    warn(database)
    look(database)
    national = UNLINKED["phone"].removeprefix("+86")
    assert answer(database, national, channel=Channel.SMS).taking is Taking.RECORDED


@pytest.mark.parametrize("event", ["长" * 500, "a\x00b", "\ud800", ""])
@pytest.mark.one_database
def test_whatever_a_provider_calls_an_event_counts_once(database: Database, event: str) -> None:
    alert_id = warn(database)
    look(database)
    ring(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    assert answer(database, delivery_id, event=event).taking is Taking.RECORDED
    assert answer(database, delivery_id, event=event).taking is Taking.REPEATED


@pytest.mark.one_database
def test_an_old_sms_does_not_answer_the_only_open_call_when_that_was_made_later(
    database: Database,
) -> None:
    add_person(database)
    older = warn(database)
    look(database)
    ring(database, 0, Channel.SMS)
    assert answer(database, UNLINKED["phone"], channel=Channel.SMS).taking is Taking.RECORDED
    newer = warn(database, 10)
    look(database, 10)
    ring(database, 10, Channel.SMS)
    late = database.do(
        lambda c: take(c, Channel.SMS, "e2", UNLINKED["phone"], "1", at(2), RULES, at(11))
    )
    assert late.taking is Taking.ALREADY
    assert late.result is not None and late.result.alert.id == older
    assert call_of(database, UNLINKED, newer).open


@pytest.mark.one_database
def test_by_a_clock_that_is_behind_the_only_open_call_is_meant(database: Database) -> None:
    add_person(database)
    alert_id = warn(database, 10)
    taken = database.do(
        lambda c: take(c, Channel.SMS, "e1", UNLINKED["phone"], "1", at(7), RULES, at(11))
    )
    assert taken.taking is Taking.RECORDED
    assert not call_of(database, UNLINKED, alert_id).open


def test_a_key_on_a_number_that_is_no_longer_theirs_answers_nothing(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    ring(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    moved = update(people).where(people.c.id == HEAD["id"]).values(phone="+8613912345678")
    database.do(lambda c: c.execute(moved))
    assert answer(database, delivery_id).taking is Taking.STRANGER
    assert call_of(database, HEAD, alert_id).open


def test_of_two_on_one_number_a_longer_name_is_not_the_shorter_one(database: Database) -> None:
    shorter, longer = "王伟", "王伟东"
    named = update(people).where(people.c.id == HEAD["id"]).values(name=shorter)
    database.do(lambda c: c.execute(named))
    add_person(database, other_phones=HEAD["phone"], name=longer)
    alert_id = warn(database)
    taken = answer(database, HEAD["phone"], f"{longer} 1", channel=Channel.SMS)
    assert taken.taking is Taking.RECORDED
    assert [call_of(database, row, alert_id).open for row in (HEAD, UNLINKED)] == [True, False]


def test_whose_number_it_is_is_found_by_indexes(database: Database) -> None:
    add_person(database, other_phones="+864333230001、+8613900000002")
    by_any = [UNLINKED["phone"], "+864333230001", "+8613900000002"]
    for number in by_any:
        found = database.read(lambda c, n=number: number_store.people_with(c, n))
        assert [person.id for person in found] == [UNLINKED["id"]]
    assert database.read(lambda c: number_store.people_with(c, "+861390000000")) == []
    if database.is_sqlite:
        for where in ("phone = '+861'", "other_phones <> '' AND other_phones LIKE '%1%'"):
            plan = database.read(
                lambda c, w=where: c.execute(
                    text(f"EXPLAIN QUERY PLAN SELECT * FROM people WHERE {w} AND active")
                ).all()
            )
            assert "USING INDEX" in str(plan), plan


@pytest.mark.one_database
def test_an_answer_by_sms_is_taken_back_by_sms(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database, 0, Channel.SMS)
    number = UNLINKED["phone"]

    def writes(words: str, minutes: float) -> Taking:
        event = f"e{minutes}"
        return answer(database, number, words, minutes, event=event, channel=Channel.SMS).taking

    assert writes("收到", 1) is Taking.RECORDED
    assert writes("撤回", 2) is Taking.TAKEN_BACK
    assert call_of(database, UNLINKED, alert_id).open
    look(database, 2)
    assert ring(database, 2.1, Channel.SMS), "they are written to anew"
    assert writes("1", 3) is Taking.RECORDED
    assert writes("按错了", 9) is Taking.KEPT
    assert call_of(database, UNLINKED, alert_id).answered


def test_of_two_who_share_a_number_nobodys_answer_is_taken_back_by_guess(
    database: Database,
) -> None:
    add_person(database, other_phones=HEAD["phone"])
    alert_id = warn(database)
    look(database)
    look(database, 2)  # SMS
    ring(database, 2, Channel.SMS)
    number = HEAD["phone"]

    def writes(words: str, minutes: float) -> Taking:
        event = f"e{minutes}"
        return answer(database, number, words, minutes, event=event, channel=Channel.SMS).taking

    assert writes(f"{HEAD['name']} 1", 3) is Taking.RECORDED
    assert writes("撤回", 3.1) is Taking.TAKEN_BACK, "only one of them had answered"
    assert call_of(database, HEAD, alert_id).open
    assert writes(f"{HEAD['name']} 1", 3.2) is Taking.RECORDED
    assert writes(f"{UNLINKED['name']} 1", 3.3) is Taking.RECORDED
    assert writes("撤回", 3.4) is Taking.WHOSE
    assert all(call_of(database, row, alert_id).answered for row in (HEAD, UNLINKED))
    assert writes(f"{HEAD['name']} 撤回", 3.5) is Taking.TAKEN_BACK
    assert [call_of(database, row, alert_id).open for row in (HEAD, UNLINKED)] == [True, False]
