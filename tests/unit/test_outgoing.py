"""What the bot sends instead when Telegram refused a request for good."""

from __future__ import annotations

import orjson

from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.outgoing import Request

GONE = Outcome(OutcomeKind.PERMANENT, reason=Reason.MESSAGE_GONE)
BAD = Outcome(OutcomeKind.PERMANENT, reason=Reason.BAD_REQUEST)
EDIT = Request("editMessageText", b'{"chat_id":5,"message_id":7,"text":"1 of 4"}')


def test_an_edit_whose_message_is_gone_becomes_a_new_message() -> None:
    other = EDIT.after_refusal(GONE)
    assert other is not None and other.method == "sendMessage"
    assert orjson.loads(other.body) == {"chat_id": 5, "text": "1 of 4"}
    assert EDIT.after_refusal(BAD) is None


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
