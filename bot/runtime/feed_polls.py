"""Polling the hotspot feeds: asked, read, located and taken in by a thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from alerts.patrol.hotspots.intake import take_in
from alerts.patrol.hotspots.joining import Located, NearestVillage
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.positions.village_store import reported_villages
from alerts.sources.feed_store import FeedState, any_feed_due, claim, polled
from alerts.sources.feeds import Answer, Asking, fetch, fingerprint
from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import Bounds, Flaw, Parsed, distinct
from bot.config.settings_patrol import Feed
from bot.runtime.geography import Geography
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from data.database import Connection, Database
from data.geo.nearest import Grid

log = logging.getLogger(__name__)

VILLAGE_CELL_M = 5000.0
FARTHEST_VILLAGE_M = 50_000.0
FARTHEST_REPORTED_M = 10_000.0
"""A village whose place was worked out from positions is named within this distance (ours)."""


class HotspotPolls:
    """Polls the feeds that have an address. ``poll`` blocks: it runs in a thread."""

    def __init__(
        self,
        database: Database,
        geography: Geography,
        feeds: Iterable[Feed],
        rules: VerificationRules,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._geography = geography
        self._clock = clock
        self._rules = rules
        self.feeds = [feed for feed in feeds if feed.url]
        self._villages: tuple[Gazetteer, NearestVillage] | None = None

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether ``poll`` would ask anything."""
        names = [feed.name for feed in self.feeds]
        return bool(names) and any_feed_due(connection, names, now)

    def poll(self) -> None:
        """Ask every feed that is due; a failure of one is recorded and hinders no other."""
        for feed in self.feeds:
            mark = fingerprint(feed.url)
            now = self._clock()
            state = self._database.do(partial(claim, name=feed.name, fingerprint=mark, now=now))
            if state is not None:
                self._poll(feed, state)

    def _poll(self, feed: Feed, state: FeedState) -> None:
        answer = fetch(Asking(feed.url, state.etag, state.last_modified, feed.max_bytes))
        now = self._clock()
        every = timedelta(seconds=feed.every_seconds)
        if answer.fault is not None or answer.unchanged:
            self._record(feed, state, answer, Parsed(fault=answer.fault, detail=answer.detail), now)
            return
        parsed = parse(answer.body, Format(feed.format), now, self._bounds())
        if parsed.fault is not None:
            self._record(feed, state, answer, parsed, now)
            return
        located = self._located(parsed, now)
        rules, village = self._rules, self._nearest_village(now)
        bad = [bad_row for bad_row in parsed.bad if bad_row.flaw is not Flaw.OUTSIDE_BOUNDS]
        newest = max((hotspot.acquired_at for hotspot in parsed.hotspots), default=None)

        taken = take_in(self._database, feed.name, located, now, rules, village)
        # Recorded last: of a poll broken off the ETag is not kept, so the next brings it all.
        self._database.do(
            lambda c: polled(
                c,
                state,
                answer,
                None,
                every,
                now,
                rows=len(parsed.hotspots),
                new_rows=taken.new,
                bad_rows=len(bad),
                newest_at=newest,
            )
        )
        if taken.new or bad:
            log.info(
                "feed %s: %d rows, %d new, %d masked, %d tasks, %d bad rows%s",
                feed.name,
                len(parsed.hotspots),
                taken.new,
                taken.masked,
                len(taken.opened),
                len(bad),
                "".join(f"; row {row.row}: {row.flaw.value} {row.text}" for row in bad[:3]),
            )

    def _record(
        self, feed: Feed, state: FeedState, answer: Answer, parsed: Parsed, now: datetime
    ) -> None:
        every = timedelta(seconds=feed.every_seconds)
        self._database.do(lambda c: polled(c, state, answer, parsed.fault, every, now))
        if parsed.fault is not None:
            log.warning(
                "feed %s: %s %r (%d in a row)",
                feed.name,
                parsed.fault.value,
                parsed.detail,
                state.failures + 1,
            )

    def _bounds(self) -> Bounds:
        """Around everything drawn: what lies outside needs no look at polygons."""
        boundaries = self._geography.boundaries
        edges = [boundaries.bounds(code) for code in boundaries.codes]
        return Bounds(
            min(edge[0] for edge in edges),
            min(edge[1] for edge in edges),
            max(edge[2] for edge in edges),
            max(edge[3] for edge in edges),
        )

    def _located(self, parsed: Parsed, now: datetime) -> list[Located]:
        """Those in the province; what is too old for a task needs no place."""
        oldest = now - self._rules.recent
        locate = self._geography.boundaries.locate
        found = []
        for hotspot in distinct(parsed.hotspots):
            if hotspot.acquired_at >= oldest:
                code = locate(hotspot.lon, hotspot.lat)
                if code is not None:
                    found.append(Located(hotspot, code))
        return found

    def _nearest_village(self, now: datetime) -> NearestVillage:
        """By the divisions file; where it gives no positions, by what villages' people reported."""
        gazetteer = self._geography.gazetteer
        if self._villages is None or self._villages[0] is not gazetteer:
            self._villages = gazetteer, nearest_village(gazetteer)
        filed = self._villages[1]
        reported = self._database.read(lambda c: reported_villages(c, now))
        grid = Grid([(village.lon, village.lat) for village in reported], VILLAGE_CELL_M)

        def find(lon: float, lat: float) -> tuple[str, float | None] | None:
            found = filed(lon, lat)
            if found is not None:
                return found
            near = grid.nearest(lon, lat, FARTHEST_REPORTED_M)
            return None if near is None else (reported[near[1]].code, None)

        return find


def nearest_village(gazetteer: Gazetteer) -> NearestVillage:
    """Finds the nearest village among those the divisions file gives a position for."""
    known = [
        (village.code, village.lon, village.lat)
        for village in gazetteer
        if village.tier is Tier.VILLAGE and village.lon is not None and village.lat is not None
    ]
    spots: Sequence[tuple[float, float]] = [(lon, lat) for _, lon, lat in known]
    grid = Grid(spots, VILLAGE_CELL_M)

    def find(lon: float, lat: float) -> tuple[str, float] | None:
        near = grid.nearest(lon, lat, FARTHEST_VILLAGE_M)
        return None if near is None else (known[near[1]][0], near[0])

    return find
