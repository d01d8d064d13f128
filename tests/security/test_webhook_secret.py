"""The webhook takes only real updates that carry its secret."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import WebhookSettings
from bot.telegram.webhook import LARGEST_UPDATE, SECRET_HEADER, Webhook
from data.errors import ConfigError
from tests.waiting import PATIENCE, free_port

SECRET = "Webhook-secret_0123456789"
PATH = "/telegram"
UPDATE = orjson.dumps({"update_id": 1, "message": {}})


class RecordingIntake:
    """An intake that only records the updates it was given."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []

    async def accept(self, updates: list[dict[str, Any]]) -> None:
        self.updates += updates

    async def look_after_others(self) -> None:
        """There are no others."""


class RawServer:
    """The webhook server, spoken to in raw HTTP, as no client library would."""

    def __init__(self, port: int, taken: RecordingIntake) -> None:
        self.port, self.taken = port, taken

    async def knock(self, *headers: bytes, body: bytes = UPDATE, line: bytes = b"POST") -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = [line + b" /telegram HTTP/1.1", b"Host: x", b"Connection: close", *headers]
        head.append(b"Content-Length: %d" % len(body))
        writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        await writer.wait_closed()
        return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.fixture
async def door():
    taken, port = RecordingIntake(), free_port()
    settings = WebhookSettings(url="https://x", port=port, path=PATH, secret_token=Secret(SECRET))
    server = Webhook(settings, {PATH: taken})  # type: ignore[dict-item]
    await server.start()
    yield RawServer(port, taken)
    await server.stop()


def header(value: bytes, name: bytes = SECRET_HEADER.encode()) -> bytes:
    return name + b": " + value


GOOD = SECRET.encode()
WRONG = [
    b"",
    b"guessed",
    GOOD[:-1],
    GOOD + b"x",
    GOOD.swapcase(),
    GOOD + b"\xff",
    b"\xff\xfe\x80",
    "密钥".encode(),
    b"'" + GOOD + b"'",
    b"Bearer " + GOOD,
    b"x" * 4000,
]


@pytest.mark.parametrize("value", WRONG)
async def test_a_wrong_secret_is_refused(
    door: RawServer, value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await door.knock(header(value)) == 403
    assert not door.taken.updates
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], caplog.text
    assert SECRET not in caplog.text


async def test_no_secret_a_secret_elsewhere_and_the_first_of_two(door: RawServer) -> None:
    assert await door.knock() == 403
    assert await door.knock(header(GOOD, b"Authorization")) == 403
    assert await door.knock(header(GOOD, b"X-Telegram-Secret")) == 403
    assert await door.knock(header(b"no"), header(GOOD)) == 403
    assert not door.taken.updates


async def test_with_the_secret_what_is_no_update_is_refused(door: RawServer) -> None:
    for body in (b"", b"null", b"[1]", b"{}", b'{"update_id":"1"}', b"\xff", b"[" * 2000):
        assert await door.knock(header(GOOD), body=body) == 400, body[:20]
    assert await door.knock(header(GOOD), body=b" " * (LARGEST_UPDATE + 1)) == 413
    assert await door.knock(header(GOOD), line=b"GET") == 405
    assert not door.taken.updates
    assert await door.knock(header(GOOD)) == 200
    assert [update["update_id"] for update in door.taken.updates] == [1]


async def test_an_empty_secret_opens_nothing() -> None:
    """The configuration refuses it; should it ever get through, the door stays shut."""
    taken, port = RecordingIntake(), free_port()
    server = Webhook(
        WebhookSettings(url="https://x", port=port, path=PATH, secret_token=Secret("")),
        {PATH: taken},  # type: ignore[dict-item]
    )
    await server.start()
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {SECRET_HEADER: ""}):
            url = f"http://127.0.0.1:{port}{PATH}"
            async with session.post(url, data=UPDATE, headers=headers) as answer:
                assert answer.status == 403
    await server.stop()
    assert not taken.updates
    with pytest.raises(ConfigError):
        load(
            None,
            {"JIAOYING_TELEGRAM__MODE": "webhook", "JIAOYING_TELEGRAM__WEBHOOK__URL": "https://x"},
        )


@given(st.text(min_size=1, max_size=40).filter(lambda text: not text.isascii()))
def test_the_configuration_takes_no_secret_that_a_header_cannot_hold(secret: str) -> None:
    if secret.strip().isascii():  # only spaces of other scripts around it: they are cut off
        return
    with pytest.raises(ConfigError):
        load(None, {"JIAOYING_TELEGRAM__WEBHOOK__SECRET_TOKEN": secret})


async def test_a_body_that_never_ends_does_not_hold_up_the_end() -> None:
    """The runner's own patience is a minute."""
    port = free_port()
    settings = WebhookSettings(url="https://x", port=port, path=PATH, secret_token=Secret(SECRET))
    server = Webhook(settings, {PATH: RecordingIntake()})  # type: ignore[dict-item]
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (b"POST /telegram HTTP/1.1", b"Host: x", header(GOOD), b"Content-Length: 9", b"", b"{")
    writer.write(b"\r\n".join(lines))
    await writer.drain()
    await asyncio.sleep(0.05)  # it is being read; one that is not is closed at once
    began = asyncio.get_running_loop().time()
    await asyncio.wait_for(server.stop(), PATIENCE)
    assert asyncio.get_running_loop().time() - began < 10
    writer.close()
