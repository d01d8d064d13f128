"""Files of mechanisms: what they say, what is refused and in which line, whom they call."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.loop.mechanism.files import mechanisms, shipped_mechanisms
from alerts.loop.mechanism.model import departments, owed_for
from alerts.loop.mechanism.reading import read_mechanism
from alerts.model import Draft, Hazard, Level
from alerts.template_files.faults import BadTemplate, TemplateFault
from bot.cli import main
from bot.views.problems import problem
from contacts.divisions.codes import Tier
from contacts.organisations import (
    Organisation,
    names_no_division,
    organisation_in,
    organisation_of,
    place_code,
    unit_in,
    unit_name,
)
from contacts.targeting import Departments
from tests.every_case import hold_for_every

PROVINCE, CITY, COUNTY, TOWN = "220000000000", "222400000000", "222403000000", "222403101000"
GOOD = """name = "防汛"
hazards = ["暴雨"]

[[owes]]
department = "水利"
tiers = ["县"]
levels = ["红", "橙"]
minutes = 15
title = "报水位"
"""

ROW = GOOD[GOOD.index("[[") :]


def test_whose_office_a_unit_is() -> None:
    def holds(case: tuple[str, Organisation | None, str, bool]) -> None:
        text, organisation, name, bare = case
        found = organisation_in(text), unit_name(text), names_no_division(text)
        assert found == (organisation, name, bare)

    hold_for_every(
        [
            ("敦化市水利局", Organisation.WATER, "水利局", False),
            ("水利局", Organisation.WATER, "水利局", True),
            ("水利", Organisation.WATER, "水利", True),
            ("市 气象局", Organisation.WEATHER, "气象局", True),
            ("延边州自然资源局", Organisation.NATURAL_RESOURCES, "自然资源局", False),
            ("中国移动敦化分公司", Organisation.TELECOM, "中国移动敦化分公司", True),
            ("黄泥河镇林业站", Organisation.FORESTRY, "林业站", False),
            ("water", Organisation.WATER, "water", True),
            ("水利村", None, "水利村", False),
            ("教育村民委员会", None, "教育村民委员会", False),
            ("黄泥河镇人民政府", None, "黄泥河镇人民政府", False),
            ("敦化市防汛抗旱指挥部办公室", None, "敦化市防汛抗旱指挥部办公室", False),
            ("", None, "", False),
        ],
        holds,
    )
    assert unit_in("水利局副局长") == "水利局" and unit_in("副镇长") == ""
    code = place_code(COUNTY, Organisation.WATER)
    assert organisation_of(code) is Organisation.WATER
    assert organisation_of("222403101200-reservoir-水利") is None


def test_what_is_wrong_with_a_file_is_told_with_its_line() -> None:
    def holds(case: tuple[str, str, TemplateFault, int]) -> None:
        old, new, fault, line = case
        assert old in GOOD
        with pytest.raises(BadTemplate) as refused:
            read_mechanism(GOOD.replace(old, new, 1), "own.toml")
        assert (refused.value.fault, refused.value.line) == (fault, line)
        assert f"own.toml 第 {line} 行" in problem(refused.value, "zh")

    hold_for_every(
        [
            ('"水利"', '"水产"', TemplateFault.UNKNOWN_DEPARTMENT, 5),
            ('["县"]', '["区县市"]', TemplateFault.UNKNOWN_TIER, 6),
            ('"橙"]', '"紫"]', TemplateFault.UNKNOWN_LEVEL, 7),
            ("minutes = 15", "minutes = 0", TemplateFault.MINUTES, 8),
            ("minutes = 15", 'minutes = "15"', TemplateFault.WRONG_TYPE, 8),
            ("minutes = 15\n", "", TemplateFault.MISSING_FIELD, 4),
            ("title =", "titel =", TemplateFault.UNKNOWN_FIELD, 9),
            ("报水位", "报" * 61, TemplateFault.TEXT_TOO_LONG, 9),
            ('"暴雨"', '"下雨"', TemplateFault.UNKNOWN_HAZARD, 2),
            ("minutes = 15", "minutes = ", TemplateFault.NOT_TOML, 8),
            (ROW, "", TemplateFault.MISSING_FIELD, 1),
            (ROW, ROW * 2, TemplateFault.OWED_TWICE, 15),
        ],
        holds,
    )


def test_a_folder_of_the_office_takes_the_place_of_what_ships(tmp_path: Path) -> None:
    (tmp_path / "flood.toml").write_text(GOOD, encoding="utf-8")
    found = {one.key: one for one in mechanisms(str(tmp_path))}
    assert found["flood"].name == "防汛" and "geological" in found
    assert [one.key for one in mechanisms(str(tmp_path), shipped=False)] == ["flood"]
    assert mechanisms(shipped=False) == ()


def test_nothing_starts_with_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "flood.toml").write_text(GOOD.replace("水利", "水产"), encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/j.db"\n[mechanism]\nfolder = "own"\n',
        encoding="utf-8",
    )
    assert main(["--config", str(config), "check"]) != 0
    told = capsys.readouterr().err
    assert "flood.toml 第 5 行：没有「水产」这个部门" in told and "line 5" in told


def test_every_shipped_file_calls_who_has_to_do_with_it() -> None:
    """Each names its source; a red warning of each hazard calls the departments of that hazard."""
    for one in shipped_mechanisms():
        assert one.source and one.owed, one.key
    at_red = {
        hazard: {owed.organisation for _, _, owed in owed_for(shipped_mechanisms(), hazard, level)}
        for hazard in Hazard
        for level in (Level.RED,)
    }
    assert at_red[Hazard.FLASH_FLOOD] >= {
        Organisation.EMERGENCY,
        Organisation.WATER,
        Organisation.WEATHER,
        Organisation.NATURAL_RESOURCES,
        Organisation.HOUSING,
        Organisation.TRANSPORT,
        Organisation.TELECOM,
        Organisation.POWER,
    }
    assert Organisation.FORESTRY in at_red[Hazard.FOREST_FIRE] - at_red[Hazard.FLASH_FLOOD]
    assert not at_red[Hazard.COLD_WAVE]


def test_the_departments_of_the_areas_and_those_above_are_called() -> None:
    """A town's warning calls its county's department; a city's, those of every county in it."""
    found = (read_mechanism(GOOD, "own.toml"),)

    def called(level: Level, *areas: str, places: tuple[str, ...] = ()) -> object:
        draft = Draft(level, Hazard.RAINSTORM, areas, "…", places=places)
        return departments(found, draft)

    water = frozenset({Organisation.WATER})
    assert called(Level.RED, TOWN) == (Departments(Tier.COUNTY, water, (COUNTY,)),)
    assert called(Level.ORANGE, COUNTY) == (Departments(Tier.COUNTY, water),)
    assert called(Level.RED, CITY, TOWN) == (Departments(Tier.COUNTY, water, (COUNTY,)),)
    assert called(Level.YELLOW, COUNTY) == ()
    assert called(Level.RED, COUNTY, places=("school",)) == ()
