"""How often a telephone may ring, and what a provider's receipt means. Pure.

Telegram's own outbox knows nothing of this. A *delivery* here is one address of one person, to be
called or reminded; a *try* is one ring of a number or one SMS to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from alerts.channels.written_answers import AROUND, calls_for_help, is_received
from alerts.escalation import RungChannels
from alerts.typed_answers import plain
from contacts.channels import Cause, Channel, Receipt


class Kind(Enum):
    """What a delivery is for."""

    CALL = "call"
    REMIND = "remind"
    TEST = "test"  # a test call (alerts.test_calls)
    CARD = "card"  # after the answer: the village's evacuation card in words
    END = "end"  # the warning was lifted or cancelled
    NARROWED = "narrowed"  # it is no more for where the person is
    CHANGED = "changed"  # its level was lowered, its words or its end are others


OF_CALLS = (Kind.CALL, Kind.REMIND)
"""Kinds that a warning's calls have: they ask for an answer."""

NEWS = (Kind.CARD, Kind.END, Kind.NARROWED, Kind.CHANGED)
"""Kinds that are only told: nothing is asked. In writing; by voice to whom nothing else reaches."""

NEWS_FOR = timedelta(hours=6)
"""What was not handed over for so long is told no more (ours)."""


class Progress(Enum):
    """Where a delivery is."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # being handed to the provider
    ACCEPTED = "accepted"  # the provider has it
    DELIVERED = "delivered"  # it rang and was picked up, or the SMS arrived: no answer yet
    ANSWERED = "answered"
    FAILED = "failed"  # for good, with a cause where one is known
    DROPPED = "dropped"  # not worth sending any more


OPEN = frozenset({Progress.QUEUED, Progress.CLAIMED, Progress.ACCEPTED, Progress.DELIVERED})


class Trouble(Enum):
    """Why a provider takes nothing at all from us, until somebody does something about it."""

    NO_MONEY = "no_money"  # 欠费: the balance, or the package of messages, is used up
    USED_UP = "used_up"  # a limit that the office set itself, of a day or a month
    NOT_APPROVED = "not_approved"  # the signature, a template or the number is not registered
    NOT_ALLOWED = "not_allowed"  # wrong key, no right, not from this address


AGAIN_AFTER = timedelta(seconds=60)
"""Between two tries of a number: whoever was in the shower, or on the line, may be there then."""

QUIET: tuple[tuple[int, timedelta], ...] = (
    (1, AGAIN_AFTER),
    (3, timedelta(minutes=5)),
    (5, timedelta(hours=1)),
)
"""So many tries of a number within so long, and no more, whoever is called and for what warning."""

TRIES_REMEMBERED = max(within for _, within in QUIET)

TRIES = 3
"""Tries of one delivery: three within five minutes, as the best counties do."""

NEVER_AGAIN = frozenset(
    {
        Cause.NO_SUCH_NUMBER,
        Cause.SUSPENDED,
        Cause.CARRIER_BLOCKED,
        Cause.NOT_LINKED,
        Cause.BLOCKED,
    }
)
"""Causes that a second try does not mend."""


def channels_for(
    channels: RungChannels, kind: Kind, unreachable: bool, stands_in: bool
) -> tuple[Channel, ...]:
    """By which channels somebody is called or reminded, beside Telegram.

    Whoever Telegram does not reach is called at once by all that would be tried later.
    """
    if kind is Kind.REMIND:
        return channels.remind_by
    at_once = channels.stand_in_by if stands_in else channels.at_once
    if not unreachable:
        return at_once
    return tuple(dict.fromkeys((*at_once, *channels.remind_by)))


def may_try_at(tries: Iterable[datetime], now: datetime) -> datetime:
    """When a number may be tried next: ``now``, or later when it rang too often lately.

    :param tries: when it was tried, in any order.
    """
    at, known = now, sorted(tries)
    for most, within in QUIET:
        if len(known) >= most:
            # A window bears ``most`` tries: the one that far back must have left it.
            at = max(at, known[-most] + within)
    return at


class Next(NamedTuple):
    """What becomes of a delivery."""

    progress: Progress
    not_before: datetime | None = None  # when it is tried again, if it is
    cause: Cause | None = None


def after_failure(channel: Channel, attempts: int, cause: Cause | None, at: datetime) -> Next:
    """A try did not reach the person: again a little later, or given up.

    Only a telephone is rung again. The person is rung for a number of times, not for ever: the
    ladder goes on.

    :param attempts: tries of this delivery, this one among them.
    """
    if channel is not Channel.VOICE or cause in NEVER_AGAIN or attempts >= TRIES:
        return Next(Progress.FAILED, None, cause)
    return Next(Progress.QUEUED, at + AGAIN_AFTER, cause)


class Told(NamedTuple):
    """What a provider tells of a delivery."""

    receipt: Receipt | None = None
    cause: Cause | None = None
    seconds: float | None = None  # for how long the person listened


def meaning(told: Told, message_seconds: float | None) -> Told:
    """The same, with what it says of listening made certain.

    A cause is a failure, whatever else is told. Heard is who listened as long as the message takes.
    Picked up and cut short is no receipt: the person does not know what is to be done.

    :param message_seconds: how long the message takes; ``None``: not known, the provider's word
        counts.
    """
    receipt, cause, seconds = told
    if cause is not None:
        return Told(None, cause, seconds)
    if message_seconds is None or seconds is None:
        return told
    if receipt in (Receipt.DELIVERED, Receipt.HEARD):
        if seconds >= message_seconds:
            return Told(Receipt.HEARD, None, seconds)
        return Told(None, Cause.CUT_SHORT, seconds)
    return told


class Tried(NamedTuple):
    """How it went to call somebody by one channel, at all their addresses there."""

    channel: Channel
    tries: int
    cause: Cause | None = None  # of the last failure; none where something arrived
    arrived: bool = False
    heard: bool = False
    not_taken: bool = False  # no provider took it: nobody rang or wrote


class Said(Enum):
    """What a key or a word of an answer means."""

    RECEIVED = "received"
    HELP = "help"  # received, and help is needed
    AGAIN = "again"  # say it once more
    TAKE_BACK = "take_back"  # the answer was given by mistake
    OTHER = "other"


_KEYS = {"1": Said.RECEIVED, "2": Said.HELP, "9": Said.AGAIN}


def by_key(key: str) -> Said:
    """What a key means, of a telephone or of a card; any but 1, 2 and 9 means nothing."""
    return _KEYS.get(plain(key), Said.OTHER)


def by_text(text: str) -> Said:
    """What the reply to an SMS, or words to a bot, mean.

    1, Y and whatever means 收到 is an answer, 需要支援 with or without it calls for help; nothing
    else is either.
    """
    if plain(text).strip(AROUND) in _BY_MISTAKE:
        return Said.TAKE_BACK
    if calls_for_help(text):
        return Said.HELP
    return Said.RECEIVED if is_received(text) else Said.OTHER


_BY_MISTAKE = frozenset({"撤回", "误点", "按错了", "点错了", "undo"})


def meant_by(channel: Channel, what: str, *, pressed: bool) -> Said:
    """What an answer means.

    :param pressed: it came back with the call or the card itself: on a card a key was pressed. What
        was written to us is words; an SMS is nothing else.
    """
    keys = channel is Channel.VOICE or (pressed and channel is not Channel.SMS)
    return by_key(what) if keys else by_text(what)
