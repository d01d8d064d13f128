"""Where everybody of a roll call is, for its picture. WGS-84 lon/lat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, String, cast, select

from alerts.patrol.roll_store import Entry, Roll
from alerts.patrol.rollcall import RollCall, Standing
from data.patrol_tables import positions
from data.roll_call_tables import roll_call_entries as entries

SEEN_HOURS = 24
"""A position older than this does not say where somebody silent is (ours)."""

Place = tuple[float, float]
Named = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class RollCallFacts:
    """Who is where; whoever's place nobody knows is missing."""

    answered: tuple[Place, ...]
    far: tuple[Named, ...]
    silent: tuple[Named, ...]
    unreachable: tuple[Named, ...]


def roll_call_picture_facts(
    connection: Connection,
    roll_call: RollCall,
    now: datetime,
    place_of: Callable[[str], Place | None],
) -> RollCallFacts:
    """Everybody's place: of who answered, their answer; of the silent, the last good position.

    :param place_of: where a division's village or town is, for those never seen.
    """
    roll = Roll(connection, roll_call.id)
    seen = _last_seen(connection, roll_call.id, now - timedelta(hours=SEEN_HOURS))

    def named(found: Iterable[Entry]) -> tuple[Named, ...]:
        placed = []
        for one in found:
            place = seen.get(one.person.id) or place_of(one.person.division_code)
            if one.lon is not None and one.lat is not None:
                place = (one.lon, one.lat)
            if place is not None:
                placed.append((*place, one.person.name))
        return tuple(placed)

    return RollCallFacts(
        answered=tuple(
            (one.lon, one.lat)
            for one in roll.entries(Standing.ANSWERED)
            if one.lon is not None and one.lat is not None
        ),
        far=named(roll.entries(Standing.FAR)),
        silent=named(roll.entries(Standing.ASKED)),
        unreachable=named(roll.entries(Standing.UNREACHABLE)),
    )


def _last_seen(connection: Connection, roll_call_id: int, since: datetime) -> dict[int, Place]:
    """The newest position nothing is doubtful about of each who is silent, by person."""
    columns = positions.c
    newest = (
        select(columns.id)
        .where(
            columns.person_id == entries.c.person_id,
            columns.taken_at >= since,
            cast(columns.doubts, String) == "[]",
        )
        .order_by(columns.taken_at.desc(), columns.id.desc())
        .limit(1)
        .correlate(entries)
        .scalar_subquery()
    )
    query = (
        select(columns.person_id, columns.lon, columns.lat)
        .join(entries, columns.id == newest)
        .where(
            entries.c.roll_call_id == roll_call_id,
            entries.c.state.in_([Standing.ASKED.value, Standing.UNREACHABLE.value]),
        )
    )
    return {row.person_id: (row.lon, row.lat) for row in connection.execute(query)}
