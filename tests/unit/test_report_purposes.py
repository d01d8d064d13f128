"""A report outside any warning goes to the command of the sender's work, or of the season."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.patrol.field_reports.purposes import purpose_of
from contacts.groups import Purpose
from contacts.people import Role

JULY, APRIL = datetime(2026, 7, 29, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
HEAD, RANGER, DYKE = Role.VILLAGE_RESPONSIBLE, Role.RANGER, Role.DYKE_RESPONSIBLE


@pytest.mark.parametrize(
    ("roles", "july", "april"),
    [
        ({HEAD}, Purpose.FLOOD, Purpose.FIRE),
        ({RANGER}, Purpose.FIRE, Purpose.FIRE),
        ({DYKE}, Purpose.FLOOD, Purpose.FLOOD),
        ({HEAD, RANGER}, Purpose.FLOOD, Purpose.FIRE),
        ({RANGER, DYKE}, Purpose.FLOOD, Purpose.FIRE),
    ],
)
def test_whose_command(roles: set[Role], july: Purpose, april: Purpose) -> None:
    assert (purpose_of(roles, JULY), purpose_of(roles, APRIL)) == (july, april)


def test_the_season_is_that_of_jilin() -> None:
    assert purpose_of({HEAD}, datetime(2026, 5, 31, 16, tzinfo=UTC)) is Purpose.FLOOD
    assert purpose_of({HEAD}, datetime(2026, 9, 30, 16, tzinfo=UTC)) is Purpose.FIRE
