"""The demo roster passes the real import, is the same at every start, and names nobody real."""

from __future__ import annotations

import re

from bot.sandbox.cast.acting import scripts_for
from bot.sandbox.cast.roster import LinkState, Temper, demo_roster
from bot.sandbox.run import free_port
from contacts.divisions.store import shipped_divisions


def test_the_same_people_at_every_start() -> None:
    assert demo_roster() == demo_roster()


def test_every_place_exists_and_every_number_is_made_up() -> None:
    roster = demo_roster()
    known = {division.code for division in shipped_divisions()}
    assert {person.division_code for person in roster.people} <= known
    assert all(re.fullmatch(r"\+86 199 0000 \d{4}", person.phone) for person in roster.people)
    assert len({person.phone for person in roster.people}) == len(roster.people)
    assert len({person.name for person in roster.people}) == len(roster.people)


def test_the_three_phones_and_new_ones_follow_no_script() -> None:
    roster = demo_roster()
    scripts = scripts_for(roster.people)
    for person in (roster.commander, roster.village_head, roster.ranger):
        assert person.account not in scripts
    new = [person for person in roster.people if person.link is LinkState.NEW]
    assert new and all(person.account not in scripts for person in new)
    assert {script.temper for script in scripts.values()} == set(Temper) - {Temper.VISITOR}


def test_a_taken_port_gives_the_next_one() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
