"""A response is no warning, and a call home is neither: whatever is read of one calls it so."""

from __future__ import annotations

import pytest

from alerts.model import Hazard
from tests.unit.views import samples as s
from tests.unit.views.screens import SCREENS, toasts
from tests.unit.views.test_golden import drawn

OF_WARNINGS_ALONE = (
    "stages_",  # a plan in stages is a warning's,
    "proposed",  # and so is what machines propose,
    "preview_signal",  # a signal of the weather service,
    "sky_picture",
    "households_left_out",  # and all that is done with evacuation cards
    "evacuation_places",
    "frail_which",
    "return_ask",
)
NAMED_BESIDE = (
    s.ALERT.headline,
    "敦化市山洪灾害橙色预警",
    "已发布的预警不受影响",  # the end of a response ends no warning
    "接到预警立即转移",  # what a village does in one
    "不是预警等级",
    "一条预警只有一个等级",
    "📝 预警用语",
)
"""Warnings that are named where a response is told of, too."""


def _called_warnings(shown: str) -> list[str]:
    for words in NAMED_BESIDE:
        shown = shown.replace(words, "")
    return [line for line in shown.splitlines() if "预警" in line or "误发" in line]


@pytest.mark.parametrize("kind", ["response", "homeward"])
def test_nothing_that_is_no_warning_is_called_one(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Every sample is made one of these; what reads otherwise then is said of them."""
    before = {name: drawn(view("zh")) for name, view in SCREENS.items()} | {
        f"toast {number}": words for number, words in enumerate(toasts("zh"))
    }
    monkeypatch.setattr(Hazard, "response", property(lambda _hazard: kind == "response"))
    monkeypatch.setattr(Hazard, "homeward", property(lambda _hazard: kind == "homeward"))
    now = {name: drawn(view("zh")) for name, view in SCREENS.items()} | {
        f"toast {number}": words for number, words in enumerate(toasts("zh"))
    }
    assert sum(now[name] != before[name] for name in now) > 100
    wrong = {
        name: lines
        for name, shown in now.items()
        if shown != before[name] and not name.startswith(OF_WARNINGS_ALONE)
        if (lines := _called_warnings(shown))
    }
    # What is released by the wizard is a warning or a response, never a call home.
    wizard = {"ask_own_text", "preview_same", "response_level", "response_preview"}
    assert {name: wrong[name] for name in wrong.keys() - wizard} == {}
    assert kind == "homeward" or not wrong
