"""Hands cards to WeCom: the access token, whose account a number is, the pace of each member."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.channels.bodies import whole_body
from bot.channels.events import OutgoingCall, SpentCard
from bot.channels.found_accounts import NOTED_LATER, Remember, remembering
from bot.channels.sending import Outcome, Result
from bot.channels.wecom.lookups import UnknownNumbers
from bot.channels.wecom.member_pace import MemberPace
from bot.channels.wecom.wire import (
    LOOKUP_PATH,
    NO_ANSWER,
    NO_MEMBER,
    NOT_REACHED,
    SEND_PATH,
    STALE_TOKEN,
    TOKEN_PATH,
    TOO_OFTEN,
    UPDATE_PATH,
    Told,
    changed,
    message,
    mobile,
    outcome_of,
    read_answer,
    to_mend,
    without_buttons,
)
from bot.config.settings_accounts import WecomSettings
from bot.services.services import Services
from contacts.channels import Cause

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0
LONGEST_ANSWER = 64 * 1024  # bytes

RENEWED_BEFORE = timedelta(minutes=5)
"""Before it ends a token is fetched anew: clocks differ, and requests take their time (ours)."""
_SHORTEST = timedelta(minutes=1)
_REFUSED_FOR = timedelta(seconds=5)
"""Whoever asks for a token so shortly after none was given is told the same: nobody waits again."""


class AccessToken:
    """The token every request bears. It is good for two hours, and the same for whoever asks."""

    def __init__(self) -> None:
        self._token = ""
        self._until: datetime | None = None
        self._refusal: tuple[Told, datetime] | None = None
        self._fetching = asyncio.Lock()

    async def get(
        self, fetch: Callable[[], Awaitable[Told]], now: datetime
    ) -> tuple[str, Told | None]:
        """The token; or what WeCom said instead of giving one."""
        async with self._fetching:
            if self._until is not None and now < self._until:
                return self._token, None
            if self._refusal is not None and _lately(self._refusal[1], now):
                return "", self._refusal[0]
            told = await fetch()
            token = told.text("access_token")
            if told.code or not token:
                self._refusal = (told if told.code else Told(NO_ANSWER, {}), now)
                return "", self._refusal[0]
            self._refusal = None
            seconds = told.fields.get("expires_in")
            lasts = timedelta(seconds=seconds if isinstance(seconds, int) else 0)
            self._token = token
            self._until = now + max(lasts - RENEWED_BEFORE, _SHORTEST)
            return token, None

    def drop(self, token: str) -> None:
        """This one is not good any more; what was fetched since is kept."""
        if token == self._token:
            self._until = None


class Remembered:
    """What outlives one opening of the sender: it is opened whenever there is something to send."""

    def __init__(self) -> None:
        self.token = AccessToken()
        self.pace = MemberPace()
        self.unknown = UnknownNumbers()


class WecomSender:
    """Makes requests to WeCom.

    :param session: closed by whoever opened it.
    :param remember: notes a found account before its owner is written to: they may press at once.
    """

    def __init__(
        self,
        settings: WecomSettings,
        session: aiohttp.ClientSession,
        clock: Callable[[], datetime],
        remembered: Remembered,
        remember: Remember,
    ) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._session = session
        self._clock = clock
        self._kept = remembered
        self._remember = remember

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one card over. No error is raised: its text would hold the token."""
        account = call.to
        if account.startswith("+"):
            found = await self._account(account)
            if isinstance(found, Outcome):
                return found
            account = found
            if not await self._remember(call.handle, account):
                return Outcome(Result.HELD, after=NOTED_LATER)
        now = self._clock()
        if (seconds := self._kept.pace.wait(account, now)) > 0:
            return Outcome(Result.HELD, after=seconds)
        self._kept.pace.wrote(account, now)
        settings = self._settings
        told = await self._asked(
            SEND_PATH, message(call, account, settings.agent_id, cards=settings.cards)
        )
        return outcome_of(told, account)

    async def take_buttons(self, card: SpentCard) -> Outcome:
        """Take the buttons off a card that was sent. No error is raised, as above."""
        settings = self._settings
        if not (settings.cards and card.provider_id):
            return Outcome(Result.REFUSED)  # it has none, or by nothing that we know
        return changed(await self._asked(UPDATE_PATH, without_buttons(card, settings.agent_id)))

    async def _account(self, number: str) -> str | Outcome:
        """Whose number it is; or why that is not known."""
        now, unknown = self._clock(), self._kept.unknown
        nobody = Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
        if unknown.known_as_unknown(number, now):
            return nobody
        if not unknown.may_ask(self._settings.unknown_a_day, now):
            log.warning("wecom: no more numbers are looked up today: too many are no member's")
            return Outcome(Result.REFUSED)  # nobody knows whether they are a member
        told = await self._asked(LOOKUP_PATH, {"mobile": mobile(number)})
        account = told.text("userid")
        if told.code == 0 and account:
            return account.casefold()
        if told.code in NO_MEMBER:
            unknown.missed(number, now)
            return nobody
        if told.code == TOO_OFTEN:  # those whose accounts are known are written to all the same
            unknown.locked_out(now)
            return Outcome(Result.REFUSED)
        if told.code in (0, NO_ANSWER):
            return Outcome(Result.LATER)  # nothing was sent
        outcome = outcome_of(told, "")
        return outcome if outcome.result is Result.LATER else Outcome(Result.REFUSED)

    async def _asked(self, path: str, body: Mapping[str, Any]) -> Told:
        """What WeCom says to a request; once more with a new token where the old one is stale."""
        told = Told(NO_ANSWER, {})
        for _ in range(2):
            token, refused = await self._kept.token.get(self._fetch_token, self._clock())
            if refused is not None:
                # Nothing was sent for want of a token.
                told = refused if refused.code != NO_ANSWER else Told(NOT_REACHED, {})
                break
            told = await self._request("POST", path, {"access_token": token}, body)
            if told.code not in STALE_TOKEN:
                break
            self._kept.token.drop(token)
        if hint := to_mend(told.code):
            log.error("wecom: error %d: %s", told.code, hint)
        elif told.code > 0 and told.code not in NO_MEMBER:
            log.warning("wecom: error %d at %s", told.code, path)
        return told

    async def _fetch_token(self) -> Told:
        settings = self._settings
        query = {"corpid": settings.corp_id, "corpsecret": settings.secret.reveal()}
        return await self._request("GET", TOKEN_PATH, query, None)

    async def _request(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Told:
        try:
            async with self._session.request(
                method, self._url + path, params=query, json=body, allow_redirects=False
            ) as answer:
                return read_answer(answer.status, await whole_body(answer, LONGEST_ANSWER))
        except aiohttp.ClientConnectorError:
            return Told(NOT_REACHED, {})
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Told(NO_ANSWER, {})


def _lately(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at < _REFUSED_FOR


@asynccontextmanager
async def opened(remembered: Remembered, services: Services) -> AsyncIterator[WecomSender]:
    """A sender with connections of its own, for as long as there is something to send."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        settings = services.settings.channels.wecom
        yield WecomSender(settings, session, services.clock, remembered, remembering(services))
