"""How many of a warning's calls stand how. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """How many persons of a warning, or of one division's part of it, stand how."""

    calls: int = 0
    acknowledged: int = 0  # by the person, reported included
    proxied: int = 0
    reported: int = 0
    discharged: int = 0
    cancelled: int = 0
    waiting: int = 0
    unreachable: int = 0  # of those waiting
    queued: int = 0  # of those waiting: not delivered yet
    households: int = 0
    persons: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is counted: somebody called, or moved."""
        return bool(self.calls or self.households or self.persons)

    @property
    def answered(self) -> int:
        """By the person or by proxy."""
        return self.acknowledged + self.proxied

    @property
    def closed(self) -> int:
        """Nothing more is asked of these: answered or discharged."""
        return self.answered + self.discharged

    @property
    def unreported(self) -> int:
        """Answered themselves, and reported nothing since."""
        return self.acknowledged - self.reported

    def plus(self, row: Any) -> Progress:
        """These counts and those of one row of ``progress_store.counts``."""
        by_state = (row.waiting, row.acknowledged, row.proxied, row.reported)
        return Progress(
            self.calls + sum(by_state) + row.discharged + row.cancelled,
            self.acknowledged + row.acknowledged + row.reported,
            self.proxied + row.proxied,
            self.reported + row.reported,
            self.discharged + row.discharged,
            self.cancelled + row.cancelled,
            self.waiting + row.waiting,
            self.unreachable + row.unreachable,
            self.queued + row.queued,
            self.households + row.households,
            self.persons + row.persons,
        )
