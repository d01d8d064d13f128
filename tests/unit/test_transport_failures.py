"""Every answer of Telegram, and of proxies in between, becomes one kind of outcome."""

from __future__ import annotations

import io
import logging

import orjson
import pytest

from bot.telegram.failures import (
    Outcome,
    OutcomeKind,
    Reason,
    RedactTokens,
    redacted,
    translated,
    without_answer,
)

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


def refused(code: int, description: str, **parameters: int) -> bytes:
    answer: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        answer["parameters"] = parameters
    return orjson.dumps(answer)


@pytest.mark.parametrize(
    ("code", "description", "kind", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", OutcomeKind.PERMANENT, Reason.BLOCKED),
        (
            403,
            "Forbidden: bot can't initiate conversation with a user",
            OutcomeKind.PERMANENT,
            Reason.NEVER_STARTED,
        ),
        (403, "Forbidden: user is deactivated", OutcomeKind.PERMANENT, Reason.DEACTIVATED),
        (400, "Bad Request: INPUT_USER_DEACTIVATED", OutcomeKind.PERMANENT, Reason.DEACTIVATED),
        (400, "Bad Request: chat not found", OutcomeKind.PERMANENT, Reason.CHAT_NOT_FOUND),
        (400, "Bad Request: PEER_ID_INVALID", OutcomeKind.PERMANENT, Reason.CHAT_NOT_FOUND),
        (
            403,
            "Forbidden: bot was kicked from the group chat",
            OutcomeKind.PERMANENT,
            Reason.KICKED,
        ),
        (
            403,
            "Forbidden: bot is not a member of the supergroup chat",
            OutcomeKind.PERMANENT,
            Reason.KICKED,
        ),
        (403, "Forbidden: the group chat was deleted", OutcomeKind.PERMANENT, Reason.KICKED),
        (403, "Forbidden: something new", OutcomeKind.PERMANENT, Reason.UNFORESEEN),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            OutcomeKind.PERMANENT,
            Reason.NO_RIGHTS,
        ),
        (400, "Bad Request: message to edit not found", OutcomeKind.PERMANENT, Reason.MESSAGE_GONE),
        (
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
            OutcomeKind.PERMANENT,
            Reason.QUERY_EXPIRED,
        ),
        (400, "Bad Request: message is too long", OutcomeKind.PERMANENT, Reason.TOO_LONG),
        (400, "Bad Request: can't parse entities", OutcomeKind.PERMANENT, Reason.UNFORESEEN),
        (
            400,
            "Bad Request: message is not modified: specified new message content is the same",
            OutcomeKind.NOT_MODIFIED,
            None,
        ),
        (401, "Unauthorized", OutcomeKind.UNAUTHORIZED, None),
        (404, "Not Found", OutcomeKind.UNAUTHORIZED, None),
        (409, "Conflict: terminated by other getUpdates request", OutcomeKind.CONFLICT, None),
        (500, "Internal Server Error", OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (499, "Client Closed Request", OutcomeKind.PERMANENT, Reason.UNFORESEEN),
    ],
)
def test_each_refusal_has_its_kind(
    code: int, description: str, kind: OutcomeKind, reason: Reason | None
) -> None:
    outcome = translated(code, refused(code, description))
    assert (outcome.kind, outcome.reason) == (kind, reason)
    assert outcome.description == description
    assert outcome.status == code
    assert outcome.ok is (kind is OutcomeKind.NOT_MODIFIED)


def test_success() -> None:
    outcome = translated(200, b'{"ok":true,"result":{"message_id":7}}')
    assert outcome.ok
    assert outcome.message_id == 7
    assert translated(200, b'{"ok":true,"result":true}').message_id is None
    assert translated(299, b'{"ok":true,"result":true}').ok


def test_without_an_answer_the_error_s_class_is_all_that_is_kept() -> None:
    outcome = without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT, OSError(TOKEN))
    assert outcome.description == "OSError"
    assert (outcome.retry_after, outcome.status) == (0.0, 0)  # nothing said to wait
    assert without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT).description == ""
    assert Outcome(OutcomeKind.SENT).ok


def test_a_migrated_group_names_its_new_chat() -> None:
    body = refused(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=-1001234567890,
    )
    outcome = translated(400, body)
    assert outcome.kind is OutcomeKind.MIGRATED
    assert outcome.new_chat_id == -1001234567890


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        (refused(429, "Too Many Requests: retry after 9", retry_after=35), "3", 35.0),
        (refused(429, "Too Many Requests: retry after 9"), "3", 3.0),
        (refused(429, "Too Many Requests: retry after 9"), None, 9.0),
        (refused(429, "Too Many Requests"), None, 1.0),
        (b"<html>slow down</html>", "12", 12.0),
        (b"<html>slow down</html>", "Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
    ],
)
def test_a_429_says_how_long(body: bytes, header: str | None, seconds: float) -> None:
    outcome = translated(429, body, header)
    assert outcome.kind is OutcomeKind.TEMPORARY
    assert outcome.reason is Reason.RATE_LIMITED
    assert outcome.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (502, b"<html>Bad Gateway</html>", OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (504, b"", OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (500, b"", OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (499, b"", OutcomeKind.UNCERTAIN, Reason.UNREADABLE),
        # It says that it was done, under a status that says it was not.
        (300, b'{"ok":true,"result":true}', OutcomeKind.PERMANENT, Reason.UNFORESEEN),
        (500, b'{"ok":true,"result":true}', OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (200, b'{"ok":false}', OutcomeKind.PERMANENT, Reason.UNFORESEEN),
        (200, b'{"ok":1,"result":true}', OutcomeKind.PERMANENT, Reason.UNFORESEEN),
        (200, b"<html>log in to the hotel</html>", OutcomeKind.UNCERTAIN, Reason.UNREADABLE),
        (302, b"", OutcomeKind.UNCERTAIN, Reason.UNREADABLE),
        (200, b'{"ok":tr', OutcomeKind.UNCERTAIN, Reason.UNREADABLE),
        (200, b"[]", OutcomeKind.UNCERTAIN, Reason.UNREADABLE),
        (413, b"<html>Request Entity Too Large</html>", OutcomeKind.PERMANENT, Reason.TOO_LONG),
    ],
)
def test_what_is_not_telegrams_answer(
    status: int, body: bytes, kind: OutcomeKind, reason: Reason
) -> None:
    outcome = translated(status, body)
    assert (outcome.kind, outcome.reason) == (kind, reason)
    assert "<" not in outcome.description


def test_odd_json_does_not_raise() -> None:
    odd = b'{"ok":false,"error_code":"x","description":null,"parameters":[1]}'
    assert translated(400, odd).reason is Reason.UNFORESEEN


def test_no_record_leaves_with_a_token() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactTokens())
    log = logging.Logger("test")
    log.addHandler(handler)
    log.warning("POST https://api.telegram.org/bot%s/sendMessage", TOKEN)
    try:
        raise OSError(f"no route to /bot{TOKEN}/getMe")
    except OSError:
        log.exception("failed")
    written = stream.getvalue()
    assert "AAHdq" not in written
    assert "bot123456789:***/sendMessage" in written
    assert "OSError: no route to /bot123456789:***/getMe" in written
    assert redacted(TOKEN.replace(":", "%3A")) == "123456789:***"
    assert redacted("at 12:30 on 2026-09-15") == "at 12:30 on 2026-09-15"
