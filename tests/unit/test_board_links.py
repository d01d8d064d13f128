"""Board links: signed by us, valid for a time, and only while the roster agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.board_links import (
    LINK_FOR,
    SESSION_FOR,
    BoardRefusal,
    Pass,
    PassKind,
    key_of,
    link_for,
    session_for,
    sign,
    still_good,
    verify,
)
from contacts.people import Person, Role

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
KEY = key_of("a secret of the province")
CHIEF = Person(4, "县指挥", "+8619900000004", "222403000000", Role.COMMANDER, 1, telegram_id=10_004)
LINK = sign(link_for(7, CHIEF, NOW), KEY)


def test_a_link_says_for_whom_it_is() -> None:
    link = verify(LINK, PassKind.LINK, KEY, NOW)
    assert link == Pass(PassKind.LINK, 7, 4, 10_004, "222403000000", NOW + LINK_FOR)
    assert isinstance(link, Pass) and still_good(link, CHIEF) is None


def test_a_link_ends_after_ten_minutes_and_a_session_after_twelve_hours() -> None:
    link = link_for(7, CHIEF, NOW)
    just = timedelta(seconds=1)
    assert verify(sign(link, KEY), PassKind.LINK, KEY, NOW + LINK_FOR) is BoardRefusal.EXPIRED
    assert verify(sign(link, KEY), PassKind.LINK, KEY, NOW + LINK_FOR - just) == link
    session = session_for(link, NOW)
    end = NOW + SESSION_FOR
    assert verify(sign(session, KEY), PassKind.SESSION, KEY, end) is BoardRefusal.EXPIRED
    assert verify(sign(session, KEY), PassKind.SESSION, KEY, end - just) == session


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    assert verify(LINK, PassKind.SESSION, KEY, NOW) is BoardRefusal.FORGED
    session = sign(session_for(link_for(7, CHIEF, NOW), NOW), KEY)
    assert verify(session, PassKind.LINK, KEY, NOW) is BoardRefusal.FORGED


def test_an_expired_forgery_is_a_forgery() -> None:
    forged = sign(link_for(7, CHIEF, NOW - timedelta(days=1)), key_of("another secret"))
    assert verify(forged, PassKind.LINK, KEY, NOW) is BoardRefusal.FORGED


@pytest.mark.parametrize("text", ["", " ", "l", LINK + "=", LINK + "\n", " " + LINK, LINK * 5])
def test_other_texts_are_refused(text: str) -> None:
    wanted = BoardRefusal.FORGED if text else BoardRefusal.NO_PASS
    assert verify(text, PassKind.LINK, KEY, NOW) is wanted


@given(at=st.integers(0, len(LINK) - 1), char=st.characters())
def test_one_character_changed_is_forged(at: int, char: str) -> None:
    if char != LINK[at]:
        changed = LINK[:at] + char + LINK[at + 1 :]
        assert verify(changed, PassKind.LINK, KEY, NOW) is BoardRefusal.FORGED


@given(text=st.text(max_size=300))
def test_no_text_but_ours_is_believed(text: str) -> None:
    assert isinstance(verify(text, PassKind.LINK, KEY, NOW), BoardRefusal)


@given(
    person=st.integers(1, 10**12),
    scope=st.sampled_from(["220000000000", "222400000000", "222403101200"]),
    minutes=st.integers(0, 600),
)
def test_nobody_writes_a_pass_of_their_own(person: int, scope: str, minutes: int) -> None:
    """The signature of one's own link under another's name, division or hour."""
    stolen = LINK.rpartition(".")[2]
    until = NOW + timedelta(minutes=minutes)
    wanted = Pass(PassKind.LINK, 7, person, 10_004, scope, until)
    unsigned = sign(wanted, KEY).rpartition(".")[0]
    if unsigned != LINK.rpartition(".")[0]:
        assert verify(f"{unsigned}.{stolen}", PassKind.LINK, KEY, NOW) is BoardRefusal.FORGED


@pytest.mark.parametrize(
    "changed",
    [
        {"role": Role.STAFF},
        {"role": Role.RANGER},
        {"active": False},
        {"division_code": "222402000000"},
        {"division_code": "222400000000"},  # promoted: the board of the city needs a new link
        {"telegram_id": None},
        {"telegram_id": 99},
        {"id": 5},
    ],
)
def test_who_is_no_longer_in_post_loses_the_board(changed: dict) -> None:
    session = session_for(link_for(7, CHIEF, NOW), NOW)
    assert still_good(session, replace(CHIEF, **changed)) is BoardRefusal.NOT_IN_POST
    assert still_good(session, None) is BoardRefusal.NOT_IN_POST


@pytest.mark.parametrize(
    "role",
    [
        Role.COMMANDER,
        Role.DIRECTOR,
        Role.DEPUTY_DIRECTOR,
        Role.FLOOD_OFFICE_HEAD,
        Role.FIRE_OFFICE_HEAD,
        Role.DUTY_OFFICER,
    ],
)
def test_who_commands_or_is_on_duty_may_look(role: Role) -> None:
    session = session_for(link_for(7, CHIEF, NOW), NOW)
    assert still_good(session, replace(CHIEF, role=role)) is None
