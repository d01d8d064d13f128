"""The times in a warning, and what is doubted of them. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.sources.cap.model import Doubt
from alerts.sources.written_times import read_time


def time_of(text: str, zone: tzinfo, doubts: set[Doubt]) -> datetime | None:
    """The moment, UTC; ``None`` for nothing, or for what cannot be read (a doubt then).

    A day alone is no time of a warning: it may mean its beginning and its end.

    :param zone: where a time without a zone is taken to be of (a doubt, too).
    """
    text = text.strip()
    if not text:
        return None
    found = read_time(text, zone)
    if found is None or not found.clock:
        doubts.add(Doubt.BAD_TIME)
        return None
    if not found.zoned:
        doubts.add(Doubt.NO_ZONE)
    return found.at
