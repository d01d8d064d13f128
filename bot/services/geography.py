"""Divisions and boundaries, loaded when first asked for: start-up must be quick.

Another process imports them: a running bot knows them after its next start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from data.database import Database

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries


class Geography:
    """Shared by all bots of a process; safe from any thread."""

    def __init__(self, database: Database, load_boundaries: Callable[[], Boundaries]) -> None:
        self._database = database
        self._load_boundaries = load_boundaries
        self._gazetteer: Gazetteer | None = None
        self._boundaries: Boundaries | None = None
        self._loading = threading.Lock()

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""
        if self._gazetteer is None:
            with self._loading:
                if self._gazetteer is None:
                    self._gazetteer = self._database.read(load_gazetteer)
        return self._gazetteer

    @property
    def boundaries(self) -> Boundaries:
        """The counties' boundaries, WGS-84."""
        if self._boundaries is None:
            with self._loading:
                if self._boundaries is None:
                    self._boundaries = self._load_boundaries()
        return self._boundaries
