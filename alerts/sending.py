"""The dispatcher's exchange with the outbox: what is next to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

from alerts import (
    alert_store,
    asked_by_then,
    call_store,
    ladder_store,
    one_card_store,
    outdated_words,
)
from alerts.calls import ANSWERED, CallState, Reach
from alerts.cards import help_lists, progress_card_store
from alerts.group_reach import post_after_all
from alerts.holding import hold
from alerts.model import Alert, State
from alerts.outbox import called_store, chat_store, claim_store, end_store, outcome_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import (
    IMPOSSIBLE,
    SECOND_LOOK,
    Attempt,
    Delivery,
    DeliveryState,
    End,
    Result,
    Retry,
    backoff,
)
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.oversight import refusal_store
from alerts.overtaken import (
    ABOUT_ALERTS,
    CALLS,
    OF_AREAS,
    about_what_is_over,
    not_asked_any_more,
    of_other_areas,
)
from alerts.patrol.distress import buttons as distress_buttons
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.reach import lost, next_due, not_made, reached_again
from alerts.rules import Rules
from alerts.seen import note_seen
from alerts.standing_down import about_call
from alerts.validity import (
    CALLING,
    NEWS,
    chased,
    is_news,
    never_overdue_before,
    overdue,
)
from contacts import group_store, people_store
from contacts.group_store import mark_group, migrate_group
from contacts.people import Contact
from data.database import Connection

MOST_ATTEMPTS = 50
"""Tries before a delivery that only ever fails in passing is given up: about 45 minutes."""

DEFAULTS = Rules()

MOST_LOOKS = 5
"""Tries after which a refusal is believed though its words were others each time."""

_EDITS = (MessageKind.ANSWERED, MessageKind.SILENT_LIST_EDIT, MessageKind.POST_CARD)
"""What changes a message that is there already: that it is done says nothing of the next one."""
_SETTLED_OTHERWISE = (CallState.PROXIED, CallState.DISCHARGED)
_RUNNING = (State.RELEASED, State.CLOSED)
_ROLL_CALL = (MessageKind.ROLL_CALL_RESULT, MessageKind.PICTURE)


def claim(
    connection: Connection,
    worker: str,
    now: datetime,
    room: Mapping[Lane, int],
    bot_id: int,
    rules: Rules = DEFAULTS,
    *,
    per_chat: int = claim_store.ANY_NUMBER,
    full: Mapping[Lane, Collection[int]] | None = None,
    dropped: list[Delivery] | None = None,
) -> list[Delivery]:
    """Take the bot's next deliveries for ``worker``: up to ``room[lane]`` of each lane.

    What is not true any more is dropped, not sent. What is overdue by too much is not sent unasked:
    its warning is held.

    :param per_chat: how many of each lane for one chat.
    :param full: by lane, the chats for which nothing is taken.
    :param dropped: filled with what was dropped: it had its part of the room.
    """
    taken = claim_store.claim(connection, worker, now, room, bot_id, per_chat=per_chat, full=full)
    for alert in _overdue(connection, taken, now, rules):
        hold(connection, alert, now)
    gone = overtaken(connection, taken, now, rules)
    if not gone:
        return taken
    untrue = [delivery for delivery in taken if delivery.id in gone]
    ends = [End(delivery, DeliveryState.DROPPED) for delivery in untrue]
    outcome_store.finish(connection, ends, now)
    # A process that died had sent them perhaps, while their warning was ended.
    end_store.tell_late(connection, gone, now)
    if dropped is not None:
        dropped += untrue
    return [delivery for delivery in taken if delivery.id not in gone]


def overtaken(
    connection: Connection,
    deliveries: Sequence[Delivery],
    now: datetime,
    rules: Rules = DEFAULTS,
) -> set[int]:
    """Those that are not to be sent any more, by id; reads only.

    A call or reminder whose person has answered; what is about a warning that is over, held, or
    overdue by too much; and the news of another day.
    """
    kinds = {delivery.kind for delivery in deliveries}
    gone = not_asked_any_more(connection, deliveries, now)
    if not OF_AREAS.isdisjoint(kinds):
        gone |= of_other_areas(connection, deliveries)
    if not ABOUT_ALERTS.isdisjoint(kinds):
        gone |= about_what_is_over(connection, deliveries, now)
    if not NEWS.isdisjoint(kinds):
        gone |= {
            delivery.id
            for delivery in deliveries
            if delivery.queued_at is not None
            and not is_news(delivery.kind, delivery.queued_at, now)
        }
    if held := {alert.id for alert in _overdue(connection, deliveries, now, rules)}:
        gone |= {
            delivery.id
            for delivery in deliveries
            if delivery.kind in CALLING and delivery.alert_id in held
        }
    return gone


def still_true(
    connection: Connection, held: Sequence[Delivery], now: datetime, rules: Rules = DEFAULTS
) -> set[int]:
    """Those of these claimed deliveries that may still be sent, by id; reads only.

    Another process may have taken them over, or they were overtaken.
    """
    return claim_store.still_claimed(connection, held) - overtaken(connection, held, now, rules)


def _overdue(
    connection: Connection, deliveries: Iterable[Delivery], now: datetime, rules: Rules
) -> list[Alert]:
    """The alerts in force of which these deliveries are overdue by too much; mostly none.

    A queue that is long but moves is not overdue: something of the warning left meanwhile.
    """
    before = never_overdue_before(now, rules)
    oldest: dict[int, datetime] = {}
    for delivery in deliveries:
        at = delivery.queued_at
        if at is None or at >= before or delivery.kind not in CALLING or delivery.alert_id is None:
            continue
        oldest[delivery.alert_id] = min(at, oldest.get(delivery.alert_id, at))
    if not oldest:
        return []
    return [
        alert
        for alert in alert_store.alerts_by_id(connection, oldest).values()
        if chased(alert, now)
        and overdue(alert, oldest[alert.id], now, rules)
        and not outbox_store.moved_since(
            connection,
            alert.id,
            CALLING,
            now - timedelta(minutes=rules.overdue_minutes[alert.level]),
        )
    ]


def recover(connection: Connection, bot_id: int, now: datetime) -> int:
    """Queue again what a process that died had claimed: whether it was sent is unknown.

    Only for the holder of the bot's lease: nobody else is sending then.
    """
    return claim_store.give_back(connection, now, bot_id=bot_id)


def record(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> None:
    """Write down what became of the requests, and what follows for their calls.

    Nothing of deliveries that another process has taken over: it will write down what came of them.
    """
    sent = [attempt for attempt in attempts if attempt.result is Result.SENT]
    made = outcome_store.sent(
        connection, [(attempt.delivery, attempt.message_id) for attempt in sent], now
    )
    arrived = [attempt for attempt in sent if attempt.delivery.id in made.ours]
    running = _sent(connection, arrived, rules, now)
    _reached_after_all(connection, arrived, made.out_of_reach, rules, now)
    if len(sent) < len(attempts):
        not_sent = [attempt for attempt in attempts if attempt.result is not Result.SENT]
        _record_not_sent(connection, not_sent, rules, now)
    _tell_late(connection, attempts, running, now)


def _record_not_sent(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> None:
    """What became of requests that were not made, or of which that is not known."""
    ends: list[tuple[Attempt, End]] = []
    retries: list[Retry] = []
    looked_twice = _looked_twice(connection, attempts)
    looking_again: list[Attempt] = []
    for attempt in attempts:
        if attempt.may_pass and attempt.delivery.id not in looked_twice:
            looking_again.append(attempt)
            retries.append(_retry(attempt, now))
        elif (state := _end_of(attempt)) is not None:
            ends.append((attempt, End(attempt.delivery, state, attempt.error)))
        else:
            retries.append(_retry(attempt, now))
    dropped = [attempt.delivery for attempt in attempts if attempt.result is Result.DROPPED]
    for alert in _overdue(connection, dropped, now, rules):
        hold(connection, alert, now)
    ours = outcome_store.finish(connection, [end for _, end in ends], now)
    for attempt, end in ends:
        if end.state is DeliveryState.FAILED and attempt.delivery.id in ours:
            _not_reached(connection, attempt, rules, now)
    for attempt in looking_again:
        _call_not_made(connection, attempt, rules, now)
    outcome_store.requeue(connection, retries, now)
    _move_chats(connection, attempts, now)


def _move_chats(connection: Connection, attempts: Iterable[Attempt], now: datetime) -> None:
    """Groups that became supergroups: what waits for them goes to their new chats."""
    for attempt in attempts:
        old, new = attempt.delivery.chat_id, attempt.new_chat_id
        if attempt.result is Result.MIGRATED and new is not None:
            migrate_group(connection, old, new, now)
            chat_store.move_chat(connection, old, new)


def set_aside(connection: Connection, attempt: Attempt, now: datetime) -> None:
    """What came of this cannot be written down, because of a bug: it is not sent again."""
    if attempt.result in (Result.SENT, Result.UNCERTAIN):
        outcome_store.may_have_arrived(connection, attempt.delivery, now)
    end = End(attempt.delivery, DeliveryState.FAILED, IMPOSSIBLE)
    outcome_store.finish(connection, [end], now)


def _tell_late(
    connection: Connection, attempts: Sequence[Attempt], running: Set[int], now: datetime
) -> None:
    """Whom a warning reached while it was ended hears of that now.

    :param running: alerts known not to be over.
    """
    about = [
        attempt.delivery
        for attempt in attempts
        if attempt.delivery.kind in end_store.BEARING_WARNING
    ]
    unknown = {
        delivery.alert_id
        for delivery in about
        if delivery.alert_id is not None and delivery.alert_id not in running
    }
    # Nearly never: measured, to ask about each delivery cost a twentieth of recording it.
    if unknown and end_store.any_over(connection, unknown):
        end_store.tell_late(connection, [delivery.id for delivery in about], now)


def _end_of(attempt: Attempt) -> DeliveryState | None:
    """How a delivery ends that was not sent; ``None``: it does not."""
    if attempt.result is Result.DROPPED:
        return DeliveryState.DROPPED
    if attempt.result in (Result.PERMANENT, Result.IMPOSSIBLE):
        return DeliveryState.FAILED
    return DeliveryState.FAILED if attempt.delivery.attempts + 1 >= MOST_ATTEMPTS else None


def _sent(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> set[int]:
    """What follows from messages that arrived; returns the alerts seen not to be over."""
    note_seen(connection, attempts, now)
    called: dict[int, Attempt] = {}
    for attempt in attempts:
        delivery = attempt.delivery
        if delivery.kind in CALLS and delivery.call_id is not None:
            called[delivery.call_id] = attempt
        elif delivery.kind in (MessageKind.CARD, MessageKind.POST) or _opened_card(delivery):
            progress_card_store.note_message(connection, delivery, attempt.message_id, now)
        elif delivery.kind is MessageKind.HELP_WANTED:
            help_lists.point_to_newest(connection, delivery, attempt.message_id, now)
        elif delivery.kind in _ROLL_CALL:
            roll_call_store.note_message(connection, delivery, attempt.message_id)
        elif delivery.kind in distress_buttons.KINDS:
            distress_buttons.note_sent(connection, delivery, attempt.message_id, now)
    return _delivered(connection, called, rules, now) if called else set()


def _opened_card(delivery: Delivery) -> bool:
    """Whether it is a progress card that its reader opened (``outbox.store.relay``)."""
    of_alert = delivery.alert_id is not None and delivery.call_id is None
    return of_alert and delivery.kind is MessageKind.REPLY


def _reached_after_all(
    connection: Connection,
    arrived: Iterable[Attempt],
    out_of_reach: Mapping[int, int],
    rules: Rules,
    now: datetime,
) -> None:
    """Messages arrived: whoever was believed out of reach is not.

    :param out_of_reach: the person who was, by delivery.
    """
    new = [attempt.delivery for attempt in arrived if attempt.delivery.kind not in _EDITS]
    if out_of_reach and (
        back := {out_of_reach[delivery.id] for delivery in new if delivery.id in out_of_reach}
    ):
        people_store.set_contact(connection, dict.fromkeys(back, Contact.OK), now)
        reached_again(connection, back, rules, now)
    if groups := {delivery.chat_id for delivery in new if delivery.chat_id < 0}:
        for chat_id in group_store.reached_after_all(connection, groups):
            mark_group(connection, chat_id, Contact.OK, now)
            known = group_store.group(connection, chat_id)
            if known is not None:
                post_after_all(connection, known, now)


def _retry(attempt: Attempt, now: datetime) -> Retry:
    delivery = attempt.delivery
    wait = (
        SECOND_LOOK
        if attempt.may_pass
        else timedelta(seconds=attempt.retry_after)
        if attempt.retry_after
        else timedelta(0)
        if attempt.result is Result.MIGRATED
        else backoff(delivery.attempts)
    )
    return Retry(
        delivery,
        attempt.new_chat_id or delivery.chat_id,
        now + wait,
        attempt.error,
        attempt.result is Result.UNCERTAIN,
        # Whoever writes meanwhile gets this one at once, and not another.
        outbox_store.again_key(delivery.call_id)
        if attempt.may_pass and delivery.kind is MessageKind.CALL and delivery.call_id is not None
        else None,
    )


def _delivered(
    connection: Connection, arrived: Mapping[int, Attempt], rules: Rules, now: datetime
) -> set[int]:
    """The calls reached their phones: their ladders count from now.

    Returns those of their alerts that are not over.
    """
    settled_otherwise = False
    standings = ladder_store.standings(connection, arrived)
    if asked_by_then.note_arrived(connection, standings, arrived):
        standings = ladder_store.standings(connection, arrived)
    not_heard: Mapping[tuple[int, int], Sequence[int]] = {}
    left_out: Mapping[tuple[int, int], Sequence[int]] = {}
    outdated = outdated_words.any_may_be_outdated(standings, arrived)
    if outdated or any(standing.state is CallState.LEFT_OUT for standing in standings):
        standing_of = dict(ladder_store.standing_of(connection, arrived))
        arrived = outdated_words.take_out_overtaken(connection, arrived, standing_of, now)
        not_heard = outdated_words.changes_not_heard(connection, arrived, standing_of)
        standing_of = {call_id: standing_of[call_id] for call_id in arrived}
        standings = list(dict.fromkeys(standing_of.values()))
        left_out = outdated_words.left_out_meanwhile(connection, standing_of)
    called = {call_id: attempt.message_id for call_id, attempt in arrived.items()}
    if any(standing.told_before for standing in standings):
        # One live button a call: under its newest message, which is the one that is looked at.
        end_store.take_buttons_of_earlier(connection, called, now)
    for standing in standings:
        due = next_due(standing, Reach.DELIVERED, standing.delivered_at or now, rules, now)
        ladder_store.delivered(connection, standing, called, now, due)
        settled_otherwise |= standing.state in _SETTLED_OTHERWISE
        settled_otherwise |= standing.told_before and standing.state in ANSWERED
        # Narrowed while it was under way.
        settled_otherwise |= standing.state is CallState.LEFT_OUT
    if settled_otherwise:
        _show_what_became(connection, called, now)
    _one_card(connection, called, {standing.alert_id for standing in standings}, now)
    outdated_words.tell(connection, not_heard, standings, now)
    outdated_words.tell_left_out(connection, left_out, now)
    return {standing.alert_id for standing in standings if standing.alert_state in _RUNNING}


def _one_card(
    connection: Connection, called: Iterable[int], alert_ids: Collection[int], now: datetime
) -> None:
    """Older messages about the same danger lose their buttons: the new one bears it for all."""
    if not one_card_store.same_hazard(connection, alert_ids):  # nearly always
        return
    arrived = [call for call in call_store.calls(connection, called) if call.open]
    older = {before.id for before, _ in one_card_store.older_open(connection, arrived)}
    called_store.add_to_called(connection, older, MessageKind.ANSWERED, Lane.CARD, now)


def _show_what_became(connection: Connection, call_ids: Iterable[int], now: datetime) -> None:
    """Calls that arrived after somebody else had settled them say so: their buttons go."""
    arrived = call_store.calls(connection, call_ids)
    settled = [
        call
        for call in arrived
        if call.state in _SETTLED_OTHERWISE or call.answered or call.left_out
    ]
    people = people_store.people(connection, [call.person_id for call in settled])
    edits = [
        about_call(MessageKind.ANSWERED, call, people[call.person_id])
        for call in settled
        if people[call.person_id].reachable
    ]
    outbox_store.add_many(connection, edits, now)


def _looked_twice(connection: Connection, attempts: Iterable[Attempt]) -> set[int]:
    """Deliveries refused for what may pass, in the same words as at the look before; by id."""
    refused = [(made.delivery, made.error) for made in attempts if made.may_pass]
    if not refused:
        return set()
    often = {delivery.id for delivery, _ in refused if delivery.attempts >= MOST_LOOKS}
    return often | outcome_store.refused_before(connection, refused)


def _not_reached(connection: Connection, attempt: Attempt, rules: Rules, now: datetime) -> None:
    """A delivery failed for good: what that says of its person or group, and their ladders."""
    delivery = attempt.delivery
    contact = None if attempt.contact is None else Contact(attempt.contact)
    if contact is not None and delivery.person_id is not None:
        lost(connection, delivery.person_id, contact, rules, now)
    elif contact is not None and delivery.chat_id < 0:
        mark_group(connection, delivery.chat_id, contact, now)
        chat_store.drop_chat(connection, delivery.chat_id)
    _call_not_made(connection, attempt, rules, now)


def _call_not_made(connection: Connection, attempt: Attempt, rules: Rules, now: datetime) -> None:
    """Whatever the failure: the ladder of this call moves on at once (DESIGN rules 5 and 10).

    A reminder that could not be said for a reason of ours leaves the call that had arrived.
    """
    delivery = attempt.delivery
    if attempt.unforeseen:
        refusal_store.note(connection, attempt.error, now)
    refused = attempt.result is Result.PERMANENT
    if delivery.call_id is not None and (
        delivery.kind is MessageKind.CALL or (delivery.kind is MessageKind.REMIND and refused)
    ):
        not_made(
            connection, call_store.still_asked(connection, [delivery.call_id], now), rules, now
        )
