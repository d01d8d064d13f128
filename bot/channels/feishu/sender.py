"""Hands calls to Feishu as cards: looks the account up by the number where it is not known."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import quote

import aiohttp

from bot.channels.events import OutgoingCall, SpentCard
from bot.channels.feishu.api import FeishuApi
from bot.channels.feishu.wire import (
    CARD_PATH,
    LOOK_UP_PATH,
    MESSAGES_PATH,
    account_of,
    card_request,
    change_request,
    code_of,
    look_up_request,
    outcome_of,
)
from bot.channels.found_accounts import NOTED_LATER, Remember, remembering
from bot.channels.sending import Outcome, Result, of_a_change
from bot.channels.token_api import NoToken, opened_session
from bot.services.services import Services
from contacts.channels import Cause

log = logging.getLogger(__name__)


class FeishuSender:
    """Sends cards.

    :param session: closed by whoever opened it.
    :param remember: notes whose account it is before they are written to: they may press at once.
    """

    def __init__(self, api: FeishuApi, session: aiohttp.ClientSession, remember: Remember) -> None:
        self._api = api
        self._session = session
        self._remember = remember

    async def send(self, call: OutgoingCall) -> Outcome:
        """Send one card. No error is raised: its text would hold the address."""
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
        if not card.provider_id:
            return Outcome(Result.REFUSED)
        path, body = CARD_PATH.format(message=quote(card.provider_id, "")), change_request(card)
        try:
            answer = await self._api.ask(self._session, path, body, "PATCH")
        except NoToken as error:
            return error.outcome
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.LATER)  # once more changes nothing
        outcome = outcome_of(answer.status, answer.told, answer.headers)
        return of_a_change(outcome, answer.status)

    async def _send_to(self, account: str, call: OutgoingCall) -> Outcome:
        try:
            body = card_request(call, account)
            answer = await self._api.ask(self._session, MESSAGES_PATH, body)
        except NoToken as error:
            return error.outcome
        except aiohttp.ClientConnectorError:
            return Outcome(Result.LATER)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.UNCERTAIN)
        outcome = outcome_of(answer.status, answer.told, answer.headers)
        if outcome.result is not Result.ACCEPTED:
            code = code_of(answer.told)
            log.warning("feishu: code %d, status %d to call %s", code, answer.status, call.handle)
        return outcome

    async def _look_up(self, number: str) -> str | Outcome:
        """Whose number it is; or what becomes of the call without an account."""
        answer = await self._api.ask(self._session, LOOK_UP_PATH, look_up_request(number))
        if answer.status == 200 and code_of(answer.told) == 0:
            return account_of(answer.told) or Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
        outcome = outcome_of(answer.status, answer.told, answer.headers)
        log.warning("feishu: look-up refused with code %d", code_of(answer.told))
        return replace(outcome, result=Result.LATER, cause=None)


class Opening:
    """Opens senders, one after the other, that use one app's token."""

    def __init__(self) -> None:
        self._api: FeishuApi | None = None

    @asynccontextmanager
    async def __call__(self, services: Services) -> AsyncIterator[FeishuSender]:
        """A sender with connections of its own, for as long as there is something to send."""
        if self._api is None:
            self._api = FeishuApi(services.settings.channels.feishu, services.clock)
        async with opened_session() as session:
            yield FeishuSender(self._api, session, remembering(services))
