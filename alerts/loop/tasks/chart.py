"""How far the tasks of a division have got, as rows of a chart. Pure.

A row for each of the five lists, and one for each division of the tier below: struck off, submitted
and waiting to be checked, under way, late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.loop.tasks.model import TaskList, TaskState
from contacts.divisions.codes import CODE_LENGTH, Tier, tier_of

DAYS = 30
"""What was struck off is counted for so long (ours): a chart of years hides what is late now."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Numbers of tasks; they add up to ``every``."""

    done: int = 0
    submitted: int = 0
    going: int = 0  # open or taken, and not late
    late: int = 0

    @property
    def every(self) -> int:
        """All of them."""
        return self.done + self.submitted + self.going + self.late

    @property
    def percent(self) -> int:
        """Struck off, of all; 99.6 is not all of them."""
        return 100 * self.done // self.every if self.every else 0

    def __add__(self, other: Bar) -> Bar:
        return Bar(
            self.done + other.done,
            self.submitted + other.submitted,
            self.going + other.going,
            self.late + other.late,
        )


@dataclass(frozen=True, slots=True)
class TaskChart:
    """The chart of one division. ``by_division``: those below, and itself; the latest first."""

    division_code: str
    whole: Bar
    by_list: Mapping[TaskList, Bar]
    by_division: tuple[tuple[str, Bar], ...]


Counted = tuple[str, TaskList, TaskState, int, int]
"""Division of the post, list, state, how many, how many of these are late."""


def task_chart(division_code: str, counted: Iterable[Counted]) -> TaskChart:
    """The chart of a division from what was counted in it and below."""
    below = tier_of(division_code).below or Tier.VILLAGE
    by_list: dict[TaskList, Bar] = {}
    by_division: dict[str, Bar] = {}
    for code, in_list, state, number, late in counted:
        bar = _bar(state, number, late)
        by_list[in_list] = by_list.get(in_list, Bar()) + bar
        at = code if code == division_code else _upto(code, below)
        by_division[at] = by_division.get(at, Bar()) + bar
    rows = [(code, bar) for code, bar in by_division.items() if bar.every]
    rows.sort(key=lambda row: (-row[1].late, row[1].percent, row[0]))
    lists = {one: by_list[one] for one in TaskList if one in by_list and by_list[one].every}
    return TaskChart(division_code, sum(lists.values(), Bar()), lists, tuple(rows))


def _upto(code: str, tier: Tier) -> str:
    """The division of the tier, or above it, that the code lies in."""
    return code[: tier.digits].ljust(CODE_LENGTH, "0")


def _bar(state: TaskState, number: int, late: int) -> Bar:
    if state is TaskState.STRUCK_OFF:
        return Bar(done=number)
    if state is TaskState.SUBMITTED:
        return Bar(submitted=number)
    if state is TaskState.WITHDRAWN:
        return Bar()
    return Bar(going=number - late, late=late)
