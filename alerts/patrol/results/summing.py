"""Keeping the sums of patrol days: what came since is found by its number, off anybody's way.

A position that arrives late marks the day it was taken on, however long ago that is.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from alerts.patrol.results import cells, store
from alerts.patrol.results.model import (
    PatrolSum,
    day_span,
    days_touched,
    drawn,
    longest_between,
    of_span,
    track,
)
from alerts.patrol.shifts.model import ShiftRules
from alerts.patrol.zones.store import zones_of
from data import set_aside
from data.database import Connection

FOUND = 5000
"""Positions looked through in one transaction."""

CHUNK = 5
"""Days summed up in one transaction: a tap, or a call for help, waits some 3 ms for the writer at
most. One that was tracked all day is 500 positions."""

SETTLED = timedelta(minutes=1)
"""What came later waits for the next look: a number that is still being written must not be passed
over (several processes)."""

REFRESHED = timedelta(minutes=30)
"""So long after something came the sum of a day that is not over is made anew."""


def anything_came(connection: Connection, now: datetime) -> bool:
    """Whether ``find_days`` would find something."""
    before = now - SETTLED
    return any(store.since(connection, source, before, 1) for source in store.SOURCES)


def find_days(
    connection: Connection, now: datetime, rules: ShiftRules, *, limit: int = FOUND
) -> int:
    """Mark the days that what came since belongs to; how much was looked through."""
    longest, today = longest_between(rules), now.astimezone(rules.zone).date()
    looked = 0
    for source in store.SOURCES:
        came = store.since(connection, source, now - SETTLED, limit - looked)
        if not came:
            continue
        known = store.patrollers(connection, {each.person_id for each in came})
        days: dict[tuple[int, date], tuple[str, datetime]] = {}
        for each in came:
            if each.person_id not in known:
                continue
            for day in days_touched(each.at, rules.zone, longest):
                due_at = now if day < today else now + REFRESHED
                days[each.person_id, day] = known[each.person_id], due_at
        store.mark_days(connection, days)
        store.move_mark(connection, source, came[-1].id)
        looked += len(came)
        if looked >= limit:
            break
    return looked


def sum_due(connection: Connection, now: datetime, rules: ShiftRules, *, limit: int = CHUNK) -> int:
    """Sum up the days that are due; how many."""
    found = store.due(connection, now, limit)
    store.save(
        connection,
        [
            {
                "person_id": person_id,
                "day": day,
                "division_code": code,
                **_summed(connection, person_id, code, day, rules),
                "made_at": now,
                "due_at": None,
            }
            for person_id, day, code in found
        ],
    )
    return len(found)


def set_first_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Set aside the day that ``sum_due`` comes to first; whether there was one."""
    for person_id, day, _ in store.due(connection, now, 1):
        store.put_off(connection, person_id, day, now + timedelta(hours=1))
        set_aside.note(connection, "patrol_day", f"{person_id}:{day}", error, now)
        return True
    return False


def today_of(
    connection: Connection, person_id: int, division_code: str, day: date, rules: ShiftRules
) -> PatrolSum:
    """One person's day as it stands at this moment, whether it was summed up yet or not."""
    values = _summed(connection, person_id, division_code, day, rules)
    out = 1 if values["positions"] or values["reports"] else 0
    return PatrolSum(
        1,
        out,
        values["positions"],
        values["doubtful"],
        values["seconds"],
        values["distance_m"],
        values["cells"],
        values["visited"],
        values["reports"],
    )


def _summed(
    connection: Connection, person_id: int, division_code: str, day: date, rules: ShiftRules
) -> dict[str, Any]:
    begin, end = day_span(day, rules.zone)
    longest = longest_between(rules)
    good, spoilt = store.points_of(connection, person_id, begin - longest, end + longest)
    way = track(good)
    there = [point for point in way.points if begin <= point.at < end]
    came = sum(begin <= point.at < end for point in good)
    seconds, metres = of_span(way, begin, end, longest)
    zones = zones_of(connection, person_id, division_code) if there else []
    parts = cells.parts_of(zones)
    bits = cells.visited(parts, drawn(way, begin, end, cells.reach_of(parts))) if parts else 0
    return {
        "positions": len(there),
        "doubtful": came - len(there) + sum(begin <= at < end for at in spoilt),
        "first_at": there[0].at if there else None,
        "last_at": there[-1].at if there else None,
        "seconds": seconds,
        "distance_m": metres,
        "drawing": cells.drawing_of(zones),
        "cells": sum(len(each.middles) for each in parts),
        "visited": bits.bit_count(),
        "walked": cells.as_text(bits),
        "reports": store.reports_of(connection, person_id, begin, end),
    }
