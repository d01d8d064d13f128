"""What is said as the fire season goes by. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class ClosedTimeNews(Message):
    """The closed time of a division that starts on this day has begun, or is ``over``."""

    kind = MessageKind.CLOSED_TIME
    division: str
    starts_on: str
    over: bool = False
