"""The texts with satellite and radar pictures in a group, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.model import Status
from alerts.sky_pictures.model import Kept, SkySource
from bot.views import sky_pictures as views
from bot.views.screen import Screen
from tests.unit.views import samples as s

View = Callable[[str], Screen]
SOURCE = SkySource("radar", "长春雷达<回波>", "https://radar.example/{time:%H%M}.png")
TAKEN = s.NOW - timedelta(minutes=12)
KEPT = Kept("radar", TAKEN, s.NOW - timedelta(minutes=5), "0", "png", as_photo=True)
WARNINGS = [(s.ALERT, "敦化<市>")] * 4
DRILL = [(replace(s.ALERT, status=Status.EXERCISE), "敦化市")]


def sky_screens() -> Iterator[tuple[str, View]]:
    """Name and view of each."""
    yield (
        "sky_picture",
        lambda language: views.picture_caption(SOURCE, KEPT, WARNINGS, language, s.NOW),
    )
    untimed = replace(KEPT, taken_at=None)
    yield (
        "sky_picture_untimed",
        lambda language: views.picture_caption(SOURCE, untimed, DRILL, language, s.NOW),
    )
    old = replace(KEPT, taken_at=s.NOW - timedelta(hours=3))
    yield "sky_stopped", lambda language: views.stopped(SOURCE, old, WARNINGS, language, s.NOW)
    yield "sky_muted", lambda language: views.muted("张<三>", language)
    yield "sky_resumed", lambda language: views.resumed("张<三>", language)
