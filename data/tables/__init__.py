"""The tables, in SQLAlchemy Core. What a row means is said here; the rules live elsewhere.

Times are UTC, stored as integer milliseconds since the epoch (``UtcDateTime``): they sort, compare
and survive every database the same way. Enumerations are stored as their short string values.
"""

from data.tables import (
    alerts,
    beyond_answers,
    changes,
    channels,
    contacts,
    daily,
    duty,
    evacuation,
    expiry,
    hotspots,
    household_moves,
    land,
    patrol,
    patrol_results,
    publishing,
    running,
    sky_pictures,
    sources,
    stages,
    tasks,
    templates,
    water,
)
from data.tables.columns import metadata

__all__ = [
    "alerts",
    "beyond_answers",
    "changes",
    "channels",
    "contacts",
    "daily",
    "duty",
    "evacuation",
    "expiry",
    "hotspots",
    "household_moves",
    "land",
    "metadata",
    "patrol",
    "patrol_results",
    "publishing",
    "running",
    "sky_pictures",
    "sources",
    "stages",
    "tasks",
    "templates",
    "water",
]
