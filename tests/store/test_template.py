"""The list to be filled in: villages and codes stand in it, roles can be chosen, it imports."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.views.roster.template_sheet import HEADINGS, people_template
from bot.views.vocabulary import role_name
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import shipped_divisions
from contacts.people import Role
from contacts.roster import store as roster_store
from contacts.roster.columns import ROLE_WORDS, RosterKind, word
from contacts.roster.importing import import_file
from data.database import Database
from tests.stories.command_line import CommandLine

pytestmark = pytest.mark.one_database


NOW = datetime(2026, 7, 1, tzinfo=UTC)
TOWN = "222405102000"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(shipped_divisions())


@pytest.mark.parametrize("role", Role)
def test_every_role_offered_is_understood(role: Role) -> None:
    assert word(ROLE_WORDS, role_name(role, "zh")) is role


def test_the_villages_and_the_roles_are_there(gazetteer: Gazetteer) -> None:
    content, villages = people_template(gazetteer, TOWN)
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book["名单"].iter_rows(values_only=True))
    assert rows[0] == HEADINGS
    assert rows[1][:4] == ("222405102001", "龙井市", "老头沟镇", "天宝社区")
    assert villages == len([row for row in rows[1:] if row[0]]) > 10
    (offered,) = book["名单"].data_validations.dataValidation
    assert {area.min_row for area in offered.sqref.ranges} == {2}
    assert book["角色"].sheet_state == "hidden"
    assert len(book["角色"]["A"]) == len(Role)


def test_a_filled_in_list_imports(gazetteer: Gazetteer, upgraded_url: str, tmp_path: Path) -> None:
    content, _ = people_template(gazetteer, TOWN)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["名单"]
    for column, text in ((5, "包保责任人"), (6, "张三"), (7, "村书记"), (8, "19900000001")):
        sheet.cell(2, column, text)
    file = tmp_path / "名单.xlsx"
    book.save(file)
    database = Database(upgraded_url, synchronous="normal")
    report = import_file(database, RosterKind.PEOPLE, file, NOW, zone=UTC)
    assert report.written and not report.problems.total
    (person,) = database.read(roster_store.stored_people)
    assert (person.name, person.division_code, person.title) == ("张三", "222405102001", "村书记")
    database.close()


async def test_the_command(tmp_path: Path) -> None:
    jiaoying = CommandLine(tmp_path)
    result = await jiaoying("template", "people", "龙井市", "-o", tmp_path / "x.xlsx")
    assert (result.code, "龙井市" in result.out) == (0, True), result.out + result.err
    assert (tmp_path / "x.xlsx").read_bytes().startswith(b"PK")
    result = await jiaoying("template", "people", "天涯海角", "-o", tmp_path / "y.xlsx")
    assert (result.code, "没有区划" in result.out) == (1, True)
