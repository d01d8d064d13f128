"""People whom Telegram does not reach, another bot that is dead, and one who reads English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts import call_store
from alerts.acknowledge import by_button
from alerts.calls import Call, CallState, Reach, Report
from alerts.chase import sweep
from alerts.closing import cancel, close
from alerts.follow_up import report
from alerts.late_reports import climb_reports
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.reach import bot_down, bot_up, lost, reached_again
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import bot_store, people_store
from contacts.bots import Bot, Down
from contacts.people import Contact
from data import audit
from data.database import Connection, Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import groups, people
from tests.roster import (
    BLOCKED_SENDER,
    BOT_ID,
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    ENGLISH_HEAD,
    FLOOD_GROUP,
    GOVERNOR,
    HARD_TO_REACH,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    UNLINKED_DEPUTY,
    UNLINKED_HEAD,
    VILLAGERS,
)

RULES = Rules()
EVERYTHING = dict.fromkeys(Lane, 1000)
TOWN_BOT = 1000000002


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def add_people(c: Connection, rows: Iterable[dict[str, Any]]) -> None:
    c.execute(insert(people), [{**row, "bot_id": BOT_ID} for row in rows])


def go(c: Connection, area: str, by: dict[str, Any], level: Level = Level.RED) -> int:
    person = people_store.person(c, by["id"])
    assert person is not None
    draft = Draft(level, Hazard.RAINSTORM, (area,), "立即转移", headline="暴雨预警")
    return release(c, draft, person, RULES, NOW).alert_id


def send(database: Database, now: datetime, bot_id: int = BOT_ID) -> list[tuple[str, int]]:
    """Everything that may leave does, and arrives; as (kind, chat)."""

    def unit(c: Connection) -> list[tuple[str, int]]:
        taken = claim(c, "test", now, EVERYTHING, bot_id)
        record(c, [_came_of(delivery) for delivery in taken], RULES, now)
        return [(delivery.kind.value, delivery.chat_id) for delivery in taken]

    return database.do(unit)


def _came_of(delivery: Delivery) -> Attempt:
    """It arrives, but at whoever has blocked the bot."""
    if delivery.chat_id != BLOCKED_SENDER["telegram_id"]:
        return Attempt(delivery, Result.SENT, delivery.id)
    return Attempt(delivery, Result.PERMANENT, contact=Contact.BLOCKED.value)


def climb(database: Database, minutes: float) -> list[tuple[str, int]]:
    while database.do(lambda c: sweep(c, RULES, after(minutes))):
        pass
    return send(database, after(minutes))


def call_of(database: Database, row: dict[str, Any], alert_id: int = 1) -> Call:
    found = database.read(lambda c: call_store.call_of(c, alert_id, row["id"]))
    assert found is not None
    return found


@pytest.fixture
def hard(database: Database) -> Database:
    """With the people of 石岘镇; the county's commander is the nearest who can be reached."""
    database.do(lambda c: add_people(c, HARD_TO_REACH))
    return database


@pytest.mark.one_database
def test_whoever_cannot_be_reached_is_told_of_above_at_once(hard: Database) -> None:
    """The second village's head is not linked, has no deputy, and nor is the township."""
    hard.do(lambda c: go(c, OTHER_COUNTY, BLOCKED_SENDER))
    sent = send(hard, NOW)
    assert ("call", ENGLISH_HEAD["telegram_id"]) in sent
    unlinked = call_of(hard, UNLINKED_HEAD)
    assert (unlinked.state, unlinked.reach) == (CallState.WAITING, Reach.UNREACHABLE)
    at_once = climb(hard, 0.1)
    assert at_once == [("silent_list", STRANGER_COMMANDER["telegram_id"])]


@pytest.mark.one_database
def test_an_unreachable_deputy_is_called_in_the_books_and_told_of_above(hard: Database) -> None:
    hard.do(lambda c: go(c, OTHER_COUNTY, BLOCKED_SENDER))
    send(hard, NOW)
    for minutes in (0.1, 2):
        climb(hard, minutes)
    hard.do(lambda c: sweep(c, RULES, after(5)))
    deputy = call_of(hard, UNLINKED_DEPUTY)
    assert (deputy.reach, deputy.stand_in_for) == (
        Reach.UNREACHABLE,
        call_of(hard, ENGLISH_HEAD).id,
    )
    send(hard, after(5))
    # The deputy's own ladder skips ahead: it does not wait for the eighth minute.
    assert climb(hard, 5.1) == [("silent_list", STRANGER_COMMANDER["telegram_id"])]
    assert call_of(hard, UNLINKED_DEPUTY).steps > 0


def test_nobody_above_can_be_reached_so_the_sender_is_told(hard: Database) -> None:
    everybody_above = [
        row["id"] for row in (STRANGER_COMMANDER, CITY_DIRECTOR, CITY_COMMANDER, GOVERNOR)
    ]

    def cut_off(c: Connection) -> None:
        c.execute(update(people).where(people.c.id.in_(everybody_above)).values(contact="blocked"))

    hard.do(cut_off)
    hard.do(lambda c: go(c, OTHER_COUNTY, BLOCKED_SENDER))
    send(hard, NOW)
    assert ("silent_list", BLOCKED_SENDER["telegram_id"]) in climb(hard, 0.1)


def test_an_english_reader_is_told_everything_in_english(hard: Database) -> None:
    account = ENGLISH_HEAD["telegram_id"]
    alert_id = hard.do(lambda c: go(c, OTHER_COUNTY, STRANGER_COMMANDER))
    send(hard, NOW)
    climb(hard, 2)
    mine = call_of(hard, ENGLISH_HEAD).id
    hard.do(lambda c: by_button(c, mine, account, RULES, after(3)))
    send(hard, after(3))
    hard.do(lambda c: climb_reports(c, RULES, after(40)))
    send(hard, after(40))
    by = hard.read(lambda c: people_store.person(c, STRANGER_COMMANDER["id"]))
    assert by is not None
    hard.do(lambda c: cancel(c, alert_id, by, after(41)))
    send(hard, after(41))
    query = select(deliveries.c.kind, deliveries.c.language).where(deliveries.c.chat_id == account)
    told = hard.read(lambda c: c.execute(query).all())
    kinds = {"call", "remind", "over", "answered", "report_due", "cancel"}
    assert {kind for kind, _ in told} == kinds
    assert {language for _, language in told} == {"en"}
    others = select(deliveries.c.language).where(deliveries.c.chat_id != account).distinct()
    assert hard.read(lambda c: c.execute(others).scalars().all()) == ["zh"]


def test_an_english_officer_gets_the_list_and_the_summary_in_english(hard: Database) -> None:
    def english(c: Connection) -> None:
        who = people.c.id == STRANGER_COMMANDER["id"]
        c.execute(update(people).where(who).values(language="en"))

    hard.do(english)
    alert_id = hard.do(lambda c: go(c, OTHER_COUNTY, BLOCKED_SENDER))
    send(hard, NOW)
    climb(hard, 0.1)
    by = hard.read(lambda c: people_store.person(c, STRANGER_COMMANDER["id"]))
    assert by is not None
    hard.do(lambda c: close(c, alert_id, by, "演练结束", after(1)))
    query = select(deliveries.c.kind, deliveries.c.language).where(
        deliveries.c.chat_id == STRANGER_COMMANDER["telegram_id"],
        deliveries.c.kind.in_(["silent_list", "summary"]),
    )
    told = set(hard.read(lambda c: c.execute(query).all()))
    assert told == {("silent_list", "en"), ("summary", "en")}


def test_whoever_is_linked_now_gets_the_open_call_and_nobody_else_does(hard: Database) -> None:
    hard.do(lambda c: go(c, OTHER_COUNTY, STRANGER_COMMANDER))
    send(hard, NOW)

    def link(c: Connection) -> int:
        who = people.c.id == UNLINKED_HEAD["id"]
        c.execute(update(people).where(who).values(telegram_id=77_062))
        return reached_again(c, [UNLINKED_HEAD["id"]], RULES, after(1))

    assert hard.do(link) == 1
    assert send(hard, after(1)) == [("call", 77_062)]
    again = hard.do(lambda c: reached_again(c, [UNLINKED_HEAD["id"]], RULES, after(1)))
    assert again == 0  # it is on its way already
    assert hard.do(lambda c: reached_again(c, [], RULES, after(1))) == 0
    assert hard.do(lambda c: reached_again(c, [ENGLISH_HEAD["id"]], RULES, after(1))) == 0


@pytest.mark.one_database
def test_nothing_is_sent_again_of_a_warning_that_is_over(hard: Database) -> None:
    alert_id = hard.do(lambda c: go(c, OTHER_COUNTY, STRANGER_COMMANDER))
    send(hard, NOW)
    by = hard.read(lambda c: people_store.person(c, STRANGER_COMMANDER["id"]))
    assert by is not None
    hard.do(lambda c: cancel(c, alert_id, by, after(1)))
    send(hard, after(1))

    def link(c: Connection) -> int:
        who = people.c.id == UNLINKED_HEAD["id"]
        c.execute(update(people).where(who).values(telegram_id=77_062))
        return reached_again(c, [UNLINKED_HEAD["id"]], RULES, after(2))

    assert hard.do(link) == 0
    assert send(hard, after(2)) == []


def test_one_who_is_lost_changes_nobody_elses_ladder(hard: Database) -> None:
    hard.do(lambda c: go(c, COUNTY, COUNTY_COMMANDER))
    hard.do(lambda c: go(c, OTHER_COUNTY, STRANGER_COMMANDER))
    send(hard, NOW)
    gone = VILLAGERS[0]["id"]
    query = select(calls).where(calls.c.person_id != gone).order_by(calls.c.id)
    before = hard.read(lambda c: c.execute(query).all())
    hard.do(lambda c: lost(c, gone, Contact.BLOCKED, RULES, after(1)))
    assert hard.read(lambda c: c.execute(query).all()) == before
    assert call_of(hard, VILLAGERS[0]).reach is Reach.UNREACHABLE
    still = hard.read(lambda c: people_store.person(c, VILLAGERS[1]["id"]))
    assert still is not None and still.reachable


def test_a_list_for_the_province_goes_to_the_province(database: Database) -> None:
    """Whoever is silent at a city's own post is the province's to telephone."""
    database.do(lambda c: go(c, CITY, CITY_COMMANDER, Level.ORANGE))
    send(database, NOW)
    lost_at = {CITY_DIRECTOR["id"]: Contact.BLOCKED}
    database.do(lambda c: people_store.set_contact(c, lost_at, NOW))
    database.do(lambda c: lost(c, CITY_DIRECTOR["id"], Contact.BLOCKED, RULES, after(1)))
    assert ("silent_list", GOVERNOR["telegram_id"]) in climb(database, 1)
    query = select(deliveries.c.lane, deliveries.c.place, deliveries.c.params).where(
        deliveries.c.kind == "silent_list",
        deliveries.c.chat_id == GOVERNOR["telegram_id"],
    )
    lane, place, params = database.read(lambda c: c.execute(query).one())
    assert (lane, place) == (Lane.ORANGE, LaneOrder.PROVINCE)
    assert params.get("division", "") == ""  # the whole warning is the province's to look after


def test_a_warning_to_the_province_reaches_each_tier_in_its_place(database: Database) -> None:
    database.do(lambda c: go(c, PROVINCE, GOVERNOR, Level.YELLOW))
    query = select(deliveries.c.person_id, deliveries.c.place).where(deliveries.c.kind == "call")
    places = dict(database.read(lambda c: c.execute(query).all()))
    assert places == {
        CITY_COMMANDER["id"]: LaneOrder.CITY,
        CITY_DIRECTOR["id"]: LaneOrder.CITY,
        COUNTY_COMMANDER["id"]: LaneOrder.COUNTY,
        STRANGER_COMMANDER["id"]: LaneOrder.COUNTY,
        TOWNSHIP_HEAD["id"]: LaneOrder.TOWNSHIP,
        **{row["id"]: LaneOrder.VILLAGE for row in VILLAGERS},
    }


@pytest.fixture
def two_bots(hard: Database) -> Database:
    """The township and its villages have a bot of their own; a red warning has just been sent."""

    def unit(c: Connection) -> None:
        for owners in (people, groups):
            c.execute(update(owners).values(bot_id=None))
        bot_store.configure(c, [Bot(BOT_ID, PROVINCE), Bot(TOWN_BOT, TOWNSHIP)], NOW)
        go(c, COUNTY, COUNTY_COMMANDER)
        go(c, OTHER_COUNTY, STRANGER_COMMANDER)

    hard.do(unit)
    return hard


OF_TOWN = {TOWNSHIP_HEAD["id"], *(row["id"] for row in VILLAGERS)}


def _others(database: Database) -> list[Any]:
    """The calls and what is queued of people whom another bot serves."""
    theirs = select(calls).where(calls.c.person_id.not_in(OF_TOWN)).order_by(calls.c.id)
    queued = select(deliveries).where(deliveries.c.bot_id == BOT_ID).order_by(deliveries.c.id)
    return database.read(lambda c: [c.execute(theirs).all(), c.execute(queued).all()])


def test_a_dead_bot_concerns_its_own_people_only(two_bots: Database) -> None:
    before = _others(two_bots)
    assert two_bots.do(lambda c: bot_down(c, TOWN_BOT, Down.REVOKED, after(1))) == len(OF_TOWN)
    assert _others(two_bots) == before
    query = select(calls.c.reach).where(calls.c.person_id.in_(OF_TOWN))
    assert set(two_bots.read(lambda c: c.execute(query).scalars())) == {"unreachable"}
    assert send(two_bots, after(1), TOWN_BOT) == []  # nothing of theirs waits for a dead bot
    contact = select(people.c.contact).where(people.c.id == ENGLISH_HEAD["id"])
    assert two_bots.read(lambda c: c.execute(contact).scalar_one()) == "ok"
    assert two_bots.do(lambda c: bot_down(c, TOWN_BOT, Down.REVOKED, after(1))) == 0  # once
    assert ("silent_list", COUNTY_DUTY["telegram_id"]) in climb(two_bots, 1)


def test_a_bot_that_speaks_again_calls_those_who_have_not_answered(two_bots: Database) -> None:
    two_bots.do(lambda c: bot_down(c, TOWN_BOT, Down.HALTED, after(1)))
    before = _others(two_bots)
    answered = call_of(two_bots, VILLAGERS[0])
    account = VILLAGERS[0]["telegram_id"]
    two_bots.do(lambda c: by_button(c, answered.id, account, RULES, after(2)))
    assert two_bots.do(lambda c: bot_up(c, TOWN_BOT, RULES, after(3))) == len(OF_TOWN) - 1
    called = {chat for kind, chat in send(two_bots, after(3), TOWN_BOT) if kind == "call"}
    assert called == {10_000 + person for person in OF_TOWN - {VILLAGERS[0]["id"]}}
    assert _others(two_bots) == before
    assert two_bots.do(lambda c: bot_up(c, TOWN_BOT, RULES, after(3))) == 0
    actions = two_bots.read(lambda c: [e["action"] for e in audit.trail(c, f"bot:{TOWN_BOT}")])
    assert actions == ["bot.configured", "bot.down", "bot.up"]


def test_a_group_that_threw_the_bot_out_loses_its_own_messages_only(database: Database) -> None:
    database.do(lambda c: go(c, COUNTY, COUNTY_COMMANDER))

    def unit(c: Connection) -> None:
        taken = claim(c, "test", NOW, {Lane.RED: 1}, BOT_ID)
        assert [delivery.chat_id for delivery in taken] == [FLOOD_GROUP]
        gone = Attempt(taken[0], Result.PERMANENT, contact=Contact.REMOVED.value)
        record(c, [gone], RULES, NOW)

    database.do(unit)
    kinds = {kind for kind, _ in send(database, NOW)}
    assert kinds == {"call", "card"}


def test_help_is_asked_of_those_above_who_are_linked_and_not_of_oneself(hard: Database) -> None:
    """The township's officer and commander are not linked; the sender is told too, once."""
    hard.do(lambda c: go(c, OTHER_COUNTY, STRANGER_COMMANDER))
    send(hard, NOW)
    mine, account = call_of(hard, ENGLISH_HEAD).id, ENGLISH_HEAD["telegram_id"]
    hard.do(lambda c: by_button(c, mine, account, RULES, after(1)))
    send(hard, after(1))
    for minutes, text in ((2, None), (3, "two cars")):
        hard.do(
            lambda c, at=minutes, said=text: report(
                c, mine, account, Report.HELP, after(at), text=said
            )
        )
    told = [chat for kind, chat in send(hard, after(3)) if kind == MessageKind.HELP_WANTED.value]
    assert set(told) == {STRANGER_COMMANDER["telegram_id"]}


@pytest.mark.one_database
def test_who_watches_over_the_township_is_told_and_not_the_county(database: Database) -> None:
    """Nobody of another county hears of it."""
    database.do(lambda c: go(c, COUNTY, COUNTY_COMMANDER))
    send(database, NOW)
    for minutes in (2, 5, 5.5):
        climb(database, minutes)
    lists = {chat for kind, chat in climb(database, 8) if kind == "silent_list"}
    # The township's head is silent too, and those above the head are the county's.
    assert lists == {TOWNSHIP_DUTY["telegram_id"], COUNTY_DUTY["telegram_id"]}
