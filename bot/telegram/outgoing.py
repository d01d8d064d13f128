"""What waits to be sent, and what Telegram's answer to it means for the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from alerts.outbox.deliveries import IMPOSSIBLE, Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, RelayedRequest
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.pacing import Pacer
from bot.telegram.picture_requests import MAP_NAME, new_picture, picture_refused, words_of
from bot.telegram.shown_messages import Edit
from contacts.people import Contact
from data.database import Connection, DatabaseError

log = logging.getLogger(__name__)

MakesFile = Callable[[], bytes]
"""Draws a picture or writes a spreadsheet; may take a second, and raise whatever a bug raises."""


@dataclass(frozen=True, slots=True)
class FilesOfOthers:
    """Files of a request that were given to other bots: a file id is of use to one bot only.

    :ivar owners: the bot that each was given to, by file id.
    :ivar words: the parameters of the message to send when a file cannot be had.
    """

    owners: Mapping[str, int]
    words: Mapping[str, Any]


@dataclass(slots=True)
class Request:
    """One request to Telegram, not made yet: ``body`` is the JSON of ``method``'s parameters.

    Nothing changes one; to freeze it would take three times as long for every message.

    :ivar makes_file: makes the picture or spreadsheet that is uploaded with them, named
        ``file_name``; it is called when the request leaves.
    :ivar file_key: stands for that file where several chats get the same: it is uploaded once.
    :ivar numbers: the telephone numbers in that file, as they are stored.
    :ivar files_of_others: which of its files this bot has to get from other bots.
    :ivar is_caption: it says in words what a file would have shown that could not be had.
    :ivar is_reply: somebody who just did something waits to see it: it must appear.
    :ivar version: which version of its warning it says, where somebody is called.
    """

    method: str
    body: bytes
    makes_file: MakesFile | None = None
    file_name: str = MAP_NAME
    numbers: tuple[str, ...] = ()
    files_of_others: FilesOfOthers | None = None
    is_caption: bool = False
    is_reply: bool = False
    file_key: str = ""
    version: int | None = None

    def after_refusal(self, outcome: Outcome) -> Request | None:
        """What to ask instead, after Telegram refused this for good; ``None``: nothing."""
        gone = outcome.reason is Reason.MESSAGE_GONE
        if self.makes_file is not None:
            if gone and self.method == "editMessageMedia":
                return Request(*new_picture(self.body), makes_file=self.makes_file)
            return self.as_words() if picture_refused(outcome) else None
        # The message to edit is gone, or it is a picture, which takes no text.
        must_appear = self.is_caption or self.is_reply
        refused = must_appear and outcome.reason in (Reason.BAD_REQUEST, Reason.UNFORESEEN)
        if self.method == "editMessageText" and (gone or refused):
            return self._as_new_message()
        return None

    def as_words(self) -> Request:
        """Without the file: what its caption says."""
        return Request(*words_of(self.body), is_caption=True)

    def _as_new_message(self) -> Request:
        fields = orjson.loads(self.body)
        fields.pop("message_id", None)
        return replace(self, method="sendMessage", body=orjson.dumps(fields))


def reply_of(request: Request) -> RelayedRequest:
    """A request as a message of the outbox, for the process that sends for the bot."""
    files = request.files_of_others
    return RelayedRequest(
        request.method,
        orjson.loads(request.body),
        None if files is None else files.owners,
        None if files is None else files.words,
    )


def request_of(reply: RelayedRequest) -> Request:
    """The request that ``reply_of`` kept."""
    payload = dict(reply.payload)
    # An earlier release kept these two among the parameters.
    owners = payload.pop("_elsewhere", reply.file_owners)
    words = payload.pop("_words", reply.words)
    files = None if owners is None or words is None else FilesOfOthers(owners, words)
    return Request(reply.method, orjson.dumps(payload), files_of_others=files, is_reply=True)


Renderer = Callable[[Connection, Sequence[Delivery]], list[Request | None]]
"""Turns deliveries into requests (``None``: overtaken, not to be sent); reads, never writes."""

Rendered = Request | Exception | None
"""What a delivery says; ``None``: it is overtaken; the error of one that cannot be said."""


def render_each(
    render: Renderer, connection: Connection, deliveries: Sequence[Delivery]
) -> list[Rendered]:
    """What each of the deliveries says; one that cannot be said does not stop the others.

    :raises DatabaseError: when the database cannot be read.
    """
    try:
        return [*render(connection, deliveries)]
    except DatabaseError:
        raise
    except Exception as error:  # a bug, or a row that no release wrote
        if len(deliveries) == 1:
            kind = deliveries[0].kind.value
            log.exception("delivery %s (%s) cannot be said", deliveries[0].id, kind)
            return [error]
    return [
        rendered
        for delivery in deliveries
        for rendered in render_each(render, connection, [delivery])
    ]


def not_said(delivery: Delivery, rendered: Exception | None) -> Attempt:
    """What becomes of a delivery that is overtaken or cannot be said."""
    if rendered is None:
        return Attempt(delivery, Result.DROPPED, error="overtaken")
    return Attempt(delivery, Result.IMPOSSIBLE, error=IMPOSSIBLE)


@dataclass(slots=True)
class Outgoing:
    """A request in the pacer: of a delivery, or a reply that somebody waits for.

    :ivar request: ``None`` until it leaves, where it says then how things stand; it changes when
        Telegram refuses it and something else may be accepted.
    :ivar true_at: when it was last known to be true, by the event loop's clock.
    :ivar known_at: the same by the clock on the wall, which goes on while the machine sleeps.
    :ivar instead: ``request`` stands in for one that was refused.
    :ivar leaving: it was begun to be sent, and its answer has not come.
    :ivar edit: what it changes, while it is leaving.
    """

    request: Request | None
    order: tuple[int, int]
    delivery: Delivery | None = None
    reply: asyncio.Future[Outcome] | None = None
    tries: int = 0
    true_at: float = 0.0
    known_at: datetime | None = None
    instead: bool = False
    leaving: bool = False
    edit: Edit | None = None


def weight_of(request: Request | None) -> int:
    """How many messages Telegram counts for a request: those of an album, or one."""
    if request is None or request.method != "sendMediaGroup":
        return 1
    return max(1, len(orjson.loads(request.body)["media"]))


def offer(
    pacer: Pacer[Outgoing],
    item: Outgoing,
    chat_id: int,
    lane: Lane,
    not_before: float = float("-inf"),
) -> None:
    """Have the pacer hold something until its turn comes, never before ``not_before``."""
    pacer.offer(
        item,
        chat_id,
        lane,
        item.order,
        is_group=chat_id < 0,
        not_before=not_before,
        weight=weight_of(item.request),
    )


_OF_PERSON: Mapping[Reason, Contact] = {
    Reason.BLOCKED: Contact.BLOCKED,
    Reason.NEVER_STARTED: Contact.NEVER_STARTED,
    Reason.CHAT_NOT_FOUND: Contact.NEVER_STARTED,
    Reason.DEACTIVATED: Contact.DEACTIVATED,
}
"""What a refusal says of a person. One that is not here says nothing of the next message."""

_OF_GROUP: Mapping[Reason, Contact] = {
    **dict.fromkeys(_OF_PERSON, Contact.REMOVED),
    Reason.KICKED: Contact.REMOVED,
    Reason.CHAT_NOT_FOUND: Contact.REFUSED,
    Reason.NO_RIGHTS: Contact.REFUSED,
}

_MAY_PASS = frozenset({Reason.CHAT_NOT_FOUND, Reason.NO_RIGHTS, Reason.UNFORESEEN})
"""Refusals that a moment later need not stand: they are believed when a second look meets them."""


def attempt_of(delivery: Delivery, outcome: Outcome, version: int | None = None) -> Attempt:
    """An outcome as the outbox records it: sent, temporary, permanent, uncertain or migrated.

    :param version: which version of its warning it said.
    """
    kind = outcome.kind
    if outcome.ok:
        return Attempt(delivery, Result.SENT, outcome.message_id, version=version)
    if kind is OutcomeKind.MIGRATED:
        return Attempt(delivery, Result.MIGRATED, new_chat_id=outcome.new_chat_id)
    if kind is OutcomeKind.PERMANENT:
        known = _OF_GROUP if delivery.chat_id < 0 else _OF_PERSON
        contact = None if outcome.reason is None else known.get(outcome.reason)
        unforeseen = outcome.reason is Reason.UNFORESEEN
        return Attempt(
            delivery,
            Result.PERMANENT,
            contact=None if contact is None else contact.value,
            error=outcome.description,
            # Somebody waits for a reply: half a minute later it answers nothing.
            may_pass=outcome.reason in _MAY_PASS
            and not (unforeseen and delivery.kind is MessageKind.REPLY),
            unforeseen=unforeseen,
        )
    result = Result.UNCERTAIN if kind is OutcomeKind.UNCERTAIN else Result.TEMPORARY
    return Attempt(delivery, result, retry_after=outcome.retry_after, error=outcome.description)
