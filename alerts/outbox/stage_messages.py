"""What is said about a warning planned in stages. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class StageAsk(Message):
    """Asks whether a stage (minutes of ``lead``) goes out; ``again``: it is due now. ``late``: it
    should have gone out by itself, and did not. With ``message_id`` it is an edit of that message:
    the plan as it stands."""

    kind = MessageKind.STAGE_ASK
    plan_id: int = field(metadata=stored_as("plan"))
    lead: int
    again: bool = False
    late: bool = False
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class StageNews(Message):
    """How a plan stands, to whoever planned it: it went on, or ended, by itself."""

    kind = MessageKind.STAGE_NEWS
    plan_id: int = field(metadata=stored_as("plan"))
