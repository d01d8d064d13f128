"""Departments that a warning calls: chosen by the mechanism, owing tasks, let go by a change."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, insert, select, update

from alerts import alert_store
from alerts import preview as previews
from alerts.closing import lift
from alerts.lifecycle import Change
from alerts.loop.mechanism import store as mechanism_store
from alerts.loop.mechanism.importing import import_mechanisms
from alerts.loop.mechanism.making import any_owed, owed_still, owed_tasks
from alerts.loop.mechanism.standing import Answer, DepartmentStanding
from alerts.loop.tasks import checking, event_store, making, making_store, sweep
from alerts.loop.tasks import store as task_store
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import Responsible, Task, TaskEventKind, TaskState
from alerts.model import Draft, Hazard, Level
from alerts.preview import whom_of
from alerts.release import release
from alerts.rules import Rules
from alerts.template_files.listing import any_listed, listed_still, listed_tasks
from alerts.template_files.model import Folders
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
from data.tables.running import audit
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
OF_DEPARTMENTS = making.Way(
    "mechanism/",
    partial(any_owed, RULES.mechanisms),
    partial(owed_tasks, RULES.mechanisms),
    partial(owed_still, RULES.mechanisms),
)
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
    while making.run_due(c, [OF_DEPARTMENTS], TaskRules(), after(minutes)):
        pass


MECHANISM = """name = "防汛"
hazards = ["山洪灾害"]

[[owes]]
department = "气象"
tiers = ["县"]
levels = ["红"]
minutes = 7
title = "半小时报一次雨量"
"""


def test_an_imported_mechanism_holds_above_the_files(database: Database, tmp_path: Path) -> None:
    """Checked, in versions, refused by its line; the next warning calls by it."""
    database.do(enter)
    file, red = tmp_path / "flood.toml", flood(Level.RED, TOWNSHIP)
    shipped = database.read(lambda c: called(c, red))
    file.write_text(MECHANISM.replace("水", "火").replace("minutes = 7", "minutes = 0"))
    (tmp_path / "notes.md").write_text("x")
    report = import_mechanisms(database, tmp_path, NOW)
    assert [fault.facts["line"] for fault in report.faults] == [8] and report.versions == ()
    file.write_text(MECHANISM)
    assert import_mechanisms(database, file, NOW, dry_run=True).read == 1
    assert database.read(lambda c: called(c, red)) == shipped
    assert import_mechanisms(database, file, NOW).versions == (("flood", 1),)
    assert import_mechanisms(database, file, NOW).versions == (("flood", None),)
    now_called = database.read(lambda c: called(c, red))
    assert 80 not in now_called and VILLAGERS[2]["id"] in now_called
    alert_id = database.do(lambda c: release(c, red, by(c), RULES, NOW).alert_id)
    database.do(lambda c: make(c, 1))
    [task] = database.read(lambda c: task_store.of_alert(c, alert_id))
    assert (task.title, task.due_at) == ("半小时报一次雨量", after(7))
    file.write_text(MECHANISM.replace("半小时", "一小时"))
    assert import_mechanisms(database, file, NOW).versions == (("flood", 2),)
    found = select(func.count()).select_from(audit).where(audit.c.action == "mechanism.imported")
    assert database.read(lambda c: c.execute(found).scalar_one()) == 2


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
    database.do(lambda c: make(c, 21))
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
    assert states[80] == "left_out" and states[VILLAGERS[2]["id"]] == "waiting"


LISTS = {
    "night": (["red"], "commander", "township"),
    "watch": (["red", "orange"], "village_responsible", "village"),
}


def something_happens(c: Connection, task: Task, how: int, now: datetime) -> bool:
    """Somebody has done it, gives it up, or gives it to another post; whether it is over."""
    if how == 0:
        did = replace(task, state=TaskState.STRUCK_OFF, submitted_by=80, submitted_at=now)
        task_store.save(c, replace(did, ended_by=1, ended_at=now, next_due_at=None))
    elif how == 1:
        checking.withdraw(c, task.id, by(c, CITY_COMMANDER), "不用了", now)
    elif how == 2 and task.responsible != (other := Responsible(COUNTY, Role.DIRECTOR)):
        chief = by(c, CITY_COMMANDER)
        checking.change(c, task.id, chief, TaskRules(), now, responsible=other)
    return how < 2


def test_whatever_rises_and_falls_what_is_open_is_what_is_owed(
    database: Database, tmp_path: Path
) -> None:
    """Less what was struck off, which stays done, and what a person withdrew."""
    (tmp_path / "lists").mkdir()
    for key, (levels, role, tier) in LISTS.items():
        lines = [
            f'title = "{key}"',
            'hazards = ["flash_flood"]',
            f"levels = {levels}".replace("'", '"'),
        ]
        lines += ["enabled = true", "[[task]]", f'tier = "{tier}"', f'role = "{role}"']
        lines += [f'title = "{key} 办"', "minutes = 60"]
        (tmp_path / "lists" / f"{key}.toml").write_text("\n".join(lines), encoding="utf-8")
    folders = Folders(templates=str(tmp_path))
    lists = making.Way(
        "list:",
        partial(any_listed, folders),
        partial(listed_tasks, folders),
        partial(listed_still, folders),
    )
    ways, rules = (OF_DEPARTMENTS, lists), TaskRules()
    database.do(enter)
    alert_id = database.do(
        lambda c: release(c, flood(Level.RED, TOWNSHIP), by(c), RULES, NOW).alert_id
    )
    draw = random.Random(16)
    done: set[tuple[str, str]] = set()  # struck off, or given up by a person
    level = Level.RED
    seen: set[TaskEventKind] = set()

    def step(c: Connection, minutes: float, to: Level) -> None:
        if to is not level:
            change_warning(c, alert_id, Change(level=to), by(c), RULES, after(minutes))
        while making.run_due(c, ways, rules, after(minutes), limit=2):
            pass
        assert not making.anything_due(c, after(minutes))
        alert = alert_store.alert(c, alert_id)
        assert alert is not None and alert.level is to
        codes = making_store.divisions_called(c, alert_id, "", 100)
        owed = {task.key for way in ways for task in way.owed(c, alert, codes, after(minutes))}
        assert any(way.any_owed(c, alert) for way in ways) or not owed
        open_now = task_store.of_alert(c, alert_id, unfinished=True)
        assert {task.key for task in open_now} == owed - done, (to, minutes)
        every = task_store.of_alert(c, alert_id)
        assert len({task.key for task in every}) == len(every)  # reopened: none is there twice
        seen.update(event.kind for event in event_store.of_tasks(c, [task.id for task in every]))
        for task in draw.sample(open_now, min(3, len(open_now))):
            if something_happens(c, task, draw.randrange(5), after(minutes)):
                done.add(task.key)

    database.do(lambda c: step(c, 1, Level.RED))
    for n in range(12):
        to = draw.choice([each for each in Level if each is not level])
        database.do(partial(step, minutes=10 + 10 * n, to=to))
        level = to
    assert {TaskEventKind.WITHDRAWN, TaskEventKind.REOPENED} <= seen


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
