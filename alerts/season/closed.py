"""The closed time (禁火期) inside the fire season: no fire outdoors, by order. Pure. Local days.

Where the order of a province and that of a county both name days, both hold: what one of them
forbids is forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contacts.divisions.codes import contains


@dataclass(frozen=True, slots=True)
class ClosedTime:
    """Both days included; ``by_order``: the number of the order, or its name."""

    division_code: str
    starts_on: date
    ends_on: date
    by_order: str = ""

    def covers(self, day: date) -> bool:
        """Whether ``day`` is in it."""
        return self.starts_on <= day <= self.ends_on


def closed_for(times: Iterable[ClosedTime], code: str, day: date) -> ClosedTime | None:
    """The closed time that holds for a division on that day: the one that lasts longest."""
    found = [time for time in times if contains(time.division_code, code) and time.covers(day)]
    return max(found, key=lambda time: time.ends_on, default=None)
