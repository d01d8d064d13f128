"""Hands calls to DingTalk: as cards where the office has a template, else as messages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.channels.dingtalk.api import DingtalkApi
from bot.channels.dingtalk.wire import (
    ALREADY_THERE,
    CARD_PATH,
    DELIVER_PATH,
    MESSAGE_PATH,
    UPDATE_PATH,
    account_of,
    card_request,
    change_request,
    changed,
    deliver_request,
    message_request,
    outcome_of,
)
from bot.channels.events import OutgoingCall, SpentCard
from bot.channels.found_accounts import NOTED_LATER, Remember, remembering
from bot.channels.sending import Outcome, Result
from bot.channels.token_api import Answer, NoToken, opened_session
from bot.config.settings_accounts import DingtalkSettings
from bot.services.services import Services

log = logging.getLogger(__name__)


class DingtalkSender:
    """Sends cards, or messages.

    :param session: closed by whoever opened it.
    :param remember: notes whose account it is before they are written to: they may press at once.
    """

    def __init__(
        self,
        settings: DingtalkSettings,
        api: DingtalkApi,
        session: aiohttp.ClientSession,
        remember: Remember,
    ) -> None:
        self._template = settings.card_template_id
        self._robot = settings.robot_code
        self._api = api
        self._session = session
        self._remember = remember

    async def send(self, call: OutgoingCall) -> Outcome:
        """Send one. No error is raised: its text would hold the address."""
        try:
            found = await self._look_up(call.to) if call.to.startswith("+") else call.to
        except NoToken as error:
            return error.outcome
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.LATER)  # nothing was sent yet
        if isinstance(found, Outcome):
            return found
        if found != call.to and not await self._remember(call.handle, found):
            return Outcome(Result.HELD, after=NOTED_LATER)
        return await self._send_to(found, call)

    async def take_buttons(self, card: SpentCard) -> Outcome:
        """Take the buttons off a card that was sent. No error is raised, as above."""
        if not self._template:
            return Outcome(Result.REFUSED)  # messages have none, and stay as they are
        try:
            body = change_request(card)
            answer = await self._api.ask(self._session, UPDATE_PATH, body, "PUT")
        except NoToken as error:
            return error.outcome
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.LATER)  # once more changes nothing
        return changed(answer.status, answer.told)

    async def _look_up(self, number: str) -> str | Outcome:
        """Whose number it is; or what becomes of the call without an account."""
        answer = await self._api.look_up(self._session, number)
        found = account_of(answer.told)
        if isinstance(found, Outcome) and found.result is Result.LATER:
            log.warning("dingtalk: look-up refused with %s", _code(answer))
        return found

    async def _send_to(self, account: str, call: OutgoingCall) -> Outcome:
        try:
            answer = await self._ask(account, call)
        except NoToken as error:
            return error.outcome
        except aiohttp.ClientConnectorError:
            return Outcome(Result.LATER)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.UNCERTAIN)
        outcome = outcome_of(answer.status, answer.told, account)
        if outcome.result is not Result.ACCEPTED:
            code, status = _code(answer), answer.status
            log.warning("dingtalk: code %s, status %d to call %s", code, status, call.handle)
        return outcome

    async def _ask(self, account: str, call: OutgoingCall) -> Answer:
        if not (self._template and call.asks):  # the card has buttons
            return await self._post(MESSAGE_PATH, message_request(call, account, self._robot))
        card = card_request(call, account, self._template, self._robot)
        answer = await self._post(CARD_PATH, card)
        if answer.told.get("code") != ALREADY_THERE:
            return answer
        # Made by a request that we got no answer to: whether it was put before the person is not
        # known. The same card twice is better than none.
        return await self._post(DELIVER_PATH, deliver_request(call, account, self._robot))

    async def _post(self, path: str, body: dict[str, Any]) -> Answer:
        return await self._api.ask(self._session, path, body)


def _code(answer: Answer) -> str:
    """What DingTalk calls the trouble: its text may hold a number and is left alone."""
    told = answer.told
    return str(told.get("code", told.get("sub_code", told.get("errcode", "?"))))[:60]


class Opening:
    """Opens senders, one after the other, that use one app's token."""

    def __init__(self) -> None:
        self._api: DingtalkApi | None = None

    @asynccontextmanager
    async def __call__(self, services: Services) -> AsyncIterator[DingtalkSender]:
        """A sender with connections of its own, for as long as there is something to send."""
        settings = services.settings.channels.dingtalk
        if self._api is None:
            self._api = DingtalkApi(settings, services.clock)
        async with opened_session() as session:
            yield DingtalkSender(settings, self._api, session, remembering(services))
