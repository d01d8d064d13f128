"""What is said about who was moved. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class ShelterFull(Message):
    """More have arrived in a shelter than it holds: to the duty officers."""

    kind = MessageKind.SHELTER_FULL
    shelter_id: int = field(metadata=stored_as("shelter"))
