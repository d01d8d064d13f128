"""What is said about a change of a warning while it runs, and before it expires. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class ChangeNews(Message):
    """What changed of a warning, with its message of this number."""

    kind = MessageKind.CHANGED
    number: int


@dataclass(frozen=True, slots=True)
class NoMoreHere(Message):
    """A warning was narrowed, with its message of this number: it is no more for the reader."""

    kind = MessageKind.NARROWED
    number: int


@dataclass(frozen=True, slots=True)
class ConfirmChange(Message):
    """Asks a second commander about a change that waits."""

    kind = MessageKind.CONFIRM_CHANGE
    change_id: int = field(metadata=stored_as("change"))


@dataclass(frozen=True, slots=True)
class ChangeDecided(Message):
    """What became of a change that waited: to whoever proposed it, and who decided elsewhere.

    ``command_line``: decided not in the chat but there; see ``audit.acting_user``. ``message_id``:
    of the question, which it takes the place of.
    """

    kind = MessageKind.CHANGE_DECIDED
    change_id: int = field(metadata=stored_as("change"))
    command_line: str = ""
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class ExpiryAsked(Message):
    """Asks whether a warning that ends at ``until`` is to hold longer.

    ``duty``: to those on duty, and others who may decide, as nobody in charge has answered.
    """

    kind = MessageKind.EXPIRY_ASKED
    until: datetime
    duty: bool = False
