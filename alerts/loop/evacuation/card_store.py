"""Evacuation cards, their households and shelters as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true

from alerts import alert_store
from alerts.loop.evacuation.model import (
    Card,
    Frail,
    Household,
    Shelter,
    Target,
    frail_first,
    meant_for,
)
from alerts.model import Alert, Hazard
from contacts.divisions.codes import code_range
from contacts.divisions.store import lies_in
from contacts.places import PlaceKind
from data.json_rows import GIVEN_IDS, as_json
from data.tables.contacts import places
from data.tables.evacuation import evacuation_cards as cards
from data.tables.evacuation import evacuation_households as household_rows
from data.tables.evacuation import shelters

_LISTED = (
    select(func.count())
    .where(household_rows.c.card_id == cards.c.id, household_rows.c.active)
    .scalar_subquery()
)
_SHELTER = [column.label(f"its_{column.name}") for column in shelters.c]
_KINDS = frozenset(kind.value for kind in PlaceKind)


def card(connection: Connection, card_id: int) -> Card | None:
    """The card of this number, if it is in use."""
    return _first(connection, cards.c.id == card_id)


def card_of(connection: Connection, division_code: str, place_code: str = "") -> Card | None:
    """The card of a village, or of a place in it; ``None`` where there is none."""
    mine = and_(cards.c.division_code == division_code, cards.c.place_code == place_code)
    return _first(connection, mine)


def cards_in(connection: Connection, areas: Iterable[str]) -> list[Card]:
    """The cards of these divisions and of all below them, by village."""
    query = _cards(lies_in(cards.c.division_code, map(code_range, areas)))
    return [_card(row) for row in connection.execute(query)]


def all_cards(connection: Connection) -> list[Card]:
    """Every card, those out of use too."""
    query = _cards(true(), out_of_use=True)
    return [_card(row) for row in connection.execute(query)]


def any_in(connection: Connection, areas: Iterable[str]) -> bool:
    """Whether there is a card in these divisions or below them."""
    query = select(cards.c.id).where(
        cards.c.active, lies_in(cards.c.division_code, map(code_range, areas))
    )
    return connection.execute(query.limit(1)).first() is not None


def any_card(connection: Connection) -> bool:
    """Whether there is any card at all."""
    return connection.execute(select(cards.c.id).limit(1)).first() is not None


def households(connection: Connection, card_id: int) -> list[Household]:
    """Who is listed on a card, the frail first."""
    query = select(household_rows).where(
        household_rows.c.card_id == card_id, household_rows.c.active
    )
    return frail_first(_household(row) for row in connection.execute(query))


def households_of(
    connection: Connection, card_ids: Collection[int], *, frail_only: bool = False
) -> dict[int, list[Household]]:
    """Who is listed on these cards, by card, the frail first."""
    query = select(household_rows).where(
        household_rows.c.card_id.in_(GIVEN_IDS), household_rows.c.active
    )
    if frail_only:
        query = query.where(household_rows.c.frail.is_not(None))
    found: dict[int, list[Household]] = {}
    for row in connection.execute(query, {"ids": as_json(card_ids)}):
        found.setdefault(row.card_id, []).append(_household(row))
    return {card_id: frail_first(each) for card_id, each in found.items()}


def highest_numbers(connection: Connection, card_ids: Collection[int]) -> dict[int, int]:
    """The highest number that a household of these cards ever had, by card."""
    table = household_rows.c
    query = select(table.card_id, func.max(table.number)).where(table.card_id.in_(GIVEN_IDS))
    rows = connection.execute(query.group_by(table.card_id), {"ids": as_json(card_ids)})
    return {row[0]: row[1] for row in rows}


def household(connection: Connection, household_id: int) -> Household | None:
    """One household that is still listed."""
    query = select(household_rows).where(
        household_rows.c.id == household_id, household_rows.c.active
    )
    row = connection.execute(query).first()
    return None if row is None else _household(row)


def shelters_of(connection: Connection, ids: Collection[int]) -> dict[int, Shelter]:
    """These shelters by their number."""
    query = select(*_SHELTER).where(shelters.c.id.in_(GIVEN_IDS))
    rows = connection.execute(query, {"ids": as_json(ids)})
    return {row.its_id: _shelter(row) for row in rows}


def targets(connection: Connection, alert_id: int) -> list[Target]:
    """Who is to move by the cards that a warning concerns (应转), by village.

    Those of its areas and places that are meant for its hazard; none where there is no warning.
    """
    alert = alert_store.alert(connection, alert_id)
    return [] if alert is None else targets_of(connection, alert)


def targets_of(connection: Connection, alert: Alert) -> list[Target]:
    """As ``targets``."""
    columns = ("id", "division_code", "place_code", "name", "households", "persons", "hazards")
    query = (
        select(*(cards.c[name] for name in columns))
        .where(cards.c.active, concerned(alert))
        .order_by(cards.c.division_code, cards.c.place_code)
    )
    return [
        Target(row.id, row.division_code, row.place_code, row.name, row.households, row.persons)
        for row in connection.execute(query)
        if meant_for(alert.hazard, _hazards(row.hazards))
    ]


def concerned(alert: Alert) -> ColumnElement[bool]:
    """The condition that a card lies where a warning holds, whatever it is meant for."""
    inside: ColumnElement[bool] = lies_in(cards.c.division_code, map(code_range, alert.areas))
    kinds = [word for word in alert.places if word in _KINDS]
    codes = [word for word in alert.places if word not in _KINDS]
    if alert.places:
        of_kinds = select(places.c.code).where(places.c.kind.in_(kinds), places.c.active)
        inside = and_(inside, or_(cards.c.place_code.in_(codes), cards.c.place_code.in_(of_kinds)))
    return or_(inside, cards.c.place_code.in_(alert.besides)) if alert.besides else inside


def _cards(condition: ColumnElement[bool], *, out_of_use: bool = False) -> Select[Any]:
    in_use = true() if out_of_use else cards.c.active
    return (
        select(cards, *_SHELTER, _LISTED.label("listed"))
        .outerjoin(shelters, shelters.c.id == cards.c.shelter_id)
        .where(in_use, condition)
        .order_by(cards.c.division_code, cards.c.place_code)
    )


def _first(connection: Connection, condition: ColumnElement[bool]) -> Card | None:
    row = connection.execute(_cards(condition).limit(1)).first()
    return None if row is None else _card(row)


def _card(row: Row[Any]) -> Card:
    return Card(
        row.id,
        row.division_code,
        row.place_code,
        row.name,
        _hazards(row.hazards),
        row.organiser,
        row.organiser_phone,
        row.organiser_id,
        row.signal,
        row.when_to_move,
        tuple((lon, lat) for lon, lat in row.route),
        row.route_words,
        row.households,
        row.persons,
        None if row.shelter_id is None else _shelter(row),
        row.version,
        row.source,
        row.at,
        row.listed,
        row.active,
    )


def _hazards(stored: str) -> frozenset[Hazard]:
    return frozenset(map(Hazard, filter(None, stored.split(","))))


def _shelter(row: Row[Any]) -> Shelter:
    return Shelter(
        row.its_id,
        row.its_division_code,
        row.its_name,
        row.its_lon,
        row.its_lat,
        row.its_capacity,
        row.its_key_holder,
        row.its_key_phone,
    )


def _household(row: Row[Any]) -> Household:
    return Household(
        row.id,
        row.card_id,
        row.number,
        row.head,
        row.persons,
        row.phone,
        None if row.frail is None else Frail(row.frail),
        row.frail_who,
        row.carer,
        row.carer_phone,
        row.address,
    )
