"""The last that is taken and the first that is not; what is empty; what was done already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts import alert_store, board_store, call_store, progress_store, release_store
from alerts.acknowledge import by_button, call_of_message, open_calls, posted_in_group
from alerts.calls import Call, CallOutcome, Report
from alerts.chase import sweep
from alerts.closing import cancel, close
from alerts.follow_up import (
    LONGEST_TEXT,
    MOST_MOVED,
    FollowUpProblem,
    discharge,
    report,
)
from alerts.instructions import Work, instruction, work_of
from alerts.model import Draft, Hazard, Level, State
from alerts.preview import DraftProblem, preview, whom_of
from alerts.release import confirm, release, withdraw
from alerts.report_facts import report_facts
from alerts.rules import Rules
from alerts.templates import texts
from contacts import people_store
from contacts.divisions.store import load_gazetteer
from contacts.people import Person, Role
from data.database import Connection, Database
from data.errors import InvalidInput
from data.tables.alerts import alerts, call_counts, calls, deliveries
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    FLOOD_GROUP,
    NOW,
    TOWNSHIP_HEAD,
    VILLAGERS,
)
from tests.store.test_chase import RULES, after, call_id, send_all
from tests.store.test_release import DRAFT

pytestmark = pytest.mark.one_database


HEAD = VILLAGERS[0]
ACCOUNT = HEAD["telegram_id"]


def person(c: Connection, row: dict[str, Any]) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


def go(database: Database, draft: Draft = DRAFT, by: dict[str, Any] = COUNTY_COMMANDER) -> int:
    return database.do(lambda c: release(c, draft, person(c, by), RULES, NOW).alert_id)


def add(c: Connection, number: int, state: State, **more: Any) -> None:
    values = {
        "id": number,
        "identifier": f"a{number}",
        "status": "Actual",
        "level": "red",
        "hazard": "rainstorm",
        "headline": "…",
        "description": "…",
        "areas": [COUNTY],
        "state": state.value,
        "sender_id": COUNTY_COMMANDER["id"],
        "created_at": NOW,
        "released_at": NOW,
        "expires_at": after(60),
    }
    c.execute(insert(alerts).values(values | more))


def test_what_ended_lately_is_what_was_released_and_is_over(database: Database) -> None:
    def unit(c: Connection) -> None:
        add(c, 1, State.LIFTED, lifted_at=after(10))
        add(c, 7, State.CLOSED, closed_at=after(10))  # in force still
        add(c, 2, State.CANCELLED, cancelled_at=after(20))
        add(c, 3, State.EXPIRED)
        add(c, 4, State.RELEASED)
        add(c, 5, State.PENDING, released_at=None)
        add(c, 6, State.REFUSED, cancelled_at=after(20))

    database.do(unit)

    def ended(minutes: float) -> list[tuple[int, Any]]:
        found = database.read(lambda c: board_store.ended_since(c, after(minutes)))
        return [(alert.id, at) for alert, at in found]

    assert ended(0) == [(3, after(60)), (2, after(20)), (1, after(10))]
    assert ended(10) == ended(0)  # at its very moment
    assert ended(10.01) == ended(0)[:2]
    assert [alert.id for alert in database.read(board_store.in_force)] == [7, 5, 4]


@pytest.mark.both_databases
def test_a_persons_own_calls_newest_first(database: Database) -> None:
    first, second = go(database), go(database)

    def of(row: dict[str, Any], **more: Any) -> list[tuple[int, int]]:
        found = database.read(lambda c: alert_store.calls_of_person(c, row["id"], **more))
        assert all(call.alert_id == alert.id for call, alert in found)
        return [(call.person_id, alert.id) for call, alert in found]

    assert of(HEAD) == [(HEAD["id"], second), (HEAD["id"], first)]
    assert of(HEAD, limit=1) == [(HEAD["id"], second)]
    assert of(COUNTY_DUTY) == []


def test_the_newest_warnings_in_the_states_that_are_asked_for(database: Database) -> None:
    def unit(c: Connection) -> None:
        for number, state in enumerate((State.RELEASED, State.EXPIRED, State.RELEASED), 1):
            add(c, number, state)

    database.do(unit)

    def found(*states: State, **more: Any) -> list[int]:
        return [a.id for a in database.read(lambda c: alert_store.alerts(c, *states, **more))]

    assert found() == [3, 2, 1]
    assert found(State.RELEASED) == [3, 1]
    assert found(State.RELEASED, State.EXPIRED, limit=2) == [3, 2]
    ids = [1, 3, 99]
    assert set(database.read(lambda c: alert_store.alerts_by_id(c, ids))) == {1, 3}
    assert database.read(lambda c: alert_store.alerts_by_id(c, [])) == {}


def test_the_eleventh_warning_of_one_second_is_of_the_next(database: Database) -> None:
    numbers = [go(database, replace(DRAFT, level=Level.BLUE)) for _ in range(11)]
    found = database.read(lambda c: alert_store.alerts_by_id(c, numbers))
    identifiers = [found[number].identifier for number in numbers]
    stem = "22240341600100_20260702030000_"
    assert identifiers == [*(f"{stem}{n}" for n in range(10)), "22240341600100_20260702030001_0"]
    other = go(database, replace(DRAFT, hazard=Hazard.FOREST_FIRE, level=Level.BLUE))
    fire = database.read(lambda c: alert_store.alert(c, other))
    assert fire is not None and fire.identifier == "22240341700100_20260702030000_0"


def test_what_a_typed_answer_may_mean(database: Database) -> None:
    """Open calls of warnings in force or closed; the one that was replied to, where it is one."""
    first, second, gone = go(database), go(database), go(database)
    send_all(database, NOW)
    by = database.read(lambda c: person(c, COUNTY_COMMANDER))
    database.do(lambda c: cancel(c, gone, by, after(1)))
    found = database.read(lambda c: open_calls(c, ACCOUNT))
    assert [alert.id for _, alert in found] == [second, first]
    wanted = found[1][0]
    assert wanted.message_id is not None
    others = [pair for pair in found if pair[0].message_id == wanted.message_id]
    mine = others[0][0].person_id
    meant = database.read(lambda c: call_of_message(c, mine, ACCOUNT, wanted.message_id or 0))
    assert meant is not None and meant[0] == wanted
    assert database.read(lambda c: call_of_message(c, mine, ACCOUNT, 4_711)) is None
    posted = database.read(lambda c: posted_in_group(c, found, FLOOD_GROUP))
    assert posted == found
    assert database.read(lambda c: posted_in_group(c, found, -99)) == []
    state = update(alerts).where(alerts.c.id == first).values(state="expired")
    database.do(lambda c: c.execute(state))
    found = database.read(lambda c: open_calls(c, ACCOUNT))
    assert [alert.id for _, alert in found] == [second]


NUMBERS = [
    ({"households": 0, "persons": 0}, None),
    ({"households": MOST_MOVED, "persons": MOST_MOVED}, None),
    ({"text": "字" * LONGEST_TEXT}, None),
    ({"households": -1}, FollowUpProblem.IMPLAUSIBLE_NUMBER),
    ({"persons": MOST_MOVED + 1}, FollowUpProblem.IMPLAUSIBLE_NUMBER),
    ({"text": "字" * (LONGEST_TEXT + 1)}, FollowUpProblem.TEXT_TOO_LONG),
]


@pytest.mark.parametrize(("given", "problem"), NUMBERS)
def test_a_report_of_what_somebody_can_mean(
    database: Database, given: dict[str, Any], problem: FollowUpProblem | None
) -> None:
    go(database)
    mine = call_id(database, HEAD)
    database.do(lambda c: by_button(c, mine, ACCOUNT, RULES, after(1)))

    def unit(c: Connection) -> Call:
        result = report(c, mine, ACCOUNT, Report.MOVED, after(2), sure=True, **given)
        assert result.outcome is CallOutcome.RECORDED
        return result.call

    if problem is not None:
        with pytest.raises(InvalidInput) as refused:
            database.do(unit)
        assert refused.value.code is problem
        return
    call = database.do(unit)
    assert (call.households, call.persons, call.report_text) == (
        given.get("households"),
        given.get("persons"),
        given.get("text"),
    )
    again = database.do(lambda c: report(c, mine, ACCOUNT, Report.MOVED, after(3), **given))
    assert (again.outcome, again.call.reported_at) == (CallOutcome.ALREADY, after(2))


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("  ", FollowUpProblem.NO_REASON),
        ("字" * (LONGEST_TEXT + 1), FollowUpProblem.TEXT_TOO_LONG),
        (" 已搬走 ", None),
    ],
)
def test_nobody_is_taken_off_the_list_without_a_reason(
    database: Database, reason: str, problem: FollowUpProblem | None
) -> None:
    go(database)
    mine, account = call_id(database, HEAD), COUNTY_DUTY["telegram_id"]
    if problem is not None:
        with pytest.raises(InvalidInput) as refused:
            database.do(lambda c: discharge(c, mine, account, reason, after(1)))
        assert refused.value.code is problem
        return
    result = database.do(lambda c: discharge(c, mine, account, reason, after(1)))
    assert (result.call.discharge_reason, result.call.discharged_by) == ("已搬走", 5)
    query = select(calls.c.id).where(calls.c.state == "discharged")
    assert database.read(lambda c: list(c.execute(query).scalars())) == [mine]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"text": "字" * RULES.max_text}, None),
        ({"text": f" {'字' * RULES.max_text} "}, None),
        ({"text": "字" * (RULES.max_text + 1)}, DraftProblem.TEXT_TOO_LONG),
        ({"text": " "}, DraftProblem.NO_TEXT),
        ({"areas": ()}, DraftProblem.NO_AREA),
        ({"areas": (COUNTY, "999999999999")}, DraftProblem.UNKNOWN_AREA),
    ],
)
def test_what_can_be_released(
    database: Database, change: dict[str, Any], problem: DraftProblem | None
) -> None:
    draft = replace(DRAFT, **change)

    def look(c: Connection) -> Any:
        return preview(c, draft, person(c, COUNTY_COMMANDER), RULES)

    if problem is not None:
        with pytest.raises(InvalidInput) as refused:
            database.read(look)
        assert refused.value.code is problem
        return
    found = database.read(look)
    assert (found.persons, found.reachable, found.groups, found.second_person) == (4, 4, 1, False)


def test_an_audience_is_more_than_so_many_or_not(database: Database) -> None:
    whom = database.read(lambda c: whom_of(c, DRAFT, RULES))
    persons = database.read(lambda c: preview(c, DRAFT, person(c, COUNTY_COMMANDER), RULES)).persons
    more = release_store.more_than
    assert database.read(lambda c: more(c, whom, persons))  # the sender besides
    assert not database.read(lambda c: more(c, whom, persons + 1))
    assert not database.read(lambda c: more(c, whom, 10_000))


@pytest.mark.parametrize("by", [CITY_COMMANDER, CITY_DIRECTOR])
def test_who_withdraws_is_in_the_books_and_the_sender_told_by_another_only(
    database: Database, by: dict[str, Any]
) -> None:
    alert_id = go(database, replace(DRAFT, areas=(CITY,)), CITY_COMMANDER)
    database.do(lambda c: withdraw(c, alert_id, person(c, by), after(1)))
    alert = database.read(lambda c: alert_store.alert(c, alert_id))
    assert alert is not None
    assert (alert.state, alert.cancelled_by, alert.cancelled_at) == (
        State.REFUSED,
        by["id"],
        after(1),
    )
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == "released")
    told = database.read(lambda c: list(c.execute(query).scalars()))
    assert told == ([] if by is CITY_COMMANDER else [CITY_COMMANDER["telegram_id"]])


def test_both_who_released_get_the_card_and_the_summary(database: Database) -> None:
    alert_id = go(database, replace(DRAFT, areas=(CITY,)), CITY_COMMANDER)
    database.do(lambda c: confirm(c, alert_id, person(c, CITY_DIRECTOR), RULES, after(1)))

    def told(kind: str) -> set[int]:
        query = select(deliveries.c.chat_id).where(deliveries.c.kind == kind)
        return database.read(lambda c: set(c.execute(query).scalars()))

    both = {CITY_COMMANDER["telegram_id"], CITY_DIRECTOR["telegram_id"]}
    assert told("card") == both
    assert told("confirm") == {CITY_DIRECTOR["telegram_id"], 10_001}
    database.do(lambda c: close(c, alert_id, person(c, CITY_COMMANDER), "结束", after(2)))
    assert told("summary") == both
    alert = database.read(lambda c: alert_store.alert(c, alert_id))
    assert alert is not None
    assert (alert.closed_at, alert.closed_by, alert.close_reason) == (after(2), 2, "结束")


def test_an_own_release_is_told_to_its_sender_once(database: Database) -> None:
    go(database)
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == "card")
    told = database.read(lambda c: list(c.execute(query).scalars()))
    assert told == [COUNTY_COMMANDER["telegram_id"]]


@pytest.mark.both_databases
def test_numbers_that_are_wrong_are_found_and_put_right_where_they_are(database: Database) -> None:
    mended, other = go(database), go(database)
    village = VILLAGERS[1]["division_code"]
    of_village = update(call_counts).where(
        call_counts.c.alert_id == mended, call_counts.c.division_code == village
    )
    assert database.read(progress_store.wrong) == []
    assert not database.do(lambda c: progress_store.recount(c, mended, after(1)))
    call = database.read(lambda c: call_store.call_of(c, mended, HEAD["id"]))
    assert call is not None
    mine = call.id
    database.do(lambda c: by_button(c, mine, ACCOUNT, RULES, after(1)))
    database.do(lambda c: report(c, mine, ACCOUNT, Report.MOVED, after(2), households=3, persons=9))
    before = database.read(lambda c: progress_store.of_divisions(c, mended, [""])[""])
    database.do(lambda c: c.execute(of_village.values(waiting=7)))
    assert database.read(progress_store.wrong) == [mended]
    found = database.read(lambda c: progress_store.differing(c, mended))
    assert found == {village}
    assert database.read(lambda c: progress_store.differing(c, other)) == set()
    rows = select(call_counts).where(call_counts.c.alert_id == other)
    untouched = database.read(lambda c: c.execute(rows).all())
    assert database.do(lambda c: progress_store.recount(c, mended, after(3)))
    assert database.read(progress_store.wrong) == []
    assert database.read(lambda c: progress_store.of_divisions(c, mended, [""])[""]) == before
    assert (before.calls, before.waiting, before.households, before.persons) == (4, 3, 3, 9)
    assert database.read(lambda c: c.execute(rows).all()) == untouched


def test_of_a_warning_that_is_over_no_numbers_are_compared(database: Database) -> None:
    alert_id = go(database)
    wrong = update(call_counts).where(call_counts.c.alert_id == alert_id).values(waiting=7)
    database.do(lambda c: c.execute(wrong))
    assert database.read(progress_store.wrong) == [alert_id]
    over = update(alerts).where(alerts.c.id == alert_id).values(state="expired")
    database.do(lambda c: c.execute(over))
    assert database.read(progress_store.wrong) == []


def test_numbers_are_asked_of_a_division_and_of_those_above_it(database: Database) -> None:
    alert_id = go(database)
    codes = ["", COUNTY, TOWNSHIP_HEAD["division_code"], HEAD["division_code"], CITY]
    found = database.read(lambda c: progress_store.of_divisions(c, alert_id, codes))
    assert [found[code].calls for code in codes] == [4, 4, 4, 1, 4]
    assert database.read(lambda c: progress_store.of_divisions(c, alert_id, [])) == {}
    other = database.read(lambda c: progress_store.of_divisions(c, alert_id + 1, codes))
    assert {progress.calls for progress in other.values()} == {0}


def test_the_report_names_who_did_it_and_nobody_for_what_jiaoying_did(database: Database) -> None:
    """The province's commander has the number 1, and has nothing to do with either."""
    alert_id = go(database)
    send_all(database, NOW)
    mine = call_id(database, HEAD)
    database.do(lambda c: by_button(c, mine, ACCOUNT, RULES, after(1)))
    while database.do(lambda c: sweep(c, RULES, after(2))):
        pass
    gazetteer = database.read(load_gazetteer)
    facts = database.read(lambda c: report_facts(c, alert_id, gazetteer))
    by = {line.action: line.actor for line in facts.trail}
    assert by == {
        "alert.released": COUNTY_COMMANDER["name"],
        "call.acknowledged": HEAD["name"],
        "call.reminded": "",
    }
    assert (facts.sender, facts.confirmed_by) == (COUNTY_COMMANDER["name"], "")
    seconds = {line.call.person_id: line.seconds for line in facts.calls}
    assert seconds.pop(HEAD["id"]) == 60
    assert set(seconds.values()) == {None}


# -- words: what is written for whom -----------------------------------------------------------


@pytest.mark.parametrize(
    ("hazard", "level", "order"),
    [
        (Hazard.RAINSTORM, Level.RED, "立即转移危险区"),
        (Hazard.RESERVOIR, Level.ORANGE, "危险区老弱"),
        (Hazard.WATERLOGGING, Level.RED, "立即关停下穿通道"),
        (Hazard.TYPHOON, Level.RED, "立即停止户外作业"),
        (Hazard.THUNDERSTORM_GALE, Level.BLUE, "请留意天气变化"),
        (Hazard.FOREST_FIRE_DANGER, Level.RED, "严禁一切野外用火"),
        (Hazard.FOREST_FIRE, Level.RED, "立即转移受威胁群众"),
        (Hazard.FOREST_FIRE, Level.YELLOW, "封住进山路口"),
    ],
)
def test_the_order_is_that_of_the_hazard(hazard: Hazard, level: Level, order: str) -> None:
    assert texts(hazard, level)[2].startswith(order)


@pytest.mark.parametrize(
    ("level", "situation"),
    [
        (Level.RED, "发生森林火灾"),
        (Level.ORANGE, "发生森林火灾"),
        (Level.YELLOW, "附近发现林火"),
        (Level.BLUE, "附近发现林火"),
    ],
)
def test_the_situation_is_as_grave_as_its_level(level: Level, situation: str) -> None:
    assert texts(Hazard.FOREST_FIRE, level)[0].startswith(situation)
    assert texts(Hazard.FOREST_FIRE, Level.RED)[1].endswith("火情报 12119。")
    assert texts(Hazard.RAINSTORM, Level.RED)[1].endswith("未接通知不得返回。")


WORKS = {
    Role.COMMANDER: Work.COMMAND,
    Role.DIRECTOR: Work.COMMAND,
    Role.DEPUTY_DIRECTOR: Work.COMMAND,
    Role.FLOOD_OFFICE_HEAD: Work.OFFICE,
    Role.FIRE_OFFICE_HEAD: Work.OFFICE,
    Role.DUTY_OFFICER: Work.OFFICE,
    Role.STAFF: Work.OFFICE,
    Role.VILLAGE_RESPONSIBLE: Work.VILLAGE,
    Role.RANGER: Work.RANGER,
    Role.LOOKOUT: Work.LOOKOUT,
    Role.CHECKPOINT: Work.CHECKPOINT,
}


def test_each_post_has_its_work() -> None:
    assert {role: work_of(role) for role in WORKS} == WORKS
    assert work_of(None) is work_of("no such post") is Work.VILLAGE


@pytest.mark.parametrize(
    ("hazard", "role", "first"),
    [
        (Hazard.RAINSTORM, Role.VILLAGE_RESPONSIBLE, "马上逐户叫醒危险区"),
        (Hazard.FOREST_FIRE, Role.VILLAGE_RESPONSIBLE, "马上转移下风向"),
        (Hazard.FOREST_FIRE_DANGER, Role.VILLAGE_RESPONSIBLE, "全村禁火"),
        (Hazard.RAINSTORM, Role.COMMANDER, "到岗指挥，盯住未回应的村，"),
        (Hazard.FOREST_FIRE, Role.COMMANDER, "到岗指挥，盯住未回应的村和巡护员"),
    ],
)
def test_each_post_is_told_what_the_hazard_asks(hazard: Hazard, role: Role, first: str) -> None:
    assert instruction(hazard, Level.RED, role)[0].startswith(first)


def test_of_an_exercise_one_person_decides() -> None:
    rules, draft = Rules(), replace(DRAFT, areas=(CITY,))
    assert rules.needs_second_person(draft)
    assert not rules.needs_second_person(replace(draft, exercise=True))
    assert not rules.needs_second_person(replace(draft, level=Level.ORANGE))
    assert not rules.needs_second_person(replace(draft, areas=(COUNTY,)))
    assert rules.needs_second_person(replace(draft, areas=(COUNTY, CITY)))
