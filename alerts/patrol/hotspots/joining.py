"""New hotspots find their task: that of their neighbours, or a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.model import Task, VerificationRules, next_look
from alerts.patrol.hotspots.store import StoredPixel
from alerts.sources.hotspot_clusters import middle
from alerts.sources.hotspots import Hotspot
from data.database import Connection
from data.geo.coordinates import distance_m

NearestVillage = Callable[[float, float], tuple[str, float | None] | None]
"""The code of the village nearest to a lon/lat, and metres (``None``: where the village is was only
worked out from positions); ``None`` when no village has a known position."""


@dataclass(frozen=True, slots=True)
class Located:
    """A hotspot, the county it lies in, and the known heat source it lies at, if any."""

    hotspot: Hotspot
    county_code: str
    heat_source_id: int | None = None


@dataclass(slots=True)
class NewPixel:
    """A new hotspot on its way to a task."""

    located: Located
    task_id: int | None = None


def nowhere(lon: float, lat: float) -> None:
    """Stands for ``NearestVillage`` where no village has a known position."""


def into_tasks(
    connection: Connection,
    pixels: Sequence[NewPixel],
    beside: Sequence[StoredPixel],
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage,
) -> tuple[list[Task], list[Task]]:
    """Give each pixel of a fire its task: that of its neighbours, or a new one."""
    more: defaultdict[int, list[NewPixel]] = defaultdict(list)
    ids = {pixel.task_id for pixel in beside if pixel.task_id is not None}
    tasks = hotspot_store.tasks(connection, ids, lock=True)
    left = []
    for pixel in pixels:
        task = _task_of(pixel.located.hotspot, beside, tasks, rules)
        if task is None:
            left.append(pixel)
        else:
            pixel.task_id = task.id
            more[task.id].append(pixel)
    opened = [_open(connection, left, now, rules, village)] if left else []
    grown = [_grow(connection, tasks[task_id], added, rules) for task_id, added in more.items()]
    return opened, grown


def _task_of(
    hotspot: Hotspot,
    beside: Sequence[StoredPixel],
    tasks: dict[int, Task],
    rules: VerificationRules,
) -> Task | None:
    """The task of the nearest neighbour that takes it; an open one before those that are over."""
    taking = {
        number: task for number, task in tasks.items() if task.takes(hotspot.acquired_at, rules)
    }
    if len(taking) <= 1:  # as good as always: no distances need be known
        return next(iter(taking.values()), None)
    best: tuple[bool, float, Task] | None = None
    for pixel in beside:
        task = taking.get(pixel.task_id or 0)
        if task is None:
            continue
        away = distance_m(hotspot.lon, hotspot.lat, pixel.lon, pixel.lat)
        if best is None or (not task.open, away) < best[:2]:
            best = not task.open, away, task
    return None if best is None else best[2]


def _open(
    connection: Connection,
    pixels: Sequence[NewPixel],
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
        key=lambda pixel: distance_m(
            where.lon, where.lat, pixel.located.hotspot.lon, pixel.located.hotspot.lat
        ),
    ).located.county_code
    task = hotspot_store.add_task(
        connection,
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
        },
    )
    for pixel in pixels:
        pixel.task_id = task.id
    return task


def _grow(
    connection: Connection, task: Task, added: Sequence[NewPixel], rules: VerificationRules
) -> Task:
    """More of the same fire: where it is and how large; who goes there stays."""
    whole: list[Hotspot | StoredPixel] = [
        *hotspot_store.pixels_of(connection, task.id),
        *(pixel.located.hotspot for pixel in added),
    ]
    where = middle(whole)
    changed = replace(task, pixels=where.pixels, last_at=where.last_at)
    return hotspot_store.change(
        connection,
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
