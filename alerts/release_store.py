"""Releases whose calls or messages are not all there yet, as rows; see ``alerts.large_release``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from alerts.call_store import WAITING
from contacts.targeting import Audience
from contacts.targeting_store import audience_query
from data.tables.alerts import alerts, calls, unfinished_releases
from data.tables.contacts import people


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How far a release has got.

    Its calls have ids greater than ``calls_begin``. ``calls_after`` is ``None`` until all of them
    are there, then the id up to which their messages are queued.
    """

    alert_id: int
    by_id: int
    calls_begin: int
    calls_after: int | None


def more_than(connection: Connection, audience: Audience, most: int) -> bool:
    """Whether ``audience`` is more than ``most`` persons; cheap where the whole roster is not."""
    everybody = connection.execute(select(func.count()).select_from(people)).scalar_one()
    if everybody <= most:
        return False
    some = audience_query(audience).limit(most + 1).subquery()
    return bool(connection.execute(select(func.count()).select_from(some)).scalar_one() > most)


def begin(connection: Connection, alert_id: int, by_id: int) -> None:
    """A release whose calls are added in parts begins."""
    values = {"alert_id": alert_id, "by_id": by_id, "calls_begin": last_call(connection)}
    connection.execute(insert(unfinished_releases).values(values))


def first(connection: Connection, but: Collection[int] = ()) -> Unfinished | None:
    """The release that has waited longest and is not held, or ``None``.

    :param but: alerts that are set aside.
    """
    query = _FIRST.where(unfinished_releases.c.alert_id.not_in(but)) if but else _FIRST
    row = connection.execute(query).first()
    return None if row is None else Unfinished(*row)


_FIRST = (
    select(
        unfinished_releases.c.alert_id,
        unfinished_releases.c.by_id,
        unfinished_releases.c.calls_begin,
        unfinished_releases.c.calls_after,
    )
    .join(alerts, alerts.c.id == unfinished_releases.c.alert_id)
    .where(alerts.c.held_at.is_(None))
    .order_by(unfinished_releases.c.alert_id)
    .limit(1)
)
"""Asked every second: built once."""


def reached(connection: Connection, alert_id: int, calls_after: int) -> None:
    """All calls are there, and the messages of those up to this id are queued."""
    connection.execute(
        update(unfinished_releases)
        .where(unfinished_releases.c.alert_id == alert_id)
        .values(calls_after=calls_after)
    )


def end(connection: Connection, alert_id: int) -> None:
    """Nothing of this release is left to be done."""
    connection.execute(
        delete(unfinished_releases).where(unfinished_releases.c.alert_id == alert_id)
    )


def is_unfinished(connection: Connection, alert_id: int) -> bool:
    """Whether calls or messages of this release are still to be made."""
    query = select(unfinished_releases.c.alert_id).where(unfinished_releases.c.alert_id == alert_id)
    return connection.execute(query).first() is not None


def last_division(connection: Connection, alert_id: int) -> str:
    """Up to which division the calls are there: they are added in order of division."""
    query = (
        select(calls.c.division_code)
        .where(calls.c.alert_id == alert_id, calls.c.state == WAITING)
        .order_by(calls.c.division_code.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() or ""


def last_call(connection: Connection) -> int:
    """The greatest id of any call."""
    return connection.execute(select(func.max(calls.c.id))).scalar() or 0
