"""Answers by telephone, SMS and accounts: whose they are, what they say, recorded once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts import acknowledge, alert_store, call_store, open_calls_store
from alerts.acknowledge import CallResult
from alerts.calls import ANSWERED_BY, Call, CallOutcome, Report
from alerts.channels import address_store, event_store, store, take_back_store
from alerts.channels.addresses import owned_by, people_at
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.model import Kind, Said, by_text, meant_by
from alerts.follow_up import report_by_person
from alerts.heard_late import ended_since
from alerts.rules import Rules
from alerts.test_calls import proving
from alerts.test_calls.model import HowProven, code_in
from alerts.test_calls.proving import Proof
from alerts.validity import in_force
from alerts.withdrawals.model import Withdrawn
from alerts.withdrawals.withdrawing import take_back_by_person
from contacts import people_store
from contacts.channels import ACCOUNTS, Channel
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed, NotFound

CLOCKS_APART = timedelta(minutes=5)
"""By so much a provider's clock may be behind ours, as its signature allows: an SMS answers no
warning that was made that much after it."""


class Taking(Enum):
    """What became of an answer: said to whoever gave it, in the words of the channel."""

    RECORDED = "recorded"
    ALREADY = "already"  # answered before: fine
    OVER = "over"  # the warning is over, or nobody is asked any more
    HELP = "help"  # recorded, and help is asked for
    AGAIN = "again"  # to be said once more
    NOT_UNDERSTOOD = "not_understood"  # another key, other words: no answer
    TAKEN_BACK = "taken_back"  # an answer was given by mistake: they are called anew
    KEPT = "kept"  # it is too late to take it back
    NO_CALL = "no_call"  # they have nothing to answer
    WHICH_PERSON = "which_person"  # several persons share the number, and more than one is asked
    WHOSE = "whose"  # the same of an answer to be taken back
    STRANGER = "stranger"  # nobody has this number, or no such delivery
    REPEATED = "repeated"  # the provider told it before: it changed nothing
    TEST = "test"  # it is about a test call: ``Taken.proof`` says what came of it


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an answer, and all that is said about it."""

    taking: Taking
    result: CallResult | None = None  # which call it was for
    persons: tuple[Person, ...] = ()  # whose number it came from
    others: int = 0  # further warnings that this person has still to answer
    proof: Proof | None = None  # of a test call

    @property
    def answered(self) -> bool:
        """Whether the call is answered now, or what a test is about is proven."""
        if self.proof is not None:
            return self.proof in (Proof.PROVEN, Proof.ALREADY)
        return self.taking in (Taking.RECORDED, Taking.ALREADY, Taking.HELP)


def take(
    connection: Connection,
    channel: Channel,
    event_id: str,
    who: int | str,
    what: str,
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    """Take an answer by any channel beside Telegram; commit it before the provider is answered.

    Told twice, it counts once. The key pressed during a telephone call, or on a card, answers that
    call, for whichever of those who share the line it was made; what somebody writes answers the
    newest warning they have still to answer.

    :param event_id: the provider's own number of it, or whatever else is the same when it repeats.
    :param who: the id of the delivery that rang or bore the card; or whence it was written: the
        number of an SMS (``+86139…``), an account, an e-mail address.
    :param what: the key, or the words.
    :param at: when, as the provider says: words mean no warning that was made after them.
    """
    if isinstance(who, str) and not people_at(connection, channel, who):
        return Taken(Taking.STRANGER)  # nothing comes of it, nor of it again: it is not kept
    if not event_store.take_event(connection, channel, event_id, now):
        return Taken(Taking.REPEATED)
    if isinstance(who, int):
        return _by_delivery(connection, channel, who, what, at, rules, now)
    return _by_address(connection, channel, who, what, at, rules, now)


def _by_delivery(
    connection: Connection,
    channel: Channel,
    delivery_id: int,
    what: str,
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    delivery = store.delivery(connection, delivery_id)
    if delivery is None or delivery.channel is not channel:
        return Taken(Taking.STRANGER)
    if delivery.kind is Kind.TEST and channel is Channel.SMS:  # a warning's call comes first
        return _by_address(connection, channel, delivery.address, what, at, rules, now)
    if delivery.kind is Kind.TEST:
        return _of_test(connection, delivery, what, at, now)
    person = people_store.person(connection, delivery.person_id)
    if person is None or delivery.address not in owned_by(connection, [person], channel)[person.id]:
        return Taken(Taking.STRANGER)  # the number is somebody else's by now
    if channel not in ACCOUNTS:  # it was made: they are on the line
        take_back_store.told(connection, [delivery.id], now)
    persons = (person,)
    _works(connection, persons, channel, delivery.address, min(at, now))
    said = meant_by(channel, what, pressed=True)
    if said is Said.TAKE_BACK:
        return _take_back(connection, channel, delivery.address, [person], at, rules, now)
    if said in (Said.AGAIN, Said.OTHER):
        taking = Taking.AGAIN if said is Said.AGAIN else Taking.NOT_UNDERSTOOD
        return Taken(taking, persons=persons)
    return _answer(
        connection, delivery, delivery.call_id, persons, said, at, rules, now,
        asked=_asked_with(connection, delivery),
    )  # fmt: skip


def _asked_with(connection: Connection, delivery: ChannelDelivery) -> int | None:
    """What a card or a telephone call asked from before its call was made anew: what was asked
    first. ``None``: it asks what is asked now."""
    call = call_store.call(connection, delivery.call_id)
    return 1 if call is not None and delivery.created_at < call.called_at else None


def _by_address(
    connection: Connection,
    channel: Channel,
    address: str,
    what: str,
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    persons = people_at(connection, channel, address)
    if not persons:
        return Taken(Taking.STRANGER)
    _works(connection, persons, channel, address, min(at, now))
    named = _named(persons, what)
    if len(named) == 1:
        what = what.replace(named[0].name, "")
        persons = named
    asked = _open_calls(connection, persons, at, now)
    callers = {call.person_id for call in asked}
    said = by_text(what)
    if said is Said.TAKE_BACK:
        return _take_back(connection, channel, address, persons, at, rules, now)
    if said is Said.OTHER:
        proof = _by_code(connection, persons, what, at, now)
        if proof is not None:
            return Taken(Taking.TEST, persons=tuple(persons), proof=proof)
        return Taken(Taking.NOT_UNDERSTOOD, persons=tuple(persons), others=len(asked))
    if len(callers) > 1:
        sharing = tuple(person for person in persons if person.id in callers)
        return Taken(Taking.WHICH_PERSON, persons=sharing)
    if not asked:
        ids = [person.id for person in persons]
        proof = None
        if said is Said.RECEIVED:
            proof = proving.by_words(connection, channel, address, ids, at, now)
        if proof is not None:
            return Taken(Taking.TEST, persons=tuple(persons), proof=proof)
        return _nothing_open(connection, channel, address, persons, said, at, rules, now)
    call = asked[0]
    delivery = _latest(store.of_calls(connection, [call.id]).get(call.id, []), channel, address)
    theirs = tuple(person for person in persons if person.id == call.person_id)
    taken = _answer(
        connection, delivery, call.id, theirs, said, at, rules, now,
        channel=channel, address=address,
    )  # fmt: skip
    return Taken(taken.taking, taken.result, theirs, len(asked) - 1)


def _works(
    connection: Connection, persons: Iterable[Person], channel: Channel, address: str, at: datetime
) -> None:
    """Whatever they say: the address reaches them, and a number that writes can be rung up."""
    channels = _BY_TELEPHONE if channel in _BY_TELEPHONE else (channel,)
    ids = [person.id for person in persons]
    address_store.works_after_all(connection, ids, channels, address, at, clocks_apart=CLOCKS_APART)


_BY_TELEPHONE = (Channel.VOICE, Channel.SMS)


def _take_back(
    connection: Connection,
    channel: Channel,
    address: str,
    persons: list[Person],
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    """撤回: the answer to the last call that we made there was given by mistake.

    Where several share the number and more than one of them has just answered, nobody guesses.
    """
    found = _meant(connection, channel, address, persons, at, rules, now)
    if isinstance(found, Taken):
        return found
    last = found
    try:
        done = take_back_by_person(
            connection, last.call_id, last.person_id, rules, now, done_at=min(at, now)
        )
    except (NotAllowed, NotFound):
        return Taken(Taking.NO_CALL, persons=tuple(persons))
    result = CallResult(CallOutcome.ALREADY, done.call, done.alert, done.person)
    taking = _TAKEN_BACK.get(done.outcome, Taking.KEPT)
    return Taken(taking, result, (done.person,))


def taken_back_before(
    connection: Connection,
    channel: Channel,
    address: str,
    persons: list[Person],
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    """What a 撤回 came to that the provider tells once more; it changes nothing."""
    found = _meant(connection, channel, address, persons, at, rules, now)
    if isinstance(found, Taken):
        return found
    call = call_store.call(connection, found.call_id)
    person = people_store.person(connection, found.person_id)
    alert = None if call is None else alert_store.alert(connection, call.alert_id)
    if call is None or person is None or alert is None:
        return Taken(Taking.NO_CALL, persons=tuple(persons))
    result = CallResult(CallOutcome.ALREADY, call, alert, person)
    open_again = call.open and in_force(alert, now)
    return Taken(Taking.TAKEN_BACK if open_again else Taking.KEPT, result, (person,))


def _meant(
    connection: Connection,
    channel: Channel,
    address: str,
    persons: list[Person],
    at: datetime,
    rules: Rules,
    now: datetime,
) -> ChannelDelivery | Taken:
    """Which call a 撤回 is about: of the one who has just answered, else the last made there."""
    before = at + CLOCKS_APART
    ids = [person.id for person in persons]
    last = store.last_to(connection, channel, address, ids, before)
    if last is None:
        return Taken(Taking.NO_CALL, persons=tuple(persons))
    if len(persons) == 1:
        return last
    answered = []
    for person in persons:
        theirs = store.last_to(connection, channel, address, [person.id], before)
        call = None if theirs is None else call_store.call(connection, theirs.call_id)
        since = None if call is None or not call.answered else call.answered_at
        if theirs is not None and since is not None and since > now - rules.take_back_for:
            answered.append((theirs, person))
    if len(answered) > 1:
        return Taken(Taking.WHOSE, persons=tuple(person for _, person in answered))
    return answered[0][0] if answered else last


_TAKEN_BACK = {
    Withdrawn.RECORDED: Taking.TAKEN_BACK,
    Withdrawn.OPEN: Taking.TAKEN_BACK,
    Withdrawn.CLOSED: Taking.OVER,
}


def _of_test(
    connection: Connection, delivery: ChannelDelivery, what: str, at: datetime, now: datetime
) -> Taken:
    """A key or button of a test call; of a satellite telephone there is no person."""
    persons: tuple[Person, ...] = ()
    if delivery.person_id:
        person = people_store.person(connection, delivery.person_id)
        owned = {} if person is None else owned_by(connection, [person], delivery.channel)
        if person is None or delivery.address not in owned[person.id]:
            return Taken(Taking.STRANGER)
        persons = (person,)
    said = meant_by(delivery.channel, what, pressed=True)
    if said is Said.OTHER and (code := code_in(what)) and persons:
        proof = proving.by_code(connection, [persons[0].id], code, at, now)
        if proof is not None:
            return Taken(Taking.TEST, persons=persons, proof=proof)
    proof = proving.by_key(connection, delivery, said, at, now)
    if proof is Proof.AGAIN:
        return Taken(Taking.AGAIN, persons=persons)
    return Taken(Taking.TEST, persons=persons, proof=proof)


def _by_code(
    connection: Connection, persons: list[Person], what: str, at: datetime, now: datetime
) -> Proof | None:
    code = code_in(what)
    ids = [person.id for person in persons]
    return proving.by_code(connection, ids, code, at, now) if code else None


def _named(persons: list[Person], what: str) -> list[Person]:
    """Which of them a reply names: 王伟东 does not name 王伟."""
    named = [person for person in persons if person.name in what]
    return [
        person
        for person in named
        if not any(person.name != other.name and person.name in other.name for other in named)
    ]


def _open_calls(
    connection: Connection, persons: list[Person], at: datetime, now: datetime
) -> list[Call]:
    """What they have still to answer and can have meant ``at`` that time, newest warning first."""
    found = open_calls_store.open_calls_of(connection, [person.id for person in persons])
    alerts = alert_store.alerts_by_id(connection, {call.alert_id for call in found})
    open_calls = [
        call
        for call in found
        if in_force(alerts[call.alert_id], now) and call.called_at <= at + CLOCKS_APART
    ]
    # What was made just after it is meant only if there is nothing else: by clocks that differ.
    before = [call for call in open_calls if call.called_at <= at]
    open_calls = before or open_calls
    if not open_calls:  # it may have ended after they answered
        ids = [person.id for person in persons]
        return [call for call, _ in ended_since(connection, ids, at, timedelta(0))]
    return sorted(open_calls, key=lambda call: (call.alert_id, call.id), reverse=True)


def _nothing_open(
    connection: Connection,
    channel: Channel,
    address: str,
    persons: list[Person],
    said: Said,
    at: datetime,
    rules: Rules,
    now: datetime,
) -> Taken:
    """A second 收到, or one for a warning that is over: said so, of the last we wrote about."""
    ids = [person.id for person in persons]
    last = store.last_to(connection, channel, address, ids, at + CLOCKS_APART)
    if last is None:
        return Taken(Taking.NO_CALL, persons=tuple(persons))
    theirs = tuple(person for person in persons if person.id == last.person_id)
    return _answer(connection, last, last.call_id, theirs, said, at, rules, now)


def _answer(
    connection: Connection,
    delivery: ChannelDelivery | None,
    call_id: int,
    persons: tuple[Person, ...],
    said: Said,
    at: datetime,
    rules: Rules,
    now: datetime,
    *,
    channel: Channel | None = None,
    address: str = "",
    asked: int | None = None,
) -> Taken:
    if not persons:
        return Taken(Taking.STRANGER)
    [person] = persons
    if delivery is not None:
        channel, address = delivery.channel, delivery.address
    assert channel is not None
    try:
        result = acknowledge.by_person(
            connection, call_id, person.id, ANSWERED_BY[channel], rules, now,
            done_at=min(at, now), asked=asked,
        )  # fmt: skip
    except (NotAllowed, NotFound):
        # Whoever left the roster since, or a call that went to the history.
        return Taken(Taking.NO_CALL, persons=persons)
    if result.outcome in (CallOutcome.BEFORE, CallOutcome.RAISED):
        return Taken(Taking.AGAIN, result, persons)
    recorded = result.outcome is CallOutcome.RECORDED
    if result.outcome is CallOutcome.CLOSED or not (recorded or in_force(result.alert, now)):
        return Taken(Taking.OVER, result, persons)
    store.answered(connection, call_id, now)
    how = HowProven.ANSWER
    address_store.prove(connection, person.id, channel, address, how, min(at, now), now)
    if said is Said.HELP:
        report_by_person(connection, call_id, person.id, Report.HELP, now, done_at=min(at, now))
        return Taken(Taking.HELP, result, persons)
    return Taken(Taking.RECORDED if recorded else Taking.ALREADY, result, persons)


def _latest(
    deliveries: list[ChannelDelivery], channel: Channel, address: str
) -> ChannelDelivery | None:
    there = [
        delivery
        for delivery in deliveries
        if delivery.channel is channel and delivery.address == address
    ]
    return there[-1] if there else None
