"""Who is in which shelter: how many are to come, how many have arrived, how many it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.loop.evacuation import card_store, shelter_store
from alerts.loop.evacuation.model import Shelter
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.household_messages import ShelterFull
from alerts.outbox.lanes import Lane
from contacts.duty_store import duty_officers, station_officers_many
from data.audit import Entry, append
from data.database import Connection


@dataclass(frozen=True, slots=True)
class ShelterUse:
    """How full a shelter is in a warning, in persons."""

    shelter: Shelter
    assigned: int  # by the cards
    arrived: int

    @property
    def over(self) -> int:
        """How many more have come than it holds; 0 too where nobody knows how many that is."""
        held = self.shelter.capacity
        return 0 if held is None else max(0, self.arrived - held)

    @property
    def short(self) -> int:
        """How many more are to come than it holds."""
        held = self.shelter.capacity
        return 0 if held is None else max(0, self.assigned - held)


def shelter_uses(connection: Connection, alert: Alert, division: str = "") -> list[ShelterUse]:
    """The shelters to which the cards of a warning lead; those that are too full first.

    :param division: only of the cards in it; empty: of the whole warning.
    """
    return _uses(connection, alert, shelter_store.assigned(connection, alert, division))


def use_of(connection: Connection, alert: Alert, shelter_id: int) -> ShelterUse | None:
    """How full one shelter is; ``None``: no card of the warning leads there."""
    found = shelter_store.assigned(connection, alert, shelter_id=shelter_id)
    return next(iter(_uses(connection, alert, found)), None)


def tell_if_overfull(
    connection: Connection, alert: Alert, shelter_id: int | None, now: datetime
) -> None:
    """The duty officers read that more have arrived in a shelter than it holds: once a warning."""
    use = None if shelter_id is None else use_of(connection, alert, shelter_id)
    if use is None or not use.over:
        return
    shelter = use.shelter
    if not shelter_store.note_overfull(connection, alert.id, shelter.id, use.arrived, now):
        return
    detail = {"shelter": shelter.id, "arrived": use.arrived, "capacity": shelter.capacity}
    append(connection, now, [Entry("shelter.overfull", f"alert:{alert.id}", None, detail)])
    code = shelter.division_code
    told = [*station_officers_many(connection, [code], now)[code]]
    told += duty_officers(connection, code, now)
    officers = {officer.id: officer for officer in told}
    messages = [
        to_person(
            officer,
            ShelterFull(shelter.id),
            Lane.RED,
            role=officer.role.value,
            alert_id=alert.id,
            coalesce_key=f"shelter:{alert.id}:{shelter.id}:{officer.id}",
        )
        for officer in officers.values()
        if officer.telegram_id is not None
    ]
    outbox_store.add_many(connection, messages, now)


def _uses(
    connection: Connection, alert: Alert, found: list[shelter_store.Assigned]
) -> list[ShelterUse]:
    persons: dict[int, int] = {}
    for card in found:
        persons[card.shelter_id] = persons.get(card.shelter_id, 0) + card.persons
    come = shelter_store.arrived(connection, alert.id, found) if found else {}
    known = card_store.shelters_of(connection, persons.keys())
    uses = [
        ShelterUse(shelter, persons[shelter_id], come.get(shelter_id, 0))
        for shelter_id, shelter in known.items()
    ]
    return sorted(uses, key=lambda use: (-use.over, -use.short, -use.assigned, use.shelter.name))
