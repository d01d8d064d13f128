"""A hotspot to be verified from the ground (热点核查): its states, its rules, when to look. Pure.

The verdicts are those of DOMAIN, "Forest fire". Three pixels or more must be reported at once
(Sichuan fire information rules, 2011); the other numbers are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum, IntFlag


class TaskState(Enum):
    """How far a task has come."""

    WAITING = "waiting"  # nobody near can be asked now
    ASKED = "asked"  # somebody's answer is awaited
    ACCEPTED = "accepted"  # somebody is on the way
    VERIFIED = "verified"
    EXPIRED = "expired"  # nobody said anything for a day

    @property
    def open(self) -> bool:
        """Whether a verdict is still wanted."""
        return self in OPEN


OPEN = frozenset({TaskState.WAITING, TaskState.ASKED, TaskState.ACCEPTED})


class Verdict(Enum):
    """What a hotspot turned out to be, seen from the ground."""

    FOREST_FIRE = "forest_fire"
    GRASSLAND_FIRE = "grassland_fire"
    FARM_BURNING = "farm_burning"
    PLANNED_BURNING = "planned_burning"
    OTHER_HEAT_SOURCE = "other_heat_source"
    NOTHING_FOUND = "nothing_found"


class AskState(Enum):
    """What somebody who was asked to go has answered."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    CANNOT = "cannot"
    SILENT = "silent"
    SPARED = "spared"  # somebody else accepted


class TaskStep(IntFlag):
    """What was done about a task, once each."""

    NOBODY_TOLD = 1  # the county knows that nobody near can go
    REMINDED = 2  # the patroller, when it was due
    OVERDUE_TOLD = 4  # the county got it on its list, and gets it again
    ALARM_PIXELS = 8
    ALARM_FIRE = 16


NOTHING_DONE = TaskStep(0)


class TaskProblem(Enum):
    """Why something cannot be done with a task."""

    UNKNOWN = "unknown_hotspot"
    NOT_ASKED = "hotspot_not_asked"  # addressed to somebody else
    TAKEN = "hotspot_taken"  # somebody else accepted it meanwhile
    OVER = "hotspot_over"  # a verdict was given


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """Minutes, metres, hours and counts of ``[hotspots]``."""

    recent_hours: float = 24.0  # hotspots older than this make no task
    seen_minutes: float = 240.0  # a patroller's position this old still says where they are
    reach_m: float = 30_000.0  # nobody farther away is asked
    answer_minutes: float = 5.0
    due_minutes: float = 30.0
    county_minutes: float = 5.0  # after due, until the county hears
    repeat_minutes: float = 30.0
    far_m: float = 2000.0
    alarm_pixels: int = 3
    again_hours: float = 3.0  # seen this long after a verdict, it is a new fire
    heat_source_verdicts: int = 3
    heat_source_m: float = 750.0
    unusual_pixels: int = 2  # so many more than usual are still usual at a heat source
    unusual_times: float = 3.0  # and so many times hotter
    zone: tzinfo = UTC  # of the day patrollers' hours are ordered for

    @property
    def recent(self) -> timedelta:
        """``recent_hours`` as a span."""
        return timedelta(hours=self.recent_hours)


@dataclass(frozen=True, slots=True)
class Task:
    """One cluster of hotspots and what became of it. WGS-84, metres, aware UTC."""

    id: int
    state: TaskState
    lon: float
    lat: float
    county_code: str
    village_code: str | None
    village_m: float | None
    pixels: int
    hotspots: int
    satellites: str
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    due_at: datetime
    asked_id: int | None = None
    answer_at: datetime | None = None  # until when; when waiting: when it is tried again
    accepted_by: int | None = None
    accepted_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_by: int | None = None
    verdict_at: datetime | None = None
    position_id: int | None = None
    away_m: float | None = None
    far: bool = False
    report_id: int | None = None
    steps: TaskStep = NOTHING_DONE
    county_at: datetime | None = None  # when the county hears of it, for the first time or again
    next_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether a verdict is still wanted."""
        return self.state.open

    @property
    def never_asked(self) -> bool:
        """Whether nobody was looked for yet."""
        return self.state is TaskState.WAITING and self.answer_at is None

    def owes_alarm(self, rules: VerificationRules) -> bool:
        """Whether it is large enough for an alarm, and nobody has heard one."""
        large = self.pixels >= rules.alarm_pixels and self.state is not TaskState.EXPIRED
        return large and not self.steps & TaskStep.ALARM_PIXELS

    def takes(self, acquired_at: datetime, rules: VerificationRules) -> bool:
        """Whether a hotspot seen beside it at ``acquired_at`` is the same fire.

        What a satellite saw long after the verdict is looked at anew.
        """
        if self.open:
            return True
        if self.verdict_at is None:  # expired: nobody ever looked
            return acquired_at <= self.last_at
        return acquired_at <= self.verdict_at + timedelta(hours=rules.again_hours)


def next_look(task: Task, rules: VerificationRules) -> datetime | None:
    """When the sweep has to look at the task; ``None``: never again."""
    if not task.open:
        return None
    times = [task.opened_at + rules.recent]
    if task.state is not TaskState.ACCEPTED:
        times.append(task.answer_at or task.opened_at)  # nobody was asked yet: at once
    if not task.steps & TaskStep.REMINDED:
        times.append(task.due_at)
    if task.county_at is not None:
        times.append(task.county_at)
    if task.owes_alarm(rules):
        times.append(task.opened_at)  # at once
    return min(times)


def nearest_away_m(distances: Iterable[float], pixel_m: float) -> float:
    """Metres from a position to a fire: to the edge of the nearest pixel, not to its middle."""
    return max(0.0, min(distances, default=0.0) - pixel_m / 2)
