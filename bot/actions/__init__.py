"""What the buttons ask for: one declaration an action, one file a topic. Pure.

Importing the package declares them all, so ``parse`` knows every action there is.
"""

from bot.actions import (
    accounts,
    distress,
    field_reports,
    handbook,
    hotspots,
    red_days,
    release,
    roll_calls,
    shifts,
    warnings,
)

__all__ = [
    "accounts",
    "distress",
    "field_reports",
    "handbook",
    "hotspots",
    "red_days",
    "release",
    "roll_calls",
    "shifts",
    "warnings",
]
