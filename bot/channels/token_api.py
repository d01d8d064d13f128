"""Requests to HTTP APIs that want a token, and the token they give us for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson
from yarl import URL

from alerts.channels.model import Trouble
from bot.channels.bodies import whole_body
from bot.channels.sending import Outcome, Result

ANSWER_SECONDS = 10.0
"""For a provider to answer a request (ours)."""

LARGEST_ANSWER = 256 * 1024  # bytes

REFUSED_FOR = timedelta(seconds=4)
"""Whoever waited while no token was given does not ask again at once (ours)."""

EARLY = timedelta(minutes=5)
"""A token is renewed so long before it ends (ours)."""


class NoToken(Exception):
    """The provider gives us no token.

    :param code: what it says is wrong with us; empty: it is itself out of order.
    """

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code

    @property
    def outcome(self) -> Outcome:
        """What this means for a call."""
        trouble = Trouble.NOT_ALLOWED if self.code else None
        return Outcome(Result.LATER, trouble=trouble, words=self.code)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; ``told``: empty when it was no JSON object."""

    status: int
    told: dict[str, Any]
    headers: Mapping[str, str]


async def post(
    session: aiohttp.ClientSession,
    url: str | URL,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> Answer:
    """Make a request with a JSON body.

    :raises aiohttp.ClientError, OSError, TimeoutError: no answer. Their texts hold the address,
        which may hold a token: they are not to be logged.
    """
    sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    async with session.request(
        method, url, data=orjson.dumps(body), headers=sent, allow_redirects=False
    ) as answer:
        try:
            told = orjson.loads(await whole_body(answer, LARGEST_ANSWER))
        except orjson.JSONDecodeError:
            told = {}
        return Answer(answer.status, told if isinstance(told, dict) else {}, dict(answer.headers))


def opened_session() -> aiohttp.ClientSession:
    """A session for ``post``; to be closed."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))


class AccessToken:
    """A provider's token, kept until shortly before it ends.

    :param ask: asks for one: the token, and for how many seconds it is good. Raises ``NoToken``.
    """

    def __init__(
        self,
        ask: Callable[[aiohttp.ClientSession], Awaitable[tuple[str, float]]],
        clock: Callable[[], datetime],
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._token = ""
        self._until: datetime | None = None
        self._asking = asyncio.Lock()
        self._refused: tuple[datetime, str] | None = None  # when, and as what

    async def get(self, session: aiohttp.ClientSession) -> str:
        """The token that is good now; who comes while it is asked for waits for the same.

        :raises NoToken: the provider gives none.
        """
        async with self._asking:
            if self._until is None or self._clock() >= self._until:
                self._token, seconds = await self._asked(session)
                good = max(timedelta(seconds=seconds) - EARLY, timedelta(0))
                self._until = self._clock() + good
            return self._token

    async def _asked(self, session: aiohttp.ClientSession) -> tuple[str, float]:
        if self._refused is not None:
            at, code = self._refused
            if timedelta(0) <= self._clock() - at < REFUSED_FOR:
                raise NoToken(code)
        try:
            given = await self._ask(session)
        except (aiohttp.ClientError, OSError, TimeoutError, NoToken) as error:
            self._refused = (self._clock(), error.code if isinstance(error, NoToken) else "")
            raise
        self._refused = None
        return given

    def refused(self, token: str) -> None:
        """The provider does not know this token any more: the next request asks for a new one."""
        if token == self._token:
            self._until = None
