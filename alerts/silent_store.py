"""The list of those who have not answered: its pages, and who is ringing up whom, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, insert, select

from alerts import progress_store
from alerts.call_post_store import in_divisions
from alerts.call_store import CALL_COLUMNS, WAITING, as_call
from alerts.calls import Call, Reach
from alerts.silence import RINGING_FOR, Only, Ringing, SilentPlace
from contacts.divisions.codes import CODE_LENGTH, EVERYWHERE, Tier, code_range
from data.tables.alerts import calls, ringing
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
    query = (
        select(*CALL_COLUMNS)
        .where(*_silent(alert_id, division, only, now))
        .order_by(calls.c.division_code, calls.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [as_call(row) for row in connection.execute(query)]


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
    query = select(calls.c.id).where(*_silent(alert_id, division, None, now)).limit(1)
    return connection.execute(query).first() is not None


class Counted(NamedTuple):
    """How many calls are open: all, those Telegram does not reach, those nobody rings up."""

    everybody: int
    unreachable: int
    not_rung: int
    several_places: bool  # of the tier that was asked for; who is above it counts for itself


def counted(
    connection: Connection, alert_id: int, division: str, tier: Tier | None, now: datetime
) -> Counted:
    """How many calls of a division (empty: of the whole alert) are open; in one look at them."""
    unreachable = case((calls.c.reach == Reach.UNREACHABLE.value, 1))
    query = select(
        func.count(),
        func.count(unreachable),
        func.min(calls.c.division_code),
        func.max(calls.c.division_code),
    ).where(*_silent(alert_id, division, None, now))
    everybody, unreached, first, last = connection.execute(query).one()
    rung_up = select(ringing.c.call_id).where(ringing.c.since > now - RINGING_FOR)
    rung = select(func.count()).where(
        *_silent(alert_id, division, None, now), calls.c.id.in_(rung_up)
    )
    not_rung = everybody - connection.execute(rung).scalar_one()
    digits = 0 if tier is None else tier.digits
    several = everybody > 1 and first[:digits] != last[:digits]
    return Counted(everybody, unreached, not_rung, several)


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
    rows = connection.execute(
        _RINGING.where(ringing.c.call_id.in_(list(call_ids)), ringing.c.since > now - RINGING_FOR)
    )
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


_RINGING = select(ringing.c.call_id, ringing.c.officer_id, people.c.name, ringing.c.since).join(
    people, people.c.id == ringing.c.officer_id
)


def _silent(
    alert_id: int, division: str, only: Only | None, now: datetime
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        calls.c.alert_id == alert_id,
        calls.c.state == WAITING,
    ]
    if division:
        conditions.append(in_divisions(alert_id, *code_range(division)))
    if only is Only.UNREACHABLE:
        conditions.append(calls.c.reach == Reach.UNREACHABLE.value)
    if only is Only.NOT_RUNG:
        rung = exists().where(ringing.c.call_id == calls.c.id, ringing.c.since > now - RINGING_FOR)
        conditions.append(~rung)
    return conditions
