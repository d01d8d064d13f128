"""Who can be reached changes: a person is lost or back, a bot falls silent or speaks again.

The ladders of their open calls follow at once. A bot that cannot speak makes its people count as
unreachable: they are told through the tier above.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts import alert_store, call_store, ladder_store
from alerts.calls import Call, LadderState, Reach
from alerts.escalation import next_step
from alerts.ladder_store import NewReach
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import WarningCall
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.bots import Down
from contacts.people import Contact
from data.database import Connection


def lost(
    connection: Connection, person_id: int, contact: Contact, rules: Rules, now: datetime
) -> None:
    """A person cannot be reached any more: their open calls skip ahead."""
    people_store.set_contact(connection, {person_id: contact}, now)
    ladders = _Ladders(connection, rules)
    ladder_store.save_reach(
        connection,
        [
            ladders.changed(call, Reach.UNREACHABLE)
            for call in call_store.open_calls_of(connection, [person_id])
        ],
    )


def reached_again(
    connection: Connection, person_ids: Iterable[int], rules: Rules, now: datetime
) -> int:
    """Persons who just linked or unblocked the bot: their open calls are sent to them now.

    Returns how many calls were queued.
    """
    people = people_store.people(connection, person_ids)
    ladders = _Ladders(connection, rules)
    changes: list[NewReach] = []
    queued: list[NewDelivery] = []
    for call in call_store.open_calls_of(connection, people):
        person = people[call.person_id]
        if call.reach is not Reach.UNREACHABLE or not person.reachable:
            continue
        changes.append(ladders.changed(call, Reach.QUEUED))
        if ladders.alert_of(call).chasing:
            queued.append(
                to_person(
                    person,
                    WarningCall(),
                    Lane.RED,
                    role=call.role,
                    alert_id=call.alert_id,
                    call_id=call.id,
                    coalesce_key=f"again:{call.id}",
                )
            )
    outbox_store.add_many(connection, queued, now)
    ladder_store.save_reach(connection, changes)
    return len(queued)


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


class _Ladders:
    """The ladders of calls whose reach changes; each alert is read once."""

    def __init__(self, connection: Connection, rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._alerts: dict[int, Alert] = {}

    def alert_of(self, call: Call) -> Alert:
        if call.alert_id not in self._alerts:
            alert = alert_store.alert(self._connection, call.alert_id)
            assert alert is not None
            self._alerts[alert.id] = alert
        return self._alerts[call.alert_id]

    def changed(self, call: Call, reach: Reach) -> NewReach:
        """The call with another reach, and what is due next then."""
        alert = self.alert_of(call)
        ladder_state: LadderState = call.ladder_state._replace(reach=reach)
        due = next_step(self._rules.policies[alert.level], ladder_state) if alert.chasing else None
        due_at = None if due is None else due.at
        return NewReach(call.id, reach, call.delivered_at, call.message_id, due_at)
