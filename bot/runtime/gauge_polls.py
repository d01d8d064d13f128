"""The feeds of gauges and rain, to be polled; a file of this machine is one of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from alerts.sources.feed_store import FeedState
from alerts.sources.feeds import FeedAnswer, fetch, read_file
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.model import Form
from alerts.sources.gauges.pages import fetch_pages
from alerts.sources.gauges.taking_in import Brought, Poll, take_in_poll
from alerts.sources.gauges.watching import Around
from bot.config.rules import AllRules
from bot.config.settings import Settings
from bot.config.settings_water import GaugeFeedSettings
from bot.runtime.polling import Polled
from contacts.area_shapes import Land
from data.database import Database

log = logging.getLogger(__name__)


def around(settings: Settings, rules: AllRules, land: Land, feed: str = "") -> Around:
    """What the watch over gauges works with.

    :param land: where villages are, for a stretch of river.
    :param feed: in whose name something is proposed; left out, the first that is configured.
    """
    name = feed or settings.sources.gauges_in_use[0].name
    return Around(rules.water, rules.proposals, name, settings.time.info, land)


def feeds_of(
    database: Database, settings: Settings, rules: AllRules, land: Land
) -> Iterator[Polled]:
    """The feeds that have an address or a file."""

    def take_in(
        feed: GaugeFeedSettings, state: FeedState, answer: FeedAnswer, at: datetime
    ) -> None:
        shape = Shape(settings.time.info, feed.station, feed.level_unit, feed.rain_minutes)
        every = timedelta(seconds=feed.every_seconds)
        poll = Poll(feed.name, Form(feed.format), shape, every, state, answer, at)
        _log(poll, take_in_poll(database, poll, around(settings, rules, land, feed.name)))

    for feed in settings.sources.gauges_in_use:
        every = timedelta(seconds=feed.every_seconds)
        if feed.url:
            key = feed.authorization.reveal()
            headers = {"Authorization": key} if key else {}
            in_pages = Form(feed.format) in (Form.SENSORTHINGS, Form.USGS)
            yield Polled(
                feed.name,
                feed.url,
                every,
                partial(take_in, feed),
                feed.max_bytes,
                headers,
                fetch_pages if in_pages else fetch,
            )
        else:
            yield Polled(
                feed.name, feed.file, every, partial(take_in, feed), feed.max_bytes, ask=read_file
            )


def _log(poll: Poll, brought: Brought) -> None:
    if brought.fault is not None:
        log.warning(
            "feed %s: %s %r (%d in a row)",
            poll.feed,
            brought.fault.value,
            brought.detail,
            poll.state.failures + 1,
        )
    elif brought.new or brought.bad or brought.unknown:
        log.info(
            "feed %s: %d readings, %d new, %d doubted, %d unknown stations%s",
            poll.feed,
            brought.rows,
            brought.new,
            brought.doubted,
            len(brought.unknown),
            "".join(f"; row {row.row}: {row.flaw.value} {row.text}" for row in brought.bad[:3]),
        )
