"""Every way a roster row can be wrong, and odd rows that are right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.groups import Purpose
from contacts.people import Person, Post, Role
from contacts.roster.columns import ROLE_WORDS
from contacts.roster.records import (
    PersonRow,
    division_rows,
    duty_rows,
    group_rows,
    people_rows,
    place_rows,
)
from contacts.roster.rows import SHOWN, Problems, RowReason
from contacts.roster.sheet import Sheet, SheetRow

DIVISIONS = {
    "220000000000": "吉林省",
    "222400000000": "延边朝鲜族自治州",
    "222403000000": "敦化市",
    "222403100000": "大石头镇",
    "222403100201": "三道河子村",
}
GAZETTEER = Gazetteer(Division(code, name, tier_of(code)) for code, name in DIVISIONS.items())
HEADER = "name,phone,division_code,role,rank,telegram_id,language"
GOOD = ["张三", "13900000001", "222403100201", "包保责任人", "1", "", ""]


def sheet(header: str, *rows: list[str], ragged: bool = True) -> Sheet:
    lines = tuple(SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, start=2))
    return Sheet("people.csv", "", tuple(header.split(",")), lines, ragged)


def people(*rows: list[str], ragged: bool = True) -> tuple[list[PersonRow], Problems]:
    problems = Problems()
    found, _ = people_rows(sheet(HEADER, *rows, ragged=ragged), GAZETTEER, problems)
    return found, problems


def but(**cells: str) -> list[str]:
    row = dict(zip(HEADER.split(","), GOOD, strict=True))
    return list({**row, **cells}.values())


def found_in(problems: Problems) -> list[tuple[int, str, RowReason]]:
    return [(problem.row, problem.column, problem.reason) for problem in problems.shown]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("kind,name,division_code", ["水库", "红旗水库", "敦化市大石头镇三道河子村"]),
        ("code,kind,name,lon,lat,division", ["R1", "水库", "红旗", "", "", "三道河子村"]),
        ("类型,名称,区划", ["水库", "红旗水库", "大石头镇 三道河子"]),
    ],
)
def test_the_division_of_a_place_may_be_named(header: str, cells: list[str]) -> None:
    problems = Problems()
    [place], _ = place_rows(sheet(header, cells), GAZETTEER, problems)
    assert (place.division_code, problems.total) == ("222403100201", 0)


def test_a_division_that_no_name_means_is_refused() -> None:
    problems = Problems()
    cells = ["水库", "红旗水库", "三道沟村"]
    assert place_rows(sheet("类型,名称,区划代码", cells), GAZETTEER, problems)[0] == []
    assert found_in(problems) == [(2, "division_code", RowReason.DIVISION_UNKNOWN)]


def test_the_liaison_of_no_department_is_refused() -> None:
    _, problems = people(but(role="部门联络员", division_code="222403000000"))
    assert found_in(problems) == [(2, "organisation", RowReason.ORGANISATION_MISSING)]


def test_a_good_row() -> None:
    found, problems = people(but(telegram_id="123456789", language="English", rank="2"))
    assert problems.total == 0
    assert found == [
        PersonRow(
            2,
            "张三",
            "+8613900000001",
            (Post("222403100201", Role.VILLAGE_RESPONSIBLE, 2),),
            123456789,
            "en",
        )
    ]


@pytest.mark.parametrize(
    "name", ["👨‍👩‍👧 李雷", "<b>李</b>", "*李*_雷_`x`", "O'Neil & Söhne", "买买提·艾力", "𠮷田"]
)
def test_strange_names_are_kept(name: str) -> None:
    found, problems = people(but(name=name))
    assert problems.total == 0
    assert found[0].name == name


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"name": ""}, "name", RowReason.MISSING),
        ({"name": "=HYPERLINK(1)"}, "name", RowReason.FORMULA),
        ({"name": "+1"}, "name", RowReason.FORMULA),
        ({"name": "-1"}, "name", RowReason.FORMULA),
        ({"name": "@SUM(A1)"}, "name", RowReason.FORMULA),
        ({"name": "#REF!"}, "name", RowReason.FORMULA),
        ({"name": "长" * 5000}, "name", RowReason.TEXT_TOO_LONG),
        ({"name": "两\n行"}, "name", RowReason.CONTROL_CHARACTER),
        ({"name": "倒\u202e写"}, "name", RowReason.CONTROL_CHARACTER),
        ({"phone": ""}, "phone", RowReason.MISSING),
        ({"phone": "1.39E+10"}, "phone", RowReason.SCIENTIFIC),
        ({"phone": '="13900000001"'}, "phone", RowReason.FORMULA),
        ({"phone": "无"}, "phone", RowReason.PHONE_NOT_DIGITS),
        ({"phone": "139000"}, "phone", RowReason.PHONE_LENGTH),
        ({"phone": "12900000000"}, "phone", RowReason.PHONE_NOT_CHINESE),
        ({"division_code": ""}, "division_code", RowReason.MISSING),
        ({"division_code": "2.22E+11"}, "division_code", RowReason.SCIENTIFIC),
        ({"division_code": "222403100999"}, "division_code", RowReason.DIVISION_UNKNOWN),
        ({"role": "村霸"}, "role", RowReason.ROLE_UNKNOWN),
        ({"role": ""}, "role", RowReason.MISSING),
        ({"rank": "0"}, "rank", RowReason.RANK_INVALID),
        ({"rank": "-1"}, "rank", RowReason.RANK_INVALID),
        ({"rank": "1.5"}, "rank", RowReason.RANK_INVALID),
        ({"rank": "一"}, "rank", RowReason.RANK_INVALID),
        ({"telegram_id": "@zhang"}, "telegram_id", RowReason.TELEGRAM_ID_INVALID),
        ({"telegram_id": "-5"}, "telegram_id", RowReason.TELEGRAM_ID_INVALID),
        ({"telegram_id": "9" * 18}, "telegram_id", RowReason.TELEGRAM_ID_INVALID),
        ({"telegram_id": "1.2E+9"}, "telegram_id", RowReason.SCIENTIFIC),
        ({"language": "fr"}, "language", RowReason.LANGUAGE_UNKNOWN),
    ],
)
def test_a_bad_cell_is_named(cells: dict[str, str], column: str, reason: RowReason) -> None:
    found, problems = people(but(**cells))
    assert found == []
    assert found_in(problems) == [(2, column, reason)]


def test_empty_rank_is_first_and_empty_language_is_left() -> None:
    found, _ = people(but(rank="", language=""))
    assert (found[0].posts[0].rank, found[0].language, found[0].telegram_id) == (1, None, None)


def test_every_post_has_a_chinese_word() -> None:
    for role in Role:
        words = [word for word, meaning in ROLE_WORDS.items() if meaning is role]
        assert any(not word.isascii() for word in words), role


def test_a_phone_twice_names_both_rows() -> None:
    _, problems = people(GOOD, but(phone="+86 139 0000 0001"))
    assert found_in(problems) == [(3, "phone", RowReason.PHONE_TWICE)]
    assert problems.shown[0].facts["other"] == 2


def test_a_telegram_id_twice_names_both_rows() -> None:
    _, problems = people(but(telegram_id="7"), but(phone="13900000002", telegram_id="7"))
    assert found_in(problems) == [(3, "telegram_id", RowReason.TELEGRAM_ID_TWICE)]


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("敦化市", "222403000000"),
        ("2224", "222400000000"),
        ("222403100202", "222403100201"),
        ("222403100000x", ""),
        ("999999999999", ""),
    ],
)
def test_an_unknown_division_suggests_one(written: str, suggested: str) -> None:
    _, problems = people(but(division_code=written))
    assert problems.shown[0].facts["suggestion"][:12] == suggested


def test_rows_of_the_wrong_length() -> None:
    _, problems = people([*GOOD, "extra"], GOOD[:4])
    assert found_in(problems) == [
        (2, "", RowReason.ROW_TOO_LONG),
        (3, "", RowReason.ROW_TOO_SHORT),
    ]
    found, problems = people([*GOOD, "", ""], [*GOOD[:1], "13900000002", *GOOD[2:4]], ragged=False)
    assert (len(found), problems.total) == (2, 0), "trailing empty cells are no mistake"


def test_all_problems_are_counted_and_the_first_shown() -> None:
    _, problems = people(*[but(phone="x", role="y") for _ in range(60)])
    assert (len(problems.shown), problems.total) == (SHOWN, 120)


def test_divisions_follow_their_codes() -> None:
    problems = Problems()
    rows = [
        ["222403100202", "新村", "村", "222403100000", "128.5", "43.4"],
        ["222403200000", "新乡", "township", "222403000000", "", ""],
        ["222403200201", "它的村", "village", "222403200000", "", ""],
    ]
    header = "code,name,level,parent_code,lon,lat"
    found, _ = division_rows(sheet(header, *reversed(rows)), GAZETTEER, problems)
    assert problems.total == 0
    assert [each.parent_code for each in found] == [
        "222403200000",
        "222403000000",
        "222403100000",
    ]
    bad = [
        ["22240310020", "短", "village", "", "", ""],
        ["222403100203", "级", "county", "", "", ""],
        ["222403100204", "别", "village", "222400999000", "", ""],
        ["222403100205", "点", "village", "", "43.4", ""],
        ["222403100206", "点", "village", "", "43.4", "128.5"],
        ["222403100202", "一", "hamlet", "", "", ""],
        ["222403100202", "二", "village", "", "", ""],
    ]
    division_rows(sheet(header, *bad), GAZETTEER, problems)
    assert found_in(problems) == [
        (2, "code", RowReason.CODE_INVALID),
        (3, "level", RowReason.LEVEL_MISMATCH),
        (4, "parent_code", RowReason.PARENT_MISMATCH),
        (5, "lat", RowReason.MISSING),
        (6, "lat", RowReason.POINT_INVALID),
        (7, "level", RowReason.LEVEL_UNKNOWN),
        (8, "code", RowReason.CODE_TWICE),
    ]


def test_groups() -> None:
    header = "群号,群名,区划代码,用途"
    problems = Problems()
    rows = [
        ["-1001234567890", "大石头镇防汛群🌊", "222403100000", "防汛"],
        ["-7", "x", "222403000000", "ALL"],
    ]
    found, _ = group_rows(sheet(header, *rows), GAZETTEER, problems)
    assert problems.total == 0
    assert [group.purpose for group in found] == [Purpose.FLOOD, Purpose.ALL]
    bad = [
        ["1001", "x", "222403000000", "fire"],
        ["-1.0E+12", "x", "222403000000", "fire"],
        ["-7", "x", "222403000000", "picnic"],
        ["-7", "x", "222403000000", "fire"],
    ]
    group_rows(sheet(header, *bad), GAZETTEER, problems)
    assert found_in(problems) == [
        (2, "chat_id", RowReason.CHAT_ID_INVALID),
        (3, "chat_id", RowReason.SCIENTIFIC),
        (4, "purpose", RowReason.PURPOSE_UNKNOWN),
        (5, "chat_id", RowReason.CHAT_ID_TWICE),
    ]


def duty(*rows: list[str]) -> tuple[list[Any], Problems]:
    officer = Person(5, "值", "+8613900000001", "222403000000", Role.DUTY_OFFICER, 1)
    problems = Problems()
    header = "phone,division_code,starts_at,ends_at"
    zone = ZoneInfo("Asia/Shanghai")
    found, _ = duty_rows(sheet(header, *rows), GAZETTEER, {officer.phone: officer}, zone, problems)
    return found, problems


@pytest.mark.parametrize(
    "start",
    [
        "2026-07-01 08:00",
        "2026/7/1 8:00",
        "2026-07-01T08:00",
        "2026-07-01 08:00:00",
        "2026-07-01T00:00+00:00",
        "2026-07-01T00:00:00Z",
    ],
)
def test_duty_times_are_local_unless_they_say_otherwise(start: str) -> None:
    found, problems = duty(["13900000001", "", start, "2026-07-02 08:00"])
    assert problems.total == 0
    assert found[0].starts_at == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    assert found[0].division_code == "222403000000", "the person's own, when none is given"


def test_bad_duty_rows() -> None:
    start, end = "2026-07-01 08:00", "2026-07-02 08:00"
    _, problems = duty(
        ["13900000002", "", start, end],
        ["13900000001", "999", start, end],
        ["13900000001", "", "tomorrow", end],
        ["13900000001", "", end, start],
        ["13900000001", "", start, end],
        ["13900000001", "", start, end],
    )
    assert found_in(problems) == [
        (2, "phone", RowReason.PERSON_UNKNOWN),
        (3, "division_code", RowReason.DIVISION_UNKNOWN),
        (4, "starts_at", RowReason.TIME_INVALID),
        (5, "ends_at", RowReason.TIME_ORDER),
        (7, "starts_at", RowReason.SHIFT_TWICE),
    ]
