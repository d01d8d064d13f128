"""Departments that a warning calls: chosen by the mechanism, owing tasks, let go by a change."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import insert, select, update

from alerts import alert_store
from alerts import preview as previews
from alerts.closing import lift
from alerts.lifecycle import Change
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.making import owed_tasks
from alerts.loop.mechanism.standing import Answer, DepartmentStanding
from alerts.loop.tasks import making, sweep
from alerts.loop.tasks import store as task_store
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import TaskState
from alerts.model import Draft, Hazard, Level
from alerts.preview import whom_of
from alerts.release import release
from alerts.rules import Rules
from alerts.updates.changing import changed
from alerts.updates.changing import update as change_warning
from bot.board.tasks import tasks_panel
from contacts import people_store
from contacts.divisions.store import known_divisions
from contacts.organisations import Organisation, place_code
from contacts.people import Person, Role
from contacts.targeting_store import audience_query
from data.database import Connection, Database
from data.tables.alerts import calls
from data.tables.contacts import people, posts
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    OTHER_COUNTY,
    TOWNSHIP,
    VILLAGERS,
    VILLAGES,
    person,
)

RULES = Rules()
W, M, F = Organisation.WATER, Organisation.WEATHER, Organisation.FORESTRY
# Water of the county has a second; weather is a villager's further post; water of the other county.
LIAISONS = (
    (80, COUNTY, W, 1),
    (81, COUNTY, W, 2),
    (83, COUNTY, F, 1),
    (84, OTHER_COUNTY, W, 1),
    (85, CITY, W, 1),
)


def enter(c: Connection) -> None:
    for key, code, organisation, rank in LIAISONS:
        row = person(key, f"联络{key}", code, Role.DEPARTMENT, rank=rank)
        c.execute(insert(people).values({**row, "place_code": place_code(code, organisation)}))
    further = {
        "person_id": VILLAGERS[2]["id"],
        "division_code": COUNTY,
        "role": Role.DEPARTMENT.value,
        "place_code": place_code(COUNTY, M),
    }
    c.execute(insert(posts).values(further))


def by(c: Connection, row: dict[str, object] = COUNTY_COMMANDER) -> Person:
    found = people_store.person(c, int(str(row["id"])))
    assert found is not None
    return found


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def flood(level: Level, *areas: str) -> Draft:
    return Draft(level, Hazard.FLASH_FLOOD, areas, "往高处走")


def called(c: Connection, draft: Draft) -> set[int]:
    whom = whom_of(c, draft, RULES)
    return {row.id for row in c.execute(audience_query(whom))}


def stand(c: Connection, alert_id: int, minutes: float) -> dict[Organisation, DepartmentStanding]:
    found = mechanism_store.of_alert(c, alert_id, after(minutes))
    return {one.organisation: one for one in found}


def make(c: Connection, minutes: float) -> None:
    maker = partial(owed_tasks, RULES.mechanisms)
    while making.run_due(c, [maker], TaskRules(), after(minutes)):
        pass


def test_the_departments_of_the_areas_and_above_them_are_called(database: Database) -> None:
    def before(c: Connection) -> None:
        assert whom_of(c, flood(Level.RED, COUNTY), RULES).departments == ()

    database.read(before)
    database.do(enter)

    def look(c: Connection) -> None:
        everybody = {person_id for person_id, *_ in LIAISONS}
        # A town's: its county's water, first only, and its city's; weather besides the village.
        town = called(c, flood(Level.RED, TOWNSHIP))
        assert town & everybody == {80, 85} and VILLAGERS[2]["id"] in town
        assert called(c, flood(Level.ORANGE, TOWNSHIP)) & everybody == {80}
        assert called(c, flood(Level.RED, VILLAGES[0])) & everybody == {80, 85}
        assert VILLAGERS[2]["id"] in called(c, flood(Level.RED, VILLAGES[0]))
        assert called(c, flood(Level.RED, CITY)) & everybody == {80, 84, 85}
        assert called(c, Draft(Level.RED, Hazard.COLD_WAVE, (COUNTY,), "…")) & everybody == set()
        fire = Draft(Level.RED, Hazard.FOREST_FIRE, (COUNTY,), "…")
        assert called(c, fire) & everybody == {83}
        response = Draft(Level.RED, Hazard.FLOOD_RESPONSE, (COUNTY,), "…")
        assert called(c, response) & everybody == {80, 85}
        told = previews.preview(c, flood(Level.RED, TOWNSHIP), by(c), RULES).departments
        assert told is not None and told.there == 3 and told.named > 15
        assert place_code(COUNTY, Organisation.POWER) in told.missing
        whole = previews.preview(c, flood(Level.RED, CITY), by(c, CITY_COMMANDER), RULES)
        assert whole.departments is not None and whole.departments.missing == ()

    database.read(look)


def test_what_is_owed_becomes_tasks_and_ends_with_what_asked_for_it(database: Database) -> None:
    database.do(enter)
    alert_id = database.do(
        lambda c: release(c, flood(Level.RED, TOWNSHIP), by(c), RULES, NOW).alert_id
    )
    database.do(lambda c: make(c, 1))

    def look(c: Connection) -> None:
        found = stand(c, alert_id, 1)
        assert set(found) == {W, M} and {one.answer for one in found.values()} == {Answer.WAITING}
        [weather] = [
            task
            for task in task_store.of_alert(c, alert_id)
            if task.responsible.place_code == place_code(COUNTY, M)
        ]
        assert weather.due_at == after(10) and weather.ends_with_alert
        assert found[M].owing.every == 1 and found[M].owing.overdue == 0
        assert stand(c, alert_id, 11)[M].owing.overdue == 1
        # On the wall, and what each liaison is asked for: their own department's only.
        panel = tasks_panel(c, COUNTY, known_divisions(c), after(11))
        assert panel is not None and (panel["every"], panel["late"]) == (2, 1)
        assert [row["name"] for row in panel["places"]] == ["敦化市本级"]
        water = people_store.person(c, 80)
        assert water is not None
        mine = task_store.of_person(c, water)
        assert [task.responsible.place_code for task in mine] == [place_code(COUNTY, W)]

    database.read(look)
    first = [task.id for task in database.read(lambda c: task_store.of_alert(c, alert_id))]

    def lower(c: Connection) -> None:
        change = Change(level=Level.BLUE)
        would = changed(c, alert_id, change, by(c), RULES, after(20))
        change_warning(c, alert_id, change, by(c), RULES, after(20), counted=would)

    database.do(lower)
    tasks = database.read(lambda c: task_store.tasks(c, first))
    assert {task.state for task in tasks.values()} == {TaskState.WITHDRAWN}
    # Nothing is asked of water at blue: its call is stood down; the villager's goes on.
    states = dict(
        database.read(
            lambda c: c.execute(
                select(calls.c.person_id, calls.c.state).where(calls.c.alert_id == alert_id)
            ).all()
        )
    )
    assert states[80] == "cancelled" and states[VILLAGERS[2]["id"]] == "waiting"


def test_the_end_of_the_warning_ends_what_is_owed(database: Database) -> None:
    database.do(enter)
    alert_id = database.do(
        lambda c: release(c, flood(Level.RED, TOWNSHIP), by(c), RULES, NOW).alert_id
    )
    database.do(lambda c: make(c, 1))
    database.do(lambda c: lift(c, alert_id, by(c), after(30)))
    database.do(lambda c: sweep.end_with_warnings(c, after(31)))
    assert database.read(lambda c: task_store.of_alert(c, alert_id, unfinished=True)) == []
    # Whoever is retired is no liaison: the next warning calls none of water.
    database.do(lambda c: c.execute(update(people).where(people.c.id < 90).values(active=False)))
    draft = flood(Level.RED, TOWNSHIP)
    assert database.read(lambda c: whom_of(c, draft, RULES)).departments == ()
    assert database.read(lambda c: alert_store.alert(c, alert_id)) is not None
