"""What is queued about hotspot tasks: to the patroller, the county's officers, its commanders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.patrol.hotspots.model import Task
from contacts.divisions.codes import contains
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
    found = [one for one in duty_officers(connection, code, now) if one.reachable]
    if found:
        return found
    return releasing(connection, code) or [
        one for one in commanders_above(connection, code) if one.reachable
    ]


def releasing(connection: Connection, code: str) -> list[Person]:
    """Who may release a warning to a county and can be reached: of the nearest tier."""
    found = [one for one in commanders_of(connection, [code]) if one.reachable]
    nearest = max((one.tier.depth for one in found), default=0)
    return [one for one in found if one.tier.depth == nearest]


def alarmed(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who hears of a fire at once: the county's officers, and who may release a warning to it."""
    people = (*county_officers(connection, code, now), *releasing(connection, code))
    return list({one.id: one for one in people}.values())


def tell(
    connection: Connection,
    kind: MessageKind,
    person: Person,
    task: Task,
    now: datetime,
    *,
    key: str | None = None,
    **params: Any,
) -> None:
    """Queue a message about a task; a queued one of the same ``key`` is replaced."""
    if person.telegram_id is None:
        return
    outbox_store.add(
        connection,
        kind,
        LANES[kind],
        person.telegram_id,
        now,
        place=LaneOrder.VILLAGE,
        language=person.language,
        person_id=person.id,
        params={"hotspot": task.id, **params},
        coalesce_key=None if key is None else f"hotspot-{key}:{person.id}",
    )


def tell_county(
    connection: Connection, kind: MessageKind, task: Task, now: datetime, **params: Any
) -> list[int]:
    """Queue a message to the county's officers; their ids."""
    officers = county_officers(connection, task.county_code, now)
    for one in officers:
        if kind is MessageKind.HOTSPOT_LIST:
            tell(connection, kind, one, task, now, key=f"list:{task.county_code}", **params)
        else:
            tell(connection, kind, one, task, now, **params)
    return [one.id for one in officers]


def in_scope(person: Person, task: Task) -> bool:
    """Whether the task's county lies in the person's division, or is it."""
    return contains(person.division_code, task.county_code)
