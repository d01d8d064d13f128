"""(h) Seconds to group 10,000 hotspots into fires and match each with one of 20,000 patrollers."""

from __future__ import annotations

import random
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from alerts.patrol.hotspots.responders import Responder, Responders
from alerts.sources.hotspot_clusters import clusters, middle
from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import Hotspot
from bench.firms_feed import PASSES, Day
from bench.scene import Row

JILIN = (121.6, 40.9, 131.3, 46.3)
HOTSPOTS, PATROLLERS = 10_000, 20_000
REACH_M = 30_000.0


def hotspots(_folder: Path, *, quick: bool) -> list[Row]:
    """Seconds, the median of several runs; reading the feed and the people is not in it."""
    pixels, people = scene()
    times, tasks = [], 0
    for _ in range(3 if quick else 9):
        began = time.perf_counter()
        tasks = matched(pixels, people)
        times.append(time.perf_counter() - began)
    median = statistics.median(times)
    label = f"{len(pixels):,} hotspots, {len(people):,} positions: {tasks:,} clusters matched, s"
    return [Row("h", label, f"{median:.2f}", "≤ 1", median <= 1)]


def scene() -> tuple[list[Hotspot], list[Responder]]:
    """A generated day's hotspots, and patrollers over the province."""
    draw = random.Random(2)
    now = datetime(2026, 4, 14, tzinfo=UTC)
    pixels: list[Hotspot] = []
    seed = 1
    while len(pixels) < HOTSPOTS:
        day = Day(date(2026, 4, 12), seed)
        for product in PASSES:
            pixels += parse(day.feed(product, now).encode(), Format.FIRMS, now).hotspots
        seed += 1
    west, south, east, north = JILIN
    people = [
        Responder(n, draw.uniform(west, east), draw.uniform(south, north), now)
        for n in range(1, PATROLLERS + 1)
    ]
    # As many fires as the feed has, but all of them where the patrollers are.
    return [_moved(pixel) for pixel in draw.sample(pixels, HOTSPOTS)], people


def matched(pixels: list[Hotspot], people: list[Responder]) -> int:
    """Cluster, then give each cluster the nearest who has none yet; returns how many clusters."""
    free, busy = Responders(people), set[int]()
    found = clusters(pixels, timedelta(hours=24))
    for cluster in found:
        center = middle([pixels[number] for number in cluster])
        nearest = free.nearest(center.lon, center.lat, REACH_M, busy)
        if nearest is not None:
            busy.add(nearest[1].person_id)
    return len(found)


def _moved(pixel: Hotspot) -> Hotspot:
    """The same hotspot, from its place in the north-east to the like place in Jilin."""
    west, south, east, north = JILIN
    lon = west + (pixel.lon - 118.0) / 17.0 * (east - west)
    lat = south + (pixel.lat - 39.0) / 14.5 * (north - south)
    return Hotspot(lon, lat, pixel.acquired_at, pixel.satellite, pixel.instrument, pixel.confidence)
