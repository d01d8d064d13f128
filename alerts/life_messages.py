"""What messages say of warnings, ours or another agency's, in whatever order they came. Pure.

Beside ``alerts.lifecycle``, which says what a change makes of a warning: here the changes arrive
as CAP messages, late, twice, without those before them, from several senders, of several dangers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from alerts.lifecycle import MessageType


@dataclass(frozen=True, slots=True)
class LifeMessage:
    """One message about a warning, as CAP has it.

    A message is known by who sent it and its identifier; ``references`` are those before it, each
    so named. ``terms``: what holds with it; of a cancellation nothing does.
    """

    sender: str
    identifier: str
    type: MessageType
    sent_at: datetime
    references: tuple[tuple[str, str], ...] = ()
    terms: Any = None

    @property
    def key(self) -> tuple[str, str]:
        """What references to it say."""
        return self.sender, self.identifier


class Oddity(Enum):
    """What was not in order with a message; see ``read``."""

    TWICE = "twice"  # the same identifier again, with other words: the first sent counts
    FOREIGN = "foreign"  # it refers to another sender's messages only: it changes nothing
    UNSEEN = "unseen"  # it refers to messages that never came: it is taken as it stands
    NO_REFERENCE = "no_reference"  # an update or a cancellation of nothing
    AFTER_THE_END = "after_the_end"  # it changes what had been cancelled before
    ITSELF = "itself"  # it refers to itself, or to what was sent after it


@dataclass(frozen=True, slots=True)
class ReadLife:
    """What messages say of one warning: by whom, what holds, and when it was ended if it was.

    ``messages`` are those that count, in the order of their sending.
    """

    sender: str
    messages: tuple[LifeMessage, ...]
    terms: Any
    cancelled_at: datetime | None = None


def read(
    messages: Iterable[LifeMessage],
) -> tuple[list[ReadLife], list[tuple[LifeMessage, Oddity]]]:
    """The warnings that these messages are about, the first sent first; and what was not in order.

    Independent of the order in which they are given, and of how often; of messages that are
    missing the later ones still say what holds.
    """
    odd: list[tuple[LifeMessage, Oddity]] = []
    known: dict[tuple[str, str], LifeMessage] = {}
    for message in sorted(messages, key=_order):
        first = known.setdefault(message.key, message)
        if first != message and (message, Oddity.TWICE) not in odd:
            odd.append((message, Oddity.TWICE))
    joined: dict[tuple[str, str], tuple[str, str]] = {}
    counted: list[LifeMessage] = []
    for message in known.values():
        own = _own_references(message, known, odd)
        if own is None:
            continue
        counted.append(message)
        for reference in own:
            joined[_root(joined, reference)] = _root(joined, message.key)
    groups: dict[tuple[str, str], list[LifeMessage]] = {}
    for message in counted:
        groups.setdefault(_root(joined, message.key), []).append(message)
    lives = [_fold(group, odd) for group in groups.values()]
    return sorted(lives, key=lambda life: _order(life.messages[0])), odd


def _order(message: LifeMessage) -> tuple[datetime, str, str, str]:
    return message.sent_at, message.sender, message.identifier, repr(message)


def _own_references(
    message: LifeMessage,
    known: Mapping[tuple[str, str], LifeMessage],
    odd: list[tuple[LifeMessage, Oddity]],
) -> list[tuple[str, str]] | None:
    """The references of a message that count; ``None``: it counts for nothing itself."""
    if message.type is MessageType.ALERT:
        return []
    if not message.references:
        odd.append((message, Oddity.NO_REFERENCE))
        return None if message.type is MessageType.CANCEL else []
    same = [key for key in message.references if key[0] == message.sender]
    if not same:
        odd.append((message, Oddity.FOREIGN))
        return None
    earlier = [key for key in same if key not in known or _order(known[key]) < _order(message)]
    if len(earlier) < len(same):
        odd.append((message, Oddity.ITSELF))
    if not any(key in known for key in earlier):
        odd.append((message, Oddity.UNSEEN))
    return earlier


def _root(joined: dict[tuple[str, str], tuple[str, str]], key: tuple[str, str]) -> tuple[str, str]:
    while (next_key := joined.get(key, key)) != key:
        key = next_key
    return key


def _fold(group: list[LifeMessage], odd: list[tuple[LifeMessage, Oddity]]) -> ReadLife:
    """One warning's messages, in the order of their sending."""
    counted: list[LifeMessage] = []
    cancelled: LifeMessage | None = None
    for message in group:
        if cancelled is not None:
            odd.append((message, Oddity.AFTER_THE_END))
            continue
        counted.append(message)
        if message.type is MessageType.CANCEL:
            cancelled = message
    said = [message.terms for message in counted if message.type is not MessageType.CANCEL]
    return ReadLife(
        group[0].sender,
        tuple(counted),
        said[-1] if said else None,
        None if cancelled is None else cancelled.sent_at,
    )
