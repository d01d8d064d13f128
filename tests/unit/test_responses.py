"""Emergency responses: whom each level calls, what is written in one line, what is said."""

import itertools

import pytest

from alerts.instructions import instruction
from alerts.model import RESPONSES, WARNED_OF, Family, Hazard, Level
from alerts.responses.lists import DEFAULT_LISTS, ResponseList, response_audience
from alerts.rules import Rules
from alerts.templates import texts
from bot.compose.response_line import parse_response_line
from bot.views.vocabulary import headline
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.people import Role

COUNTY = "222403000000"
GAZETTEER = Gazetteer(
    Division(code, name, tier_of(code))
    for code, name in {
        "220000000000": "吉林省",
        "222400000000": "延边朝鲜族自治州",
        COUNTY: "敦化市",
        "222403100000": "大石头镇",
    }.items()
)
FLOOD, FIRE = Hazard.FLOOD_RESPONSE, Hazard.FIRE_RESPONSE


def test_a_response_is_nothing_to_be_warned_of() -> None:
    assert {hazard.family for hazard in RESPONSES} == set(Family)
    assert all(hazard.response for hazard in RESPONSES)
    assert not any(hazard.response for hazard in WARNED_OF)
    assert set(Rules().audience) == set(WARNED_OF)


@pytest.mark.parametrize("family", Family)
def test_a_higher_level_calls_more(family: Family) -> None:
    lists = DEFAULT_LISTS[family]
    upwards = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)
    for lower, higher in itertools.pairwise(upwards):
        for whom in ("own", "below", "further"):
            assert getattr(lists[lower], whom) <= getattr(lists[higher], whom)


def test_tiers_are_counted_from_the_division_that_raises_it() -> None:
    listed = ResponseList(
        frozenset({Role.STAFF}), frozenset({Role.COMMANDER}), frozenset({Role.RANGER}), ("水利",)
    )
    by_tier = {
        code: [(circle.tier, *circle.roles) for circle in response_audience(listed, code).circles]
        for code in ("222400000000", COUNTY, "222403101000", "222403101200")
    }
    assert by_tier == {
        "222400000000": [
            (Tier.CITY, Role.STAFF),
            (Tier.COUNTY, Role.COMMANDER),
            (Tier.TOWNSHIP, Role.RANGER),
            (Tier.VILLAGE, Role.RANGER),
        ],
        COUNTY: [
            (Tier.COUNTY, Role.STAFF),
            (Tier.TOWNSHIP, Role.COMMANDER),
            (Tier.VILLAGE, Role.RANGER),
        ],
        "222403101000": [(Tier.TOWNSHIP, Role.STAFF), (Tier.VILLAGE, Role.COMMANDER)],
        "222403101200": [(Tier.VILLAGE, Role.STAFF)],
    }
    assert response_audience(listed, COUNTY).circles[0].titles == ("水利",)


@pytest.mark.parametrize(
    ("line", "hazard", "level", "text", "end"),
    [
        ("防汛 Ⅱ级 敦化市 成员单位集中", FLOOD, Level.ORANGE, "成员单位集中", False),
        ("敦化市 防火 三级 队伍集结", FIRE, Level.YELLOW, "队伍集结", False),
        ("启动敦化市防汛Ⅳ级应急响应", FLOOD, Level.BLUE, "", False),
        ("敦化市提升防汛应急响应至Ⅰ级，全体到岗", FLOOD, Level.RED, "全体到岗", False),
        ("森林防灭火 IV级 敦化市 启动后立即到岗", FIRE, Level.BLUE, "启动后立即到岗", False),
        ("flood II 敦化市 gather", FLOOD, Level.ORANGE, "gather", False),
        ("终止 防汛 敦化市", FLOOD, None, "", True),
        ("终止敦化市防汛应急响应", FLOOD, None, "", True),
        ("防汛 Ⅱ级 敦化市 结束值守后上报", FLOOD, Level.ORANGE, "结束值守后上报", False),
    ],
)
def test_one_line(line: str, hazard: Hazard, level: Level | None, text: str, end: bool) -> None:
    read = parse_response_line(line, GAZETTEER, within=COUNTY)
    assert (read.said.hazard, read.said.level, read.said.text, read.end) == (
        hazard,
        level,
        text,
        end,
    )
    assert read.said.areas == (COUNTY,)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("hazard", RESPONSES)
def test_its_words_are_its_own(hazard: Hazard, level: Level) -> None:
    title = headline(level, hazard, "敦化市", "zh")
    assert "应急响应" in title and "预警" not in title and "色" not in title
    assert all("预警" not in text for text in texts(hazard, level))
    for role in (Role.COMMANDER, Role.STAFF, Role.VILLAGE_RESPONSIBLE, Role.RANGER):
        assert 1 <= len(instruction(hazard, level, role)) <= 3
