"""When it is asked whether a warning is to hold longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.expiry.model import to_be_asked
from alerts.model import Alert, State
from tests.unit.views import samples as s

END = s.ALERT.expires_at
RELEASED = s.ALERT.released_at
assert RELEASED is not None


@pytest.mark.parametrize(
    ("alert", "before_end", "asked_ago", "due"),
    [
        (s.ALERT, 31, None, False),
        (s.ALERT, 30, None, True),
        (s.ALERT, 0, None, False),
        # A typo corrected in the last hour moves no end.
        (replace(s.ALERT, changed_at=END - timedelta(minutes=40)), 30, None, True),
        (replace(s.ALERT, expires_at=RELEASED + timedelta(minutes=50)), 20, None, False),
        (s.ALERT, 20, 5, False),  # just asked, and prolonged by minutes
        (s.ALERT, 10, 15, True),
        (replace(s.ALERT, state=State.CLOSED), 10, None, True),
        (replace(s.ALERT, state=State.LIFTED), 10, None, False),
        (replace(s.ALERT, held_at=END - timedelta(hours=1)), 10, None, False),
    ],
)
def test_it_is_asked(alert: Alert, before_end: int, asked_ago: int | None, due: bool) -> None:
    now = alert.expires_at - timedelta(minutes=before_end)
    asked = None if asked_ago is None else now - timedelta(minutes=asked_ago)
    assert to_be_asked(alert, now, asked) is due
