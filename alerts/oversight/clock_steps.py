"""Steps of the machine's clock in the trail, and what the trail knows of the time when we start.

A machine that starts before it knows the time would end what holds, make the days of other years,
and forget those that were made.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from contacts import bot_store
from data import audit
from data.audit import Entry, append
from data.database import Connection

ACTION, SUBJECT = "clock.stepped", "clock"

BEHIND = timedelta(seconds=60)
"""Clocks of several machines differ by less (ours)."""


class Step(Protocol):
    """As ``bot.services.clocks.ClockStep``."""

    @property
    def by(self) -> timedelta:
        """By how much the machine's clock was stepped."""

    @property
    def followed(self) -> bool:
        """Whether it is followed; else it is kept out."""


def note_step(connection: Connection, step: Step, now: datetime) -> None:
    """Enter a step of the machine's clock in the trail: once, by whoever saw it."""
    detail = {"seconds": round(step.by.total_seconds()), "followed": step.followed}
    append(connection, now, [Entry(ACTION, SUBJECT, None, detail)])


def not_before(connection: Connection, wall: datetime) -> datetime | None:
    """When it is at least, where the machine's clock says less than what was written down.

    ``None``: its clock is believed. So it is after a step back was kept out and told: whoever
    starts us again then has put it right. Nothing was written down before the trail began.
    """
    times = [audit.last(connection)[1], bot_store.newest_heard_until(connection)]
    known = [at for at in times if at is not None]
    if not known or max(known) - wall <= BEHIND:
        return None
    began, steps = audit.began_at(connection), list(audit.trail(connection, SUBJECT))
    ran_ahead = bool(steps) and not steps[-1]["detail"]["followed"]
    if ran_ahead and (began is None or wall >= began):
        return None
    return max(known)
