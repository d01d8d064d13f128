"""Making the daily reports when a day is over, once each; and telling those who read them.

Counting is a long read, storing is a short write, and telling is another: whatever is stopped in
between is gone on with, and nothing is made or told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from alerts.loop.daily import store
from alerts.loop.daily.counting import counted, patrolled, with_patrol
from alerts.loop.daily.days import DailyRules, is_told, last_over, span_of, to_be_made
from alerts.loop.daily.figures import Parts
from alerts.loop.daily.readers import in_use, readers_of
from alerts.outbox import store as outbox_store
from alerts.outbox.daily_messages import DailyNews
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotFound


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done about daily reports now.

    ``begins``: the reports of this installation begin with this day, which is not made.
    ``ahead_of``: days after this one were made, by a clock that was ahead.
    """

    begins: date | None = None
    ahead_of: date | None = None
    to_make: tuple[date, ...] = ()
    to_tell: tuple[date, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begins or self.ahead_of or self.to_make or self.to_tell)


def due(connection: Connection, now: datetime, rules: DailyRules) -> Due:
    """What is due; two look-ups by index where it is nothing."""
    if rules.at is None:
        return Due()
    last, newest = last_over(now, rules), store.newest(connection)
    if newest is None:
        return Due(begins=last)
    if newest > last:
        return Due(ahead_of=last)
    return Due(to_make=to_be_made(now, rules, newest), to_tell=tuple(store.untold(connection)))


def begin(connection: Connection, day: date, now: datetime) -> None:
    """Reports are made from the next day on: what was before is counted when somebody asks."""
    if store.newest(connection) is None:
        store.begin(connection, day, now)


def drop_after(connection: Connection, day: date, now: datetime) -> None:
    """What was made by a clock that was ahead is made anew when its time comes."""
    dropped = store.drop_after(connection, day)
    if dropped:
        detail = {"days": [each.isoformat() for each in dropped]}
        append(connection, now, [Entry("daily.dropped", f"day:{day}", None, detail)])
    if store.newest(connection) is None:
        store.begin(connection, day, now)


def count(connection: Connection, day: date, rules: DailyRules) -> Parts | None:
    """What the day came to; ``None`` where it cannot be known: a part of it was archived, and the
    history is not here."""
    try:
        parts = counted(connection, span_of(day, rules))
    except NotFound:
        return None
    return with_patrol(parts, patrolled(connection, day))


def put(connection: Connection, day: date, parts: Parts | None, now: datetime) -> None:
    """Store what was counted, unless another process has."""
    if store.is_known(connection, day):
        return
    if parts is None:
        store.begin(connection, day, now)
        return
    store.put(connection, day, parts, now)
    detail = {"divisions": len(parts)}
    append(connection, now, [Entry("daily.made", f"day:{day}", None, detail)])


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of a day, and the divisions in which nobody can be."""

    day: date
    deliveries: tuple[NewDelivery, ...] = ()
    unread: frozenset[str] = frozenset()


def plan_telling(connection: Connection, day: date, now: datetime, rules: DailyRules) -> Telling:
    """Whom to tell; nobody of a day that is over: who wants it asks for it."""
    if not is_told(day, now, rules):
        return Telling(day)
    codes = in_use(connection, rules.tiers)
    told = readers_of(connection, codes, now, rules)
    missed = sum(not is_told(each, now, rules) for each in store.untold(connection))
    deliveries = tuple(
        to_person(
            reader,
            DailyNews(code, day.isoformat(), missed),
            Lane.REST,
            role=reader.role.value,
            coalesce_key=f"daily:{code}:{reader.id}",
        )
        for code, readers in told.items()
        for reader in readers
    )
    return Telling(day, deliveries, frozenset(codes) - told.keys())


def tell(connection: Connection, telling: Telling, now: datetime) -> None:
    """Queue it, unless another process has."""
    if telling.day not in store.untold(connection):
        return
    store.told(connection, telling.day, telling.unread, now)
    outbox_store.add_many(connection, telling.deliveries, now)
    detail = {"readers": len(telling.deliveries), "unread": sorted(telling.unread)}
    append(connection, now, [Entry("daily.told", f"day:{telling.day}", None, detail)])
