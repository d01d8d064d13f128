"""Who is called and chased by default, as DOMAIN has it: written out, so that a change fails."""

from __future__ import annotations

from dataclasses import astuple

from alerts.acts import ActRules
from alerts.escalation import RungChannels
from alerts.model import WARNED_OF, Draft, Family, Hazard, Level
from alerts.progress import Progress
from alerts.rules import Rules
from bot.config.load import load
from bot.config.rules import all_rules


def test_who_is_called_for_which_command() -> None:
    both = {"commander", "director", "deputy_director", "village_responsible"}
    published = {
        "flood_office_head",
        "monitoring_responsible",
        "warning_responsible",
        "evacuation_responsible",
        "inspection_responsible",
        "village_cadre",
        "grid_worker",
        "disaster_informant",
        "place_responsible",
    }
    of_water = {
        "hazard_observer",
        "reservoir_head",
        "reservoir_engineer",
        "reservoir_inspector",
        "dyke_responsible",
        "hazard_point_responsible",
    }
    fire = both | {"fire_office_head", "ranger", "lookout", "checkpoint"}
    dry = "waterlogging thunderstorm_gale snowstorm gale hail cold_wave road_icing".split()
    for hazard, roles in Rules().audience.items():
        called = {role.value for role in roles}
        if hazard.family is Family.FIRE:
            assert called == fire, hazard
        else:
            water = set() if hazard.value in dry else of_water
            assert called == both | published | water, hazard
    assert set(Rules().audience) == set(WARNED_OF)


def test_where_nobody_is_called_nothing_is_counted() -> None:
    assert set(astuple(Progress())) == {0}


def test_the_ladder_of_each_level_in_minutes() -> None:
    """Remind, stand-in, duty officer, commander, repeat; and the report after the answer."""
    policies = Rules().policies
    assert {policy.channels for policy in policies.values()} == {RungChannels()}
    assert {level: astuple(policy)[:6] for level, policy in policies.items()} == {
        Level.RED: (2, 5, 8, 15, 10, 30),
        Level.ORANGE: (5, 10, 20, 30, 20, 60),
        Level.YELLOW: (15, 30, 60, None, None, None),
        Level.BLUE: (60, None, None, None, None, None),
    }


def test_the_rules_of_tests_are_those_that_are_shipped() -> None:
    """What no setting is given to means what config.toml says."""
    shipped = all_rules(load(None, {}))
    assert shipped.warnings == Rules()
    assert shipped.acts == ActRules()
    for rules in (shipped.shifts, shipped.distress, shipped.red_days, shipped.oversight):
        assert rules == type(rules)()


def test_who_must_confirm_the_biggest_words() -> None:
    def second(level: Level, *areas: str, exercise: bool = False) -> bool:
        draft = Draft(level, Hazard.RAINSTORM, areas, "…", exercise=exercise)
        return Rules().needs_second_person(draft)

    province, city, county = "220000000000", "222400000000", "222403000000"
    assert second(Level.RED, province) and second(Level.RED, county, city)
    assert not second(Level.RED, county) and not second(Level.ORANGE, province)
    assert not second(Level.RED, province, exercise=True)
