"""What the outbox says of duty and of what patrols come to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


class DutyEvent(Enum):
    """What happened, told to those it concerns."""

    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, slots=True)
class DutyGaps(Message):
    """Times for which nobody is on a division's plan; ``filled``: those told of are no more."""

    kind = MessageKind.DUTY_GAPS
    division: str
    gaps: tuple[int, ...]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class DutyAsked(Message):
    """Asks somebody to take a shift, a part of one, a gap, or the watch; ``again``: once more.

    With ``message_id`` it is an edit of that message: what became of it, and nothing to press.
    """

    kind = MessageKind.DUTY_ASKED
    ask_id: int = field(metadata=stored_as("ask"))
    again: bool = False
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class DutyNews(Message):
    """What became of an ask; or that ``by`` took over the watch of ``of`` in a division."""

    kind = MessageKind.DUTY_NEWS
    event: DutyEvent
    ask_id: int | None = field(default=None, metadata=stored_as("ask"))
    division: str = ""
    by: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class DutyHandover(Message):
    """A hand-over, to those who go, those who come, or (``missed``) the head of office.

    ``received``: to who handed over, that it was confirmed. With ``message_id`` it is an edit of
    that message, as things stand.
    """

    kind = MessageKind.DUTY_HANDOVER
    handover_id: int = field(metadata=stored_as("handover"))
    coming: bool = False
    received: bool = False
    missed: bool = False
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class PatrolSheet(Message):
    """What the patrols of a division came to in a month, as a workbook."""

    kind = MessageKind.PATROL_SHEET
    division: str
    month: str  # 2026-11
