"""What is said about the tasks of the five lists. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from alerts.outbox.codec import stored_as
from alerts.outbox.messages import Message, MessageKind

MOST_NAMED = 8
"""Tasks named in one message; the others are counted (ours)."""


class TaskWord(Enum):
    """Why whoever has a task hears of it."""

    __hash__ = object.__hash__  # each is there once; Enum's hashes its name anew at every look

    NEW = "new"
    AGAIN = "again"  # its warning asks for it again
    TAKE = "take"  # nobody has taken it on
    REMIND = "remind"
    DUE = "due"
    OVERDUE = "overdue"
    RETURNED = "returned"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    SUPERVISED = "supervised"
    CHANGED = "changed"
    STRUCK_OFF = "struck_off"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class TaskNews(Message):
    """Tasks, to whoever has them: the first of ``total``.

    ``vacant``: their post is, so the reader is told instead; ``out_of_reach``: so are its holders.
    With ``message_id`` it is an edit of that message: the task as it stands.
    """

    kind = MessageKind.TASK_NEWS
    tasks: tuple[int, ...]
    why: TaskWord
    total: int = 1
    vacant: bool = False
    out_of_reach: bool = field(default=False, metadata=stored_as("reach"))
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class TaskCheck(Message):
    """A task that waits for a second person, or an extension that is asked for.

    ``again``: a reminder. With ``message_id`` it is an edit of that message.
    """

    kind = MessageKind.TASK_CHECK
    task: int
    again: bool = False
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class TaskAbove(Message):
    """Tasks below that are overdue, or were ``unchecked`` for long: the first of ``total``."""

    kind = MessageKind.TASK_ABOVE
    tasks: tuple[int, ...]
    total: int = 1
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class TaskEvidence(Message):
    """A file that came with a task: the event that keeps it."""

    kind = MessageKind.TASK_EVIDENCE
    event: int
