"""Villages that are cut off and who is sent there, as rows; and how villages are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from alerts.call_store import CALL_COLUMNS, WAITING, as_call
from alerts.calls import ANSWERED, Call, Reach
from alerts.channels.model import Kind, Progress, channels_for
from alerts.cut_off.model import (
    ACCEPTED_FOR,
    OPEN,
    CutOff,
    CutOffEnd,
    CutOffRules,
    Errand,
    ErrandState,
)
from alerts.escalation import Policy, Step
from alerts.model import IN_FORCE
from contacts.channels import Cause
from contacts.divisions.codes import code_range
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, call_counts, call_posts, calls
from data.tables.beyond_answers import cut_off_villages as table
from data.tables.beyond_answers import errands
from data.tables.channels import channel_deliveries
from data.tables.contacts import people

_COLUMNS = [table.c[name] for name in CutOff.__slots__]
_ERRAND = [errands.c[name] for name in Errand.__slots__]
# Asked every few seconds: built once.
_ERRANDS_DUE = (
    select(*_ERRAND)
    .where(errands.c.due_at.is_not(None), errands.c.due_at <= bindparam("now"))
    .order_by(errands.c.due_at, errands.c.id)
    .limit(bindparam("most", type_=Integer))
)
_STILL = table.c.ended_at.is_(None)
_FOR_GOOD = [CutOffEnd.UNMARKED.value, CutOffEnd.REACHED.value]
_ANSWERED = sorted(state.value for state in ANSWERED)
_RUNNING = or_(*(errands.c.state == state.value for state in sorted(OPEN, key=str)))


# -- villages ----------------------------------------------------------------------------------


def silent_villages(
    connection: Connection,
    alert_id: int,
    policy: Policy,
    rules: CutOffRules,
    now: datetime,
    *,
    limit: int = 10**9,
    among: Collection[str] | None = None,
) -> list[str]:
    """Villages of a warning of which nobody has answered and everybody was tried in vain, by code.

    Not those that are known, whose people a runner has told, or of which an officer has said that
    they are not cut off. For a province of open calls it takes an eighth of a second; ``among`` a
    few villages, next to none.
    """
    facts: dict[str, Any] = {
        "warning": alert_id,
        "called_before": now - timedelta(minutes=rules.minutes),
        "accepted_after": now - ACCEPTED_FOR,
        "most": limit,
    }
    if among is not None:
        facts["among"] = sorted(among)
    query = _silent_villages(policy, few=among is not None)
    return list(connection.execute(query, facts).scalars())


@lru_cache(maxsize=16)
def _silent_villages(policy: Policy, *, few: bool) -> Select[str]:
    """The statement of ``silent_villages``: it is sent twice a minute for each warning."""
    alert_id: BindParameter[Any] = bindparam("warning")
    among: BindParameter[Any] | None = bindparam("among", expanding=True) if few else None
    known = exists().where(
        table.c.alert_id == alert_id,
        table.c.division_code == call_counts.c.division_code,
        or_(_STILL, table.c.ended_how.in_(_FOR_GOOD)),
    )
    counted = call_counts.c
    quiet = (
        select(counted.division_code)
        .where(
            counted.alert_id == alert_id,
            counted.waiting > 0,
            counted.acknowledged + counted.proxied + counted.reported == 0,
            func.length(counted.division_code) == 12,
            ~counted.division_code.endswith("000"),
            ~known,
            *_one_of(counted.division_code, among),
        )
        .cte("quiet")
    )
    own = select(calls.c.division_code.label("code"), calls.c.id).where(
        calls.c.alert_id == alert_id,
        calls.c.state == WAITING,
        *_one_of(calls.c.division_code, among),
    )
    further = (
        select(call_posts.c.division_code, call_posts.c.call_id)
        .join(calls, calls.c.id == call_posts.c.call_id)
        .where(
            call_posts.c.alert_id == alert_id,
            calls.c.state == WAITING,
            *_one_of(call_posts.c.division_code, among),
        )
    )
    there = union_all(own, further).subquery("there")
    vain = case((_tried(policy), 1), else_=0)
    return (
        select(there.c.code)
        .select_from(
            there.join(quiet, quiet.c.division_code == there.c.code).join(
                calls, calls.c.id == there.c.id
            )
        )
        .group_by(there.c.code)
        .having(func.min(vain) == 1)
        .order_by(there.c.code)
        .limit(bindparam("most", type_=Integer))
    )


def _one_of(
    code: ColumnElement[str], among: BindParameter[Any] | None
) -> list[ColumnElement[bool]]:
    return [] if among is None else [code.in_(among)]


def _tried(policy: Policy) -> ColumnElement[bool]:
    """SQL: whether nothing more will be tried soon to reach the person of a call.

    Whose telephone was picked up, or who got an SMS or has read a card, has power and net.
    """
    delivery = channel_deliveries.c
    steps = calls.c.steps
    reached = calls.c.reach != Reach.UNREACHABLE.value
    told = (
        steps.bitwise_and(int(Step.REMIND)) != 0
        if policy.remind is not None
        else calls.c.delivered_at.is_not(None)
    )
    found = [
        or_(~reached, told),
        or_(
            calls.c.stand_in_for.is_not(None),
            calls.c.called_at <= bindparam("called_before"),
        ),
        ~exists().where(
            delivery.call_id == calls.c.id,
            or_(
                delivery.state.in_(["queued", "claimed"]),
                and_(
                    delivery.state == "accepted", delivery.accepted_at > bindparam("accepted_after")
                ),
                delivery.delivered_at.is_not(None),
                delivery.read_at.is_not(None),
                delivery.heard_at.is_not(None),
                delivery.cause == Cause.CUT_SHORT.value,
            ),
        ),
        *_entered(policy),
    ]
    if policy.stand_in is not None:
        found.append(
            or_(
                calls.c.stand_in_for.is_not(None),
                steps.bitwise_and(int(Step.STAND_IN)) != 0,
            )
        )
    return and_(*found)


def _entered(policy: Policy) -> list[ColumnElement[bool]]:
    """SQL: whether all that other channels are to say for a call is queued, or was; it is a moment
    after the ladder's step."""
    unreachable = calls.c.reach == Reach.UNREACHABLE.value
    stands_in = calls.c.stand_in_for.is_not(None)
    found = [
        or_(
            ~unreachable if without else unreachable,
            ~stands_in if stand_in else stands_in,
            _queued(Kind.CALL),
        )
        for without in (False, True)
        for stand_in in (False, True)
        if channels_for(policy.channels, Kind.CALL, without, stand_in)
    ]
    if policy.remind is not None and policy.channels.remind_by:
        reminded = calls.c.steps.bitwise_and(int(Step.REMIND)) != 0
        found.append(or_(unreachable, ~reminded, _queued(Kind.REMIND)))
    return found


def _queued(kind: Kind) -> ColumnElement[bool]:
    delivery = channel_deliveries.c
    return exists().where(
        delivery.call_id == calls.c.id,
        delivery.kind == kind.value,
        delivery.state != Progress.DROPPED.value,
    )


def add(
    connection: Connection,
    alert_id: int,
    codes: Iterable[str],
    marked_by: int | None,
    now: datetime,
) -> None:
    """These villages are cut off from now on; none of them is known to be."""
    rows = [
        {"alert_id": alert_id, "division_code": code, "marked_by": marked_by, "found_at": now}
        for code in codes
    ]
    if rows:
        connection.execute(insert(table), rows)


def any_open(connection: Connection) -> bool:
    """Whether any village is cut off, of any warning."""
    return connection.execute(select(table.c.id).where(_STILL).limit(1)).first() is not None


def cut_off(connection: Connection, cut_off_id: int) -> CutOff | None:
    """The row of this number."""
    row = connection.execute(select(*_COLUMNS).where(table.c.id == cut_off_id)).first()
    return None if row is None else _cut_off(row)


def open_of(
    connection: Connection, alert_id: int, division: str = "", limit: int = 100
) -> list[CutOff]:
    """The villages of a division (empty: of the whole warning) that are cut off, longest first."""
    query = select(*_COLUMNS).where(table.c.alert_id == alert_id, _STILL, *_inside(division))
    query = query.order_by(table.c.found_at, table.c.division_code).limit(limit)
    return [_cut_off(row) for row in connection.execute(query)]


def count_open(connection: Connection, alert_id: int, division: str = "") -> int:
    """How many there are."""
    query = select(func.count()).select_from(table)
    query = query.where(table.c.alert_id == alert_id, _STILL, *_inside(division))
    return int(connection.execute(query).scalar_one())


def of_alert(connection: Connection, alert_id: int) -> list[CutOff]:
    """All of a warning, the oldest first."""
    query = select(*_COLUMNS).where(table.c.alert_id == alert_id).order_by(table.c.id)
    return [_cut_off(row) for row in connection.execute(query)]


def open_at(connection: Connection, alert_id: int, code: str) -> CutOff | None:
    """The village as it is cut off now; ``None``: it is not."""
    query = select(*_COLUMNS).where(
        table.c.alert_id == alert_id, table.c.division_code == code, _STILL
    )
    row = connection.execute(query).first()
    return None if row is None else _cut_off(row)


def ending(connection: Connection, limit: int) -> list[tuple[CutOff, CutOffEnd]]:
    """Villages that are not cut off any more: answered since, or their warning is over."""
    over = alerts.c.state.not_in([state.value for state in IN_FORCE])
    # Found by index: the people of the village, and those with a further post there.
    since = and_(calls.c.state.in_(_ANSWERED), calls.c.answered_at > table.c.found_at)
    own = exists().where(
        people.c.division_code == table.c.division_code,
        calls.c.person_id == people.c.id,
        calls.c.alert_id == table.c.alert_id,
        since,
    )
    further = exists().where(
        call_posts.c.alert_id == table.c.alert_id,
        call_posts.c.division_code == table.c.division_code,
        calls.c.id == call_posts.c.call_id,
        since,
    )
    answered = or_(own, further)
    counted = exists().where(
        call_counts.c.alert_id == table.c.alert_id,
        call_counts.c.division_code == table.c.division_code,
        call_counts.c.acknowledged + call_counts.c.proxied + call_counts.c.reported > 0,
    )
    by_itself = table.c.marked_by.is_(None)
    query = (
        select(*_COLUMNS, over)
        .join(alerts, alerts.c.id == table.c.alert_id)
        .where(_STILL, or_(over, and_(counted, or_(by_itself, answered))))
        .order_by(table.c.id)
        .limit(limit)
    )
    return [
        (_cut_off(row), CutOffEnd.OVER if row[len(_COLUMNS)] else CutOffEnd.ANSWERED)
        for row in connection.execute(query)
    ]


def end(
    connection: Connection, cut_off_id: int, how: CutOffEnd, by: int | None, now: datetime
) -> None:
    """It is not cut off any more."""
    connection.execute(
        update(table)
        .where(table.c.id == cut_off_id, _STILL)
        .values(ended_at=now, ended_by=by, ended_how=how.value)
    )


def calls_of_village(connection: Connection, alert_id: int, code: str) -> list[tuple[Call, Person]]:
    """Who is called for a village, whoever was called first before the stand-ins."""
    posted = exists().where(call_posts.c.call_id == calls.c.id, call_posts.c.division_code == code)
    query = (
        select(*CALL_COLUMNS, *PERSON_COLUMNS)
        .join(people, people.c.id == calls.c.person_id)
        .where(calls.c.alert_id == alert_id, or_(calls.c.division_code == code, posted))
        .order_by(calls.c.stand_in_for.is_not(None), people.c.rank, calls.c.id)
    )
    rows = connection.execute(query)
    return [(as_call(row), as_person(row[len(CALL_COLUMNS) :])) for row in rows]


def answered_villages(connection: Connection, alert_id: int, within: str) -> list[str]:
    """Villages of a division of which somebody has answered, by code."""
    low, high = code_range(within)
    counted = call_counts.c
    query = select(counted.division_code).where(
        counted.alert_id == alert_id,
        counted.division_code.between(low, high),
        counted.acknowledged + counted.proxied + counted.reported > 0,
        func.length(counted.division_code) == 12,
        ~counted.division_code.endswith("000"),
    )
    return list(connection.execute(query.order_by(counted.division_code)).scalars())


# -- errands -----------------------------------------------------------------------------------


def add_errand(
    connection: Connection, cut_off: CutOff, person_id: int, by: int, due: datetime, now: datetime
) -> int:
    """Somebody is sent to a village."""
    key = connection.execute(
        insert(errands).values(
            alert_id=cut_off.alert_id,
            cut_off_id=cut_off.id,
            division_code=cut_off.division_code,
            person_id=person_id,
            assigned_by=by,
            assigned_at=now,
            state=ErrandState.ASKED.value,
            due_at=due,
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def errand(connection: Connection, errand_id: int) -> Errand | None:
    """The errand of this number."""
    row = connection.execute(select(*_ERRAND).where(errands.c.id == errand_id)).first()
    return None if row is None else _errand(row)


def last_errands(connection: Connection, cut_off_ids: Collection[int]) -> dict[int, Errand]:
    """Who was sent last to each of these villages, by its row."""
    query = select(*_ERRAND).where(errands.c.cut_off_id.in_(GIVEN_IDS)).order_by(errands.c.id)
    found = connection.execute(query, {"ids": as_json(cut_off_ids)})
    return {row.cut_off_id: _errand(row) for row in found}


def errands_of_alert(connection: Connection, alert_id: int) -> list[Errand]:
    """All of a warning, the oldest first."""
    query = select(*_ERRAND).where(errands.c.alert_id == alert_id).order_by(errands.c.id)
    return [_errand(row) for row in connection.execute(query)]


def open_errand(connection: Connection, cut_off_id: int) -> Errand | None:
    """Who is on the way to a village, or asked to go."""
    query = select(*_ERRAND).where(errands.c.cut_off_id == cut_off_id, _RUNNING)
    row = connection.execute(query).first()
    return None if row is None else _errand(row)


def change_errand(connection: Connection, errand_id: int, **values: Any) -> None:
    """Set columns of an errand."""
    connection.execute(update(errands).where(errands.c.id == errand_id).values(**values))


def errands_due(connection: Connection, now: datetime, limit: int) -> list[Errand]:
    """Errands of which an answer or a report is late."""
    return [_errand(row) for row in connection.execute(_ERRANDS_DUE, {"now": now, "most": limit})]


def _inside(division: str) -> list[ColumnElement[bool]]:
    return [table.c.division_code.between(*code_range(division))] if division else []


def _cut_off(row: Any) -> CutOff:
    values = {name: getattr(row, name) for name in CutOff.__slots__}
    how = values["ended_how"]
    return CutOff(**(values | {"ended_how": None if how is None else CutOffEnd(how)}))


def _errand(row: Any) -> Errand:
    values = {name: getattr(row, name) for name in Errand.__slots__}
    return Errand(**(values | {"state": ErrandState(values["state"])}))
