"""The feeds of other agencies' warnings, to be polled."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from alerts.drafts.model import ProposalRules
from alerts.sources.cap import folder as folders
from alerts.sources.cap.intake import Brought, CapFeed, Form, take_in
from alerts.sources.feed_store import FeedState
from alerts.sources.feeds import FeedAnswer, FeedRequest, fetch, redirected
from alerts.sources.hotspots import FeedFault
from bot.config.settings_sources import CapSettings
from bot.runtime.polling import Polled
from bot.services.geography import Geography
from data.database import Database

log = logging.getLogger(__name__)

MOST_OF_LINK = 4 * 1024 * 1024
"""Bytes of one message behind a link (ours)."""


def polled_warnings(
    database: Database,
    geography: Geography,
    feeds: Iterable[CapSettings],
    rules: ProposalRules,
) -> Iterator[Polled]:
    """These feeds."""
    for settings in feeds:
        every = timedelta(seconds=settings.every_seconds)
        headers = {"X-QW-Api-Key": settings.key.reveal()} if settings.key else {}
        folder = Path(settings.folder) if settings.folder else None
        feed = CapFeed(
            settings.name,
            Form(settings.format),
            every,
            settings.division,
            settings.url,
            partial(_of_link, settings.url)
            if folder is None
            else folders.reading(folder, settings.max_bytes),
            folder,
        )
        take = partial(_take_in, database, geography, rules, feed)
        if folder is None:
            yield Polled(settings.name, settings.url, every, take, settings.max_bytes, headers)
        else:
            ask = partial(_look_into, folder)
            yield Polled(settings.name, f"file:{folder}", every, take, ask=ask)


def _of_link(feed_url: str, url: str) -> FeedAnswer:
    """A message behind a link of a feed: where a redirect might lead, and no key goes with it.

    Whoever writes a feed must not make us ask machines inside. Feeds that moved to https have
    links to http still: they are asked for by https.
    """
    if feed_url.startswith("https:") and url.startswith("http:"):
        url = f"https:{url.removeprefix('http:')}"
    target = redirected(feed_url, url)
    if target is None:
        return FeedAnswer(fault=FeedFault.REDIRECTED, detail="another host")
    return fetch(FeedRequest(target, max_bytes=MOST_OF_LINK))


def _look_into(folder: Path, _asking: FeedRequest) -> FeedAnswer:
    return folders.asked(folder)


def _take_in(
    database: Database,
    geography: Geography,
    rules: ProposalRules,
    feed: CapFeed,
    state: FeedState,
    answer: FeedAnswer,
    at: datetime,
) -> None:
    _log(feed, state, take_in(database, feed, state, answer, at, geography, rules))


def _log(feed: CapFeed, state: FeedState, brought: Brought) -> None:
    if brought.fault is not None:
        log.warning(
            "feed %s: %s %r (%d in a row)",
            feed.name,
            brought.fault.value,
            brought.detail,
            state.failures + 1,
        )
    elif brought.new:
        log.info(
            "feed %s: %d entries, %d new, %d proposed, %d unreadable",
            feed.name,
            brought.entries,
            brought.new,
            brought.proposed,
            brought.unreadable,
        )
