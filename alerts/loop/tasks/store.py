"""Tasks as rows: made, read by whose they are or where, changed one by one or by the thousand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from alerts.loop.tasks.model import (
    UNFINISHED,
    Cause,
    CauseKind,
    Evidence,
    NewTask,
    Responsible,
    Step,
    Task,
    TaskList,
    TaskState,
)
from contacts.divisions.codes import code_range
from contacts.people import Person, Role
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts
from data.tables.columns import constant
from data.tables.contacts import people
from data.tables.tasks import tasks as table

_C = table.c
STATES = {state.value: state for state in TaskState}
LISTS = {kind.value: kind for kind in TaskList}
STEPS: dict[str | None, Step | None] = {None: None, **{step.value: step for step in Step}}
ROLES = {role.value: role for role in Role}
_NO_EVIDENCE: frozenset[Evidence] = frozenset()

# As text, so that the planner sees that the indexes of what is open hold them all.
OPEN: ColumnElement[bool] = _C.state.in_([constant(state.value) for state in UNFINISHED])
OWED: ColumnElement[bool] = _C.state.in_(
    [constant(TaskState.OPEN.value), constant(TaskState.TAKEN.value)]
)

_ADD = insert(table).returning(_C.id)
_ADD_MANY = insert(table).returning(_C.id, sort_by_parameter_order=True)
_BY_ID = select(table).where(_C.id == bindparam("key"))
_BY_IDS = select(table).where(_C.id.in_(GIVEN_IDS))


def add(connection: Connection, new: NewTask, now: datetime) -> int:
    """Store a new task that nothing is due of yet; its id."""
    return int(connection.execute(_ADD, new_values(new, now)).scalar_one())


def add_many(connection: Connection, new: Sequence[NewTask], now: datetime) -> list[int]:
    """Store many; their ids, in their order."""
    if not new:
        return []
    rows = [new_values(one, now) for one in new]
    return list(connection.execute(_ADD_MANY, rows).scalars())


def new_values(new: NewTask, now: datetime) -> dict[str, Any]:
    """The columns of a new task."""
    cause = new.cause
    return {
        "in_list": new.in_list.value,
        "title": new.title,
        "measure": new.measure,
        "division_code": new.division_code or new.responsible.division_code,
        "place_code": new.place_code,
        "lon": new.lon,
        "lat": new.lat,
        "responsible_division": new.responsible.division_code,
        "responsible_role": new.responsible.role.value,
        "responsible_place": new.responsible.place_code,
        "responsible_id": new.responsible.person_id,
        "evidence": as_words(new.evidence),
        "state": TaskState.OPEN.value,
        "created_by": new.created_by,
        "created_at": now,
        "since_at": now,
        "due_at": new.due_at,
        "alert_id": new.alert_id,
        "ends_with_alert": new.ends_with_alert,
        "cause_kind": None if cause is None else cause.kind.value,
        "cause_id": None if cause is None else cause.id,
        "parent_id": new.parent_id,
        "template": new.template,
        "template_version": new.template_version,
        "made_for": new.made_for,
    }


def unmade(new: NewTask, now: datetime) -> Task:
    """A task as it would be, before it is stored: to see whose it is."""
    return Task(
        0,
        new.in_list,
        new.title,
        new.division_code or new.responsible.division_code,
        new.responsible,
        TaskState.OPEN,
        now,
        now,
        new.due_at,
    )


def save(connection: Connection, task: Task) -> None:
    """Write what a task has become: everything of it but its id and by whom it was made."""
    values = {
        "in_list": task.in_list.value,
        "title": task.title,
        "measure": task.measure,
        "division_code": task.division_code,
        "place_code": task.place_code,
        "lon": task.lon,
        "lat": task.lat,
        "responsible_division": task.responsible.division_code,
        "responsible_role": task.responsible.role.value,
        "responsible_place": task.responsible.place_code,
        "responsible_id": task.responsible.person_id,
        "evidence": as_words(task.evidence),
        "template_version": task.template_version,
        "state": task.state.value,
        "since_at": task.since_at,
        "due_at": task.due_at,
        "taken_by": task.taken_by,
        "taken_at": task.taken_at,
        "submitted_by": task.submitted_by,
        "submitted_at": task.submitted_at,
        "ended_by": task.ended_by,
        "ended_at": task.ended_at,
        "asked_until": task.asked_until,
        "asked_by": task.asked_by,
        "supervised_by": task.supervised_by,
        "supervised_at": task.supervised_at,
        "parent_id": task.parent_id,
        "next_step": None if task.next_step is None else task.next_step.value,
        "next_due_at": task.next_due_at,
        "climbed": task.climbed,
    }
    connection.execute(update(table).where(_C.id == task.id).values(values))


def task(connection: Connection, task_id: int, *, lock: bool = False) -> Task | None:
    """The task of this number."""
    query = _BY_ID.with_for_update() if lock else _BY_ID
    row = connection.execute(query, {"key": task_id}).first()
    return None if row is None else as_task(row)


def tasks(connection: Connection, ids: Iterable[int]) -> dict[int, Task]:
    """Tasks by number; unknown numbers are left out."""
    rows = connection.execute(_BY_IDS, {"ids": as_json(set(ids))})
    return {row.id: as_task(row) for row in rows}


def of_person(connection: Connection, person: Person) -> list[Task]:
    """What a person has taken, is named for, or owes by one of their posts; the soonest first.

    What another has taken is theirs no more, unless the other has left.
    """
    posts = [
        and_(
            _C.responsible_division == post.division_code,
            _C.responsible_role == post.role.value,
            _C.responsible_place.in_(("", post.place_code)),
        )
        for post in person.posts
    ]
    left = _C.taken_by.in_(select(people.c.id).where(~people.c.active))
    theirs = or_(
        _C.taken_by == person.id,
        and_(or_(_C.taken_by.is_(None), left), or_(_C.responsible_id == person.id, *posts)),
    )
    return _listed(connection, OPEN, theirs)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks are listed: in these states, of this list, overdue then, under supervision."""

    states: Collection[TaskState] = UNFINISHED
    in_list: TaskList | None = None
    overdue_at: datetime | None = None
    supervised: bool = False


def within(
    connection: Connection,
    codes: Iterable[str],
    *,
    states: Collection[TaskState] = UNFINISHED,
    in_list: TaskList | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Task]:
    """Those of the posts of these divisions and all below; the soonest due first."""
    conditions = _wanted(codes, Wanted(states, in_list))
    return _listed(connection, *conditions, limit=limit, offset=offset)


def page_within(
    connection: Connection, codes: Iterable[str], wanted: Wanted, limit: int, offset: int
) -> list[Task]:
    """A page of them: those under supervision first, then the soonest due."""
    watched = case((_C.supervised_at.is_not(None), 0), else_=1)
    query = select(table).where(*_wanted(codes, wanted)).order_by(watched, _C.due_at, _C.id)
    return [as_task(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count_within(connection: Connection, codes: Iterable[str], wanted: Wanted) -> int:
    """How many there are."""
    query = select(func.count()).select_from(table).where(*_wanted(codes, wanted))
    return int(connection.execute(query).scalar_one())


def overdue_within(
    connection: Connection, codes: Iterable[str], now: datetime, limit: int | None = None
) -> list[Task]:
    """Those that should have been done, the longest overdue first."""
    return _listed(connection, *_wanted(codes, Wanted(overdue_at=now)), limit=limit)


def _wanted(codes: Iterable[str], wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [inside(codes), _C.state.in_([constant(state.value) for state in wanted.states])]
    if wanted.in_list is not None:
        conditions.append(_C.in_list == wanted.in_list.value)
    if wanted.overdue_at is not None:
        conditions += [OWED, _C.due_at <= wanted.overdue_at]
    if wanted.supervised:
        conditions.append(_C.supervised_at.is_not(None))
    return conditions


def of_alert(connection: Connection, alert_id: int, *, unfinished: bool = False) -> list[Task]:
    """The tasks that were made for a warning."""
    conditions = [_C.alert_id == alert_id]
    return _listed(connection, *([*conditions, OPEN] if unfinished else conditions))


def of_cause(connection: Connection, cause: Cause) -> Task | None:
    """The task that was made of this, if it was."""
    query = select(table).where(_C.cause_kind == cause.kind.value, _C.cause_id == cause.id)
    row = connection.execute(query.order_by(_C.id).limit(1)).first()
    return None if row is None else as_task(row)


def made_already(
    connection: Connection, alert_id: int, keys: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Of these keys of a warning's tasks (``NewTask.key``) those that were made."""
    query = select(_C.template, _C.made_for).where(*_by_keys(alert_id, keys))
    return {(template, post) for template, post in connection.execute(query)}


def withdrawn_by_itself(
    connection: Connection, alert_id: int, keys: Iterable[tuple[str, str]]
) -> list[Task]:
    """Those of these keys that no person withdrew, but what became of the warning."""
    withdrawn = _C.state == TaskState.WITHDRAWN.value
    return _listed(connection, *_by_keys(alert_id, keys), withdrawn, _C.ended_by.is_(None))


def _by_keys(alert_id: int, keys: Iterable[tuple[str, str]]) -> tuple[ColumnElement[bool], ...]:
    """Wider than the keys where several templates are for several posts: only these are looked for
    among what is found."""
    pairs = set(keys)
    return (
        _C.alert_id == alert_id,
        _C.template.in_(sorted({template for template, _post in pairs})),
        _C.made_for.in_(sorted({post for _template, post in pairs})),
    )


def made_for(connection: Connection, alert_id: int, codes: Collection[str]) -> list[Task]:
    """What posts of these divisions owe for a warning by templates, and has not ended."""
    return _listed(
        connection,
        _C.alert_id == alert_id,
        _C.ends_with_alert,
        OPEN,
        _C.template != "",
        _C.responsible_division.in_(sorted(codes)),
    )


def divisions_owing(connection: Connection, alert_id: int, after: str, limit: int) -> list[str]:
    """The divisions of ``made_for``, in order, after the one of that code."""
    query = (
        select(_C.responsible_division)
        .where(
            _C.alert_id == alert_id,
            _C.ends_with_alert,
            OPEN,
            _C.template != "",
            _C.responsible_division > after,
        )
        .group_by(_C.responsible_division)
        .order_by(_C.responsible_division)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def by_template(connection: Connection, alert_id: int, key: tuple[str, str]) -> Task | None:
    """The task of this key (``NewTask.key``) that was made for a warning."""
    found = _listed(connection, *_by_keys(alert_id, [key]))
    return found[0] if found else None


def ending_with(connection: Connection, states: Collection[str], limit: int) -> list[Task]:
    """Tasks not ended whose warning is in none of ``states`` any more, if they end with it."""
    given = {"states": sorted(states), "most": limit}
    return [as_task(row) for row in connection.execute(_ENDING, given)]


_ENDING = (
    select(table)
    .where(
        _C.ends_with_alert,
        OPEN,
        exists().where(
            alerts.c.id == _C.alert_id,
            alerts.c.state.not_in(bindparam("states", expanding=True)),
        ),
    )
    .order_by(_C.due_at, _C.id)
    .limit(bindparam("most", type_=Integer))
)
"""Asked every few seconds: built once."""


def parts_of(connection: Connection, task_id: int) -> list[Task]:
    """The tasks that are part of it."""
    return _listed(connection, _C.parent_id == task_id)


def open_parts(connection: Connection, task_id: int) -> int:
    """How many tasks that are part of it have not ended."""
    query = select(func.count()).where(_C.parent_id == task_id, OPEN)
    return int(connection.execute(query).scalar_one())


def parents(connection: Connection, task_id: int) -> list[int]:
    """The task that it is part of, the one that this is part of, and so on; each once."""
    found: list[int] = []
    above: int | None = task_id
    while above is not None:
        query = select(_C.parent_id).where(_C.id == above)
        above = connection.execute(query).scalar()
        if above is None or above in found:
            break
        found.append(above)
    return found


def as_words(evidence: Collection[Evidence]) -> str:
    """Kinds of evidence as they are stored."""
    return ",".join(sorted(kind.value for kind in evidence))


def as_task(row: Any) -> Task:
    """A row of the table as a task."""
    (
        task_id,
        in_list,
        title,
        measure,
        division_code,
        place_code,
        lon,
        lat,
        responsible_division,
        responsible_role,
        place_of_post,
        responsible_id,
        evidence,
        state,
        created_by,
        created_at,
        since_at,
        due_at,
        taken_by,
        taken_at,
        submitted_by,
        submitted_at,
        ended_by,
        ended_at,
        asked_until,
        asked_by,
        supervised_by,
        supervised_at,
        alert_id,
        ends_with_alert,
        cause_kind,
        cause_id,
        parent_id,
        template,
        template_version,
        next_step,
        next_due_at,
        climbed,
        made_for,
    ) = row
    return Task(
        task_id,
        LISTS[in_list],
        title,
        division_code,
        Responsible(responsible_division, ROLES[responsible_role], place_of_post, responsible_id),
        STATES[state],
        created_at,
        since_at,
        due_at,
        measure,
        place_code,
        lon,
        lat,
        frozenset(map(Evidence, evidence.split(","))) if evidence else _NO_EVIDENCE,
        created_by,
        taken_by,
        taken_at,
        submitted_by,
        submitted_at,
        ended_by,
        ended_at,
        asked_until,
        asked_by,
        supervised_by,
        supervised_at,
        alert_id,
        ends_with_alert,
        None if cause_kind is None else Cause(CauseKind(cause_kind), cause_id),
        parent_id,
        template,
        template_version,
        STEPS[next_step],
        next_due_at,
        climbed,
        made_for,
    )


def inside(codes: Iterable[str]) -> ColumnElement[bool]:
    """The condition that the post that answers is of these divisions, or below."""
    ranges = [code_range(code) for code in codes]
    return or_(False, *(_C.responsible_division.between(low, high) for low, high in ranges))


def _listed(
    connection: Connection,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    offset: int = 0,
) -> list[Task]:
    query = select(table).where(*conditions).order_by(_C.due_at, _C.id).limit(limit).offset(offset)
    return [as_task(row) for row in connection.execute(query)]
