"""/help lists the commands that the reader may use, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.views.membership import help_message
from contacts.access import Access, may_call_roll, may_open_board, may_release, may_watch
from contacts.people import PATROLLING, Person, Role
from tests.unit.views import samples as s


def may_use(person: Person) -> set[str]:
    """The commands of the forest side that answer this person with more than a refusal."""
    area = [person.division_code]
    found = set()
    if may_open_board(person) is Access.ALLOWED:
        found |= {"/board", "/hotspots"}
    if may_watch(person, area) is Access.ALLOWED:
        found.add("/feed")
    if may_release(person, area) is Access.ALLOWED:
        found.add("/danger")
    if may_call_roll(person, person.division_code) is Access.ALLOWED:
        found.add("/rollcall")
    if person.role in PATROLLING:
        found.add("/hotspots")
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", Role)
def test_help_names_what_the_reader_may_use(role: Role, language: str) -> None:
    person = replace(s.RANGER, role=role, division_code="222403000000")
    text = help_message(person, language).text
    named = {
        word for word in ("/board", "/hotspots", "/feed", "/rollcall", "/danger") if word in text
    }
    assert named == may_use(person)
