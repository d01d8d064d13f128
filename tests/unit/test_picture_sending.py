"""A picture is drawn one at a time, uploaded in its field, and one that fails leaves its words."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.telegram.bot_api import Upload
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.outgoing import Request
from bot.telegram.picture_requests import MAP_NAME, picture_fields
from bot.telegram.picture_sending import PictureSender


class Api:
    def __init__(self) -> None:
        self.uploaded: list[tuple[str, Mapping[str, Any], list[Upload]]] = []

    async def upload(
        self, method: str, fields: Mapping[str, Any], files: Sequence[Upload]
    ) -> Outcome:
        self.uploaded.append((method, fields, list(files)))
        return Outcome(OutcomeKind.SENT)


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
