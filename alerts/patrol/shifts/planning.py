"""What is expected of every patroller today, worked out from orders, season and usual hours.

The hours of a person's own order come first, then those ordered for the nearest division upward,
then, in the fire season, the usual ones. Yesterday's hours count too: a night shift ends today.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from alerts.patrol.shifts import store as watch_store
from alerts.patrol.shifts.model import (
    Shift,
    ShiftRules,
    check_in_times,
    due_at,
    plan_key,
    planned,
    usual_shift,
)
from alerts.season.model import in_season
from alerts.season.store import season_orders
from contacts.divisions.codes import ancestors
from contacts.people import Person
from data import set_aside
from data.database import Connection

CHUNK = 100
"""Watches planned in one transaction: small enough that a tap never waits long for the writer."""


class Plans:
    """The check-ins expected today of some persons."""

    def __init__(
        self,
        connection: Connection,
        rules: ShiftRules,
        now: datetime,
        people: Collection[Person],
    ) -> None:
        self._rules = rules
        today = now.astimezone(rules.zone).date()
        self._days = (today - timedelta(days=1), today)
        self._own = watch_store.shifts_of(connection, [person.id for person in people], *self._days)
        self._orders = watch_store.orders(connection, *self._days)
        self._seasons = season_orders(connection)
        self._shared: dict[str, tuple[tuple[Shift, ...], ...]] = {}

    def times(self, person: Person) -> tuple[datetime, ...]:
        """When ``person`` is to check in, yesterday and today; empty: never."""
        shared: tuple[tuple[Shift, ...], ...] = ((), ())
        if person.holds(self._rules.roles):
            code = person.seen_as(lambda post: post.role in self._rules.roles).division_code
            if code not in self._shared:
                self._shared[code] = tuple(self._hours(code, day) for day in self._days)
            shared = self._shared[code]
        shifts: list[Shift] = []
        for day, usual in zip(self._days, shared, strict=True):
            shifts.extend(self._own.get((person.id, day), usual))
        return check_in_times(shifts)

    def _hours(self, code: str, day: date) -> tuple[Shift, ...]:
        for division in (code, *ancestors(code)):
            if (division, day) in self._orders:
                return tuple(self._orders[division, day])
        rules = self._rules
        if rules.expected and in_season(self._seasons, rules.periods, code, day):
            return (usual_shift(day, rules),)
        return ()


def plan_watches(
    connection: Connection, now: datetime, rules: ShiftRules, *, limit: int = CHUNK
) -> int:
    """Work out anew at most ``limit`` watches that are not of today's plan; returns how many."""
    key = plan_key(rules, now)
    yesterday = now.astimezone(rules.zone).date() - timedelta(days=1)
    found = watch_store.unplanned(connection, key, rules.roles, yesterday, limit)
    if not found:
        return 0
    plans = Plans(connection, rules, now, [watched.person for watched in found])
    latest = watch_store.locked(
        connection, [watched.person.id for watched in found if watched.stored]
    )
    rows = []
    for watched in found:
        watch = planned(
            latest.get(watched.person.id, watched.watch), plans.times(watched.person), key, now
        )
        rows.append((watched, watch, due_at(watch, rules, reachable=watched.person.reachable)))
    watch_store.save(connection, rows)
    return len(found)


def anything_unplanned(connection: Connection, now: datetime, rules: ShiftRules) -> bool:
    """Whether ``plan_watches`` would find work."""
    return _first(connection, now, rules) is not None


def leave_first_unplanned(
    connection: Connection, now: datetime, rules: ShiftRules, error: BaseException
) -> bool:
    """Set aside, for today, whoever ``plan_watches`` comes to first; whether there was one."""
    person_id = _first(connection, now, rules)
    if person_id is None:
        return False
    watch_store.leave_unplanned(connection, person_id, plan_key(rules, now))
    set_aside.note(connection, "plan", person_id, error, now, timedelta(days=1))
    return True


def _first(connection: Connection, now: datetime, rules: ShiftRules) -> int | None:
    yesterday = now.astimezone(rules.zone).date() - timedelta(days=1)
    return watch_store.first_unplanned(connection, plan_key(rules, now), rules.roles, yesterday)
