"""What came of a request to Telegram, told once, here, from status and body.

Three kinds of failure (DESIGN, rule 5): *temporary* (nothing was done; try again), *permanent*
(trying again is useless), *uncertain* (it may have been done; try again and call it a possible
duplicate). The Bot API documents only the codes; the texts below are those its server sends. Any
other text is *unforeseen*: nobody was reached, nobody is given up for it, and the duty officer
reads it.
"""

from __future__ import annotations

import logging
import re
from enum import Enum
from typing import Any, NamedTuple

import orjson

_TOKEN = re.compile(r"(?<![0-9])([0-9]{3,20})(:|%3A)[A-Za-z0-9_-]{16,}", re.IGNORECASE)


class OutcomeKind(Enum):
    """What came of a request."""

    SENT = "sent"  # done; ``result`` is Telegram's
    NOT_MODIFIED = "not_modified"  # an edit that changes nothing: as good as done
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    MIGRATED = "migrated"  # the group became a supergroup: use ``new_chat_id``
    UNCERTAIN = "uncertain"
    UNAUTHORIZED = "unauthorized"  # the token is wrong or revoked: an operator must act
    CONFLICT = "conflict"  # another process polls with this token, or a webhook is set


class Reason(Enum):
    """Why it came so, where the kind alone does not say."""

    # permanent
    BLOCKED = "blocked"  # the person blocked the bot
    NEVER_STARTED = "never_started"  # the person never pressed Start
    DEACTIVATED = "deactivated"  # the account is gone
    CHAT_NOT_FOUND = "chat_not_found"
    KICKED = "kicked"  # the bot is no longer in the group, or the group is gone
    NO_RIGHTS = "no_rights"  # the bot may not write there
    MESSAGE_GONE = "message_gone"  # the message to edit does not exist or cannot be edited
    QUERY_EXPIRED = "query_expired"  # a tap answered too late
    TOO_LONG = "too_long"
    BAD_REQUEST = "bad_request"
    UNFORESEEN = "unforeseen"  # refused in words that are not among those below
    # temporary
    RATE_LIMITED = "rate_limited"  # 429: wait ``retry_after`` seconds
    NOT_CONNECTED = "not_connected"  # nothing was written
    # uncertain
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"  # 5xx: a gateway may answer so after the work was done
    UNREADABLE = "unreadable"  # not the Bot API's JSON: a proxy, a captive portal


class Outcome(NamedTuple):
    """What came of a request. ``description`` is Telegram's text, for logs; no token in it."""

    kind: OutcomeKind
    result: Any = None
    reason: Reason | None = None
    retry_after: float = 0.0  # seconds
    new_chat_id: int | None = None
    description: str = ""
    status: int = 0  # HTTP; 0 when there was no answer

    @property
    def ok(self) -> bool:
        """Whether Telegram did what was asked, or it was so already."""
        return self.kind is OutcomeKind.SENT or self.kind is OutcomeKind.NOT_MODIFIED

    @property
    def message_id(self) -> int | None:
        """Of the message sent or edited, if the result is one."""
        return self.result.get("message_id") if isinstance(self.result, dict) else None


# First match wins; compared in lower case with Telegram's description.
_TEXTS: tuple[tuple[str, Reason], ...] = (
    ("bot was blocked by the user", Reason.BLOCKED),
    ("user_is_blocked", Reason.BLOCKED),
    ("can't initiate conversation", Reason.NEVER_STARTED),
    ("user is deactivated", Reason.DEACTIVATED),
    ("user_deactivated", Reason.DEACTIVATED),  # also input_user_deactivated
    ("bot was kicked", Reason.KICKED),
    ("bot is not a member", Reason.KICKED),
    ("group chat was deleted", Reason.KICKED),
    ("group chat was deactivated", Reason.KICKED),
    ("chat not found", Reason.CHAT_NOT_FOUND),
    ("user not found", Reason.CHAT_NOT_FOUND),
    ("peer_id_invalid", Reason.CHAT_NOT_FOUND),
    ("user_id_invalid", Reason.CHAT_NOT_FOUND),
    ("not enough rights", Reason.NO_RIGHTS),
    ("have no rights", Reason.NO_RIGHTS),
    ("chat_write_forbidden", Reason.NO_RIGHTS),
    ("administrator rights", Reason.NO_RIGHTS),
    ("topic_closed", Reason.NO_RIGHTS),
    ("message to edit not found", Reason.MESSAGE_GONE),
    # A picture or a sticker stands there, or a message that takes no text: it cannot show ours.
    ("no text in the message to edit", Reason.MESSAGE_GONE),
    ("no caption in the message to edit", Reason.MESSAGE_GONE),
    ("message is not found", Reason.MESSAGE_GONE),
    ("message not found", Reason.MESSAGE_GONE),
    ("message was deleted", Reason.MESSAGE_GONE),
    ("message identifier is not specified", Reason.MESSAGE_GONE),
    ("message can't be changed", Reason.MESSAGE_GONE),
    ("message_edit_time_expired", Reason.MESSAGE_GONE),
    ("message_author_required", Reason.MESSAGE_GONE),
    ("message can't be edited", Reason.MESSAGE_GONE),
    ("message to delete not found", Reason.MESSAGE_GONE),
    ("message can't be deleted", Reason.MESSAGE_GONE),
    ("message_id_invalid", Reason.MESSAGE_GONE),
    ("query is too old", Reason.QUERY_EXPIRED),
    ("query id is invalid", Reason.QUERY_EXPIRED),
    ("query_id_invalid", Reason.QUERY_EXPIRED),
    ("is too long", Reason.TOO_LONG),
    ("message_too_long", Reason.TOO_LONG),
    ("bots can't send messages to bots", Reason.BAD_REQUEST),
)
_RETRY_AFTER = re.compile(r"retry after (\d+)")


def redacted(text: str) -> str:
    """``text`` with the secret half of every bot token replaced; the bot's number stays."""
    return _TOKEN.sub(r"\1:***", text)


class RedactTokens(logging.Filter):
    """A filter for log handlers: no record leaves with a token, whichever library wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record in place; keeps it always."""
        message = record.getMessage()
        clean = redacted(message)
        if clean != message:
            record.msg, record.args = clean, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True


def without_answer(
    kind: OutcomeKind, reason: Reason, error: BaseException | None = None
) -> Outcome:
    """No HTTP answer came. Only the error's class is kept: aiohttp's texts hold the whole URL."""
    return Outcome(kind, reason=reason, description=type(error).__name__ if error else "")


def translated(status: int, body: bytes, retry_after_header: str | None = None) -> Outcome:
    """The outcome that an HTTP answer stands for."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict) or "ok" not in answer:
        return _not_telegrams(status, retry_after_header)
    if answer["ok"] is True and status < 300:
        return Outcome(OutcomeKind.SENT, answer.get("result"), status=status)
    return _refusal(status, answer, retry_after_header)


def _not_telegrams(status: int, retry_after_header: str | None) -> Outcome:
    """Something between us and Telegram answered. Its page may echo the URL: it is not kept."""
    description = f"HTTP {status}, not JSON"
    if status == 429:
        return _rate_limited(status, {}, description, retry_after_header)
    if status == 413:
        return Outcome(
            OutcomeKind.PERMANENT, reason=Reason.TOO_LONG, description=description, status=status
        )
    reason = Reason.SERVER_ERROR if status >= 500 else Reason.UNREADABLE
    return Outcome(OutcomeKind.UNCERTAIN, reason=reason, description=description, status=status)


def _refusal(status: int, answer: dict[str, Any], retry_after_header: str | None) -> Outcome:
    parameters = answer.get("parameters")
    if not isinstance(parameters, dict):
        parameters = {}
    code = answer.get("error_code")
    if not isinstance(code, int):
        code = status
    description = redacted(str(answer.get("description") or f"HTTP {status}"))
    text = description.lower()
    if (new_chat_id := parameters.get("migrate_to_chat_id")) is not None:
        return Outcome(
            OutcomeKind.MIGRATED,
            new_chat_id=int(new_chat_id),
            description=description,
            status=status,
        )
    if code == 429:
        return _rate_limited(status, parameters, description, retry_after_header)
    if "message is not modified" in text:
        return Outcome(OutcomeKind.NOT_MODIFIED, description=description, status=status)
    if code in (401, 404):  # 404: Telegram does not know such a token (or, ours to avoid, method)
        return Outcome(OutcomeKind.UNAUTHORIZED, description=description, status=status)
    if code == 409:
        return Outcome(OutcomeKind.CONFLICT, description=description, status=status)
    if code >= 500:
        return Outcome(
            OutcomeKind.UNCERTAIN,
            reason=Reason.SERVER_ERROR,
            description=description,
            status=status,
        )
    reason = next((reason for part, reason in _TEXTS if part in text), Reason.UNFORESEEN)
    return Outcome(OutcomeKind.PERMANENT, reason=reason, description=description, status=status)


def _rate_limited(
    status: int, parameters: dict[str, Any], description: str, header: str | None
) -> Outcome:
    """How long to wait: the parameter, else the header, else the text, else one second."""
    seconds = parameters.get("retry_after")
    if not isinstance(seconds, int | float):
        found = _RETRY_AFTER.search(description.lower())
        seconds = header if header and header.isdecimal() else found.group(1) if found else 1
    return Outcome(
        OutcomeKind.TEMPORARY,
        reason=Reason.RATE_LIMITED,
        retry_after=float(seconds),
        description=description,
        status=status,
    )
