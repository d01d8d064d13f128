"""Hotspots taken in: each once, steady heat masked, neighbours clustered, each cluster a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.patrol.heat_source_store import HeatSource, known_sources
from alerts.patrol.hotspot_tasks import Step, Task, VerificationRules, next_look
from alerts.patrol.verification import CHUNK, alarm, send_somebody
from alerts.patrol.verification_store import StoredPixel, Verification
from alerts.sources.hotspot_clusters import clusters, middle
from alerts.sources.hotspots import Hotspot
from data.audit import Entry, append
from data.coordinates import distance_m
from data.database import Connection
from data.nearest import Grid

NearestVillage = Callable[[float, float], tuple[str, float] | None]
"""The code of the village nearest to a lon/lat, and metres; ``None`` when no village has a spot."""


@dataclass(frozen=True, slots=True)
class Located:
    """A hotspot and the county it lies in."""

    hotspot: Hotspot
    county_code: str


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one poll."""

    new: int = 0
    masked: int = 0
    opened: tuple[int, ...] = ()  # tasks
    grown: tuple[int, ...] = ()  # tasks that were there and got more hotspots


@dataclass(slots=True)
class _Pixel:
    """A new hotspot on its way to a task."""

    located: Located
    heat_source_id: int | None = None
    task_id: int | None = None


def nowhere(lon: float, lat: float) -> None:
    """No village has a spot."""


def take_in(
    connection: Connection,
    feed: str,
    located: Sequence[Located],
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage = nowhere,
) -> TakenIn:
    """Store what is new of a poll, open tasks, send somebody to each.

    Idempotent: the same poll again changes nothing.
    """
    store = Verification(connection)
    oldest = now - rules.recent
    # A neighbour of the oldest taken may be as much older again.
    known = store.pixels_since(oldest - rules.recent)
    keys = {pixel.key for pixel in known}
    fresh: dict[str, _Pixel] = {}
    for one in located:
        if one.hotspot.acquired_at >= oldest and one.hotspot.key not in keys:
            fresh.setdefault(one.hotspot.key, _Pixel(one))
    if not fresh:
        return TakenIn()
    new = list(fresh.values())
    _mask(new, known_sources(connection), rules)
    burning = [pixel for pixel in new if pixel.heat_source_id is None]
    opened, grown = _into_tasks(store, burning, known, now, rules, village)
    store.add_hotspots([_row(key, pixel, feed, now) for key, pixel in fresh.items()])
    tasks = [*opened, *grown]
    detail = {
        "feed": feed,
        "new": len(new),
        "masked": len(new) - len(burning),
        "opened": [task.id for task in opened],
        "grown": [task.id for task in grown],
    }
    append(connection, now, [Entry("hotspots.taken_in", f"feed:{feed}", detail=detail)])
    for task in tasks:
        if task.pixels >= rules.alarm_pixels and not task.steps & Step.ALARM_PIXELS:
            alarm(connection, task, Step.ALARM_PIXELS, now)
    # The rest, if there are so many, are due at once: the sweep sends somebody, a chunk at a time.
    largest = sorted(opened, key=lambda one: (-one.pixels, one.id))[:CHUNK]
    send_somebody(connection, [task.id for task in largest], now, rules)
    return TakenIn(
        len(new),
        len(new) - len(burning),
        tuple(task.id for task in opened),
        tuple(task.id for task in grown),
    )


def _mask(
    pixels: Sequence[_Pixel], sources: Sequence[HeatSource], rules: VerificationRules
) -> None:
    """Mark those at a known heat source; what burns beside it is still a fire."""
    if not sources:
        return
    grid = Grid([(one.lon, one.lat) for one in sources], max(1.0, rules.heat_source_m))
    for pixel in pixels:
        hotspot = pixel.located.hotspot
        near = grid.nearest(hotspot.lon, hotspot.lat, rules.heat_source_m)
        if near is not None:
            pixel.heat_source_id = sources[near[1]].id


def _into_tasks(
    store: Verification,
    pixels: Sequence[_Pixel],
    known: Sequence[StoredPixel],
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage,
) -> tuple[list[Task], list[Task]]:
    """Give each pixel its task: that of its neighbours, or a new one."""
    old = [pixel for pixel in known if pixel.task_id is not None]
    everything: list[Hotspot | StoredPixel] = [*old, *(pixel.located.hotspot for pixel in pixels)]
    opened: list[Task] = []
    more: defaultdict[int, list[_Pixel]] = defaultdict(list)
    # A cluster's places are in order: its last is new, or nothing of it is.
    changed = [one for one in clusters(everything, rules.recent) if one[-1] >= len(old)]
    beside_new = (old[number] for one in changed for number in one if number < len(old))
    tasks = store.tasks(pixel.task_id for pixel in beside_new if pixel.task_id is not None)
    for cluster in changed:
        fresh = [pixels[number - len(old)] for number in cluster if number >= len(old)]
        beside = [old[number] for number in cluster if number < len(old)]
        left = []
        for pixel in fresh:
            task = _task_of(pixel.located.hotspot, beside, tasks, rules)
            if task is None:
                left.append(pixel)
            else:
                pixel.task_id = task.id
                more[task.id].append(pixel)
        if left:
            opened.append(_open(store, left, now, rules, village))
    grown = [_grow(store, tasks[task_id], added, rules) for task_id, added in more.items()]
    return opened, grown


def _task_of(
    hotspot: Hotspot,
    beside: Sequence[StoredPixel],
    tasks: dict[int, Task],
    rules: VerificationRules,
) -> Task | None:
    """The task of the nearest neighbour that takes it; an open one before those that are over."""
    best: tuple[bool, float, Task] | None = None
    for pixel in beside:
        task = tasks.get(pixel.task_id or 0)
        if task is None or not task.takes(hotspot.acquired_at, rules):
            continue
        away = distance_m(hotspot.lon, hotspot.lat, pixel.lon, pixel.lat)
        if best is None or (not task.open, away) < best[:2]:
            best = not task.open, away, task
    return None if best is None else best[2]


def _open(
    store: Verification,
    pixels: Sequence[_Pixel],
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage,
) -> Task:
    hotspots = [pixel.located.hotspot for pixel in pixels]
    where = middle(hotspots)
    near = village(where.lon, where.lat)
    due = now + timedelta(minutes=rules.due_minutes)
    county = min(
        pixels,
        key=lambda one: distance_m(
            where.lon, where.lat, one.located.hotspot.lon, one.located.hotspot.lat
        ),
    ).located.county_code
    task = store.add_task(
        {
            "lon": where.lon,
            "lat": where.lat,
            "county_code": county,
            "village_code": None if near is None else near[0],
            "village_m": None if near is None else near[1],
            "pixels": where.pixels,
            "hotspots": len(hotspots),
            "satellites": _satellites(hotspots),
            "first_at": where.first_at,
            "last_at": where.last_at,
            "opened_at": now,
            "due_at": due,
            "county_at": due + timedelta(minutes=rules.county_minutes),
            "next_at": now,
        }
    )
    for pixel in pixels:
        pixel.task_id = task.id
    return task


def _grow(
    store: Verification, task: Task, added: Sequence[_Pixel], rules: VerificationRules
) -> Task:
    """More of the same fire: where it is and how large; who goes there stays."""
    whole: list[Hotspot | StoredPixel] = [
        *store.pixels_of(task.id),
        *(pixel.located.hotspot for pixel in added),
    ]
    where = middle(whole)
    changed = replace(task, pixels=where.pixels, last_at=where.last_at)
    return store.change(
        task.id,
        lon=where.lon,
        lat=where.lat,
        pixels=where.pixels,
        hotspots=len(whole),
        satellites=_satellites(whole),
        first_at=where.first_at,
        last_at=where.last_at,
        next_at=next_look(changed, rules),
    )


def _satellites(pixels: Sequence[Hotspot | StoredPixel]) -> str:
    return "/".join(sorted({pixel.satellite for pixel in pixels}))[:80]


def _row(key: str, pixel: _Pixel, feed: str, now: datetime) -> dict[str, object]:
    hotspot = pixel.located.hotspot
    return {
        "key": key,
        "feed": feed,
        "lon": hotspot.lon,
        "lat": hotspot.lat,
        "acquired_at": hotspot.acquired_at,
        "received_at": now,
        "satellite": hotspot.satellite,
        "instrument": hotspot.instrument.value,
        "confidence": hotspot.confidence.value,
        "frp_mw": hotspot.frp_mw,
        "county_code": pixel.located.county_code,
        "task_id": pixel.task_id,
        "heat_source_id": pixel.heat_source_id,
    }
