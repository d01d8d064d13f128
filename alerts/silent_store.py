"""The list of those who have not answered: its pages, and who is ringing up whom, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
)

from alerts import progress_store
from alerts.call_post_store import in_divisions
from alerts.call_store import CALL_COLUMNS, WAITING, as_call
from alerts.calls import Call, Reach
from alerts.silence import RINGING_FOR, Only, Ringing, SilentPlace
from contacts.divisions.codes import CODE_LENGTH, EVERYWHERE, Tier, code_range, prefix_of
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_counts, calls, ringing
from data.tables.columns import UtcDateTime
from data.tables.contacts import people


def listed(
    connection: Connection,
    alert_id: int,
    division: str,
    now: datetime,
    *,
    only: Only | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Call]:
    """The open calls of a division (empty: of the whole alert), villages in order of code.

    :param only: not all of them.
    """
    given = _given(alert_id, division, now) | {"limit": limit, "offset": offset}
    return [as_call(row) for row in connection.execute(_listed(bool(division), only), given)]


@cache  # the list is made anew after each answer
def _listed(within: bool, only: Only | None) -> Select[Any]:
    return (
        select(*CALL_COLUMNS)
        .where(*_silent(within, only))
        .order_by(calls.c.division_code, calls.c.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


def count_overdue(connection: Connection, alert_id: int, now: datetime, minutes: float) -> int:
    """How many open calls were made more than ``minutes`` ago."""
    query = (
        select(func.count())
        .select_from(calls)
        .where(
            calls.c.alert_id == alert_id,
            calls.c.state == WAITING,
            calls.c.called_at <= now - timedelta(minutes=minutes),
        )
    )
    return int(connection.execute(query).scalar_one())


def any_silent(connection: Connection, alert_id: int, division: str, now: datetime) -> bool:
    """Whether any call of a division (empty: of the whole alert) is open."""
    query, given = _any_silent(bool(division)), _given(alert_id, division, now)
    return connection.execute(query, given).first() is not None


@cache
def _any_silent(within: bool) -> Select[Any]:
    return select(calls.c.id).where(*_silent(within, None)).limit(1)


class Counted(NamedTuple):
    """How many calls are open: all, those Telegram does not reach, those nobody rings up."""

    everybody: int
    unreachable: int
    not_rung: int
    several_places: bool  # of the tier that was asked for; who is above it counts for itself


def counted(
    connection: Connection, alert_id: int, division: str, tier: Tier | None, now: datetime
) -> Counted:
    """How many calls of a division (empty: of the whole alert) are open; none of them is read."""
    waiting = _waiting(connection, alert_id, division)
    if not waiting.calls:
        return Counted(0, 0, 0, several_places=False)
    rung = _count_rung_up(connection, alert_id, division, now)
    digits = 0 if tier is None else tier.digits
    # Of one person with posts in two villages the call counts in both.
    several = waiting.calls > 1 and waiting.first[:digits] != waiting.last[:digits]
    return Counted(waiting.calls, waiting.unreachable, waiting.calls - rung, several)


class _Waiting(NamedTuple):
    """How many calls wait, how many of them none reaches, and the first and the last division."""

    calls: int
    unreachable: int
    first: str
    last: str


def _waiting(connection: Connection, alert_id: int, division: str) -> _Waiting:
    """Of a division (empty: of the whole alert), from the numbers the triggers keep."""
    low, high = code_range(division) if division else EVERYWHERE
    given = {"alert": alert_id, "low": prefix_of(low) if low else "", "high": high}
    row = connection.execute(_WAITING_IN, given).one()
    return _Waiting(int(row.calls or 0), int(row.unreachable or 0), row.first or "", row.last or "")


_IN_RANGE = (
    call_counts.c.alert_id == bindparam("alert"),
    call_counts.c.division_code.between(bindparam("low"), bindparam("high")),
)
_WHERE_WAITING = select(call_counts.c.division_code).where(*_IN_RANGE, call_counts.c.waiting > 0)
_BY_CODE = call_counts.c.division_code
_WAITING_IN = select(
    func.sum(call_counts.c.waiting).label("calls"),
    func.sum(call_counts.c.unreachable).label("unreachable"),
    _WHERE_WAITING.order_by(_BY_CODE).limit(1).scalar_subquery().label("first"),
    _WHERE_WAITING.order_by(_BY_CODE.desc()).limit(1).scalar_subquery().label("last"),
).where(*_IN_RANGE)


def _count_rung_up(connection: Connection, alert_id: int, division: str, now: datetime) -> int:
    """How many of these calls somebody is ringing up: of the few of all warnings, those of this."""
    given = _given(alert_id, division, now)
    ids = connection.execute(_RUNG_UP, given).scalars().all()
    if not ids:
        return 0
    query = _count_of(bool(division))
    return int(connection.execute(query, given | {"ids": as_json(ids)}).scalar_one())


_RUNG_UP = select(ringing.c.call_id).where(ringing.c.since > bindparam("since", type_=UtcDateTime))


@cache
def _count_of(within: bool) -> Select[Any]:
    return select(func.count()).where(calls.c.id.in_(GIVEN_IDS), *_silent(within, None))


def by_place(connection: Connection, alert_id: int, division: str, tier: Tier) -> list[SilentPlace]:
    """Where people of a division (empty: of the whole alert) are silent, by divisions of a tier.

    Those above the tier count for their own division.
    """
    low, high = code_range(division) if division else EVERYWHERE
    rows = progress_store.counts(connection, alert_id, low, high, tier=tier)
    places = [
        SilentPlace(row.division_code, int(row.waiting), int(row.unreachable))
        for row in rows
        # A code without its zeros is no place: who is silent in several below it is taken back.
        if row.waiting and len(row.division_code) == CODE_LENGTH
    ]
    return sorted(places, key=lambda place: place.code)


def ringing_up(
    connection: Connection, call_ids: Iterable[int], now: datetime
) -> Mapping[int, Ringing]:
    """Who is ringing up the people of these calls now; by call."""
    given = {"ids": as_json(call_ids), "since": now - RINGING_FOR}
    rows = connection.execute(_RINGING, given)
    return {row.call_id: Ringing(*row) for row in rows}


def rung_up_in(connection: Connection, alert_id: int, now: datetime) -> list[tuple[str, int, int]]:
    """Everybody silent in this alert who is being rung up: division, call and officer."""
    query = (
        select(calls.c.division_code, calls.c.id, ringing.c.officer_id)
        .join(ringing, ringing.c.call_id == calls.c.id)
        .where(
            calls.c.alert_id == alert_id,
            calls.c.state == WAITING,
            ringing.c.since > now - RINGING_FOR,
        )
        .order_by(calls.c.id)
    )
    return [(row.division_code, row.id, row.officer_id) for row in connection.execute(query)]


def ring(connection: Connection, call_id: int, officer_id: int, now: datetime) -> None:
    """The officer is ringing up the person of this call, in the place of whoever was."""
    over = (ringing.c.call_id == call_id) | (ringing.c.since <= now - RINGING_FOR)
    connection.execute(delete(ringing).where(over))
    connection.execute(insert(ringing).values(call_id=call_id, officer_id=officer_id, since=now))


def stop_ringing(connection: Connection, call_id: int, officer_id: int) -> bool:
    """The officer rings the person up no more; returns whether they did."""
    theirs = (ringing.c.call_id == call_id) & (ringing.c.officer_id == officer_id)
    return bool(connection.execute(delete(ringing).where(theirs)).rowcount)


_RINGING = (
    select(ringing.c.call_id, ringing.c.officer_id, people.c.name, ringing.c.since)
    .join(people, people.c.id == ringing.c.officer_id)
    .where(
        ringing.c.call_id.in_(GIVEN_IDS),
        ringing.c.since > bindparam("since", type_=UtcDateTime),
    )
)


def _given(alert_id: int, division: str, now: datetime) -> dict[str, Any]:
    """The parameters of what ``_silent`` says."""
    low, high = code_range(division) if division else EVERYWHERE
    return {"alert": alert_id, "low": low, "high": high, "since": now - RINGING_FOR}


def _silent(within: bool, only: Only | None) -> list[ColumnElement[bool]]:
    """The conditions of an open call, with parameters: one query for every reader of the list.

    :param within: of one division, not of the whole alert.
    """
    conditions: list[ColumnElement[bool]] = [
        calls.c.alert_id == bindparam("alert"),
        calls.c.state == WAITING,
    ]
    if within:
        conditions.append(in_divisions(bindparam("alert"), bindparam("low"), bindparam("high")))
    if only is Only.UNREACHABLE:
        conditions.append(calls.c.reach == Reach.UNREACHABLE.value)
    if only is Only.NOT_RUNG:
        since = bindparam("since", type_=UtcDateTime)
        rung = exists().where(ringing.c.call_id == calls.c.id, ringing.c.since > since)
        conditions.append(~rung)
    return conditions
