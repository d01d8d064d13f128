"""A warning written in one line: what is understood and what is left open."""

from __future__ import annotations

import pytest

from alerts.model import Hazard, Level
from bot.compose.release_line import ReleaseLine, parse_release_line
from bot.views.warnings.release_line import StrangeKind, StrangeWord
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Found, Gazetteer
from contacts.places import KnownPlaces, Place, PlaceKind

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
def test_an_exercise_is_said_before_the_area_or_last_of_all(word: str) -> None:
    assert read(f"{word} 橙 山洪 敦化市").exercise
    assert read(f"橙 {word} 山洪 敦化市").exercise
    alone = read(f"橙 山洪 敦化市 {word}。")
    assert (alone.exercise, alone.text) == (True, "")
    after = read(f"橙 山洪 敦化市 {word} 结束，马上转移")
    assert (after.exercise, after.text) == (False, f"{word} 结束，马上转移")


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


ELSEWHERE = {
    **NAMES,
    "222400000000": "延边朝鲜族自治州",
    "222403101000": "黄泥河镇",
    "222403104000": "黑石乡",
    "222403104201": "朝阳村",
    "220100000000": "长春市",
    "220104000000": "朝阳区",
    "220183000000": "德惠市",
    "220183204000": "朝阳乡",
    "220524000000": "柳河县",
    "220524107000": "红石镇",
}
PROVINCE = Gazetteer(Division(code, name, tier_of(code)) for code, name in ELSEWHERE.items())
SHITOU, HUANGNIHE = "222403100000", "222403101000"


def written(line: str, within: str = DUNHUA) -> ReleaseLine:
    return parse_release_line(line, PROVINCE, within=within)


@pytest.mark.parametrize(
    "line",
    [
        "红，暴雨，敦化市，立即转移低洼地群众",
        "红,暴雨,敦化市,立即转移低洼地群众",
        "红\n暴雨\n敦化市\n立即转移低洼地群众",
        "红色暴雨敦化市立即转移低洼地群众",
        "红暴雨敦化立即转移低洼地群众",
        "敦化市暴雨红色预警 立即转移低洼地群众",
        "暴雨红色预警信号：敦化市。立即转移低洼地群众",
        "延边州 敦化市 红 暴雨 立即转移低洼地群众",
        "紅色 暴雨 敦化市 立即转移低洼地群众",
    ],
)
def test_a_line_is_read_however_it_is_punctuated(line: str) -> None:
    assert written(line) == ReleaseLine(Level.RED, Hazard.RAINSTORM, (DUNHUA,), WORDS)


def test_the_text_stays_as_it_was_written() -> None:
    assert written("红 暴雨 敦化市 立即转移，\n22:30 前到位").text == "立即转移，\n22:30 前到位"
    assert written("紅 洪水 大石頭鎮、黃泥河鎮 立即轉移").text == "立即轉移"
    assert written("紅 洪水 大石頭鎮、黃泥河鎮 立即轉移").areas == (SHITOU, HUANGNIHE)
    assert written("红暴雨敦化市区立即转移").text == "敦化市区立即转移"
    said = written("红 暴雨 敦化市 敦化市气象台发布暴雨红色预警信号")
    assert (said.areas, said.text) == ((DUNHUA,), "敦化市气象台发布暴雨红色预警信号")


@pytest.mark.parametrize(
    "line",
    [
        "红 洪水 大石头镇 黄泥河镇 立即转移",
        "红 洪水 大石头镇 黄泥河镇立即转移",
        "红洪水大石头镇和黄泥河镇立即转移",
        "红 洪水 大石头镇，黄泥河镇，立即转移",
    ],
)
def test_two_places_are_two_areas(line: str) -> None:
    said = written(line)
    assert (said.areas, said.text) == ((SHITOU, HUANGNIHE), "立即转移")


def test_a_place_within_the_last_is_that_place() -> None:
    assert written("红 洪水 敦化市 大石头镇 快走").areas == (SHITOU,)
    assert written("红 洪水 敦化市、大石头镇 快走").areas == (DUNHUA, SHITOU)


@pytest.mark.parametrize(
    ("line", "word", "kind"),
    [
        ("紫 暴雨 敦化市 快走", "紫", StrangeKind.LEVEL),
        ("五级 暴雨 敦化市 快走", "五级", StrangeKind.LEVEL),
        ("敦化市 暴雨 白色 快走", "白色", StrangeKind.LEVEL),
        ("红 龙卷风 敦化市 快走", "龙卷风", StrangeKind.HAZARD),
        ("红 沙尘暴 敦化市 快走", "沙尘暴", StrangeKind.HAZARD),
        ("红 地震 敦化市 快走", "地震", StrangeKind.HAZARD),
        ("红 暴雨 山洪 敦化市 快走", "山洪", StrangeKind.SECOND),
        ("红 橙 暴雨 敦化市 快走", "橙", StrangeKind.SECOND),
        ("特急 暴雨 敦化市 快走", "特急", StrangeKind.UNKNOWN),
    ],
)
def test_what_is_no_level_and_no_hazard_is_named(line: str, word: str, kind: StrangeKind) -> None:
    said = written(line)
    assert said.strange == (StrangeWord(word, kind),)
    assert (said.areas, said.text) == ((DUNHUA,), "快走")


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("红 暴雨 敦画市 快走", "敦画市", "快走"),
        ("红 暴雨 敦化市 太平镇 快走", "太平镇", "快走"),
        ("红暴雨敦画市立即转移", "敦画市", "立即转移"),
        ("红 暴雨 敦化市、无此地 快走", "无此地", "快走"),
        ("红 暴雨 999999999999 快走", "999999999999", "快走"),
    ],
)
def test_what_is_no_place_is_named(line: str, name: str, text: str) -> None:
    said = written(line)
    assert said.unclear is not None
    assert (said.unclear[0], said.unclear[1].outcome, said.text) == (name, Found.UNKNOWN, text)


def test_a_name_of_several_places_is_asked_about() -> None:
    anywhere = written("红 暴雨 朝阳 快走", within="220000000000").unclear
    assert anywhere is not None
    assert [found.path for found in anywhere[1].candidates] == [
        "长春市 朝阳区",
        "长春市 德惠市 朝阳乡",
    ]
    own = written("红 暴雨 朝阳 快走").unclear  # a village of Dunhua, and more elsewhere
    assert own is not None
    assert "延边州 敦化市 黑石乡 朝阳村" in [found.path for found in own[1].candidates]
    both = written("红 暴雨 朝阳、太平村 快走")
    assert both.also_unclear == ("太平村",)


def test_a_place_that_begins_like_a_colour_is_a_place() -> None:
    said = written("红石镇 暴雨 红 快走", within="220000000000")
    assert (said.level, said.areas) == (Level.RED, ("220524107000",))
    assert written("暴雨 黄泥河镇 黄 快走").level is Level.YELLOW


RED_FLAG = Place("R1", PlaceKind.RESERVOIR, "红旗水库", "222403100201")
PLACES = KnownPlaces(
    [
        RED_FLAG,
        Place("R2", PlaceKind.RESERVOIR, "胜利水库", "222403100202"),
        Place("S1", PlaceKind.SCHOOL, "红旗小学", "222403100201"),
        Place("S2", PlaceKind.SCHOOL, "中心小学", "222403100201"),
        Place("S3", PlaceKind.SCHOOL, "中心小学", "222403100202"),
    ]
)


def read_places(line: str) -> ReleaseLine:
    return parse_release_line(line, GAZETTEER, within=DUNHUA, places=PLACES)


@pytest.mark.parametrize(
    ("words", "areas", "places", "text"),
    [
        ("敦化市 所有水库 加强巡查", (DUNHUA,), ("reservoir",), "加强巡查"),
        ("敦化市 水库 加强巡查", (DUNHUA,), ("reservoir",), "加强巡查"),
        ("敦化市 水库 学校 快走", (DUNHUA,), ("reservoir", "school"), "快走"),
        ("敦化市 水库责任人 加强巡查", (DUNHUA,), ("reservoir",), "加强巡查"),
        ("敦化市 红旗水库 加强巡查", ("222403100201",), ("R1",), "加强巡查"),
        ("红旗水库 加强巡查", ("222403100201",), ("R1",), "加强巡查"),
        ("红旗水库加强巡查", ("222403100201",), ("R1",), "加强巡查"),
        ("R1 加强巡查", ("222403100201",), ("R1",), "加强巡查"),
        ("红旗水库、胜利水库 快走", ("222403100201", "222403100202"), ("R1", "R2"), "快走"),
        ("红旗水库 红旗小学 快走", ("222403100201",), ("R1", "S1"), "快走"),
        ("敦化市 所有水库 红旗小学 快走", (DUNHUA,), ("reservoir", "S1"), "快走"),
        # A text that speaks of them is for everybody.
        ("敦化市 水库，河道附近立即转移", (DUNHUA,), (), "水库，河道附近立即转移"),
        ("敦化市 水库下游立即转移", (DUNHUA,), (), "水库下游立即转移"),
        ("敦化市 红旗水库下游立即转移", (DUNHUA,), (), "红旗水库下游立即转移"),
        ("敦化市 加强巡查水库 快走", (DUNHUA,), (), "加强巡查水库 快走"),
        ("敦化市 关闭景区 快走", (DUNHUA,), (), "关闭景区 快走"),
        ("敦化市 病险水库 快走", (DUNHUA,), (), "病险水库 快走"),
        ("敦化市 所有养老院 停止外出", (DUNHUA,), (), "所有养老院 停止外出"),  # none is known
        # A whole area beside a place: everybody of both.
        ("图们市 红旗水库 快走", (TUMEN, "222403100201"), (), "快走"),
    ],
)
def test_places_are_called_alone_or_by_kind(
    words: str, areas: tuple[str, ...], places: tuple[str, ...], text: str
) -> None:
    line = read_places(f"橙 暴雨 {words}")
    assert (line.level, line.hazard) == (Level.ORANGE, Hazard.RAINSTORM)
    assert (line.areas, line.places, line.text) == (areas, places, text)


@pytest.mark.parametrize("name", ["朝阳水库", "第二小学", "夕阳红敬老院"])
def test_a_reservoir_or_school_that_nobody_knows_is_named(name: str) -> None:
    """Taken for text it would call everybody of the county instead of its own people."""
    line = read_places(f"橙 水库险情 敦化市 {name} 立即转移")
    assert line.unclear is not None
    assert (line.unclear[0], line.text) == (name, "立即转移")


def test_a_name_that_two_places_bear_is_asked_about() -> None:
    line = read_places("橙 暴雨 中心小学 快走")
    assert line.unclear is not None and line.unclear[0] == "中心小学"
    assert (line.areas, line.places) == ((), ())


@pytest.mark.parametrize(
    ("line", "areas", "text", "said"),
    [
        ("红 山洪 这两个地方：敦化市、图们市 快走", (DUNHUA, TUMEN), "快走", ""),
        ("红 山洪 敦化市、图们市等2个地方快走", (DUNHUA, TUMEN), "快走", ""),
        ("红 山洪 敦化市、图们市等五个地方 快走", (DUNHUA, TUMEN), "快走", "五个地方"),
        ("红 山洪 敦化市 三个村的群众快走", (DUNHUA,), "三个村的群众快走", ""),
    ],
)
def test_how_many_places_there_are_is_counted_and_is_no_text(
    line: str, areas: tuple[str, ...], text: str, said: str
) -> None:
    found = read(line)
    assert (found.areas, found.text) == (areas, text)
    assert found.strange == ((StrangeWord(said, StrangeKind.COUNT),) if said else ())
