"""The calls of a warning to departments, as rows: looked up from the few who are liaisons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    union,
)

from alerts.calls import CallState
from alerts.loop.mechanism.standing import (
    DepartmentStanding,
    LiaisonCall,
    Owing,
    Wanted,
    standings,
    with_owing,
)
from alerts.loop.tasks.model import TaskState
from contacts.divisions.codes import LAST_CODE, Tier
from contacts.organisations import Organisation, organisation_of, place_code
from contacts.people import Role
from contacts.people_store import within
from contacts.targeting import Audience
from contacts.targeting_store import any_liaison, liaison_offices
from data.tables.alerts import call_posts, calls
from data.tables.columns import UtcDateTime, constant
from data.tables.contacts import divisions, people, posts
from data.tables.tasks import tasks

_NUMBER = {
    TaskState.OPEN.value: "open",
    TaskState.TAKEN.value: "taken",
    TaskState.SUBMITTED.value: "submitted",
    TaskState.STRUCK_OFF.value: "done",
}
_UNDONE = (TaskState.OPEN.value, TaskState.TAKEN.value)
_ALERT = bindparam("alert", type_=BigInteger)
_ROLE = constant(Role.DEPARTMENT.value)
_LIAISONS = union(
    select(people.c.id).where(people.c.role == _ROLE),
    select(posts.c.person_id).where(posts.c.role == _ROLE),
).subquery("liaison")


def _of_calls() -> Select[tuple[int, str, str, str, str]]:
    return (
        select(calls.c.id, calls.c.division_code, calls.c.place_code, people.c.name, calls.c.state)
        .join(_LIAISONS, _LIAISONS.c.id == calls.c.person_id)
        .join(people, people.c.id == calls.c.person_id)
        .where(calls.c.alert_id == _ALERT)
    )


_FIRST = _of_calls().where(calls.c.role == _ROLE)
_FURTHER = (
    _of_calls()
    .with_only_columns(
        calls.c.id,
        call_posts.c.division_code,
        call_posts.c.place_code,
        people.c.name,
        calls.c.state,
        maintain_column_froms=True,
    )
    .join(call_posts, call_posts.c.call_id == calls.c.id)
    .where(call_posts.c.role == _ROLE)
)


MOST_NAMED = 60
"""Departments of which the missing ones are named (ours): some counties' worth."""


def of_alert(
    connection: Connection,
    alert_id: int,
    now: datetime,
    low: str = "",
    high: str = LAST_CODE,
) -> list[DepartmentStanding]:
    """The departments that a warning called in the divisions of ``[low, high]``, with what each
    owes at the time ``now``."""
    found = called(connection, alert_id, low, high)
    return with_owing(found, owing_by_department(connection, alert_id, now)) if found else []


_LATE = and_(tasks.c.due_at <= bindparam("now", type_=UtcDateTime), tasks.c.state.in_(_UNDONE))
_OWING = (
    select(
        tasks.c.responsible_division,
        tasks.c.responsible_place,
        tasks.c.state,
        func.count().label("number"),
        func.sum(case((_LATE, 1), else_=0)).label("late"),
    )
    .where(tasks.c.alert_id == _ALERT, tasks.c.responsible_role == Role.DEPARTMENT.value)
    .group_by(tasks.c.responsible_division, tasks.c.responsible_place, tasks.c.state)
)


def owing_by_department(
    connection: Connection, alert_id: int, now: datetime
) -> dict[tuple[str, Organisation], Owing]:
    """What each department owes for a warning."""
    found: dict[tuple[str, Organisation], Owing] = {}
    for row in connection.execute(_OWING, {"alert": alert_id, "now": now}):
        organisation, counted = organisation_of(row.responsible_place), _NUMBER.get(row.state)
        if organisation is None or counted is None:
            continue
        more = replace(Owing(overdue=int(row.late)), **{counted: int(row.number)})
        key = row.responsible_division, organisation
        found[key] = found.get(key, Owing()) + more
    return found


def owing_of(connection: Connection, alert_id: int, now: datetime) -> Owing | None:
    """What the departments owe together for a warning; ``None``: the roster has no liaison."""
    if not any_liaison(connection):
        return None
    return sum(owing_by_department(connection, alert_id, now).values(), Owing())


def called(
    connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE
) -> list[DepartmentStanding]:
    """As ``of_alert``, without what they owe."""
    if not any_liaison(connection):
        return []
    rows = connection.execute(_FIRST.union_all(_FURTHER), {"alert": alert_id})
    return standings(
        LiaisonCall(row.division_code, organisation, row.name, CallState(row.state))
        for row in rows
        if low <= row.division_code <= high
        and (organisation := organisation_of(row.place_code)) is not None
    )


def wanted(connection: Connection, audience: Audience) -> Wanted | None:
    """What the mechanism names for a warning, and what of it there is; ``None``: nothing is."""
    if not audience.departments:
        return None
    there = set(liaison_offices(connection, audience))
    if not there:
        return None
    named: set[str] = set()
    for line in audience.departments:
        codes = {*line.above, *_of_tier(connection, audience, line.tier)}
        named |= {place_code(code, one) for code in codes for one in line.organisations}
    missing = sorted(named - there) if len(named) <= MOST_NAMED else ()
    return Wanted(len(there), len(named), tuple(missing))


def _of_tier(connection: Connection, audience: Audience, tier: Tier) -> list[str]:
    query = select(divisions.c.code).where(
        divisions.c.level == tier.value, within(divisions.c.code, audience.ranges)
    )
    return list(connection.execute(query).scalars())
