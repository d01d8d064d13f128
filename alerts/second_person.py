"""When a release takes two persons: by its own areas, and by all that one person released lately.

Eight counties are a prefecture, in one list or one after another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import alert_message_store, alert_store
from alerts.model import Draft
from alerts.rules import Rules
from contacts import link_store
from contacts.divisions.extent import as_wide_as
from contacts.divisions.store import children_of
from contacts.people import Person
from data.database import Connection

LATELY = timedelta(hours=1)
"""What one person released alone within it counts together (ours)."""


def needs_second_person(
    connection: Connection, draft: Draft, by: Person, rules: Rules, now: datetime | None
) -> bool:
    """Whether ``draft``, released by ``by``, waits for a second person.

    :param now: ``None`` looks at the draft alone, not at what they released lately.
    """
    if rules.needs_second_person(draft):
        return True
    if draft.exercise or draft.level not in rules.second_confirmation_levels:
        return False
    areas = set(draft.areas)
    if now is not None:
        levels = rules.second_confirmation_levels
        areas |= alert_store.areas_released_alone(connection, by.id, levels, now - LATELY)
        areas |= alert_message_store.areas_said_alone(connection, by.id, levels, now - LATELY)
    if len(areas) < 2:
        return False
    tiers = rules.second_confirmation_tiers
    return as_wide_as(areas, tiers, lambda code: children_of(connection, code))


def are_two(connection: Connection, sender_id: int, other_id: int) -> bool:
    """Whether two accounts are surely of two persons: not one, and neither let the other in,
    themselves or by somebody between them."""
    return (
        sender_id != other_id
        and sender_id not in link_store.let_in_by(connection, other_id)
        and other_id not in link_store.let_in_by(connection, sender_id)
    )
