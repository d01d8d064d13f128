"""What was ticked of households, and its sums by village, as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from alerts.loop.evacuation.card_store import concerned
from alerts.loop.evacuation.counting import Figures, MoveState, Ticks
from alerts.loop.evacuation.model import MOVING
from alerts.model import Alert, Hazard
from contacts.divisions.codes import EVERYWHERE, code_range
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import call_counts
from data.tables.columns import constant
from data.tables.evacuation import evacuation_cards as cards
from data.tables.evacuation import evacuation_households as households
from data.tables.household_moves import household_counts as counts
from data.tables.household_moves import household_moves as moves
from data.upserts import insert_into


class TickedBy(Enum):
    """Who ticked a household."""

    OWN = "own"  # somebody of the village
    OFFICER = "officer"  # an officer above, who was told


@dataclass(frozen=True, slots=True)
class Move:
    """What a household's tick says now, and who set it when."""

    household_id: int
    state: MoveState
    persons: int
    by_id: int
    at: datetime


# As text: SQLite uses its indexes of such rows only for a condition that reads the same.
CURRENT = text("household_moves.current")
"""SQL: a household's last tick."""
_MOVE = [moves.c[name] for name in Move.__slots__]
_NUMBERS = ("moved", "moved_persons", "away", "away_persons", "refused", "refused_persons")
_AMONG = literal(",") + cards.c.hazards + ","
_SAFE = or_(*(moves.c.state == constant(state.value) for state in MoveState if state.safe))


def of_card(connection: Connection, alert_id: int, card_id: int) -> dict[int, Move]:
    """The ticks of a card's households in a warning, by household."""
    theirs = select(households.c.id).where(households.c.card_id == card_id)
    query = select(*_MOVE).where(
        moves.c.alert_id == alert_id, CURRENT, moves.c.household_id.in_(theirs)
    )
    return {row.household_id: _move(row) for row in connection.execute(query)}


def safe_among(connection: Connection, alert_id: int, ids: Collection[int]) -> set[int]:
    """Which of these households are moved or away."""
    query = select(moves.c.household_id).where(
        moves.c.alert_id == alert_id, CURRENT, moves.c.household_id.in_(GIVEN_IDS), _SAFE
    )
    return set(connection.execute(query, {"ids": as_json(ids)}).scalars())


def refused_among(connection: Connection, alert_id: int, ids: Collection[int]) -> set[int]:
    """Which of these households will not go."""
    query = select(moves.c.household_id).where(
        moves.c.alert_id == alert_id,
        CURRENT,
        moves.c.household_id.in_(GIVEN_IDS),
        moves.c.state == MoveState.REFUSED.value,
    )
    return set(connection.execute(query, {"ids": as_json(ids)}).scalars())


def ticked_by(
    connection: Connection, alert_id: int, division_code: str, person_id: int
) -> list[Move]:
    """What somebody ticked in a village that stands, and is not taken back."""
    query = select(*_MOVE).where(
        moves.c.alert_id == alert_id,
        moves.c.division_code == division_code,
        CURRENT,
        moves.c.by_id == person_id,
        moves.c.state != constant(MoveState.HOME.value),
    )
    return [_move(row) for row in connection.execute(query.order_by(moves.c.household_id))]


def tick(
    connection: Connection,
    alert_id: int,
    division_code: str,
    ticked: Iterable[Move],
    via: TickedBy,
) -> None:
    """These households stand so from now on; what was ticked of them before stays as history."""
    rows = [
        {
            "alert_id": alert_id,
            "division_code": division_code,
            "household_id": move.household_id,
            "state": move.state.value,
            "persons": move.persons,
            "by_id": move.by_id,
            "at": move.at,
            "via": via.value,
        }
        for move in ticked
    ]
    before = update(moves).where(
        moves.c.alert_id == alert_id, CURRENT, moves.c.household_id.in_(GIVEN_IDS)
    )
    ids = as_json(row["household_id"] for row in rows)
    connection.execute(before.values(current=False), {"ids": ids})
    connection.execute(insert(moves), rows)


def count_again(connection: Connection, alert_id: int, division_code: str) -> Ticks:
    """Add up a village's ticks anew, from its households; returns them."""
    query = (
        select(moves.c.state, func.count(), func.sum(moves.c.persons))
        .where(moves.c.alert_id == alert_id, moves.c.division_code == division_code, CURRENT)
        .group_by(moves.c.state)
    )
    found = {
        state: Figures(each, int(persons)) for state, each, persons in connection.execute(query)
    }
    ticks = Ticks(*(found.get(name, Figures()) for name in ("moved", "away", "refused")))
    numbers = dict(zip(_NUMBERS, (number for each in ticks for number in each), strict=True))
    here = {"alert_id": alert_id, "division_code": division_code}
    new = insert_into(connection, counts).values(**here, **numbers)
    connection.execute(new.on_conflict_do_update(index_elements=list(here), set_=numbers))
    return ticks


def targets_in(connection: Connection, alert: Alert, division: str = "") -> dict[str, Figures]:
    """Who is to move by the cards that a warning concerns (应转), summed up by village.

    :param division: only what lies in it; empty: all of the warning.
    """
    query = select(
        cards.c.division_code, func.sum(cards.c.households), func.sum(cards.c.persons)
    ).where(cards.c.active, concerned(alert), meant_for(alert.hazard))
    if division:
        query = query.where(cards.c.division_code.between(*code_range(division)))
    rows = connection.execute(query.group_by(cards.c.division_code))
    return {code: Figures(int(each), int(persons)) for code, each, persons in rows}


def meant_for(hazard: Hazard) -> ColumnElement[bool]:
    """The condition that a card says where to go when this threatens."""
    named = _AMONG.contains(f",{hazard.value},")
    return or_(cards.c.hazards == "", named) if hazard in MOVING else named


def ticks_of(connection: Connection, alert_id: int, division_code: str) -> Ticks | None:
    """The sums of a village; ``None`` where none was ever ticked."""
    row = connection.execute(
        select(counts).where(counts.c.alert_id == alert_id, counts.c.division_code == division_code)
    ).first()
    return None if row is None else _ticks(row)


def sums_in(
    connection: Connection, alert_id: int, division: str = ""
) -> dict[str, tuple[Ticks, Figures | None]]:
    """The sums of each village in a division (empty: of the whole warning) that has ticks.

    And the figures that were reported of it beside them, if any were.
    """
    low, high = code_range(division) if division else EVERYWHERE
    query = select(counts).where(
        counts.c.alert_id == alert_id, counts.c.division_code.between(low, high)
    )
    return {row.division_code: (_ticks(row), _said(row)) for row in connection.execute(query)}


def said_in(connection: Connection, alert_id: int, division: str = "") -> dict[str, Figures]:
    """What the calls of each division hold as moved, where that is anything."""
    low, high = code_range(division) if division else EVERYWHERE
    columns = (call_counts.c.division_code, call_counts.c.households, call_counts.c.persons)
    query = select(*columns).where(
        call_counts.c.alert_id == alert_id,
        call_counts.c.division_code.between(low, high),
        or_(call_counts.c.households != 0, call_counts.c.persons != 0),
    )
    return {code: Figures(each, persons) for code, each, persons in connection.execute(query)}


def say(connection: Connection, alert_id: int, division_code: str, said: Figures) -> None:
    """Figures were reported of a village that has ticks: they stand beside them."""
    here = (counts.c.alert_id == alert_id, counts.c.division_code == division_code)
    connection.execute(
        update(counts)
        .where(*here)
        .values(said_households=said.households, said_persons=said.persons)
    )


def last_move(connection: Connection, alert_id: int) -> int:
    """The number of the last tick of a warning; 0: none. Whoever shows ticks looks at it."""
    return connection.execute(_LAST_MOVE, {"alert": alert_id}).scalar_one() or 0


_LAST_MOVE = select(func.max(moves.c.id)).where(moves.c.alert_id == bindparam("alert"))


def _move(row: Any) -> Move:
    return Move(row.household_id, MoveState(row.state), row.persons, row.by_id, row.at)


def _ticks(row: Any) -> Ticks:
    return Ticks(
        Figures(row.moved, row.moved_persons),
        Figures(row.away, row.away_persons),
        Figures(row.refused, row.refused_persons),
    )


def _said(row: Any) -> Figures | None:
    if row.said_households is None and row.said_persons is None:
        return None
    return Figures(row.said_households or 0, row.said_persons or 0)
