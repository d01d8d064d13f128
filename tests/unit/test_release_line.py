"""A warning written in one line: what is understood and what is left open."""

from __future__ import annotations

import pytest

from alerts.model import Hazard, Level
from bot.compose.release_line import ReleaseLine, parse_release_line
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Found, Gazetteer

DUNHUA, TUMEN = "222403000000", "222402000000"
NAMES = {
    "220000000000": "吉林省",
    "222400000000": "延边朝鲜族自治州",
    TUMEN: "图们市",
    DUNHUA: "敦化市",
    "222403100000": "大石头镇",
    "222403100201": "太平村",
    "222403100202": "太平村",
}
GAZETTEER = Gazetteer(Division(code, name, tier_of(code)) for code, name in NAMES.items())
WORDS = "立即转移低洼地群众"


def read(line: str) -> ReleaseLine:
    return parse_release_line(line, GAZETTEER, within=DUNHUA)


@pytest.mark.parametrize(
    "line",
    [
        f"红 暴雨 敦化市 {WORDS}",
        f"暴雨 红 敦化市 {WORDS}",
        f"red rainstorm {DUNHUA} {WORDS}",
        f"  红\u3000暴雨   敦化  {WORDS} ",
        f"红 暴雨 敦化市，敦化 {WORDS}",
    ],
)
def test_one_warning_is_written_in_many_ways(line: str) -> None:
    assert read(line) == ReleaseLine(Level.RED, Hazard.RAINSTORM, (DUNHUA,), WORDS)


@pytest.mark.parametrize("word", ["演练", "【演练】", "Exercise", "drill"])
def test_an_exercise_is_said_before_the_area(word: str) -> None:
    assert read(f"{word} 橙 山洪 敦化市").exercise
    assert read(f"橙 {word} 山洪 敦化市").exercise
    after = read(f"橙 山洪 敦化市 {word}")
    assert (after.exercise, after.text) == (False, word)


@pytest.mark.parametrize("between", ["、", ",", "，", ";", "；", "，、"])
def test_areas_are_listed_without_spaces(between: str) -> None:
    assert read(f"红 暴雨 敦化市{between}图们市 快走").areas == (DUNHUA, TUMEN)


def test_what_is_not_said_stays_open() -> None:
    assert read("") == ReleaseLine()
    assert read("红") == ReleaseLine(Level.RED)
    assert read("敦化市 快走") == ReleaseLine(areas=(DUNHUA,), text="快走")
    assert read("红 暴雨 、") == ReleaseLine(Level.RED, Hazard.RAINSTORM)


def test_the_first_name_that_is_no_single_place_is_asked_about() -> None:
    line = read("红 暴雨 敦化市、太平村、无此地 快走")
    assert line.areas == (DUNHUA,)
    assert line.unclear is not None
    name, found = line.unclear
    assert (name, found.outcome, found.total) == ("太平村", Found.AMBIGUOUS, 2)
    unknown = read("红 暴雨 无此地").unclear
    assert unknown is not None
    assert (unknown[0], unknown[1].outcome) == ("无此地", Found.UNKNOWN)
