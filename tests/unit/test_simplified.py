"""Traditional characters are read as the simplified ones; the names of places stay as they are."""

from __future__ import annotations

import csv

from alerts.season.model import DangerLevel, parse_danger_level
from bot.views.vocabulary import parse_hazard, parse_level
from contacts.roster.columns import ROLE_WORDS
from data.reference import JILIN_DIVISIONS
from data.simplified import simplified


def test_what_is_typed_in_traditional_characters_means_the_same() -> None:
    assert simplified("大石頭鎮 紅色預警，沒收到") == "大石头镇 红色预警，没收到"
    assert parse_level("紅色") is parse_level("红色") is not None
    assert parse_hazard("山洪災害") is parse_hazard("山洪灾害") is not None
    assert parse_danger_level("黃") is DangerLevel.YELLOW


def test_the_common_characters_are_known() -> None:
    assert simplified("擔架、鉤子、嚇到、噴水、閃電、鑿冰、輸電、藥品") == (
        "担架、钩子、吓到、喷水、闪电、凿冰、输电、药品"
    )


def test_a_character_becomes_one() -> None:
    text = "乾安縣 ✅👌 ａｂｃ\n慄儘"
    assert len(simplified(text)) == len(text)


def test_no_name_of_a_place_or_post_changes() -> None:
    with JILIN_DIVISIONS.open(encoding="utf-8-sig", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert len(names) > 10_000
    assert [name for name in (*names, *ROLE_WORDS) if simplified(name) != name] == []
