"""Whoever cannot go alone and is not moved yet, as rows."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, TextClause, and_, case, exists, func, or_, select

from alerts.loop.evacuation.card_store import concerned, households_of
from alerts.loop.evacuation.counting import MoveState
from alerts.loop.evacuation.model import Frail, Household
from alerts.loop.evacuation.move_store import CURRENT, meant_for
from alerts.model import Alert
from contacts.divisions.codes import code_range
from data.tables.alerts import call_counts
from data.tables.evacuation import evacuation_cards as cards
from data.tables.evacuation import evacuation_households as households
from data.tables.household_moves import household_counts as counts
from data.tables.household_moves import household_moves as moves


class FrailHousehold(NamedTuple):
    """A household of the frail that is not moved; ``refused``: it will not go."""

    household: Household
    card_id: int
    division_code: str
    refused: bool


def not_moved(
    connection: Connection, alert: Alert, division: str = "", *, limit: int, offset: int = 0
) -> list[FrailHousehold]:
    """The households of the frail of a warning that are neither moved nor away, by village.

    Not those of a village that was never ticked and reports that all were moved.

    :param division: only what lies in it; empty: all of the warning.
    """
    refused = exists().where(*_ticked(alert.id), moves.c.state == MoveState.REFUSED.value)
    worst = case(
        {frail.value: place for place, frail in enumerate(Frail)}, value=households.c.frail
    )
    query = (
        select(
            households.c.id, households.c.card_id, cards.c.division_code, refused.label("refused")
        )
        .join(cards, cards.c.id == households.c.card_id)
        .where(_left(alert, division))
        .order_by(cards.c.division_code, cards.c.id, worst, households.c.number)
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(query).all()
    listed = households_of(connection, {row.card_id for row in rows}, frail_only=True)
    known = {each.id: each for of_card in listed.values() for each in of_card}
    return [
        FrailHousehold(known[row.id], row.card_id, row.division_code, bool(row.refused))
        for row in rows
    ]


def count_not_moved(connection: Connection, alert: Alert, division: str = "") -> int:
    """How many there are."""
    query = select(func.count()).select_from(
        households.join(cards, cards.c.id == households.c.card_id)
    )
    return int(connection.execute(query.where(_left(alert, division))).scalar_one())


def _ticked(alert_id: int) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (
        moves.c.alert_id == alert_id,
        moves.c.household_id == households.c.id,
        CURRENT,
    )


def _left(alert: Alert, division: str) -> ColumnElement[bool]:
    safe = [state.value for state in MoveState if state.safe]
    all_moved = exists().where(
        call_counts.c.alert_id == alert.id,
        call_counts.c.division_code == cards.c.division_code,
        call_counts.c.households >= cards.c.households,
        cards.c.households > 0,
    )
    ticked_there = exists().where(
        counts.c.alert_id == alert.id, counts.c.division_code == cards.c.division_code
    )
    conditions = [
        households.c.active,
        households.c.frail.is_not(None),
        cards.c.active,
        concerned(alert),
        meant_for(alert.hazard),
        ~exists().where(*_ticked(alert.id), moves.c.state.in_(safe)),
        or_(~all_moved, ticked_there),
    ]
    if division:
        conditions.append(cards.c.division_code.between(*code_range(division)))
    return and_(*conditions)
