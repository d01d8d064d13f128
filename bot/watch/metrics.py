"""Figures for Prometheus, in its text format: what the process knows, and what the rows say.

No label holds a name, a number of a person or a place: bots by their public id, lanes, states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from alerts.oversight import channel_store
from alerts.oversight import store as oversight_store
from alerts.oversight.auditing import LATELY
from alerts.oversight.findings import FindingKind, Queue
from alerts.oversight.store import lateness
from bot.services.async_database import AsyncDatabase
from bot.watch.vitals import Vitals
from data import audit, inbox
from data.database import Connection
from data.errors import StoreError

Metric = CounterMetricFamily | GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class Stored:
    """The figures that are counted in the database, at one moment."""

    calls: Mapping[str, int]
    queues: tuple[Queue, ...]
    inbox: int
    audit_entries: int
    late_seconds: float
    findings: frozenset[FindingKind]
    channel_calls: tuple[tuple[str, str, int], ...] = ()  # channel, state, count
    dead_letters: int = 0  # of channels, in the last day


def stored(connection: Connection, now: datetime) -> Stored:
    """Ask the rows; each question is answered by an index of what is open."""
    return Stored(
        oversight_store.calls_by_state(connection),
        tuple(oversight_store.queues(connection, now)),
        inbox.count(connection),
        audit.length(connection),
        lateness(connection, now).total_seconds(),
        frozenset(oversight_store.open_findings(connection)),
        tuple(channel_store.under_way(connection)),
        channel_store.dead_letters(connection, now - LATELY).count,
    )


class Figures(Collector):
    """The figures of one moment, collected for one scrape."""

    def __init__(self, vitals: Vitals, rows: Stored | None, now: datetime) -> None:
        """``rows``: ``None`` when the store does not answer."""
        self._vitals = vitals
        self._rows = rows
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Every figure, as ``prometheus_client`` asks for them."""
        yield from self._of_process()
        yield _gauge("store_up", "Whether the database answers", float(self._rows is not None))
        if self._rows is not None:
            yield from self._of_store(self._rows)

    def _of_process(self) -> Iterator[Metric]:
        vitals = self._vitals
        requests = CounterMetricFamily(
            "jiaoying_requests",
            "Requests by what came of them",
            labels=("bot", "result"),
        )
        handled = CounterMetricFamily(
            "jiaoying_updates_handled", "Updates handled; a tap is one", labels=("bot", "kind")
        )
        halted = GaugeMetricFamily(
            "jiaoying_pacer_halted_seconds",
            "How long we are told to wait",
            labels=("bot",),
        )
        held = GaugeMetricFamily(
            "jiaoying_pacer_held", "Requests that wait for their turn", labels=("bot", "lane")
        )
        for bot in vitals.bots:
            label = str(bot.bot_id)
            for result, count in sorted((bot.requests or {}).items()):
                requests.add_metric((label, result), count)
            for kind, count in sorted((bot.handled or {}).items()):
                handled.add_metric((label, kind), count)
            if bot.sends:
                halted.add_metric((label,), bot.halted_seconds)
            for lane, count in (bot.held or {}).items():
                held.add_metric((label, lane.name.lower()), count)
        yield from (requests, handled, halted, held)
        yield _gauge(
            "writer_queue", "Units of work that wait for the writer", float(vitals.writer_queue)
        )
        if vitals.connections:
            stand = [(name, int(stands)) for name, stands in vitals.connections.items()]
            yield _labelled("connection_up", "Long connections that stand", "provider", stand)
        if vitals.schedules and vitals.swept_at is not None:
            age = (self._now - vitals.swept_at).total_seconds()
            yield _gauge("sweep_age_seconds", "Since the last sweep", age)

    def _of_store(self, rows: Stored) -> Iterator[Metric]:
        yield _labelled("calls", "Calls of warnings in force", "state", rows.calls.items())
        queued = GaugeMetricFamily(
            "jiaoying_deliveries_queued", "Deliveries that are due", labels=("bot", "lane")
        )
        oldest = GaugeMetricFamily(
            "jiaoying_deliveries_oldest_seconds",
            "How long the oldest of them has been due",
            labels=("bot", "lane"),
        )
        for queue in rows.queues:
            labels = (
                "none" if queue.bot_id is None else str(queue.bot_id),
                queue.lane.name.lower(),
            )
            queued.add_metric(labels, queue.due)
            if queue.due:
                oldest.add_metric(labels, (self._now - queue.oldest_due_at).total_seconds())
        yield from (queued, oldest)
        under_way = GaugeMetricFamily(
            "jiaoying_channel_calls",
            "Calls of other channels that wait to be sent or are being sent",
            labels=("channel", "state"),
        )
        for channel, state, count in rows.channel_calls:
            under_way.add_metric((channel, state), count)
        yield under_way
        yield _gauge(
            "channel_dead_letters", "Calls no channel took in the last day", rows.dead_letters
        )
        yield _gauge("inbox", "Updates taken in and not done with", float(rows.inbox))
        yield _gauge("audit_entries", "Entries of the trail; fewer: cut off", rows.audit_entries)
        yield _gauge("sweep_late_seconds", "By how much the oldest step is late", rows.late_seconds)
        open_now = [(kind.value, int(kind in rows.findings)) for kind in FindingKind]
        yield _labelled("finding", "What the auditor finds wrong now", "kind", open_now)


async def exposition(database: AsyncDatabase, vitals: Vitals, now: datetime) -> bytes:
    """The whole page, in Prometheus' text format; without the rows when they cannot be read."""
    try:
        rows: Stored | None = await database.ask(lambda c: stored(c, now))
    except StoreError:
        rows = None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(vitals, rows, now))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"jiaoying_{name}", words, value=value)


def _labelled(
    name: str, words: str, label: str, values: Iterable[tuple[str, int]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"jiaoying_{name}", words, labels=(label,))
    for key, value in sorted(values):
        family.add_metric((key,), value)
    return family
