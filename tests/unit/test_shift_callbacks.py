"""The button under a list of silent patrollers: it reads back, and forgeries are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.parsing import parse
from bot.actions.shifts import PatrolReached


@given(st.integers(1, 10**18 - 1))
def test_the_button_comes_back_as_it_was(person_id: int) -> None:
    assert parse(PatrolReached(person_id).encode()) == PatrolReached(person_id)


@pytest.mark.parametrize("data", ["sr", "sr:", "sr:0", "sr:01", "sr:-1", "sr:1:2", "sr:x", "sr:１"])
def test_a_forged_button_says_nothing(data: str) -> None:
    assert parse(data) is None
