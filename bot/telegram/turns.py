"""What the pacer answers when asked what leaves next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from alerts.outbox.lanes import Lane

T = TypeVar("T")


class Ready(NamedTuple, Generic[T]):
    """Send ``item`` now. It has been taken out and counted as sent at ``at``.

    ``number`` counts the messages that the pacer let go, from 0; ``weight`` of them are these.
    """

    item: T
    chat_id: int
    lane: Lane
    at: float
    number: int
    weight: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may leave before ``until``; ask again then, or when something was offered."""

    until: float


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing is held."""


EMPTY = Empty()
