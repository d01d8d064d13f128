"""In whose name a warning goes out."""

from __future__ import annotations

import pytest

from alerts.headquarters import (
    SIGNALLED,
    Headquarters,
    headquarters_name,
    issuing_divisions,
    nearest_service,
    weather_service,
)
from alerts.model import Family, Hazard
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


PROVINCE, CITY = "220000000000", "222400000000"
WEATHER = (
    Headquarters(PROVINCE, "", "", "{place}气象台"),
    Headquarters(COUNTY, "", "", ""),
)
NAMES = {PROVINCE: "吉林省", CITY: "延边州", COUNTY: "敦化市", OTHER: "图们市"}


@pytest.mark.parametrize("own", [COUNTY, "222403101000", "222403101200"])
def test_signals_are_issued_by_the_county_and_those_above(own: str) -> None:
    assert issuing_divisions(own, Hazard.RAINSTORM) == (COUNTY, CITY, PROVINCE)
    assert issuing_divisions(CITY, Hazard.TYPHOON) == (CITY, PROVINCE)
    assert issuing_divisions(PROVINCE, Hazard.RAINSTORM) == (PROVINCE,)


@pytest.mark.parametrize("hazard", sorted(set(Hazard) - SIGNALLED, key=str))
def test_what_has_no_signal_quotes_none(hazard: Hazard) -> None:
    assert issuing_divisions(COUNTY, hazard) == ()
    assert nearest_service(WEATHER, OTHER, hazard, NAMES.__getitem__) == ""


def test_the_nearest_service_that_has_a_name_is_quoted() -> None:
    assert weather_service(WEATHER, OTHER, "图们市") == "图们市气象台"
    assert weather_service(WEATHER, COUNTY, "敦化市") == ""
    assert weather_service((), OTHER, "图们市") == ""
    name_of = NAMES.__getitem__
    assert nearest_service(WEATHER, OTHER, Hazard.RAINSTORM, name_of) == "图们市气象台"
    assert nearest_service(WEATHER, COUNTY, Hazard.RAINSTORM, name_of) == "延边州气象台"
    assert nearest_service((), COUNTY, Hazard.RAINSTORM, name_of) == ""
