"""Importing rosters: all rows or none, the same file twice, accounts stay linked, exit codes."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.config.settings import DatabaseSettings, Settings
from bot.console import roster
from contacts import group_store, people_store
from contacts.divisions.boundary_file import BoundaryRefusal, boundaries_in_use, import_boundaries
from contacts.divisions.store import division_count
from contacts.groups import Purpose
from contacts.leaving import retire
from contacts.linking import link_by_code
from contacts.people import Contact, Person
from contacts.roster.changes import Unusual
from contacts.roster.columns import RosterKind
from contacts.roster.comings import Spoken
from contacts.roster.importing import ImportReport, import_file
from contacts.roster.rows import RowReason
from data import audit, tables
from data.database import Database
from data.errors import InvalidInput
from data.geo.boundaries import Boundaries
from data.reference import JILIN_COUNTIES
from tests.geography import jilin

pytestmark = pytest.mark.one_database

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HEADER = "name,phone,division_code,role,rank,telegram_id,language\n"
PEOPLE = (
    HEADER
    + "张三,13900000001,222403001001,village_responsible,1,,\n"
    + '"李, <b>四</b> 🔥",13900000002,222403001002,包保责任人,2,7002,en\n'
)


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    database = Database(upgraded_url, synchronous="normal")
    yield database
    database.close()


def bring(
    database: Database,
    tmp_path: Path,
    kind: RosterKind,
    text: str,
    *,
    dry_run: bool = False,
    all_posts: bool = False,
    agreed: bool = False,
    spoken: Spoken | None = None,
) -> ImportReport:
    path = tmp_path / f"{kind.value}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(
        database,
        kind,
        path,
        NOW,
        zone=ZONE,
        dry_run=dry_run,
        all_posts=all_posts,
        agreed=agreed,
        spoken=spoken,
    )


def person(database: Database, phone: str) -> Person | None:
    return database.read(lambda c: people_store.person_by_phone(c, phone))


def entries(database: Database) -> list[str]:
    query = select(tables.running.audit.c.action).order_by(tables.running.audit.c.seq)
    return database.read(lambda c: list(c.execute(query).scalars()))


def rows(database: Database, table: Any) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.both_databases
def test_a_first_import_brings_divisions_people_and_codes(
    database: Database, tmp_path: Path
) -> None:
    report = bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    assert (report.written, report.seeded, len(report.changes.new)) == (True, 13_014, 2)
    found = person(database, "+8613900000002")
    assert found is not None
    assert (found.name, found.rank, found.language) == ("李, <b>四</b> 🔥", 2, "en")
    assert found.telegram_id == 7002
    assert len(found.invite_code) == 16
    first = person(database, "+8613900000001")
    assert first is not None
    assert first.telegram_id is None
    assert first.invite_code != found.invite_code
    assert entries(database) == [
        "import.divisions",
        "import.people",
        "person.added",
        "person.added",
    ]
    assert database.read(audit.verify).broken is None


def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    before = entries(database)
    report = bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    assert not report.written
    assert (report.changes.unchanged, report.changes.missing) == (2, 0)
    assert entries(database) == before


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    before = entries(database)
    changed = HEADER + (
        "张三丰,13900000001,222403001001,ranger,1,,\n新人,13900000009,222403001002,staff,,,\n"
    )
    report = bring(database, tmp_path, RosterKind.PEOPLE, changed, dry_run=True)
    assert [each.name for each in report.changes.new] == ["新人"]
    assert report.changes.changed[0].fields() == {
        "name": ["张三", "张三丰"],
        "others": [[], [["222403001001", "ranger", 1, "", "", [], None]]],
    }
    assert report.changes.missing == 1
    assert not report.written
    assert entries(database) == before
    assert person(database, "+8613900000009") is None
    assert bring(database, tmp_path, RosterKind.PEOPLE, changed).written
    kept = person(database, "+8613900000002")
    assert kept is not None
    assert kept.active, "whoever is missing from a file stays"


def test_a_dry_run_on_an_empty_database_seeds_nothing(database: Database, tmp_path: Path) -> None:
    report = bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE, dry_run=True)
    assert len(report.changes.new) == 2
    assert database.read(division_count) == 0


def test_one_bad_row_keeps_everything_out(database: Database, tmp_path: Path) -> None:
    report = bring(
        database, tmp_path, RosterKind.PEOPLE, PEOPLE + "王五,1.39E+10,222403001001,ranger,1,,\n"
    )
    assert [(problem.row, problem.column, problem.reason) for problem in report.problems.shown] == [
        (4, "phone", RowReason.SCIENTIFIC)
    ]
    assert not report.written
    assert (rows(database, tables.contacts.people), entries(database)) == (0, [])


def test_an_import_never_undoes_a_link(database: Database, tmp_path: Path) -> None:
    bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    unlinked = person(database, "+8613900000001")
    assert unlinked is not None
    database.do(lambda c: link_by_code(c, unlinked.invite_code, 7001, NOW))
    database.do(lambda c: people_store.set_contact(c, {unlinked.id: Contact.BLOCKED}, NOW))
    renamed = PEOPLE.replace("张三", "张老三").replace("7002,en", ",")
    spoken = Spoken(corrections=frozenset({"+8613900000001"}))
    report = bring(database, tmp_path, RosterKind.PEOPLE, renamed, spoken=spoken)
    assert len(report.changes.changed) == 1, "empty telegram_id and language are no change"
    after = person(database, "+8613900000001")
    assert after is not None
    assert (after.name, after.telegram_id, after.contact) == ("张老三", 7001, Contact.BLOCKED)
    assert after.invite_code == unlinked.invite_code
    other = person(database, "+8613900000002")
    assert other is not None
    assert (other.telegram_id, other.language) == (7002, "en")


def test_an_account_of_another_person_is_refused_by_name(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    text = HEADER + "赵六,13900000006,222403001001,ranger,1,7002,\n"
    report = bring(database, tmp_path, RosterKind.PEOPLE, text)
    assert [problem.reason for problem in report.problems.shown] == [RowReason.TELEGRAM_ID_TAKEN]
    assert report.problems.shown[0].facts["name"] == "李, <b>四</b> 🔥"
    assert person(database, "+8613900000006") is None


@pytest.mark.both_databases
def test_accounts_that_change_hands_in_one_file(database: Database, tmp_path: Path) -> None:
    text = PEOPLE.replace("responsible,1,,", "responsible,1,7001,")
    bring(database, tmp_path, RosterKind.PEOPLE, text)
    swapped = text.replace("7001", "x").replace("7002", "7001").replace("x", "7002")
    report = bring(database, tmp_path, RosterKind.PEOPLE, swapped)
    assert (report.problems.total, len(report.changes.changed)) == (0, 2)
    first, second = person(database, "+8613900000001"), person(database, "+8613900000002")
    assert first is not None
    assert second is not None
    assert (first.telegram_id, second.telegram_id) == (7002, 7001)


@pytest.mark.both_databases
def test_a_change_between_comparing_and_writing_is_seen(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(database, tmp_path, RosterKind.PEOPLE, PEOPLE)
    person_1 = person(database, "+8613900000001")
    assert person_1 is not None
    write = database.do

    def meanwhile(unit: Any) -> Any:
        monkeypatch.setattr(database, "do", write)
        write(lambda c: link_by_code(c, person_1.invite_code, 7009, NOW))
        return write(unit)

    monkeypatch.setattr(database, "do", meanwhile)
    text = HEADER + "赵六,13900000006,222403001001,ranger,1,7009,\n"
    report = bring(database, tmp_path, RosterKind.PEOPLE, text)
    assert [problem.reason for problem in report.problems.shown] == [RowReason.TELEGRAM_ID_TAKEN]
    assert not report.written


@pytest.mark.both_databases
def test_divisions_groups_and_duty(database: Database, tmp_path: Path) -> None:
    text = (
        "code,name,level,parent_code\n150000000000,内蒙古,province,\n150100000000,呼和浩特市,市,\n"
    )
    assert bring(database, tmp_path, RosterKind.DIVISIONS, text).written
    assert database.read(division_count) == 2, "another province does not bring Jilin along"
    assert not bring(database, tmp_path, RosterKind.DIVISIONS, text).written
    assert bring(
        database, tmp_path, RosterKind.DIVISIONS, text.replace("呼和浩特市", "呼市")
    ).written

    people = HEADER + "值,13900000001,150100000000,值班员,1,,\n"
    assert bring(database, tmp_path, RosterKind.PEOPLE, people).seeded == 0
    groups = "chat_id,title,division_code,purpose\n-1001,市群,150100000000,防汛\n"
    assert bring(database, tmp_path, RosterKind.GROUPS, groups).written
    assert not bring(database, tmp_path, RosterKind.GROUPS, groups).written
    group = database.read(lambda c: group_store.group(c, -1001))
    assert group is not None
    assert group.purpose is Purpose.FLOOD

    duty = "phone,division_code,starts_at,ends_at\n13900000001,,2026-07-01 08:00,2026-07-02 08:00\n"
    assert bring(database, tmp_path, RosterKind.DUTY, duty).written
    assert not bring(database, tmp_path, RosterKind.DUTY, duty).written
    moved = bring(database, tmp_path, RosterKind.DUTY, duty.replace("02 08:00", "02 09:00"))
    assert len(moved.changes.changed) == 1
    ends = database.read(lambda c: c.execute(select(tables.contacts.shifts.c.ends_at)).scalar_one())
    assert ends == datetime(2026, 7, 2, 1, tzinfo=UTC)
    assert database.read(audit.verify).broken is None


def test_boundaries_are_checked_and_put_beside_the_database(
    database: Database, tmp_path: Path
) -> None:
    target = tmp_path / "boundaries.geojson"
    shipped = boundaries_in_use(database.url, tmp_path)
    assert shipped == JILIN_COUNTIES

    def square(code: str, lon: float, lat: float) -> Path:
        ring = [[lon, lat], [lon + 1, lat], [lon + 1, lat + 1], [lon, lat + 1], [lon, lat]]
        feature = {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        path = tmp_path / "square.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        return path

    for code, lon, lat, reason in (
        ("222403000000", 43.4, 80.0, BoundaryRefusal.NOT_LON_LAT),
        ("999903000000", 128.2, 43.4, BoundaryRefusal.UNKNOWN_CODES),
    ):
        with pytest.raises(InvalidInput) as refused:
            import_boundaries(database, square(code, lon, lat), target, NOW)
        assert refused.value.code is reason
    good = square("222403000000", 128.2, 43.4)
    others = len(jilin().codes) - 1
    assert import_boundaries(database, good, target, NOW, dry_run=True).boundaries == 1
    assert not target.exists()
    import_boundaries(database, good, target, NOW)
    assert boundaries_in_use(database.url, tmp_path) == target
    assert import_boundaries(database, good, target, NOW).unchanged
    plain = target.read_bytes()
    import_boundaries(database, good, target, NOW, gcj02=True)
    assert target.read_bytes() != plain
    assert entries(database) == ["import.boundaries", "import.boundaries"]
    merged = Boundaries.from_geojson(target.read_bytes())
    assert len(merged.codes) == others + 1, "what the file does not draw stays"
    asked = import_boundaries(database, good, target, NOW, instead=True)
    assert (asked.written, len(asked.vanishing)) == (False, others)
    assert import_boundaries(database, good, target, NOW, instead=True, agreed=True).written
    assert Boundaries.from_geojson(target.read_bytes()).codes == ("222403000000",)


def test_the_commands(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    settings = Settings(database=DatabaseSettings(url=url))

    def run(*words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        roster.register(parser.add_subparsers(), roster.open_database)
        arguments = parser.parse_args(words)
        out = io.StringIO()
        return arguments.func(arguments, settings, out), out.getvalue()

    code, output = run("check")
    assert (code, "db upgrade" in output) == (1, True)
    database = roster.open_database(settings)
    tables.metadata.create_all(database.engine)
    database.close()

    file = tmp_path / "名单.csv"
    file.write_text(PEOPLE + ",1.39E+10,2224,x,0,,\n", encoding="gb18030")
    code, output = run("import", "people", str(file))
    assert code == 1
    assert "名单.csv 第 4 行 电话（phone）" in output
    assert "什么都没有导入" in output
    code, output = run("import", "people", str(file), "--language", "en")
    assert (code, "名单.csv, row 4, name: must not be empty" in output) == (1, True)

    file.write_text(PEOPLE, encoding="gb18030")
    assert "试运行" in run("import", "people", str(file), "--dry-run")[1]
    assert "新增 2" in run("import", "people", str(file))[1]
    assert "完全相同" in run("import", "people", str(file))[1]
    assert run("import", "people", str(tmp_path / "gone.csv"))[0] == 1

    facts = json.loads(run("check", "--json")[1])
    assert (facts["persons"], facts["villages_covered"], facts["villages"]) == (2, 1, 409)
    assert len(facts["gaps"]) == 408
    assert len(json.loads(run("check", "--json", "--all")[1])["gaps"]) == 408
    assert "红旗社区：没有人绑定 Telegram" in run("check")[1]

    pdf = tmp_path / "sheets.pdf"
    words = ("sheets", "敦化市", "--output", str(pdf), "--bot-username", "@jiaoying_bot")
    code, output = run(*words)
    assert (code, "1 人" in output) == (0, True), "whoever is linked needs no invitation"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "字库" not in output
    output = run(*words, "--all")[1]
    assert "四" in output and "🔥 U+1F525" in output, "printed as 〓, and said by name"
    assert run("sheets", "天涯海角", *words[2:])[0] == 1
    nowhere = str(tmp_path / "no" / "x.pdf")
    assert run("sheets", "敦化市", "--output", nowhere, "--bot-username", "x")[0] == 1


def held(database: Database, phone: str) -> list[tuple[str, str]]:
    person = database.read(lambda c: people_store.person_by_phone(c, phone))
    assert person is not None
    return [(post.division_code, post.role.value) for post in person.posts]


def test_a_row_is_a_post_and_the_second_file_adds_one(database: Database, tmp_path: Path) -> None:
    first = HEADER + (
        "张三,13900000001,222403001001,village_responsible,,,\n"
        "张三,13900000001,222403001002,village_responsible,2,,\n"
        "李四,13900000002,222403001001,ranger,,,\n"
    )
    assert bring(database, tmp_path, RosterKind.PEOPLE, first).written
    assert held(database, "+8613900000001") == [
        ("222403001001", "village_responsible"),
        ("222403001002", "village_responsible"),
    ]
    again = bring(database, tmp_path, RosterKind.PEOPLE, first)
    assert (again.written, again.changes.unchanged) == (False, 2)
    head, *rows = first.splitlines(keepends=True)
    turned = "".join([head, *reversed(rows)])
    assert not bring(database, tmp_path, RosterKind.PEOPLE, turned, all_posts=True).written
    more = HEADER + "张三,13900000001,222403001000,commander,,,\n"
    assert bring(database, tmp_path, RosterKind.PEOPLE, more).written
    # The post with most rights leads; nothing is lost.
    assert held(database, "+8613900000001") == [
        ("222403001000", "commander"),
        ("222403001001", "village_responsible"),
        ("222403001002", "village_responsible"),
    ]
    person = database.read(lambda c: people_store.person_by_phone(c, "+8613900000001"))
    assert person is not None and (person.role.value, person.others[1].rank) == ("commander", 2)


def test_two_names_with_one_number_are_two_persons(database: Database, tmp_path: Path) -> None:
    twice = HEADER + (
        "张三,13900000001,222403001001,village_responsible,,,\n"
        "张四,13900000001,222403001002,village_responsible,,,\n"
        "李四,13900000002,222403001001,ranger,,,\n"
        "李四,13900000002,222403001001,ranger,2,,\n"
    )
    report = bring(database, tmp_path, RosterKind.PEOPLE, twice)
    assert [problem.reason for problem in report.problems.shown] == [RowReason.PHONE_TWICE] * 2
    assert not report.written


def test_a_command_is_taken_away_only_when_agreed(database: Database, tmp_path: Path) -> None:
    both = HEADER + (
        "王五,13900000005,222403001000,commander,,,\n"
        "王五,13900000005,222403001001,village_responsible,,,\n"
    )
    bring(database, tmp_path, RosterKind.PEOPLE, both)
    only = HEADER + "王五,13900000005,222403001001,village_responsible,,,\n"
    assert not bring(database, tmp_path, RosterKind.PEOPLE, only).written  # nothing is taken away
    asked = bring(database, tmp_path, RosterKind.PEOPLE, only, all_posts=True)
    assert [question.why for question in asked.questions] == [Unusual.LOSES_COMMAND]
    assert not asked.written
    assert held(database, "+8613900000005")[0] == ("222403001000", "commander")
    assert bring(database, tmp_path, RosterKind.PEOPLE, only, all_posts=True, agreed=True).written
    assert held(database, "+8613900000005") == [("222403001001", "village_responsible")]


def test_odd_posts_are_asked_about_once(database: Database, tmp_path: Path) -> None:
    odd = HEADER + (
        "赵六,13900000006,222403001001,director,,,\n"
        "孙七,13900000007,222403000000,village_responsible,,,\n"
    )
    asked = bring(database, tmp_path, RosterKind.PEOPLE, odd)
    assert [question.why for question in asked.questions] == [
        Unusual.COMMANDS_VILLAGE,
        Unusual.COUNTY_RESPONSIBLE,
    ]
    assert not asked.written
    assert bring(database, tmp_path, RosterKind.PEOPLE, odd, agreed=True).written
    assert bring(database, tmp_path, RosterKind.PEOPLE, odd).questions == ()


@pytest.mark.both_databases
def test_places_have_persons_and_a_title_is_a_word(database: Database, tmp_path: Path) -> None:
    places = (
        "类型,名称,区划代码,威胁户数,经度,纬度\n"
        "水库,红旗水库,222403001001,30,128.2,43.4\n学校,一小,222403001002,,,\n"
    )
    assert bring(database, tmp_path, RosterKind.PLACES, places).written
    assert not bring(database, tmp_path, RosterKind.PLACES, places).written
    people = (
        "姓名,电话,区划代码,职务,称谓,地点,灾种\n"
        "钱八,13900000008,222403001001,技术责任人,副镇长,红旗水库,\n"
        "周九,13900000009,222403001001,群测群防员,,,地质灾害、暴雨\n"
        "吴十,13900000010,222403001002,巡查责任人,,红旗水库,\n"
        "郑一,13900000011,222403001001,巡查责任人,,红旗水库,\n"
    )
    report = bring(database, tmp_path, RosterKind.PEOPLE, people)
    assert [problem.reason for problem in report.problems.shown] == [RowReason.PLACE_UNKNOWN]
    kept = people.replace("吴十,13900000010,222403001002,巡查责任人,,红旗水库,\n", "")
    assert bring(database, tmp_path, RosterKind.PEOPLE, kept).written
    engineer = database.read(lambda c: people_store.person_by_phone(c, "+8613900000008"))
    assert engineer is not None
    assert (engineer.title, engineer.role.value) == ("副镇长", "reservoir_engineer")
    assert engineer.place_code == "222403001001-reservoir-红旗水库"
    observer = database.read(lambda c: people_store.person_by_phone(c, "+8613900000009"))
    assert observer is not None and observer.hazards == {"geological", "rainstorm"}
    assert held(database, "+8613900000011") == [("222403001001", "reservoir_inspector")]
    # The reservoir is entered elsewhere: who answers for it goes along.
    moved = places.replace("水库,红旗水库,222403001001", "水库,红旗水库,222403001002")
    moved = (
        moved.replace("类型,", "编号,类型,")
        .replace("\n水库", "\n222403001001-reservoir-红旗水库,水库")
        .replace("\n学校", "\n,学校")
    )
    assert bring(database, tmp_path, RosterKind.PLACES, moved).written
    assert held(database, "+8613900000008") == [("222403001002", "reservoir_engineer")]


@pytest.mark.both_databases
def test_whoever_left_comes_back_to_the_posts_of_the_file_only(
    database: Database, tmp_path: Path
) -> None:
    both = HEADER + (
        "王五,13900000005,222403001000,commander,,,\n"
        "王五,13900000005,222403001001,village_responsible,,,\n"
    )
    bring(database, tmp_path, RosterKind.PEOPLE, both)
    person = database.read(lambda c: people_store.person_by_phone(c, "+8613900000005"))
    assert person is not None
    database.do(lambda c: retire(c, person.id, NOW))
    only = HEADER + "王五,13900000005,222403001001,ranger,,,\n"
    assert not bring(database, tmp_path, RosterKind.PEOPLE, only).written, "not by an old list"
    spoken = Spoken(returning=frozenset({"+8613900000005"}))
    assert bring(database, tmp_path, RosterKind.PEOPLE, only, spoken=spoken).written
    assert held(database, "+8613900000005") == [("222403001001", "ranger")]
