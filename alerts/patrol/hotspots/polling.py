"""What the answer of a hotspot feed brought: read, located in the province, taken in, recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.patrol.hotspots.intake import NOTHING_NEW, TakenIn, take_in
from alerts.patrol.hotspots.joining import Located, NearestVillage
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.villages import or_reported
from alerts.patrol.positions.village_store import reported_villages
from alerts.sources.feed_store import FeedState, polled
from alerts.sources.feeds import FeedAnswer
from alerts.sources.hotspot_feeds import Format, parse
from alerts.sources.hotspots import BadRow, FeedFault, GeoBounds, Parsed, RowFlaw, distinct
from data.database import Database
from data.geo.boundaries import Boundaries


@dataclass(frozen=True, slots=True)
class Poll:
    """One answer of a feed: whose, in which format, after which state, and when it came."""

    feed: str
    format: Format
    every: timedelta
    state: FeedState
    answer: FeedAnswer
    at: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """What a poll brought. With a ``fault`` nothing; ``bad``: rows that could not be read."""

    rows: int = 0
    taken: TakenIn = NOTHING_NEW
    bad: tuple[BadRow, ...] = ()
    fault: FeedFault | None = None
    detail: str = ""


def take_in_poll(
    database: Database,
    poll: Poll,
    boundaries: Boundaries,
    filed: NearestVillage,
    rules: VerificationRules,
) -> Brought:
    """Take in what a poll brought, and record how it went. Blocks: not for a loop.

    :param filed: finds villages by the divisions file; where it gives no position, a village is
        where its people reported from.
    """
    parsed = _parsed(poll, boundaries)
    if parsed is None or parsed.fault is not None:
        fault, detail = (None, "") if parsed is None else (parsed.fault, parsed.detail)
        unreadable = 0 if parsed is None else parsed.unreadable
        database.do(
            lambda c: polled(
                c, poll.state, poll.answer, fault, poll.every, poll.at, bad_rows=unreadable
            )
        )
        return Brought(fault=fault, detail=detail)
    located = _located(parsed, boundaries, poll.at - rules.recent)
    reported = database.read(lambda c: reported_villages(c, poll.at))
    village = or_reported(filed, reported)
    bad = tuple(row for row in parsed.bad if row.flaw is not RowFlaw.OUTSIDE_BOUNDS)
    taken = take_in(database, poll.feed, located, poll.at, rules, village)
    # What our clock, which may be behind, takes for the future is asked for again.
    answer = replace(poll.answer, etag=None, last_modified=None) if parsed.early else poll.answer
    # Recorded last: of a poll broken off the ETag is not kept, so the next brings it all.
    database.do(
        lambda c: polled(
            c,
            poll.state,
            answer,
            None,
            poll.every,
            poll.at,
            rows=len(parsed.hotspots),
            new_rows=taken.new,
            bad_rows=parsed.unreadable,
            newest_at=max((hotspot.acquired_at for hotspot in parsed.hotspots), default=None),
        )
    )
    return Brought(len(parsed.hotspots), taken, bad)


def _parsed(poll: Poll, boundaries: Boundaries) -> Parsed | None:
    """What the answer held; ``None`` when nothing has changed since the last poll."""
    if poll.answer.fault is not None:
        return Parsed(fault=poll.answer.fault, detail=poll.answer.detail)
    if poll.answer.unchanged:
        return None
    return parse(poll.answer.body, poll.format, poll.at, _around(boundaries))


def _around(boundaries: Boundaries) -> GeoBounds:
    """Around everything drawn: what lies outside needs no look at polygons."""
    edges = [boundaries.bounds(code) for code in boundaries.codes]
    return GeoBounds(
        min(edge[0] for edge in edges),
        min(edge[1] for edge in edges),
        max(edge[2] for edge in edges),
        max(edge[3] for edge in edges),
    )


def _located(parsed: Parsed, boundaries: Boundaries, oldest: datetime) -> list[Located]:
    """Those in the province; what is too old for a task needs no place."""
    found = []
    for hotspot in distinct(parsed.hotspots):
        if hotspot.acquired_at >= oldest:
            code = boundaries.locate(hotspot.lon, hotspot.lat)
            if code is not None:
                found.append(Located(hotspot, code))
    return found
