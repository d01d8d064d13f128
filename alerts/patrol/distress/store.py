"""Rows to calls for help, and back; and to the colleagues who are near."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from alerts.outbox.messages import MessageKind
from alerts.patrol.distress.model import DistressCall, DistressRules
from alerts.patrol.positions.store import NOT_DOUBTFUL, newest_of
from contacts import people_store
from contacts.divisions.codes import Tier, code_range, tier_of
from contacts.people import PATROLLING, Person
from contacts.people_store import holding, reachable
from data.due import any_by
from data.geo.coordinates import distance_m
from data.geo.nearest import box_around
from data.set_aside import DueColumn
from data.tables.columns import UtcDateTime
from data.tables.contacts import people
from data.tables.patrol import distress_calls, distress_messages, positions
from data.upserts import insert_by


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a call for help; returns its id."""
    result = connection.execute(insert(distress_calls).values(values))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def call(connection: Connection, distress_id: int, *, lock: bool = False) -> DistressCall | None:
    """One call for help; with ``lock`` nobody else changes it meanwhile."""
    row = connection.execute(_LOCKED if lock else _BY_ID, {"id": distress_id}).first()
    return None if row is None else _call(row)


def open_of(connection: Connection, person_id: int) -> DistressCall | None:
    """The person's call for help that is not cleared, to be changed."""
    query = select(distress_calls).where(
        distress_calls.c.person_id == person_id, distress_calls.c.cleared_at.is_(None)
    )
    query = query.order_by(distress_calls.c.id.desc()).limit(1).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _call(row)


def save(connection: Connection, call: DistressCall) -> None:
    """Store what has changed of it."""
    values = {name: getattr(call, name) for name in _CHANGING}
    connection.execute(_SAVE, {**values, "told": list(call.told), "the_call": call.id})


def change(connection: Connection, distress_id: int, **values: Any) -> None:
    """Set columns of a call for help."""
    connection.execute(
        update(distress_calls).where(distress_calls.c.id == distress_id).values(**values)
    )


# Built once: a tap for help waits for them, and to build one takes as long as to run it.
_BY_ID = select(distress_calls).where(distress_calls.c.id == bindparam("id"))
_LOCKED = _BY_ID.with_for_update()
_CHANGING = (
    "taken_by",
    "taken_at",
    "cleared_by",
    "cleared_at",
    "sent_at",
    "due_at",
    "rung_at",
    "rounds",
    "told",
)
_SAVE = (
    update(distress_calls)
    .where(distress_calls.c.id == bindparam("the_call"))
    .values({name: bindparam(name) for name in _CHANGING})
)


class ShownMessage(NamedTuple):
    """A message about a call for help that bears buttons, in a person's chat."""

    chat_id: int
    message_id: int
    person_id: int
    kind: MessageKind


def note_shown(connection: Connection, distress_id: int, shown: ShownMessage) -> None:
    """Remember a message that bears buttons: they go when the call ends."""
    values = {**shown._asdict(), "kind": shown.kind.value, "distress_id": distress_id}
    connection.execute(_note(connection.dialect.name), values)


@cache
def _note(dialect: str) -> Insert:
    return insert_by(dialect, distress_messages).on_conflict_do_nothing()


def shown(connection: Connection, distress_id: int, *kinds: MessageKind) -> list[ShownMessage]:
    """The messages of these kinds that bear buttons, the oldest first."""
    table = distress_messages.c
    query = select(table.chat_id, table.message_id, table.person_id, table.kind).where(
        table.distress_id == distress_id, table.kind.in_([kind.value for kind in kinds])
    )
    rows = connection.execute(query.order_by(table.message_id))
    return [ShownMessage(*row[:3], MessageKind(row.kind)) for row in rows]


def forget_shown(connection: Connection, distress_id: int, *kinds: MessageKind) -> None:
    """Their buttons are gone, or about to go."""
    connection.execute(
        delete(distress_messages).where(
            distress_messages.c.distress_id == distress_id,
            distress_messages.c.kind.in_([kind.value for kind in kinds]),
        )
    )


DUE = DueColumn(
    "distress", distress_calls.c.id, distress_calls.c.due_at, again_after=timedelta(minutes=1)
)


def due(connection: Connection, now: datetime, limit: int) -> list[DistressCall]:
    """Those with a round to leave now, the longest waiting first; locked."""
    query = (
        select(distress_calls)
        .where(distress_calls.c.due_at <= now)
        .order_by(distress_calls.c.due_at, distress_calls.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_call(row) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether ``due`` would find one."""
    return any_by(connection, distress_calls.c.due_at, now)


def near_colleagues(
    connection: Connection,
    person: Person,
    spot: tuple[float, float] | None,
    now: datetime,
    rules: DistressRules,
) -> list[tuple[Person, float | None]]:
    """The nearest patrollers of the person's city seen lately, and how far they are (metres).

    Where nobody knows the person's own spot (lon, lat), those of the nearest divisions.
    """
    given = {"caller": person.id, "since": now - timedelta(minutes=rules.colleague_minutes)}
    places = (
        _in_nearest_divisions(connection, person, rules, given)
        if spot is None
        else _near_spot(connection, person, spot, rules, given)
    )
    found = people_store.people(connection, [person_id for person_id, _ in places])
    return [(found[person_id], away) for person_id, away in places]


def _near_spot(
    connection: Connection,
    person: Person,
    spot: tuple[float, float],
    rules: DistressRules,
    given: Mapping[str, Any],
) -> list[tuple[int, float | None]]:
    """By id, the nearest of the person's city and how far they are, in metres."""
    farthest = rules.colleague_km * 1000
    low, high = code_range(person.division_code[:4] + "00000000")
    west, south, east, north = box_around([spot], farthest)
    box = {"west": west, "south": south, "east": east, "north": north}
    rows = connection.execute(_SEEN_IN_BOX, {**given, "low": low, "high": high, **box})
    aways = ((distance_m(*spot, row.lon, row.lat), row.id) for row in rows)
    nearest = sorted(place for place in aways if place[0] <= farthest)[: rules.colleagues]
    return [(person_id, away) for away, person_id in nearest]


def _in_nearest_divisions(
    connection: Connection, person: Person, rules: DistressRules, given: Mapping[str, Any]
) -> list[tuple[int, float | None]]:
    """By id, those of the village, then of the township, county and city: until there are enough.

    Those of exactly the same division come first. A whole city is looked through only where its
    county has too few.
    """
    found: dict[int, None] = {}
    for digits in (12, *_SHARED[tier_of(person.division_code)]):
        shared = person.division_code[:digits]
        bounds = {"low": shared.ljust(12, "0"), "high": shared.ljust(12, "9")}
        found.update(
            dict.fromkeys(sorted(connection.execute(_SEEN, {**given, **bounds}).scalars()))
        )
        if len(found) >= rules.colleagues:
            break
    return [(person_id, None) for person_id in list(found)[: rules.colleagues]]


_SHARED = {
    Tier.VILLAGE: (9, 6, 4),
    Tier.TOWNSHIP: (9, 6, 4),
    Tier.COUNTY: (6, 4),
    Tier.CITY: (4,),
    Tier.PROVINCE: (4,),
}
"""How many digits a code shares with others of its township, county and city, by its own tier."""


def _seen(*columns: Column[Any]) -> Select[Any]:
    """Patrollers who could come, between two codes, by their newest position that is good.

    Built once, and of nobody more than a number is read: a tap for help waits for it, and of the
    thousands of a city three are asked.
    """
    calling = select(distress_calls.c.person_id).where(distress_calls.c.cleared_at.is_(None))
    since = bindparam("since", type_=UtcDateTime)
    return (
        select(people.c.id, *columns)
        .join(positions, positions.c.id == newest_of(people.c.id, since, NOT_DOUBTFUL))
        .where(
            holding([(bindparam("low"), bindparam("high"))], PATROLLING),
            people.c.active,
            reachable(),
            people.c.id != bindparam("caller"),
            people.c.id.not_in(calling),
        )
    )


_SEEN = _seen()
_SEEN_IN_BOX = _seen(positions.c.lon, positions.c.lat).where(
    positions.c.lon.between(bindparam("west"), bindparam("east")),
    positions.c.lat.between(bindparam("south"), bindparam("north")),
)


def _call(row: Row[Any]) -> DistressCall:
    return DistressCall(**{**row._mapping, "told": tuple(row.told or ())})
