"""Closed times (禁火期): patrollers, checkpoints and villages are told when one begins and ends.

Each once, marked in the same transaction. While it lasts they report every evening whether there
was a fire, as on a red day (``orders.due``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.season_messages import ClosedTimeNews
from alerts.patrol.red_days import store as red_day_store
from alerts.patrol.red_days.model import AskKind, RedDayRules
from alerts.season import closed_store
from alerts.season.closed import ClosedTime, closed_for
from contacts.duty_store import duty_officers
from data.audit import Entry, append
from data.database import Connection

TOLD_FOR = timedelta(days=3)
"""That it is over is news for so long; a bot that stood still longer says nothing (ours)."""


class Turn(NamedTuple):
    """A closed time that begins or is over, and of which nobody was told yet."""

    time: ClosedTime
    over: bool
    day: date  # local, on which it is told

    def __str__(self) -> str:
        return f"{self.time.division_code} {self.time.starts_on} {'over' if self.over else 'begun'}"


def turns(connection: Connection, now: datetime, rules: RedDayRules) -> list[Turn]:
    """What is to be told: at the hour of the day's orders, or at once when that has gone by."""
    day = now.astimezone(rules.zone).date()
    if now < rules.starts(AskKind.ORDERS, day):
        return []
    found = []
    for known in closed_store.told(connection, day - TOLD_FOR):
        if known.time.covers(day) and known.begun_at is None:
            found.append(Turn(known.time, over=False, day=day))
        elif known.time.ends_on < day and known.begun_at is not None and known.ended_at is None:
            found.append(Turn(known.time, over=True, day=day))
    return found


def tell(connection: Connection, turn: Turn, now: datetime) -> int:
    """Tell everybody of the division whom it concerns; returns how many.

    That it is over is not told where another closed time holds: there it is not.
    """
    time = turn.time
    holding = closed_store.closed_on(connection, turn.day) if turn.over else []
    people = red_day_store.asked_people(connection, time.division_code)
    people += duty_officers(connection, time.division_code, now)
    message = ClosedTimeNews(time.division_code, time.starts_on.isoformat(), turn.over)
    deliveries = [
        to_person(
            person,
            message,
            Lane.ORANGE,
            coalesce_key=f"closed:{time.division_code}:{person.id}",
        )
        for person in {person.id: person for person in people}.values()
        if person.telegram_id is not None
        and closed_for(holding, person.division_code, turn.day) is None
    ]
    outbox_store.add_many(connection, deliveries, now)
    closed_store.mark(connection, time, now, over=turn.over)
    detail = {
        "starts_on": time.starts_on.isoformat(),
        "ends_on": time.ends_on.isoformat(),
        "by_order": time.by_order,
        "messages": len(deliveries),
    }
    action = "closed_time.over" if turn.over else "closed_time.begun"
    append(connection, now, [Entry(action, f"division:{time.division_code}", detail=detail)])
    return len(deliveries)
