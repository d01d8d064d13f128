"""The answer to an ask about duty, of whatever kind; and what becomes of it without one."""

from __future__ import annotations

from datetime import datetime

from alerts.duty import ask_store, passing_on, swapping
from alerts.duty.ending import end
from alerts.duty.model import Ask, AskKind, AskState, DutyRules
from contacts.people import Person
from data.database import Connection

CHUNK = 50
"""Asks that lapse in one transaction."""


def answer(
    connection: Connection, person: Person, ask_id: int, now: datetime, *, agrees: bool
) -> Ask:
    """Agree to an ask, or decline it; the same answer twice is one.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    asked = ask_store.ask_of(connection, ask_id)
    if asked is not None and asked.kind is AskKind.HAND_OVER:
        return passing_on.answer(connection, person, ask_id, now, agrees=agrees)
    return swapping.answer(connection, person, ask_id, now, agrees=agrees)


def lapse_due(
    connection: Connection, now: datetime, rules: DutyRules, *, limit: int = CHUNK
) -> int:
    """End the asks whose time has come, or ask once more; how many."""
    found = ask_store.due(connection, now, limit)
    for asked in found:
        if asked.kind is AskKind.HAND_OVER and passing_on.chase(connection, asked, rules, now):
            continue
        end(connection, asked, AskState.LAPSED, now)
    return len(found)
