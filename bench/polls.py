"""(k) Every poll of the feeds on the busiest day of the north-east. The day is GENERATED.

As many rows as the whole north-east has (see ``firms_feed``), all of them laid in Jilin, so that
every row counts; 20,000 patrollers with positions. The peer does what one would write first: a
transaction for the poll, for each row a look for its key and for its neighbours, and for each fire
one for the nearest free patroller.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, insert, select

from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import distinct
from bench.feed_server import ServedBodies, serving
from bench.firms_feed import PASSES, Day
from bench.hotspots import JILIN
from bench.scene import Row, filled
from bot.app import tune_interpreter
from bot.config.load import load
from bot.config.rules import all_rules
from bot.config.settings_patrol import FeedSettings
from bot.runtime.hotspot_polls import HotspotPolls
from bot.services.geography import Geography
from data.database import Database
from data.geo.boundaries import Boundaries
from data.reference import JILIN_COUNTIES
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks, hotspots
from data.tables.patrol import positions

DAY = date(2026, 4, 12)
PERSONS = 20_000
PATROLLERS = ("ranger", "lookout", "checkpoint")
EVERY = timedelta(minutes=15)
LAST = timedelta(hours=26)  # the last pass of the day has arrived by then
HOLD_MS = 50.0
NEAREST = """INSERT INTO asks SELECT ?, person FROM seen
    WHERE person NOT IN (SELECT person FROM asks)
    ORDER BY (lon - ?) * (lon - ?) * 0.53 + (lat - ?) * (lat - ?) LIMIT 1"""


class TimedDatabase(Database):
    """A database that records how long each write transaction lasted, from begin to commit."""

    def __init__(self, url: str) -> None:
        self.holds: list[float] = []
        super().__init__(url)

    def _attempt(self, group: Sequence[Any]) -> list[Any]:
        began = time.perf_counter()
        try:
            return super()._attempt(group)
        finally:
            self.holds.append(time.perf_counter() - began)


def polls(folder: Path, *, quick: bool) -> list[Row]:
    """Each product asked every quarter of an hour; polls without anything new are not timed."""
    day = Day(DAY, fires=300 if quick else 1500, box=JILIN)
    filled(folder / "polls.db", PERSONS).close()
    database = TimedDatabase(f"sqlite:///{folder / 'polls.db'}")
    database.do(lambda c: _seen(c, day.start))
    database.holds.clear()
    clock = _Clock(day.start)
    bodies = ServedBodies()
    geography = Geography(database, lambda: Boundaries.from_geojson(JILIN_COUNTIES.read_bytes()))
    _ = geography.boundaries
    tune_interpreter()  # as every process of the bot does
    with serving(bodies) as url:
        feeds = [
            FeedSettings(name=product, url=f"{url}/{product}", every_seconds=60)
            for product in PASSES
        ]
        settings = load(None, {})
        settings = replace(settings, hotspots=replace(settings.hotspots, seen_minutes=3000))
        poller = HotspotPolls(database, geography, feeds, all_rules(settings).hotspots, clock)
        each = {feed.name: feed for feed in poller.feeds}
        asked, seconds = 0, list[float]()
        for product, body in _answers(day, clock):
            bodies.put(f"/{product}", body)
            poller.feeds = [each[product]]
            before, began = database.read(_newest), time.perf_counter()
            poller.poll()
            took = time.perf_counter() - began
            asked += 1
            if database.read(_newest) != before:
                seconds.append(took)
    rows = database.read(lambda c: c.execute(select(func.count()).select_from(hotspots)).scalar())
    tasks = database.read(
        lambda c: c.execute(select(func.count()).select_from(hotspot_tasks)).scalar()
    )
    holds = sorted(hold * 1000 for hold in database.holds)
    database.close()
    naive_seconds, naive_hold = _naive(folder / "naive.db", day)
    label = f"generated day of {len(day):,} rows, {asked} polls, {len(seconds)} with news: "
    label += f"{rows:,} hotspots in Jilin, {tasks:,} tasks"
    ours, theirs = statistics.median(seconds), statistics.median(naive_seconds)
    return [
        Row("k", f"{label}: a poll with news, p50 s", f"{ours:.2f}"),
        Row("k", "hotspot polls: the longest poll, s", f"{max(seconds):.2f}"),
        Row(
            "k",
            f"hotspot polls: longest of {len(holds):,} write transactions, ms",
            f"{holds[-1]:.0f}",
            f"≤ {HOLD_MS:.0f}",
            holds[-1] <= HOLD_MS,
        ),
        Row("k", "the same day, SQL for each row: a poll with news, p50 s", f"{theirs:.2f}"),
        Row(
            "k", "the same day, SQL for each row: the longest poll, s", f"{max(naive_seconds):.2f}"
        ),
        Row(
            "k",
            "the same day, one transaction a poll: the longest, ms",
            f"{naive_hold * 1000:.0f}",
        ),
    ]


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _answers(day: Day, clock: _Clock) -> Any:
    """Product and body of every poll of the day, the clock moved on."""
    end = day.start + LAST
    while clock.now < end:
        clock.now += EVERY
        for product in PASSES:
            yield product, day.feed(product, clock.now).encode()


def _newest(connection: Any) -> int:
    return connection.execute(select(func.max(hotspots.c.id))).scalar() or 0


def _seen(connection: Any, at: datetime) -> None:
    """A position of every patroller, somewhere in the province's box."""
    draw = Random(20_000)
    west, south, east, north = JILIN
    ids = connection.execute(select(people.c.id).where(people.c.role.in_(PATROLLERS))).scalars()
    rows = [
        {
            "person_id": person,
            "taken_at": at,
            "received_at": at,
            "lon": draw.uniform(west, east),
            "lat": draw.uniform(south, north),
            "doubts": [],
        }
        for person in ids
    ]
    connection.execute(insert(positions), rows)


def _naive(path: Path, day: Day) -> tuple[list[float], float]:
    """Seconds of each poll with news, and the longest transaction. It alarms nobody."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE hotspots (key TEXT UNIQUE, lon, lat, at, task)")
    connection.execute("CREATE TABLE asks (task, person UNIQUE)")
    connection.execute("CREATE TABLE seen (person INTEGER PRIMARY KEY, lon, lat)")
    draw, (west, south, east, north) = Random(20_000), JILIN
    people_seen = [
        (number, draw.uniform(west, east), draw.uniform(south, north))
        for number in range(PERSONS // 2)
    ]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO seen VALUES (?, ?, ?)", people_seen)
    connection.execute("COMMIT")
    boundaries = Boundaries.from_geojson(JILIN_COUNTIES.read_bytes())
    clock = _Clock(day.start)
    seconds, longest, tasks = list[float](), 0.0, 0
    last: dict[str, bytes] = {}
    for product, body in _answers(day, clock):
        if last.get(product) == body:  # it has an ETag too
            continue
        last[product] = body
        began = time.perf_counter()
        found = distinct(parse(body, Format.FIRMS, clock.now).hotspots)
        located = [
            hotspot for hotspot in found if boundaries.locate(hotspot.lon, hotspot.lat) is not None
        ]
        held = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        new = 0
        for hotspot in located:
            known = connection.execute("SELECT 1 FROM hotspots WHERE key = ?", (hotspot.key,))
            if known.fetchone() is not None:
                continue
            reach = 1.5 * hotspot.instrument.pixel_m / 111_195
            lon, lat = hotspot.lon, hotspot.lat
            box = (lon - 1.4 * reach, lon + 1.4 * reach, lat - reach, lat + reach)
            beside = connection.execute(
                "SELECT task FROM hotspots WHERE lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?", box
            ).fetchone()
            if beside is None:
                tasks += 1
                connection.execute(NEAREST, (tasks, lon, lon, lat, lat))
            task = tasks if beside is None else beside[0]
            values = (hotspot.key, lon, lat, hotspot.acquired_at.timestamp(), task)
            connection.execute("INSERT INTO hotspots VALUES (?, ?, ?, ?, ?)", values)
            new += 1
        connection.execute("COMMIT")
        longest = max(longest, time.perf_counter() - held)
        if new:
            seconds.append(time.perf_counter() - began)
    connection.close()
    return seconds, longest
