"""Who is owed a card for a warning, as rows: from the release until the warning ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from alerts import alert_store
from alerts.calls import CallState, Via
from alerts.model import IN_FORCE, Alert, Hazard, Level
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.alerts import alerts, call_posts, calls, unfinished_releases
from data.tables.evacuation import card_rounds as rounds
from data.tables.evacuation import card_sends as sends
from data.tables.evacuation import evacuation_cards as cards

_ANSWERED = (CallState.ACKNOWLEDGED.value, CallState.REPORTED.value)

# By the index of what is still owed; answered since everybody was last asked.
_DUE = (
    select(
        sends.c.call_id,
        sends.c.card_id,
        sends.c.alert_id,
        calls.c.person_id,
        calls.c.role,
        calls.c.answered_via,
        alerts.c.level,
    )
    .join(calls, calls.c.id == sends.c.call_id)
    .join(alerts, alerts.c.id == sends.c.alert_id)
    .where(
        sends.c.sent_at.is_(None),
        calls.c.state.in_(_ANSWERED),
        calls.c.answered_at >= func.coalesce(alerts.c.asked_at, alerts.c.released_at),
    )
    .order_by(calls.c.answered_at, sends.c.call_id, sends.c.card_id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Due:
    """A card to be sent now: to whoever has answered this call."""

    call_id: int
    card_id: int
    alert_id: int
    person_id: int
    role: str
    via: Via
    level: Level


@dataclass(frozen=True, slots=True)
class CalledAt:
    """A post for which somebody was called."""

    call_id: int
    division_code: str
    place_code: str


def all_rounds(connection: Connection) -> dict[int, int]:
    """The warnings whose calls were looked through, and which version of each."""
    return {row.alert_id: row.version for row in connection.execute(select(rounds))}


def running(
    connection: Connection, levels: Iterable[Level], hazards: Iterable[Hazard]
) -> list[Alert]:
    """The warnings in force of these levels and hazards."""
    query = select(alerts).where(
        alerts.c.state.in_([state.value for state in IN_FORCE]),
        alerts.c.level.in_([level.value for level in levels]),
        alerts.c.hazard.in_([hazard.value for hazard in hazards]),
    )
    return [alert_store.as_alert(row) for row in connection.execute(query.order_by(alerts.c.id))]


def unfinished(connection: Connection) -> set[int]:
    """The warnings whose calls are still being added."""
    return set(connection.execute(select(unfinished_releases.c.alert_id)).scalars())


def stand_ins_without(connection: Connection, alert: Alert) -> bool:
    """Whether somebody was called in another's stead whose village's card is not noted yet.

    By the index of stand-ins: there are few of them, and this is asked all the time.
    """
    query = (
        select(calls.c.id)
        .join(cards, cards.c.division_code == calls.c.division_code)
        .where(
            calls.c.alert_id == alert.id,
            calls.c.stand_in_for.is_not(None),
            cards.c.active,
            or_(cards.c.hazards == "", cards.c.hazards.contains(alert.hazard.value)),
            ~exists().where(sends.c.call_id == calls.c.id),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def called_in(connection: Connection, alert_id: int, villages: Iterable[str]) -> list[CalledAt]:
    """The posts of these villages for which a warning called somebody."""
    codes = {"words": as_json(villages)}
    first = select(calls.c.id, calls.c.division_code, calls.c.place_code).where(
        calls.c.alert_id == alert_id, calls.c.division_code.in_(GIVEN_WORDS)
    )
    found = [CalledAt(*row) for row in connection.execute(first, codes)]
    further = select(call_posts.c.call_id, call_posts.c.division_code, call_posts.c.place_code)
    further = further.where(
        call_posts.c.alert_id == alert_id, call_posts.c.division_code.in_(GIVEN_WORDS)
    )
    return [*found, *(CalledAt(*row) for row in connection.execute(further, codes))]


def owed(connection: Connection, alert_id: int) -> set[tuple[int, int]]:
    """Call and card of everybody who is owed one, or was sent it."""
    query = select(sends.c.call_id, sends.c.card_id).where(sends.c.alert_id == alert_id)
    return {(row.call_id, row.card_id) for row in connection.execute(query)}


def owe(connection: Connection, alert_id: int, pairs: Iterable[tuple[int, int]]) -> None:
    """Note that these calls are owed these cards."""
    rows = [{"call_id": a, "card_id": b, "alert_id": alert_id} for a, b in pairs]
    if rows:
        connection.execute(insert(sends), rows)


def looked_through(connection: Connection, alert_id: int, version: int) -> None:
    """All calls of this version of the warning were looked through."""
    changed = update(rounds).where(rounds.c.alert_id == alert_id).values(version=version)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(rounds).values(alert_id=alert_id, version=version))


def anything_due(connection: Connection) -> bool:
    """Whether somebody has answered who is owed a card."""
    return connection.execute(_DUE, {"most": 1}).first() is not None


def due(connection: Connection, most: int) -> list[Due]:
    """Who has answered and is owed a card, those who answered first."""
    return [
        Due(*row[:5], Via(row.answered_via), Level(row.level))
        for row in connection.execute(_DUE, {"most": most})
    ]


def cards_of_call(connection: Connection, call_id: int) -> list[int]:
    """The cards that whoever has this call is sent."""
    query = select(sends.c.card_id).where(sends.c.call_id == call_id).order_by(sends.c.card_id)
    return list(connection.execute(query).scalars())


def sent(connection: Connection, each: Due, now: datetime) -> None:
    """Note that it is queued."""
    mine = (sends.c.call_id == each.call_id, sends.c.card_id == each.card_id)
    connection.execute(update(sends).where(*mine).values(sent_at=now))


def end(connection: Connection, alert_id: int) -> None:
    """Nobody is owed anything for this warning any more."""
    connection.execute(delete(sends).where(sends.c.alert_id == alert_id))
    connection.execute(delete(rounds).where(rounds.c.alert_id == alert_id))


def any_round(connection: Connection) -> bool:
    """Whether some warning's cards are being sent."""
    query: Any = select(exists(select(rounds.c.alert_id)))
    return bool(connection.execute(query).scalar())
