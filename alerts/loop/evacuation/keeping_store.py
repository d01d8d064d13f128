"""Writing evacuation cards, households, shelters and flood zones; each change is in the trail.

What the trail says of a card: how many move, never who.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from alerts.loop.evacuation.model import Card, Household, Shelter
from data import audit
from data.tables.evacuation import evacuation_cards as cards
from data.tables.evacuation import evacuation_households as household_rows
from data.tables.evacuation import shelters


def keep_shelter(connection: Connection, shelter: Shelter) -> Shelter:
    """Enter a shelter, known by its division and name, or change the one that is there."""
    values = {
        "lon": shelter.lon,
        "lat": shelter.lat,
        "capacity": shelter.capacity,
        "key_holder": shelter.key_holder,
        "key_phone": shelter.key_phone,
    }
    mine = (shelters.c.division_code == shelter.division_code, shelters.c.name == shelter.name)
    known = connection.execute(select(shelters.c.id).where(*mine)).scalar()
    if known is None:
        named = {"division_code": shelter.division_code, "name": shelter.name, **values}
        known = _new_id(connection.execute(insert(shelters).values(named)))
    else:
        connection.execute(update(shelters).where(shelters.c.id == known).values(values))
    return replace(shelter, id=known)


def keep_card(
    connection: Connection,
    card: Card,
    listed: Iterable[Household] | None,
    now: datetime,
    *,
    by_id: int | None = None,
) -> int:
    """Enter a card, with its entry of the trail; see ``put_card``.

    :returns: the number of the card.
    """
    card_id, entry = put_card(connection, card, listed, now, by_id=by_id)
    audit.append(connection, now, [entry])
    return card_id


def put_card(
    connection: Connection,
    card: Card,
    listed: Iterable[Household] | None,
    now: datetime,
    *,
    by_id: int | None = None,
) -> tuple[int, audit.Entry]:
    """Enter a card, known by its village and place, or the next version of the one that is there.

    :param card: its shelter has been kept already (``keep_shelter``).
    :param listed: the households by name; ``None`` leaves those that are there. A household is
        known by its number; one that is not listed any more keeps its number and loses its names.
    :returns: the number of the card, and what the trail is to say of it.
    """
    values: dict[str, Any] = {
        "name": card.name,
        "hazards": ",".join(sorted(hazard.value for hazard in card.hazards)),
        "organiser": card.organiser,
        "organiser_phone": card.organiser_phone,
        "organiser_id": card.organiser_id,
        "signal": card.signal,
        "when_to_move": card.when_to_move,
        "route": [list(point) for point in card.route],
        "route_words": card.route_words,
        "households": card.households,
        "persons": card.persons,
        "shelter_id": None if card.shelter is None else card.shelter.id,
        "source": card.source,
        "by_id": by_id,
        "at": now,
        "active": True,
    }
    mine = (cards.c.division_code == card.division_code, cards.c.place_code == card.place_code)
    known = connection.execute(select(cards.c.id, cards.c.version).where(*mine)).first()
    if known is None:
        where = {"division_code": card.division_code, "place_code": card.place_code}
        card_id = _new_id(connection.execute(insert(cards).values(**where, **values)))
        version, action = 1, "evacuation_card.added"
    else:
        card_id, version, action = known.id, known.version + 1, "evacuation_card.changed"
        change = update(cards).where(cards.c.id == card_id)
        connection.execute(change.values(version=version, **values))
    if listed is not None:
        _keep_households(connection, card_id, listed)
    detail = {
        "division": card.division_code,
        "place": card.place_code,
        "name": card.name,
        "version": version,
        "households": card.households,
        "persons": card.persons,
        "points": len(card.route),
    }
    return card_id, audit.Entry(action, f"evacuation_card:{card_id}", by_id, detail)


def retire_card(
    connection: Connection, card_id: int, now: datetime, *, by_id: int | None = None
) -> bool:
    """Take a card out of use and forget who is listed on it; False: it was already."""
    out = update(cards).where(cards.c.id == card_id, cards.c.active).values(active=False, at=now)
    if not connection.execute(out).rowcount:
        return False
    _keep_households(connection, card_id, ())
    entry = audit.Entry("evacuation_card.retired", f"evacuation_card:{card_id}", by_id, {})
    audit.append(connection, now, [entry])
    return True


def _keep_households(connection: Connection, card_id: int, listed: Iterable[Household]) -> None:
    table = household_rows
    query = select(table).where(table.c.card_id == card_id)
    before = {row.number: row._mapping for row in connection.execute(query)}
    known = {number: row["id"] for number, row in before.items()}
    new, changed = [], []
    for household in listed:
        values = {
            "head": household.head,
            "persons": household.persons,
            "phone": household.phone,
            "frail": None if household.frail is None else household.frail.value,
            "frail_who": household.frail_who,
            "carer": household.carer,
            "carer_phone": household.carer_phone,
            "address": household.address,
            "active": True,
        }
        row_id = known.pop(household.number, None)
        if row_id is None:
            new.append({"card_id": card_id, "number": household.number, **values})
        elif any(before[household.number][name] != value for name, value in values.items()):
            changed.append({"row_id": row_id, **values})
    if changed:  # mostly a few of many
        change = update(table).where(table.c.id == bindparam("row_id"))
        connection.execute(change, changed)
    if new:
        connection.execute(insert(table), new)
    if known:
        forgotten: dict[str, Any] = dict.fromkeys(
            ("head", "phone", "frail_who", "carer", "carer_phone", "address"), ""
        )
        gone = update(table).where(table.c.id.in_(known.values()))
        connection.execute(gone.values(**forgotten, frail=None, active=False))


def _new_id(result: Any) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
