"""Those who have not answered, as an officer looks at them: which part of the list. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

RINGING_FOR = timedelta(minutes=5)
"""For so long somebody counts as being rung up after an officer said so (ours): then the others see
again that nobody does."""


class Only(Enum):
    """Some of those who have not answered, instead of all."""

    UNREACHABLE = "u"  # Telegram does not reach them: only the telephone does
    NOT_RUNG = "n"  # nobody is ringing them up


class ListPage(NamedTuple):
    """What of the list is shown: a page (from 0) of a division, or of some of its people.

    Without a division it is the whole warning.
    """

    page: int = 0
    division: str = ""
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class Ringing:
    """An officer is ringing somebody up: the others who read the list leave that one out."""

    call_id: int
    officer_id: int
    officer: str  # the name
    since: datetime

    def lasts(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now - self.since < RINGING_FOR


@dataclass(frozen=True, slots=True)
class SilentPlace:
    """How many of a division have not answered, and how many of them Telegram does not reach."""

    code: str
    waiting: int
    unreachable: int
