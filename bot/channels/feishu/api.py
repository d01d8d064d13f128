"""Feishu's HTTP API: requests with a token that is renewed when Feishu wants another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp

from bot.channels.feishu.wire import (
    TOKEN_INVALID,
    TOKEN_PATH,
    code_of,
    outcome_of,
    token_of,
    token_request,
)
from bot.channels.token_api import AccessToken, Answer, NoToken, post
from bot.config.settings_accounts import FeishuSettings


class FeishuApi:
    """One app of Feishu. It lives as long as the bot: its token is used by all who ask."""

    def __init__(self, settings: FeishuSettings, clock: Callable[[], datetime]) -> None:
        self._url = settings.url.rstrip("/")
        self._app_id = settings.app_id
        self._secret = settings.app_secret
        self._token = AccessToken(self._ask_token, clock)

    async def ask(
        self,
        session: aiohttp.ClientSession,
        path: str,
        body: Mapping[str, Any],
        method: str = "POST",
    ) -> Answer:
        """Make a request; once more with a new token if Feishu does not know ours.

        :raises NoToken: Feishu gives us none.
        :raises aiohttp.ClientError, OSError, TimeoutError: no answer.
        """
        token = await self._token.get(session)
        answer = await self._post(session, path, body, token, method)
        if code_of(answer.told) in TOKEN_INVALID:
            self._token.refused(token)
            token = await self._token.get(session)
            answer = await self._post(session, path, body, token, method)
        return answer

    async def _post(
        self,
        session: aiohttp.ClientSession,
        path: str,
        body: Mapping[str, Any],
        token: str,
        method: str,
    ) -> Answer:
        bearer = {"Authorization": f"Bearer {token}"}
        return await post(session, self._url + path, body, bearer, method)

    async def _ask_token(self, session: aiohttp.ClientSession) -> tuple[str, float]:
        body = token_request(self._app_id, self._secret.reveal())
        answer = await post(session, self._url + TOKEN_PATH, body)
        if (given := token_of(answer.told)) is not None:
            return given
        refused = outcome_of(answer.status, answer.told, answer.headers).trouble
        raise NoToken("" if refused is None else str(code_of(answer.told)))
