"""Gauges as they are shown: a row each, and how a button or a word means one. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.model import Level
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Station
from alerts.sources.gauges.watch import Watch

_FAR = 1e9


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of a station that has lines for it; ``watch`` is ``None`` before its first
    reading."""

    station: Station
    quantity: Quantity
    watch: Watch | None = None

    def silent(self, now: datetime) -> bool:
        """Whether nothing came when it should have."""
        return self.watch is None or self.watch.silent_at is None or self.watch.silent_at <= now

    @property
    def held(self) -> int:
        """The rank of the line that it is at."""
        return 0 if self.watch is None else self.watch.standing.held

    def level(self, rules: WaterRules) -> Level | None:
        """The warning that its line stands for."""
        kinds = [line.kind for line in self.station.lines_of(self.quantity)]
        return next((rules.level_of(kind) for kind in kinds if kind.rank == self.held), None)

    @property
    def gap(self) -> float:
        """How far its value is from its next line: metres, or the share that is left of it."""
        above = [
            line
            for line in self.station.lines_of(self.quantity)
            if line.kind.rank > self.held
            and (self.quantity is not Quantity.RAIN or line.minutes == self._minutes)
        ]
        if self.watch is None or self.watch.trace.last_at is None or not above:
            return _FAR
        nearest = min(line.value for line in above) - self.watch.value
        if self.quantity is Quantity.LEVEL:
            return nearest
        return 10 * nearest / max(1e-6, min(line.value for line in above))

    @property
    def _minutes(self) -> int:
        return 0 if self.watch is None else self.watch.minutes


def token_of(code: str) -> str:
    """Stands for a station's code where only a few plain letters fit: in a button."""
    return hashlib.sha256(code.encode()).hexdigest()[:10]


def by_token(stations: Iterable[Station], token: str) -> Station | None:
    """The station that a button means."""
    return next((one for one in stations if token_of(one.code) == token), None)


def by_words(stations: Iterable[Station], words: str) -> list[Station]:
    """The stations that somebody means by a name or a code."""
    asked = "".join(words.split()).removesuffix("站")
    given = list(stations)
    exact = [one for one in given if asked in (one.code, one.name.removesuffix("站"))]
    return exact or [one for one in given if asked and asked in f"{one.river}{one.name}"]
