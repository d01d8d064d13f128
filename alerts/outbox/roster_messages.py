"""What is said in a roster check. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind


@dataclass(frozen=True, slots=True)
class RosterAsk(Message):
    """Asks whether it is still them, still these places; ``again``: a reminder."""

    kind = MessageKind.ROSTER_ASK
    check_id: int = field(metadata=stored_as("check"))
    again: bool


@dataclass(frozen=True, slots=True)
class RosterDenied(Message):
    """Somebody answered that it is not, and what is to be done next.

    Of several posts: which is not theirs any more. ``over``: they have said since that all of it is
    as the roster has it.
    """

    kind = MessageKind.ROSTER_DENIED
    check_id: int = field(metadata=stored_as("check"))
    person_id: int = field(metadata=stored_as("person"))
    division: str = ""
    role: str = ""
    place: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class RosterSilent(Message):
    """Who has not answered to the end of a roster check, to one reader.

    With ``message_id`` it is an edit of that message: somebody has answered since.
    """

    kind = MessageKind.ROSTER_SILENT
    check_id: int = field(metadata=stored_as("check"))
    reader_id: int = field(metadata=stored_as("reader"))
    message_id: int | None = field(default=None, metadata=stored_as("message"))
