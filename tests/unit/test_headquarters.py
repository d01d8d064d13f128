"""In whose name a warning goes out."""

from __future__ import annotations

from alerts.headquarters import Headquarters, headquarters_name
from alerts.model import Family
from bot.config.load import load
from bot.config.rules import all_rules

COUNTY, OTHER = "222403000000", "222402000000"
KNOWN = (
    Headquarters("220000000000", "{place}防汛抗旱指挥部", "{place}森林防灭火指挥部"),
    Headquarters(OTHER, "图们市应急指挥中心", ""),
)


def test_the_nearest_division_says_what_its_headquarters_are_called() -> None:
    assert headquarters_name(KNOWN, COUNTY, Family.FLOOD, "敦化市") == "敦化市防汛抗旱指挥部"
    assert headquarters_name(KNOWN, COUNTY, Family.FIRE, "敦化市") == "敦化市森林防灭火指挥部"
    assert headquarters_name(KNOWN, OTHER, Family.FLOOD, "图们市") == "图们市应急指挥中心"
    assert headquarters_name(KNOWN, OTHER, Family.FIRE, "图们市") == ""
    assert headquarters_name((), COUNTY, Family.FLOOD, "敦化市") == ""


def test_the_shipped_settings_name_them() -> None:
    known = all_rules(load(None, {})).headquarters
    assert headquarters_name(known, COUNTY, Family.FLOOD, "敦化市") == "敦化市防汛抗旱指挥部"
