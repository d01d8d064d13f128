"""What a provider tells us, taken: what became of a call, and what was answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any

from alerts import call_store
from alerts.channels import gateway_store
from alerts.channels import store as channel_store
from alerts.channels.addresses import owned_by, people_at
from alerts.channels.answers import Taken, Taking, take, taken_back_before
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.event_store import take_event
from alerts.channels.model import Progress, Said, meant_by
from alerts.channels.receipts import take_receipt
from alerts.channels.written_answers import says_more
from alerts.oversight import refusal_store
from alerts.test_calls import store as test_call_store
from alerts.test_calls.model import code_in
from bot.channels.events import CallReport, ChannelAnswer, Handle
from bot.channels.rendering import outgoing_calls
from bot.channels.unforeseen import told_by
from bot.locale.local_day import LocalDay
from bot.messages.channel_words import tell_officers
from bot.messages.facts import area_of
from bot.services.services import Services
from bot.views.warnings.spoken import answer_words
from bot.views.warnings.test_words import proof_words
from contacts import people_store
from contacts.channels import ACCOUNTS, Channel
from data.database import Connection
from data.errors import NotFound

Told = dict[str, Any]

WORDS_APART = timedelta(minutes=10)
"""For so long further words of a number that are no answer are not replied to: an automat may be
there, and replies to us. An officer reads them all the same."""

MOST_WORDS, MOST_OF_AN_ACCOUNT = 5, 30
"""Within that time an officer reads so many texts from one number, or account (ours)."""


class HearingFault(Enum):
    """Why a report or an answer, though well signed, is about nothing of ours."""

    UNKNOWN_CALL = "unknown_call"


def take_report(
    connection: Connection, services: Services, report: CallReport, now: datetime
) -> Told:
    """Take a report; ``recorded`` says whether it changed anything.

    :raises NotFound: we never handed such a call over.
    """
    delivery = _delivery(connection, report.handle, now)
    if report.queued not in (None, int(delivery.created_at.timestamp())):
        raise NotFound(HearingFault.UNKNOWN_CALL)  # of a database of before
    earlier_try = report.handle.attempt < delivery.attempts
    if earlier_try and report.receipt is None:
        return {"recorded": False}  # the number is being tried again: the last try counts
    seconds = report.message_seconds
    if seconds is None and delivery.channel is Channel.VOICE:
        call = outgoing_calls(connection, services, [delivery], now).get(delivery.id)
        seconds = None if call is None else call.seconds
    recorded = take_receipt(
        connection,
        delivery.channel,
        f"report {report.event}",
        delivery.id,
        report.receipt,
        report.cause,
        report.seconds,
        report.at,
        now,
        message_seconds=seconds,
    )
    if recorded and report.unforeseen:
        refusal_store.note(connection, told_by(delivery.channel, report.unforeseen), now)
    return {"recorded": recorded}


def take_answer(
    connection: Connection,
    services: Services,
    answer: ChannelAnswer,
    now: datetime,
    *,
    heard_back: bool = True,
) -> Told:
    """Take an answer; ``recorded``: whether the call is answered now, ``say``: to whoever gave it.

    :param heard_back: whether they are told ``say``. Where nobody can tell them that a shared
        number leaves open whose answer it was, the officers are.
    :raises NotFound: we never handed such a call over, or not to that number or account.
    """
    who: int | str
    delivery: ChannelDelivery | None = None
    if answer.handle is None:
        assert answer.who is not None  # words come from somewhere
        who = answer.who
    else:
        delivery = _delivery(connection, answer.handle, now)
        from_before = answer.queued not in (None, int(delivery.created_at.timestamp()))
        theirs = delivery.channel is answer.channel and _theirs(connection, delivery, answer.who)
        if from_before or not theirs:
            raise NotFound(HearingFault.UNKNOWN_CALL)
        who = delivery.id
    taken = take(
        connection,
        answer.channel,
        f"answer {answer.event}",
        who,
        answer.what,
        answer.at,
        services.rules.warnings,
        now,
    )
    if taken.taking is Taking.REPEATED and _meaning(answer) is Said.TAKE_BACK:
        taken = _taken_back_before(connection, services, answer, delivery, now)
    elif taken.taking is Taking.REPEATED:
        if _recorded_before(connection, answer, delivery):
            return {"recorded": True, "say": _words(connection, services, answer, taken)}
        to_be_repeated = _meaning(answer) is Said.AGAIN
        taken = Taken(Taking.AGAIN if to_be_repeated else Taking.NOT_UNDERSTOOD)
    elif _written(answer) and _for_officers(answer, taken, heard_back=heard_back):
        # An account is somebody's; a number may be an automat's.
        first = answer.channel in ACCOUNTS or _first_words(connection, answer, now)
        passed_on = 0
        if taken.answered or _new_words(connection, answer, now):
            place_of = services.gazetteer.path
            passed_on = tell_officers(
                connection, taken.persons, answer.channel, answer.what, place_of, now,
                recorded=taken.answered, written_at=answer.at, zone=LocalDay(services.zone, now),
            )  # fmt: skip
        if not first and taken.taking is Taking.NOT_UNDERSTOOD:
            return {"recorded": False, "say": ""}
        say = _words(connection, services, answer, taken, passed_on=passed_on > 0)
        return {"recorded": taken.answered, "say": say}
    # Who asked for it hears the warning again; in writing they read what became of their answer.
    again = taken.taking is Taking.AGAIN
    if again and delivery is not None and (taken.result is None or not _read(answer)):
        call = outgoing_calls(connection, services, [delivery], now).get(delivery.id)
        return {"recorded": False, "say": "" if call is None else call.text}
    return {"recorded": taken.answered, "say": _words(connection, services, answer, taken)}


def _written(answer: ChannelAnswer) -> bool:
    """Whether it is somebody's own words, and no key."""
    return answer.channel is Channel.SMS or answer.handle is None


def _read(answer: ChannelAnswer) -> bool:
    """Whether what we say is read, not heard."""
    return answer.channel is not Channel.VOICE


def _for_officers(answer: ChannelAnswer, taken: Taken, *, heard_back: bool) -> bool:
    """Whether an officer is to read what was written, recorded or not."""
    if taken.taking is Taking.NOT_UNDERSTOOD:
        return True
    if taken.taking in _UNSETTLED and (not heard_back or _meaning(answer) is Said.HELP):
        return True
    if taken.taking not in _ANSWERS:
        return False
    what = answer.what
    for person in taken.persons:
        what = what.replace(person.name, "")
    return says_more(what)


_UNSETTLED = frozenset({Taking.WHICH_PERSON, Taking.WHOSE})
_ANSWERS = frozenset(
    {
        Taking.RECORDED,
        Taking.ALREADY,
        Taking.HELP,
        Taking.OVER,
        Taking.NO_CALL,
        Taking.AGAIN,
        Taking.WHICH_PERSON,
    }
)


def _meaning(answer: ChannelAnswer) -> Said:
    return meant_by(answer.channel, answer.what, pressed=answer.handle is not None)


def _theirs(connection: Connection, delivery: ChannelDelivery, who: str | None) -> bool:
    """Whether an answer to this delivery comes from its addressee, as far as it is told."""
    if who is None or who == delivery.address:
        return True
    if delivery.channel not in ACCOUNTS:
        return False
    person = people_store.person(connection, delivery.person_id)
    # A card that was sent to a number is answered by the account that has it.
    return person is not None and who in owned_by(connection, [person], delivery.channel)[person.id]


def _first_words(connection: Connection, answer: ChannelAnswer, now: datetime) -> bool:
    """Whether this number wrote no other words lately: an automat is not replied to for ever."""
    return take_event(connection, answer.channel, f"words {_slot(now)} {answer.who}", now)


def _new_words(connection: Connection, answer: ChannelAnswer, now: datetime) -> bool:
    """Whether an officer is to read this: not the same once more, as automats write it, and not
    without end."""
    whence = f"{_slot(now)} {answer.who}"
    said = sha256(answer.what.encode()).hexdigest()[:24]
    if not take_event(connection, answer.channel, f"said {whence} {said}", now):
        return False
    most = MOST_OF_AN_ACCOUNT if answer.channel in ACCOUNTS else MOST_WORDS
    return any(
        take_event(connection, answer.channel, f"read {number} {whence}", now)
        for number in range(most)
    )


def _slot(now: datetime) -> int:
    return int(now.timestamp() / WORDS_APART.total_seconds())


def _recorded_before(
    connection: Connection, answer: ChannelAnswer, delivery: ChannelDelivery | None
) -> bool:
    """Whether an answer that is told once more was one: the gateway did not hear what we said."""
    if _meaning(answer) not in (Said.RECEIVED, Said.HELP) and not code_in(answer.what):
        return False
    if delivery is None and answer.who is not None:
        persons = [person.id for person in people_at(connection, answer.channel, answer.who)]
        delivery = channel_store.last_to(connection, answer.channel, answer.who, persons)
    if delivery is not None and delivery.test_line_id is not None:
        line = test_call_store.line(connection, delivery.test_line_id)
        return line is not None and line.proven_at is not None
    call = None if delivery is None else call_store.call(connection, delivery.call_id)
    return call is not None and call.answered


def _taken_back_before(
    connection: Connection,
    services: Services,
    answer: ChannelAnswer,
    delivery: ChannelDelivery | None,
    now: datetime,
) -> Taken:
    """A 撤回 that is told once more: the same is said."""
    if delivery is None:
        assert answer.who is not None
        address, persons = answer.who, people_at(connection, answer.channel, answer.who)
    else:
        person = people_store.person(connection, delivery.person_id)
        address, persons = delivery.address, [] if person is None else [person]
    if not persons:
        return Taken(Taking.STRANGER)
    rules = services.rules.warnings
    return taken_back_before(connection, answer.channel, address, persons, answer.at, rules, now)


def _words(
    connection: Connection,
    services: Services,
    answer: ChannelAnswer,
    taken: Taken,
    *,
    passed_on: bool = False,
) -> str:
    stranger = taken.taking is Taking.STRANGER and _written(answer)
    if stranger and not services.strangers.greets(answer.channel, answer.who):
        return ""
    duty = services.settings.telephones.duty
    if taken.proof is not None:
        person = taken.persons[0] if taken.persons else None
        language = "zh" if person is None else person.language
        return proof_words(taken.proof, "" if person is None else person.name, language, duty=duty)
    alert = None if taken.result is None else taken.result.alert
    return answer_words(
        taken,
        "" if alert is None else area_of(connection, services, alert),
        taken.persons[0].language if taken.persons else "zh",
        spoken=answer.channel is Channel.VOICE,
        duty=duty,
        passed_on=passed_on,
        zone=LocalDay(services.zone, services.clock()),
    )


def _delivery(connection: Connection, handle: Handle, now: datetime) -> ChannelDelivery:
    """The delivery that was handed over by this name.

    The provider may have made a call though its answer to us got lost: then it is ours to know now.
    """
    delivery = channel_store.delivery(connection, handle.delivery_id)
    queued = delivery is not None and delivery.state is Progress.QUEUED
    if delivery is not None and queued and handle.attempt == delivery.attempts + 1:
        gateway_store.made_after_all(connection, delivery.id, now)
        delivery = channel_store.delivery(connection, delivery.id)
    if delivery is None or not 1 <= handle.attempt <= delivery.attempts:
        raise NotFound(HearingFault.UNKNOWN_CALL)
    return delivery
