"""A county's gateway as somebody writes it who has read ``docs/channels.md`` and nothing else.

Calls are pushed to it, signed; reports and answers it signs itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

import aiohttp
from aiohttp import web

SKEW_SECONDS = 300
NONCE_BYTES = 18
LARGEST_BODY = 64 * 1024  # bytes
PATIENCE_SECONDS = 10.0  # for jiaoying to answer what it is told

_TIMESTAMP, _NONCE, _SIGNATURE = (
    f"X-Jiaoying-{name}" for name in ("Timestamp", "Nonce", "Signature")
)


def signed(
    secret: str, method: str, path: str, body: bytes, timestamp: str, nonce: str
) -> dict[str, str]:
    """The headers of a request, ``path`` with its query."""
    text = "\n".join([method, path, timestamp, nonce, ""]).encode() + body
    right = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {_TIMESTAMP: timestamp, _NONCE: nonce, _SIGNATURE: right}


def is_signed(
    secret: str, method: str, path: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> bool:
    """Whether a request is jiaoying's, made lately."""
    timestamp, nonce = headers.get(_TIMESTAMP, ""), headers.get(_NONCE, "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    right = signed(secret, method, path, body, timestamp, nonce)[_SIGNATURE]
    given = headers.get(_SIGNATURE, "").encode()
    fresh = abs(now.timestamp() - int(timestamp)) <= SKEW_SECONDS
    return fresh and hmac.compare_digest(right.encode(), given)


class Gateway:
    """The county's end of the wire; a subclass says what it does with the calls.

    :param jiaoying: where jiaoying takes reports and answers, ``http://127.0.0.1:8092``.
    :param path: under which it serves, before ``/v1/calls``.
    """

    def __init__(
        self, secret: str, jiaoying: str, clock: Callable[[], datetime], path: str = ""
    ) -> None:
        self._secret = secret
        self.jiaoying = jiaoying
        self.clock = clock
        self._path = path
        self.calls: dict[str, dict[str, Any]] = {}  # by id: what was taken
        self._nonces: dict[str, float] = {}  # when each was used
        self._app = web.Application(client_max_size=LARGEST_BODY)
        self._app.router.add_post(f"{path}/v1/calls", self._asked)
        self._app.router.add_delete(f"{path}/v1/calls/{{id}}", self._taken_back)
        self.taken_back: list[str] = []  # the ids of calls that are not to be made any more
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on this machine, at any free port."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._path}"
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        self._http = aiohttp.ClientSession(timeout=timeout)

    async def stop(self) -> None:
        """Listen no more."""
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _asked(self, request: web.Request) -> web.Response:
        body = await request.read()
        return self._refused(request, body) or self.take(json.loads(body), request)

    async def _taken_back(self, request: web.Request) -> web.Response:
        refused = self._refused(request, await request.read())
        return refused or self.take_back(request.match_info["id"])

    def _refused(self, request: web.Request, body: bytes) -> web.Response | None:
        """What a request that is not jiaoying's own, or came before, is told."""
        now, method = self.clock(), request.method
        if not is_signed(self._secret, method, request.raw_path, body, request.headers, now):
            return web.json_response({"error": "forged"}, status=401)
        if not self._first_time(request.headers[_NONCE], now.timestamp()):
            return web.json_response({"error": "replayed"}, status=409)
        return None

    def _first_time(self, nonce: str, now: float) -> bool:
        self._nonces = {
            used: at for used, at in self._nonces.items() if abs(now - at) <= 2 * SKEW_SECONDS
        }
        if nonce in self._nonces:
            return False
        self._nonces[nonce] = now
        return True

    def take(self, call: dict[str, Any], request: web.Request) -> web.Response:  # noqa: ARG002
        """Take a call: the same id again is the same call."""
        if call["id"] in self.calls:
            return web.Response(status=409)
        self.calls[call["id"]] = call
        self.make(call)
        return web.json_response({"provider_id": f"line-{len(self.calls)}"}, status=202)

    def take_back(self, call_id: str) -> web.Response:
        """A call is not to be made any more, if it was not."""
        if call_id not in self.calls:
            return web.Response(status=404)
        self.taken_back.append(call_id)
        return web.Response(status=204)

    def make(self, call: dict[str, Any]) -> None:
        """Ring, or write; called once for each call."""

    async def say(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Tell jiaoying something; the status, and what it answered.

        :raises aiohttp.ClientError: it did not answer; ``TimeoutError``: not in time.
        """
        body = json.dumps(told).encode()
        timestamp = str(int(self.clock().timestamp()))
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        headers = signed(self._secret, "POST", path, body, timestamp, nonce)
        return await self.request("POST", path, body, headers)

    async def request(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Make a request as it stands."""
        assert self._http is not None, "not started"
        url = self.jiaoying + path
        async with self._http.request(method, url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()
