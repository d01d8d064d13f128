"""Which cards lead to which shelter, and how many of them have arrived, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from alerts.loop.evacuation.card_store import concerned
from alerts.loop.evacuation.counting import MoveState
from alerts.loop.evacuation.move_store import CURRENT, meant_for
from alerts.model import Alert
from contacts.divisions.codes import code_range
from data.json_rows import GIVEN_IDS, GIVEN_WORDS, as_json
from data.tables.alerts import call_counts
from data.tables.evacuation import evacuation_cards as cards
from data.tables.evacuation import evacuation_households as households
from data.tables.household_moves import household_counts as counts
from data.tables.household_moves import household_moves as moves
from data.tables.household_moves import overfull_shelters
from data.upserts import insert_into


class Assigned(NamedTuple):
    """A card, and the shelter to which its people go."""

    card_id: int
    division_code: str
    shelter_id: int
    persons: int


def assigned(
    connection: Connection, alert: Alert, division: str = "", *, shelter_id: int | None = None
) -> list[Assigned]:
    """The cards of a warning that name a shelter; in order of village, its own card first."""
    query = (
        select(cards.c.id, cards.c.division_code, cards.c.shelter_id, cards.c.persons)
        .where(
            cards.c.active,
            cards.c.shelter_id.is_not(None),
            concerned(alert),
            meant_for(alert.hazard),
        )
        .order_by(cards.c.division_code, cards.c.place_code)
    )
    if division:
        query = query.where(cards.c.division_code.between(*code_range(division)))
    if shelter_id is not None:
        query = query.where(cards.c.shelter_id == shelter_id)
    return [Assigned(*row) for row in connection.execute(query)]


def arrived(connection: Connection, alert_id: int, found: Sequence[Assigned]) -> dict[int, int]:
    """How many persons of these cards have come, by shelter.

    Those ticked; in a village without ticks as many as were reported, at its first card's shelter.
    """
    villages = {"words": as_json({card.division_code for card in found})}
    ids = {"ids": as_json(card.card_id for card in found)}
    ticked_there = select(counts.c.division_code).where(
        counts.c.alert_id == alert_id,
        counts.c.division_code.in_(GIVEN_WORDS),
        counts.c.moved + counts.c.away + counts.c.refused > 0,
    )
    with_ticks = set(connection.execute(ticked_there, villages).scalars())
    ticked = (
        select(households.c.card_id, func.sum(moves.c.persons))
        .join(moves, moves.c.household_id == households.c.id)
        .where(
            households.c.card_id.in_(GIVEN_IDS),
            moves.c.alert_id == alert_id,
            CURRENT,
            moves.c.state == MoveState.MOVED.value,
        )
        .group_by(households.c.card_id)
    )
    by_card = {card_id: int(persons) for card_id, persons in connection.execute(ticked, ids)}
    told = select(call_counts.c.division_code, call_counts.c.persons).where(
        call_counts.c.alert_id == alert_id, call_counts.c.division_code.in_(GIVEN_WORDS)
    )
    said = {code: int(persons) for code, persons in connection.execute(told, villages)}
    persons: dict[int, int] = {}
    for card in found:
        come = by_card.get(card.card_id, 0)
        if card.division_code not in with_ticks:
            come = said.pop(card.division_code, 0)
        persons[card.shelter_id] = persons.get(card.shelter_id, 0) + come
    return persons


def note_overfull(
    connection: Connection, alert_id: int, shelter_id: int, arrived_there: int, at: datetime
) -> bool:
    """A shelter holds more than it can, for the first time in this warning; whether it is."""
    values = {"alert_id": alert_id, "shelter_id": shelter_id, "arrived": arrived_there, "at": at}
    new = insert_into(connection, overfull_shelters).values(**values)
    return bool(connection.execute(new.on_conflict_do_nothing()).rowcount)
