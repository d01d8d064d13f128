"""A bot that cannot speak: its people count as unreachable, and are told through the tier above."""

from __future__ import annotations

from datetime import datetime

from alerts import ladder_store
from alerts.outbox import store as outbox_store
from alerts.outbox.sending import reached_again
from alerts.rules import Rules
from contacts import bot_store
from contacts.bots import Down
from data.database import Connection


def bot_down(connection: Connection, bot_id: int, down: Down, now: datetime) -> int:
    """The bot was revoked, or told to wait for long: every ladder of its people moves on at once.

    Returns how many open calls that concerns. Safe to tell again.
    """
    if not bot_store.mark_down(connection, bot_id, down, now):
        return 0
    outbox_store.drop_calls_of_bot(connection, bot_id)
    return ladder_store.out_of_reach(connection, bot_id, now)


def bot_up(connection: Connection, bot_id: int, rules: Rules, now: datetime) -> int:
    """The bot can speak again: calls still open go out to its people; returns how many."""
    return reached_again(connection, bot_store.mark_up(connection, bot_id, now), rules, now)
