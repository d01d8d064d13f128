"""Who can be reached changes: a person is lost or back, a bot falls silent or speaks again.

The ladders of their open calls follow at once. A bot that cannot speak makes its people count as
unreachable: they are told through the tier above. A bot may have a province of people: they are
dealt with some at a time, so that taps get their turn between, and what is left when the process
dies is found by what is written of the persons themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts import ladder_store, open_calls_store
from alerts.calls import LadderState, Reach
from alerts.escalation import next_step
from alerts.ladder_store import LadderStanding, NewDue
from alerts.model import State
from alerts.outbox import chat_store
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.bots import Down
from contacts.people import MAY_BE_BACK, Contact, Person
from data.database import Connection

CHUNK = 2000
"""Persons dealt with in one transaction, and messages dropped (ours): a twentieth of a second."""


def lost(
    connection: Connection, person_id: int, contact: Contact, rules: Rules, now: datetime
) -> None:
    """A person cannot be reached any more: their open calls skip ahead."""
    people_store.set_contact(connection, {person_id: contact}, now)
    ids = [call.id for call in open_calls_store.open_calls_of(connection, [person_id])]
    _set_reach(connection, ids, Reach.UNREACHABLE, rules, now)


def left(connection: Connection, person_ids: Iterable[int], now: datetime) -> int:
    """Persons left the roster: their open calls go to whoever stands in, or to the tier above.

    At once; returns how many calls that concerns.
    """
    return open_calls_store.out_of_reach(connection, person_ids, now)


def not_made(connection: Connection, call_ids: Iterable[int], rules: Rules, now: datetime) -> None:
    """Messages of these open calls failed: nobody counts as told, and their ladders move on.

    Of the persons it says nothing: the next message to them is tried as any other.
    """
    _set_reach(connection, list(call_ids), Reach.UNREACHABLE, rules, now)


def sender(connection: Connection, telegram_id: int) -> tuple[Person | None, bool]:
    """Whose account this is, and whether a word from it is news: they, or a call of theirs, are out
    of reach. One statement: it is asked at every update."""
    found = open_calls_store.sender(connection, telegram_id)
    if found is None:
        return None, False
    person, within_reach = found
    return person, person.contact in MAY_BE_BACK or within_reach


def reached_again(
    connection: Connection, person_ids: Iterable[int], rules: Rules, now: datetime
) -> int:
    """Persons who linked, unblocked the bot or wrote to it: their open calls go out to them now.

    Returns how many calls were queued.
    """
    ids = open_calls_store.calls_within_reach(connection, person_ids)
    if not ids:
        return 0
    queued = outbox_store.add_calls_again(connection, ids, Lane.RED, now)
    _set_reach(connection, ids, Reach.QUEUED, rules, now)
    return queued


def bot_down(
    connection: Connection, bot_id: int, down: Down, now: datetime, *, limit: int = CHUNK
) -> int:
    """The bot was revoked, or told to wait for long: every ladder of its people moves on at once.

    Returns how many open calls that concerns: of at most ``limit`` persons, so it is to be called
    while ``falling_silent``. Safe to tell again.
    """
    bot_store.mark_down(connection, bot_id, down, now)
    chat_store.drop_calls_of_bot(connection, bot_id, limit)
    silenced = bot_store.silence(connection, bot_id, limit)
    return open_calls_store.out_of_reach(connection, silenced, now)


def falling_silent(connection: Connection, bot_id: int, down: Down) -> bool:
    """Whether ``bot_down`` would find something to do."""
    bot = bot_store.bot(connection, bot_id)
    if bot is None:
        return False
    return (
        bot.down is not down
        or bot_store.anybody_hears(connection, bot_id)
        or chat_store.calls_wait_for(connection, bot_id)
    )


def bot_up(
    connection: Connection, bot_id: int, rules: Rules, now: datetime, *, limit: int = CHUNK
) -> int:
    """The bot can speak again: calls still open go out to its people; returns how many.

    To at most ``limit`` persons, so it is to be called while ``silent``. The bot counts as speaking
    once all of them were dealt with: a process that dies before leaves the rest to the next.
    """
    back = bot_store.hear(connection, bot_id, limit)
    if len(back) < limit:
        bot_store.mark_up(connection, bot_id, now)
    return reached_again(connection, back, rules, now)


def silent(connection: Connection, bot_id: int) -> bool:
    """Whether the bot counts as one that cannot speak."""
    bot = bot_store.bot(connection, bot_id)
    return bot is not None and bot.down is not None


def _set_reach(
    connection: Connection, call_ids: list[int], reach: Reach, rules: Rules, now: datetime
) -> None:
    """Open calls with another reach, and what is due next then: worked out once for those who stand
    alike, as the calls of one release mostly do."""
    due: dict[LadderStanding, datetime | None] = {}
    changes = []
    for call_id, standing in ladder_store.standing_of(connection, call_ids):
        if standing not in due:
            due[standing] = next_due(standing, reach, standing.delivered_at, rules, now)
        changes.append(NewDue(call_id, due[standing]))
    ladder_store.save_reach(connection, changes, reach)


def next_due(
    standing: LadderStanding,
    reach: Reach,
    delivered_at: datetime | None,
    rules: Rules,
    now: datetime,
) -> datetime | None:
    """When the next step of calls that stand so is due, once their reach is another. Pure.

    At once, where it would have been due before: what is overdue is what nobody looked at.
    """
    if standing.alert_state is not State.RELEASED:
        return None
    ladder_state = LadderState(
        standing.state,
        reach,
        standing.called_at,
        delivered_at,
        standing.steps,
        standing.last_step_at,
    )
    due = next_step(rules.policies[standing.level], ladder_state)
    return None if due is None else max(due.at, now)
