"""The buttons of calls for help, /feed and red danger days: they read back, forgeries fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.patrol.red_days.model import AskAnswer
from bot.actions.distress import DistressConfirm
from bot.actions.field_reports import FeedPage, FeedShow
from bot.actions.parsing import parse
from bot.actions.red_days import RedDayAnswer

_ID = st.integers(1, 10**18 - 1)
_ACTION = st.one_of(
    st.builds(DistressConfirm, _ID),
    st.builds(FeedShow, _ID),
    st.builds(FeedPage, st.integers(0, 99_999)),
    st.builds(RedDayAnswer, _ID, st.sampled_from(AskAnswer)),
)


@given(_ACTION)
def test_a_button_comes_back_as_it_was(action) -> None:
    assert len(action.encode().encode()) <= 64
    assert parse(action.encode()) == action


@pytest.mark.parametrize(
    "data", ["dc:", "dc:0", "dc:1:2", "fp:-1", "fp:01", "fs:x", "ra:1", "ra:1:maybe", "ra:0:fire"]
)
def test_a_forged_button_says_nothing(data: str) -> None:
    assert parse(data) is None
