"""DingTalk's Stream connection: what people press and write there, taken in and answered.

Whatever is not answered is said again by DingTalk, with the same id.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp

from bot.channels.dingtalk.api import DingtalkApi
from bot.channels.dingtalk.dialogue import (
    DISCONNECT,
    FAILED,
    NOT_OURS,
    OK,
    OPEN_PATH,
    PING,
    Message,
    address_of,
    answer_to,
    card_says,
    open_request,
    read_answer,
    read_message,
    response,
    tells_only_them,
)
from bot.channels.dingtalk.wire import MESSAGE_PATH, outcome_of, text_request
from bot.channels.events import ChannelAnswer
from bot.channels.long_connection import NotLetIn, Reply, StayingConnected
from bot.channels.pressing import Heard, hear
from bot.channels.sending import Outcome
from bot.channels.token_api import opened_session, post
from bot.channels.written_back import write_back
from bot.services.services import Services
from data.errors import StoreError

log = logging.getLogger(__name__)

WANTS_NO_PING = 3600.0  # seconds; the websocket's own heartbeat is enough


class DingtalkDialogue:
    """What DingTalk says to one app, and what we say to it."""

    name = "dingtalk"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settings = services.settings.channels.dingtalk
        self._api = DingtalkApi(self._settings, services.clock)

    async def address(self, session: aiohttp.ClientSession) -> str:
        """Where to connect. :raises NotLetIn: DingTalk does not say."""
        url = self._settings.url.rstrip("/") + OPEN_PATH
        settings = self._settings
        body = open_request(settings.client_id, settings.client_secret.reveal())
        answer = await post(session, url, body)
        address = address_of(answer.told)
        if answer.status != 200 or address is None:
            code = str(answer.told.get("code", "?"))[:60]
            raise NotLetIn(f"not let in: code {code}, status {answer.status}")
        if url.startswith("https:") and not address.startswith("wss:"):
            raise NotLetIn("not let in: the address is not wss")
        return address

    def ping(self) -> tuple[None, float]:
        """DingTalk wants to hear nothing: it asks itself."""
        return None, WANTS_NO_PING

    async def answer(self, heard: bytes | str) -> Reply:
        """Take a message in."""
        try:
            message = read_message(heard)
        except ValueError as error:
            log.warning("dingtalk: a message that is none: %s", type(error).__name__)
            return Reply()
        if message.kind == "SYSTEM":
            known = message.topic in (PING, DISCONNECT)
            said = answer_to(message, OK, message.data) if known else None
            return Reply(said, leave=message.topic == DISCONNECT)
        if message.kind != "CALLBACK":
            return Reply(answer_to(message, NOT_OURS, response({})))
        return await self._taken(message)

    async def _taken(self, message: Message) -> Reply:
        nothing = Reply(answer_to(message, OK, response({})))
        try:
            answer = read_answer(message, self._services.clock())
        except ValueError as error:
            log.warning("dingtalk: a callback that is none: %s", type(error).__name__)
            return nothing
        if answer is None:
            return nothing
        try:
            heard = await hear(self._services, answer)
        except StoreError as error:
            log.error("dingtalk: an answer was not taken in: %s", error)
            return Reply(answer_to(message, FAILED, response({})))
        if answer.handle is None:
            return replace(nothing, then=partial(self._write_back, answer, heard))
        return Reply(answer_to(message, OK, response(_shown(heard))))

    async def _write_back(self, answer: ChannelAnswer, heard: Heard) -> None:
        who = answer.who
        if not heard.say or who is None:
            return
        body = text_request(who, self._settings.robot_code, heard.say)

        async def ask() -> Outcome:
            async with opened_session() as session:
                told = await self._api.ask(session, MESSAGE_PATH, body)
                return outcome_of(told.status, told.told, who)

        await write_back(self.name, ask)


def _shown(heard: Heard) -> dict[str, Any]:
    """How the card looks after a button of it was pressed."""
    if not heard.theirs:
        return tells_only_them(heard.say)
    return card_says(heard.mark or heard.say, answered=heard.recorded or bool(heard.over))


def connection(services: Services) -> StayingConnected:
    """The connection that is kept open to DingTalk."""
    return StayingConnected(DingtalkDialogue(services))
