"""The figures of a daily report, and how they add up: over divisions, and over days. Pure.

Each figure is counted in one division only: where the call's first post is, where the fire is,
where whoever is responsible for a task sits. So a division's figure is the sum of its parts, and
nobody is counted twice on the way up.

Some are counts of what happened (``FLOWS``): those of a week are the sum of its days. Others say
how things stand at one moment (``STOCKS``): those of a week are those of its last day. And some say
how far a warning has got (``LASTING``), as it stands at the end of the day or when the warning
ended: a week has each warning once, as it stood last, however many days it was in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from contacts.divisions.codes import CODE_LENGTH, Tier, ancestors, contains, tier_of


class Figure(Enum):
    """What is counted. The values are stored: never rename one."""

    # Warnings and calls; exercises (演练) apart.
    WARNINGS = "warnings"  # released, by where their sender sits
    CALLS = "calls"  # persons asked to answer
    ANSWERED = "answered"  # who answered, or was reached otherwise, in this time
    PROXIED = "proxied"  # of them: an officer reached them
    WAITING = "waiting"  # at the end: called, not answered, the warning in force
    UNREACHABLE = "unreachable"  # of them: no message arrives
    EXERCISE_CALLS = "exercise_calls"
    EXERCISE_ANSWERED = "exercise_answered"
    # What was reported.
    REPORTS = "reports"  # calls of which something was reported
    CANNOT = "cannot"  # of them: cannot comply (无法执行)
    HELP = "help"  # of them: need help (需要支援)
    HELP_OPEN = "help_open"  # at the end: neither is settled
    HOUSEHOLDS = "households"  # moved in this time
    PERSONS = "persons"
    # Of the warnings that were in force, by their evacuation cards; in all, not in this time only.
    TARGET_HOUSEHOLDS = "target_households"  # 应转
    TARGET_PERSONS = "target_persons"
    EVACUATED_HOUSEHOLDS = "evacuated_households"  # 已转
    EVACUATED_PERSONS = "evacuated_persons"
    AWAY_HOUSEHOLDS = "away_households"  # 已在外
    AWAY_PERSONS = "away_persons"
    LEFT_HOUSEHOLDS = "left_households"  # 未转
    LEFT_PERSONS = "left_persons"
    CUT_OFF = "cut_off"  # villages found cut off (三断)
    FIELD_REPORTS = "field_reports"  # pictures and words from the spot
    DISTRESS = "distress"  # calls for help (求救)
    # Tasks (五张清单).
    TASKS_NEW = "tasks_new"
    TASKS_DUE = "tasks_due"  # whose deadline was in this time
    TASKS_DONE = "tasks_done"  # struck off
    TASKS_OPEN = "tasks_open"
    TASKS_OVERDUE = "tasks_overdue"
    TASKS_SUPERVISED = "tasks_supervised"  # 挂牌督办
    # Patrols.
    PATROLLERS = "patrollers"  # who sent a position
    POSITIONS = "positions"
    PATROL_SECONDS = "patrol_seconds"
    ROUTE_CELLS = "route_cells"  # of the routes and zones of those who were out
    ROUTE_VISITED = "route_visited"
    # Fires seen by satellites.
    HOTSPOTS = "hotspots"  # to be looked at
    HOTSPOTS_SETTLED = "hotspots_settled"  # looked at, with a verdict
    FIRES = "fires"  # of them: a forest or grassland fire
    HOTSPOTS_OPEN = "hotspots_open"
    # What should speak and does not.
    SILENT_SOURCES = "silent_sources"
    DUTY_GAPS = "duty_gaps"  # times in which nobody was on duty
    DUTY_GAP_SECONDS = "duty_gap_seconds"

    # A member is itself and equals nothing else; Enum's own hash is that of the name, in Python,
    # and a province's day asks for it a million times.
    __hash__ = object.__hash__


STOCKS = frozenset(
    {
        Figure.WAITING,
        Figure.UNREACHABLE,
        Figure.HELP_OPEN,
        Figure.TASKS_OPEN,
        Figure.TASKS_OVERDUE,
        Figure.TASKS_SUPERVISED,
        Figure.HOTSPOTS_OPEN,
        Figure.SILENT_SOURCES,
    }
)
"""How things stand at the end."""

LASTING = (
    Figure.TARGET_HOUSEHOLDS,
    Figure.TARGET_PERSONS,
    Figure.EVACUATED_HOUSEHOLDS,
    Figure.EVACUATED_PERSONS,
    Figure.AWAY_HOUSEHOLDS,
    Figure.AWAY_PERSONS,
    Figure.LEFT_HOUSEHOLDS,
    Figure.LEFT_PERSONS,
)
"""How far the warnings have got that were in force: at the end, or when they ended."""

FLOWS = (frozenset(Figure) - STOCKS).difference(LASTING)
"""What happened."""


class Slowest(NamedTuple):
    """The longest that somebody took to answer, and in which division that was."""

    seconds: int
    division_code: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a division or time; a figure that is not there is 0.

    ``answers``: how many answers took how many whole seconds: a median cannot be had from medians.
    ``over``: of the ``LASTING`` figures in ``counts``, what is of warnings that ended in this time.
    """

    counts: Mapping[Figure, int] = field(default_factory=dict)
    answers: Mapping[int, int] = field(default_factory=dict)
    slowest: Slowest | None = None
    over: Mapping[Figure, int] = field(default_factory=dict)

    def __getitem__(self, figure: Figure) -> int:
        return self.counts.get(figure, 0)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not any(self.counts.values()) and not self.answers

    @property
    def median(self) -> float | None:
        """Seconds in which half of the answers came; ``None`` without answers."""
        return median_of(self.answers)


NOTHING = Figures()


def median_of(answers: Mapping[int, int]) -> float | None:
    """The median of values of which it is said how often each is there."""
    total = sum(answers.values())
    if not total:
        return None
    low, high = (total - 1) // 2, total // 2
    found: list[int] = []
    passed = 0
    for value in sorted(answers):
        passed += answers[value]
        while len(found) < 2 and (low, high)[len(found)] < passed:
            found.append(value)
        if len(found) == 2:
            break
    return sum(found) / 2


def total(parts: Iterable[Figures]) -> Figures:
    """The sum of parts of one time: of divisions that do not overlap."""
    counts: dict[Figure, int] = {}
    answers: dict[int, int] = {}
    over: dict[Figure, int] = {}
    slowest: Slowest | None = None
    for part in parts:
        for figure, count in part.counts.items():
            counts[figure] = counts.get(figure, 0) + count
        for figure, count in part.over.items():
            over[figure] = over.get(figure, 0) + count
        for seconds, count in part.answers.items():
            answers[seconds] = answers.get(seconds, 0) + count
        slowest = _slower(slowest, part.slowest)
    counts = {figure: count for figure, count in counts.items() if count}
    over = {figure: count for figure, count in over.items() if count}
    return Figures(counts, answers, slowest, over)


def over_days(days: Iterable[Figures]) -> Figures:
    """The sum of one division over days, the earliest first: stocks are the last day's.

    Of the lasting ones that of each warning which ended, and of those which go on after the last.
    """
    found = list(days)
    if not found:
        return NOTHING
    summed = total(found)
    counts = {figure: count for figure, count in summed.counts.items() if figure in FLOWS}
    last = found[-1].counts
    counts |= {figure: count for figure, count in last.items() if figure in STOCKS}
    for figure in LASTING:
        going_on = last.get(figure, 0) - found[-1].over.get(figure, 0)
        if count := summed.over.get(figure, 0) + going_on:
            counts[figure] = count
    return Figures(counts, summed.answers, summed.slowest, summed.over)


def _slower(one: Slowest | None, other: Slowest | None) -> Slowest | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


# -- the tree ------------------------------------------------------------------------------------


Parts = Mapping[str, Figures]
"""By division: what was counted there and in nothing below that is kept apart."""

Sums = Mapping[str, Figures]
"""By division: what was counted there and in all that lies below."""


def part_of(code: str) -> str:
    """The division under which something of ``code`` is kept: a village's is its township's.

    A report compares townships at most, and eleven thousand villages a day say nothing to anybody.
    """
    return code[:_DIGITS].ljust(CODE_LENGTH, "0")


_DIGITS = Tier.TOWNSHIP.digits


def of_division(parts: Parts, code: str) -> Figures:
    """The figures of a division with all that lies below it."""
    return total(figures for part, figures in parts.items() if contains(code, part))


def summed_up(parts: Parts) -> dict[str, Figures]:
    """Each division of the parts, and each above one of them, with all that lies below it."""
    groups: dict[str, list[Figures]] = {}
    for part, figures in parts.items():
        for code in (part, *ancestors(part)):
            groups.setdefault(code, []).append(figures)
    return {code: total(found) for code, found in sorted(groups.items())}


def by_child(sums: Sums, own: Figures, code: str) -> dict[str, Figures]:
    """The figures of a division taken apart: those right below it, by code, and its ``own``.

    Their sum is the division's. What lies below a division that passes over a tier, as townships
    right below a city do, stands for itself.
    """
    found = {each: figures for each, figures in sums.items() if _is_child(code, each)}
    return found if own.empty else {code: own} | found


def _is_child(code: str, each: str) -> bool:
    return each != code and contains(code, each) and child_of(code, each) == each


def child_of(code: str, part: str) -> str:
    """The division right below ``code`` that holds ``part``; ``code`` for what is its own.

    The next tier of whose digits there are any: a township of a city without counties is its own.
    """
    below = tier_of(code).below
    while below is not None:
        child = part[: below.digits].ljust(CODE_LENGTH, "0")
        if child != code:
            return child
        below = below.below
    return code


# -- kept as JSON ----------------------------------------------------------------------------------


def to_json(figures: Figures) -> dict[str, Any]:
    """What is stored of figures; zeros are left out."""
    kept: dict[str, Any] = {
        figure.value: count for figure, count in figures.counts.items() if count
    }
    if figures.answers:
        kept["answers"] = [each for pair in sorted(figures.answers.items()) for each in pair]
    if figures.slowest is not None:
        kept["slowest"] = list(figures.slowest)
    if any(figures.over.values()):
        kept["over"] = {figure.value: count for figure, count in figures.over.items() if count}
    return kept


def from_json(kept: Mapping[str, Any]) -> Figures:
    """The figures that were stored; a figure that a later release counts is passed over."""
    flat = kept.get("answers", ())
    answers = dict(zip(flat[::2], flat[1::2], strict=True))
    slowest = kept.get("slowest")
    counts, over = _counts_in(kept), _counts_in(kept.get("over", {}))
    return Figures(counts, answers, None if slowest is None else Slowest(*slowest), over)


def _counts_in(kept: Mapping[str, Any]) -> dict[Figure, int]:
    return {_BY_VALUE[name]: count for name, count in kept.items() if name in _BY_VALUE}


_BY_VALUE = {figure.value: figure for figure in Figure}
