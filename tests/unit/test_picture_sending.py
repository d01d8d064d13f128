"""A picture is drawn one at a time, uploaded in its field, and one that fails leaves its words."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest

from bot.telegram.bot_api import Upload
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.outgoing import Request
from bot.telegram.picture_requests import MAP_NAME, picture_fields
from bot.telegram.picture_sending import PictureSender


class Api:
    def __init__(self) -> None:
        self.uploaded: list[tuple[str, Mapping[str, Any], list[Upload]]] = []
        self.called: list[dict[str, Any]] = []
        self.answer = Outcome(OutcomeKind.SENT)

    async def upload(
        self, method: str, fields: Mapping[str, Any], files: Sequence[Upload]
    ) -> Outcome:
        self.uploaded.append((method, fields, list(files)))
        await asyncio.sleep(0)
        sizes = [{"file_id": "small"}, {"file_id": f"large{len(self.uploaded)}"}]
        return Outcome(OutcomeKind.SENT, {"message_id": 1, "photo": sizes})

    async def call(self, _method: str, body: bytes) -> Outcome:
        self.called.append(orjson.loads(body))
        return self.answer


async def test_one_that_cannot_be_drawn_is_none_and_the_next_is_drawn() -> None:
    sender = PictureSender(Api())  # type: ignore[arg-type]

    def broken() -> bytes:
        raise ZeroDivisionError

    assert await sender.draw(broken) is None
    assert await sender.draw(lambda: threading.current_thread().name.encode()) != b"MainThread"


@pytest.mark.parametrize(("message_id", "field"), [(None, "photo"), (7, "picture")])
async def test_it_is_uploaded_in_the_field_of_its_method(
    message_id: int | None, field: str
) -> None:
    api = Api()
    method, body = picture_fields(5, "here", message_id=message_id)
    outcome = await PictureSender(api).upload(Request(method, body), b"drawn")  # type: ignore[arg-type]
    assert outcome.ok
    [(made, fields, files)] = api.uploaded
    assert (made, fields["chat_id"], files) == (method, 5, [Upload(field, b"drawn", MAP_NAME)])


async def test_what_many_chats_get_is_uploaded_once_and_again_when_it_is_gone() -> None:
    api = Api()
    sender = PictureSender(api)  # type: ignore[arg-type]

    def to(chat: int, key: str = "radar") -> Request:
        return Request(*picture_fields(chat, f"for {chat}"), file_key=key)

    done = await asyncio.gather(*(sender.upload(to(chat), b"sky") for chat in (1, 2, 3)))
    assert all(outcome.ok for outcome in done)
    assert [fields["chat_id"] for _method, fields, _files in api.uploaded] == [1]
    assert [(told["chat_id"], told["photo"]) for told in api.called] == [
        (2, "large1"),
        (3, "large1"),
    ]
    assert api.called[0]["caption"] == "for 2"
    await sender.upload(to(4, "other"), b"sea")
    assert len(api.uploaded) == 2
    # Told to wait, it is not uploaded beside; a file that is gone is.
    api.answer = Outcome(OutcomeKind.TEMPORARY, reason=Reason.RATE_LIMITED)
    assert (await sender.upload(to(5), b"sky")).kind is OutcomeKind.TEMPORARY
    api.answer = Outcome(OutcomeKind.PERMANENT, reason=Reason.BAD_REQUEST)
    assert (await sender.upload(to(6), b"sky")).ok
    assert [fields["chat_id"] for _method, fields, _files in api.uploaded] == [1, 4, 6]
