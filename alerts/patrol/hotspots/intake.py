"""Hotspots taken in: each once, steady heat masked, neighbours clustered, each cluster a task.

What is to be done is worked out on a reading connection, then written a few fires at a time: a tap
never waits for a whole poll. Each transaction is complete in itself. Whatever is not yet written
when the process is killed is new to the next poll.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.asking import CHUNK, responders_for, send_waiting
from alerts.patrol.hotspots.heat_source_store import HeatSource, known_sources
from alerts.patrol.hotspots.joining import Located, NearestVillage, NewPixel, into_tasks, nowhere
from alerts.patrol.hotspots.model import Task, VerificationRules
from alerts.patrol.hotspots.store import StoredPixel
from alerts.patrol.hotspots.verification import alarm_if_large
from alerts.sources.hotspot_clusters import clusters
from alerts.sources.hotspots import Hotspot
from data.audit import Entry, append
from data.database import Connection, Database
from data.geo.nearest import Grid

MOST_PIXELS = 300
"""Hotspots written in one transaction; of a larger fire the rest follows (ours)."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one poll."""

    new: int = 0
    masked: int = 0
    opened: tuple[int, ...] = ()  # tasks
    grown: tuple[int, ...] = ()  # tasks that were there and got more hotspots

    def __add__(self, other: TakenIn) -> TakenIn:
        """Both together; a task that grew twice is named once."""
        grown = dict.fromkeys((*self.grown, *other.grown))
        return TakenIn(
            self.new + other.new,
            self.masked + other.masked,
            self.opened + other.opened,
            tuple(task_id for task_id in grown if task_id not in self.opened),
        )


NOTHING_NEW = TakenIn()


@dataclass(frozen=True, slots=True)
class _Fire:
    """New hotspots that belong together, and those known before beside them."""

    new: tuple[Located, ...]
    beside: tuple[StoredPixel, ...] = ()
    heat_source_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a poll brings that is new: the largest fires first."""

    fires: tuple[_Fire, ...]
    newest: int  # the id of the last hotspot stored when this was worked out
    more: bool  # a fire was too large for one transaction

    def chunks(self) -> Iterator[list[_Fire]]:
        """As many fires as are written in one transaction."""
        chunk: list[_Fire] = []
        for fire in self.fires:
            full = sum(len(other.new) for other in chunk) + len(fire.new) > MOST_PIXELS
            if chunk and (full or len(chunk) >= CHUNK):
                yield chunk
                chunk = []
            chunk.append(fire)
        if chunk:
            yield chunk


def take_in(
    database: Database,
    feed: str,
    located: Sequence[Located],
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage = nowhere,
) -> TakenIn:
    """Store what is new of a poll, open tasks, send somebody to each. Blocks: not for a loop.

    Idempotent: the same poll again changes nothing, and one broken off is completed by the next.
    Tasks nobody was sent to yet are due, so that the sweep sends somebody if this does not; so are
    those that owe an alarm, which follows at once and says who was asked.
    """
    taken, more = TakenIn(), True
    while more:
        plan = database.read(lambda c: _planned(c, located, now, rules))
        newest, more = plan.newest, plan.more
        for chunk in plan.chunks():

            def unit(
                c: Connection, chunk: Sequence[_Fire] = chunk, after: int = newest
            ) -> tuple[TakenIn, int] | None:
                return _write(c, feed, chunk, after, now, rules, village)

            written = database.do(unit)
            if written is None:
                more = True  # another process took something in meanwhile: work it out anew
                break
            taken, newest = taken + written[0], written[1]
    touched = (*taken.opened, *taken.grown)
    free = database.read(lambda c: responders_for(c, touched, now, rules)) if touched else None
    for at in range(0, len(touched), CHUNK):

        def send(c: Connection, some: Sequence[int] = touched[at : at + CHUNK]) -> None:
            send_waiting(c, some, now, rules, free)
            alarm_if_large(c, some, now, rules)

        database.do(send)
    return taken


def _planned(
    connection: Connection, located: Sequence[Located], now: datetime, rules: VerificationRules
) -> _Plan:
    newest = hotspot_store.newest_pixel(
        connection
    )  # before the pixels: what comes between them is noticed
    oldest = now - rules.recent
    # A neighbour of the oldest taken may be as much older again.
    known = hotspot_store.pixels_since(connection, oldest - rules.recent)
    keys = {pixel.key for pixel in known}
    fresh: dict[str, NewPixel] = {}
    for spotted in located:
        if spotted.hotspot.acquired_at >= oldest and spotted.hotspot.key not in keys:
            fresh.setdefault(spotted.hotspot.key, NewPixel(spotted))
    if not fresh:
        return _Plan((), newest, more=False)
    new = list(fresh.values())
    _mask(new, known_sources(connection), rules)
    masked = [pixel for pixel in new if pixel.heat_source_id is not None]
    fires = [_Fire((pixel.located,), (), pixel.heat_source_id) for pixel in masked]
    burning = [pixel.located for pixel in new if pixel.heat_source_id is None]
    old = [pixel for pixel in known if pixel.task_id is not None]
    everything: list[Hotspot | StoredPixel] = [*old, *(spotted.hotspot for spotted in burning)]
    more = False
    for cluster in clusters(everything, rules.recent):
        # A cluster's places are in order: its last is new, or nothing of it is.
        if cluster[-1] >= len(old):
            members = [burning[number - len(old)] for number in cluster if number >= len(old)]
            beside = tuple(old[number] for number in cluster if number < len(old))
            more |= len(members) > MOST_PIXELS
            fires.append(_Fire(tuple(members[:MOST_PIXELS]), beside))
    fires.sort(key=lambda fire: -len(fire.new))
    return _Plan(tuple(fires), newest, more)


def _write(
    connection: Connection,
    feed: str,
    fires: Sequence[_Fire],
    after: int,
    now: datetime,
    rules: VerificationRules,
    village: NearestVillage,
) -> tuple[TakenIn, int] | None:
    """A few fires, and the last hotspot's id then; ``None`` when others were stored meanwhile."""
    if hotspot_store.newest_pixel(connection) != after:
        return None
    opened: list[Task] = []
    grown: list[Task] = []
    pixels: list[NewPixel] = []
    for fire in fires:
        members = [NewPixel(spotted, fire.heat_source_id) for spotted in fire.new]
        pixels += members
        if fire.heat_source_id is None:
            more_opened, more_grown = into_tasks(
                connection, members, fire.beside, now, rules, village
            )
            opened += more_opened
            grown += more_grown
    hotspot_store.add_hotspots(
        connection, [_row(pixel.located.hotspot.key, pixel, feed, now) for pixel in pixels]
    )
    masked = sum(pixel.heat_source_id is not None for pixel in pixels)
    taken = TakenIn(
        len(pixels), masked, tuple(task.id for task in opened), tuple(task.id for task in grown)
    )
    detail = {
        "feed": feed,
        "new": taken.new,
        "masked": taken.masked,
        "opened": list(taken.opened),
        "grown": list(taken.grown),
    }
    append(connection, now, [Entry("hotspots.taken_in", f"feed:{feed}", detail=detail)])
    return taken, hotspot_store.newest_pixel(connection)


def _mask(
    pixels: Sequence[NewPixel], sources: Sequence[HeatSource], rules: VerificationRules
) -> None:
    """Mark those at a known heat source; what burns beside it is still a fire."""
    if not sources:
        return
    grid = Grid([(source.lon, source.lat) for source in sources], max(1.0, rules.heat_source_m))
    for pixel in pixels:
        hotspot = pixel.located.hotspot
        near = grid.nearest(hotspot.lon, hotspot.lat, rules.heat_source_m)
        if near is not None:
            pixel.heat_source_id = sources[near[1]].id


def _row(key: str, pixel: NewPixel, feed: str, now: datetime) -> dict[str, object]:
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
