"""Whatever names people and zones have, Telegram accepts what is said about check-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings

from alerts.patrol.zones.model import Whereabouts
from alerts.season.model import Danger, DangerLevel
from bot.locale import LANGUAGES
from bot.views.patrol import fire_danger, positions, shifts
from bot.views.screen import Screen
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Candidate, Division
from tests.unit.views import samples as s
from tests.unit.views import shift_screens as f
from tests.unit.views.test_limits import NASTY, acceptable, words


def every_view(text: str, language: str) -> Iterator[Screen]:
    """Each view with ``text`` in every place where people's words can stand."""
    person = replace(s.RANGER, name=text)
    zone = replace(f.ZONE, name=text)
    for whereabouts in (Whereabouts(zone), Whereabouts(zone, 5.0)):
        more = shifts.check_in_lines(whereabouts, f.CHECKED, language)
        yield positions.position_recorded(f.POSITION, text, language, more=more)
    yield shifts.check_in_missed(person, f.LONG, language)
    rows = [shifts.SilentPatroller(person, f.LONG, text, f.POSITION)] * 20
    yield shifts.silent_patrollers(rows, 20_000, text, language, f.NOW)
    yield shifts.patrollers_back([(person, f.POSITION)] * 100, language)
    yield shifts.patrollers_back([(person, None)], language, by=text)
    level = Danger("222403000000", f.NOW.date(), DangerLevel.RED)
    yield fire_danger.danger_of(level, text, text, language)
    yield fire_danger.danger_set(level, text, language)
    wanted = (DangerLevel.RED, f.NOW.date(), None)
    found = [Candidate(Division("222403000000", text, Tier.COUNTY), text)] * 8
    yield fire_danger.place_unclear(text, found, 99, language, wanted=wanted)
    yield fire_danger.place_unclear(text, (), 0, language, wanted=wanted)
    yield fire_danger.no_level(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_names_are_taken(text: str, language: str) -> None:
    for screen in every_view(text, language):
        acceptable(screen)


@pytest.mark.slow
@settings(max_examples=30)
@given(words)
def test_any_name_is_taken(text: str) -> None:
    for screen in every_view(text, "zh"):
        acceptable(screen)
