"""A task's life and ladder: whatever people press in whatever order, its rules hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.loop.tasks import lifecycle
from alerts.loop.tasks.ladder import SHORTEST, TaskRules, first_due, following, step_due
from alerts.loop.tasks.model import (
    Evidence,
    NewTask,
    Responsible,
    Step,
    Task,
    TaskList,
    TaskProblem,
    TaskState,
)
from alerts.outbox.task_messages import TaskWord
from bot.messages.tasks import still_true
from contacts.people import Role
from data.errors import Conflict, InvalidInput, JiaoyingError
from tests.every_case import hold_for_every

NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
POST = Responsible("222403101000", Role.DIRECTOR)
RULES = TaskRules()


def a_task(
    term: timedelta = timedelta(days=3), evidence: frozenset[Evidence] = frozenset()
) -> Task:
    return Task(
        1,
        TaskList.TASK,
        "修涵洞",
        POST.division_code,
        POST,
        TaskState.OPEN,
        NOW,
        NOW,
        NOW + term,
        evidence=evidence,
    )


ACTS = {
    "take": lambda task, by, now: lifecycle.taken(task, by, now),
    "submit": lambda task, by, now: lifecycle.submitted(task, by, {Evidence.PHOTO}, now),
    "strike": lambda task, by, now: lifecycle.struck_off(task, by, 0, now),
    "back": lambda task, by, now: lifecycle.sent_back(
        task, by, "没有拍全", now, still_there=True, due_at=max(task.due_at, now + SHORTEST)
    ),
    "ask": lambda task, by, now: lifecycle.extension_asked(
        task, by, max(task.due_at, now) + timedelta(days=1), now
    ),
    "grant": lambda task, by, now: lifecycle.extension_decided(task, by, now, granted=True),
    "refuse": lambda task, by, now: lifecycle.extension_decided(task, by, now, granted=False),
    "watch": lambda task, by, now: lifecycle.supervised(task, by, now, on=True),
    "withdraw": lambda task, by, now: lifecycle.withdrawn(task, by, now),
}

acts = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 3), st.integers(0, 60)), max_size=25
)


@given(acts)
def test_whatever_is_pressed_a_second_person_strikes_off_and_an_end_stays(
    pressed: list[tuple[str, int, int]],
) -> None:
    task, now = a_task(evidence=frozenset({Evidence.PHOTO})), NOW
    for name, by, hours in pressed:
        now += timedelta(hours=hours)
        before = task
        try:
            task = ACTS[name](task, by, now)
        except JiaoyingError:
            continue
        assert not before.state.ended
        assert task.due_at > task.since_at
        if task.state is TaskState.STRUCK_OFF:
            assert before.state is TaskState.SUBMITTED
            assert task.ended_by not in (task.submitted_by, task.taken_by)
        if task.state is TaskState.SUBMITTED:
            assert task.asked_until is None
        if task.state in (TaskState.TAKEN, TaskState.SUBMITTED):
            assert task.taken_by is not None
        # Whatever runs is looked at again; whatever has ended never is.
        assert (first_due(task, RULES, now) is None) is task.state.ended


@given(
    st.integers(1, 60 * 24 * 400),
    st.integers(0, 4),
    st.booleans(),
    st.lists(st.integers(1, 60 * 48), max_size=12),
)
def test_the_ladder_goes_on_forwards_and_never_stops(
    minutes: int, tiers: int, supervised: bool, sweeps: list[int]
) -> None:
    """However late and however seldom somebody sweeps."""
    task, now = a_task(timedelta(minutes=minutes)), NOW
    if supervised:
        task = lifecycle.supervised(task, 9, now, on=True)
    due = first_due(task, RULES, now)
    assert due is not None
    task = lifecycle.replace(task, next_step=due[0], next_due_at=due[1])
    taken: list[Step] = []
    for wait in sweeps:
        assert task.next_due_at is not None
        now = max(now, task.next_due_at) + timedelta(minutes=wait - 1)
        step = step_due(task, RULES, now)
        assert step is not None
        if step is Step.ABOVE:
            assert now >= task.due_at
        else:
            assert step not in taken
        taken.append(step)
        step_after, at, climbed = following(task, step, tiers, RULES, now)
        assert at >= now
        assert step_after is not Step.ABOVE or step is not Step.ABOVE or at > now
        assert climbed == taken.count(Step.ABOVE)
        task = lifecycle.replace(task, next_step=step_after, next_due_at=at, climbed=climbed)


def test_the_times_of_a_ladder() -> None:
    def times(term: timedelta, most: int = 6) -> list[tuple[str, float]]:
        task, found = a_task(term), []
        due = first_due(task, RULES, NOW)
        assert due is not None
        step, at = due
        for _ in range(most):
            found.append((step.value, (at - NOW) / timedelta(hours=1)))
            step, at, climbed = following(task, step, 4, RULES, at)
            task = lifecycle.replace(task, climbed=climbed)
        return found

    assert times(timedelta(days=3)) == [
        ("take", 2), ("remind", 48), ("due", 72), ("above", 73), ("above", 77), ("above", 81),
    ]  # fmt: skip
    assert times(timedelta(minutes=30), 5) == [
        ("take", 0.125), ("remind", 0.25), ("due", 0.5), ("above", 1.0), ("above", 1.5),
    ]  # fmt: skip


def test_what_cannot_be_made_or_done() -> None:
    taken = lifecycle.taken(a_task(), 1, NOW)
    done = lifecycle.submitted(taken, 1, (), NOW)
    off = lifecycle.struck_off(done, 2, 0, NOW)
    over = lifecycle.replace(
        lifecycle.withdrawn(lifecycle.replace(taken, ends_with_alert=True, alert_id=7), None, NOW)
    )
    asked = lifecycle.extension_asked(taken, 1, NOW + timedelta(days=9), NOW)
    later = NOW + timedelta(days=1)

    def new(title: str = "修涵洞", hours: float = 1) -> NewTask:
        return lifecycle.check_new(NewTask(title, NOW + timedelta(hours=hours), POST), NOW)

    def back(reason: str) -> Task:
        return lifecycle.sent_back(done, 2, reason, NOW, still_there=True, due_at=later)

    cases = {
        TaskProblem.NO_TITLE: lambda: new(" \n "),
        TaskProblem.TOO_LONG: lambda: new("长" * 121),
        TaskProblem.PAST: lambda: new(hours=0),
        TaskProblem.TOO_FAR: lambda: new(hours=24 * 365 * 11),
        TaskProblem.TAKEN: lambda: lifecycle.taken(taken, 2, NOW),
        TaskProblem.SUBMITTED: lambda: lifecycle.taken(done, 1, NOW),
        TaskProblem.NO_EVIDENCE: lambda: lifecycle.submitted(
            a_task(evidence=frozenset({Evidence.PHOTO})), 1, {Evidence.POSITION}, NOW
        ),
        TaskProblem.NOT_SUBMITTED: lambda: lifecycle.struck_off(taken, 2, 0, NOW),
        TaskProblem.SAME_PERSON: lambda: lifecycle.struck_off(done, 1, 0, NOW),
        TaskProblem.CHILDREN_OPEN: lambda: lifecycle.struck_off(done, 2, 3, NOW),
        TaskProblem.NO_REASON: lambda: back("  "),
        TaskProblem.ENDED: lambda: lifecycle.withdrawn(off, 2, NOW),
        TaskProblem.WITH_WARNING: lambda: lifecycle.taken(over, 1, NOW),
        TaskProblem.NOT_LATER: lambda: lifecycle.extension_asked(taken, 1, later, NOW),
        TaskProblem.NOT_ASKED: lambda: lifecycle.extension_decided(taken, 2, NOW, granted=True),
    }

    def refused(problem: TaskProblem) -> None:
        with pytest.raises((Conflict, InvalidInput)) as error:
            cases[problem]()
        assert error.value.code is problem

    hold_for_every(cases, refused)
    with pytest.raises(Conflict):
        lifecycle.extension_decided(asked, 1, NOW, granted=True)
    assert back("没有拍全").state is TaskState.TAKEN
    gone = lifecycle.sent_back(done, 2, "没有拍全", NOW, still_there=False, due_at=later)
    assert gone.state is TaskState.OPEN
    assert gone.taken_by is None


def test_a_reminder_that_left_late_says_nothing_that_is_not_so_any_more() -> None:
    """It may have waited through an outage: a deadline that has passed is not near."""
    task = a_task(timedelta(days=1))
    taken = lifecycle.taken(task, 1, NOW)
    before, after = NOW + timedelta(hours=20), NOW + timedelta(hours=30)

    def check(case: tuple[TaskWord, Task, datetime, bool]) -> None:
        why, about, now, true = case
        assert still_true(about, why, now) is true

    hold_for_every(
        [
            (TaskWord.TAKE, task, before, True),
            (TaskWord.TAKE, task, after, False),
            (TaskWord.TAKE, taken, before, False),
            (TaskWord.REMIND, taken, before, True),
            (TaskWord.REMIND, taken, after, False),
            (TaskWord.DUE, taken, after, True),
            (TaskWord.DUE, taken, before, False),  # it was prolonged meanwhile
            (TaskWord.OVERDUE, taken, before, False),
            (TaskWord.NEW, taken, after, True),
        ],
        check,
    )
