"""What officers are to tell others by telephone, as no channel does. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.channels.model import Kind
from alerts.outbox.messages import Message, MessageKind

MOST_NAMED = 20
"""Persons in one message (ours)."""

MOST_CARDS_READ = 8
"""The same where what each is to hear stands below their name."""


@dataclass(frozen=True, slots=True)
class RingUp(Message):
    """Whom to ring up, to a duty officer: they know of a warning, and nothing written reaches them.

    ``news``: what they are to hear, of ``alerts.channels.model.NEWS``; ``calls``: whose calls.
    """

    kind = MessageKind.RING_UP
    news: Kind
    calls: tuple[int, ...]
