"""Who is rung and written to when, by rows: by the ladder, not too often, and what came of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, text, update

from alerts import alert_store
from alerts.acknowledge import by_button, by_proxy, take_proxy_back
from alerts.calls import Proxy
from alerts.channels import address_store, addresses, calling, queue_store, store, tried_store
from alerts.channels.model import Kind, Progress
from alerts.channels.queue_store import NewChannelDelivery
from alerts.channels.reach_store import reached
from alerts.chase import sweep
from alerts.model import Level
from alerts.preview import whom_of
from alerts.restored import make_ready
from alerts.rules import Rules
from bot.messages.channel_words import tell_officers
from bot.views.channels import how_it_went
from contacts import people_store
from contacts.channels import Cause, Channel, Receipt, telephones
from contacts.people import Person
from contacts.targeting_store import audience_query
from data.database import Database
from data.tables.alerts import deliveries
from data.tables.channels import channel_deliveries, channel_tries
from data.tables.contacts import people
from tests.called_by_channels import (
    DRAFT,
    HEAD,
    RULES,
    UNLINKED,
    add_person,
    at,
    call_of,
    call_off,
    look,
    of,
    receipt,
    ring,
    said,
    warn,
)
from tests.roster import COUNTY_DUTY, NOW, STAND_IN, TOWNSHIP_DUTY, VILLAGERS


@pytest.mark.one_database
def test_nothing_is_asked_of_the_database_where_no_level_names_a_channel(
    database: Database,
) -> None:
    warn(database, rules=Rules())
    assert look(database, rules=Rules()) == 0
    assert calling.anything_due(None, Rules(), NOW) is False  # type: ignore[arg-type]


@pytest.mark.one_database
def test_everybody_is_rung_at_once_and_only_once(database: Database) -> None:
    alert_id = warn(database)
    assert of(database, HEAD, alert_id) == [], "not by the release"
    assert look(database) == 4
    assert said(of(database, HEAD, alert_id)) == [(Channel.VOICE, Kind.CALL, Progress.QUEUED)]
    assert look(database) == 0


@pytest.mark.one_database
def test_who_has_no_telegram_is_called_at_once_by_all_the_level_names(database: Database) -> None:
    add_person(database, other_phones="+864333230001、+8613900000002")
    alert_id = warn(database)
    look(database)
    found = of(database, UNLINKED, alert_id)
    assert [(made.channel, made.address) for made in found] == [
        (Channel.VOICE, UNLINKED["phone"]),
        (Channel.VOICE, "+864333230001"),
        (Channel.VOICE, "+8613900000002"),
        (Channel.SMS, UNLINKED["phone"]),
        (Channel.SMS, "+8613900000002"),
    ]


@pytest.mark.one_database
def test_no_number_for_a_channel_is_a_cause_of_its_own(database: Database) -> None:
    add_person(database, phone="+864333230001")
    alert_id = warn(database)
    look(database)
    [voice, sms] = of(database, UNLINKED, alert_id)
    assert (voice.channel, voice.state) == (Channel.VOICE, Progress.QUEUED)
    assert (sms.channel, sms.state, sms.cause) == (
        Channel.SMS,
        Progress.FAILED,
        Cause.NOT_LINKED,
    )
    assert look(database) == 0


@pytest.mark.one_database
def test_the_silent_are_reminded_by_the_channels_of_that_rung(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    look(database, 1.9)
    assert len(of(database, HEAD, alert_id)) == 1
    look(database, 2)  # Telegram has delivered nothing: the reminder does not wait for it
    assert said(of(database, HEAD, alert_id))[1:] == [(Channel.SMS, Kind.REMIND, Progress.QUEUED)]
    assert look(database, 30) == 0, "never with the repetitions"


def test_stand_ins_are_called_by_their_channels(database: Database) -> None:
    no_account = update(people).where(people.c.id == HEAD["id"]).values(telegram_id=None)
    database.do(lambda c: c.execute(no_account))
    alert_id = warn(database)
    database.do(lambda c: sweep(c, RULES, at(0)))
    look(database)
    made = of(database, STAND_IN, alert_id)
    assert said(made) == [(Channel.SMS, Kind.CALL, Progress.QUEUED)]


def test_what_is_answered_rings_no_more(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    call = call_of(database, HEAD, alert_id)
    database.do(lambda c: by_button(c, call.id, HEAD["telegram_id"], RULES, at(1)))
    assert of(database, HEAD, alert_id)[0].id not in ring(database, 1)
    look(database, 1)
    assert said(of(database, HEAD, alert_id)) == [(Channel.VOICE, Kind.CALL, Progress.DROPPED)]


def test_what_is_over_or_held_rings_nobody(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    call_off(database, alert_id)
    assert ring(database, 1) == []
    look(database, 1)
    assert {made.state for made in of(database, HEAD, alert_id)} == {Progress.DROPPED}


def test_after_hours_without_a_bot_nobody_is_rung_unasked(database: Database) -> None:
    alert_id = warn(database)
    look(database, 5 * 60)
    assert of(database, HEAD, alert_id) == []
    held = database.read(lambda c: alert_store.alert(c, alert_id))
    assert held is not None and held.held_at == at(5 * 60)


@pytest.mark.one_database
def test_what_was_queued_before_such_hours_rings_nobody_either(database: Database) -> None:
    """The sender may look before any sweep has: it was committed a moment before the cut."""
    alert_id = warn(database)
    look(database)

    def claimed(minutes: float) -> int:
        taken = lambda c: calling.claim(c, Channel.VOICE, "w", RULES, at(minutes), 10)  # noqa: E731
        return len(database.do(taken))

    assert claimed(180) == 0
    held = database.read(lambda c: alert_store.alert(c, alert_id))
    assert held is not None and held.held_at == at(180)


def test_what_waited_is_not_sent_while_the_warning_is_held(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    changed = {"held_at": at(1)}
    database.do(lambda c: alert_store.change_alert(c, alert_id, **changed))
    assert ring(database, 1) == []
    database.do(lambda c: alert_store.change_alert(c, alert_id, held_at=None))
    assert len(ring(database, 1)) == 4


def test_a_proxy_answer_taken_back_lets_it_ring_again(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    call = call_of(database, HEAD, alert_id)
    officer = COUNTY_DUTY["telegram_id"]
    database.do(lambda c: by_proxy(c, call.id, officer, Proxy.PHONE, at(0.5)))
    look(database, 0.6)
    database.do(lambda c: take_proxy_back(c, call.id, officer, RULES, at(0.9)))
    look(database, 1)
    assert [made.state for made in of(database, HEAD, alert_id)] == [Progress.QUEUED]


def test_a_proxy_answer_taken_back_leaves_no_address_out(database: Database) -> None:
    """One number had rung already, the other was still waiting: both go on."""
    add_person(database, other_phones="+8613900000002")
    alert_id = warn(database)
    look(database)
    first, second, *_ = of(database, UNLINKED, alert_id)
    rung = select(channel_deliveries.c.id).where(channel_deliveries.c.id == first.id)
    assert database.read(lambda c: c.execute(rung).scalar_one()) in ring(database)
    waiting = update(channel_deliveries).where(channel_deliveries.c.id == second.id)
    database.do(lambda c: c.execute(waiting.values(state="queued", claimed_by=None, attempts=0)))
    call, officer = call_of(database, UNLINKED, alert_id), COUNTY_DUTY["telegram_id"]
    database.do(lambda c: by_proxy(c, call.id, officer, Proxy.PHONE, at(0.5)))
    look(database, 0.6)
    assert of(database, UNLINKED, alert_id)[1].state is Progress.DROPPED
    database.do(lambda c: take_proxy_back(c, call.id, officer, RULES, at(0.9)))
    made = of(database, UNLINKED, alert_id)
    assert made[1].state is Progress.QUEUED and made[1].not_before == at(0.9)
    assert look(database, 1) == 0


@pytest.mark.one_database
def test_a_number_shared_by_two_rings_for_one_after_the_other(database: Database) -> None:
    add_person(database, other_phones=HEAD["phone"])
    alert_id = warn(database)
    look(database)
    first = ring(database)
    there = [made for made in of(database, UNLINKED, alert_id) if made.address == HEAD["phone"]]
    both = {of(database, HEAD, alert_id)[0].id, there[0].id}
    assert len(both & set(first)) == 1
    assert both - set(first) <= set(ring(database, 1))


@pytest.mark.one_database
def test_a_red_warning_rings_before_one_that_was_there_first(database: Database) -> None:
    orange = warn(database, draft=replace(DRAFT, level=Level.ORANGE))
    look(database)
    red = warn(database, 1)
    look(database, 1)
    claimed = database.do(lambda c: store.claim(c, Channel.VOICE, "here", at(1), 3))
    assert [delivery.alert_id for delivery in claimed] == [red] * 3
    rest = database.do(lambda c: store.claim(c, Channel.VOICE, "here", at(2), 100))
    assert {delivery.alert_id for delivery in rest} == {red, orange}


def test_three_tries_then_the_cause_stays(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    for n in range(3):
        assert delivery_id in ring(database, 1.1 * n)
        assert receipt(database, delivery_id, Cause.NO_ANSWER, 1.1 * n)
        assert delivery_id not in ring(database, 1.1 * n + 0.5)
    [made] = of(database, HEAD, alert_id)
    assert (made.state, made.cause, made.attempts) == (Progress.FAILED, Cause.NO_ANSWER, 3)
    assert ring(database, 60) == []
    [known] = database.read(lambda c: address_store.of_people(c, [HEAD["id"]]))
    assert (known.failures, known.cause) == (3, Cause.NO_ANSWER)


@pytest.mark.one_database
def test_a_report_told_twice_counts_once(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    assert receipt(database, delivery_id, Cause.BUSY, event="x")
    ring(database, 1.1)
    assert not receipt(database, delivery_id, Cause.BUSY, 1.2, event="x")
    assert of(database, HEAD, alert_id)[0].state is Progress.ACCEPTED


@pytest.mark.one_database
def test_of_another_channel_or_of_nothing_no_report_is_believed(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    assert not receipt(database, delivery_id, Receipt.HEARD, channel=Channel.SMS)
    assert not receipt(database, 10**9, Receipt.HEARD)
    assert of(database, HEAD, alert_id)[0].state is Progress.ACCEPTED


@pytest.mark.one_database
def test_heard_is_no_answer_and_cut_short_is_rung_again(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    receipt(database, delivery_id, Receipt.DELIVERED, seconds=3, length=20)
    assert of(database, HEAD, alert_id)[0].cause is Cause.CUT_SHORT
    ring(database, 1.1)
    receipt(database, delivery_id, Receipt.DELIVERED, 1.5, seconds=21, length=20)
    [made] = of(database, HEAD, alert_id)
    assert (made.state, made.heard_at, made.cause) == (Progress.DELIVERED, at(1.5), None)
    call = call_of(database, HEAD, alert_id)
    assert call.open


def test_what_did_not_reach_the_provider_was_no_try(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    [before] = of(database, HEAD, alert_id)
    claimed = database.do(lambda c: store.claim(c, Channel.VOICE, "here", NOW, 1000))
    for delivery in claimed:
        database.do(lambda c, d=delivery: store.put_back(c, d.id, at(0.1), NOW))
    [made] = of(database, HEAD, alert_id)
    assert (made.state, made.attempts) == (Progress.QUEUED, 0)
    assert before.id in ring(database, 0.1)


def test_a_claim_of_a_process_that_died_is_given_back_as_the_same_try(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    database.do(lambda c: store.claim(c, Channel.VOICE, "here", NOW, 1000))
    assert not database.read(lambda c: store.anything_due(c, Channel.VOICE, at(1), at(-1)))
    assert database.read(lambda c: store.anything_due(c, Channel.VOICE, at(2), at(1)))
    assert database.do(lambda c: store.free_claims(c, at(1), at(2))) == 4
    assert of(database, HEAD, alert_id)[0].id in ring(database, 2)
    assert of(database, HEAD, alert_id)[0].attempts == 1


@pytest.mark.parametrize("known_again", [True, False])
@pytest.mark.one_database
def test_a_try_that_is_made_again_waits_only_where_the_number_may_be_ringing(
    database: Database, known_again: bool
) -> None:
    alert_id = warn(database)
    look(database)
    database.do(lambda c: store.claim(c, Channel.VOICE, "here", NOW, 1000))
    soon = at(0.1)
    database.do(lambda c: store.free_claims(c, soon, soon, known_again=known_again))
    mine = of(database, HEAD, alert_id)[0].id
    assert (mine in ring(database, 0.2)) is known_again
    assert mine in ring(database, 1.1) or known_again


@pytest.mark.parametrize(("kept_as", "rings"), [("voice", False), ("voice_test", True)])
def test_a_warning_waits_for_what_warnings_have_rung_and_not_for_tests(
    database: Database, kept_as: str, rings: bool
) -> None:
    tried = [{"channel": kept_as, "address": HEAD["phone"], "at": at(-n)} for n in (1, 2, 3)]
    database.do(lambda c: c.execute(insert(channel_tries), tried))
    alert_id = warn(database)
    look(database)
    assert (of(database, HEAD, alert_id)[0].id in ring(database, 0)) is rings


def test_what_is_no_answer_goes_to_the_duty_officer_above(database: Database) -> None:
    def unit(connection: Connection) -> int:
        head = people_store.person(connection, HEAD["id"])
        assert head is not None
        other = replace(head, id=STAND_IN["id"], name="李强")  # of the same number
        return tell_officers(
            connection, [head, other], Channel.SMS, "桥断了，<没>收到", lambda code: code, NOW
        )

    assert database.do(unit) == 1
    query = select(deliveries.c.chat_id, deliveries.c.params)
    [row] = database.read(lambda c: c.execute(query).all())
    assert row.chat_id == TOWNSHIP_DUTY["telegram_id"]
    assert "桥断了，&lt;没&gt;收到" in str(row.params)
    assert HEAD["name"] in str(row.params) and "李强" in str(row.params)


def test_the_silent_list_says_how_it_went_by_each_channel(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    look(database, 2)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database, 2)
    receipt(database, delivery_id, Cause.POWERED_OFF, 2)
    call_id = call_of(database, HEAD, alert_id).id
    tried = database.read(lambda c: tried_store.tried(c, [call_id]))[call_id]
    assert [how_it_went(way, "zh") for way in tried] == ["电话语音：关机", "短信：等着发"]
    ring(database, 3)
    receipt(database, delivery_id, Receipt.HEARD, 3)
    [voice, _] = database.read(lambda c: tried_store.tried(c, [call_id]))[call_id]
    assert how_it_went(voice, "zh") == "电话语音：听完了，没有按键（2 次）"


@pytest.mark.one_database
def test_the_silent_list_does_not_say_sent_of_what_no_gateway_took(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    database.do(lambda c: store.claim(c, Channel.VOICE, "sending", at(0), 50))
    database.do(lambda c: store.failed(c, delivery_id, None, at(31)))
    call_id = call_of(database, HEAD, alert_id).id
    [voice, *_] = database.read(lambda c: tried_store.tried(c, [call_id]))[call_id]
    assert how_it_went(voice, "zh") == "电话语音：没有发出去"


def test_a_number_that_never_gets_through_is_marked_until_it_does(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id

    def marked() -> dict[int, dict[str, Cause | None]]:
        return database.read(lambda c: address_store.failing(c, [HEAD["id"]], Channel.VOICE))

    for n in range(3):
        assert marked() == {}
        ring(database, 1.1 * n)
        receipt(database, delivery_id, Cause.NO_ANSWER, 1.1 * n)
    assert marked() == {HEAD["id"]: {HEAD["phone"]: Cause.NO_ANSWER}}
    receipt(database, delivery_id, Receipt.DELIVERED, 4)
    assert marked() == {}


@pytest.mark.one_database
def test_a_number_that_does_not_exist_is_marked_at_once_and_not_rung_again(
    database: Database,
) -> None:
    alert_id = warn(database)
    look(database)
    delivery_id = of(database, HEAD, alert_id)[0].id
    ring(database)
    receipt(database, delivery_id, Cause.NO_SUCH_NUMBER)
    failing = database.read(lambda c: address_store.failing(c, [HEAD["id"]], Channel.VOICE))
    assert failing == {HEAD["id"]: {HEAD["phone"]: Cause.NO_SUCH_NUMBER}}
    assert delivery_id not in ring(database, 10)


def test_a_restored_backup_rings_nobody_before_an_officer_could_cancel(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    database.do(lambda c: store.claim(c, Channel.VOICE, "gone", NOW, 1))
    newer = warn(database, 1)  # of which nobody has been rung yet
    database.do(lambda c: make_ready(c, at(2), alone=True))
    assert look(database, 16.9) == 0
    assert ring(database, 16.9) == []
    assert look(database, 17) > 0
    rung = set(ring(database, 17))
    assert of(database, HEAD, alert_id)[0].id in rung
    assert of(database, HEAD, newer)[0].state is Progress.QUEUED  # a minute later: one telephone


def test_whoever_left_or_has_another_number_is_not_rung_at_the_old_one(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    [head] = of(database, HEAD, alert_id)
    [other] = of(database, VILLAGERS[1], alert_id)
    gone = update(people).where(people.c.id == HEAD["id"]).values(active=False)
    moved = update(people).where(people.c.id == VILLAGERS[1]["id"]).values(phone="+8613912345678")
    database.do(lambda c: (c.execute(gone), c.execute(moved)))
    assert not {head.id, other.id} & set(ring(database))
    look(database)
    [_, again] = of(database, HEAD, alert_id)
    assert (again.state, again.cause) == (Progress.FAILED, Cause.NOT_LINKED)
    [_, again] = of(database, VILLAGERS[1], alert_id)
    assert again.address == "+8613912345678"
    assert again.id in ring(database)


@pytest.mark.one_database
def test_a_number_written_twice_is_rung_once_and_stops_nobody(database: Database) -> None:
    add_person(database, other_phones="+8613900000002、+8613900000002")
    alert_id = warn(database)
    look(database)
    numbers = [made.address for made in of(database, UNLINKED, alert_id)]
    assert numbers == [UNLINKED["phone"], "+8613900000002"] * 2  # voice and SMS
    [first, *_] = of(database, UNLINKED, alert_id)
    same = (first.call_id, alert_id, first.person_id, first.channel, first.address, first.kind)
    database.do(lambda c: queue_store.add(c, [NewChannelDelivery(*same)], NOW))
    assert len(of(database, UNLINKED, alert_id)) == 4


def test_after_an_outage_nobody_is_called_and_reminded_at_once(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database, 10)
    made = of(database, UNLINKED, alert_id)
    assert {delivery.kind for delivery in made} == {Kind.CALL}
    look(database, 12)
    assert len(of(database, UNLINKED, alert_id)) == 2, "the SMS of the call is not sent yet"
    ring(database, 13, Channel.SMS)
    look(database, 14.9)
    assert len(of(database, UNLINKED, alert_id)) == 2
    look(database, 15)
    assert said(of(database, UNLINKED, alert_id))[2:] == [
        (Channel.SMS, Kind.REMIND, Progress.QUEUED)
    ]


def test_what_was_said_of_a_call_is_found_by_an_index(database: Database) -> None:
    if not database.is_sqlite:
        return
    query = "SELECT * FROM channel_deliveries WHERE call_id IN (1, 2) ORDER BY id"
    plan = database.read(lambda c: c.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
    assert "channel_deliveries_call" in str(plan)


@pytest.mark.one_database
def test_a_clock_set_back_silences_no_number(database: Database) -> None:
    alert_id = warn(database)
    look(database)
    tries = [{"channel": "voice", "address": HEAD["phone"], "at": at(600 + n)} for n in range(5)]
    database.do(lambda c: c.execute(insert(channel_tries), tries))
    assert of(database, HEAD, alert_id)[0].id in ring(database)


def test_a_call_that_cannot_be_queued_is_set_aside_and_the_others_are_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert_id = warn(database)

    def known_by(person: Person, _accounts: object, channel: Channel) -> list[str]:
        if person.id == HEAD["id"]:
            raise ValueError(person.id)
        return telephones(person, channel)

    monkeypatch.setattr(addresses, "known_by", known_by)

    def look_alone(minutes: float) -> int:
        return database.do(lambda c: calling.call_by_channels(c, RULES, at(minutes), limit=1))

    with pytest.raises(ValueError, match=str(HEAD["id"])):
        for _ in range(4):
            look_alone(0)
    error = ValueError()
    assert database.do(lambda c: calling.set_head_aside(c, RULES, NOW, error))
    while look_alone(0):
        continue
    assert of(database, HEAD, alert_id) == []
    assert len(of(database, VILLAGERS[1], alert_id)) == 1
    assert not database.read(lambda c: calling.anything_due(c, RULES, NOW))
    monkeypatch.undo()
    look(database, 11)
    assert len(of(database, HEAD, alert_id)) == 1


def test_the_preview_counts_addresses_and_whom_a_channel_reaches(database: Database) -> None:
    """Somebody with three numbers is one person and three calls; without an address: nobody."""
    add_person(database, other_phones="+864333230001、+8613900000002")
    whom = audience_query(database.read(lambda c: whom_of(c, DRAFT, RULES)))

    def count(channel: Channel, *, beyond: bool = False) -> tuple[int, int]:
        return database.read(lambda c: reached(c, whom, channel, beyond_telegram=beyond))

    database.do(lambda c: address_store.enter(c, UNLINKED["id"], Channel.EMAIL, "a@x.gov.cn"))
    everybody, calls = count(Channel.VOICE)
    assert calls == everybody + 2 and count(Channel.SMS) == (everybody, everybody + 1)
    assert count(Channel.VOICE, beyond=True) == (1, 3)
    assert count(Channel.WECOM, beyond=True) == count(Channel.EMAIL) == (1, 1)


@pytest.mark.one_database
def test_what_is_red_goes_first_from_the_next_chunk_on(database: Database) -> None:
    """A long orange warning is on its way: of a red one released meanwhile nothing waits for it."""
    orange = warn(database, draft=replace(DRAFT, level=Level.ORANGE))
    look(database)

    def chunk(minutes: float) -> list[int]:
        claimed = database.do(lambda c: store.claim(c, Channel.VOICE, "x", at(minutes), 1))
        return [delivery.alert_id for delivery in claimed]

    assert chunk(0) == [orange]
    red = warn(database, minutes=1)
    look(database, 1.1)
    assert [chunk(1.1) for _ in range(3)] == [[red], [red], [red]]
