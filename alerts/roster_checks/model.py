"""A roster check (名册核对): once a season everybody is asked, still you, still these places? Pure.

It is a test call, too: whoever answers has proved that the bot reaches them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

DAYS = 7
"""So long a check runs unless it is said otherwise (ours)."""

LONGEST_DAYS = 60


def days_until_reminder(days: int) -> int:
    """After how many days of a check the silent are asked once more: half of them, whole ones.

    It is the hour of the day at which the check was begun, then: nobody is woken by it. A check of
    one day has no reminder.
    """
    return (days + 1) // 2


class StillThere(Enum):
    """What somebody answers."""

    YES = "yes"
    ELSEWHERE = "elsewhere"  # it is them, but they do not answer for these places any more
    NOT_ME = "not_me"  # the account is somebody else's


class RosterCheckProblem(Enum):
    """Why a check cannot be begun or answered."""

    NOBODY = "roster_check_nobody"
    DAYS = "roster_check_days"
    NOT_ASKED = "roster_check_not_asked"


@dataclass(frozen=True, slots=True)
class RosterCheck:
    """One check of a division and all below it.

    ``started_by`` is nobody for a check begun at the command line. ``due_at``: when the silent are
    asked again, then when it ends; none once it is over.
    """

    id: int
    division_code: str
    started_by: int | None
    started_at: datetime
    ends_at: datetime
    due_at: datetime | None
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it is still running."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many persons answered what; of the ``silent`` so many cannot be reached by the bot."""

    yes: int = 0
    elsewhere: int = 0
    not_me: int = 0
    silent: int = 0
    unreachable: int = 0

    @property
    def asked(self) -> int:
        """Everybody whom it is about."""
        return self.yes + self.elsewhere + self.not_me + self.silent
