"""When each person last proved that they can be reached: answers to warnings, drills, roll calls.

What was answered long ago lies in the history; before it goes there, its time is noted in the row
of the person (``keep``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, or_, select, update

from contacts.coverage import Proof, Proven
from contacts.divisions.codes import Tier
from contacts.people_store import holding
from contacts.targeting import Range
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.alerts import alerts, calls
from data.tables.contacts import people
from data.tables.patrol import roll_call_entries

_TELEPHONED = calls.c.proxy_by.is_not(None)
_DRILL = alerts.c.status == "Exercise"
_HOW = case(
    (_TELEPHONED, Proof.TELEPHONE.value),
    (_DRILL, Proof.DRILL.value),
    else_=Proof.ANSWERED.value,
)

_ALERTS_WITH_CALLS = select(alerts.c.id).where(alerts.c.archived_at.is_(None))


def proofs(connection: Connection, ranges: Sequence[Range] | None = None) -> dict[int, Proven]:
    """By person, the newest there is.

    :param ranges: only of persons with a post there; of everybody when left out.
    """
    found: dict[int, Proven] = {}
    for query in _queries(ranges):
        for person_id, at, how in connection.execute(query):
            known = found.get(person_id)
            if known is None or known.at < at:
                found[person_id] = Proven(at, Proof(how))
    return found


def _queries(ranges: Sequence[Range] | None) -> Iterable[Select[Any]]:
    answered = (
        select(calls.c.person_id, func.max(calls.c.answered_at), _HOW.label("how"))
        .join(alerts, alerts.c.id == calls.c.alert_id)
        .where(calls.c.answered_at.is_not(None))
        .group_by(calls.c.person_id, "how")
    )
    if ranges is not None and all(_within_a_county(*codes) for codes in ranges):
        # By alert and person, as the index has them. Of many persons all calls are read sooner.
        answered = answered.where(looked_up(calls.c.alert_id, _ALERTS_WITH_CALLS))
    entries = roll_call_entries.c
    present = (
        select(entries.person_id, func.max(entries.answered_at), literal(Proof.ROLL_CALL.value))
        .where(entries.answered_at.is_not(None))
        .group_by(entries.person_id)
    )
    kept = select(people.c.id, people.c.proven_at, people.c.proven_how)
    kept = kept.where(people.c.proven_at.is_not(None))
    said = select(people.c.id, people.c.confirmed_at, literal(Proof.CONFIRMED.value))
    said = said.where(people.c.confirmed_at.is_not(None))
    for query, person_id in (
        (answered, calls.c.person_id),
        (present, entries.person_id),
        (kept, people.c.id),
        (said, people.c.id),
    ):
        if ranges is None:
            yield query
        else:
            yield query.where(person_id.in_(select(people.c.id).where(holding(ranges))))


def _within_a_county(low: str, high: str) -> bool:
    return low[: Tier.COUNTY.digits] == high[: Tier.COUNTY.digits]


_KEEP = (
    update(people)
    .where(
        calls.c.id.in_(GIVEN_IDS),
        calls.c.person_id == people.c.id,
        alerts.c.id == calls.c.alert_id,
        or_(people.c.proven_at.is_(None), calls.c.answered_at > people.c.proven_at),
    )
    .values(proven_at=calls.c.answered_at, proven_how=_HOW)
)


def keep(connection: Connection, call_ids: Iterable[int]) -> None:
    """Note in the persons' rows when these calls, all of one alert, were answered."""
    connection.execute(_KEEP, {"ids": as_json(call_ids)})
