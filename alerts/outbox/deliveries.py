"""What the outbox holds: one delivery is one request to Telegram, still to be made. Pure.

Named tuples where elsewhere there are dataclasses: every message of a province makes one of each,
and a frozen dataclass takes five times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message, MessageKind
from contacts.people import Person


class DeliveryState(Enum):
    """Where a delivery is. A claimed one whose process died is *uncertain* and is sent again."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # overtaken: answered, cancelled or replaced before it was sent


class NewDelivery(NamedTuple):
    """What is to be said in one chat: to be queued.

    ``message`` is the bare kind where that says it all. With a ``coalesce_key`` it takes the place
    of what is still queued under that key. It leaves at once, or not before a moment. The bot is
    the one of the chat unless ``bot_id`` names another: a reply comes from the bot that was asked.
    """

    message: Message | MessageKind
    lane: Lane
    chat_id: int
    order: LaneOrder = LaneOrder.VILLAGE
    language: str = "zh"
    role: str | None = None
    alert_id: int | None = None
    call_id: int | None = None
    person_id: int | None = None
    coalesce_key: str | None = None
    not_before: datetime | None = None
    bot_id: int | None = None


def to_person(
    person: Person,
    message: Message | MessageKind,
    lane: Lane,
    *,
    order: LaneOrder = LaneOrder.VILLAGE,
    role: str | None = None,
    alert_id: int | None = None,
    call_id: int | None = None,
    coalesce_key: str | None = None,
) -> NewDelivery:
    """A delivery to a person's own chat, in their language; they must have linked it."""
    assert person.telegram_id is not None
    return NewDelivery(
        message,
        lane,
        person.telegram_id,
        order,
        person.language,
        role,
        alert_id,
        call_id,
        person.id,
        coalesce_key,
    )


class Delivery(NamedTuple):
    """One row of the outbox, as it was claimed by ``claimed_by``.

    ``params`` is its message as stored (``codec.decode``).
    """

    id: int
    kind: MessageKind
    lane: Lane
    order: int
    chat_id: int
    language: str = "zh"
    role: str | None = None
    alert_id: int | None = None
    call_id: int | None = None
    person_id: int | None = None
    params: Mapping[str, Any] | None = None
    attempts: int = 0
    coalesce_key: str | None = None
    claimed_by: str = ""
    queued_at: datetime | None = None


class Result(Enum):
    """What a request to Telegram came to (DESIGN rule 5)."""

    SENT = "sent"
    TEMPORARY = "temporary"
    UNCERTAIN = "uncertain"
    PERMANENT = "permanent"
    MIGRATED = "migrated"
    DROPPED = "dropped"
    IMPOSSIBLE = "impossible"  # it cannot be said: a bug, which trying again does not mend


class Attempt(NamedTuple):
    """The result of sending one delivery, to be recorded."""

    delivery: Delivery
    result: Result
    message_id: int | None = None
    retry_after: float = 0.0  # seconds
    contact: str | None = None  # a contacts.people.Contact value, when permanent
    new_chat_id: int | None = None
    error: str = ""
    may_pass: bool = False  # permanent, but perhaps only for a moment: believed at a second look
    numbers: tuple[str, ...] = ()  # the telephone numbers it showed, as written
    unforeseen: bool = False  # refused in words that nobody foresaw: ``error`` is to be read
    version: int | None = None  # which version of its warning it said, where that is known


IMPOSSIBLE = "impossible"
"""The ``error`` of a delivery that was set aside: see ``Result.IMPOSSIBLE``."""


class End(NamedTuple):
    """A delivery that is not to be sent any more: why it was dropped, or how it failed."""

    delivery: Delivery
    state: DeliveryState
    error: str | None = None


class Retry(NamedTuple):
    """A delivery to be sent again, not before a moment; ``uncertain``: it may have arrived.

    ``coalesce_key``: what it waits under, where it has no key of its own.
    """

    delivery: Delivery
    chat_id: int
    not_before: datetime
    error: str
    uncertain: bool = False
    coalesce_key: str | None = None


SECOND_LOOK = timedelta(seconds=30)
"""How long after a refusal that may pass it is tried whether it stands (ours)."""


def backoff(attempts: int) -> timedelta:
    """How long to wait before trying again when the server did not say: 1 s doubling to 60 s."""
    return timedelta(seconds=min(60.0, 2.0 ** min(attempts, 6)))
