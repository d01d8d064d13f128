"""What is read where time has passed: a warning that was held, what arrived late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.progress import Progress
from bot.locale.local_day import LocalDay
from bot.views import late
from bot.views.clock import BEIJING
from bot.views.screen import Screen
from bot.views.warnings import call, holding
from tests.unit.views import samples as s

View = Callable[[str], Screen]
LATER = s.START + timedelta(hours=26)
DAY = LocalDay(BEIJING, LATER)
HELD = replace(s.ALERT, held_at=LATER, expires_at=LATER + timedelta(hours=10))


def age() -> Iterator[tuple[str, View]]:
    """A warning overdue by too much, and what was done long ago."""
    for decides in (True, False):
        yield (
            "still_send" if decides else "still_send_duty",
            lambda language, decides=decides: holding.ask_still_send(  # type: ignore[misc]
                HELD,
                Progress(),
                language,
                s.PLACE,
                LATER,
                decides=decides,
                sender_line=s.FROM,
                zone=DAY,
            ),
        )
    yield (
        "sent_anew",
        lambda language: holding.sent_anew(s.ALERT, language, s.PLACE, zone=DAY),
    )
    yield (
        "remind_days",
        lambda language: call.remind_message(
            s.ALERT, 31, language, s.PLACE, sender_line=s.FROM, minutes=3000, zone=DAY
        ),
    )
    ended = [s.ALERT, replace(s.CANCELLED, id=8), replace(s.CLOSED, id=9), replace(s.LIFTED, id=10)]
    places = {alert.id: s.PLACE for alert in ended}
    for name, note in (
        ("tap", lambda language: late.tap_note("确认发布", s.START, LATER, language, zone=DAY)),
        (
            "words",
            lambda language: late.words_note("已核实 <b>", s.START, LATER, language, zone=DAY),
        ),
        ("proposal", lambda language: late.proposal_note(s.START, LATER, language, zone=DAY)),
        ("preview", lambda language: late.preview_note(s.START, LATER, language, zone=DAY)),
        ("changes", lambda language: late.changes(ended, places, language, zone=DAY)),
        ("no_changes", lambda language: late.changes([], {}, language, zone=DAY)),
        ("once_more", late.once_more),
    ):
        yield f"late_{name}", lambda language, note=note: Screen(note(language))  # type: ignore[misc]
