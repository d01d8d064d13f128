"""What is said about a warning that a machine proposes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class Proposed(Message):
    """A warning that a machine proposes (``alerts.drafts``), to somebody who may decide.

    With ``message_id`` it is an edit of that message: what became of it, and nothing to press.
    """

    kind = MessageKind.PROPOSED
    proposal_id: int = field(metadata=stored_as("proposal"))
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class ProposedList(Message):
    """That so many more were proposed than were said one by one."""

    kind = MessageKind.PROPOSED_LIST
    more: int
