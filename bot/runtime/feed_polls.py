"""Polling the hotspot feeds: each is asked when it is due, by a thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from alerts.patrol.hotspots.joining import NearestVillage
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.polling import Brought, Poll, take_in_poll
from alerts.patrol.hotspots.villages import nearest_village
from alerts.sources.feed_store import FeedState, any_feed_due, claim
from alerts.sources.feeds import FeedRequest, fetch, fingerprint
from alerts.sources.hotspot_feeds import Format
from bot.config.settings_patrol import FeedSettings
from bot.services.geography import Geography
from contacts.divisions.gazetteer import Gazetteer
from data import set_aside
from data.database import Connection, Database
from data.errors import StoreError

log = logging.getLogger(__name__)


class HotspotPolls:
    """Polls the feeds that have an address. ``poll`` blocks: it runs in a thread."""

    def __init__(
        self,
        database: Database,
        geography: Geography,
        feeds: Iterable[FeedSettings],
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
            try:
                self._poll_if_due(feed)
            except StoreError:
                raise
            except Exception as error:
                log.exception("feed %s: set aside until its next time", feed.name)
                unit = partial(set_aside.note, topic="feed", row=feed.name, error=error)
                self._database.do(partial(unit, now=self._clock()))

    def _poll_if_due(self, feed: FeedSettings) -> None:
        mark, now = fingerprint(feed.url), self._clock()
        state = self._database.do(partial(claim, name=feed.name, fingerprint=mark, now=now))
        if state is not None:
            self._poll(feed, state)

    def _poll(self, feed: FeedSettings, state: FeedState) -> None:
        answer = fetch(FeedRequest(feed.url, state.etag, state.last_modified, feed.max_bytes))
        every = timedelta(seconds=feed.every_seconds)
        poll = Poll(feed.name, Format(feed.format), every, state, answer, self._clock())
        boundaries, filed = self._geography.boundaries, self._filed_villages()
        _log(poll, take_in_poll(self._database, poll, boundaries, filed, self._rules))

    def _filed_villages(self) -> NearestVillage:
        """The villages of the divisions file; looked through again when another was imported."""
        gazetteer = self._geography.gazetteer
        if self._villages is None or self._villages[0] is not gazetteer:
            self._villages = gazetteer, nearest_village(gazetteer)
        return self._villages[1]


def _log(poll: Poll, brought: Brought) -> None:
    if brought.fault is not None:
        log.warning(
            "feed %s: %s %r (%d in a row)",
            poll.feed,
            brought.fault.value,
            brought.detail,
            poll.state.failures + 1,
        )
    elif brought.taken.new or brought.bad:
        log.info(
            "feed %s: %d rows, %d new, %d masked, %d tasks, %d bad rows%s",
            poll.feed,
            brought.rows,
            brought.taken.new,
            brought.taken.masked,
            len(brought.taken.opened),
            len(brought.bad),
            "".join(f"; row {row.row}: {row.flaw.value} {row.text}" for row in brought.bad[:3]),
        )
