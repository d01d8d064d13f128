"""What waits to leave: a rendered delivery or an immediate reply; and what an answer means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from alerts.deliveries import Attempt, Delivery, Result
from bot.telegram.failures import Kind, Outcome, Reason
from contacts.people import Contact
from data.database import Connection


@dataclass(frozen=True, slots=True)
class Request:
    """A rendered delivery: ``body`` is the JSON of ``method``'s parameters."""

    method: str
    body: bytes


Renderer = Callable[[Connection, Sequence[Delivery]], list[Request | None]]
"""Turns deliveries into requests (``None``: overtaken, not to be sent); reads, never writes."""


@dataclass(slots=True)
class Outgoing:
    """One thing in the pacer: from the outbox, or an immediate reply with somebody waiting."""

    method: str
    body: bytes
    order: tuple[int, int]
    delivery: Delivery | None = None
    reply: asyncio.Future[Outcome] | None = None
    tries: int = 0

    def as_new_message(self) -> None:
        """The message to edit is gone: say the same in a new one."""
        fields = orjson.loads(self.body)
        fields.pop("message_id", None)
        self.method, self.body = "sendMessage", orjson.dumps(fields)


_CONTACT: Mapping[Reason, Contact] = {
    Reason.BLOCKED: Contact.BLOCKED,
    Reason.NEVER_STARTED: Contact.NEVER_STARTED,
    Reason.CHAT_NOT_FOUND: Contact.NEVER_STARTED,
    Reason.DEACTIVATED: Contact.DEACTIVATED,
    Reason.KICKED: Contact.REMOVED,
    Reason.NO_RIGHTS: Contact.REMOVED,
}


def attempt_of(one: Delivery, outcome: Outcome) -> Attempt:
    """What the domain is to know of an outcome (DESIGN, rule 5)."""
    kind = outcome.kind
    if outcome.ok:
        return Attempt(one, Result.SENT, outcome.message_id)
    if kind is Kind.MIGRATED:
        return Attempt(one, Result.MIGRATED, new_chat_id=outcome.new_chat_id)
    if kind is Kind.PERMANENT:
        contact = None if outcome.reason is None else _CONTACT.get(outcome.reason)
        if one.chat_id < 0 and contact is not None:
            contact = Contact.REMOVED
        return Attempt(
            one,
            Result.PERMANENT,
            contact=None if contact is None else contact.value,
            error=outcome.description,
        )
    result = Result.UNCERTAIN if kind is Kind.UNCERTAIN else Result.TEMPORARY
    return Attempt(one, result, retry_after=outcome.retry_after, error=outcome.description)
