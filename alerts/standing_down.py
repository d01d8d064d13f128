"""Standing down whoever was called in another's place, once that other is there or struck off.

And calling them up again, when it turns out that the other was not reached after all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from alerts import call_store, stand_in_store
from alerts.calls import Call, Reach
from alerts.escalation import Step, next_step
from alerts.model import Alert
from alerts.outbox import end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, Reminder, StandInToo
from alerts.rules import LANES, Rules
from alerts.updates import concerned_store
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import Again, asked_again
from contacts import people_store
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection


def stand_down(connection: Connection, settled: Sequence[Call], now: datetime) -> int:
    """These calls were answered or discharged: nobody has to stand in for them any more.

    A fixed number of statements; none where nobody was called in anybody's place. Who shares the
    post and is silent too keeps the stand-in. Returns how many calls ended.
    """
    causes = [call for call in settled if call.steps & Step.STAND_IN]
    if not causes:
        return 0
    told = stand_in_store.told_to_stand_in_too(connection, causes)
    _say_too(connection, causes[0].alert_id, told, now, over=True)
    found = stand_in_store.called_for(connection, [call.id for call in causes])
    if not found:
        return 0
    for cause_id, other in stand_in_store.still_needed_by(connection, causes).items():
        stand_in_store.stand_in_for_another(connection, cause_id, other)
        found = [(stand_in, of) for stand_in, of in found if of != cause_id]
    found = list({stand_in.id: (stand_in, of) for stand_in, of in found}.values())
    ending = [stand_in for stand_in, _ in found if stand_in.open]
    stand_in_store.stood_down(connection, [stand_in.id for stand_in in ending])
    append(
        connection,
        now,
        [
            Entry("call.stood_down", f"call:{stand_in.id}", None, {"for": cause_id})
            for stand_in, cause_id in found
            if stand_in.open
        ],
    )
    _tell(connection, [stand_in for stand_in, _ in found], now)
    return len(ending)


def end_standing_in(
    connection: Connection,
    alert_id: int,
    call_ids: Collection[int],
    silent: Sequence[Call],
    now: datetime,
) -> None:
    """The warning is no more for where these calls are.

    Who stood in there beside a call of their own reads that this is over, and whoever among them
    stands in elsewhere that it is not.

    :param silent: those of them that waited, and somebody had been asked to stand in for.
    """
    told = [
        each
        for each in stand_in_store.told_to_stand_in_too(connection, silent)
        if each[1] not in call_ids
    ]
    _say_too(connection, alert_id, told, now, over=True)
    elsewhere = stand_in_store.told_elsewhere(connection, alert_id, call_ids)
    _say_too(connection, alert_id, elsewhere, now)


def _say_too(
    connection: Connection,
    alert_id: int,
    told: Sequence[tuple[int, int, int]],
    now: datetime,
    *,
    over: bool = False,
) -> None:
    """To whoever has a call of their own: they stand in for another, or that is over.

    :param told: their person, their own call, the silent one.
    """
    if not told:
        return
    people = people_store.people(connection, [person_id for person_id, _, _ in told])
    deliveries = [
        to_person(
            people[person_id],
            StandInToo(silent_id, over=over),
            Lane.ANSWER,
            role=people[person_id].role.value,
            alert_id=alert_id,
            call_id=call_id,
        )
        for person_id, call_id, silent_id in told
        if people[person_id].reachable
    ]
    outbox_store.add_many(connection, deliveries, now)


def _tell(connection: Connection, stand_ins: Sequence[Call], now: datetime) -> None:
    """Those of them who got their call read that it is over for them; its buttons go.

    Who had answered already goes on, and reads in the call's message that the other is there.
    """
    concerned = [stand_in for stand_in in stand_ins if stand_in.open or stand_in.answered]
    if not concerned:
        return
    uncertain = stand_in_store.may_have_got(connection, [call.id for call in concerned])
    got = [call for call in concerned if call.message_id is not None or call.id in uncertain]
    people = people_store.people(connection, [call.person_id for call in got])
    deliveries: list[NewDelivery] = []
    for call in got:
        person = people[call.person_id]
        if not person.reachable:
            continue
        kind = MessageKind.ANSWERED if call.answered else MessageKind.STOOD_DOWN
        deliveries.append(about_call(kind, call, person))
    end_store.take_buttons_of_stand_ins(
        connection, [call.id for call in got if not call.answered], now
    )
    outbox_store.add_many(connection, deliveries, now)


def call_up_again(
    connection: Connection, cause: Call, alert: Alert, rules: Rules, now: datetime
) -> None:
    """The call is open again: whoever was stood down for it, or with it when the warning was
    narrowed, is called again, as if made now."""
    _tell_to_stand_in_too_again(connection, cause, now)
    found = [
        stand_in
        for stand_in, _ in stand_in_store.called_for(connection, [cause.id])
        if stand_in.stood_down or stand_in.left_out
    ]
    if not found:
        return
    people = people_store.people(connection, [call.person_id for call in found])
    gone = [call.id for call in found if call.left_out]
    if gone:
        concerned_store.keep_answers(connection, gone, None, now)
        concerned_store.clear_reports(connection, gone)
    for stand_in in found:
        reachable = people[stand_in.person_id].reachable
        reach = Reach.QUEUED if reachable else Reach.UNREACHABLE
        again = asked_again(stand_in, now, reach=reach)
        if stand_in.left_out:  # who was moved there stays counted
            again = again._replace(households=stand_in.households, persons=stand_in.persons)
        due = next_step(rules.policies[alert.level], again.ladder_state)
        call_store.save_asked_again(connection, again, None if due is None else due.at)
    withdrawal_store.say_anew(connection, [call.id for call in found], now)
    append(
        connection,
        now,
        [Entry("call.called_again", f"call:{call.id}", None, {"for": cause.id}) for call in found],
    )
    # Who has put the telephone away reads no edit: a message that rings.
    heard = [call.id for call in found if call.message_id is not None]
    if heard:
        message, lane = Reminder(again=Again.STAND_IN), LANES[alert.level]
        outbox_store.add_reminders(connection, heard, message, lane, now)
    unheard = [call.id for call in found if call.message_id is None]
    if unheard:
        outbox_store.add_calls_again(connection, unheard, Lane.RED, now)


def _tell_to_stand_in_too_again(connection: Connection, cause: Call, now: datetime) -> None:
    """Who stood in beside a call of their own, and read that the other was there, does again."""
    if not cause.steps & Step.STAND_IN:
        return
    told = stand_in_store.told_to_stand_in_too(connection, [cause])
    _say_too(connection, cause.alert_id, told, now)


def about_call(kind: MessageKind, call: Call, person: Person) -> NewDelivery:
    """What is said at once to the addressee of a call about it."""
    return to_person(
        person, kind, Lane.ANSWER, role=person.role.value, alert_id=call.alert_id, call_id=call.id
    )
