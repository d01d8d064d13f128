"""Divisions and boundaries, loaded when first asked for or soon after: start-up must be quick.

Another process imports them: whoever ``follow``s the imports has them a moment later.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from alerts.patrol.hotspots.joining import NearestVillage
from alerts.patrol.hotspots.villages import nearest_village
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from data.database import Database
from data.errors import StoreError
from data.reference_versions import BOUNDARIES, DIVISIONS, IMPORTED, versions

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries

log = logging.getLogger(__name__)

AHEAD_SECONDS = 1.0
"""After the start, when what is most urgent has left, the divisions are loaded unasked."""

LOOK_SECONDS = 5.0
"""How soon an import is noticed without a signal: SQLite has none, and a listener may miss one."""


UNKNOWN = -1


class Geography:
    """Shared by all bots of a process; safe from any thread."""

    def __init__(self, database: Database, load_boundaries: Callable[[], Boundaries]) -> None:
        self._database = database
        self._load_boundaries = load_boundaries
        self._gazetteer: Gazetteer | None = None
        self._boundaries: Boundaries | None = None
        self._loaded: dict[str, int] = {}  # the version of each that is loaded
        self._loading = threading.Lock()
        self._villages: tuple[Gazetteer, NearestVillage] | None = None
        self._looking_through = threading.Lock()

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""
        if self._gazetteer is None:
            with self._loading:
                if self._gazetteer is None:
                    self._loaded[DIVISIONS] = self._version(DIVISIONS)
                    self._gazetteer = self._database.read(load_gazetteer)
        return self._gazetteer

    @property
    def boundaries(self) -> Boundaries:
        """The counties' boundaries, WGS-84."""
        if self._boundaries is None:
            with self._loading:
                if self._boundaries is None:
                    self._loaded[BOUNDARIES] = self._version(BOUNDARIES)
                    self._boundaries = self._load_boundaries()
        return self._boundaries

    @property
    def nearest_village(self) -> NearestVillage:
        """Finds the nearest village that the divisions file gives a position for.

        Made anew when other divisions were imported; for a province that takes a second.
        """
        gazetteer = self.gazetteer
        with self._looking_through:
            if self._villages is None or self._villages[0] is not gazetteer:
                self._villages = gazetteer, nearest_village(gazetteer)
            return self._villages[1]

    def reload(self) -> None:
        """Load anew what was imported since it was loaded; who asks meanwhile gets the old.

        It blocks for as long as loading takes.

        :raises StoreError: when the database does not answer; the old stays.
        :raises InvalidInput: when the file of boundaries cannot be used; the old stays.
        """
        if not self._loaded:
            return
        found = self._database.read(versions)
        with self._loading:
            imported = {name for name, version in self._loaded.items() if found[name] != version}
            if DIVISIONS in imported:
                self._gazetteer = self._database.read(load_gazetteer)
                self._loaded[DIVISIONS] = found[DIVISIONS]
            if BOUNDARIES in imported:
                self._loaded[BOUNDARIES] = found[BOUNDARIES]  # a file that is bad is said once
                self._boundaries = self._load_boundaries()
        if imported:
            log.info("loaded anew: %s", ", ".join(sorted(imported)))

    async def load_ahead(self) -> None:
        """Load the divisions a moment after the start: no call for help is to wait for that."""
        await asyncio.sleep(AHEAD_SECONDS)
        await self._in_thread(lambda: self.nearest_village)

    async def follow(self) -> None:
        """Reload whenever something is imported, until cancelled."""
        loop, imported = asyncio.get_running_loop(), asyncio.Event()

        def heard(signals: frozenset[str]) -> None:
            if IMPORTED in signals:
                with suppress(RuntimeError):  # the loop is closed: we are stopping
                    loop.call_soon_threadsafe(imported.set)

        self._database.watch(heard)
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await imported.wait()
                imported.clear()
                await self._in_thread(self.reload)
        finally:
            self._database.unwatch(heard)

    def _version(self, name: str) -> int:
        """How often it was imported by now; where that cannot be read, it is loaded once more."""
        try:
            return self._database.read(versions)[name]
        except StoreError:
            return UNKNOWN

    async def _in_thread(self, load: Callable[[], object]) -> None:
        loading = asyncio.get_running_loop().run_in_executor(None, load)
        try:
            await asyncio.shield(loading)
        except asyncio.CancelledError:
            await asyncio.wait([loading])  # it must not read a database that is closed
            raise
        except StoreError as error:
            log.info("divisions and imports were not looked for: %s", error)
        except Exception:
            log.exception("divisions or boundaries cannot be loaded; what there was stays")
