"""When a patroller is to report a position, and what happens when none comes: pure.

A shift asks for a check-in at its start and every so many minutes until its end. Each patroller has
one ``Watch``: the check-in waited for, and, once one was missed, how far the chase has come (the
patroller, then the station, then the county). A sign of life ends it. A further miss while the
chase is through begins another round of it: silence in the woods may be an accident.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum, IntEnum
from zoneinfo import ZoneInfo

from alerts.season.model import DEFAULT_PERIODS, Period
from contacts.people import PATROLLING, Role

MAX_EVERY_MINUTES = 24 * 60
FORGOTTEN = timedelta(hours=24)
"""A chase still open so long after, on a day without check-ins, is over; and what nobody looked at
for so long (jiaoying was out) is not chased as if it were of today (ours)."""


EARLY = timedelta(hours=1)
"""A check-in counts for the next expected time at most so long before it (ours)."""


class Rung(IntEnum):
    """Who is told of a missed check-in, in this order; a watch keeps those told as bits."""

    PATROLLER = 1
    STATION = 2
    COUNTY = 4


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when, and how often, a check-in is expected; 0 minutes: none is (a day off)."""

    starts_at: datetime
    ends_at: datetime
    every_minutes: int


@dataclass(frozen=True, slots=True)
class ShiftRules:
    """The usual hours in the fire season, and the ladder of a missed check-in; all minutes ours.

    ``expected`` false: nobody is expected to check in unless ordered. ``None`` leaves a rung out.
    """

    expected: bool = True
    first: time = time(8)
    last: time = time(18)
    every_minutes: int = 120
    late_minutes: float = 15
    patroller_minutes: float | None = 0
    station_minutes: float | None = 15
    county_minutes: float | None = 30
    back_seconds: float = 30
    periods: tuple[Period, ...] = DEFAULT_PERIODS
    roles: frozenset[Role] = PATROLLING
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @property
    def late(self) -> timedelta:
        """How long after its time a check-in is still on time."""
        return timedelta(minutes=self.late_minutes)

    @property
    def rungs(self) -> tuple[tuple[Rung, timedelta], ...]:
        """Who is told, and how long after a check-in was missed."""
        minutes = (
            (Rung.PATROLLER, self.patroller_minutes),
            (Rung.STATION, self.station_minutes),
            (Rung.COUNTY, self.county_minutes),
        )
        return tuple((rung, timedelta(minutes=m)) for rung, m in minutes if m is not None)


@dataclass(frozen=True, slots=True)
class Watch:
    """How one patroller stands: ``times`` is what the plan expects, yesterday and today.

    ``missed_at`` is the first check-in missed since the last sign of life, ``round_at`` the one
    from which ``steps`` counts, ``told`` everybody told since, ``back_at`` a sign of life that
    those told have not heard of.
    """

    person_id: int
    plan: str = ""
    expected_at: datetime | None = None
    missed_at: datetime | None = None
    missed: int = 0
    round_at: datetime | None = None
    steps: int = 0
    told: int = 0
    back_at: datetime | None = None
    times: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Advance:
    """What a look at a watch found: as it stands now, whom to tell, what was missed just now."""

    watch: Watch
    tell: tuple[Rung, ...] = ()
    missed: tuple[datetime, ...] = ()


class Timing(Enum):
    """How a check-in stands to the plan."""

    ON_TIME = "on_time"
    LATE = "late"
    EXTRA = "extra"  # between two check-ins: welcome, and the next is still expected
    UNPLANNED = "unplanned"  # none is expected


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign of life taken into account; ``ended`` a chase, of which ``told`` had heard."""

    watch: Watch
    timing: Timing
    late: timedelta = timedelta(0)
    ended: bool = False


def usual_shift(day: date, rules: ShiftRules) -> Shift:
    """The usual hours on a local ``day``; hours that end before they begin end the next morning."""
    starts_at = datetime.combine(day, rules.first, rules.zone)
    ends_at = datetime.combine(day, rules.last, rules.zone)
    if ends_at <= starts_at:
        ends_at = datetime.combine(day + timedelta(days=1), rules.last, rules.zone)
    return Shift(starts_at.astimezone(UTC), ends_at.astimezone(UTC), rules.every_minutes)


def check_in_times(shifts: Iterable[Shift]) -> tuple[datetime, ...]:
    """The times at which check-ins are expected, earliest first, each once."""
    found: set[datetime] = set()
    for shift in shifts:
        if shift.every_minutes <= 0:
            continue
        at = shift.starts_at
        while at <= shift.ends_at:
            found.add(at)
            at += timedelta(minutes=shift.every_minutes)
    return tuple(sorted(found))


def next_time(times: Sequence[datetime], after: datetime) -> datetime | None:
    """The first expected check-in after a moment."""
    place = bisect_right(times, after)
    return times[place] if place < len(times) else None


def opens_at(times: Sequence[datetime], expected: datetime) -> datetime:
    """From when a check-in counts for ``expected``: half the way from the one before it.

    At most ``EARLY`` before.
    """
    place = bisect_left(times, expected)
    early = EARLY
    if place and place <= len(times):
        early = min(early, (expected - times[place - 1]) / 2)
    return expected - early


def plan_key(rules: ShiftRules, now: datetime) -> str:
    """Names the plan of a local day under these rules; another key: the watches are made anew."""
    facts = (rules.expected, rules.first, rules.last, rules.every_minutes, rules.periods)
    digest = hashlib.sha256(repr((facts, sorted(role.value for role in rules.roles))).encode())
    return f"{now.astimezone(rules.zone).date()} {digest.hexdigest()[:12]}"


def planned(watch: Watch, times: tuple[datetime, ...], plan: str, now: datetime) -> Watch:
    """The watch under a new plan (a new day, other orders).

    What was expected and still is stays so; a chase goes on, but not for ever.
    """
    expected = watch.expected_at
    if expected is None or expected not in times:
        expected = next_time(times, now)
    watch = replace(watch, plan=plan, times=times, expected_at=expected)
    if not times and watch.missed_at is not None and now - watch.missed_at > FORGOTTEN:
        return replace(watch, missed_at=None, missed=0, round_at=None, steps=0, told=0)
    return watch


def due_at(watch: Watch, rules: ShiftRules, *, reachable: bool = True) -> datetime | None:
    """When the watch must be looked at again; ``None``: not before its plan changes."""
    moments = []
    if watch.expected_at is not None:
        moments.append(watch.expected_at + rules.late)
    moments.extend(at for _, at in _open_rungs(watch, rules, reachable))
    if watch.back_at is not None:
        moments.append(watch.back_at + timedelta(seconds=rules.back_seconds))
    return min(moments, default=None)


def advance(
    watch: Watch,
    rules: ShiftRules,
    now: datetime,
    *,
    reachable: bool = True,
) -> Advance:
    """Everything that is due at ``now``: check-ins that were missed, and whom to tell.

    :param reachable: whether the bot can write to the patroller; if not, the station hears at once.
    """
    watch = _forgetting(watch, rules, now - FORGOTTEN, reachable)
    missed = []
    while watch.expected_at is not None and watch.expected_at + rules.late <= now:
        at = watch.expected_at
        missed.append(at)
        through = not any(_open_rungs(watch, rules, reachable))
        watch = replace(
            watch,
            expected_at=next_time(watch.times, at),
            missed_at=watch.missed_at or at,
            missed=watch.missed + 1,
            round_at=at if watch.round_at is None or through else watch.round_at,
            steps=0 if through else watch.steps,
        )
    tell = tuple(rung for rung, at in _open_rungs(watch, rules, reachable) if at <= now)
    for rung in tell:
        watch = replace(watch, steps=watch.steps | rung, told=watch.told | rung)
    return Advance(watch, tell, tuple(missed))


def seen(watch: Watch, at: datetime, rules: ShiftRules) -> Seen:
    """A sign of life at ``at``: ends a chase of anything before, meets what is expected by then.

    A position that was long on its way counts for the moment it was taken.
    """
    times = watch.times
    ended = watch.missed_at is not None and at >= opens_at(times, watch.missed_at)
    waited_for = watch.missed_at if ended else watch.expected_at
    timing, late = Timing.EXTRA, timedelta(0)
    if waited_for is None:
        timing = Timing.UNPLANNED if not times else Timing.EXTRA
    elif at > waited_for + rules.late:
        timing, late = Timing.LATE, at - waited_for
    elif at >= opens_at(times, waited_for):
        timing = Timing.ON_TIME
    expected = watch.expected_at
    while expected is not None and at >= opens_at(times, expected):
        expected = next_time(times, expected)
    watch = replace(watch, expected_at=expected)
    if ended:
        heard = watch.told & (Rung.STATION | Rung.COUNTY)
        watch = replace(
            watch,
            missed_at=None,
            missed=0,
            round_at=None,
            steps=0,
            told=heard,
            back_at=at if heard else None,
        )
    return Seen(watch, timing, late, ended)


def _forgetting(watch: Watch, rules: ShiftRules, before: datetime, reachable: bool) -> Watch:
    """Without what was due before that moment: nobody is told of it any more."""
    expected, steps = watch.expected_at, watch.steps
    while expected is not None and expected + rules.late < before:
        expected = next_time(watch.times, expected)
    for rung, at in _open_rungs(watch, rules, reachable):
        if at < before:
            steps |= rung
    return replace(watch, expected_at=expected, steps=steps)


def _open_rungs(
    watch: Watch, rules: ShiftRules, reachable: bool
) -> tuple[tuple[Rung, datetime], ...]:
    """The rungs of the running round not climbed yet, and when each is due."""
    if watch.round_at is None or watch.missed_at is None:
        return ()
    start = watch.round_at + rules.late
    return tuple(
        (rung, start if rung is Rung.STATION and not reachable else start + after)
        for rung, after in rules.rungs
        if not watch.steps & rung and (reachable or rung is not Rung.PATROLLER)
    )
