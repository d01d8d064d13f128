"""What the buttons ask for: one declaration an action, one file a topic. Pure.

Importing the package declares them all, so ``parse`` knows every action there is.
"""

from bot.actions import (
    accounts,
    areas,
    changes,
    cut_off,
    distress,
    drafts,
    field_reports,
    handbook,
    hotspots,
    named_places,
    proxy_reports,
    red_days,
    release,
    responses,
    roll_calls,
    roster_checks,
    shifts,
    sky_pictures,
    stages,
    test_calls,
    warnings,
    water,
)

__all__ = [
    "accounts",
    "areas",
    "changes",
    "cut_off",
    "distress",
    "drafts",
    "field_reports",
    "handbook",
    "hotspots",
    "named_places",
    "proxy_reports",
    "red_days",
    "release",
    "responses",
    "roll_calls",
    "roster_checks",
    "shifts",
    "sky_pictures",
    "stages",
    "test_calls",
    "warnings",
    "water",
]
