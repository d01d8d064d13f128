"""What a hotspot turned out to be: the verdict, from how far away, with which photo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.outbox.hotspot_messages import HotspotTaken, HotspotVerdict
from alerts.patrol.field_reports.reporting import POSITION_FRESH
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.heat_source_store import (
    add_source,
    forgotten_spots,
    found_to_be_heat,
    known_sources,
)
from alerts.patrol.hotspots.model import (
    AskState,
    Task,
    TaskProblem,
    TaskState,
    TaskStep,
    Verdict,
    VerificationRules,
    nearest_away_m,
)
from alerts.patrol.hotspots.queueing import alarmed, tell, tell_county
from alerts.patrol.hotspots.verification import alarm, may_verify
from alerts.patrol.positions.store import last_good_position
from alerts.season.closed_store import closed_in
from contacts.access import Access, require
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound
from data.geo.coordinates import distance_m

CHANGED_WITHIN = timedelta(minutes=30)
"""A verdict may be corrected, and its photo and position may follow, for so long (ours)."""

_ALARMED = TaskStep.ALARM_PIXELS | TaskStep.ALARM_FIRE
_TOLD = TaskStep.NOBODY_TOLD | TaskStep.OVERDUE_TOLD  # the county had it on a list


@dataclass(frozen=True, slots=True)
class Verified:
    """A verdict as it was recorded; ``learned``: the spot is a known heat source from now on;
    ``closed``: somebody lit it while no fire may be lit."""

    task: Task
    learned: bool = False
    closed: bool = False


def verify(
    connection: Connection,
    task_id: int,
    person: Person,
    verdict: Verdict,
    now: datetime,
    rules: VerificationRules,
    *,
    done_at: datetime | None = None,
) -> Verified:
    """Record what it is. From who accepted, or from an officer of the county who was told.

    A fire cannot wait for a position: it is recorded without one, and marked.

    :param done_at: when the verdict was given, if that was before now.
    :raises NotFound: no such task.
    :raises NotAllowed: neither sent there nor in charge of its county.
    :raises Conflict: it is over, and the verdict may not be corrected any more.
    """
    task = hotspot_store.task(connection, task_id, lock=True)
    if task is None:
        raise NotFound(TaskProblem.UNKNOWN, number=task_id)
    if task.accepted_by != person.id:
        access = may_verify(person, task)
        if access is Access.NOT_ON_DUTY:
            raise NotAllowed(TaskProblem.NOT_ASKED, hotspot=task.id)
        require(access, hotspot=task.id)
    if not task.open and not may_change(task, person, now):
        raise Conflict(TaskProblem.OVER, hotspot=task.id)
    if task.verdict is verdict:
        return Verified(task)
    before = task.verdict
    at = now if done_at is None else min(now, max(done_at, task.accepted_at or task.opened_at))
    task = hotspot_store.change(
        connection,
        task.id,
        state=TaskState.VERIFIED,
        verdict=verdict,
        verdict_by=person.id,
        verdict_at=task.verdict_at or at,
        asked_id=None,
        answer_at=None,
        county_at=None,
        next_at=None,
    )
    task = _with_evidence(connection, task, person, at, rules)
    _spare_the_others(connection, task, person, now)
    closed = lit_in_closed_time(connection, task, rules)
    detail = {
        "verdict": verdict.value,
        "closed_time": closed,
        "before": None if before is None else before.value,
        "away_m": None if task.away_m is None else round(task.away_m),
        "far": task.far,
        "photo": task.report_id,
        **when_done(at, now),
    }
    append(connection, now, [Entry("hotspot.verified", f"hotspot:{task.id}", person.id, detail)])
    if verdict is Verdict.FOREST_FIRE:
        task = alarm(connection, task, TaskStep.ALARM_FIRE, now)
    elif task.steps & _ALARMED:
        for officer in alarmed(connection, task.county_code, now):
            tell(connection, officer, HotspotVerdict(task.id), now)
    elif verdict is Verdict.GRASSLAND_FIRE or task.steps & _TOLD or closed:
        tell_county(connection, task, HotspotVerdict(task.id), now)
    learned = verdict is Verdict.OTHER_HEAT_SOURCE and _learn(connection, task, now, rules)
    return Verified(task, learned, closed)


def lit_in_closed_time(connection: Connection, task: Task, rules: VerificationRules) -> bool:
    """Whether somebody lit what burnt while no fire may be lit outdoors: the county is told."""
    if task.verdict not in (Verdict.PLANNED_BURNING, Verdict.FARM_BURNING):
        return False
    day = task.last_at.astimezone(rules.zone).date()
    return closed_in(connection, task.county_code, day) is not None


def awaits_evidence(connection: Connection, person: Person, at: datetime) -> bool:
    """Whether ``add_evidence`` may find a task: asked first, for nearly nobody is on one."""
    return bool(hotspot_store.accepted_by(connection, person.id, at - CHANGED_WITHIN))


def add_evidence(
    connection: Connection,
    person: Person,
    now: datetime,
    rules: VerificationRules,
    *,
    done_at: datetime | None = None,
) -> list[Task]:
    """A position or a photo came: bind it to the task its sender is on, or gave a verdict on.

    Returns the tasks that already have their verdict and now have better evidence.

    :param done_at: when it was sent, if that was before now.
    """
    at = done_at or now
    changed = []
    for task in hotspot_store.accepted_by(connection, person.id, at - CHANGED_WITHIN):
        better = _with_evidence(connection, task, person, at, rules)
        same = (better.position_id, better.report_id) == (task.position_id, task.report_id)
        if same:
            continue
        detail = {"position": better.position_id, "photo": better.report_id, "far": better.far}
        append(
            connection, now, [Entry("hotspot.evidence", f"hotspot:{task.id}", person.id, detail)]
        )
        if better.verdict is not None:
            changed.append(better)
    return changed


def _spare_the_others(connection: Connection, task: Task, person: Person, now: datetime) -> None:
    """Whoever else is on the way, or being asked, hears that it is over."""
    for ask in hotspot_store.asks(connection, task.id):
        if ask.person.id != person.id and ask.answer in (AskState.AWAITED, AskState.ACCEPTED):
            hotspot_store.answer(connection, task.id, ask.person.id, AskState.SPARED, now)
            tell(connection, ask.person, HotspotTaken(task.id), now)


def may_change(task: Task, person: Person, now: datetime) -> bool:
    """Whether this person may still correct the verdict they gave."""
    return (
        task.state is TaskState.VERIFIED
        and task.verdict_by == person.id
        and task.verdict_at is not None
        and now - task.verdict_at <= CHANGED_WITHIN
    )


def _with_evidence(
    connection: Connection, task: Task, person: Person, at: datetime, rules: VerificationRules
) -> Task:
    """Bind the person's newest position and photo since they accepted, the nearest position."""
    if task.accepted_by != person.id or task.accepted_at is None:
        return task
    since = max(task.accepted_at, at - POSITION_FRESH)
    position = last_good_position(connection, person.id, since)
    report = hotspot_store.last_picture(connection, person.id, task.accepted_at)
    values: dict[str, object] = {}
    if report is not None and (task.report_id is None or task.verdict is None):
        values["report_id"] = report
    if position is not None and position.id != task.position_id:
        spot, pixels = position.fix, hotspot_store.pixels_of(connection, task.id)
        away = nearest_away_m(
            (distance_m(spot.lon, spot.lat, pixel.lon, pixel.lat) for pixel in pixels),
            max((pixel.pixel_m for pixel in pixels), default=0.0),
        )
        if task.away_m is None or away <= task.away_m or task.verdict is None:
            values |= {
                "position_id": position.id,
                "away_m": away,
                "far": away > rules.far_m,
            }
    return hotspot_store.change(connection, task.id, **values) if values else task


def _learn(connection: Connection, task: Task, now: datetime, rules: VerificationRules) -> bool:
    """Enough verdicts at one spot: it is masked from now on."""
    # Where a source was forgotten, only what was found since then teaches it anew.
    since = max(
        (
            at
            for lon, lat, at in forgotten_spots(connection)
            if distance_m(task.lon, task.lat, lon, lat) <= rules.heat_source_m
        ),
        default=None,
    )
    found = found_to_be_heat(connection, task.lon, task.lat, rules.heat_source_m / 50_000.0)
    near = [
        (lon, lat)
        for lon, lat, at in found
        if distance_m(task.lon, task.lat, lon, lat) <= rules.heat_source_m
        and (since is None or at > since)
    ]
    if len(near) < rules.heat_source_verdicts:
        return False
    lon = sum(spot[0] for spot in near) / len(near)
    lat = sum(spot[1] for spot in near) / len(near)
    if any(
        distance_m(lon, lat, known.lon, known.lat) <= rules.heat_source_m
        for known in known_sources(connection)
    ):
        return False
    source = add_source(connection, lon, lat, task.county_code, len(near), now)
    detail = {"verdicts": len(near), "hotspot": task.id}
    append(connection, now, [Entry("heat_source.learned", f"heat_source:{source}", detail=detail)])
    return True
