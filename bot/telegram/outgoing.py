"""What waits to leave: a rendered delivery or an immediate reply; and what an answer means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from alerts.outbox.deliveries import Attempt, Delivery, Result
from bot.telegram.failures import Kind, Outcome, Reason
from bot.telegram.picture_requests import new_picture, picture_refused, words_of
from contacts.people import Contact
from data.database import Connection

Picture = Callable[[], bytes]
"""Draws a picture; may take a second, and raise whatever a bug raises."""


@dataclass(frozen=True, slots=True)
class Request:
    """A rendered delivery: ``body`` is the JSON of ``method``'s parameters.

    ``picture`` draws what is uploaded with them; it is called when the request leaves.
    """

    method: str
    body: bytes
    picture: Picture | None = None


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
    picture: Picture | None = None
    instead: bool = False  # the words of a picture that could not be drawn or was refused

    def otherwise(self, outcome: Outcome) -> bool:
        """After a refusal: whether it was made into something else that may be accepted."""
        gone = outcome.reason is Reason.MESSAGE_GONE
        if self.picture is not None:
            if gone and self.method == "editMessageMedia":
                self.method, self.body = new_picture(self.body)
                return True
            if picture_refused(outcome):
                self.as_words()
                return True
            return False
        # The message to edit is gone, or a picture, which takes no text.
        refused = self.instead and outcome.reason is Reason.BAD_REQUEST
        if self.method == "editMessageText" and (gone or refused):
            self.as_new_message()
            return True
        return False

    def as_words(self) -> None:
        """The picture cannot be had: say what its caption says."""
        self.method, self.body = words_of(self.body)
        self.picture, self.instead = None, True

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
