"""Who was called in whose place, as rows: a stand-in's own stand-in is found with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from alerts.call_store import CALL_COLUMNS, WAITING, as_call
from alerts.calls import ANSWERED, PROXIED, STOOD_DOWN, Call, CallState
from alerts.escalation import Step
from contacts.divisions.codes import LAST_CODE
from data.json_rows import GIVEN_IDS, as_json, given_rows
from data.tables.alerts import calls, deliveries
from data.tables.columns import UtcDateTime, constant
from data.tables.contacts import people
from data.tables.running import audit


def called_for(connection: Connection, cause_ids: Iterable[int]) -> list[tuple[Call, int]]:
    """Everybody called because these calls were silent, and which of these; by id."""
    rows = connection.execute(_CALLED_FOR, {"ids": as_json(cause_ids)})
    return [(as_call(row), row[len(CALL_COLUMNS)]) for row in rows]


def still_needed_by(connection: Connection, causes: Sequence[Call]) -> dict[int, int]:
    """For which of these calls somebody else of the same post and rank is silent too; whose call.

    The stand-in of the one is the other's as well.
    """
    rows = [
        (cause.id, cause.alert_id, cause.division_code, cause.role, cause.person_id)
        for cause in causes
    ]
    found = connection.execute(_STILL_NEEDED, {"rows": as_json(rows)})
    ids = {cause.id for cause in causes}
    return {cause_id: other for cause_id, other in found if other not in ids}


def stand_in_for_another(connection: Connection, cause_id: int, other_id: int) -> None:
    """Who was called for the one stands in for the other from now on."""
    connection.execute(
        update(calls).where(calls.c.stand_in_for == cause_id).values(stand_in_for=other_id)
    )


def stood_down(connection: Connection, call_ids: Iterable[int]) -> None:
    """These calls are over: who was stood in for is there."""
    connection.execute(_STOOD_DOWN, {"ids": as_json(call_ids)})


def told_to_stand_in_too(
    connection: Connection, causes: Sequence[Call]
) -> list[tuple[int, int, int]]:
    """Who got it that they stand in for these calls beside their own: person, own call, silent."""
    if not causes:
        return []
    silent = {cause.id for cause in causes}
    told = _told_too(connection, {cause.alert_id for cause in causes})
    return [each for each in told if each[2] in silent]


def told_elsewhere(
    connection: Connection, alert_id: int, own_ids: Collection[int]
) -> list[tuple[int, int, int]]:
    """Of whoever has one of these calls, who stands in for another that waits; the same way."""
    told = [each for each in _told_too(connection, {alert_id}) if each[1] in own_ids]
    if not told:
        return []
    query = select(calls.c.id).where(calls.c.id.in_(GIVEN_IDS), calls.c.state == WAITING)
    waiting = set(
        connection.execute(query, {"ids": as_json(silent for _, _, silent in told)}).scalars()
    )
    return [each for each in told if each[2] in waiting]


def _told_too(connection: Connection, alert_ids: Collection[int]) -> list[tuple[int, int, int]]:
    rows = connection.execute(_TOLD_TOO, {"ids": as_json(alert_ids)})
    told = {
        (person_id, call_id, params["silent"]): None
        for person_id, call_id, params in rows
        if not params.get("over")
    }
    return list(told)


def waiting_with_stand_in(connection: Connection, call_ids: Iterable[int]) -> list[Call]:
    """Those of these calls that wait, and for which somebody was asked to stand in."""
    query = select(*CALL_COLUMNS).where(
        calls.c.id.in_(GIVEN_IDS),
        calls.c.state == WAITING,
        calls.c.steps.bitwise_and(int(Step.STAND_IN)) != 0,
    )
    return [as_call(row) for row in connection.execute(query, {"ids": as_json(call_ids)})]


def may_have_got(connection: Connection, call_ids: Iterable[int]) -> set[int]:
    """Those of these calls that were sent, and whether they arrived nobody knows."""
    return set(connection.execute(_UNCERTAIN, {"ids": as_json(call_ids)}).scalars())


def count_stand_ins(
    connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE
) -> int:
    """How many of the alert's calls were made because somebody else was silent."""
    query = select(func.count()).where(
        calls.c.alert_id == alert_id,
        calls.c.stand_in_for.is_not(None),
        calls.c.state != constant(CallState.LEFT_OUT.value),
        calls.c.division_code.between(low, high),
    )
    return int(connection.execute(query).scalar_one())


def answered_stand_ins(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """For which of these calls a stand-in has answered: call id to the stand-in's person id."""
    rows = connection.execute(_ANSWERED_STAND_INS, {"ids": as_json(ids)})
    return {row.stand_in_for: row.person_id for row in rows}


_ANSWERED_STAND_INS = select(calls.c.stand_in_for, calls.c.person_id).where(
    calls.c.stand_in_for.in_(GIVEN_IDS),
    calls.c.state.in_([state.value for state in sorted(ANSWERED, key=str)]),
)


def proxied_lately(
    connection: Connection, officer_id: int, alert_id: int, since: datetime, limit: int
) -> list[tuple[int, str]]:
    """Whom the officer recorded as reached after that moment, the last first: call id and name."""
    given = {"officer": officer_id, "alert": alert_id, "since": since, "limit": limit}
    return [(row.id, row.name) for row in connection.execute(_PROXIED_LATELY, given)]


_SINCE = bindparam("since", type_=UtcDateTime)
_recorded_since = exists().where(
    audit.c.subject == literal("call:").concat(cast(calls.c.id, Text)),
    audit.c.action == PROXIED,
    audit.c.at > _SINCE,
)
_PROXIED_LATELY = (
    select(calls.c.id, people.c.name)
    .join(people, people.c.id == calls.c.person_id)
    .where(
        calls.c.proxy_by == bindparam("officer"),
        calls.c.alert_id == bindparam("alert"),
        calls.c.state == CallState.PROXIED.value,
        # A tap that came late is an answer of long ago, and was recorded just now.
        or_(calls.c.answered_at > _SINCE, _recorded_since),
    )
    .order_by(calls.c.answered_at.desc(), calls.c.id.desc())
    .limit(bindparam("limit"))
)


_DIRECT = select(calls.c.id, calls.c.stand_in_for.label("cause")).where(
    calls.c.stand_in_for.in_(GIVEN_IDS)
)
_chain = _DIRECT.cte("chain", recursive=True)
_chain = _chain.union(
    select(calls.c.id, _chain.c.cause).join(_chain, calls.c.stand_in_for == _chain.c.id)
)
_CALLED_FOR = (
    select(*CALL_COLUMNS, _chain.c.cause)
    .join(_chain, _chain.c.id == calls.c.id)
    .order_by(calls.c.id)
)

_CAUSE = given_rows(
    id=BigInteger(), alert_id=BigInteger(), code=Text(), role=Text(), person_id=BigInteger()
).subquery("cause")
_first, _peer = people.alias("first"), people.alias("peer")
_STILL_NEEDED = (
    select(_CAUSE.c.id, func.min(calls.c.id))
    .select_from(
        _CAUSE.join(_first, _first.c.id == _CAUSE.c.person_id)
        .join(
            calls,
            (calls.c.alert_id == _CAUSE.c.alert_id)
            & (calls.c.division_code == _CAUSE.c.code)
            & (calls.c.state == WAITING)
            & (calls.c.role == _CAUSE.c.role)
            & (calls.c.id != _CAUSE.c.id)
            & (calls.c.steps.op("&")(literal(int(Step.STAND_IN), Integer)) != 0),
        )
        .join(_peer, (_peer.c.id == calls.c.person_id) & (_peer.c.rank == _first.c.rank))
    )
    .group_by(_CAUSE.c.id)
)

_STOOD_DOWN = (
    update(calls)
    .where(calls.c.id.in_(GIVEN_IDS), calls.c.state == WAITING)
    .values(
        state=CallState.DISCHARGED.value,
        discharge_reason=STOOD_DOWN,
        due_at=None,
        report_due_at=None,
    )
)
_TOLD_TOO = select(deliveries.c.person_id, deliveries.c.call_id, deliveries.c.params).where(
    deliveries.c.alert_id.in_(GIVEN_IDS),
    deliveries.c.kind == constant("stand_in_too"),
    deliveries.c.state == constant("sent"),
)
_UNCERTAIN = select(deliveries.c.call_id).where(
    deliveries.c.call_id.in_(GIVEN_IDS), deliveries.c.uncertain_at.is_not(None)
)
