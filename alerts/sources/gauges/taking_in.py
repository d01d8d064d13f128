"""What the answer of a feed of gauges brought: read, judged, kept, watched.

A few stations at a time: a tap never waits for a whole poll. Each transaction is complete in
itself; what is not yet written when the process is killed is new to the next poll.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.sources import finding_store
from alerts.sources.feed_store import FeedState, polled
from alerts.sources.feeds import FeedAnswer
from alerts.sources.gauges import reading_store, station_store, watch_store
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.figuring import LONGEST_WINDOW
from alerts.sources.gauges.judging import Doubt, confirms, judge, stuck, unit_meant
from alerts.sources.gauges.model import BadReading, Form, Quantity, Read, Reading
from alerts.sources.gauges.reading import read
from alerts.sources.gauges.reading_store import Kept
from alerts.sources.gauges.station import Station
from alerts.sources.gauges.watch import Watch
from alerts.sources.gauges.watching import CHUNK, Around, look_at_levels, look_at_rain, silent_from
from alerts.sources.hotspots import FeedFault
from data.database import Connection, Database

MOST_LOOKS = 400
"""Moments of rain looked at in one poll of one station (ours): a year's history is one look."""

UNKNOWN_STATIONS = "unknown_stations"
BAD_VALUES = "bad_values"
STUCK = "gauge_stuck"
"""Kinds of findings beside those of ``Doubt`` (``gauge_unit``, ``gauge_datum``, ...)."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One answer of a feed: whose, in which shape, after which state, and when it came."""

    feed: str
    form: Form
    shape: Shape
    every: timedelta
    state: FeedState
    answer: FeedAnswer
    at: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """What a poll brought. With a ``fault`` nothing."""

    rows: int = 0
    new: int = 0
    doubted: int = 0
    unknown: tuple[str, ...] = ()  # codes of stations that are in no list
    bad: tuple[BadReading, ...] = ()
    fault: FeedFault | None = None
    detail: str = ""


def take_in_poll(database: Database, poll: Poll, around: Around) -> Brought:
    """Take in what a poll brought, and record how it went. Blocks: not for a loop."""
    found = _read(poll)
    if found is None or found.fault is not None:
        fault, detail = (None, "") if found is None else (found.fault, found.detail)
        unreadable = 0 if found is None else found.unreadable
        database.do(
            lambda c: polled(
                c, poll.state, poll.answer, fault, poll.every, poll.at, bad_rows=unreadable
            )
        )
        return Brought(fault=fault, detail=detail, bad=() if found is None else found.bad)
    known = _Known(database.read(station_store.in_use))
    by_station, unknown = known.sorted(found.readings, poll.at - around.rules.keep)
    new = doubted = 0
    names = sorted(by_station)
    for first in range(0, len(names), CHUNK):
        chunk = [(known.by_code[code], by_station[code]) for code in names[first : first + CHUNK]]

        def unit(
            c: Connection, chunk: Sequence[tuple[Station, list[Reading]]] = chunk
        ) -> tuple[int, int]:
            return take_in(c, chunk, around, poll.at)

        written = database.do(unit)
        new, doubted = new + written[0], doubted + written[1]
    # What our clock, which may be behind, takes for the future is asked for again.
    answer = replace(poll.answer, etag=None, last_modified=None) if found.early else poll.answer
    newest = max((one.at for one in found.readings), default=None)

    def recorded(c: Connection) -> None:
        _note_feed(c, poll, found, unknown)
        polled(
            c,
            poll.state,
            answer,
            None,
            poll.every,
            poll.at,
            rows=len(found.readings),
            new_rows=new,
            bad_rows=found.unreadable,
            newest_at=newest,
        )

    database.do(recorded)
    return Brought(len(found.readings), new, doubted, unknown, found.bad)


def take_in(
    connection: Connection,
    chunk: Iterable[tuple[Station, list[Reading]]],
    around: Around,
    now: datetime,
) -> tuple[int, int]:
    """Keep what is new of these stations and look at it; how many are new, and doubted.

    Idempotent: the same readings again change nothing.
    """
    given = list(chunk)
    codes = [station.code for station, _readings in given]
    oldest = min((one.at for _station, readings in given for one in readings), default=now)
    before = reading_store.known(connection, codes, oldest)
    watches = watch_store.watches(connection, codes, lock=True)
    found = finding_store.known(connection, around.feed, codes)
    kept: list[Kept] = []
    judged: list[tuple[Station, Watch, list[Reading]]] = []
    for station, readings in given:
        fresh = [one for one in readings if before.get(reading_store.key(one)) != one.value]
        by_quantity: defaultdict[Quantity, list[Reading]] = defaultdict(list)
        for one in fresh:
            by_quantity[one.quantity].append(one)
        for quantity, mine in by_quantity.items():
            watch = watches.get((station.code, quantity), Watch(station.code, quantity))
            watch, some = _judged(connection, station, watch, mine, found, around, now)
            kept += some
            judged.append((station, watch, [one.reading for one in some if one.doubt is None]))
    reading_store.put(connection, kept, around.feed, now)
    wet = [one.at for _s, _w, some in judged for one in some if one.quantity is Quantity.RAIN]
    rain: Mapping[str, list[Reading]] = {}
    if wet:  # for all of them at once: one by one it was most of a poll's time
        rain = reading_store.rain_of(connection, codes, min(wet) - LONGEST_WINDOW)
    changed = [
        _looked_at(connection, station, watch, believed, rain.get(station.code, ()), around, now)
        for station, watch, believed in judged
    ]
    watch_store.put(connection, changed)
    return len(kept), sum(one.doubt is not None for one in kept)


def _judged(
    connection: Connection,
    station: Station,
    watch: Watch,
    readings: Iterable[Reading],
    found: Collection[tuple[str, str]],
    around: Around,
    now: datetime,
) -> tuple[Watch, list[Kept]]:
    lines = station.lines_of(watch.quantity)
    kept: dict[reading_store.Key, Kept] = {}
    trace = watch.trace
    for reading in sorted(readings, key=lambda one: (one.at, one.minutes)):
        before = trace
        trace, doubt = judge(before, reading, lines, around.rules)
        if doubt is None and confirms(before, reading, around.rules):
            # What was held back was true: it is part of the curve.
            waited = (station.code, watch.quantity, before.waits_at, reading.minutes)
            for key in [each for each in kept if each == waited]:
                kept[key] = replace(kept[key], doubt=None)
            if before.waits_at is not None:
                reading_store.believe(connection, station.code, watch.quantity, before.waits_at)
        kept[reading_store.key(reading)] = Kept(reading, doubt)
    watch = replace(watch, trace=trace)
    watch = replace(watch, silent_at=silent_from(watch, around.rules))
    _note_doubts(connection, station, watch, list(kept.values()), found, around, now)
    return watch, list(kept.values())


def _looked_at(
    connection: Connection,
    station: Station,
    watch: Watch,
    believed: Sequence[Reading],
    rain: Sequence[Reading],
    around: Around,
    now: datetime,
) -> Watch:
    if not believed or not station.lines_of(watch.quantity):
        last = max(believed, key=lambda one: one.at, default=None)
        return watch if last is None else replace(watch, value=last.value)
    if watch.quantity is not Quantity.RAIN:
        return look_at_levels(connection, station, watch, believed, around, now)
    moments = sorted(one.at for one in believed)[-MOST_LOOKS:]
    return look_at_rain(connection, station, watch, moments, around, now, rain)


def _note_doubts(
    connection: Connection,
    station: Station,
    watch: Watch,
    kept: Sequence[Kept],
    found: Collection[tuple[str, str]],
    around: Around,
    now: datetime,
) -> None:
    """A line for each kind of doubt; it goes when the gauge is right again.

    :param found: what is wrong already: only of that anything can go.
    """

    def settled(kind: str) -> None:
        if (station.code, kind) in found:
            finding_store.settled(connection, around.feed, station.code, kind)

    doubted = {one.doubt: one.reading for one in kept if one.doubt is not None}
    for doubt, reading in doubted.items():
        facts: dict[str, object] = {
            "name": station.name,
            "quantity": reading.quantity.value,
            "value": reading.value,
        }
        if doubt is Doubt.UNIT:
            facts["scale"] = unit_meant(
                reading.value, station.lines_of(reading.quantity), around.rules
            )
        finding_store.note(
            connection, around.feed, station.code, f"gauge_{doubt.value}", facts, now
        )
    if any(one.doubt is None for one in kept):
        for doubt in (Doubt.UNIT, Doubt.DATUM, Doubt.JUMP):
            if doubt not in doubted:
                settled(f"gauge_{doubt.value}")
    if watch.quantity is Quantity.LEVEL:
        if watch.standing.held and stuck(watch.trace, around.rules):
            facts = {"name": station.name, "quantity": "level", "value": watch.trace.last_value}
            finding_store.note(connection, around.feed, station.code, STUCK, facts, now)
        else:
            settled(STUCK)


def _note_feed(c: Connection, poll: Poll, found: Read, unknown: tuple[str, ...]) -> None:
    """What concerns the feed as a whole: stations of no list, values that cannot be read."""
    if unknown:
        facts = {"count": len(unknown), "names": list(unknown[:5])}
        finding_store.note(c, poll.feed, "", UNKNOWN_STATIONS, facts, poll.at)
    else:
        finding_store.settled(c, poll.feed, "", UNKNOWN_STATIONS)
    if found.unreadable:
        first = found.bad[0]
        facts = {
            "count": found.unreadable,
            "row": first.row,
            "flaw": first.flaw.value,
            "text": first.text,
            "station": first.station,
        }
        finding_store.note(c, poll.feed, "", BAD_VALUES, facts, poll.at)
    else:
        finding_store.settled(c, poll.feed, "", BAD_VALUES)


def _read(poll: Poll) -> Read | None:
    """What the answer held; ``None`` when nothing has changed since the last poll."""
    if poll.answer.fault is not None:
        return Read(fault=poll.answer.fault, detail=poll.answer.detail)
    if poll.answer.unchanged:
        return None
    return read(poll.answer.body, poll.form, poll.shape, poll.at)


class _Known:
    """The stations in use, to be found by code, or by a name that only one bears."""

    def __init__(self, stations: Iterable[Station]) -> None:
        self.by_code: Mapping[str, Station] = {one.code: one for one in stations}
        self._by_name: dict[str, str | None] = {}
        for one in self.by_code.values():
            name = one.name.removesuffix("站")
            self._by_name[name] = None if name in self._by_name else one.code

    def _named(self, name: str) -> str | None:
        return self._by_name.get(name.removesuffix("站"))

    def sorted(
        self, readings: Iterable[Reading], oldest: datetime
    ) -> tuple[dict[str, list[Reading]], tuple[str, ...]]:
        """The readings by station, and the stations of no list; what is too old is left out."""
        found: defaultdict[str, list[Reading]] = defaultdict(list)
        unknown: dict[str, None] = {}
        for one in readings:
            code = one.station if one.station in self.by_code else self._named(one.station)
            if code is None:
                unknown.setdefault(one.station[:40])
            elif one.at >= oldest:
                found[code].append(one if code == one.station else replace(one, station=code))
        return found, tuple(unknown)
