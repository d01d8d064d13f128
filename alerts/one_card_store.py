"""One card for each danger: warnings of one hazard that call the same person, as rows.

A county's and a prefecture's rainstorm are two warnings with a call each. Whoever got both has one
button, under the newer, and it answers the older as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, true

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call, CallState
from alerts.model import IN_FORCE
from alerts.outbox.messages import MessageKind
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.alerts import alerts, calls, deliveries
from data.tables.columns import constant

_NOT_HELD = (CallState.DISCHARGED, CallState.CANCELLED, CallState.LEFT_OUT)
_IN_FORCE = [state.value for state in IN_FORCE]
_same = alerts.alias("same")
_SAME_HAZARD = (
    select(alerts.c.id, _same.c.id)
    .join(
        _same,
        (_same.c.hazard == alerts.c.hazard)
        & (_same.c.status == alerts.c.status)
        & (_same.c.id != alerts.c.id),
    )
    .where(alerts.c.id.in_(GIVEN_IDS), _same.c.state.in_(_IN_FORCE))
)


def same_hazard(connection: Connection, alert_ids: Iterable[int]) -> dict[int, set[int]]:
    """The other warnings in force of the hazard of each of these; mostly none."""
    found: dict[int, set[int]] = {}
    for alert_id, other in connection.execute(_SAME_HAZARD, {"ids": as_json(alert_ids)}):
        found.setdefault(alert_id, set()).add(other)
    return found


def open_of(
    connection: Connection, alert_ids: Collection[int], person_ids: Iterable[int]
) -> list[Call]:
    """The open calls of these persons in these warnings."""
    query = _of_persons(alert_ids, *CALL_COLUMNS).where(
        (calls.c.state == CallState.WAITING.value).is_(true())
    )
    return [as_call(row) for row in connection.execute(query, {"ids": as_json(person_ids)})]


def older_open(connection: Connection, newer: Collection[Call]) -> list[tuple[Call, Call]]:
    """The open calls of the same persons in older warnings of the same hazard, each with the newer.

    Those made before: what is asked later is not answered by what was asked first.
    """
    others = same_hazard(connection, {call.alert_id for call in newer})
    if not others:
        return []
    wanted = {other for some in others.values() for other in some}
    by_person: dict[int, list[Call]] = {}
    for call in newer:
        by_person.setdefault(call.person_id, []).append(call)
    return [
        (older, call)
        for older in open_of(connection, wanted, by_person)
        for call in by_person[older.person_id]
        if older.alert_id in others.get(call.alert_id, ()) and _before(older, call)
    ]


def newer_open(connection: Connection, older: Collection[Call]) -> dict[int, Call]:
    """For which of these open calls a newer one of the same hazard has arrived at the person's,
    and is open: that one, by the older's id."""
    others = same_hazard(connection, {call.alert_id for call in older})
    if not others:
        return {}
    wanted = {other for some in others.values() for other in some}
    found: dict[int, Call] = {}
    newest = open_of(connection, wanted, {call.person_id for call in older})
    for call in sorted(newest, key=lambda one: (one.called_at, one.id)):
        for before in older:
            if (
                call.person_id == before.person_id
                and call.message_id is not None
                and call.alert_id in others.get(before.alert_id, ())
                and _before(before, call)
            ):
                found[before.id] = call
    return found


def older_of_ended(
    connection: Connection, alert_id: int, call_ids: Iterable[int] | None = None
) -> list[Call]:
    """The open calls, with a message, of the persons of a warning that ended, in others of its
    hazard: their buttons come back.

    :param call_ids: of these only: it ended for them.
    """
    others = same_hazard(connection, [alert_id]).get(alert_id)
    if not others:
        return []
    its = calls.alias("its")
    mine = select(its.c.person_id).where(its.c.alert_id == alert_id)
    if call_ids is not None:
        mine = mine.where(its.c.id.in_(GIVEN_IDS))
    query = select(*CALL_COLUMNS).where(
        calls.c.alert_id.in_(sorted(others)),
        calls.c.state == constant(CallState.WAITING.value),
        calls.c.message_id.is_not(None),
        calls.c.person_id.in_(mine),
    )
    given = {} if call_ids is None else {"ids": as_json(call_ids)}
    return [as_call(row) for row in connection.execute(query, given)]


def still_held(
    connection: Connection, person_ids: Iterable[int], but: Collection[int], now: datetime
) -> Mapping[int, tuple[int, ...]]:
    """Which other warnings in force call each of these persons, by person; the newest first."""
    running = _running(connection, but, now)
    if not running:
        return {}
    query = _of_persons(running, calls.c.person_id, calls.c.alert_id).where(
        calls.c.state.not_in([state.value for state in _NOT_HELD]),
    )
    return _by_first(connection.execute(query, {"ids": as_json(person_ids)}))


def still_posted(
    connection: Connection, chat_ids: Iterable[int], but: Collection[int], now: datetime
) -> Mapping[int, tuple[int, ...]]:
    """Which other warnings in force are posted in each of these groups, by chat."""
    running = _running(connection, but, now)
    if not running:
        return {}
    query = select(deliveries.c.chat_id, deliveries.c.alert_id).where(
        deliveries.c.alert_id.in_(running),
        deliveries.c.kind == constant(MessageKind.POST.value),
        deliveries.c.state == constant("sent"),
        deliveries.c.chat_id.in_(GIVEN_IDS),
    )
    return _by_first(connection.execute(query, {"ids": as_json(chat_ids)}))


def _running(connection: Connection, but: Collection[int], now: datetime) -> list[int]:
    query = select(alerts.c.id).where(alerts.c.state.in_(_IN_FORCE), alerts.c.expires_at > now)
    return [found for found in connection.execute(query).scalars() if found not in but]


def _of_persons(alert_ids: Iterable[int], *columns: Any) -> Select[Any]:
    which = select(alerts.c.id).where(alerts.c.id.in_(sorted(alert_ids)))
    return select(*columns).where(
        looked_up(calls.c.alert_id, which), looked_up(calls.c.person_id, GIVEN_IDS)
    )


def _by_first(rows: Iterable[Any]) -> dict[int, tuple[int, ...]]:
    found: dict[int, set[int]] = {}
    for key, alert_id in rows:
        found.setdefault(key, set()).add(alert_id)
    return {key: tuple(sorted(ids, reverse=True)) for key, ids in found.items()}


def _before(older: Call, newer: Call) -> bool:
    return (older.called_at, older.id) < (newer.called_at, newer.id)
