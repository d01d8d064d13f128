"""What a tier above says about a division's day (点评). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

LONGEST_WORDS = 300
"""Characters of a remark (ours): it is read on a phone."""


class Mark(Enum):
    """How the day was."""

    GOOD = "good"  # 好
    BAD = "bad"  # 差


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark; ``from_code``: the division above in whose name it was made."""

    id: int
    day: date
    division_code: str
    from_code: str
    mark: Mark
    words: str
    by_id: int
    at: datetime


class RemarkOutcome(Enum):
    """What became of a remark."""

    SAID = "said"
    CHANGED = "changed"  # it stands in the place of an earlier one of the same division above
    ALREADY = "already"  # it says what that one says


class DailyProblem(Enum):
    """Why something about a daily report cannot be done."""

    NOT_MADE = "daily_not_made"  # the day is not over yet, or its report was never made
    TOO_LONG = "daily_remark_too_long"
    NO_DAY = "daily_no_day"  # what was written is no day
    AHEAD = "daily_ahead"  # the day has not begun
    FORMAT = "daily_format"  # the file's ending is neither .xlsx nor .pdf
