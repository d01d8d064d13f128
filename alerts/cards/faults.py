"""Alerts whose cards or lists cannot be worked out: those of all others are kept true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from data.database import DatabaseError
from data.errors import StoreError

Faults = dict[int, Exception]
"""What went wrong, by the alert it went wrong with."""


@contextmanager
def noted(faults: Faults | None, alert_id: int) -> Iterator[None]:
    """Note in ``faults`` what goes wrong with one alert, and go on; without, it is raised."""
    try:
        yield
    except (StoreError, DatabaseError):
        raise
    except Exception as error:
        if faults is None:
            raise
        faults[alert_id] = error
