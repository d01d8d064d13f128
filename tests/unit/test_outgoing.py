"""What the bot sends instead when Telegram refused a request for good."""

from __future__ import annotations

import orjson
import pytest

from bot.telegram.failures import Outcome, OutcomeKind, Reason, translated
from bot.telegram.outgoing import Request, reply_of, request_of

GONE = Outcome(OutcomeKind.PERMANENT, reason=Reason.MESSAGE_GONE)
BAD = Outcome(OutcomeKind.PERMANENT, reason=Reason.BAD_REQUEST)
EDIT = Request("editMessageText", b'{"chat_id":5,"message_id":7,"text":"1 of 4"}')


def test_an_edit_whose_message_is_gone_becomes_a_new_message() -> None:
    other = EDIT.after_refusal(GONE)
    assert other is not None and other.method == "sendMessage"
    assert orjson.loads(other.body) == {"chat_id": 5, "text": "1 of 4"}
    assert EDIT.after_refusal(BAD) is None


@pytest.mark.parametrize(
    "text",
    [
        "Bad Request: message to edit not found",
        "Bad Request: message can't be edited",
        "Bad Request: there is no text in the message to edit",
        "Bad Request: message is not found",
        "Bad Request: MESSAGE_ID_INVALID",
        "Bad Request: MESSAGE_EDIT_TIME_EXPIRED",
        "Bad Request: message identifier is not specified",
    ],
)
def test_whatever_telegram_says_of_a_message_that_cannot_be_edited_the_screen_appears(
    text: str,
) -> None:
    body = orjson.dumps({"ok": False, "error_code": 400, "description": text})
    other = EDIT.after_refusal(translated(400, body))
    assert other is not None and other.method == "sendMessage"


def test_a_reply_appears_even_when_an_edit_is_refused_for_a_reason_nobody_foresaw() -> None:
    reply = request_of(reply_of(EDIT))
    other = reply.after_refusal(BAD)
    assert other is not None and other.method == "sendMessage"
    assert other.after_refusal(BAD) is None  # and no more than once


def test_a_picture_that_is_refused_becomes_its_words_and_these_a_message() -> None:
    body = orjson.dumps({"chat_id": 5, "message_id": 7, "media": {"caption": "here"}})
    picture = Request("editMessageMedia", body, picture=bytes)
    words = picture.after_refusal(BAD)
    assert words is not None and words.picture is None
    assert (words.method, orjson.loads(words.body)["text"]) == ("editMessageText", "here")
    message = words.after_refusal(BAD)  # it is a picture still, which takes no text
    assert message is not None and message.method == "sendMessage"


def test_a_picture_whose_message_is_gone_is_sent_anew() -> None:
    body = orjson.dumps({"chat_id": 5, "message_id": 7, "media": {"caption": "here"}})
    other = Request("editMessageMedia", body, picture=bytes).after_refusal(GONE)
    assert other is not None and other.method == "sendPhoto" and other.picture is bytes
