"""The buttons of hotspot tasks: they read back as written, and forgeries are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.patrol.hotspots.model import Verdict
from bot.actions.codec import LONGEST, Action
from bot.actions.hotspots import (
    HotspotAccept,
    HotspotDecline,
    HotspotDraft,
    HotspotPicture,
    HotspotShow,
    HotspotVerdictTap,
)
from bot.actions.parsing import parse

ids = st.integers(1, 10**18 - 1)
ACTIONS = st.one_of(
    *(
        st.builds(kind, ids)
        for kind in (HotspotAccept, HotspotDecline, HotspotDraft, HotspotPicture, HotspotShow)
    ),
    st.builds(HotspotVerdictTap, ids, st.sampled_from(Verdict)),
)


@given(ACTIONS)
def test_a_button_comes_back_as_it_was(action: Action) -> None:
    data = action.encode()
    assert len(data) <= LONGEST
    assert parse(data) == action


@pytest.mark.parametrize(
    "data",
    [
        "ka",
        "ka:",
        "ka:0",
        "ka:01",
        "kn:-1",
        "ks:1:2",
        "kd:x",
        "ka:１",
        "kh:1",
        "kf",
        "kv:1",
        "kv:1:volcano",
    ],
)
def test_a_forged_button_says_nothing(data: str) -> None:
    assert parse(data) is None
