"""Files of one bot sent by another: downloaded once through the first, uploaded by the second.

A file id belongs to the bot that was given it. A request that names files of others says so
(``Request.files_of_others``); here they become ids of this bot, remembered, or uploads. What cannot
be had leaves as words: Telegram lets a bot download 20 MB. No record here holds a token: errors are
named by their class.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from alerts.patrol.field_reports.known_file_store import known_at, remember
from bot.services.async_database import AsyncDatabase
from bot.telegram.bot_api import BotApi, Upload
from bot.telegram.failures import Outcome, OutcomeKind, Reason, without_answer
from bot.telegram.outgoing import FilesOfOthers, Request
from data.errors import StoreError

log = logging.getLogger(__name__)

MOST_BYTES = 20_000_000
"""What a bot may download (Bot API, getFile)."""

MOST_TRIES = 3
FIELDS = ("photo", "video", "voice", "document", "video_note")


class FileBridge:
    """Sends through one bot what other bots of ours were given.

    :param api: of the bot that sends.
    :param owners: every bot's API, by its id.
    """

    def __init__(
        self,
        api: BotApi,
        owners: Mapping[int, BotApi],
        database: AsyncDatabase,
        clock: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._bot_id = int(api.bot_id)
        self._owners = owners
        self._database = database
        self._clock = clock
        self._failed: Counter[str] = Counter()
        self._under_way: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def call(self, request: Request, files: FilesOfOthers) -> Outcome:
        """Make a request that names these files, once, as ``BotApi.call``."""
        key = "/".join(sorted(files.owners))
        try:
            async with self._under_way[key]:  # the same file to two chats is downloaded once
                fields = orjson.loads(request.body)
                outcome = await self._send(request.method, fields, files.owners)
        finally:
            if not self._under_way[key].locked():
                del self._under_way[key]
        refused = (Reason.BAD_REQUEST, Reason.TOO_LONG, Reason.UNFORESEEN)
        if outcome is None or (outcome.kind is OutcomeKind.PERMANENT and outcome.reason in refused):
            return await self._api.call("sendMessage", files.words)
        return outcome

    async def _send(
        self, method: str, fields: dict[str, Any], owners: Mapping[str, int]
    ) -> Outcome | None:
        """The outcome of sending it; ``None`` when a file cannot be had."""
        known = await self._database.ask(lambda c: known_at(c, self._bot_id, list(owners)))
        contents: dict[str, bytes] = {}
        for file_id, owner in owners.items():
            if file_id not in known:
                found = await self._downloaded(owner, file_id)
                if isinstance(found, Outcome):
                    self._failed[file_id] += 1
                    again = found.kind is not OutcomeKind.PERMANENT
                    return found if again and self._failed[file_id] < MOST_TRIES else None
                contents[file_id] = found
        parts = fields.get("media") or [fields]
        named = [_named(part) for part in parts]
        uploads = []
        for number, (part, (key, file_id)) in enumerate(zip(parts, named, strict=True)):
            if file_id in contents:
                part[key] = f"attach://file{number}"
                filename = _FILENAMES.get(part.get("type", key), "file")
                uploads.append(Upload(f"file{number}", contents[file_id], filename))
            else:
                part[key] = known.get(file_id, file_id)
        if not uploads:
            return await self._api.call(method, fields)
        outcome = await self._api.upload(method, fields, uploads)
        if outcome.ok:
            results = outcome.result if isinstance(outcome.result, list) else [outcome.result]
            await self._remember(
                {
                    file_id: own_id
                    for (_, file_id), result in zip(named, results, strict=False)
                    if file_id in contents and (own_id := _file_id(result))
                }
            )
        return outcome

    async def _downloaded(self, owner: int, file_id: str) -> bytes | Outcome:
        """What the file holds; an outcome says why it cannot be had."""
        api = self._owners.get(owner)
        if api is None:  # a bot that is ours no more
            return without_answer(OutcomeKind.PERMANENT, Reason.BAD_REQUEST)
        path = await api.file_path(file_id, MOST_BYTES)
        if isinstance(path, Outcome):
            return path
        content = bytearray()
        outcome = await api.download(path, content.extend, MOST_BYTES)
        if outcome.ok:
            return bytes(content)
        log.warning("a file was not brought over: %s %s", outcome.kind.value, outcome.description)
        return outcome

    async def _remember(self, own_ids: Mapping[str, str]) -> None:
        """These files (by their ids at their owners) need no second upload."""
        now = self._clock()
        try:
            await self._database.run(partial(remember, bot_id=self._bot_id, ids=own_ids, now=now))
        except StoreError as error:  # it was sent: no reason to send it again
            log.warning("files that were brought over are not remembered: %s", error)


_FILENAMES = {
    "photo": "photo.jpg",
    "video": "video.mp4",
    "video_note": "video.mp4",
    "voice": "a.oga",
}


def _named(part: Mapping[str, Any]) -> tuple[str, str]:
    """The key of a request or of an album's part that names its file, and the file id."""
    key = "media" if "media" in part else next(field for field in FIELDS if field in part)
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
