"""HTTP to the Bot API: a process's connections, and python-telegram-bot's requests over them.

Two pools: long polls keep their connections for minutes and must never make a message wait. What
comes by the thousand has connections of its own: see ``kept_connections``.
aiohttp's errors quote the URL, which holds the token. So they end here, and what is raised instead
has neither their text nor a link to them.
"""

from __future__ import annotations

import asyncio
import re
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import orjson
from aiohttp.payload import BytesPayload
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.telegram.failures import redacted
from bot.telegram.kept_connections import KeptConnections

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

CONNECT_SECONDS = 10.0  # to get or open a connection; then nothing was written
ANSWER_SECONDS = 30.0  # for a whole call
KEEP_ALIVE_SECONDS = 30.0  # below Telegram's own, so that we rarely write to a closing connection
READ_SECONDS = 20.0  # for the answer to a request of python-telegram-bot
WRITE_SECONDS = 20.0
UPLOAD_SECONDS = 60.0  # to write files

_TOKEN_IN_URL = re.compile(r"/bot([^/]+)/")


class _Deadlines:
    """One timer for all calls in flight, each allowed the same time.

    aiohttp's own ``total`` arms and cancels a timer for every request, 7 % of its CPU; calls
    almost never time out, so one timer that looks at the oldest does.
    """

    __slots__ = ("_due", "_loop", "_timer", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due: dict[asyncio.Task[Any], float] = {}  # in the order of their deadlines
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, task: asyncio.Task[Any]) -> None:
        self._due[task] = due = self._loop.time() + self.seconds
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._fire)

    def stop(self, task: asyncio.Task[Any]) -> bool:
        """Whether it was still in time."""
        return self._due.pop(task, None) is not None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._due:
            task, due = next(iter(self._due.items()))
            if due > now:
                self._timer = self._loop.call_at(due, self._fire)
                return
            del self._due[task]
            task.cancel()


class Connections:
    """The connections of a process, shared by all its bots. An async context manager.

    :param limit: connections for messages; a call beyond it waits for one, its deadline running.
    :param poll_limit: connections for long polls, at least one a bot.
    :param proxy: URL of an HTTP proxy, for networks without a direct way to Telegram.
    """

    def __init__(
        self,
        *,
        limit: int = 512,
        poll_limit: int = 16,
        proxy: str | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.proxy = URL(proxy) if proxy else None
        self._limits = (limit, poll_limit)
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._users = 0
        self._open: tuple[aiohttp.ClientSession, aiohttp.ClientSession, _Deadlines] | None = None
        self._kept: dict[URL, KeptConnections] = {}  # by the URL of the server

    async def open(self) -> None:
        """Counted: each ``open`` wants its ``close``."""
        self._users += 1
        if self._open is None:
            sends, polls = (self._session(limit) for limit in self._limits)
            self._open = sends, polls, _Deadlines(self._answer_seconds)

    async def close(self) -> None:
        """The last user closes the connections; calls in flight fail as uncertain."""
        self._users = max(0, self._users - 1)
        if self._users == 0 and self._open is not None:
            sends, polls, deadlines = self._open
            self._open = None
            deadlines.close()
            await sends.close()
            await polls.close()
            kept, self._kept = self._kept, {}
            for connections in kept.values():
                await connections.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _session(self, limit: int) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            # No "connect": it would set a timer for each request, idle connection or not.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds),
        )

    @property
    def sends(self) -> aiohttp.ClientSession:
        """For messages.

        :raises RuntimeError: when not open.
        """
        return self._opened[0]

    @property
    def polls(self) -> aiohttp.ClientSession:
        """For long polls.

        :raises RuntimeError: when not open.
        """
        return self._opened[1]

    @property
    def deadlines(self) -> _Deadlines:
        """For calls with the usual time limit."""
        return self._opened[2]

    def kept(self, url: URL) -> KeptConnections | None:
        """For messages as JSON, to this URL's server: cheaper than ``sends``.

        ``None`` where these do not reach it: by a proxy, or when it wants a password.

        :raises RuntimeError: when not open.
        """
        found = self._kept.get(url)
        if found is None and self._opened and self.proxy is None and url.user is None:
            found = self._kept[url] = KeptConnections(
                url,
                limit=self._limits[0],
                keep_seconds=KEEP_ALIVE_SECONDS,
                connect_seconds=self._connect_seconds,
            )
        return found

    @property
    def _opened(self) -> tuple[aiohttp.ClientSession, aiohttp.ClientSession, _Deadlines]:
        if self._open is None:
            raise RuntimeError("the connections are not open")
        return self._open


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's requests over ``Connections``, for handlers, uploads and downloads.

    :param polling: use the connections for long polls (PTB's ``get_updates_request``).
    """

    __slots__ = ("_connections", "_holds", "_polling", "_read_timeout")

    def __init__(
        self,
        connections: Connections,
        *,
        polling: bool = False,
        read_timeout: float | None = READ_SECONDS,
    ) -> None:
        self._connections = connections
        self._polling = polling
        self._read_timeout = read_timeout
        self._holds = False

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer when the caller does not say."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the connections if nobody has; twice is once."""
        if not self._holds:
            self._holds = True
            await self._connections.open()

    async def shutdown(self) -> None:
        """Close them if nobody else uses them."""
        if self._holds:
            self._holds = False
            await self._connections.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As PTB's, but quicker, and a page that is not JSON is neither logged nor quoted."""
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request; timeouts are seconds.

        :raises telegram.error.TimedOut: no connection or no answer in time.
        :raises telegram.error.NetworkError: any other trouble on the way.
        """
        has_files = request_data is not None and request_data.contains_files
        read = _seconds(read_timeout, self._read_timeout)
        write = _seconds(write_timeout, UPLOAD_SECONDS if has_files else WRITE_SECONDS)
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        pool = _seconds(pool_timeout, CONNECT_SECONDS)
        waits = (pool, connect, write, read)
        whole = None if method == "GET" or None in waits else sum(filter(None, waits))
        timeout = aiohttp.ClientTimeout(
            total=whole,
            connect=None if pool is None or connect is None else pool + connect,
            sock_connect=connect,
            sock_read=read,
        )
        session = self._connections.polls if self._polling else self._connections.sends
        try:
            response = await session.request(
                method,
                URL(url),
                data=_body(request_data),
                timeout=timeout,
                headers={"User-Agent": self.USER_AGENT},
                allow_redirects=False,
                proxy=self._connections.proxy,
            )
            answer = await response.read()
        except aiohttp.ConnectionTimeoutError:
            error: NetworkError = TimedOut("no connection in time; the request was not sent")
        except TimeoutError:
            error = TimedOut()
        except (aiohttp.ClientError, OSError) as trouble:
            error = NetworkError(f"aiohttp.{type(trouble).__name__}")
        else:
            return response.status, answer if response.status < 300 else _without(url, answer)
        raise error  # outside the handlers, so that it carries no context


def _seconds(given: ODVInput[float], default: float | None) -> float | None:
    """What PTB passed, or ``default`` where it passed nothing."""
    return given if given is None or isinstance(given, int | float) else default


def _body(request_data: RequestData | None) -> BytesPayload | aiohttp.FormData | None:
    """JSON, or a form when there are files to upload."""
    if request_data is None:
        return None
    if not request_data.contains_files:
        return BytesPayload(orjson.dumps(request_data.parameters), content_type="application/json")
    form = aiohttp.FormData(quote_fields=False)  # the names of files as they are: 台账.xlsx
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form


def _without(url: str, answer: bytes) -> bytes:
    """An error's body, which PTB quotes, without the token: error pages like to echo the URL."""
    text = answer.decode(errors="replace")
    if found := _TOKEN_IN_URL.search(url):
        text = text.replace(found.group(1), "***")
    return redacted(text).encode()
