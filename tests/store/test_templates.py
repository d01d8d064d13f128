"""Versions of templates: of a division above files, who may make them, restored, and the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.loop.tasks.model import NewTask, Responsible, TaskList
from alerts.model import Alert, Hazard, Level, State, Status
from alerts.template_files import editing, store
from alerts.template_files.extent_store import extents
from alerts.template_files.faults import BadTemplate
from alerts.template_files.holding import cards_in, template_in, templates_in, texts_in
from alerts.template_files.importing import import_templates
from alerts.template_files.listing import listed_tasks
from alerts.template_files.lists import ListedTask
from alerts.template_files.model import Folders, Origin, TemplateKind, TemplateProblem
from alerts.templates import texts
from contacts import people_store
from contacts.divisions.codes import Tier
from contacts.people import Person, Role
from data.audit import audit, verify
from data.database import Database
from data.errors import Conflict, NotAllowed, NotFound
from tests.roster import (
    CITY,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    TOWNSHIP,
    VILLAGES,
)
from tests.unit.test_handbook import CARD
from tests.unit.test_template_files import HAIL, LIST

pytestmark = pytest.mark.one_database
WARNING, CARDS, LISTS = TemplateKind.WARNING, TemplateKind.CARD, TemplateKind.LIST
NONE = Folders()


def body(text: str) -> str:
    return HAIL.replace("留意", text)


def of(database: Database, row: dict[str, object]) -> Person:
    found = database.read(lambda c: people_store.person(c, row["id"]))
    assert found is not None
    return found


def blue(database: Database, code: str) -> tuple[str, ...]:
    return database.read(lambda c: texts_in(c, code, Hazard.HAIL, Level.BLUE, NONE))


def saved(database: Database, by: Person | None, text: str, division: str, **facts: int) -> int:
    return database.do(
        lambda c: editing.save(c, by, WARNING, "hail", body(text), division, NONE, NOW, **facts)
    )


def test_the_nearest_division_s_newest_version_holds(database: Database) -> None:
    chief, director = of(database, COUNTY_COMMANDER), of(database, CITY_DIRECTOR)
    shipped = texts(Hazard.HAIL, Level.BLUE)
    assert blue(database, VILLAGES[0]) == shipped
    assert saved(database, director, "州里的话", CITY) == 1
    assert blue(database, COUNTY) == blue(database, VILLAGES[0]) == ("州里的话",)
    assert saved(database, chief, "县里的话", COUNTY) == 1
    assert saved(database, chief, "县里又一句", COUNTY) == 2
    assert blue(database, TOWNSHIP) == ("县里又一句",)
    assert blue(database, CITY) == blue(database, OTHER_COUNTY) == ("州里的话",)
    assert blue(database, PROVINCE) == shipped
    # Given up, the one above holds; restored, the own again.
    database.do(lambda c: editing.reset(c, chief, WARNING, "hail", COUNTY, NOW))
    assert blue(database, TOWNSHIP) == ("州里的话",)
    with pytest.raises(Conflict):
        database.do(lambda c: editing.reset(c, chief, WARNING, "hail", COUNTY, NOW))
    number = database.do(lambda c: editing.restore(c, chief, WARNING, "hail", 1, COUNTY, NONE, NOW))
    assert number == 4 and blue(database, TOWNSHIP) == ("县里的话",)
    listed = database.read(lambda c: store.versions(c, WARNING, "hail", COUNTY, 10))
    assert [(v.number, v.body is None, v.restored) for v in listed] == [
        (4, False, 1),
        (3, True, None),
        (2, False, None),
        (1, False, None),
    ]
    rows = database.read(
        lambda c: c.execute(
            select(audit.c.action, audit.c.subject, audit.c.actor)
            .where(audit.c.subject == "template:warning.hail")
            .order_by(audit.c.seq)
        ).all()
    )
    assert [row.action for row in rows] == [
        "template.saved",
        "template.saved",
        "template.saved",
        "template.given_up",
        "template.restored",
    ]
    assert {row.actor for row in rows} == {chief.id, director.id}
    assert database.read(verify).broken is None


def test_nothing_is_changed_unseen_or_without_the_right(database: Database) -> None:
    chief = of(database, COUNTY_COMMANDER)
    with pytest.raises(NotAllowed):
        saved(database, of(database, COUNTY_DUTY), "值班员改的", COUNTY)
    with pytest.raises(NotAllowed):
        saved(database, chief, "别的县", OTHER_COUNTY)
    assert saved(database, chief, "甲", COUNTY, base=0) == 1
    with pytest.raises(Conflict) as raised:  # began before that one was saved
        saved(database, chief, "乙", COUNTY, base=0)
    assert raised.value.code is TemplateProblem.CHANGED_MEANWHILE
    with pytest.raises(Conflict) as raised:
        saved(database, chief, "甲", COUNTY)
    assert raised.value.code is TemplateProblem.NOTHING_CHANGED
    with pytest.raises(BadTemplate):
        saved(database, chief, "", COUNTY)
    for number in (9, 1):
        with pytest.raises((NotFound, Conflict)):
            database.do(
                lambda c, n=number: editing.restore(c, chief, WARNING, "hail", n, COUNTY, NONE, NOW)
            )
    with pytest.raises(NotFound):
        database.read(lambda c: editing.known(c, CARDS, "nothing", COUNTY, NONE))
    assert blue(database, COUNTY) == ("甲",)


def test_a_card_edited_is_the_card_that_is_read(database: Database) -> None:
    chief, key = of(database, COUNTY_COMMANDER), "flash-flood-village-moving"
    own = CARD.replace("逐户叫醒", "先打锣")
    database.do(lambda c: editing.save(c, chief, CARDS, key, own, COUNTY, NONE, NOW))
    database.do(lambda c: editing.save(c, chief, CARDS, "our-own", CARD, COUNTY, NONE, NOW))
    here = database.read(lambda c: cards_in(c, TOWNSHIP, NONE))
    assert "先打锣" in here[key].body and "our-own" in here
    elsewhere = database.read(lambda c: cards_in(c, OTHER_COUNTY, NONE))
    assert "先打锣" not in elsewhere[key].body and "our-own" not in elsewhere
    # A version that a later release cannot read any more: what is below it holds.
    with_strange = store.Version(CARDS, key, COUNTY, 2, "---\n", None, NOW)
    database.do(lambda c: store.add(c, with_strange))
    found = database.read(lambda c: template_in(c, CARDS, key, COUNTY, NONE))
    assert found is not None and found.origin is Origin.SHIPPED


def test_files_are_imported_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    (tmp_path / "hail.toml").write_text(body("县里的话"), encoding="utf-8")
    (tmp_path / "our-own.md").write_text(CARD, encoding="utf-8")
    wrong = tmp_path / "gale.toml"
    wrong.write_text("hazard = 1", encoding="utf-8")

    def imported(path: Path, *, dry_run: bool = False):
        return import_templates(database, path, COUNTY, NONE, NOW, dry_run=dry_run)

    report = imported(tmp_path)
    assert [fault.facts["file"] for fault in report.faults] == ["gale.toml"]
    assert blue(database, COUNTY) == texts(Hazard.HAIL, Level.BLUE)
    wrong.unlink()
    assert imported(tmp_path, dry_run=True).read == 2
    assert blue(database, COUNTY) == texts(Hazard.HAIL, Level.BLUE)
    assert imported(tmp_path).versions == (("hail", 1), ("our-own", 1))
    assert imported(tmp_path).versions == (("hail", None), ("our-own", None))
    assert blue(database, COUNTY) == ("县里的话",)
    found = database.read(lambda c: templates_in(c, CARDS, COUNTY, NONE))
    assert found["our-own"].by_id is None and found["our-own"].version == 1
    for other in (tmp_path / "list.xlsx", tmp_path / "nowhere.md"):
        assert len(imported(other).faults) == 1


def test_the_lists_that_hold_in_a_division_make_its_tasks(database: Database) -> None:
    chief = of(database, COUNTY_COMMANDER)
    alert = Alert(
        id=7,
        identifier="",
        status=Status.ACTUAL,
        level=Level.RED,
        hazard=Hazard.FLASH_FLOOD,
        headline="",
        description="转移",
        areas=(PROVINCE,),
        lead_minutes=None,
        state=State.RELEASED,
        sender_id=1,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=6),
        released_at=NOW,
    )
    codes = [COUNTY, TOWNSHIP, VILLAGES[0], OTHER_COUNTY]

    def made(minutes: float = 0.0, **changed: object) -> list[NewTask]:
        of_alert = replace(alert, **changed)  # type: ignore[arg-type]
        now = NOW + timedelta(minutes=minutes)
        return database.read(lambda c: list(listed_tasks(NONE, c, of_alert, codes, now)))

    # What ships in use counts for warnings of a few counties; an office may do without.
    narrow = {"areas": (COUNTY, OTHER_COUNTY)}
    assert {task.template.split(":")[1] for task in made(**narrow)} == {"flood-move"}
    assert made(areas=(CITY,)) == made() == made(level=Level.ORANGE, **narrow) == []
    without = Folders(shipped_lists=False)
    few = replace(alert, areas=(COUNTY,))
    assert database.read(lambda c: list(listed_tasks(without, c, few, codes, NOW))) == []
    database.do(lambda c: editing.save(c, chief, LISTS, "flood-move", LIST, COUNTY, NONE, NOW))
    village, county = sorted(made(), key=lambda task: task.due_at)
    assert village.responsible == Responsible(VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
    assert village.due_at == NOW + timedelta(minutes=30) and village.ends_with_alert
    assert (village.template, village.template_version) == ("list:flood-move:1", 1)
    assert county.responsible == Responsible(COUNTY, Role.DUTY_OFFICER)
    assert county.in_list is TaskList.RECTIFICATION
    assert made(level=Level.BLUE) == made(hazard=Hazard.HAIL) == []
    # Made late, it is due at once; a rise counts anew.
    assert made(60)[1].due_at == NOW + timedelta(minutes=61)
    again = made(60, asked_at=NOW + timedelta(minutes=60))
    assert again[1].due_at == NOW + timedelta(minutes=90)
    # Stopped by the county, nothing is made; the city's own counts below it, too.
    stopped = LIST.replace("enabled = true", "enabled = false")
    database.do(lambda c: editing.save(c, chief, LISTS, "flood-move", stopped, COUNTY, NONE, NOW))
    assert made() == []
    director = of(database, CITY_DIRECTOR)
    database.do(lambda c: editing.save(c, director, LISTS, "of-city", LIST, CITY, NONE, NOW))
    assert {task.responsible.division_code for task in made()} == {
        COUNTY,
        VILLAGES[0],
        OTHER_COUNTY,
    }


def test_what_a_list_comes_to_is_counted_by_posts(database: Database) -> None:
    def task(tier: Tier, role: Role) -> ListedTask:
        return ListedTask(tier, role, "转移", 30)

    tasks = [
        task(Tier.COUNTY, Role.COMMANDER),
        task(Tier.VILLAGE, Role.VILLAGE_RESPONSIBLE),
        task(Tier.VILLAGE, Role.RESERVOIR_HEAD),
    ]
    county, village, vacant = database.read(lambda c: extents(c, COUNTY, tasks))
    assert (county.divisions, county.vacant) == (1, 0)
    assert village.divisions > 0 and vacant.divisions == village.divisions
    assert vacant.vacant == vacant.divisions > village.vacant
    assert database.read(lambda c: extents(c, VILLAGES[0], tasks))[0].divisions == 0
