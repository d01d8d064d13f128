"""The sweep takes each step of the ladder once for the right people, before and after a restart."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts import alert_store, call_store
from alerts.acknowledge import by_button, by_group_button, by_proxy
from alerts.calls import CallOutcome, Proxy
from alerts.chase import anything_due, sweep
from alerts.closing import close, close_finished, close_if_finished, expire, expire_alert, lift
from alerts.lookup import Refusal
from alerts.model import Draft, Hazard, Level, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, Delivery, NewDelivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.reach import reached_again
from alerts.release import release
from alerts.report import progress
from alerts.rules import Rules
from alerts.sending import claim, record, recover
from contacts import people_store
from contacts.access import Access
from contacts.people import Contact
from data.database import Database
from data.errors import InvalidInput, NotAllowed
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    FLOOD_GROUP,
    NOW,
    STAND_IN,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
)

pytestmark = pytest.mark.one_database


RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="敦化市暴雨红色预警")
EVERYTHING = dict.fromkeys(Lane, 1000)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def arrived(delivery: Delivery) -> Attempt:
    """Telegram took it; the message got the delivery's own number."""
    return Attempt(delivery, Result.SENT, delivery.id)


def send_all(database: Database, now: datetime, **results: Any) -> list[tuple[str, int]]:
    """Claim, pretend to send, record; what left, as (kind, chat)."""

    def unit(connection) -> list[tuple[str, int]]:
        taken = claim(connection, "test", now, EVERYTHING, BOT_ID)
        attempts = [
            results.get(f"chat_{delivery.chat_id}", arrived)(delivery) for delivery in taken
        ]
        record(connection, attempts, RULES, now)
        return [(delivery.kind.value, delivery.chat_id) for delivery in taken]

    return database.do(unit)


@pytest.fixture
def released(database: Database) -> int:
    def unit(connection) -> int:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, DRAFT, by, RULES, NOW).alert_id

    alert_id = database.do(unit)
    send_all(database, NOW)
    return alert_id


def tick(database: Database, minutes: float) -> list[tuple[str, int]]:
    now = after(minutes)
    while database.do(lambda c: sweep(c, RULES, now)):
        pass
    sent = send_all(database, now)
    over = {kind for kind, _ in send_all(database, now)}  # earlier messages lose their buttons
    assert over <= {MessageKind.OVER.value}
    return sent


def call_id(database: Database, person: dict) -> int:
    query = select(calls.c.id).where(calls.c.person_id == person["id"])
    return database.read(lambda c: c.execute(query).scalar_one())


def answer(database: Database, person: dict, minutes: float = 1) -> CallOutcome:
    wanted = call_id(database, person)
    return database.do(
        lambda c: by_button(c, wanted, person["telegram_id"], RULES, after(minutes))
    ).outcome


SILENT = (*VILLAGERS, TOWNSHIP_HEAD)


@pytest.mark.usefixtures("released")
def test_nothing_happens_before_its_time(database: Database) -> None:
    assert not database.read(lambda c: anything_due(c, RULES, after(1.9)))
    assert tick(database, 1.9) == []


@pytest.mark.usefixtures("released")
def test_the_red_ladder_of_silent_people(database: Database) -> None:
    assert {chat for kind, chat in tick(database, 2)} == {row["telegram_id"] for row in SILENT}
    fifth = tick(database, 5)
    assert ("call", STAND_IN["telegram_id"]) in fifth
    assert len(fifth) == 1
    assert tick(database, 5.5) == [("chase", FLOOD_GROUP)]
    # The township's head is silent too: the tier above him is the county.
    assert sorted(tick(database, 8)) == [
        ("remind", STAND_IN["telegram_id"]),
        ("silent_list", COUNTY_DUTY["telegram_id"]),
        ("silent_list", TOWNSHIP_DUTY["telegram_id"]),
    ]
    fifteenth = [chat for kind, chat in tick(database, 15) if kind == "silent_list"]
    assert set(fifteenth) >= {TOWNSHIP_HEAD["telegram_id"], COUNTY_COMMANDER["telegram_id"]}
    again = tick(database, 25)
    assert {chat for kind, chat in again if kind == "remind"} >= {
        row["telegram_id"] for row in SILENT
    }


@pytest.mark.usefixtures("released")
def test_a_reminder_says_how_many_minutes_the_call_is_old(database: Database) -> None:
    said = select(deliveries.c.params).where(deliveries.c.kind == MessageKind.REMIND.value)
    tick(database, 2)
    assert {params["minutes"] for params in database.read(lambda c: c.scalars(said).all())} == {2}


@pytest.mark.both_databases
@pytest.mark.usefixtures("released")
def test_a_stand_in_counts_as_reached_when_the_call_has_arrived(database: Database) -> None:
    query = select(calls.c.reach).where(calls.c.stand_in_for.is_not(None))
    tick(database, 2)
    database.do(lambda c: sweep(c, RULES, after(5)))
    assert database.read(lambda c: c.scalars(query).all()) == ["queued"]
    send_all(database, after(5))
    assert database.read(lambda c: c.scalars(query).all()) == ["delivered"]


@pytest.mark.usefixtures("released")
def test_sweeping_twice_is_sweeping_once(database: Database) -> None:
    assert tick(database, 2)
    assert tick(database, 2) == []


@pytest.mark.usefixtures("released")
def test_who_has_answered_is_left_alone(database: Database) -> None:
    assert answer(database, VILLAGERS[1]) is CallOutcome.RECORDED
    send_all(database, after(1))
    assert VILLAGERS[1]["telegram_id"] not in {chat for _, chat in tick(database, 2)}


@pytest.mark.usefixtures("released")
def test_a_reminder_queued_before_the_answer_is_not_sent_after_it(database: Database) -> None:
    database.do(lambda c: sweep(c, RULES, after(2)))
    answer(database, VILLAGERS[0], 2)
    sent = send_all(database, after(2.1))
    assert ("remind", VILLAGERS[0]["telegram_id"]) not in sent
    assert ("answered", VILLAGERS[0]["telegram_id"]) in sent


def test_one_persons_answer_never_silences_anothers_call(database: Database, released: int) -> None:
    tick(database, 2)
    tick(database, 5)
    answer(database, STAND_IN, 6)
    open_calls = database.read(lambda c: call_store.silent(c, released, "", "~"))
    assert VILLAGERS[0]["id"] in {call.person_id for call in open_calls}


def test_a_blocked_person_skips_to_the_stand_in_and_the_duty_officer(
    database: Database,
) -> None:
    blocked = VILLAGERS[0]["telegram_id"]

    def unit(connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        release(connection, DRAFT, by, RULES, NOW)

    database.do(unit)

    def refused(delivery: Delivery) -> Attempt:
        return Attempt(delivery, Result.PERMANENT, contact="blocked")

    send_all(database, NOW, **{f"chat_{blocked}": refused})
    person = database.read(lambda c: people_store.person(c, VILLAGERS[0]["id"]))
    assert person is not None
    assert person.contact is Contact.BLOCKED
    at_once = tick(database, 0.1)
    assert ("call", STAND_IN["telegram_id"]) in at_once
    assert ("silent_list", TOWNSHIP_DUTY["telegram_id"]) in at_once
    assert not [chat for kind, chat in at_once if chat == blocked]


def test_who_unblocks_the_bot_gets_the_call_at_once(database: Database) -> None:
    database.do(
        lambda c: c.execute(
            update(people).where(people.c.id == VILLAGERS[0]["id"]).values(contact="blocked")
        )
    )

    def unit(connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        release(connection, DRAFT, by, RULES, NOW)

    database.do(unit)
    send_all(database, NOW)

    def back(connection) -> int:
        people_store.set_contact(connection, {VILLAGERS[0]["id"]: Contact.OK}, after(1))
        return reached_again(connection, [VILLAGERS[0]["id"]], RULES, after(1))

    assert database.do(back) == 1
    assert ("call", VILLAGERS[0]["telegram_id"]) in send_all(database, after(1))


def test_an_uncertain_send_is_made_again_and_answers_the_same_call(database: Database) -> None:
    def unit(connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        release(connection, DRAFT, by, RULES, NOW)

    database.do(unit)
    first = database.do(lambda c: claim(c, "killed", NOW, EVERYTHING, BOT_ID))
    assert database.do(lambda c: claim(c, "other", NOW, EVERYTHING, BOT_ID)) == []
    assert database.do(lambda c: recover(c, BOT_ID, NOW)) == len(first)
    second = database.do(lambda c: claim(c, "other", NOW, EVERYTHING, BOT_ID))
    assert {delivery.id for delivery in second} == {delivery.id for delivery in first}


def test_two_claimed_edits_of_one_card_are_given_back_as_one(
    database: Database, released: int
) -> None:
    def edit(connection) -> None:
        card = NewDelivery(MessageKind.CARD, Lane.CARD, 5, alert_id=released, coalesce_key="k")
        outbox_store.add(connection, card, NOW)

    for _ in range(2):
        database.do(edit)
        assert len(database.do(lambda c: claim(c, "killed", NOW, EVERYTHING, BOT_ID))) == 1
    assert database.do(lambda c: recover(c, BOT_ID, NOW)) == 1


@pytest.mark.usefixtures("released")
def test_temporary_failures_wait_as_long_as_told(database: Database) -> None:
    database.do(lambda c: sweep(c, RULES, after(2)))
    chat = VILLAGERS[0]["telegram_id"]
    wait = {f"chat_{chat}": lambda delivery: Attempt(delivery, Result.TEMPORARY, retry_after=30)}
    assert ("remind", chat) in send_all(database, after(2), **wait)
    assert ("remind", chat) not in send_all(database, after(2.4))
    assert ("remind", chat) in send_all(database, after(2.51))


def test_a_group_that_moved_gets_its_post_at_the_new_place(database: Database) -> None:
    def unit(connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        release(connection, DRAFT, by, RULES, NOW)

    database.do(unit)

    def moved(delivery: Delivery) -> Attempt:
        return Attempt(delivery, Result.MIGRATED, new_chat_id=-100777)

    send_all(database, NOW, **{f"chat_{FLOOD_GROUP}": moved})
    assert send_all(database, NOW) == [("post", -100777)]


def test_proxies_are_for_officers_in_charge_and_counted_apart(
    database: Database, released: int
) -> None:
    wanted = call_id(database, VILLAGERS[0])
    with pytest.raises(NotAllowed) as caught:
        database.do(
            lambda c: by_proxy(c, wanted, VILLAGERS[1]["telegram_id"], Proxy.PHONE, after(3))
        )
    assert isinstance(caught.value.code, Access)
    done = database.do(
        lambda c: by_proxy(c, wanted, TOWNSHIP_DUTY["telegram_id"], Proxy.PHONE, after(3))
    )
    assert done.outcome is CallOutcome.RECORDED
    alert = database.read(lambda c: alert_store.alert(c, released))
    assert alert is not None
    counts = database.read(lambda c: progress(c, alert))
    assert (counts.proxied, counts.acknowledged, counts.waiting) == (1, 0, 3)


def test_only_the_addressee_answers(database: Database, released: int) -> None:
    wanted = call_id(database, VILLAGERS[0])
    for telegram_id, reason in (
        (VILLAGERS[1]["telegram_id"], Refusal.NOT_YOURS),
        (5, Refusal.NOT_LINKED),
    ):
        with pytest.raises(NotAllowed) as caught:
            database.do(lambda c, who=telegram_id: by_button(c, wanted, who, RULES, after(1)))
        assert caught.value.code is reason
    with pytest.raises(NotAllowed) as caught:
        database.do(
            lambda c: by_group_button(c, released, COUNTY_DUTY["telegram_id"], RULES, after(1))
        )
    assert caught.value.code is Refusal.NO_CALL


def test_all_answered_closes_the_alert_with_a_summary(database: Database, released: int) -> None:
    for row in SILENT[:-1]:
        answer(database, row)
    assert database.do(lambda c: close_finished(c, after(2))) == []
    answer(database, SILENT[-1])
    send_all(database, after(2))
    assert database.do(lambda c: close_finished(c, after(2))) == [released]
    assert ("summary", COUNTY_COMMANDER["telegram_id"]) in send_all(database, after(2))
    assert database.do(lambda c: close_finished(c, after(2))) == []


def test_what_a_person_closed_meanwhile_is_not_closed_again(
    database: Database, released: int
) -> None:
    for row in SILENT:
        answer(database, row)
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert database.read(alert_store.finished) == [released]
    database.do(lambda c: close(c, released, by, "", after(2)))
    database.do(lambda c: close_if_finished(c, released, after(2)))  # what was found before
    alert = database.read(lambda c: alert_store.alert(c, released))
    assert alert is not None and alert.closed_by == COUNTY_COMMANDER["id"]


def test_what_was_lifted_meanwhile_does_not_become_expired(
    database: Database, released: int
) -> None:
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    late = after(60 * 24 * 30)
    assert database.read(lambda c: alert_store.ended(c, late)) == [released]
    database.do(lambda c: lift(c, released, by, after(2)))
    database.do(lambda c: expire_alert(c, released, late))
    alert = database.read(lambda c: alert_store.alert(c, released))
    assert alert is not None and alert.state is State.LIFTED


def test_what_was_prolonged_meanwhile_does_not_expire(database: Database, released: int) -> None:
    database.do(lambda c: expire_alert(c, released, after(2)))
    alert = database.read(lambda c: alert_store.alert(c, released))
    assert alert is not None and alert.state is State.RELEASED


def test_closing_with_people_silent_needs_a_reason(database: Database, released: int) -> None:
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    with pytest.raises(InvalidInput):
        database.do(lambda c: close(c, released, by, " ", after(3)))
    closed = database.do(lambda c: close(c, released, by, "全村已转移", after(3)))
    assert closed.state is State.CLOSED
    counts = database.read(lambda c: progress(c, closed))
    assert (counts.discharged, counts.waiting) == (4, 0)


def test_what_outlives_its_time_is_not_chased(database: Database, released: int) -> None:
    assert database.do(lambda c: expire(c, after(24 * 60 - 1))) == []
    assert database.do(lambda c: expire(c, after(24 * 60))) == [released]
    send_all(database, after(24 * 60))
    assert tick(database, 24 * 60 + 30) == []


@pytest.mark.usefixtures("released")
def test_after_a_long_outage_the_ladder_resumes_without_a_flood(database: Database) -> None:
    sent = tick(database, 60)
    reminders = [chat for kind, chat in sent if kind == "remind"]
    assert len(reminders) == len(set(reminders))
    lists = [chat for kind, chat in sent if kind == "silent_list"]
    assert len(lists) == len(set(lists))


@pytest.mark.both_databases
@pytest.mark.usefixtures("released")
def test_nothing_is_left_claimed(database: Database) -> None:
    for minutes in (2, 5, 8, 15, 25):
        tick(database, minutes)
    states = database.read(lambda c: c.execute(select(deliveries.c.state)).scalars().all())
    assert set(states) <= {"sent", "dropped"}
