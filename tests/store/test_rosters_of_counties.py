"""Ten rosters in the shapes that counties publish, imported as they are: what each becomes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot.views.roster.change_text import ChangeWords
from bot.views.roster.import_text import file_problem_text, report_lines
from contacts import place_store
from contacts.divisions.store import known_divisions
from contacts.people import Role
from contacts.roster import store as roster_store
from contacts.roster.columns import RosterKind
from contacts.roster.importing import ImportReport, import_file
from contacts.roster.reading.headings import Field
from contacts.roster.reading.people_list import Defaults
from contacts.roster.reading.questions import Asked
from contacts.roster.reading.table import LeftOutReason
from contacts.roster.rows import RowReason
from data.database import Database
from data.errors import InvalidInput
from data.files import FileProblem

pytestmark = pytest.mark.one_database


NOW = datetime(2026, 7, 1, tzinfo=UTC)
ROSTERS = Path(__file__).parent / "rosters"
RESPONSIBLE = Defaults(role=Role.VILLAGE_RESPONSIBLE)


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    made = Database(upgraded_url, synchronous="normal")
    yield made
    made.close()


def file_of(number: str) -> Path:
    return next(ROSTERS.glob(f"{number}-*"))


def bring(
    database: Database, file: Path | str, said: Defaults | None = None, *, dry_run: bool = False
) -> ImportReport:
    path = file_of(file) if isinstance(file, str) else file
    return import_file(database, RosterKind.PEOPLE, path, NOW, zone=UTC, said=said, dry_run=dry_run)


def held(database: Database) -> dict[str, list[str]]:
    """Each person's posts: place's name or last part of the path, role, title."""

    def read(connection):  # type: ignore[no-untyped-def]
        gazetteer = known_divisions(connection)
        places = {place.code: place.name for place in place_store.all_places(connection)}
        return {
            f"{person.name} {person.phone.removeprefix('+86')}": sorted(
                " ".join(
                    filter(
                        None,
                        (
                            gazetteer.name(post.division_code),
                            places.get(post.place_code, ""),
                            post.role.value,
                            post.title,
                            f"#{post.rank}" if post.rank > 1 else "",
                        ),
                    )
                )
                for post in person.posts
            )
            for person in roster_store.stored_people(connection)
        }

    return database.read(read)


def sheet_of(tmp_path: Path, *rows: list[object], name: str = "名单.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    path = tmp_path / name
    path.write_bytes(content.getvalue())
    return path


def test_titles_above_merged_towns_and_a_title_that_is_no_role(database: Database) -> None:
    asked = bring(database, "01")
    assert not asked.written
    assert [(q.asked, q.total, q.about[0]) for q in asked.open] == [(Asked.ROLE, 4, "村书记")]
    assert held(database) == {}
    assert bring(database, "01", RESPONSIBLE).written
    assert held(database) == {
        "甲一平 19900000001": ["宝兴村 village_responsible 村书记"],
        "甲二安 19900000002": ["太阳村 village_responsible 村主任"],
        "甲三喜 19900000003": ["桃源村 village_responsible 书记兼主任"],
        "甲四和 19900000004": ["龙水村 village_responsible 村支部书记"],
    }


def test_two_rows_of_headings_and_three_persons_of_each_reservoir(database: Database) -> None:
    assert bring(database, "03").written
    assert held(database) == {
        "乙一文 19900000009": [
            "奋斗村 二号水库 reservoir_head 副镇长",
            "官船村 一号水库 reservoir_head 副镇长",
        ],
        "乙二武 19900000010": [
            "奋斗村 二号水库 reservoir_engineer 水利站站长",
            "官船村 一号水库 reservoir_engineer 水利站站长",
        ],
        "乙三全 19900000011": ["官船村 一号水库 reservoir_inspector 村民"],
        "乙四义 19900000014": ["奋斗村 二号水库 reservoir_inspector 村民"],
    }
    assert not bring(database, "03").written, "the same file again changes nothing"


def test_an_old_excel_file_and_an_identity_number_that_is_not_kept(database: Database) -> None:
    report = bring(database, "05")
    assert report.read is not None and report.read.private == ("身份证号",)
    assert held(database) == {
        "丁一山 19900000019": ["明东村 ranger"],
        "丁二林 19900000020": ["智新村 ranger"],
    }
    assert "220000190001010000" not in str(report)


def test_a_sheet_for_each_town(database: Database) -> None:
    report = bring(database, "07", RESPONSIBLE)
    assert report.read is not None and report.read.covers == ("填表说明",)
    assert {posts[0] for posts in held(database).values()} == {
        "新成村 village_responsible 村书记",
        "老西村 village_responsible 村书记",
        "富裕村 village_responsible 村书记",
        "鹤栖村 village_responsible 村书记",
    }


def test_several_numbers_in_a_cell(database: Database) -> None:
    assert bring(database, "08").written
    assert set(held(database)) == {
        "张三 19900000025",
        "李四 19900000027",
        "王五 4333230001x801",
        "赵六 4333230001x8",
        "钱七 19900000029",
        "孙八 19900000030",
        "周九 19900000032",
    }


def test_rare_characters_of_gb18030(database: Database) -> None:
    assert bring(database, "11").written
    names = {person.partition(" ")[0] for person in held(database)}
    assert names == {"王䶮", "李㛃", "赵𠅤", "阿·木·提"}


def test_sub_totals_hidden_rows_and_a_signature(database: Database) -> None:
    report = bring(database, "12")
    assert set(held(database)) == {"辛一 19900000041", "辛三 19900000043"}
    assert report.read is not None
    assert [(out.row.number, out.reason) for out in report.read.left_out] == [
        (3, LeftOutReason.HIDDEN),
        (4, LeftOutReason.TOTAL),
        (6, LeftOutReason.TOTAL),
        (7, LeftOutReason.SIGNATURE),
    ]


def test_the_head_of_a_neighbourhood_is_no_director(database: Database) -> None:
    assert bring(database, "13").written
    assert {post for posts in held(database).values() for post in posts} == {
        "土城堡社区 grid_worker 主任",
        "六道河社区 grid_worker 副主任",
        "吉明社区 grid_worker 工作人员",
        "文化社区 grid_worker 主任",
    }


def test_a_title_gives_no_right_without_a_role_either(database: Database, tmp_path: Path) -> None:
    rows = [["姓名", "职务", "区划代码", "电话"], ["壬一", "主任", "222405001001", "19900000044"]]
    report = bring(database, sheet_of(tmp_path, *rows))
    assert [question.asked for question in report.open] == [Asked.ROLE]
    assert held(database) == {}


def test_three_tiers_for_each_village(database: Database) -> None:
    assert bring(database, "15").written
    assert held(database) == {
        "子一 19900000054": [
            "太阳村 village_responsible 副市长 #3",
            "宝兴村 village_responsible 副市长 #3",
        ],
        "子二 19900000055": [
            "太阳村 village_responsible 镇长 #2",
            "宝兴村 village_responsible 镇长 #2",
        ],
        "子三 19900000056": ["宝兴村 village_responsible 村书记"],
        "子四 19900000059": ["太阳村 village_responsible 村书记"],
    }


def tiers(database: Database) -> dict[str, list[str | None]]:
    """The tier that each post of each person is held from."""
    return {
        person.name: [post.held_from.value if post.held_from else None for post in person.posts]
        for person in database.read(roster_store.stored_people)
    }


def test_each_post_bears_the_tier_that_it_is_held_from(database: Database, tmp_path: Path) -> None:
    first = bring(database, "15")
    told = ChangeWords(database.read(known_divisions), "zh")
    shown = {person.name: told.person(person) for person in first.changes.new}
    assert shown["子一"].count("县级包保责任人（副市长）") == 2
    assert "乡级包保责任人（镇长）" in shown["子二"]
    assert "村级包保责任人（村书记）" in shown["子三"]
    known = {"子一": ["county"] * 2, "子二": ["township"] * 2, "子三": ["village"]}
    assert tiers(database) == {**known, "子四": ["village"]}
    again = bring(database, "15")
    assert (again.written, again.changes.unchanged) == (False, 4)
    silent = [["姓名", "电话", "区划", "角色"]]
    silent += [
        ["子一", "19900000054", f"老头沟镇{village}", "包保责任人"]
        for village in ("宝兴村", "太阳村")
    ]
    bring(database, sheet_of(tmp_path, *silent))
    assert tiers(database)["子一"] == ["county"] * 2, "a list that does not say it"


def test_a_column_names_the_tier_of_each_row(database: Database, tmp_path: Path) -> None:
    head = ["姓名", "电话", "村", "角色", "包保层级"]
    file = sheet_of(
        tmp_path,
        head,
        ["甲", "19900000001", "老头沟镇宝兴村", "包保责任人", "市级"],
        ["乙", "19900000002", "老头沟镇宝兴村", "包保责任人", "乡镇级"],
        ["丙", "19900000003", "老头沟镇宝兴村", "村级包保责任人", ""],
        ["丁", "19900000004", "老头沟镇宝兴村", "包保责任人", "正科"],
    )
    assert bring(database, file, dry_run=True).problems.total == 0
    bring(database, file)
    said = {"甲": ["county"], "乙": ["township"], "丙": ["village"], "丁": [None]}
    assert tiers(database) == said, "龙井市 is a city of the tier of counties"
    more = ["戊", "19900000005", "老头沟镇宝兴村", "包保责任人", "县级"]
    file = sheet_of(
        tmp_path, head, ["甲", "19900000001", "老头沟镇宝兴村", "包保责任人", "市级"], more
    )
    bring(database, file)
    assert tiers(database) == {**said, "甲": ["city"], "戊": ["county"]}, "beside 县级"


HEAD = ["序号", "乡镇", "村", "责任人", "移动电话"]


def test_a_town_in_a_row_of_its_own_over_its_villages(database: Database, tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path,
        ["龙井市防汛责任人名单"],
        ["序号", "村", "负责人", "移动电话"],
        ["老头沟镇"],
        [1, "宝兴村", "张三", 19900000001],
        ["三合镇"],
        [2, "富裕村", "李四", 19900000002],
    )
    assert bring(database, file, RESPONSIBLE).written
    assert held(database) == {
        "张三 19900000001": ["宝兴村 village_responsible"],
        "李四 19900000002": ["富裕村 village_responsible"],
    }


def test_two_persons_in_a_cell_with_a_number_each(database: Database, tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path,
        HEAD,
        [1, "老头沟镇", "宝兴村", "张三、李四", "19900000001、19900000002"],
        [2, "", "太阳村", "王五 赵六", "19900000003 19900000004"],
    )
    assert bring(database, file, Defaults(Role.VILLAGE_RESPONSIBLE, "222405000000")).written
    assert {name: posts[0][:3] for name, posts in held(database).items()} == {
        "张三 19900000001": "宝兴村",
        "李四 19900000002": "宝兴村",
        "王五 19900000003": "太阳村",
        "赵六 19900000004": "太阳村",
    }


def test_a_village_that_is_not_clear_is_refused(database: Database, tmp_path: Path) -> None:
    file = sheet_of(tmp_path, HEAD, [1, "", "太平村", "张三", 19900000001])
    report = bring(database, file, RESPONSIBLE)
    assert [problem.reason for problem in report.problems.shown] == [RowReason.DIVISION_UNCLEAR]


def test_a_row_outside_the_area_is_refused(database: Database, tmp_path: Path) -> None:
    file = sheet_of(tmp_path, HEAD, [1, "敦化市大石头镇", "三道河子村", "张三", 19900000001])
    report = bring(database, file, Defaults(Role.VILLAGE_RESPONSIBLE, "222405000000"))
    assert [problem.reason for problem in report.problems.shown] == [RowReason.DIVISION_OUTSIDE]


def test_a_list_without_places_asks_for_the_area(database: Database, tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path, ["龙井市护林员"], ["姓名", "电话", "性别"], ["张三", 19900000001, "男"]
    )
    report = bring(database, file)
    assert [(q.asked, q.about) for q in report.open] == [(Asked.AREA, ("延边州 龙井市",))]
    assert bring(database, file, Defaults(area="222405102000")).written
    assert held(database) == {"张三 19900000001": ["老头沟镇 ranger"]}


def test_a_column_that_somebody_explains(database: Database, tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path, ["包保片区", "联络者", "手机号码"], ["老头沟镇宝兴村", "张三", 19900000001]
    )
    with pytest.raises(InvalidInput) as refused:
        bring(database, file)
    assert (refused.value.facts["column"], refused.value.facts["strange"]) == ("name", "联络者")
    said = Defaults(Role.VILLAGE_RESPONSIBLE, columns={"联络者": Field.NAME})
    assert bring(database, file, said).written
    assert list(held(database)) == ["张三 19900000001"]


def test_vacant_posts_are_left_out(database: Database, tmp_path: Path) -> None:
    file = sheet_of(
        tmp_path,
        HEAD,
        [1, "老头沟镇", "宝兴村", "空缺", ""],
        [2, "老头沟镇", "太阳村", "张三", 19900000001],
    )
    report = bring(database, file, RESPONSIBLE)
    assert report.read is not None
    assert [out.reason for out in report.read.left_out] == [LeftOutReason.VACANT]
    assert list(held(database)) == ["张三 19900000001"]


@pytest.mark.both_databases
def test_a_duty_table_with_a_column_a_post(database: Database, tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    file = tmp_path / "people.csv"
    file.write_text(
        "name,phone,division_code,role\n"
        + "".join(
            f"{name},1990000090{n},222405000000,值班员\n"
            for n, name in enumerate(("寅一", "寅二", "寅三"), start=1)
        )
    )
    assert bring(database, file).written
    report = import_file(database, RosterKind.DUTY, file_of("17"), NOW, zone=zone)
    assert report.written
    assert [(row, name) for row, name, _ in report.strangers] == [(3, "寅四")]
    people = database.read(roster_store.stored_people)
    names = {person.id: person.name for person in people}
    shifts = database.read(roster_store.stored_shifts)
    assert {(names[shift.person_id], shift.starts_at, shift.ends_at) for shift in shifts} == {
        ("寅一", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)),
        ("寅二", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)),
        ("寅三", datetime(2026, 7, 2, tzinfo=UTC), datetime(2026, 7, 3, tzinfo=UTC)),
    }
    assert not import_file(database, RosterKind.DUTY, file_of("17"), NOW, zone=zone).written


def test_a_duty_table_of_nobody_known_is_no_file_without_changes(
    database: Database, tmp_path: Path
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    file = sheet_of(tmp_path, ("日期", "带班领导", "值班员"), ("2026年7月1日", "寅一", "寅二"))
    report = import_file(database, RosterKind.DUTY, file, NOW, zone=zone)
    assert (report.nobody_known, report.written) == (True, False)
    told = list(report_lines(report, "zh"))
    assert told[-1] == "什么都没有导入：表里的人都不在通讯录里。请先导入人员。"


def test_a_duty_table_given_as_a_list_of_persons_is_called_one(
    database: Database, tmp_path: Path
) -> None:
    file = sheet_of(tmp_path, ("日期", "带班领导", "值班员"), ("2026年7月1日", "寅一", "寅二"))
    with pytest.raises(InvalidInput) as refused:
        bring(database, file)
    assert refused.value.code is FileProblem.DUTY_TABLE
    assert "import duty" in file_problem_text(refused.value, "zh")
