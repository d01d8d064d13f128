"""What the bot sends instead of what was refused for good; what an answer means to the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import OperationalError

from alerts.outbox.deliveries import IMPOSSIBLE, Delivery, Result
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind, RelayedRequest
from bot.telegram.failures import Outcome, OutcomeKind, Reason, translated
from bot.telegram.outgoing import (
    FilesOfOthers,
    Outgoing,
    Request,
    attempt_of,
    not_said,
    offer,
    render_each,
    reply_of,
    request_of,
    weight_of,
)
from bot.telegram.picture_requests import (
    ATTACHED,
    file_field,
    new_picture,
    picture_fields,
    picture_refused,
    words_of,
)
from contacts.people import Contact

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
    picture = Request("editMessageMedia", body, makes_file=bytes)
    words = picture.after_refusal(BAD)
    assert words is not None and words.makes_file is None
    assert (words.method, orjson.loads(words.body)["text"]) == ("editMessageText", "here")
    message = words.after_refusal(BAD)  # it is a picture still, which takes no text
    assert message is not None and message.method == "sendMessage"


def test_a_picture_whose_message_is_gone_is_sent_anew() -> None:
    body = orjson.dumps({"chat_id": 5, "message_id": 7, "media": {"caption": "here"}})
    other = Request("editMessageMedia", body, makes_file=bytes).after_refusal(GONE)
    assert other is not None and other.method == "sendPhoto" and other.makes_file is bytes


# -- what Telegram's answer means for the outbox -----------------------------------------------


def delivery(number: int = 1, chat: int = 5) -> Delivery:
    return Delivery(number, MessageKind.CALL, Lane.RED, LaneOrder.VILLAGE, chat)


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        (OutcomeKind.SENT, Result.SENT),
        (OutcomeKind.NOT_MODIFIED, Result.SENT),
        (OutcomeKind.TEMPORARY, Result.TEMPORARY),
        (OutcomeKind.PERMANENT, Result.PERMANENT),
        (OutcomeKind.MIGRATED, Result.MIGRATED),
        (OutcomeKind.UNCERTAIN, Result.UNCERTAIN),
        (OutcomeKind.UNAUTHORIZED, Result.TEMPORARY),
        (OutcomeKind.CONFLICT, Result.TEMPORARY),
    ],
)
def test_each_outcome_has_its_result(kind: OutcomeKind, result: Result) -> None:
    assert attempt_of(delivery(), Outcome(kind)).result is result


def test_what_an_outcome_tells_is_kept() -> None:
    sent = attempt_of(delivery(), Outcome(OutcomeKind.SENT, {"message_id": 7}))
    assert (sent.message_id, sent.error) == (7, "")
    moved = attempt_of(delivery(), Outcome(OutcomeKind.MIGRATED, new_chat_id=-1007))
    assert moved.new_chat_id == -1007
    limited = Outcome(OutcomeKind.TEMPORARY, retry_after=9.0, description="slow down")
    told = attempt_of(delivery(), limited)
    assert (told.retry_after, told.error) == (9.0, "slow down")


@pytest.mark.parametrize(
    ("reason", "person", "group"),
    [
        (Reason.BLOCKED, Contact.BLOCKED, Contact.REMOVED),
        (Reason.NEVER_STARTED, Contact.NEVER_STARTED, Contact.REMOVED),
        (Reason.CHAT_NOT_FOUND, Contact.NEVER_STARTED, Contact.REFUSED),
        (Reason.DEACTIVATED, Contact.DEACTIVATED, Contact.REMOVED),
        (Reason.KICKED, None, Contact.REMOVED),
        (Reason.NO_RIGHTS, None, Contact.REFUSED),
        (Reason.UNFORESEEN, None, None),
        (Reason.BAD_REQUEST, None, None),
        (Reason.TOO_LONG, None, None),
        (Reason.MESSAGE_GONE, None, None),
        (None, None, None),
    ],
)
def test_what_a_refusal_says_of_the_person_or_the_group(
    reason: Reason | None, person: Contact | None, group: Contact | None
) -> None:
    outcome = Outcome(OutcomeKind.PERMANENT, reason=reason, description="no")
    for chat, contact in ((5, person), (-5, group)):
        told = attempt_of(delivery(chat=chat), outcome)
        assert told.contact == (None if contact is None else contact.value)
        assert (told.result, told.error) == (Result.PERMANENT, "no")


def test_an_album_weighs_as_many_as_its_items() -> None:
    def album(number: int) -> Request:
        return Request("sendMediaGroup", orjson.dumps({"media": [{}] * number}))

    assert [weight_of(album(number)) for number in (0, 1, 2, 10)] == [1, 1, 2, 10]
    assert weight_of(None) == weight_of(EDIT) == 1


@pytest.mark.parametrize(("chat", "is_group"), [(-1, True), (0, False), (5, False)])
def test_what_is_held_waits_as_its_kind_of_chat_and_not_before_its_time(
    chat: int, is_group: bool
) -> None:
    album = Request("sendMediaGroup", orjson.dumps({"media": [{}] * 3}))
    held: list[tuple[Any, ...]] = []

    class Pace:
        def offer(self, *given: Any, **more: Any) -> None:
            held.append((*given, more))

    item = Outgoing(album, (3, 4))
    offer(Pace(), item, chat, Lane.RED, 12.0)  # type: ignore[arg-type]
    more = {"is_group": is_group, "not_before": 12.0, "weight": 3}
    assert held == [(item, chat, Lane.RED, (3, 4), more)]


def test_one_that_cannot_be_said_is_found_among_many_and_left_out() -> None:
    bad = ValueError("damaged")

    def render(_c: object, given: Sequence[Delivery]) -> list[Request | None]:
        if any(each.id in (2, 3) for each in given):
            raise bad
        return [None if each.id == 4 else EDIT for each in given]

    nothing: Any = None
    some = [delivery(number) for number in range(1, 6)]
    assert render_each(render, nothing, some) == [EDIT, bad, bad, None, EDIT]
    assert render_each(render, nothing, []) == []

    def out(_c: object, _given: Sequence[Delivery]) -> list[Request | None]:
        raise OperationalError("SELECT 1", {}, ValueError())

    with pytest.raises(OperationalError):
        render_each(out, nothing, some)


def test_what_is_overtaken_is_dropped_and_what_cannot_be_said_is_set_aside() -> None:
    over = not_said(delivery(), None)
    assert (over.result, over.error) == (Result.DROPPED, "overtaken")
    bad = not_said(delivery(), ValueError("a name"))
    assert (bad.result, bad.error) == (Result.IMPOSSIBLE, IMPOSSIBLE)


def test_a_reply_keeps_whose_its_files_are() -> None:
    files = FilesOfOthers({"file": 7}, {"chat_id": 5, "text": "a photo"})
    request = Request("sendPhoto", b'{"chat_id":5,"photo":"file"}', files_of_others=files)
    back = request_of(reply_of(request))
    assert (back.files_of_others, back.method, back.is_reply) == (files, "sendPhoto", True)
    assert orjson.loads(back.body) == orjson.loads(request.body)
    assert request_of(reply_of(EDIT)).files_of_others is None
    half = RelayedRequest("sendPhoto", {"photo": "file"}, {"file": 7}, None)
    assert request_of(half).files_of_others is None
    # As an earlier release kept it.
    kept = {"photo": "file", "_elsewhere": {"file": 7}, "_words": {"text": "a photo"}}
    back = request_of(RelayedRequest("sendPhoto", kept))
    assert back.files_of_others == FilesOfOthers({"file": 7}, {"text": "a photo"})
    assert orjson.loads(back.body) == {"photo": "file"}
    assert "_words" in kept


@pytest.mark.parametrize("reason", list(Reason))
def test_what_is_asked_instead_depends_on_the_reason(reason: Reason) -> None:
    refusal = Outcome(OutcomeKind.PERMANENT, reason=reason)
    gone, bad = (
        reason is Reason.MESSAGE_GONE,
        reason
        in (
            Reason.BAD_REQUEST,
            Reason.UNFORESEEN,
        ),
    )
    assert (EDIT.after_refusal(refusal) is not None) is gone
    reply = replace(EDIT, is_reply=True)
    caption = replace(EDIT, is_caption=True)
    for must_appear in (reply, caption):
        assert (must_appear.after_refusal(refusal) is not None) is (gone or bad)
        new = replace(must_appear, method="sendMessage")
        assert new.after_refusal(refusal) is None
    photo = Request("sendPhoto", b'{"chat_id":5,"caption":"here"}', makes_file=bytes)
    words = photo.after_refusal(refusal)
    assert (words is not None) is (bad or reason is Reason.TOO_LONG)
    assert words is None or words.is_caption


@pytest.mark.parametrize(
    ("kind", "reason", "description", "refused"),
    [
        (OutcomeKind.PERMANENT, Reason.BAD_REQUEST, "", True),
        (OutcomeKind.PERMANENT, Reason.TOO_LONG, "", True),
        (OutcomeKind.PERMANENT, Reason.BLOCKED, "photo media", False),
        (OutcomeKind.PERMANENT, Reason.NO_RIGHTS, "not enough rights to send PHOTOS", True),
        (OutcomeKind.PERMANENT, Reason.NO_RIGHTS, "CHAT_SEND_MEDIA_FORBIDDEN", True),
        (OutcomeKind.PERMANENT, Reason.NO_RIGHTS, "have no rights to send a message", False),
        (OutcomeKind.UNCERTAIN, Reason.BAD_REQUEST, "photo", False),
    ],
)
def test_whether_it_is_the_picture_that_is_refused(
    kind: OutcomeKind, reason: Reason, description: str, refused: bool
) -> None:
    outcome = Outcome(kind, reason=reason, description=description)
    assert picture_refused(outcome) is refused


def test_a_picture_s_fields_with_and_without_buttons() -> None:
    buttons = {"inline_keyboard": []}
    method, body = picture_fields(5, "here", markup=buttons)
    assert (method, file_field(method)) == ("sendPhoto", "photo")
    said = {"chat_id": 5, "caption": "here", "parse_mode": "HTML", "reply_markup": buttons}
    assert orjson.loads(body) == said
    assert "reply_markup" not in orjson.loads(picture_fields(5, "here")[1])
    method, body = picture_fields(5, "here", message_id=7, markup=buttons)
    assert (method, file_field(method)) == ("editMessageMedia", ATTACHED)
    fields = orjson.loads(body)
    assert (fields["message_id"], fields["reply_markup"]) == (7, buttons)
    assert fields["media"]["media"] == f"attach://{ATTACHED}"
    assert orjson.loads(new_picture(body)[1]) == said
    method, words = words_of(body)
    assert (method, orjson.loads(words)["message_id"]) == ("editMessageText", 7)
    assert orjson.loads(words)["reply_markup"] == buttons
    assert "reply_markup" not in orjson.loads(words_of(picture_fields(5, "here")[1])[1])
