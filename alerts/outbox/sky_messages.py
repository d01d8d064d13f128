"""What is said with satellite and radar pictures in a command group. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class SkyPicture(Message):
    """The newest picture of a source, as it is when the message leaves."""

    kind = MessageKind.SKY_PICTURE
    source: str


@dataclass(frozen=True, slots=True)
class SkyStopped(Message):
    """No new picture of the source has come for long."""

    kind = MessageKind.SKY_STOPPED
    source: str
