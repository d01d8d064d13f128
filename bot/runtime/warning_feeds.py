"""Feeds of other agencies' warnings. Where there are none, nothing that reads them is loaded."""

from __future__ import annotations

from collections.abc import Iterable

from bot.runtime.polling import Polled
from bot.services.services import Services


def warning_feeds(services: Services) -> Iterable[Polled]:
    """The feeds that are on."""
    feeds = [feed for feed in services.settings.sources.cap if feed.url or feed.folder]
    if not feeds:
        return ()
    from bot.runtime.warning_polls import polled_warnings  # XML and its readers cost memory

    database, rules = services.database.blocking, services.rules.proposals
    return polled_warnings(database, services.geography, feeds, rules)
