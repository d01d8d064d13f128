"""Polling: each feed is asked when it is due, by a thread of its own.

A feed that is slow holds up no other, and not the end of the process: nobody waits for its thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from time import monotonic

from alerts.sources.feed_store import FeedState, any_feed_due, claim
from alerts.sources.feeds import MEGABYTE, FeedAnswer, FeedRequest, fetch, fingerprint
from data import set_aside
from data.database import Connection, Database
from data.errors import StoreError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""How long a look waits for the feeds it asks (ours); what is slower goes on by itself."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed that is asked again and again.

    ``url`` may hold a key, and ``headers`` too: neither is shown. ``take_in`` gets how the feed
    stood, what it answered, and when; it blocks, writes what the answer brought, and records the
    poll with ``feed_store.polled``. ``ask`` is how it is asked: a file of this machine by other
    means than HTTP. ``wanted``: whether anything is to be asked now at all.
    """

    name: str
    url: str = field(repr=False)
    every: timedelta
    take_in: Callable[[FeedState, FeedAnswer, datetime], None]
    max_bytes: int = 32 * MEGABYTE
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ask: Callable[[FeedRequest], FeedAnswer] = fetch
    wanted: Callable[[Connection, datetime], bool] = lambda _connection, _now: True


class FeedPolls:
    """Polls feeds. ``poll`` blocks: call it with ``beside``."""

    def __init__(
        self, database: Database, feeds: Iterable[Polled], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._clock = clock
        self.feeds = list(feeds)
        self._under_way: dict[str, _Polling] = {}

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether ``poll`` would ask anything."""
        names = [feed.name for feed in self.feeds if feed.wanted(connection, now)]
        return bool(names) and any_feed_due(connection, names, now)

    def poll(self) -> None:
        """Ask every feed that is due; a failure of one is recorded and hinders no other.

        Returns after ``PATIENCE_SECONDS`` at the latest: a feed that takes longer is left to its
        thread, and not asked again before that has ended.

        :raises StoreError: the database does not answer.
        """
        for name, polling in list(self._under_way.items()):
            if not polling.thread.is_alive():
                del self._under_way[name]
        started = []
        for feed in self.feeds:
            if feed.name not in self._under_way:
                polling = _Polling(partial(self._poll_safely, feed), feed.name)
                self._under_way[feed.name] = polling
                started.append(polling)
        give_up = monotonic() + PATIENCE_SECONDS
        for polling in started:
            polling.thread.join(max(0.0, give_up - monotonic()))
        for polling in started:
            if polling.error is not None:
                raise polling.error

    def _poll_safely(self, feed: Polled) -> None:
        try:
            self._poll_if_due(feed)
        except StoreError:
            raise
        except Exception as error:
            log.exception("feed %s: set aside until its next time", feed.name)
            unit = partial(set_aside.note, topic="feed", row=feed.name, error=error)
            self._database.do(partial(unit, now=self._clock()))

    def _poll_if_due(self, feed: Polled) -> None:
        mark, now = fingerprint(feed.url), self._clock()
        if not self._database.read(lambda c: feed.wanted(c, now)):
            return
        state = self._database.do(partial(claim, name=feed.name, fingerprint=mark, now=now))
        if state is not None:
            asking = FeedRequest(
                feed.url, state.etag, state.last_modified, feed.max_bytes, feed.headers
            )
            answer = feed.ask(asking)
            feed.take_in(state, answer, self._clock())


class _Polling:
    """One feed being asked, in a thread that the end of the process does not wait for."""

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self.error: Exception | None = None
        self._work = work
        self.thread = Thread(target=self._run, name=f"feed {name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self.error = error


async def beside(work: Callable[[], None]) -> None:
    """Run what blocks in a thread that the end of the process does not wait for.

    The loop's own threads are waited for when it ends, for as long as their work takes.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: Exception | None) -> None:
        if not done.done():
            done.set_result(None) if error is None else done.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as raised:  # noqa: BLE001 - raised where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop is closed: we are stopping
            loop.call_soon_threadsafe(tell, error)

    Thread(target=run, name="feeds", daemon=True).start()
    await done
