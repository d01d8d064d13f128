"""Gathers what a feed's answer holds, the good and the bad. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.sources.gauges.model import BadReading, Read, Reading, ReadingFlaw
from alerts.sources.gauges.values import Flawed
from alerts.sources.hotspots import FeedFault

MOST_BAD = 100
"""Bad values kept to be shown; a feed of nothing else would fill the memory."""


@dataclass(slots=True)
class Collected:
    """Readings as they are found, and what is wrong with the rest."""

    readings: list[Reading] = field(default_factory=list)
    bad: list[BadReading] = field(default_factory=list)
    unreadable: int = 0
    absent: int = 0
    other: int = 0
    early: int = 0

    def take(self, row: int, found: Reading | Flawed | None, station: str = "") -> None:
        """One value of a row: a reading, what is wrong with it, or ``None``: it is missing."""
        if found is None:
            self.absent += 1
        elif isinstance(found, Reading):
            self.readings.append(found)
        else:
            self.unreadable += 1
            self.early += found.flaw is ReadingFlaw.FUTURE
            if len(self.bad) < MOST_BAD:
                self.bad.append(BadReading(row, found.flaw, found.text, station))

    def result(self) -> Read:
        """What was found; a feed of which nothing can be read is at fault as a whole."""
        bad = tuple(self.bad)
        if self.unreadable and not self.readings and not self.absent:
            # One that cannot be read is a slip; a feed of nothing else has changed, or our clock.
            first = f"row {bad[0].row}: {bad[0].flaw.value} {bad[0].text}"
            return Read((), bad, FeedFault.UNREADABLE, first, self.unreadable)
        return Read(
            tuple(self.readings),
            bad,
            unreadable=self.unreadable,
            absent=self.absent,
            other=self.other,
            early=self.early,
        )
