"""The Bot API for sending and polling, without the cost of python-telegram-bot's objects.

No exception, repr or log record of this module holds the token: aiohttp's errors quote the URL, so
they end here and only the name of their class goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import aiohttp
import orjson
from aiohttp.payload import BytesPayload
from yarl import URL

from bot.telegram.failures import Outcome, OutcomeKind, Reason, translated, without_answer
from bot.telegram.kept_connections import ConnectionLost, NotConnected, request_head
from bot.telegram.phone_numbers import without_numbers
from bot.telegram.transport import READ_SECONDS, UPLOAD_SECONDS, Connections

API = "https://api.telegram.org"
FILE_SECONDS = 60.0
PIECE = 64 * 1024  # bytes of a file in one go
POLL_GRACE_SECONDS = 10.0  # on top of the time Telegram was asked to hold a long poll


class Upload(NamedTuple):
    """A file that goes with a request, in the form's ``field``."""

    field: str
    content: bytes
    filename: str


class BotApi:
    """Makes requests with one token: JSON in, an ``Outcome`` out.

    :param base_url: as ``telegram.api_base_url`` in config.toml, without ``/bot``.
    :param hides_numbers: telephone numbers do not leave by Telegram (``[privacy] phones``).
    :raises ValueError: when ``base_url`` is not an absolute http or https URL.
    """

    __slots__ = ("_base", "_connections", "_heads", "_hides_numbers", "_server", "_token", "bot_id")

    def __init__(
        self,
        connections: Connections,
        token: str,
        base_url: str = API,
        *,
        hides_numbers: bool = False,
    ) -> None:
        base = URL(base_url)
        if base.scheme not in ("http", "https") or not base.host:
            raise ValueError(f"not an http or https URL: {base_url}")
        self._connections = connections
        self._hides_numbers = hides_numbers
        self._token = token
        self._base = base_url.rstrip("/")
        self._server = base
        self._heads: dict[str, bytes] = {}  # by method
        self.bot_id = token.partition(":")[0]  # public: the bot's user id

    def __repr__(self) -> str:
        return f"<BotApi {self.bot_id}>"

    async def call(self, method: str, payload: Mapping[str, Any] | bytes | None = None) -> Outcome:
        """Make one request, once. Never raises for what Telegram or the network did.

        :param payload: parameters, or the same already encoded as JSON.
        """
        task = asyncio.current_task()
        assert task is not None
        deadlines = self._connections.deadlines
        deadlines.start(task)
        try:
            outcome = await self._call(method, self._leaving(_encoded(payload)))
        except asyncio.CancelledError:
            if deadlines.stop(task) or task.uncancel() > 0:
                raise
            return without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)
        except BaseException:
            deadlines.stop(task)
            raise
        deadlines.stop(task)
        return outcome

    async def upload(
        self, method: str, fields: Mapping[str, Any], files: Sequence[Upload]
    ) -> Outcome:
        """Make one request with files, once, as a form."""
        form = aiohttp.FormData(quote_fields=False)  # the names of files as they are: 台账.xlsx
        for key, value in fields.items():
            words = value if isinstance(value, str) else orjson.dumps(value).decode()
            form.add_field(key, self._leaving(words.encode()).decode())
        for file in files:
            form.add_field(
                file.field,
                file.content,
                filename=file.filename,
                content_type="application/octet-stream",
            )
        try:
            async with asyncio.timeout(UPLOAD_SECONDS + READ_SECONDS):
                return await self._post(self._connections.sends, method, form)
        except TimeoutError:
            return without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)

    async def poll(self, payload: Mapping[str, Any], *, seconds: float) -> Outcome:
        """``getUpdates``, held by Telegram for up to ``seconds``; ``result`` is a list of dicts."""
        try:
            async with asyncio.timeout(seconds + POLL_GRACE_SECONDS):
                body = _json_body(orjson.dumps({**payload, "timeout": int(seconds)}))
                return await self._post(self._connections.polls, "getUpdates", body)
        except TimeoutError:
            return without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)

    async def file_path(self, file_id: str, most_bytes: int) -> str | Outcome:
        """Where a file this bot was given can be had; an outcome says why it cannot."""
        outcome = await self.call("getFile", {"file_id": file_id})
        if not outcome.ok:
            return outcome
        if not isinstance(outcome.result, dict):
            return without_answer(OutcomeKind.TEMPORARY, Reason.UNREADABLE)
        path = str(outcome.result.get("file_path") or "")
        if not path or (outcome.result.get("file_size") or 0) > most_bytes:
            return without_answer(OutcomeKind.PERMANENT, Reason.TOO_LONG)
        return path

    async def download(
        self, path: str, write: Callable[[bytes], object], most_bytes: int
    ) -> Outcome:
        """Hand a file to ``write``, piece by piece.

        What goes wrong is TEMPORARY, an ``OSError`` of ``write`` too.

        :param path: as ``file_path`` gave it.
        :param most_bytes: a longer file is PERMANENT, whatever size Telegram told.
        """
        url = URL(f"{self._base}/file/bot{self._token}/{path}")
        connections, size = self._connections, 0
        try:
            async with (
                asyncio.timeout(FILE_SECONDS),
                connections.sends.get(url, allow_redirects=False, proxy=connections.proxy) as file,
            ):
                if file.status != 200:
                    return without_answer(OutcomeKind.TEMPORARY, Reason.SERVER_ERROR)
                async for piece in file.content.iter_chunked(PIECE):
                    size += len(piece)
                    if size > most_bytes:
                        return without_answer(OutcomeKind.PERMANENT, Reason.TOO_LONG)
                    write(piece)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return without_answer(OutcomeKind.TEMPORARY, Reason.NOT_CONNECTED, error)
        return Outcome(OutcomeKind.SENT)

    async def _call(self, method: str, body: bytes) -> Outcome:
        kept = self._connections.kept(self._server)
        if kept is None:
            return await self._post(self._connections.sends, method, _json_body(body))
        head = self._heads.get(method)
        if head is None:
            head = self._heads[method] = request_head(self._url(method))
        try:
            answer = await kept.post(head, body)
        except NotConnected as error:
            return Outcome(
                OutcomeKind.TEMPORARY, reason=Reason.NOT_CONNECTED, description=str(error)
            )
        except ConnectionLost as error:
            return Outcome(
                OutcomeKind.UNCERTAIN, reason=Reason.CONNECTION_LOST, description=str(error)
            )
        return self._without_token(translated(*answer))

    async def _post(
        self,
        session: aiohttp.ClientSession,
        method: str,
        body: BytesPayload | aiohttp.FormData,
    ) -> Outcome:
        try:
            response = await session.post(
                self._url(method), data=body, allow_redirects=False, proxy=self._connections.proxy
            )
            answer = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return without_answer(OutcomeKind.TEMPORARY, Reason.NOT_CONNECTED, error)
        except TimeoutError as error:
            return without_answer(OutcomeKind.UNCERTAIN, Reason.TIMED_OUT, error)
        except (aiohttp.ClientError, OSError) as error:
            return without_answer(OutcomeKind.UNCERTAIN, Reason.CONNECTION_LOST, error)
        status = response.status
        wait = response.headers.get("Retry-After") if status >= 400 else None
        return self._without_token(translated(status, answer, wait))

    def _leaving(self, body: bytes) -> bytes:
        return without_numbers(body) if self._hides_numbers else body

    def _url(self, method: str) -> URL:
        return URL(f"{self._base}/bot{self._token}/{method}", encoded=True)

    def _without_token(self, outcome: Outcome) -> Outcome:
        if not outcome.description or self._token not in outcome.description:
            return outcome
        clean = outcome.description.replace(self._token, f"{self.bot_id}:***")
        return outcome._replace(description=clean)


def _encoded(payload: Mapping[str, Any] | bytes | None) -> bytes:
    return payload if isinstance(payload, bytes) else orjson.dumps(payload or {})


def _json_body(body: bytes) -> BytesPayload:
    return BytesPayload(body, content_type="application/json")
