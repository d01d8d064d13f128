"""What a station's readings come to: where it stands, and what is proposed for it.

A proposal follows from how things stand, not from the event: a line that is held and was not yet
proposed is, as soon as a reading of now says so. What a feed tells of yesterday proposes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from alerts import alert_store
from alerts.drafts import store as draft_store
from alerts.drafts.model import Proposal, ProposalKind, ProposalRules, ProposalState, StoredProposal
from alerts.drafts.proposing import end, propose
from alerts.model import Alert, Draft, Level
from alerts.sources.gauges import reading_store, station_store, watch_store
from alerts.sources.gauges.crossings import LONGEST_GAP, Passing, Sight, sight, step
from alerts.sources.gauges.facts import Figures
from alerts.sources.gauges.figuring import LONGEST_WINDOW, figures_now
from alerts.sources.gauges.judging import silent_after
from alerts.sources.gauges.model import Quantity, Reading
from alerts.sources.gauges.rain import rain_sight
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Station
from alerts.sources.gauges.warned import warned
from alerts.sources.gauges.watch import Watch
from alerts.sources.gauges.wording import (
    hazard_of,
    lifting_text,
    notes,
    warning_text,
)
from contacts.area_shapes import Land
from data.audit import Entry, append
from data.database import Connection

FRESH = timedelta(hours=3)
"""A reading this old proposes nothing (ours): it tells how it was."""

VALID = timedelta(hours=6)
"""For so long a proposal can be released (ours)."""

LOOK_AGAIN = timedelta(minutes=10)
"""Rain above a line is looked at so often: the window slides also when nothing comes (ours)."""

CHUNK = 50
"""Stations looked at in one transaction."""

_BY_SEVERITY = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)


@dataclass(frozen=True, slots=True)
class Around:
    """What watching needs beside the station: whose rules, and the feed that proposes."""

    rules: WaterRules
    proposals: ProposalRules
    feed: str
    zone: tzinfo
    land: Land | None = None  # to look for villages along a stretch of river


def look_at_levels(
    connection: Connection,
    station: Station,
    watch: Watch,
    believed: Iterable[Reading],
    around: Around,
    now: datetime,
) -> Watch:
    """Take new readings of a level or a flow in, in their order; propose what follows."""
    lines = station.lines_of(watch.quantity)
    seen: Sight | None = None
    for reading in sorted(believed, key=lambda one: one.at):
        if watch.standing.seen_at is not None and reading.at < watch.standing.seen_at:
            continue
        seen = sight(reading.at, reading.value, lines, around.rules)
        watch = _stepped(connection, station, watch, seen, around, now)
    if seen is None:
        return watch
    return _proposed(connection, station, replace(watch, value=seen.value), around, now)


def look_at_rain(
    connection: Connection,
    station: Station,
    watch: Watch,
    moments: Iterable[datetime],
    around: Around,
    now: datetime,
    rain: Sequence[Reading] | None = None,
) -> Watch:
    """Sum the rain up to each of these moments, in their order; propose what follows.

    :param rain: what is believed of the last days, where it was read for many stations at once.
    """
    last = watch.standing.seen_at
    looks = sorted({moment if last is None else max(moment, last) for moment in moments})
    if not looks:
        return watch
    intervals = rain
    if intervals is None:
        intervals = reading_store.believed(
            connection,
            station.code,
            Quantity.RAIN,
            looks[0] - LONGEST_WINDOW,
            looks[-1] + LONGEST_WINDOW,
        )
    lines = station.lines_of(Quantity.RAIN)
    for at in looks:
        seen, total = rain_sight(intervals, at, lines, around.rules)
        watch = _stepped(connection, station, watch, seen, around, now)
        minutes = 0 if total is None else total.minutes
        watch = replace(watch, value=seen.value, minutes=minutes)
    watch = replace(watch, next_at=now + LOOK_AGAIN if watch.standing.held else None)
    return _proposed(connection, station, watch, around, now)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``look_again`` would look at something."""
    return watch_store.any_due(connection, now)


def look_again(connection: Connection, around: Around, now: datetime, *, limit: int = CHUNK) -> int:
    """Look at the rain that is above a line, as its window slides; how many.

    Of a gauge of which nothing has come for ``LONGEST_GAP`` nobody knows that the rain is over: the
    storm may have taken it. Where it stood, it stays until it speaks again.
    """
    due = watch_store.due(connection, now, limit)
    changed = []
    for watch in due:
        station = station_store.station(connection, watch.station)
        last_at = watch.trace.last_at
        if station is None or not station.active:
            changed.append(replace(watch, next_at=None))
        elif last_at is None or now - last_at > LONGEST_GAP:
            changed.append(replace(watch, next_at=now + LOOK_AGAIN))
        else:
            changed.append(look_at_rain(connection, station, watch, [now], around, now))
    watch_store.put(connection, changed)
    return len(due)


def silent_from(watch: Watch, rules: WaterRules) -> datetime | None:
    """When a quantity is silent if nothing more comes."""
    if watch.trace.last_at is None:
        return None
    return watch.trace.last_at + silent_after(watch.trace, watch.quantity, rules)


# -- one look, and what is proposed ---------------------------------------------------------------


def _stepped(
    connection: Connection,
    station: Station,
    watch: Watch,
    seen: Sight,
    around: Around,
    now: datetime,
) -> Watch:
    standing, passed = step(watch.standing, seen, around.rules)
    watch = replace(watch, standing=standing, value=seen.value)
    if passed is None:
        return watch
    detail = {
        "quantity": watch.quantity.value,
        "rank": passed.rank,
        "before": passed.before,
        "value": seen.value,
        "at": f"{seen.at:%Y-%m-%dT%H:%MZ}",
    }
    what = f"station.{passed.passing.value}"
    append(connection, now, [Entry(what, f"station:{station.code}", detail=detail)])
    if passed.passing is Passing.FALLEN:
        return replace(watch, proposed=min(watch.proposed, passed.rank))
    if passed.passing is Passing.CALM:
        if now - seen.at <= FRESH:
            _propose_lifting(connection, station, watch, seen, around, now)
        return replace(watch, proposed=0, proposal_id=None)
    return watch


def _proposed(
    connection: Connection, station: Station, watch: Watch, around: Around, now: datetime
) -> Watch:
    """Propose the line that is held, if it was not yet."""
    standing = watch.standing
    if standing.held <= watch.proposed or standing.seen_at is None:
        return watch
    if now - standing.seen_at > FRESH:
        return watch
    known = figures_now(connection, station, watch, around.rules)
    if known is None or known.line is None:
        return watch
    level = around.rules.level_of(known.line.kind)
    done = replace(watch, proposed=standing.held)
    if level is None:
        return done
    before, alert = _before(connection, watch)
    if alert is not None and _BY_SEVERITY.index(alert.level) >= _BY_SEVERITY.index(level):
        return done  # somebody was faster, or warned of more
    text, said = warning_text(known, level, around.zone), ""
    if alert is None:
        whom = warned(connection, station, around.land)
        said = whom.note
        draft = Draft(
            level,
            hazard_of(known),
            whom.areas,
            text,
            places=whom.places,
            shape=whom.shape,
            besides=whom.besides,
        )
    else:
        draft = Draft(
            level,
            alert.hazard,
            alert.areas,
            text,
            exercise=alert.exercise,
            places=alert.places,
            shape=alert.shape,
            besides=alert.besides,
        )
    lines = notes(known, around.zone, _others(connection, station, watch, around.rules))
    crossed = standing.crossed_at or standing.seen_at
    proposal = Proposal(
        around.feed,
        f"{station.code}.{watch.quantity.value}.{crossed:%Y%m%d%H%M}.{standing.held}",
        draft,
        now + VALID,
        ProposalKind.NEW if alert is None else ProposalKind.UPDATE,
        sender=station.name,
        changes=None if alert is None else alert.id,
        replaces=() if before is None or not before.open else (before.proposal.identifier,),
        notes=(*lines, said) if said else lines,
        picture=f"water:{station.code}:{watch.quantity.value}",
    )
    proposed = propose(connection, proposal, around.proposals, now)
    return replace(done, proposal_id=proposed.id)


def _propose_lifting(
    connection: Connection,
    station: Station,
    watch: Watch,
    seen: Sight,
    around: Around,
    now: datetime,
) -> None:
    before, alert = _before(connection, watch)
    if before is not None and before.open:
        end(connection, before, ProposalState.SUPERSEDED, None, now)
    if alert is None or _others_hold(connection, watch, alert.id):
        return
    known = figures_now(connection, station, watch, around.rules)
    if known is None:
        return
    text = lifting_text(known, around.rules.calm, around.zone)
    draft = Draft(
        alert.level, alert.hazard, alert.areas, text, exercise=alert.exercise, places=alert.places
    )
    proposal = Proposal(
        around.feed,
        f"{station.code}.{watch.quantity.value}.{seen.at:%Y%m%d%H%M}.0",
        draft,
        now + VALID,
        ProposalKind.LIFT,
        sender=station.name,
        changes=alert.id,
        notes=notes(known, around.zone),
        picture=f"water:{station.code}:{watch.quantity.value}",
    )
    propose(connection, proposal, around.proposals, now)


def _before(connection: Connection, watch: Watch) -> tuple[StoredProposal | None, Alert | None]:
    """What was proposed last in this episode, and the warning of it that is in force."""
    if watch.proposal_id is None:
        return None, None
    before = draft_store.proposal(connection, watch.proposal_id)
    if before is None:
        return None, None
    alert_id = before.alert_id if before.alert_id is not None else before.proposal.changes
    alert = None if alert_id is None else alert_store.alert(connection, alert_id)
    return before, alert if alert is not None and alert.in_force else None


def _others_hold(connection: Connection, watch: Watch, alert_id: int) -> bool:
    """Whether another gauge is still above its line, for which the same warning was released."""
    ids = draft_store.ids_of_alert(connection, alert_id)
    return any(
        (other.station, other.quantity) != (watch.station, watch.quantity)
        for other in watch_store.holding(connection, ids)
    )


def _others(
    connection: Connection, station: Station, watch: Watch, rules: WaterRules
) -> Iterator[Figures]:
    """What else the station says."""
    for other in _in_order(watch_store.watches(connection, [station.code]).values()):
        if other.quantity is not watch.quantity:
            known = figures_now(connection, station, other, rules)
            if known is not None:
                yield known


def _in_order(watches: Iterable[Watch]) -> Sequence[Watch]:
    return sorted(watches, key=lambda each: list(Quantity).index(each.quantity))
