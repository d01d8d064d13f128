"""The hotspot feeds, to be polled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.polling import Brought, Poll, take_in_poll
from alerts.sources.feed_store import FeedState
from alerts.sources.feeds import FeedAnswer
from alerts.sources.hotspot_feeds import Format
from bot.config.settings_patrol import FeedSettings
from bot.runtime.polling import FeedPolls, Polled
from bot.services.geography import Geography
from data.database import Database

log = logging.getLogger(__name__)


def hotspot_feeds(
    database: Database,
    geography: Geography,
    feeds: Iterable[FeedSettings],
    rules: VerificationRules,
) -> Iterator[Polled]:
    """The feeds that have an address."""

    def take_in(feed: FeedSettings, state: FeedState, answer: FeedAnswer, at: datetime) -> None:
        every = timedelta(seconds=feed.every_seconds)
        poll = Poll(feed.name, Format(feed.format), every, state, answer, at)
        boundaries, filed = geography.boundaries, geography.nearest_village
        _log(poll, take_in_poll(database, poll, boundaries, filed, rules))

    for feed in feeds:
        if feed.url:
            every = timedelta(seconds=feed.every_seconds)
            yield Polled(feed.name, feed.url, every, partial(take_in, feed), feed.max_bytes)


class HotspotPolls(FeedPolls):
    """Polls the hotspot feeds that have an address, and nothing else."""

    def __init__(
        self,
        database: Database,
        geography: Geography,
        feeds: Iterable[FeedSettings],
        rules: VerificationRules,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(database, hotspot_feeds(database, geography, feeds, rules), clock)


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
