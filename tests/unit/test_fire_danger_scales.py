"""The weather service's three colours and the forest command's four: by name, and by who issued."""

from __future__ import annotations

import pytest

from alerts.model import Level
from alerts.season.model import (
    DangerLevel,
    DangerScale,
    danger_of_colour,
    parse_danger_level,
    parse_scale,
    scale_of_sender,
    scale_of_word,
    scales_of,
)
from bot.views.patrol.fire_danger import issued_line

WEATHER, COMMAND, NATIONAL = DangerScale


def test_a_colour_is_of_one_scale_or_has_to_be_asked_about() -> None:
    asked = (WEATHER, COMMAND)
    assert [scales_of(level) for level in DangerLevel] == [
        (NATIONAL,),
        (COMMAND,),
        *([asked] * 3),
    ]
    for level in DangerLevel:
        assert all(level in scale.levels for scale in scales_of(level))
    assert [len(scale.levels) for scale in DangerScale] == [3, 4, 5]


@pytest.mark.parametrize(
    ("word", "level", "scale"),
    [
        ("红", DangerLevel.RED, None),
        ("5", DangerLevel.RED, NATIONAL),
        ("五级", DangerLevel.RED, NATIONAL),
        ("Ⅰ级", DangerLevel.RED, COMMAND),
        ("II级", DangerLevel.ORANGE, COMMAND),
        ("Ⅳ级", DangerLevel.BLUE, COMMAND),
        ("高度", DangerLevel.ORANGE, None),
        ("紫", None, None),
    ],
)
def test_a_word_says_the_level_and_perhaps_whose(
    word: str, level: DangerLevel | None, scale: DangerScale | None
) -> None:
    assert (parse_danger_level(word), scale_of_word(word)) == (level, scale)
    assert parse_scale(word) is None


@pytest.mark.parametrize(
    ("sender", "scale"),
    [
        ("敦化市气象台", WEATHER),
        ("吉林省森林草原防灭火指挥部气象服务中心", WEATHER),
        ("吉林省森林草原防灭火指挥部", COMMAND),
        ("延边州林业和草原局", COMMAND),
        ("", None),
    ],
)
def test_a_warning_from_outside_is_of_whoever_issued_it(
    sender: str, scale: DangerScale | None
) -> None:
    assert scale_of_sender(sender) is scale
    line = issued_line(Level.ORANGE, sender, "zh")
    assert "四级（橙）" in line and ("没有写明" in line) is (scale is None)
    blue = issued_line(Level.BLUE, sender, "zh")
    assert ("没有这个颜色" in blue) is (scale is WEATHER)


def test_each_colour_of_a_warning_is_a_level() -> None:
    assert [danger_of_colour(level).value for level in Level] == [5, 4, 3, 2]
