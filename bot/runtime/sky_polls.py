"""The sources of satellite and radar pictures: polled, and sent on, while a warning is in force."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from alerts.sky_pictures import sending, store
from alerts.sky_pictures.fetching import fetch_newest
from alerts.sky_pictures.model import SkySource
from alerts.sources.feed_store import FeedState
from alerts.sources.feeds import FeedAnswer, FeedRequest
from bot.runtime.polling import Polled
from bot.runtime.schedule import Tick
from bot.services.services import Services
from data.database import Database

log = logging.getLogger(__name__)


def sky_feeds(
    database: Database, sources: Iterable[SkySource], clock: Callable[[], datetime]
) -> Iterator[Polled]:
    """The sources that are on."""

    def ask(source: SkySource, asking: FeedRequest) -> FeedAnswer:
        kept = database.read(lambda c: store.kept(c, source.name))
        return fetch_newest(source, kept, asking, clock())

    def take_in(source: SkySource, state: FeedState, answer: FeedAnswer, at: datetime) -> None:
        new = database.do(lambda c: sending.take_in(c, source, state, answer, at))
        if answer.fault is not None:
            words = "picture %s: %s %r (%d in a row)"
            log.warning(words, source.name, answer.fault.value, answer.detail, state.failures + 1)
        elif new:
            log.info("picture %s: %d bytes of %s", source.name, len(answer.body), answer.taken_at)

    def wanted(source: SkySource) -> Callable[..., bool]:
        return lambda connection, now: sending.wanted(connection, source, now)

    for source in sources:
        yield Polled(
            source.name,
            source.index or source.url,
            source.every,
            partial(take_in, source),
            source.max_bytes,
            ask=partial(ask, source),
            wanted=wanted(source),
        )


def sky_tick(services: Services, every: float) -> Tick[list[sending.Owed]]:
    """Queues what command groups are owed, also to whom a warning was released since."""
    sources = services.rules.sky

    async def queue(_owed: list[sending.Owed], now: datetime) -> None:
        # Looked at anew in the transaction: a picture may have come, a warning ended.
        await services.database.run(
            lambda c: sending.queue(c, sending.whom_owed(c, sources, now), now)
        )

    return Tick("sky_pictures", every, lambda c, now: sending.whom_owed(c, sources, now), queue)
