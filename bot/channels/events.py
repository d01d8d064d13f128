"""What goes to a provider and what comes back from one, whoever it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alerts.channels.model import NEWS
from contacts.channels import Cause, Channel, Receipt

_NEWS = frozenset(kind.value for kind in NEWS)
_HANDLE = re.compile(r"(\d{1,18})-(\d{1,4})", re.ASCII)


class Handle(NamedTuple):
    """What both sides call one try to reach an address: 812-2 is the second of delivery 812."""

    delivery_id: int
    attempt: int  # counted from 1

    def __str__(self) -> str:
        return f"{self.delivery_id}-{self.attempt}"

    @classmethod
    def read(cls, text: str) -> Handle | None:
        """The handle that ``text`` is; ``None``: it is none of ours."""
        found = _HANDLE.fullmatch(text)
        return None if found is None else cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """One call or message as a provider is to make it.

    :param handle: what both sides call it; the same when it is handed over once more, another one
        when the address is to be tried again.
    :param to: a number (``+86139…``), an account or an e-mail address. To a channel of accounts it
        is a number when no account is known: the provider is asked whose it is.
    :param text: what is spoken or written, whole.
    :param variables: the same in pieces of at most 35 characters, for carriers that send by
        registered templates.
    :param keys: what the keys of a telephone mean; none for a message.
    :param seconds: how long the text takes to be spoken; who hung up earlier has not heard it.
    :param valid_until: nobody is to be rung up or written to afterwards.
    :param language: of the person, in which all of it is.
    :param queued_at: when we had it to make. With the handle it is one call's for ever: a database
        that is made anew, or restored, counts from below again.
    :param title: which warning it is, for the head of a card and the subject of an e-mail.
    :param buttons: of a card: what stands on them, by the key that comes back.
    :param link: where it is answered by browser; empty in channels that bear none, and without a
        page.
    """

    handle: Handle
    channel: Channel
    kind: str
    to: str
    text: str
    variables: Mapping[str, str]
    keys: Mapping[str, str]
    seconds: float
    exercise: bool
    valid_until: datetime
    title: str = ""
    language: str = "zh"
    queued_at: datetime | None = None
    buttons: Mapping[str, str] = field(default_factory=dict)
    link: str = ""

    @property
    def asks(self) -> bool:
        """Whether an answer is wanted; else it only tells something (``alerts.channels.news``)."""
        return self.kind not in _NEWS


@dataclass(frozen=True, slots=True)
class SpentCard:
    """A card that was sent and answers nothing any more, as it is to look: with no buttons.

    :param provider_id: what the app calls it, or wants to be told to change it.
    :param title: which warning it was; ``text``: why it is not to be answered.
    :param mark: in place of the buttons, where something must stand there.
    """

    handle: Handle
    account: str
    provider_id: str
    title: str
    text: str
    mark: str
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class CallReport:
    """What became of a call: how far it came, or why it did not."""

    event: str
    handle: Handle
    at: datetime
    receipt: Receipt | None  # ``None``: it failed
    cause: Cause | None
    seconds: float | None = None  # how long the line was open, of a telephone call
    message_seconds: float | None = None  # how long the message takes, as it was spoken
    queued: int | None = None  # when the call was queued, as its name says: seconds since 1970
    unforeseen: str = ""  # why it failed, in a word that is no ``Cause``: for somebody to read


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """A key that was pressed, on a telephone or a card, or words that were written back."""

    event: str
    channel: Channel
    at: datetime
    handle: Handle | None  # of a key; words may not know which message they answer
    who: str | None  # the number or account it came from, as far as the provider says
    what: str
    queued: int | None = None  # when its call was queued, as the card says: seconds since 1970
