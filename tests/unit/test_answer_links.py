"""Links to the answer page: signed by us, for one call, no longer than the warning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contacts import board_links
from contacts.answer_links import (
    LONGEST,
    AnswerLink,
    LinkFault,
    good_until,
    key_of,
    sign,
    verify,
)

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
KEY = key_of("a secret of the province")
LINK = AnswerLink(32, 10, NOW + timedelta(hours=6))


def test_a_link_says_whose_answer_it_takes() -> None:
    assert verify(sign(LINK, KEY), KEY, NOW) == LINK


def test_a_link_ends_with_its_last_second() -> None:
    signed = sign(LINK, KEY)
    assert verify(signed, KEY, LINK.until - timedelta(seconds=1)) == LINK
    assert verify(signed, KEY, LINK.until) is LinkFault.EXPIRED


def test_it_lives_as_long_as_the_warning_or_for_some_hours() -> None:
    assert good_until(LINK.until, NOW, 0) == LINK.until
    assert good_until(LINK.until, NOW, 2) == NOW + timedelta(hours=2)
    assert good_until(LINK.until, NOW, 24) == LINK.until


def test_the_secret_of_board_passes_makes_another_key() -> None:
    assert key_of("same") != board_links.key_of("same")
    assert verify(sign(LINK, board_links.key_of("same")), key_of("same"), NOW) is LinkFault.FORGED


def test_an_expired_forgery_is_a_forgery() -> None:
    forged = sign(LINK, key_of("another"))
    assert verify(forged, KEY, LINK.until) is LinkFault.FORGED


@given(
    st.integers(0, len(sign(LINK, KEY)) - 1),
    st.sampled_from("0123456789-.AZaz_ =%/\n١é"),
)
def test_no_changed_character_is_let_through(at: int, other: str) -> None:
    signed = sign(LINK, KEY)
    changed = signed[:at] + other + signed[at + 1 :]
    found = verify(changed, KEY, NOW)
    assert changed == signed or found is LinkFault.FORGED


@given(st.text(max_size=LONGEST * 2))
def test_any_text_is_refused(text: str) -> None:
    assert verify(text, KEY, NOW) is LinkFault.FORGED
