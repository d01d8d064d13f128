"""Whom an emergency response calls: by tier and by title, in one statement; one for a command."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from alerts import uncalled_store
from alerts.lifecycle import Change
from alerts.model import Draft, Family, Hazard, Level, State
from alerts.preview import DraftProblem, preview
from alerts.responses.lists import DEFAULT_LISTS, ResponseList
from alerts.responses.raising import ResponseProblem, end_response, raise_response
from alerts.rules import Rules
from alerts.updates.changing import changed, update
from contacts import people_store
from contacts.people import Person, Role
from data.database import Database
from data.errors import Conflict, InvalidInput, NotFound
from data.tables.alerts import calls
from data.tables.contacts import people
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    OTHER_COUNTY,
    TOWNSHIP,
    VILLAGES,
    person,
)

FLOOD = Hazard.FLOOD_RESPONSE
BY_TITLE = ResponseList(frozenset({Role.DUTY_OFFICER}), titles=("水利", "气象"))
RULES = Rules(
    responses={**DEFAULT_LISTS, Family.FIRE: {**DEFAULT_LISTS[Family.FIRE], Level.BLUE: BY_TITLE}}
)


@pytest.fixture
def filled(database: Database) -> Database:
    members = (
        (70, COUNTY, "水利局局长", 3),
        (71, COUNTY, "气象局局长", 1),
        (72, COUNTY, "教育局局长", 2),
        (73, OTHER_COUNTY, "图们水利局局长", 1),
    )
    rows = [
        {**person(key, title, code, Role.STAFF, rank=rank), "title": title}
        for key, code, title, rank in members
    ]

    def enter(connection: Connection) -> None:
        connection.execute(people.insert(), rows)

    database.do(enter)
    return database


def draft(level: Level, *areas: str, hazard: Hazard = FLOOD, exercise: bool = False) -> Draft:
    return Draft(level, hazard, areas or (COUNTY,), "到岗", exercise=exercise)


def who(connection: Connection, row: dict[str, Any]) -> Person:
    found = people_store.person(connection, row["id"])
    assert found is not None
    return found


def called(database: Database, wanted: Draft, by: dict[str, Any] = COUNTY_COMMANDER) -> set[str]:
    """Who is called, by name."""

    def unit(connection: Connection) -> set[str]:
        done = raise_response(connection, wanted, who(connection, by), RULES, NOW)
        named = select(people.c.name).join(calls, calls.c.person_id == people.c.id)
        return set(connection.execute(named.where(calls.c.alert_id == done.alert_id)).scalars())

    return database.do(unit)


def test_each_level_calls_its_list_by_tiers_of_its_own_division(filled: Database) -> None:
    county = {"县值班", "镇长", "镇值班"}
    offices = {"气象局局长"}  # of staff the first in rank; the others stand in
    villagers = {"村长0", "村长1", "村长2"}
    fire = Hazard.FIRE_RESPONSE
    assert called(filled, draft(Level.BLUE)) == county
    assert called(filled, draft(Level.ORANGE, hazard=fire)) == county | offices | villagers
    assert called(filled, draft(Level.YELLOW, CITY), CITY_COMMANDER) == {
        "州主任",
        "县指挥",
        "县值班",
        "图们指挥",
    }


def test_titles_call_the_members_of_its_own_division_whatever_their_rank(
    filled: Database,
) -> None:
    wanted = draft(Level.BLUE, hazard=Hazard.FIRE_RESPONSE)
    assert called(filled, wanted) == {"县值班", "水利局局长", "气象局局长"}


def test_one_division_one_response_of_a_command(filled: Database) -> None:
    called(filled, draft(Level.BLUE))
    with pytest.raises(Conflict) as refused:
        called(filled, draft(Level.RED))
    assert refused.value.code is ResponseProblem.IN_FORCE
    called(filled, draft(Level.RED, exercise=True))  # an exercise is none
    for areas in ((COUNTY, OTHER_COUNTY), (VILLAGES[0], VILLAGES[1])):
        with pytest.raises(InvalidInput) as wrong:
            called(filled, draft(Level.BLUE, *areas), CITY_COMMANDER)
        assert wrong.value.code is DraftProblem.RESPONSE_OF_ONE


def test_no_village_is_missed_by_a_list_that_is_not_for_villages(filled: Database) -> None:
    def look(connection: Connection) -> list[int]:
        by = who(connection, COUNTY_COMMANDER)
        wanted = (
            draft(Level.BLUE),
            draft(Level.BLUE, TOWNSHIP),  # of the tier below it, its villages, it calls offices
            draft(Level.RED, TOWNSHIP),
            draft(Level.RED),
        )
        return [preview(connection, one, by, RULES).uncalled for one in wanted]

    blue, of_township, red_of_township, red = filled.read(look)
    assert blue == of_township == 0 <= red_of_township < red


def test_it_ends_where_it_is_and_nowhere_else(filled: Database) -> None:
    def end(connection: Connection, area: str = COUNTY) -> State:
        return end_response(connection, FLOOD, area, who(connection, CITY_COMMANDER), NOW).state

    with pytest.raises(NotFound) as none:
        filled.do(end)
    assert none.value.code is ResponseProblem.NONE_IN_FORCE
    called(filled, draft(Level.BLUE))
    called(filled, draft(Level.YELLOW, OTHER_COUNTY), CITY_COMMANDER)
    with pytest.raises(Conflict) as several:
        filled.do(lambda c: end(c, CITY))
    assert several.value.code is ResponseProblem.SEVERAL_IN_FORCE
    assert filled.do(end) is State.LIFTED
    assert filled.do(lambda c: end(c, CITY)) is State.LIFTED  # the only one left


def test_lowered_it_waits_for_nobody_whom_its_list_calls_no_more(filled: Database) -> None:
    """The village that has not answered is stood down; the township's head goes on."""
    called(filled, draft(Level.RED))

    def change(connection: Connection, level: Level, minutes: int) -> tuple[int, dict[str, str]]:
        by, now = who(connection, COUNTY_COMMANDER), NOW + timedelta(minutes=minutes)
        number = connection.execute(select(calls.c.alert_id).distinct()).scalar_one()
        would = changed(connection, number, Change(level=level), by, RULES, now)
        update(connection, number, Change(level=level), by, RULES, now)
        named = select(people.c.name, calls.c.state).join(calls, calls.c.person_id == people.c.id)
        return would.stood_down, {row.name: row.state for row in connection.execute(named)}

    def missed() -> int:
        return filled.read(lambda c: sum(uncalled_store.of_alerts(c, range(9)).values()))

    assert missed() > 0
    stood_down, states = filled.do(lambda c: change(c, Level.BLUE, 10))
    assert missed() == 0  # it asks no village
    waiting = {name for name, state in states.items() if state == "waiting"}
    assert waiting == {"县值班", "镇长", "镇值班"}
    assert stood_down == len(states) - len(waiting) > 3
    _, states = filled.do(lambda c: change(c, Level.YELLOW, 20))
    assert states["村长0"] == "left_out"
    _, states = filled.do(lambda c: change(c, Level.RED, 30))
    assert set(states.values()) == {"waiting"}
    assert missed() > 0
