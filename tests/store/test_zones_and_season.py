"""Zones, danger levels, seasons and hours in the database: a file is imported whole or not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from alerts.patrol.zones.store import zones_of
from alerts.patrol.zones.zone_import import ZoneReport, import_zones
from alerts.plans.importing import PlanReport, import_plan
from alerts.plans.sheets import PlanKind
from alerts.season.fire_danger import set_danger
from alerts.season.model import DangerLevel, SeasonProblem
from alerts.season.store import danger_on, dangers_on, season_orders
from contacts import people_store
from contacts.access import Access
from contacts.divisions.boundary_file import load_boundaries
from contacts.people import Person
from data.database import Database
from data.errors import InvalidInput, NotAllowed
from data.tables.patrol import check_in_watches, patrol_orders, patrol_shifts, zone_people, zones
from data.tables.running import audit
from tests.roster import (
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    OTHER_COUNTY,
    RANGER,
    TOWNSHIP,
    VILLAGES,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 1, 1, tzinfo=UTC)
DAY = date(2026, 10, 1)
SQUARE = [[128.0, 43.0], [128.1, 43.0], [128.1, 43.1], [128.0, 43.1], [128.0, 43.0]]


def feature(name: str, *, east: float = 0.0, **properties: Any) -> dict[str, Any]:
    ring = [[lon + east, lat] for lon, lat in SQUARE]
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def take(database: Database, tmp_path: Path):
    def import_features(*features: Any, **options: Any) -> ZoneReport:
        file = tmp_path / "zones.geojson"
        collection = {"type": "FeatureCollection", "features": list(features)}
        file.write_text(json.dumps(collection), encoding="utf-8")
        return import_zones(database, file, NOW, **options)

    return import_features


@pytest.fixture
def plan(database: Database, tmp_path: Path):
    def import_rows(kind: PlanKind, text: str, **options: Any) -> PlanReport:
        file = tmp_path / f"{kind.value}.csv"
        file.write_text(text, encoding="utf-8")
        return import_plan(database, kind, file, NOW, zone=ZONE, **options)

    return import_rows


def count(database: Database, table: Any) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


def person_of(database: Database, row: dict[str, Any]) -> Person:
    found = database.read(lambda c: people_store.person(c, row["id"]))
    assert found is not None
    return found


def names(database: Database, row: dict[str, Any]) -> list[str]:
    found = database.read(lambda c: zones_of(c, row["id"], row["division_code"]))
    return [zone.name for zone in found]


@pytest.mark.one_database
def test_a_second_import_changes_nothing_and_writes_no_trail(database: Database, take) -> None:
    first = take(feature("甲", division_code=TOWNSHIP), feature("乙", phones=[RANGER["phone"]]))
    assert first.written
    assert (len(first.new), len(first.changed), first.unchanged) == (2, 0, 0)
    trail = count(database, audit)
    again = take(feature("甲", division_code=TOWNSHIP), feature("乙", phones=[RANGER["phone"]]))
    assert not again.written
    assert (len(again.new), len(again.changed), again.unchanged) == (0, 0, 2)
    assert count(database, audit) == trail


@pytest.mark.one_database
def test_one_bad_feature_keeps_all_out(database: Database, take) -> None:
    report = take(feature("甲", division_code=TOWNSHIP), feature("乙", division_code="1"))
    assert [problem.feature for problem in report.problems] == [2]
    assert (count(database, zones), report.written) == (0, False)


@pytest.mark.one_database
def test_a_dry_run_writes_nothing(database: Database, take) -> None:
    report = take(feature("甲", division_code=TOWNSHIP), dry_run=True)
    assert (len(report.new), report.written, count(database, zones)) == (1, False, 0)


def test_a_zone_is_changed_in_place(database: Database, take) -> None:
    take(feature("甲", division_code=TOWNSHIP, phones=[RANGER["phone"]]))
    report = take(feature("甲", east=0.5, division_code=TOWNSHIP))
    assert (len(report.new), len(report.changed)) == (0, 1)
    assert (count(database, zones), count(database, zone_people)) == (1, 0)
    take(feature("甲", east=0.5, division_code=TOWNSHIP, active=False))
    assert names(database, RANGER) == []


@pytest.mark.one_database
def test_own_zones_come_before_the_divisions_and_near_ones_before_far(
    database: Database, take
) -> None:
    take(
        feature("县", division_code=COUNTY),
        feature("外县", division_code=OTHER_COUNTY),
        feature("别人的", division_code=VILLAGES[1], phones=[COUNTY_COMMANDER["phone"]]),
    )
    assert names(database, RANGER) == ["县"]
    take(feature("村", division_code=VILLAGES[1]), feature("另一村", division_code=VILLAGES[0]))
    assert names(database, RANGER) == ["村"]
    take(feature("本人", phones=[RANGER["phone"]]))
    assert names(database, RANGER) == ["本人"]
    assert names(database, COUNTY_COMMANDER) == ["别人的"]


def test_danger_is_read_from_the_nearest_division_upward(database: Database, plan) -> None:
    report = plan(
        PlanKind.DANGER,
        f"division_code,date,level\n{COUNTY},2026-10-01,红\n{VILLAGES[1]},2026-10-01,2\n",
    )
    assert (report.new, report.written) == (2, True)
    red = database.read(lambda c: danger_on(c, VILLAGES[0], DAY))
    assert (red.red, red.decided_for) == (True, COUNTY)
    assert database.read(lambda c: danger_on(c, VILLAGES[1], DAY)).level is DangerLevel.BLUE
    assert database.read(lambda c: danger_on(c, OTHER_COUNTY, DAY)).level is None
    assert database.read(lambda c: danger_on(c, COUNTY, date(2026, 10, 2))).level is None
    again = plan(PlanKind.DANGER, f"division_code,date,level\n{COUNTY},2026-10-01,5\n")
    assert (again.new, again.changed, again.unchanged, again.written) == (0, 0, 1, False)
    changed = plan(PlanKind.DANGER, f"division_code,date,level\n{COUNTY},2026-10-01,4\n")
    assert changed.changed == 1
    assert database.read(lambda c: dangers_on(c, DAY))[COUNTY] is DangerLevel.ORANGE


def test_a_commander_sets_the_danger_of_their_own_division_only(database: Database) -> None:
    county = person_of(database, COUNTY_COMMANDER)

    def put(person: Person, code: str, level: DangerLevel, day: date = DAY):
        return database.do(lambda c: set_danger(c, person, code, day, level, NOW, today=DAY))

    assert put(county, COUNTY, DangerLevel.RED).red
    trail = count(database, audit)
    put(county, COUNTY, DangerLevel.RED)
    assert count(database, audit) == trail  # said twice, done once
    assert put(county, COUNTY, DangerLevel.GREEN).level is DangerLevel.GREEN
    for person, code, refusal in (
        (county, OTHER_COUNTY, Access.OUTSIDE_DIVISION),
        (person_of(database, RANGER), VILLAGES[1], Access.NOT_COMMANDING),
    ):
        with pytest.raises(NotAllowed) as caught:
            put(person, code, DangerLevel.RED)
        assert caught.value.code is refusal
    for day in (date(2026, 9, 30), date(2026, 10, 12)):
        with pytest.raises(InvalidInput) as refused:
            put(person_of(database, CITY_COMMANDER), COUNTY, DangerLevel.RED, day)
        assert refused.value.code is SeasonProblem.DAY_TOO_FAR


def test_seasons_are_imported_and_moved(database: Database, plan) -> None:
    text = "division_code,starts_on,ends_on\n{0},2026-09-20,{1}\n"
    assert plan(PlanKind.SEASON, text.format(COUNTY, "2026-11-20")).new == 1
    assert plan(PlanKind.SEASON, text.format(COUNTY, "2026-11-20")).unchanged == 1
    assert plan(PlanKind.SEASON, text.format(COUNTY, "2026-12-05")).changed == 1
    assert database.read(season_orders)[COUNTY][0].ends_on == date(2026, 12, 5)


def test_hours_of_a_day_are_replaced_as_a_whole_and_bad_files_change_nothing(
    database: Database, plan
) -> None:
    head = "phone,division_code,date,start,end,every_minutes\n"
    mine = f"{RANGER['phone']},,2026-10-01,"
    report = plan(
        PlanKind.SHIFTS,
        f"{head}{mine}08:00,11:00,60\n{mine}13:00,17:00,60\n,{COUNTY},2026-10-01,07:00,19:00,180\n",
    )
    assert (report.new, report.written) == (2, True)
    assert (count(database, patrol_shifts), count(database, patrol_orders)) == (2, 1)
    bad = plan(PlanKind.SHIFTS, f"{head}{mine}09:00,12:00,60\n{mine}nine,12:00,60\n")
    assert (bad.problems.total, count(database, patrol_shifts)) == (1, 2)
    later = plan(PlanKind.SHIFTS, f"{head}{mine}09:00,12:00,60\n")
    assert (later.changed, count(database, patrol_shifts)) == (1, 1)
    again = plan(PlanKind.SHIFTS, f"{head}{mine}09:00,12:00,60\n")
    assert (again.unchanged, again.written) == (1, False)
    assert count(database, check_in_watches) == 0


@pytest.mark.one_database
def test_zones_of_a_kml_file_and_one_that_lies_far_away(tmp_path: Path, database: Database) -> None:
    def placemark(name: str, lon: float) -> str:
        ring = [(lon, 42.75), (lon, 42.76), (lon + 0.01, 42.76), (lon + 0.01, 42.75), (lon, 42.75)]
        points = " ".join(f"{x},{y}" for x, y in ring)
        return (
            f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
            f"{points}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        )

    file = tmp_path / "zones.kml"
    file.write_text(
        "<kml><Document><!-- 奥维 --><Folder><name>龙井市老头沟镇宝兴村</name>"
        + placemark("近处", 129.2)
        + placemark("远处", 126.0)
        + "</Folder></Document></kml>"
    )
    report = import_zones(
        database, file, NOW, boundaries=load_boundaries(database.url, tmp_path), dry_run=True
    )
    assert not report.problems
    assert [row.division_code for row in report.new] == ["222405102200"] * 2
    assert [zone.name for zone in report.far] == ["远处"]
    assert report.far[0].metres > 150_000
    assert report.chinese_map
    assert not import_zones(database, file, NOW, gcj02=True, dry_run=True).chinese_map
