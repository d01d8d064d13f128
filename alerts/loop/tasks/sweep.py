"""The sweep: which tasks have something due, and doing it; a thousand in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from alerts.loop.tasks import event_store, lifecycle, store, sweep_store
from alerts.loop.tasks.acting import record, with_ladder
from alerts.loop.tasks.ladder import TaskRules, first_due, following, step_due
from alerts.loop.tasks.model import Step, TaskEventKind, TaskState
from alerts.loop.tasks.sweep_store import DueTask
from alerts.loop.tasks.telling import Told, ask_checks, take_buttons
from alerts.loop.tasks.whose import Whose, rung_division, tiers_above, whose_many
from alerts.model import IN_FORCE, State
from alerts.outbox.task_messages import TaskWord
from contacts import people_store
from contacts.access import may_take_charge
from contacts.duty_store import officers_above_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

CHUNK = 1000
"""Tasks looked at in one transaction: small enough that a tap never waits long for the writer."""

_WORDS = {
    Step.TAKE: TaskWord.TAKE,
    Step.REMIND: TaskWord.REMIND,
    Step.DUE: TaskWord.DUE,
    Step.ABOVE: TaskWord.OVERDUE,
}
_KINDS = {
    Step.ABOVE: TaskEventKind.OVERDUE,
    Step.CHECK: TaskEventKind.UNCHECKED,
    Step.CHECK_ABOVE: TaskEventKind.UNCHECKED,
}
_REMINDED = f"task.{TaskEventKind.REMINDED.value}"
_RUNS = frozenset(state.value for state in (State.PENDING, *IN_FORCE))


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``run_due`` would find something to do."""
    return sweep_store.any_due(connection, now)


def run_due(connection: Connection, rules: TaskRules, now: datetime, *, limit: int = CHUNK) -> int:
    """Take the steps that are due of at most ``limit`` tasks; returns of how many.

    Idempotent: a step taken is written in the same transaction.
    """
    looked = sweep_store.due(connection, now, limit)
    if not looked:
        return 0
    steps = {task.id: step for task in looked if (step := step_due(task, rules, now)) is not None}
    owed = [task for task in looked if task.state is not TaskState.SUBMITTED]
    theirs = whose_many(connection, owed, now)
    climbing = [task for task in looked if steps.get(task.id) in _KINDS]
    above = _above(connection, climbing, now)
    told, asked = Told(), {}
    moves, events, entries = [], [], []
    reminded: defaultdict[Step, list[int]] = defaultdict(list)
    for task in looked:
        step = steps.get(task.id)
        if step is None:  # written by hand, or of an earlier release: set anew
            again, at = first_due(task, rules, now) or (None, None)
            moves.append((task.id, again, at, task.climbed, False))
            continue
        whose = theirs.get(task.id, _NOBODY)
        officers = above.get(task.id, ())
        if step in _WORDS:
            told.tell(task.id, whose, _WORDS[step])
        if step is Step.CHECK:
            asked[task.id] = officers
        elif step in _KINDS:
            told.tell_above(task.id, officers, unchecked=step is Step.CHECK_ABOVE)
        tiers = tiers_above(task.responsible.division_code) if step is Step.ABOVE else 0
        next_step, at, climbed = following(task, step, tiers, rules, now)
        moves.append((task.id, next_step, at, climbed, whose.left))
        detail = _detail(step, whose, officers)
        kind = _KINDS.get(step, TaskEventKind.REMINDED)
        events.append((task.id, kind, detail))
        if whose.left:
            left: dict[str, object] = {"why": "left", "had": task.taken_by}
            events.append((task.id, TaskEventKind.HANDED_OVER, left))
        if kind is TaskEventKind.REMINDED:
            reminded[step].append(task.id)
        else:
            entries.append(Entry(f"task.{kind.value}", f"task:{task.id}", None, detail))
    # A reminder changes nothing: one line of the trail for all; who got it is in the histories.
    for step, ids in reminded.items():
        entries.append(Entry(_REMINDED, "tasks", None, {"step": step.value, "tasks": ids}))
    sweep_store.move_on(connection, moves)
    event_store.add_steps(connection, events, now)
    told.queue(connection, now)
    ask_checks(connection, asked, now)
    append(connection, now, entries)
    return len(looked)


def ended_warnings(connection: Connection, _now: datetime) -> bool:
    """Whether ``end_with_warnings`` would find something to do."""
    return bool(store.ending_with(connection, _RUNS, 1))


def end_with_warnings(connection: Connection, now: datetime, *, limit: int = CHUNK) -> int:
    """Withdraw what was owed for warnings that are over; returns how many."""
    over = store.ending_with(connection, _RUNS, limit)
    told = Told()
    theirs = whose_many(connection, over, now)
    for task in over:
        ended = with_ladder(lifecycle.withdrawn(task, None, now), TaskRules(), now)
        detail = {"why": "warning_over", "alert": task.alert_id}
        record(connection, ended, TaskEventKind.WITHDRAWN, None, now, detail=detail)
        if task.state is not TaskState.OPEN:  # who never took it on need not hear
            told.tell(task.id, Whose(theirs[task.id].told), TaskWord.WITHDRAWN)
    take_buttons(connection, over, now)
    told.queue(connection, now)
    return len(over)


_NOBODY = Whose(())


def _above(
    connection: Connection, tasks: Collection[DueTask], now: datetime
) -> dict[int, list[Person]]:
    """The officers of the next tier for each; at the first rung whoever gave it, too.

    Nobody who has it, or did it, is told that it is not done, or asked whether it is.
    """
    if not tasks:
        return {}
    rungs = {task.id: rung_division(task.responsible.division_code, task.climbed) for task in tasks}
    officers = officers_above_many(connection, set(rungs.values()), now)
    given = people_store.people(
        connection, {task.created_by for task in tasks if task.created_by is not None}
    )
    found: dict[int, list[Person]] = {}
    for task in tasks:
        did = {task.taken_by, task.submitted_by}
        told = {person.id: person for person in officers[rungs[task.id]] if person.id not in did}
        giver = given.get(task.created_by or 0)
        first = task.climbed == 0 and giver is not None and giver.id not in did
        if first and giver is not None and _in_charge(giver, task):
            told.setdefault(giver.id, giver)
        found[task.id] = list(told.values())
    return found


def _in_charge(person: Person, task: DueTask) -> bool:
    return person.reachable and may_take_charge(person, task.responsible.division_code).allowed


def _detail(step: Step, whose: Whose, officers: Iterable[Person]) -> dict[str, object]:
    told = [person.id for person in (*(whose.told if step in _WORDS else ()), *officers)]
    detail: dict[str, object] = {"step": step.value, "told": told}
    if whose.handed_over:
        detail["why"] = "vacant" if whose.vacant else "out_of_reach"
    return detail
