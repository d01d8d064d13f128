"""Lists as offices keep them: which columns are whose, what belongs where, who has which role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pytest

from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import shipped_divisions
from contacts.people import Person, Role
from contacts.places import KnownPlaces
from contacts.roster.reading.duty_list import duty_table, read_duty
from contacts.roster.reading.headings import Field, heading
from contacts.roster.reading.name_cells import persons_in
from contacts.roster.reading.people_list import Defaults, PeopleList, read_people
from contacts.roster.reading.phone_cells import phones_in
from contacts.roster.records import people_rows
from contacts.roster.rows import Problems
from contacts.roster.sheet import Book, Grid, Merged, SheetRow
from data.errors import InvalidInput
from data.files import FileProblem

V = Role.VILLAGE_RESPONSIBLE
LONGJING = "222405000000"
TEL = [f"1990000000{n}" for n in range(10)]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(shipped_divisions())


def book(rows: list[list[str]], merged: list[Merged] | None = None) -> Book:
    lines = tuple(
        SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, start=1) if any(cells)
    )
    return Book("名单.xlsx", "", (Grid("", lines, tuple(merged or ())),))


def read(gazetteer: Gazetteer, given: Book, said: Defaults) -> tuple[PeopleList, list[str]]:
    problems = Problems()
    found = read_people(given, gazetteer, said, problems)
    rows, _ = people_rows(found.sheet, gazetteer, problems, KnownPlaces(found.places))
    assert not problems.total, problems.shown
    places = {place.code: place.name for place in found.places}
    return found, [
        " ".join(
            filter(
                None,
                (
                    row.name,
                    row.phone.removeprefix("+86")[-1],
                    gazetteer.name(post.division_code),
                    places.get(post.place_code, ""),
                    post.role.value,
                    post.title,
                ),
            )
        )
        for row in rows
        for post in row.posts
    ]


@dataclass(frozen=True)
class Case:
    rows: list[list[str]]
    become: list[str]
    said: Defaults = Defaults()  # noqa: RUF009 - frozen
    merged: tuple[Merged, ...] = ()


CASES = {
    "a leader's number stands once, an example, a village that another county's town is like": Case(
        [
            ["龙井市防汛包保责任体系一览表"],
            ["乡镇", "村", "市级包保领导", "电话", "村级负责人", "电话"],
            ["示例：老头沟镇", "某村", "张三", "13800000000", "李四", "13800000001"],
            ["老头沟镇", "宝兴村", "甲一（副市长）", TEL[1], "甲二", TEL[2]],
            ["", "太阳", "甲一", "", "甲三", TEL[3]],
        ],
        [
            "甲一 1 宝兴村 village_responsible 副市长",
            "甲一 1 太阳村 village_responsible",
            "甲二 2 宝兴村 village_responsible",
            "甲三 3 太阳村 village_responsible",
        ],
    ),
    "name, office and number in one cell, a village with its township and no county": Case(
        [
            ["责任单位（乡镇）", "责任村（社区）", "责任人（姓名/职务/电话）"],
            ["", "老头沟镇宝兴村", f"甲一/村书记/{TEL[1]}"],
            ["老头沟镇", "太阳村", f"甲二 村主任 {TEL[2]}"],
        ],
        ["甲一 1 宝兴村 village_responsible 村书记", "甲二 2 太阳村 village_responsible 村主任"],
        Defaults(V),
    ),
    "a reservoir's persons in a row each": Case(
        [
            ["水库名称", "所在地", "责任人类别", "姓名", "单位及职务", "手机"],
            ["一号水库", "老头沟镇宝兴村", "行政责任人", "甲一", "副镇长", TEL[1]],
            ["一号水库", "老头沟镇宝兴村", "巡查责任人", "甲二", "村民", TEL[2]],
        ],
        [
            "甲一 1 宝兴村 一号水库 reservoir_head 副镇长",
            "甲二 2 宝兴村 一号水库 reservoir_inspector 村民",
        ],
    ),
    "name and number in one cell, under a heading that says both": Case(
        [
            ["乡镇", "村", "村书记及电话", "包村干部及联系方式", "护林员"],
            [
                "老头沟镇",
                "宝兴村",
                f"甲一{TEL[1]}",
                f"甲二：{TEL[2]}",
                f"甲三{TEL[3]}、甲四{TEL[4]}",
            ],
            ["", "太阳村", f"甲五（{TEL[5]}）", f"甲二 {TEL[2]}", "甲六 199 0000 0006"],
        ],
        [
            "甲一 1 宝兴村 village_responsible 村书记",
            "甲二 2 宝兴村 village_cadre",
            "甲二 2 太阳村 village_cadre",
            "甲三 3 宝兴村 ranger",
            "甲四 4 宝兴村 ranger",
            "甲五 5 太阳村 village_responsible 村书记",
            "甲六 6 太阳村 ranger",
        ],
        Defaults(V),
    ),
    "two halves side by side": Case(
        [
            ["老头沟镇防汛包保责任人通讯录"],
            ["村", "姓名", "电话", "", "村", "姓名", "电话"],
            ["宝兴村", "甲一", TEL[1], "", "太阳村", "甲二", TEL[2]],
            ["桃源村", "甲三", TEL[3]],
        ],
        [
            "甲一 1 宝兴村 village_responsible",
            "甲三 3 桃源村 village_responsible",
            "甲二 2 太阳村 village_responsible",
        ],
    ),
    "two lists in one sheet, each with its title and headings": Case(
        [
            ["一、防汛责任人"],
            ["乡镇", "村", "责任人", "电话"],
            ["老头沟镇", "宝兴村", "甲一", TEL[1]],
            ["二、防火责任人"],
            ["乡镇", "村", "护林员", "护林面积", "联系电话"],
            ["老头沟镇", "太阳村", "甲二", "300亩", TEL[2]],
        ],
        ["甲一 1 宝兴村 village_responsible", "甲二 2 太阳村 ranger"],
        Defaults(V),
    ),
    "a role inside a longer word, an office in place of a division": Case(
        [
            ["序号", "所在地区", "姓名", "岗位类别", "手机号码"],
            ["1", "吉林省延边州龙井市老头沟镇宝兴村民委员会", "甲一", "村级灾害信息员", TEL[1]],
            ["2", "老头沟镇人民政府", "甲二", "乡镇级灾害信息员", TEL[2]],
            ["3", "龙井市应急管理局", "甲三", "县级灾害信息员", TEL[3]],
        ],
        [
            "甲一 1 宝兴村 disaster_informant 村级灾害信息员",
            "甲二 2 老头沟镇 disaster_informant 乡镇级灾害信息员",
            "甲三 3 龙井市 disaster_informant 县级灾害信息员",
        ],
    ),
    "a forest section and a group below the village": Case(
        [
            ["乡镇", "村", "护林员", "管护区域（林班）", "联系方式"],
            ["老头沟镇", "宝兴村", "甲一", "13-15林班", TEL[1]],
            ["", "太阳", "甲二", "太阳村3组", TEL[2]],
        ],
        ["甲一 1 宝兴村 ranger", "甲二 2 太阳村 ranger"],
    ),
    "a title of two roles gives neither": Case(
        [
            ["龙井市瞭望员、护林员登记表"],
            ["姓名", "工作地点", "岗位", "电话"],
            ["甲一", "老头沟镇宝兴村", "瞭望员", TEL[1]],
            ["甲二", "老头沟镇太阳村5组", "检查站站长", TEL[2]],
        ],
        ["甲一 1 宝兴村 lookout", "甲二 2 太阳村 checkpoint 检查站站长"],
        Defaults(Role.CHECKPOINT),
    ),
    "codes of nine digits, a title for each of two persons": Case(
        [
            ["行政区划代码", "负责人", "职  务", "移动电话"],
            ["222405102", "甲一\n甲二", "书记\n主任", f"{TEL[1]}\n{TEL[2]}"],
        ],
        [
            "甲一 1 老头沟镇 village_responsible 书记",
            "甲二 2 老头沟镇 village_responsible 主任",
        ],
        Defaults(V),
    ),
    "two rows of headings, points with codes and those who are threatened": Case(
        [
            ["龙井市地质灾害隐患点一览表"],
            [
                "隐患点编号",
                "隐患点名称",
                "地理位置",
                "",
                "威胁人数",
                "防灾责任人",
                "",
                "监测责任人",
            ],
            ["", "", "乡镇", "村", "", "姓名", "电话", "姓名", "电话"],
            ["D1", "后山滑坡", "老头沟镇", "宝兴村", "18", "甲一", TEL[1], "甲二", TEL[2]],
            ["D2", "西沟", "老头沟镇", "太阳村", "9", "甲一", TEL[1], "甲三", TEL[3]],
        ],
        [
            "甲一 1 宝兴村 后山滑坡 hazard_point_responsible",
            "甲一 1 太阳村 西沟 hazard_point_responsible",
            "甲二 2 宝兴村 后山滑坡 hazard_observer",
            "甲三 3 太阳村 西沟 hazard_observer",
        ],
    ),
    "titles before the names": Case(
        [
            ["乡镇", "村", "职务", "姓名", "手机", "职务", "姓名", "手机"],
            ["老头沟镇", "宝兴村", "书记", "甲一", TEL[1], "会计", "甲二", TEL[2]],
        ],
        ["甲一 1 宝兴村 village_responsible 书记", "甲二 2 宝兴村 village_responsible 会计"],
        Defaults(V, LONGJING),
    ),
    "one person for the merged rows of three villages": Case(
        [
            ["乡镇", "村", "包村干部", "电话"],
            ["老头沟镇", "宝兴村", "甲一", TEL[1]],
            ["", "太阳村"],
            ["", "桃源村"],
        ],
        [
            "甲一 1 宝兴村 village_cadre",
            "甲一 1 太阳村 village_cadre",
            "甲一 1 桃源村 village_cadre",
        ],
        merged=(Merged(2, 4, 0, 0), Merged(2, 4, 2, 2), Merged(2, 4, 3, 3)),
    ),
    "three roles by the headings, and a settlement below the village": Case(
        [
            "县 乡镇 村 自然屯 监测责任人 电话 预警责任人 电话 转移责任人 电话".split(),
            [
                "龙井市",
                "老头沟镇",
                "宝兴村",
                "一组",
                "甲一",
                TEL[1],
                "甲二",
                TEL[2],
                "甲三",
                TEL[3],
            ],
        ],
        [
            "甲一 1 宝兴村 一组 monitoring_responsible",
            "甲二 2 宝兴村 一组 warning_responsible",
            "甲三 3 宝兴村 一组 evacuation_responsible",
        ],
    ),
    "a whole path in one cell": Case(
        [
            ["责任区域", "责任人", "手机号"],
            ["吉林省延边朝鲜族自治州龙井市老头沟镇宝兴村", "甲一", TEL[1]],
            ["延边州龙井市老头沟镇太阳村民委员会", "甲二", TEL[2]],
        ],
        ["甲一 1 宝兴村 village_responsible", "甲二 2 太阳村 village_responsible"],
        Defaults(V),
    ),
    "a school and its head": Case(
        [
            ["学校名称", "所在乡镇", "安全责任人", "联系电话"],
            ["一小", "龙井市老头沟镇", "甲一", TEL[1]],
        ],
        ["甲一 1 老头沟镇 一小 place_responsible"],
    ),
    "name and number in one cell": Case(
        [["乡镇", "村", "责任人及电话"], ["老头沟镇", "宝兴村", f"甲一{TEL[1]}"]],
        ["甲一 1 宝兴村 village_responsible"],
        Defaults(V, LONGJING),
    ),
    "a headquarters, whose words for roles stand beside titles": Case(
        [
            ["龙井市防汛抗旱指挥部成员"],
            ["职务", "姓名", "单位职务", "手机"],
            ["指挥长", "甲一", "市长", TEL[1]],
            ["副指挥长", "甲二", "副市长", TEL[2]],
            ["成员", "甲三", "水利局局长", TEL[3]],
        ],
        [
            "甲一 1 龙井市 commander 市长",
            "甲二 2 龙井市 deputy_director 副市长",
            "甲三 3 龙井市 staff 成员、水利局局长",
        ],
        Defaults(area=LONGJING),
    ),
    "departments: a unit with its county, one without, one in the title, the command's own": Case(
        [
            ["龙井市防汛抗旱指挥部成员单位通讯录"],
            ["单位", "姓名", "职务", "手机"],
            ["龙井市水利局", "甲一", "局长", TEL[1]],
            ["气象局", "甲二", "副局长", TEL[2]],
            ["国网龙井市供电公司", "甲三", "联络员", TEL[3]],
            ["龙井市应急管理局", "甲四", "局长", TEL[4]],
            ["龙井市应急管理局", "甲五", "联络员", TEL[5]],
        ],
        [
            "甲一 1 龙井市 水利部门 department 水利局局长",
            "甲二 2 龙井市 气象部门 department 气象局副局长",
            "甲三 3 龙井市 电力部门 department 国网龙井市供电公司联络员",
            "甲四 4 龙井市 director 局长",
            "甲五 5 龙井市 应急部门 department 应急管理局联络员",
        ],
        Defaults(area=LONGJING),
    ),
    "departments in a column of their own, and in titles from the county up": Case(
        [
            ["区划代码", "部门", "角色", "姓名", "单位及职务", "手机"],
            [LONGJING, "水利", "部门联络员", "甲一", "", TEL[1]],
            [LONGJING, "", "部门联络员", "甲二", "林业和草原局副局长", TEL[2]],
            [LONGJING, "", "", "甲三", "住房和城乡建设局科长", TEL[3]],
        ],
        [
            "甲一 1 龙井市 水利部门 department 水利",
            "甲二 2 龙井市 林草部门 department 林业和草原局副局长",
            "甲三 3 龙井市 住建部门 department 住房和城乡建设局科长",
        ],
    ),
    "a town that stands in the first of its rows": Case(
        [
            ["乡镇", "村", "姓名", "电话"],
            ["龙井市老头沟镇", "宝兴村", "甲一", TEL[1]],
            ["", "太阳村", "甲二", TEL[2]],
            ["龙井市三合镇", "富裕村", "甲三", TEL[3]],
        ],
        [
            "甲一 1 宝兴村 village_responsible",
            "甲二 2 太阳村 village_responsible",
            "甲三 3 富裕村 village_responsible",
        ],
        Defaults(V),
    ),
    "offices as headings": Case(
        [
            ["村名", "村书记", "电话", "村主任", "电话"],
            ["龙井市老头沟镇宝兴村", "甲一", TEL[1], "甲二", TEL[2]],
        ],
        ["甲一 1 宝兴村 village_responsible 村书记", "甲二 2 宝兴村 village_responsible 村主任"],
        Defaults(V),
    ),
    "a dyke": Case(
        [
            ["堤防名称", "所在村", "行政责任人", "手机", "巡查责任人", "手机"],
            ["海兰江左堤", "龙井市老头沟镇宝兴村", "甲一", TEL[1], "甲二", TEL[2]],
        ],
        [
            "甲一 1 宝兴村 海兰江左堤 dyke_responsible",
            "甲二 2 宝兴村 海兰江左堤 dyke_responsible",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_list_becomes(gazetteer: Gazetteer, case: Case) -> None:
    _, rows = read(gazetteer, book(case.rows, list(case.merged)), case.said)
    assert sorted(rows) == sorted(case.become)


def test_a_sheet_of_numbers_under_strange_headings_is_refused(gazetteer: Gazetteer) -> None:
    good = book([["姓名", "电话", "区划代码"], ["甲一", TEL[1], "222405102200"]])
    strange = book([["谁", "哪里", "怎么找"], ["甲二", "宝兴村", TEL[2]]])
    both = replace(good, grids=(*good.grids, *strange.grids))
    with pytest.raises(InvalidInput) as refused:
        read_people(both, gazetteer, Defaults(V), Problems())
    assert refused.value.facts["found"] == "谁, 哪里, 怎么找"
    cover = book([["一、电话填手机"], ["二、按本表填报"]])
    found, _ = read(gazetteer, replace(good, grids=(*cover.grids, *good.grids)), Defaults(V))
    assert found.covers == ("",)


def test_points_keep_their_codes_and_numbers(gazetteer: Gazetteer) -> None:
    case = CASES["two rows of headings, points with codes and those who are threatened"]
    found, _ = read(gazetteer, book(case.rows), case.said)
    assert [(place.code, place.kind.value, place.persons) for place in found.places] == [
        ("D1", "hazard_point", 18),
        ("D2", "hazard_point", 9),
    ]


@pytest.mark.parametrize(
    ("written", "phones"),
    [
        ("19900000001", ["+8619900000001"]),
        ("199 0000 0001", ["+8619900000001"]),
        ("+86 19900000001", ["+8619900000001"]),
        ("19900000001、19900000002", ["+8619900000001", "+8619900000002"]),
        ("0433-3230001/19900000001", ["+8619900000001", "+864333230001"]),
        ("0433-3230001/3230002", ["+864333230001", "+864333230002"]),
        ("0433-3230001转801", ["+864333230001x801"]),
        ("(0433)3230001-8", ["+864333230001x8"]),
        ("19900000001（微信同号）", ["+8619900000001"]),
        ("手机19900000001 办公0433-3230001", ["+8619900000001", "+864333230001"]),
        ("19900000001(661001)", ["+8619900000001"]),
        ("19900000001 短号：66001", ["+8619900000001"]),
        ("3230001", []),
        ("1.39E+10", []),
        ("19900000001、1990000", []),
        ("+1 390 000 0001", []),
        ("无", []),
    ],
)
def test_the_numbers_of_a_cell(written: str, phones: list[str]) -> None:
    assert list(phones_in(written)) == phones


def test_a_number_without_area_code_has_that_of_its_place() -> None:
    both = ["+8619900000001", "+864333230001"]
    assert list(phones_in("19900000001（办）3230001", LONGJING)) == both
    assert list(phones_in("0432-63230001/3230001", LONGJING)) == ["+8643263230001", "+864323230001"]
    assert phones_in("3230001", "110000000000") == ()


def test_points_in_minutes_and_seconds_and_counts_with_their_measure(
    gazetteer: Gazetteer,
) -> None:
    rows = [
        ["村", "隐患点名称", "经度", "纬度", "威胁户数", "威胁人数", "防灾责任人", "电话"],
        [
            "老头沟镇宝兴村",
            "后山",
            "129°45′12″",
            "北纬43度18.6分",
            "12户",
            "约35人",
            "甲一",
            TEL[1],
        ],
    ]
    found, _ = read(gazetteer, book(rows), Defaults())
    (place,) = found.places
    assert (place.lon, place.lat) == (129.753333, 43.31)
    assert (place.households, place.persons) == (12, 35)


def test_a_list_without_headings_is_asked_for_them(gazetteer: Gazetteer) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_people(book([["宝兴村", "甲一", TEL[1]]]), gazetteer, Defaults(V), Problems())
    assert refused.value.code is FileProblem.NO_HEADINGS


@pytest.mark.parametrize(
    ("written", "persons"),
    [
        ("张三", [("张三", "")]),
        ("张 三", [("张三", "")]),
        ("李\u3000四", [("李四", "")]),
        ("王五（女）", [("王五", "")]),
        ("子一（副市长）", [("子一", "副市长")]),
        ("张三、李四", [("张三", ""), ("李四", "")]),
        ("张三/村书记", [("张三", "村书记")]),
        ("张三 村主任", [("张三", "村主任")]),
        ("张三/村书记、李四/网格员", [("张三", "村书记"), ("李四", "网格员")]),
        ("张三（书记、主任）", [("张三", "书记、主任")]),
        ("空缺", []),
        ("/", []),
        ("O'Neil & Söhne", [("O'Neil & Söhne", "")]),
        ("李, <b>四</b> 🔥", [("李, <b>四</b> 🔥", "")]),
    ],
)
def test_the_persons_of_a_cell(written: str, persons: list[tuple[str, str]]) -> None:
    assert [(person.name, person.title) for person in persons_in(written)] == persons


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("责任区", Field.DIVISION),
        ("乡（镇）、街道", Field.TOWN),
        ("Village", Field.VILLAGE),
        ("所在区", Field.COUNTY),
        ("村别", Field.VILLAGE),
        ("所在村组", Field.VILLAGE),
        ("驻村", Field.VILLAGE),
        ("村、社区名称", Field.VILLAGE),
        ("属地", Field.DIVISION),
        ("自然村", Field.PLACE),
        ("网格长", Field.NAME),
        ("村支书", Field.NAME),
        ("A角", Field.NAME),
        ("值班员1", Field.NAME),
        ("坝长", Field.UNKNOWN),
        ("责任人类别", Field.ROLE),
        ("灾害类型", Field.UNKNOWN),
        ("职责", Field.TITLE),
        ("村书记及电话", Field.NAME),
        ("办公电话及手机", Field.OFFICE_PHONE),
    ],
)
def test_what_a_heading_says(written: str, field: Field) -> None:
    assert heading(written).field is field


BEIJING = ZoneInfo("Asia/Shanghai")


def duty(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    """Who is on duty from when to when, as the clock on the wall shows it."""
    people = [
        Person(at, name, TEL[at], LONGJING, V, 1)
        for at, name in enumerate(("甲一", "甲二"), start=1)
    ]
    problems = Problems()
    found = read_duty(duty_table(book(rows)), people, BEIJING, 2026, problems)
    assert not problems.total and not found.strangers
    names = {person.id: person.name for person in people}
    return [
        (
            names[shift.person_id],
            *(f"{at.astimezone(BEIJING):%m-%d %H}" for at in (shift.starts_at, shift.ends_at)),
        )
        for shift in found.shifts
    ]


def test_a_duty_table_without_numbers_with_day_and_night() -> None:
    rows = [
        ["日期", "带班领导", "白班（8:30-17:00）", "夜班"],
        ["7月1日", "甲一", "甲二", "甲一"],
    ]
    assert duty([rows[0], ["7月1日", "", "甲二", "甲一"]]) == [
        ("甲二", "07-01 08", "07-01 17"),
        ("甲一", "07-01 20", "07-02 08"),
    ]
    assert ("甲一", "07-01 08", "07-02 08") in duty(rows)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("7月1日8:00-7月2日8:00", ("07-01 08", "07-02 08")),
        ("2026-07-01 20:00至次日8:00", ("07-01 20", "07-02 08")),
        ("7月1日—7月7日", ("07-01 08", "07-08 08")),
        ("46204", ("07-01 08", "07-02 08")),
    ],
)
def test_the_span_of_a_duty(written: str, span: tuple[str, str]) -> None:
    assert duty([["值班时间", "值班员"], [written, "甲一"]]) == [("甲一", *span)]


def test_halves_of_a_month_side_by_side() -> None:
    rows = [
        ["日期", "值班领导", "值班员", "日期", "值班领导", "值班员"],
        ["7月1日", "甲一", "", "7月16日", "", "甲二"],
    ]
    assert duty(rows) == [("甲一", "07-01 08", "07-02 08"), ("甲二", "07-16 08", "07-17 08")]


def test_beside_a_heading_of_the_county_that_of_the_city_is_the_tier_above(
    gazetteer: Gazetteer,
) -> None:
    head = ["村", "市级包保领导", "电话", "县级包保领导", "电话", "村级包保责任人", "电话"]
    row = ["老头沟镇宝兴村", "甲一", TEL[1], "甲二", TEL[2], "甲三", TEL[3]]
    problems = Problems()
    found = read_people(book([head, row]), gazetteer, Defaults(), problems)
    posts = [row.posts[0] for row in people_rows(found.sheet, gazetteer, problems)[0]]
    held_from = [(post.held_from, post.rank) for post in posts]
    assert held_from == [(Tier.CITY, 3), (Tier.COUNTY, 2), (Tier.VILLAGE, 1)]
