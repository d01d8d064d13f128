"""When a task is looked at again, and what is due then. Pure.

Like the ladder of a call, in hours instead of minutes: whoever has it is reminded, then the tier
above hears of it, then the next above that. The rungs shrink with the term: what is owed within
half an hour is reminded of after a quarter, and climbs every half hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from alerts.loop.tasks.model import Step, TaskState

SHORTEST = timedelta(minutes=5)
"""Between two rungs, however short the term (ours)."""


@dataclass(frozen=True, slots=True)
class TaskRules:
    """The times of the ladder (``[tasks]``); ours."""

    take: timedelta = timedelta(hours=2)  # nobody has taken it: a quarter of the term, at most this
    remind: timedelta = timedelta(hours=24)  # before the deadline: half of the term, at most this
    overdue: timedelta = timedelta(hours=1)  # after it the tier above hears of it
    climb: timedelta = timedelta(hours=4)  # and the next tier, and the next
    repeat: timedelta = timedelta(hours=24)  # and the top again
    check: timedelta = timedelta(hours=24)  # submitted, not checked


class OnLadder(Protocol):
    """A task, of which the ladder looks at this."""

    @property
    def state(self) -> TaskState: ...
    @property
    def since_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def supervised_at(self) -> datetime | None: ...
    @property
    def next_step(self) -> Step | None: ...
    @property
    def next_due_at(self) -> datetime | None: ...
    @property
    def climbed(self) -> int: ...


def first_due(task: OnLadder, rules: TaskRules, now: datetime) -> tuple[Step, datetime] | None:
    """What is due first from now on of a task that was just made, taken, prolonged or sent back."""
    if task.state.ended:
        return None
    if task.state is TaskState.SUBMITTED:
        return Step.CHECK, max(task.submitted_at or now, task.since_at) + rules.check
    ahead = [(step, at) for step, at in _before(task, rules) if at > now]
    return ahead[0] if ahead else (Step.ABOVE, max(_above(task, rules), now))


def step_due(task: OnLadder, rules: TaskRules, now: datetime) -> Step | None:
    """The step to take now: of several that went by meanwhile, only the last before the climb."""
    step, at = task.next_step, task.next_due_at
    if step is None or at is None or at > now:
        return None
    if step is Step.TAKE or step is Step.REMIND:
        term = task.due_at - task.since_at
        if task.due_at <= now:
            return Step.DUE
        return Step.REMIND if task.due_at - min(rules.remind, term / 2) <= now else step
    return step


def following(
    task: OnLadder, step: Step, tiers_above: int, rules: TaskRules, now: datetime
) -> tuple[Step, datetime, int]:
    """After ``step`` was taken: the next one, when, and how many tiers have been told by then.

    :param tiers_above: how many tiers there are above the post (none: its own is the top).
    """
    if step in (Step.CHECK, Step.CHECK_ABOVE):
        climbed = task.climbed + (step is Step.CHECK_ABOVE)
        return Step.CHECK_ABOVE, now + rules.check, climbed
    if step is Step.ABOVE:
        climbed = task.climbed + 1
        wait = _climb(task, rules) if climbed < max(tiers_above, 1) else rules.repeat
        return Step.ABOVE, now + wait, climbed
    term = task.due_at - task.since_at
    if step is Step.TAKE:
        return Step.REMIND, max(task.due_at - min(rules.remind, term / 2), now), task.climbed
    if step is Step.REMIND:
        return Step.DUE, max(task.due_at, now), task.climbed
    return Step.ABOVE, max(_above(task, rules), now), task.climbed


def _before(task: OnLadder, rules: TaskRules) -> list[tuple[Step, datetime]]:
    """The steps up to the deadline, in order."""
    term = task.due_at - task.since_at
    steps = [
        (Step.REMIND, task.due_at - min(rules.remind, term / 2)),
        (Step.DUE, task.due_at),
    ]
    if task.state is TaskState.OPEN:
        steps.insert(0, (Step.TAKE, task.since_at + min(rules.take, term / 4)))
    return steps


def _above(task: OnLadder, rules: TaskRules) -> datetime:
    term = task.due_at - task.since_at
    if task.supervised_at is not None:
        return task.due_at + SHORTEST
    return task.due_at + max(min(rules.overdue, term), SHORTEST)


def _climb(task: OnLadder, rules: TaskRules) -> timedelta:
    term = task.due_at - task.since_at
    wait = max(min(rules.climb, term), SHORTEST)
    return max(wait / 2, SHORTEST) if task.supervised_at is not None else wait
