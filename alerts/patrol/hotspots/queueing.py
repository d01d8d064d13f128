"""What is queued about hotspot tasks: to the patroller, the county's officers, its commanders."""

from __future__ import annotations

from datetime import datetime

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.hotspot_messages import AboutHotspot, HotspotList, HotspotTaken, HotspotVerdict
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, Picture
from alerts.patrol.hotspots.model import Task
from contacts.duty_store import commanders_above, commanders_of, duty_officers
from contacts.people import Person
from data.database import Connection

LANES = {
    MessageKind.HOTSPOT_TASK: Lane.ORANGE,
    MessageKind.HOTSPOT_SPOT: Lane.ANSWER,
    MessageKind.HOTSPOT_TAKEN: Lane.ORANGE,
    MessageKind.HOTSPOT_DUE: Lane.ORANGE,
    MessageKind.HOTSPOT_LIST: Lane.ORANGE,
    MessageKind.HOTSPOT_ALARM: Lane.RED,
    MessageKind.HOTSPOT_VERDICT: Lane.ORANGE,
    MessageKind.PICTURE: Lane.ORANGE,
}


def county_officers(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who hears of hotspots in a county: its duty officers, else those who command it or above."""
    found = [officer for officer in duty_officers(connection, code, now) if officer.reachable]
    if found:
        return found
    return releasing(connection, code) or [
        commander for commander in commanders_above(connection, code) if commander.reachable
    ]


def releasing(connection: Connection, code: str) -> list[Person]:
    """Who may release a warning to a county and can be reached: of the nearest tier."""
    found = [person for person in commanders_of(connection, [code]) if person.reachable]
    nearest = max((person.tier.depth for person in found), default=0)
    return [person for person in found if person.tier.depth == nearest]


def alarmed(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who hears of a fire at once: the county's officers, and who may release a warning to it."""
    people = (*county_officers(connection, code, now), *releasing(connection, code))
    return list({person.id: person for person in people}.values())


def tell(
    connection: Connection,
    person: Person,
    message: AboutHotspot | Picture,
    now: datetime,
    *,
    key: str | None = None,
) -> None:
    """Queue a message about a hotspot; a queued one of the same ``key`` is replaced."""
    if person.telegram_id is not None:
        coalesce_key = None if key is None else f"hotspot-{key}:{person.id}"
        delivery = to_person(person, message, LANES[message.kind], coalesce_key=coalesce_key)
        outbox_store.add(connection, delivery, now)


def send_map(connection: Connection, person: Person, task: Task, now: datetime) -> None:
    """Queue the map of a hotspot; one not sent yet is replaced."""
    tell(connection, person, Picture(hotspot_id=task.id), now, key=f"map:{task.id}")


def tell_county(
    connection: Connection,
    task: Task,
    message: HotspotList | HotspotTaken | HotspotVerdict,
    now: datetime,
) -> list[int]:
    """Queue a message to the officers of the task's county; their ids."""
    officers = county_officers(connection, task.county_code, now)
    key = f"list:{task.county_code}" if isinstance(message, HotspotList) else None
    for officer in officers:
        tell(connection, officer, message, now, key=key)
    return [officer.id for officer in officers]
