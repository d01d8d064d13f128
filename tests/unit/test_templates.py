"""Every hazard and level has its texts and an instruction for each post, in English too."""

from __future__ import annotations

import itertools

import pytest

from alerts.instructions import Work, instruction, work_of
from alerts.model import RELEASED_BY_NAME, WARNED_OF, Family, Hazard, Level
from alerts.rules import Rules
from alerts.templates import Urgency, lead_choices, texts, urgency
from bot.locale import _catalogue
from contacts.people import Role

LEADS = (None, *lead_choices(), 1, 121, 361, 10_000)
EVERY = [
    (hazard, level, role, lead)
    for hazard, level, role, lead in itertools.product(Hazard, Level, [*Role, None], LEADS)
]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("hazard", RELEASED_BY_NAME)
def test_texts_to_choose_from_are_several_and_short(hazard: Hazard, level: Level) -> None:
    offered = texts(hazard, level)
    assert len(set(offered)) == len(offered) >= 3
    for text in offered:
        assert 1 <= len(text.splitlines()) <= 3
        assert len(text) <= 120 < Rules().max_text


def test_instructions_are_at_most_three_short_lines() -> None:
    for facts in EVERY:
        lines = instruction(*facts)
        assert 1 <= len(lines) <= 3, facts
        assert all(0 < len(line) <= 34 for line in lines), facts
        assert len(set(lines)) == len(lines), facts


def test_every_line_has_its_english() -> None:
    english = _catalogue("en")
    wanted = {line for facts in EVERY for line in instruction(*facts)}
    for hazard, level in itertools.product(Hazard, Level):
        wanted.update(line for text in texts(hazard, level) for line in text.splitlines())
    assert {line for line in wanted if not english.get(line)} == set()


@pytest.mark.parametrize(
    ("level", "lead", "expected"),
    [
        (Level.RED, None, Urgency.MOVE),
        (Level.RED, 120, Urgency.MOVE),
        (Level.RED, 121, Urgency.PREPARE),
        (Level.RED, 360, Urgency.PREPARE),
        (Level.RED, 720, Urgency.CHECK),
        (Level.ORANGE, None, Urgency.PREPARE),
        (Level.ORANGE, 60, Urgency.MOVE),
        (Level.YELLOW, 60, Urgency.WATCH),
        (Level.BLUE, None, Urgency.NOTICE),
    ],
)
def test_the_lead_time_decides_what_is_asked(
    level: Level, lead: int | None, expected: Urgency
) -> None:
    """ "1262": 12 hours before, name the areas; 6, take positions; 2, move the people."""
    assert urgency(level, lead) is expected


@pytest.mark.parametrize("hazard", WARNED_OF)
def test_moving_people_names_all_who_where_and_no_return(hazard: Hazard) -> None:
    if hazard is Hazard.FOREST_FIRE_DANGER:
        return  # a danger, not yet a fire: nobody is moved
    text = "".join(instruction(hazard, Level.RED, Role.VILLAGE_RESPONSIBLE))
    assert "返回" in text
    assert "报户数、人数" in text


@pytest.mark.parametrize("role", [Role.VILLAGE_RESPONSIBLE, Role.RANGER, Role.COMMANDER])
def test_no_untrained_person_is_sent_to_a_fire(role: Role) -> None:
    text = "".join(instruction(Hazard.FOREST_FIRE, Level.RED, role))
    assert any(words in text for words in ("不组织群众扑火", "不擅自扑火", "严禁非专业人员扑火"))


@pytest.mark.parametrize("hazard", [one for one in RELEASED_BY_NAME if one.family is Family.FIRE])
@pytest.mark.parametrize("level", Level)
def test_fire_names_the_fire_telephone(hazard: Hazard, level: Level) -> None:
    for role in (Role.VILLAGE_RESPONSIBLE, Role.RANGER):
        assert "12119" in "".join(instruction(hazard, level, role))


def test_every_role_has_a_post_and_a_stranger_gets_the_villages() -> None:
    assert {work_of(role) for role in Role} == set(Work)
    assert work_of("ranger") is Work.RANGER
    assert work_of("no such role") is work_of(None) is Work.VILLAGE
