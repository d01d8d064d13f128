"""DingTalk's HTTP APIs: requests with a token that is renewed when DingTalk wants another.

People are looked up in its older API, which has another host and takes the token in the address:
nothing of that address may be logged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from bot.channels.dingtalk.wire import (
    LOOK_UP_PATH,
    TOKEN_HEADER,
    TOKEN_PATH,
    look_up_request,
    token_of,
    token_request,
    wants_a_new_token,
)
from bot.channels.token_api import AccessToken, Answer, NoToken, post
from bot.config.settings_accounts import DingtalkSettings

Request = Callable[[str], Awaitable[Answer]]
"""A request, made with a token."""


class DingtalkApi:
    """One app of DingTalk. It lives as long as the bot: its token is used by all who ask."""

    def __init__(self, settings: DingtalkSettings, clock: Callable[[], datetime]) -> None:
        self._url = settings.url.rstrip("/")
        self._people_url = settings.people_url.rstrip("/")
        self._client_id = settings.client_id
        self._secret = settings.client_secret
        self._token = AccessToken(self._ask_token, clock)

    async def ask(
        self,
        session: aiohttp.ClientSession,
        path: str,
        body: Mapping[str, Any],
        method: str = "POST",
    ) -> Answer:
        """Make a request; once more with a new token if DingTalk does not know ours.

        :raises NoToken: DingTalk gives us none.
        :raises aiohttp.ClientError, OSError, TimeoutError: no answer.
        """
        url = self._url + path
        return await self._asked(
            session, lambda token: post(session, url, body, {TOKEN_HEADER: token}, method)
        )

    async def look_up(self, session: aiohttp.ClientSession, number: str) -> Answer:
        """Ask whose number this is. Raises what ``ask`` raises."""
        url, body = URL(self._people_url + LOOK_UP_PATH), look_up_request(number)
        return await self._asked(
            session, lambda token: post(session, url.with_query(access_token=token), body)
        )

    async def _asked(self, session: aiohttp.ClientSession, request: Request) -> Answer:
        token = await self._token.get(session)
        answer = await request(token)
        if wants_a_new_token(answer.status, answer.told):
            self._token.refused(token)
            answer = await request(await self._token.get(session))
        return answer

    async def _ask_token(self, session: aiohttp.ClientSession) -> tuple[str, float]:
        body = token_request(self._client_id, self._secret.reveal())
        answer = await post(session, self._url + TOKEN_PATH, body)
        if (given := token_of(answer.told)) is not None:
            return given
        ours = answer.status in (400, 401, 403)
        raise NoToken(str(answer.told.get("code", answer.status))[:60] if ours else "")
