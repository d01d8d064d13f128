"""Asks a cloud's server over HTTP, once: what it said, or that nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from yarl import URL

from bot.channels.bodies import whole_body
from bot.channels.sending import Outcome, Result

ANSWER_SECONDS = 10.0
"""For a cloud to say that it has taken a call (ours); it need not have made it."""

LONGEST_ANSWER = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class CloudRequest:
    """One request, signed; ``url`` is written as it goes over the line. Pure."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class CloudReply:
    """What a cloud answered.

    :param retry_after: seconds it wants to be left alone; ``None``: it does not say.
    """

    status: int
    body: bytes
    retry_after: float | None = None

    def told(self) -> dict[str, Any]:
        """The JSON object it answered; empty when it is none."""
        try:
            told = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return told if isinstance(told, dict) else {}


async def ask(
    session: aiohttp.ClientSession, request: CloudRequest, *, longest: int = LONGEST_ANSWER
) -> CloudReply | Outcome:
    """What a cloud answers, or what it means that it does not. No error is raised.

    :param longest: bytes of the answer that are read.
    """
    try:
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
        ) as answer:
            body = await whole_body(answer, longest)
            return CloudReply(answer.status, body, _seconds(answer.headers.get("Retry-After")))
    except aiohttp.ClientConnectorError:
        return Outcome(Result.LATER)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return Outcome(Result.UNCERTAIN)


@asynccontextmanager
async def cloud_session(seconds: float = ANSWER_SECONDS) -> AsyncIterator[aiohttp.ClientSession]:
    """Connections of one sender's own, for as long as there is something to send."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


def unwell(reply: CloudReply) -> Outcome:
    """What an answer means that says nothing of the call: the cloud is busy, or broken."""
    uncertain = reply.status >= 500 and reply.status != 503
    return Outcome(Result.UNCERTAIN if uncertain else Result.LATER, after=reply.retry_after)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
