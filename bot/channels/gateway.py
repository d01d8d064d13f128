"""Hands calls to a county's own server: signed HTTP, as ``docs/channels.md`` describes it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
import orjson
from yarl import URL

from bot.channels.bodies import whole_body
from bot.channels.contract import CALLS_PATH, LONGEST_EVENT, call_json
from bot.channels.events import Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.signing import signed_headers
from bot.config.settings_channels import GatewaySettings
from bot.services.services import Services
from contacts.channels import Cause

ANSWER_SECONDS = 10.0
"""For a gateway to say that it has taken a call; it need not have made it."""

LONGEST_ANSWER = 64 * 1024  # bytes
NONCE_BYTES = 18

_TAKEN = frozenset({200, 201, 202, 409})  # 409: it has it already
_GONE = frozenset({404, 409, 410})  # it never had it, or has made it
_KNOWS_NO_DELETE = frozenset({405, 501})
_NEVER = frozenset({400, 410, 422})  # this very call is wrong; all else may pass


class GatewaySender:
    """Makes signed requests to one gateway.

    :param session: closed by whoever opened it.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        session: aiohttp.ClientSession,
        clock: Callable[[], datetime],
    ) -> None:
        self._url = URL(settings.url.rstrip("/") + CALLS_PATH)
        self._secret = settings.secret.reveal()
        self._session = session
        self._clock = clock

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one call over. No error is raised: its text would hold the address."""
        body = orjson.dumps(call_json(call))
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        target = self._url.raw_path_qs
        headers = signed_headers(self._secret, "POST", target, body, nonce, self._clock())
        headers["Content-Type"] = "application/json"
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return outcome_of(
                    answer.status,
                    await whole_body(answer, LONGEST_ANSWER),
                    answer.headers.get("Retry-After"),
                )
        except aiohttp.ClientConnectorError:
            return Outcome(Result.LATER)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Outcome(Result.UNCERTAIN)

    async def take_back(self, handle: Handle) -> bool | None:
        """Ask that a call it took is not made any more.

        ``True``: it knows now, or has made it; ``False``: it knows no such request and never will;
        ``None``: ask again later.
        """
        url = URL(f"{self._url}/{handle}")
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        headers = signed_headers(self._secret, "DELETE", url.raw_path_qs, b"", nonce, self._clock())
        try:
            async with self._session.delete(url, headers=headers, allow_redirects=False) as answer:
                if answer.status in _KNOWS_NO_DELETE:
                    return False
                return True if answer.status < 300 or answer.status in _GONE else None
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None


def outcome_of(status: int, body: bytes, retry_after: str | None) -> Outcome:
    """What a gateway's answer means."""
    told = _told(body)
    if status in _TAKEN:
        return Outcome(Result.ACCEPTED, provider_id=_short_text(told.get("provider_id")))
    if status in _NEVER:
        return Outcome(Result.REFUSED, cause=_cause(told.get("cause")))
    waits = retry_after is not None and retry_after.isascii() and retry_after.isdigit()
    after = float(retry_after) if waits and retry_after is not None else None
    result = Result.UNCERTAIN if status >= 500 and status != 503 else Result.LATER
    return Outcome(result, after=after)


@asynccontextmanager
async def opened_sender(
    settings: GatewaySettings, clock: Callable[[], datetime]
) -> AsyncIterator[GatewaySender]:
    """A sender with connections of its own, for as long as there is something to send."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield GatewaySender(settings, session, clock)


def opened(services: Services) -> AbstractAsyncContextManager[GatewaySender]:
    """The sender of the configured gateway."""
    return opened_sender(services.settings.channels.gateway, services.clock)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _short_text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_EVENT else None


def _cause(value: Any) -> Cause | None:
    return next((cause for cause in Cause if cause.value == value), None)
