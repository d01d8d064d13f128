"""Hotspots taken in: each once, steady heat masked, neighbours clustered, each cluster a task.

What is to be done is worked out on a reading connection, then written a few fires at a time: a tap
never waits for a whole poll. Each transaction is complete in itself. Whatever is not yet written
when the process is killed is new to the next poll.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.asking import CHUNK, responders_for, send_waiting
from alerts.patrol.hotspots.heat_source_store import known_sources, usual_at
from alerts.patrol.hotspots.joining import Located, NearestVillage, NewPixel, into_tasks, nowhere
from alerts.patrol.hotspots.model import Task, VerificationRules
from alerts.patrol.hotspots.responders import Responders
from alerts.patrol.hotspots.store import StoredPixel
from alerts.patrol.hotspots.usual import REMEMBERED, Seen, unusual
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
    masked: bool = False  # at a known heat source, and no more than usual


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
    owed, free = database.read(lambda c: _owed(c, touched, now, rules))
    for at in range(0, len(owed), CHUNK):

        def send(c: Connection, some: Sequence[int] = owed[at : at + CHUNK]) -> None:
            send_waiting(c, some, now, rules, free)
            alarm_if_large(c, some, now, rules)

        database.do(send)
    return taken


def _owed(
    connection: Connection, touched: Sequence[int], now: datetime, rules: VerificationRules
) -> tuple[list[int], Responders]:
    """Which of these tasks somebody is to be sent to or alarmed about, and who could be sent."""
    tasks = hotspot_store.tasks(connection, touched).values()
    owed = [task for task in tasks if task.never_asked or task.owes_alarm(rules)]
    return [task.id for task in owed], responders_for(connection, owed, now, rules)


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
    fresh: dict[str, Located] = {}
    for spotted in located:
        if spotted.hotspot.acquired_at >= oldest and spotted.hotspot.key not in keys:
            fresh.setdefault(spotted.hotspot.key, spotted)
    if not fresh:
        return _Plan((), newest, more=False)
    masked, burning = _sifted(connection, list(fresh.values()), now, rules)
    fires = [_Fire((spotted,), masked=True) for spotted in masked]
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
        members = [NewPixel(spotted) for spotted in fire.new]
        pixels += members
        if not fire.masked:
            more_opened, more_grown = into_tasks(
                connection, members, fire.beside, now, rules, village
            )
            opened += more_opened
            grown += more_grown
    hotspot_store.add_hotspots(
        connection, [_row(pixel.located.hotspot.key, pixel, feed, now) for pixel in pixels]
    )
    masked = sum(len(fire.new) for fire in fires if fire.masked)
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


def _sifted(
    connection: Connection, spots: Sequence[Located], now: datetime, rules: VerificationRules
) -> tuple[list[Located], list[Located]]:
    """Those masked at a known heat source, and those to be asked about.

    What burns beside a source is a fire, and so is what is more there than usual.
    """
    sources = known_sources(connection)
    if not sources:
        return [], list(spots)
    reach = [source.radius_m or rules.heat_source_m for source in sources]
    grid = Grid([(source.lon, source.lat) for source in sources], max(1.0, *reach))
    at_source: dict[int, Located] = {}
    for number, spotted in enumerate(spots):
        lon, lat = spotted.hotspot.lon, spotted.hotspot.lat
        near = min(
            (
                (away, sources[place].id)
                for away, place in grid.within(lon, lat, max(reach))
                if away <= reach[place]
            ),
            default=None,
        )
        if near is not None:
            at_source[number] = replace(spotted, heat_source_id=near[1])
    seen = [
        Seen(number, spotted.heat_source_id, hotspot.satellite, hotspot.acquired_at, hotspot.frp_mw)
        for number, spotted in at_source.items()
        if spotted.heat_source_id is not None
        for hotspot in (spotted.hotspot,)
    ]
    hot = {source.id: source for source in sources}
    usual = {
        source_id: normal.with_least(hot[source_id].usual_pixels, hot[source_id].usual_frp_mw)
        for source_id, normal in usual_at(
            connection, {pixel.source_id for pixel in seen}, now - REMEMBERED
        ).items()
    }
    more = unusual(seen, usual, rules.unusual_pixels, rules.unusual_times)
    masked = [spotted for number, spotted in at_source.items() if number not in more]
    burning = [
        at_source.get(number, spotted)
        for number, spotted in enumerate(spots)
        if number not in at_source or number in more
    ]
    return masked, burning


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
        "heat_source_id": pixel.located.heat_source_id,
    }
