"""Feishu's long connection: what people press and write there, taken in and answered.

A press is to be answered within 3 seconds, and Feishu does not repeat it: whoever pressed reads
that it failed, and presses again. What people write is repeated until it is answered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import aiohttp

from bot.channels.events import ChannelAnswer
from bot.channels.feishu.api import FeishuApi
from bot.channels.feishu.card import card, over_card
from bot.channels.feishu.dialogue import (
    ENDPOINT_PATH,
    PING_SECONDS,
    Endpoint,
    Parts,
    answer_to,
    endpoint_of,
    endpoint_request,
    is_press,
    ping,
    pinged_every,
    read_event,
    read_reading,
    toast,
    with_card,
)
from bot.channels.feishu.frames import CONTROL, DATA, BadFrame, Frame, decode, encode
from bot.channels.feishu.wire import MESSAGES_PATH, code_of, outcome_of, text_request
from bot.channels.long_connection import NotLetIn, Reply, StayingConnected
from bot.channels.pressing import Heard, hear, not_ours, note_read
from bot.channels.sending import Outcome
from bot.channels.token_api import opened_session, post
from bot.channels.written_back import write_back
from bot.services.services import Services
from contacts.channels import Channel
from data.errors import StoreError

log = logging.getLogger(__name__)

DONE, FAILED = 200, 500
"""What a frame is answered with: Feishu says it again, or tells the person, after the second."""

Taken = tuple[int, Mapping[str, Any] | None, Callable[[], Awaitable[None]] | None]
"""How a frame is answered, with what body, and what is done afterwards."""


class FeishuDialogue:
    """What Feishu says to one app, and what we say to it."""

    name = "feishu"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settings = services.settings.channels.feishu
        self._api = FeishuApi(self._settings, services.clock)
        self._service = 0
        self._ping_seconds = PING_SECONDS
        self._parts = Parts()

    async def address(self, session: aiohttp.ClientSession) -> str:
        """Where to connect. :raises NotLetIn: Feishu does not say."""
        url = self._settings.url.rstrip("/") + ENDPOINT_PATH
        body = endpoint_request(self._settings.app_id, self._settings.app_secret.reveal())
        answer = await post(session, url, body, {"locale": "zh"})
        endpoint = endpoint_of(answer.told)
        if endpoint is None:
            raise NotLetIn(f"not let in: code {code_of(answer.told)}, status {answer.status}")
        if url.startswith("https:") and not endpoint.url.startswith("wss:"):
            raise NotLetIn("not let in: the address is not wss")
        self._take_over(endpoint)
        return endpoint.url

    def _take_over(self, endpoint: Endpoint) -> None:
        self._service, self._ping_seconds = endpoint.service, endpoint.ping_seconds

    def ping(self) -> tuple[bytes | None, float]:
        """Feishu's own ping, and the seconds until the next."""
        return encode(ping(self._service)), self._ping_seconds

    async def answer(self, heard: bytes | str) -> Reply:
        """Take a frame in."""
        began = time.monotonic()
        try:
            frame = decode(heard if isinstance(heard, bytes) else heard.encode())
            if frame.method == CONTROL:
                self._configured(frame)
            if frame.method != DATA or frame.headers.get("type") != "event":
                return Reply()
            payload = self._parts.whole(frame, self._services.clock())
        except (BadFrame, ValueError) as error:
            log.warning("feishu: %s", type(error).__name__)
            return Reply()
        if payload is None:
            return Reply()
        code, told, then = await self._taken(payload)
        millis = int((time.monotonic() - began) * 1000)
        return Reply(encode(answer_to(frame, code, told, millis)), then=then)

    def _configured(self, frame: Frame) -> None:
        """A pong may say how often to ping from now on."""
        if frame.headers.get("type") == "pong" and frame.payload:
            self._ping_seconds = pinged_every(frame.payload) or self._ping_seconds

    async def _taken(self, payload: bytes) -> Taken:
        now = self._services.clock()
        try:
            answer, reading = read_event(payload, now), read_reading(payload, now)
        except ValueError as error:
            log.warning("feishu: an event that is none: %s", type(error).__name__)
            return DONE, None, None
        try:
            if reading is not None:
                told = reading.event, reading.messages, reading.at
                await note_read(self._services, Channel.FEISHU, *told)
            if answer is None:
                return DONE, _shown(not_ours()) if is_press(payload) else None, None
            heard = await hear(self._services, answer)
        except StoreError as error:
            log.error("feishu: an answer was not taken in: %s", error)
            return FAILED, None, None
        if answer.handle is None:
            return DONE, None, partial(self._write_back, answer, heard)
        return DONE, _shown(heard), None

    async def _write_back(self, answer: ChannelAnswer, heard: Heard) -> None:
        if not heard.say or answer.who is None:
            return
        body = text_request(answer.who, heard.say, answer.event[:50])

        async def ask() -> Outcome:
            async with opened_session() as session:
                told = await self._api.ask(session, MESSAGES_PATH, body)
                return outcome_of(told.status, told.told, told.headers)

        await write_back(self.name, ask)


def _shown(heard: Heard) -> dict[str, Any]:
    """What whoever pressed sees."""
    if not heard.theirs:
        return toast(heard.say, "error")
    told = toast(heard.say, "success" if heard.recorded else "warning")
    if heard.over:
        return with_card(told, over_card(heard.over, heard.say))
    return told if heard.call is None else with_card(told, card(heard.call, heard.mark))


def connection(services: Services) -> StayingConnected:
    """The connection that is kept open to Feishu."""
    return StayingConnected(FeishuDialogue(services))
