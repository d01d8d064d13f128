"""Villages in which a warning can call nobody, counted when it is released and kept.

The roster knows who has a phone; what a warning is for is villages. One without anybody in the
roster would be missing from every figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Text,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)

from alerts.progress_store import CALLS
from contacts.divisions.codes import CODE_LENGTH, LAST_CODE, Tier
from contacts.targeting import Audience
from contacts.targeting_store import called_posts_query
from data.json_rows import GIVEN_IDS, as_json, given_rows
from data.tables.alerts import call_counts
from data.tables.alerts import uncalled_villages as table
from data.tables.contacts import divisions


def count(connection: Connection, alert_id: int, whom: Audience) -> None:
    """Count the villages of the alert's areas that none of its calls is to; all are made.

    One to places, or to tiers above the villages, leaves out no village: it is for none.
    """
    if whom.leaves_villages:
        return
    given = {"rows": as_json(whom.ranges), "alert": alert_id}
    connection.execute(_COUNT, given)


def forget(connection: Connection, alert_id: int) -> None:
    """They are to be counted anew: the alert's areas changed, or more were called."""
    connection.execute(delete(table).where(table.c.alert_id == alert_id))


def would_be_uncalled(connection: Connection, whom: Audience, excluding: Sequence[int]) -> int:
    """In how many villages of its areas nobody would be called, were it released now."""
    if whom.leaves_villages:
        return 0
    villages = connection.execute(_VILLAGES, {"rows": as_json(whom.ranges)}).scalar_one()
    who = called_posts_query(whom).subquery()
    village = func.substr(who.c.division_code, _VILLAGE_DIGITS + 1) != _NO_VILLAGE
    called = func.count(case((village, who.c.division_code)).distinct())
    query: Select[Any] = select(called).where(who.c.person_id.not_in(list(excluding)))
    return max(0, int(villages) - int(connection.execute(query).scalar_one()))


def villages(connection: Connection, alert_id: int, low: str = "", high: str = LAST_CODE) -> int:
    """In how many villages of the divisions in ``[low, high]`` the alert could call nobody."""
    return of_alerts(connection, [alert_id], low, high).get(alert_id, 0)


def of_alerts(
    connection: Connection, alert_ids: Iterable[int], low: str = "", high: str = LAST_CODE
) -> dict[int, int]:
    """The same of several alerts, by id; those without any are left out."""
    query = (
        select(table.c.alert_id, func.sum(table.c.villages))
        .where(table.c.alert_id.in_(GIVEN_IDS), table.c.division_code.between(low, high))
        .group_by(table.c.alert_id)
    )
    rows = connection.execute(query, {"ids": as_json(alert_ids)})
    return {alert_id: int(number) for alert_id, number in rows}


_VILLAGE_DIGITS = Tier.TOWNSHIP.digits
_NO_VILLAGE = "0" * (CODE_LENGTH - _VILLAGE_DIGITS)

_RANGE = given_rows(low=Text(), high=Text()).subquery("range")
_IN_AREAS = (
    select(divisions.c.code)
    .select_from(_RANGE.join(divisions, divisions.c.code.between(_RANGE.c.low, _RANGE.c.high)))
    .where(divisions.c.level == Tier.VILLAGE.value)
)
_VILLAGES = select(func.count()).select_from(_IN_AREAS.subquery("village"))

_ALERT = bindparam("alert", type_=BigInteger)
_township = func.substr(divisions.c.code, 1, _VILLAGE_DIGITS).concat(literal(_NO_VILLAGE))
_COUNT = insert(table).from_select(
    ["alert_id", "division_code", "villages"],
    _IN_AREAS.with_only_columns(_ALERT, _township, func.count())
    .where(
        ~exists().where(
            call_counts.c.alert_id == _ALERT,
            call_counts.c.division_code == divisions.c.code,
            CALLS > 0,
        )
    )
    .group_by(_township),
)
