"""One person, several posts: one call for all of them, counted in each division and never twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from alerts import (
    alert_store,
    call_post_store,
    call_store,
    help_store,
    ladder_store,
    progress_store,
    report_store,
    silent_store,
    stand_in_store,
    uncalled_store,
)
from alerts.acknowledge import by_button, by_proxy
from alerts.board_store import counts as board_counts
from alerts.board_store import silent as silent_on_board
from alerts.calls import CallOutcome, CallState, Proxy, Report
from alerts.chase import sweep
from alerts.follow_up import report
from alerts.ledger import ledger_rows, ledger_sums
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.preview import DraftProblem
from alerts.release import release
from alerts.report import by_division, total
from alerts.report_facts import report_facts
from alerts.reports import latest_of_each
from alerts.rules import Rules
from alerts.sending import claim, record
from bot.views.clock import BEIJING
from bot.views.report.lines import call_rows, report_rows
from contacts import people_store
from contacts.coverage_store import coverage, readiness
from contacts.divisions.codes import Tier, code_range, contains
from contacts.divisions.gazetteer import Gazetteer
from contacts.duty_store import commanders_of, officers_above
from contacts.people import Post, Role
from data.database import Database
from data.errors import InvalidInput, NotFound
from data.tables.alerts import call_counts, call_posts, calls, deliveries, reports
from data.tables.contacts import people, places, posts
from tests.roster import (
    BOT_ID,
    CITY,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    RANGER,
    STAND_IN,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
    person,
)

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
OTHER_TOWNSHIP = "222403102000"
OTHER_VILLAGE = "222403102200"
IS_HEAD = people.c.id == VILLAGERS[0]["id"]
RECORDED, ALREADY = CallOutcome.RECORDED, CallOutcome.ALREADY


def hold(database: Database, row: dict[str, Any], code: str, role: Role, **more: Any) -> None:
    """The person holds one more post."""
    values = {"person_id": row["id"], "division_code": code, "role": role.value, **more}
    database.do(lambda c: c.execute(insert(posts).values(values)))


def released(
    database: Database, draft: Draft = DRAFT, by: dict[str, Any] = COUNTY_COMMANDER
) -> int:
    def unit(connection: Connection) -> int:
        sender = people_store.person(connection, by["id"])
        assert sender is not None
        return release(connection, draft, sender, RULES, NOW).alert_id

    return database.do(unit)


def call_of(database: Database, alert_id: int, row: dict[str, Any]) -> Any:
    return database.read(lambda c: call_store.call_of(c, alert_id, row["id"]))


def answer(database: Database, call_id: int, row: dict[str, Any]) -> None:
    database.do(lambda c: by_button(c, call_id, row["telegram_id"], RULES, NOW))


def numbers(database: Database, alert_id: int, code: str) -> tuple[int, int]:
    """How many persons of the division are called, and how many have answered."""
    found = database.read(lambda c: progress_store.of_divisions(c, alert_id, [code]))[code]
    return found.calls, found.answered


@pytest.mark.one_database
def test_one_call_for_three_villages_is_counted_in_each_and_once_above(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, VILLAGES[1], Role.VILLAGE_RESPONSIBLE)
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    assert numbers(database, alert_id, "") == (4, 0)
    for code in (VILLAGES[0], VILLAGES[2], OTHER_VILLAGE, OTHER_TOWNSHIP):
        assert numbers(database, alert_id, code) == (1, 0), code
    assert numbers(database, alert_id, VILLAGES[1]) == (2, 0)
    assert numbers(database, alert_id, TOWNSHIP) == (4, 0)
    assert numbers(database, alert_id, COUNTY) == (4, 0)

    answer(database, call_of(database, alert_id, head).id, head)
    assert numbers(database, alert_id, OTHER_VILLAGE) == (1, 1)
    assert numbers(database, alert_id, VILLAGES[1]) == (2, 1)
    assert numbers(database, alert_id, TOWNSHIP) == (4, 1)
    assert numbers(database, alert_id, COUNTY) == (4, 1)
    assert database.read(progress_store.wrong) == []


@pytest.mark.one_database
def test_one_silent_person_with_two_posts_is_no_list_of_places(database: Database) -> None:
    head, *others = VILLAGERS
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)

    def counted() -> silent_store.Counted:
        return database.read(lambda c: silent_store.counted(c, alert_id, "", Tier.VILLAGE, NOW))

    assert counted().several_places
    for row in (*others, TOWNSHIP_HEAD):
        answer(database, call_of(database, alert_id, row).id, row)
    assert counted() == (1, 0, 1, False)


@pytest.mark.one_database
def test_two_posts_in_one_division_are_one_and_listed_once(database: Database) -> None:
    hold(database, VILLAGERS[0], VILLAGES[0], Role.GRID_WORKER)
    alert_id = released(database)
    assert numbers(database, alert_id, VILLAGES[0]) == (1, 0)
    silent = database.read(lambda c: call_store.silent(c, alert_id, *code_range(TOWNSHIP)))
    assert sorted(call.person_id for call in silent) == [7, 10, 11, 12]


@pytest.mark.one_database
def test_whoever_is_called_only_for_a_further_post_has_one_call_in_it(database: Database) -> None:
    # A duty officer of the township is not called in a flood; for two villages of his own he is.
    hold(database, TOWNSHIP_DUTY, VILLAGES[1], Role.EVACUATION)
    hold(database, TOWNSHIP_DUTY, VILLAGES[2], Role.EVACUATION)
    alert_id = released(database)
    call = call_of(database, alert_id, TOWNSHIP_DUTY)
    assert (call.division_code, call.role) == (VILLAGES[1], "evacuation_responsible")
    rows = database.read(lambda c: call_post_store.offices_of(c, [call]))
    assert rows == {call.id: [((VILLAGES[2], Role.EVACUATION, ""), 1)]}


def test_the_first_in_rank_of_a_post_is_called_whichever_post_of_theirs_it_is(
    database: Database,
) -> None:
    # Of the village's rangers the one with rank 2 is not called; as somebody's second post neither.
    hold(database, VILLAGERS[2], VILLAGES[1], Role.RANGER, rank=2)
    fire = Draft(Level.ORANGE, Hazard.FOREST_FIRE, (VILLAGES[1],), "禁火", headline="火险")
    alert_id = released(database, fire)
    assert call_of(database, alert_id, VILLAGERS[2]) is None
    # When the first is gone, they are.
    gone = update(people).where(people.c.id == RANGER["id"]).values(active=False)
    database.do(lambda c: c.execute(gone))
    again = released(database, fire)
    assert call_of(database, again, VILLAGERS[2]).division_code == VILLAGES[1]


def test_a_better_second_post_of_somebody_comes_before(database: Database) -> None:
    changed = update(people).where(people.c.id == VILLAGERS[1]["id"]).values(rank=2)
    database.do(lambda c: c.execute(changed))
    hold(database, VILLAGERS[0], VILLAGES[1], Role.VILLAGE_RESPONSIBLE, rank=1)
    alert_id = released(database)
    assert call_of(database, alert_id, VILLAGERS[1]) is None
    assert numbers(database, alert_id, VILLAGES[1]) == (1, 0)


@pytest.mark.one_database
def test_a_village_that_only_a_further_post_answers_for_is_not_uncalled(database: Database) -> None:
    before = released(database)
    without = database.read(lambda c: uncalled_store.villages(c, before))
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    assert database.read(lambda c: uncalled_store.villages(c, alert_id)) == without - 1


def test_the_silent_of_both_townships_hold_whoever_has_posts_in_both(database: Database) -> None:
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    there = code_range(OTHER_TOWNSHIP)
    assert database.read(lambda c: call_store.count_silent(c, alert_id, *there)) == 1
    listed = database.read(lambda c: call_store.silent(c, alert_id, *there))
    assert [call.person_id for call in listed] == [VILLAGERS[0]["id"]]
    on_board = database.read(lambda c: silent_on_board(c, alert_id, OTHER_TOWNSHIP, 10))
    assert [found.id for _, found in on_board] == [VILLAGERS[0]["id"]]
    counted = database.read(lambda c: board_counts(c, [alert_id], COUNTY, Tier.TOWNSHIP))
    assert sum(count.calls for count in counted) == 4


def test_stand_ins_of_every_post_are_called_when_one_person_is_silent(database: Database) -> None:
    other_deputy = person(50, "副村长乙", OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE, rank=2)
    database.do(lambda c: c.execute(insert(people).values(other_deputy)))
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    taken = database.do(lambda c: claim(c, "test", NOW, dict.fromkeys(Lane, 1000), BOT_ID))
    sent = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
    database.do(lambda c: record(c, sent, RULES, NOW))
    at = NOW + timedelta(minutes=6)
    while database.do(lambda c: sweep(c, RULES, at)):
        continue
    called = set(database.read(lambda c: c.execute(select(calls.c.person_id)).scalars()))
    assert {STAND_IN["id"], other_deputy["id"]} <= called
    assert alert_id


def silent_for_six_minutes(database: Database) -> None:
    """All calls have arrived, and nobody answers; the first steps are taken."""
    deliver(database, NOW)
    at = NOW + timedelta(minutes=6)
    while database.do(lambda c: sweep(c, RULES, at)):
        continue


def deliver(database: Database, at: Any) -> list[Any]:
    taken = database.do(lambda c: claim(c, "test", at, dict.fromkeys(Lane, 1000), BOT_ID))
    sent = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
    database.do(lambda c: record(c, sent, RULES, at))
    return taken


def test_a_deputy_with_a_call_of_their_own_is_told_to_stand_in_too(database: Database) -> None:
    # The deputy of village 0 is the head of another village, too: one call, for that one.
    hold(database, STAND_IN, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    own, silent = (call_of(database, alert_id, row) for row in (STAND_IN, VILLAGERS[0]))
    assert own.division_code == OTHER_VILLAGE and own.stand_in_for is None
    answer(database, own.id, STAND_IN)
    silent_for_six_minutes(database)
    at = NOW + timedelta(minutes=6)
    too = [found for found in deliver(database, at) if found.kind is MessageKind.STAND_IN_TOO]
    assert [(found.person_id, found.call_id) for found in too] == [(STAND_IN["id"], own.id)]
    assert too[0].params == {"silent": silent.id}

    # The head answers after all: the deputy reads that nobody has to stand in; once.
    answer(database, silent.id, VILLAGERS[0])
    over = [found for found in deliver(database, at) if found.kind is MessageKind.STAND_IN_TOO]
    assert [(found.person_id, found.params) for found in over] == [
        (STAND_IN["id"], {"silent": silent.id, "over": True})
    ]
    assert call_of(database, alert_id, STAND_IN).answered


def test_calls_of_stand_ins_are_counted_apart(database: Database) -> None:
    alert_id = released(database)
    seen = database.read(lambda c: stand_in_store.count_stand_ins(c, alert_id))
    silent_for_six_minutes(database)
    calls_now = numbers(database, alert_id, "")[0]
    assert (seen, calls_now) == (0, 5)
    assert database.read(lambda c: stand_in_store.count_stand_ins(c, alert_id)) == 1
    low, high = code_range(OTHER_TOWNSHIP)
    assert database.read(lambda c: stand_in_store.count_stand_ins(c, alert_id, low, high)) == 0


def test_a_post_that_answers_for_other_hazards_is_not_called(database: Database) -> None:
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.HAZARD_OBSERVER, hazards="geological")
    rain = released(database)
    assert numbers(database, rain, OTHER_VILLAGE) == (0, 0)
    slope = Draft(Level.RED, Hazard.GEOLOGICAL, (COUNTY,), "转移", headline="地质灾害红色预警")
    assert numbers(database, released(database, slope), OTHER_VILLAGE) == (1, 0)


@pytest.mark.one_database
def test_no_reservoir_is_called_for_a_cold_wave(database: Database) -> None:
    row = {"code": "R1", "kind": "reservoir", "name": "红旗水库", "division_code": OTHER_VILLAGE}
    database.do(lambda c: c.execute(insert(places).values(row)))
    hold(database, RANGER, OTHER_VILLAGE, Role.RESERVOIR_INSPECTOR, place_code="R1")
    cold = Draft(Level.YELLOW, Hazard.COLD_WAVE, (COUNTY,), "防寒", headline="寒潮黄色预警")
    assert call_of(database, released(database, cold), RANGER) is None
    call = call_of(database, released(database), RANGER)
    assert (call.division_code, call.place_code) == (OTHER_VILLAGE, "R1")


def test_rights_and_duty_come_from_every_post(database: Database) -> None:
    hold(database, TOWNSHIP_DUTY, OTHER_TOWNSHIP, Role.COMMANDER)
    hold(database, VILLAGERS[0], OTHER_TOWNSHIP, Role.DUTY_OFFICER)
    found = database.read(lambda c: commanders_of(c, [OTHER_VILLAGE]))
    chief = next(found_one for found_one in found if found_one.id == TOWNSHIP_DUTY["id"])
    assert (chief.division_code, chief.role) == (OTHER_TOWNSHIP, Role.COMMANDER)
    above = database.read(lambda c: officers_above(c, OTHER_VILLAGE, NOW))
    assert [officer.id for officer in above] == [VILLAGERS[0]["id"]]


def test_people_are_found_by_each_of_their_posts_and_once(database: Database) -> None:
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.RANGER, title="村书记", rank=2)
    there = database.read(lambda c: people_store.people_of(c, OTHER_VILLAGE))
    assert [(one.id, one.role, one.title) for one in there] == [(10, Role.RANGER, "村书记")]
    assert there[0].others == (Post(VILLAGES[0], Role.VILLAGE_RESPONSIBLE),)
    within = database.read(lambda c: people_store.people_within(c, COUNTY))
    assert [one.id for one in within].count(10) == 1
    rangers = database.read(lambda c: people_store.holders(c, [Role.RANGER], [COUNTY]))
    assert [one.id for one in rangers] == [RANGER["id"], 10]
    by_name = database.read(lambda c: people_store.search_people(c, "村长0", [OTHER_TOWNSHIP]))
    assert {one.id for one in by_name} == {10}


def test_coverage_counts_villages_by_all_posts_and_persons_once(database: Database) -> None:
    before = database.read(readiness)
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    after = database.read(readiness)
    assert (after.persons, after.linked) == (before.persons, before.linked)
    assert after.coverage.covered == before.coverage.covered + 1
    gaps = {gap.code for gap in database.read(lambda c: coverage(c, OTHER_TOWNSHIP)).gaps}
    assert OTHER_VILLAGE not in gaps


def test_numbers_of_every_division_are_those_of_the_persons_in_it(database: Database) -> None:
    """Against counting by hand: random posts, random answers, one after the other."""
    dice = random.Random(7)
    villages = [f"2224031{t:02}{v:03}" for t in (1, 2, 3) for v in (200, 201, 202)]
    where = [*villages, TOWNSHIP, OTHER_TOWNSHIP, COUNTY, "222402101200", OTHER_COUNTY]
    rows = [
        person(100 + n, f"人{n}", dice.choice(where), Role.VILLAGE_RESPONSIBLE, linked=n % 5 != 0)
        for n in range(40)
    ]
    held: dict[int, set[str]] = {row["id"]: {row["division_code"]} for row in rows}
    more = []
    for row in rows:
        for code in dice.sample(where, dice.choice([0, 0, 1, 2, 4])):
            if code not in held[row["id"]]:
                held[row["id"]].add(code)
                more.append(
                    {"person_id": row["id"], "division_code": code, "role": "village_responsible"}
                )
    database.do(lambda c: c.execute(insert(people), rows))
    database.do(lambda c: c.execute(insert(posts), more))
    draft = Draft(Level.ORANGE, Hazard.RAINSTORM, (CITY,), "转移", headline="暴雨橙色预警")
    alert_id = released(database, draft, by={"id": 1})
    made = {
        call.person_id: call
        for call, _, _ in database.read(lambda c: call_store.all_calls(c, alert_id))
    }
    assert set(held) <= set(made)
    held |= {who: {call.division_code} for who, call in made.items() if who not in held}
    order = list(rows)
    dice.shuffle(order)
    answered: set[int] = set()
    for row in order[:25]:
        how = dice.choice([CallState.ACKNOWLEDGED, CallState.DISCHARGED])
        values = {"state": how.value, "answered_at": NOW}
        changed = update(calls).where(calls.c.id == made[row["id"]].id).values(values)
        database.do(lambda c, changed=changed: c.execute(changed))
        if how is CallState.ACKNOWLEDGED:
            answered.add(row["id"])
    codes = [*where, CITY, PROVINCE, "222403103000", ""]
    found = database.read(lambda c: progress_store.of_divisions(c, alert_id, codes))
    for code in codes:
        inside = {who for who in made if not code or any(contains(code, at) for at in held[who])}
        assert found[code].calls == len(inside), code
        assert found[code].answered == len(inside & answered), code
    rows_of_counties = database.read(lambda c: progress_store.counts(c, alert_id, tier=Tier.COUNTY))
    assert total(rows_of_counties).calls == len(made)
    for code, counted in by_division(rows_of_counties, Tier.COUNTY).items():
        assert counted.calls >= 0 and len(code) == 12
    assert database.read(progress_store.wrong) == []


def test_numbers_follow_when_calls_are_deleted_or_recounted(database: Database) -> None:
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    database.do(lambda c: c.execute(update(call_counts).values(waiting=9)))
    assert database.do(lambda c: progress_store.recount(c, alert_id, NOW))
    assert numbers(database, alert_id, COUNTY) == (4, 0)
    assert numbers(database, alert_id, OTHER_TOWNSHIP) == (1, 0)
    database.do(lambda c: c.execute(calls.delete().where(calls.c.person_id == VILLAGERS[0]["id"])))
    assert numbers(database, alert_id, COUNTY) == (3, 0)
    assert numbers(database, alert_id, OTHER_TOWNSHIP) == (0, 0)
    left = select(func.count()).select_from(call_posts)
    assert database.read(lambda c: c.execute(left).scalar_one()) == 0


def test_places_are_called_with_their_division_by_kind_and_alone(database: Database) -> None:
    rows = [
        {"code": "R1", "kind": "reservoir", "name": "红旗水库", "division_code": OTHER_VILLAGE},
        {"code": "R2", "kind": "reservoir", "name": "东风水库", "division_code": VILLAGES[2]},
        {"code": "S1", "kind": "school", "name": "一小", "division_code": VILLAGES[2]},
    ]
    database.do(lambda c: c.execute(insert(places), rows))
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.RESERVOIR_HEAD, place_code="R1")
    hold(database, VILLAGERS[1], VILLAGES[2], Role.RESERVOIR_ENGINEER, place_code="R2")
    hold(database, RANGER, VILLAGES[2], Role.PLACE_RESPONSIBLE, place_code="S1")

    def called(areas: tuple[str, ...], *wanted: str) -> dict[int, str]:
        draft = Draft(
            Level.RED, Hazard.RESERVOIR, areas, "查险", headline="水库险情", places=wanted
        )
        alert_id = released(database, draft)
        query = select(calls.c.person_id, calls.c.place_code).where(calls.c.alert_id == alert_id)
        return {
            row.person_id: row.place_code for row in database.read(lambda c: c.execute(query).all())
        }

    assert set(called((COUNTY,))) == {7, 10, 11, 12, RANGER["id"]}
    assert called((COUNTY,), "reservoir") == {10: "R1", 11: "R2"}
    assert called((COUNTY,), "R2") == {11: "R2"}
    assert called((COUNTY,), "R1", "school") == {10: "R1", RANGER["id"]: "S1"}
    # A place outside the areas is none that the sender has named.
    with pytest.raises(InvalidInput):
        called((VILLAGES[2],), "R1")
    with pytest.raises(InvalidInput) as refused:
        called((COUNTY,), "R9")
    assert refused.value.code is DraftProblem.UNKNOWN_PLACE


@pytest.mark.one_database
def test_a_warning_to_places_leaves_out_no_village(database: Database) -> None:
    row = {"code": "R1", "kind": "reservoir", "name": "红旗水库", "division_code": OTHER_VILLAGE}
    database.do(lambda c: c.execute(insert(places).values(row)))
    hold(database, VILLAGERS[0], OTHER_VILLAGE, Role.RESERVOIR_HEAD, place_code="R1")
    draft = Draft(Level.RED, Hazard.RESERVOIR, (COUNTY,), "查险", headline="险", places=("R1",))
    alert_id = released(database, draft)
    assert database.read(lambda c: uncalled_store.villages(c, alert_id)) == 0
    kept = database.read(lambda c: alert_store.alert(c, alert_id))
    assert kept is not None and kept.places == ("R1",)


def test_the_keyboard_that_comes_with_an_end_is_that_of_the_post_that_leads(
    database: Database,
) -> None:
    hold(database, TOWNSHIP_DUTY, VILLAGES[0], Role.EVACUATION)
    alert_id = released(database)
    query = select(deliveries.c.role).where(
        deliveries.c.chat_id == TOWNSHIP_DUTY["telegram_id"], deliveries.c.alert_id == alert_id
    )
    told = database.read(lambda c: c.execute(query).scalars().all())
    assert set(told) == {"duty_officer"}


def reported(database: Database, call: Any, row: dict[str, Any], what: Report, **more: Any) -> Any:
    return database.do(lambda c: report(c, call.id, row["telegram_id"], what, NOW, **more)).outcome


def told(database: Database, alert_id: int, code: str) -> tuple[int, int, int]:
    """Of the persons of the division: who has reported; households and persons moved."""
    found = database.read(lambda c: progress_store.of_divisions(c, alert_id, [code]))[code]
    return found.reported, found.households, found.persons


def test_a_report_is_for_all_places_or_for_one(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, VILLAGES[1], Role.VILLAGE_RESPONSIBLE)
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    hold(database, head, OTHER_VILLAGE, Role.GRID_WORKER)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    there = (OTHER_VILLAGE, "")
    assert reported(database, call, head, Report.DONE, where=there) is CallOutcome.NEEDS_ANSWER
    answer(database, call.id, head)

    moved = {"households": 12, "persons": 35}
    assert reported(database, call, head, Report.MOVED, where=there, **moved) is RECORDED
    assert told(database, alert_id, OTHER_VILLAGE) == (1, 12, 35)
    assert told(database, alert_id, VILLAGES[0]) == (0, 0, 0)
    assert told(database, alert_id, OTHER_TOWNSHIP) == (1, 12, 35)
    # Above, who answers for several places is there once, as the first of them stands.
    assert told(database, alert_id, COUNTY) == (0, 12, 35)
    assert numbers(database, alert_id, COUNTY) == (4, 1)
    assert database.read(progress_store.wrong) == []
    assert reported(database, call, head, Report.MOVED, where=there, **moved) is ALREADY
    assert call_of(database, alert_id, head).state is CallState.ACKNOWLEDGED

    # Newer figures of a place take the place of the older; those of another stand beside them.
    assert reported(database, call, head, Report.MOVED, where=there, persons=40) is RECORDED
    own = (VILLAGES[0], "")
    assert reported(database, call, head, Report.MOVED, where=own, households=3) is RECORDED
    assert told(database, alert_id, COUNTY) == (1, 15, 40)
    assert told(database, alert_id, VILLAGES[0]) == (1, 3, 0)
    assert told(database, alert_id, VILLAGES[1]) == (0, 0, 0)

    # One tap is for all.
    assert reported(database, call, head, Report.DONE) is RECORDED
    for code in (VILLAGES[0], VILLAGES[1], OTHER_VILLAGE):
        assert told(database, alert_id, code)[0] == 1
    assert told(database, alert_id, COUNTY) == (1, 15, 40)
    assert database.read(progress_store.wrong) == []
    facts = database.read(lambda c: report_store.of_call(c, call.id))
    assert [fact.where for fact in facts] == [there, there, own, None]
    shown = [(fact.report, fact.where, fact.persons) for fact in latest_of_each(facts)]
    assert shown == [
        (Report.MOVED, there, 40),
        (Report.MOVED, own, None),
        (Report.DONE, None, None),
    ]


def test_a_call_that_goes_takes_what_was_reported_of_its_places_along(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    reported(database, call, head, Report.MOVED, where=(OTHER_VILLAGE, ""), households=7)
    database.do(lambda c: c.execute(delete(deliveries)))
    database.do(lambda c: c.execute(delete(reports)))
    database.do(lambda c: c.execute(delete(calls).where(calls.c.id == call.id)))
    assert told(database, alert_id, COUNTY) == (0, 0, 0)
    assert numbers(database, alert_id, OTHER_VILLAGE) == (0, 0)
    assert database.read(progress_store.wrong) == []


def test_of_a_proxy_answer_a_place_may_be_reported(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    database.do(lambda c: by_proxy(c, call.id, TOWNSHIP_DUTY["telegram_id"], Proxy.PHONE, NOW))
    assert reported(database, call, head, Report.DONE, where=(OTHER_VILLAGE, "")) is RECORDED
    assert told(database, alert_id, OTHER_VILLAGE)[0] == 1
    assert call_of(database, alert_id, head).state is CallState.PROXIED
    assert database.read(progress_store.wrong) == []


def test_figures_for_all_places_lose_what_is_told_of_one_of_them(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    there, moved = (OTHER_VILLAGE, ""), Report.MOVED
    assert reported(database, call, head, moved, households=30, persons=80) is RECORDED
    assert told(database, alert_id, COUNTY) == (1, 30, 80)
    # Twelve of the thirty were there.
    assert reported(database, call, head, moved, where=there, households=12) is RECORDED
    assert told(database, alert_id, OTHER_VILLAGE) == (1, 12, 0)
    assert told(database, alert_id, COUNTY) == (1, 30, 80)
    # New figures for all take the place of those of each.
    assert reported(database, call, head, moved, households=40) is RECORDED
    assert told(database, alert_id, OTHER_VILLAGE) == (1, 0, 0)
    assert told(database, alert_id, COUNTY) == (1, 40, 80)
    assert database.read(progress_store.wrong) == []


@pytest.mark.one_database
def test_a_late_report_is_asked_for_until_every_place_is_told_of(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)

    def due() -> bool:
        return database.read(lambda c: ladder_store.report_due_at(c, call.id)) is not None

    assert due()
    reported(database, call, head, Report.DONE, where=(VILLAGES[0], ""))
    assert due()
    reported(database, call, head, Report.DONE, where=(OTHER_VILLAGE, ""))
    assert not due()


def test_help_is_wanted_in_each_place_by_itself(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    there = (OTHER_VILLAGE, "")
    assert reported(database, call, head, Report.HELP, text="两条船") is RECORDED
    assert reported(database, call, head, Report.HELP, where=there, text="两台泵") is RECORDED
    assert reported(database, call, head, Report.HELP, where=there) is ALREADY
    found = database.read(lambda c: help_store.of_alert(c, alert_id))
    assert [(request.division_code, request.text) for request in found] == [
        (VILLAGES[0], "两条船"),
        (OTHER_VILLAGE, "两台泵"),
    ]


@pytest.mark.one_database
def test_a_place_that_the_call_is_not_for_is_refused(database: Database) -> None:
    head = VILLAGERS[0]
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    with pytest.raises(NotFound):
        reported(database, call, head, Report.DONE, where=(VILLAGES[1], ""))


@pytest.mark.one_database
def test_the_report_file_tells_places_apart(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    alert_id = released(database)
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    reported(database, call, head, Report.MOVED, households=3)
    reported(database, call, head, Report.MOVED, where=(OTHER_VILLAGE, ""), households=2)
    facts = database.read(lambda c: report_facts(c, alert_id, Gazetteer([])))
    [line] = [line for line in facts.calls if line.call.id == call.id]
    assert line.households == 3 and facts.summary.progress.households == 3
    [_, *rows] = report_rows(facts, "zh", BEIJING)
    assert [(row[1], row[4]) for row in rows] == [(line.place, 3), (OTHER_VILLAGE, 2)]


def test_the_ledger_has_a_row_for_each_place_and_counts_nobody_twice(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    hold(database, head, OTHER_VILLAGE, Role.RANGER)
    alert_id = released(database, replace(DRAFT, areas=(VILLAGES[0], OTHER_VILLAGE)))
    call = call_of(database, alert_id, head)
    answer(database, call.id, head)
    reported(database, call, head, Report.MOVED, where=(OTHER_VILLAGE, ""), households=2)
    facts = database.read(lambda c: report_facts(c, alert_id, Gazetteer([])))
    rows = [row for row in ledger_rows(facts) if row.line.call.id == call.id]
    assert [(row.where[0], row.households, len(row.reports)) for row in rows] == [
        (VILLAGES[0], None, 0),
        (OTHER_VILLAGE, 2, 1),
    ]
    sums = {(found.division_code, found.below): found for found in ledger_sums(rows)}
    assert [(found.calls, found.reported, found.households) for found in sums.values()] == [
        (1, 1, 2),
        (1, 1, 2),
        (1, 0, 0),
        (1, 1, 2),
    ]
    assert list(sums) == [("", ""), (COUNTY, ""), (COUNTY, TOWNSHIP), (COUNTY, OTHER_TOWNSHIP)]


def test_the_report_file_says_the_tier_a_post_is_held_from(database: Database) -> None:
    database.do(lambda c: c.execute(update(people).values(held_from="township").where(IS_HEAD)))
    alert_id = released(database)
    facts = database.read(lambda c: report_facts(c, alert_id, Gazetteer([])))
    [_, *rows] = call_rows(facts, "zh", BEIJING)
    roles = {row[1]: row[2] for row in rows}
    assert roles[VILLAGERS[0]["name"]] == "乡级包保责任人"
    assert roles[VILLAGERS[1]["name"]] == "包保责任人"


def test_whom_nothing_reaches_is_counted_so_in_every_place(database: Database) -> None:
    head = VILLAGERS[0]
    hold(database, head, OTHER_VILLAGE, Role.VILLAGE_RESPONSIBLE)
    hold(database, head, VILLAGES[0], Role.GRID_WORKER)
    database.do(lambda c: c.execute(update(people).values(telegram_id=None).where(IS_HEAD)))
    alert_id = released(database)
    codes = [VILLAGES[0], VILLAGES[1], OTHER_VILLAGE, OTHER_TOWNSHIP, COUNTY]
    found = database.read(lambda c: progress_store.of_divisions(c, alert_id, codes))
    assert [(found[code].calls, found[code].unreachable) for code in codes] == [
        (1, 1),
        (1, 0),
        (1, 1),
        (1, 1),
        (4, 1),
    ]
    assert database.read(progress_store.wrong) == []
