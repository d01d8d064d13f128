"""Files of one bot sent by another: downloaded once through the first, uploaded by the second.

A file id belongs to the bot that was given it. A request that names such files says so
(``marked``); here they become ids of this bot, remembered, or uploads. What cannot be had leaves as
words: Telegram lets a bot download 20 MB. No record here holds a token: errors are named by their
class.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
import orjson
from yarl import URL

from alerts.patrol.field_reports.known_file_store import known_at, remember
from bot.runtime.async_database import AsyncDatabase
from bot.telegram.bot_api import API, BotApi
from bot.telegram.failures import Kind, Outcome, Reason, without_answer
from bot.telegram.transport import UPLOAD_SECONDS, Connections
from bot.watch.hearing import HearingApi

log = logging.getLogger(__name__)

MOST_BYTES = 20_000_000
"""What a bot may download (Bot API, getFile)."""

MOST_TRIES = 3
FILE_SECONDS = 60.0
FIELDS = ("photo", "video", "voice", "document", "video_note")
_FILES, _WORDS = "_elsewhere", "_words"
_MARK = b'"_elsewhere":'


def marked(body: bytes, files: Mapping[str, int], words: Mapping[str, Any]) -> bytes:
    """A request some of whose file ids are other bots' (id -> bot), and what to say without."""
    return orjson.dumps({**orjson.loads(body), _FILES: files, _WORDS: words})


class BridgingApi(HearingApi):
    """A bot's API that can also send what another bot of ours was given.

    :param tokens: of every bot, by its id.
    """

    __slots__ = ("_database", "_failed", "_others", "_turns")

    def __init__(
        self,
        connections: Connections,
        token: str,
        base_url: str = API,
        *,
        clock: Callable[[], datetime],
        database: AsyncDatabase,
        tokens: Mapping[int, str],
    ) -> None:
        super().__init__(connections, token, base_url, clock=clock)
        self._database = database
        self._others = {
            bot_id: (
                BotApi(connections, other, base_url),
                f"{base_url.rstrip('/')}/file/bot{other}",
            )
            for bot_id, other in tokens.items()
        }
        self._failed: Counter[str] = Counter()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def call(self, method: str, payload: Mapping[str, Any] | bytes | None = None) -> Outcome:
        """As ``BotApi.call``."""
        if not isinstance(payload, bytes) or _MARK not in payload:
            return await super().call(method, payload)
        fields = orjson.loads(payload)
        files, words = fields.pop(_FILES), fields.pop(_WORDS)
        turn = "/".join(sorted(files))
        try:
            async with self._turns[turn]:  # the same file to two chats is downloaded once
                outcome = await self._bring(method, fields, files)
        finally:
            if not self._turns[turn].locked():
                del self._turns[turn]
        if outcome is None or (outcome.kind is Kind.PERMANENT and outcome.reason in _REFUSED):
            return await super().call("sendMessage", words)
        return outcome

    async def _bring(
        self, method: str, fields: dict[str, Any], files: Mapping[str, int]
    ) -> Outcome | None:
        """The outcome of sending it; ``None`` when a file cannot be had."""
        bot_id = int(self.bot_id)
        known = await self._database.ask(lambda c: known_at(c, bot_id, list(files)))
        contents: dict[str, bytes] = {}
        for source, owner in files.items():
            if source not in known:
                found = await self._download(owner, source)
                if isinstance(found, Outcome):
                    self._failed[source] += 1
                    again = found.kind is not Kind.PERMANENT
                    return found if again and self._failed[source] < MOST_TRIES else None
                contents[source] = found
        parts = fields.get("media") or [fields]
        sources = [_named(part) for part in parts]
        form = aiohttp.FormData()
        for number, (part, (key, source)) in enumerate(zip(parts, sources, strict=True)):
            if source in contents:
                part[key] = f"attach://file{number}"
                kind = part.get("type", key)
                form.add_field(f"file{number}", contents[source], filename=_NAMES.get(kind, "file"))
            else:
                part[key] = known.get(source, source)
        if contents:
            outcome = await self._upload(method, fields, form)
        else:
            outcome = await super().call(method, fields)
        if outcome.ok and contents:
            results = outcome.result if isinstance(outcome.result, list) else [outcome.result]
            pairs = zip(sources, results, strict=False)
            ids = {
                source: file_id
                for (_, source), result in pairs
                if source in contents and (file_id := _file_id(result))
            }
            now = self._clock()
            unit = partial(remember, bot_id=bot_id, ids=ids, now=now)
            await self._database.run(unit)
        return outcome

    async def _upload(self, method: str, fields: dict[str, Any], form: aiohttp.FormData) -> Outcome:
        for key, value in fields.items():
            form.add_field(key, value if isinstance(value, str) else orjson.dumps(value).decode())
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                return await self._post(self._connections.sends, method, form)
        except TimeoutError:
            return without_answer(Kind.UNCERTAIN, Reason.TIMED_OUT)

    async def _download(self, owner: int, file_id: str) -> bytes | Outcome:
        """What the file holds; an outcome says why it cannot be had."""
        gone = Outcome(Kind.PERMANENT, reason=Reason.BAD_REQUEST)
        if owner not in self._others:
            return gone  # a bot that is ours no more
        api, base = self._others[owner]
        outcome = await api.call("getFile", {"file_id": file_id})
        if not outcome.ok or not isinstance(outcome.result, dict):
            return outcome
        path = str(outcome.result.get("file_path") or "")
        if not path or (outcome.result.get("file_size") or 0) > MOST_BYTES:
            return gone
        content = bytearray()
        session, proxy = self._connections.sends, self._connections.proxy
        try:
            async with (
                asyncio.timeout(FILE_SECONDS),
                session.get(URL(f"{base}/{path}"), allow_redirects=False, proxy=proxy) as response,
            ):
                if response.status != 200:
                    return without_answer(Kind.TEMPORARY, Reason.SERVER_ERROR)
                async for piece in response.content.iter_chunked(64 * 1024):
                    content += piece
                    if len(content) > MOST_BYTES:  # the size that was said is not believed
                        return gone
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("a file was not brought over: %s", type(error).__name__)
            return without_answer(Kind.TEMPORARY, Reason.NOT_CONNECTED, error)
        return bytes(content)


_REFUSED = (Reason.BAD_REQUEST, Reason.TOO_LONG)
_NAMES = {"photo": "photo.jpg", "video": "video.mp4", "video_note": "video.mp4", "voice": "a.oga"}


def _named(part: Mapping[str, Any]) -> tuple[str, str]:
    """The key of a request or of an album's part that names its file, and the file id."""
    key = "media" if "media" in part else next(one for one in FIELDS if one in part)
    return key, str(part[key])


def _file_id(message: Any) -> str | None:
    """The file id of the file in a message that was sent."""
    if not isinstance(message, dict):
        return None
    for key in FIELDS:
        if found := message.get(key):
            largest = found[-1] if isinstance(found, list) else found
            return str(largest["file_id"])
    return None
