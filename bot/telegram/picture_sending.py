"""Draws a picture when it is about to leave, and uploads it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

import orjson

from bot.telegram.bot_api import BotApi, Upload
from bot.telegram.failures import Outcome
from bot.telegram.outgoing import MakesFile, Request
from bot.telegram.picture_requests import file_field, file_of, picture_refused, with_file

log = logging.getLogger(__name__)

MOST_KNOWN = 50
"""Files whose ids are remembered (ours): of each source only the newest is sent."""


class PictureSender:
    """One bot's pictures, drawn one at a time: drawing takes a processor for a moment."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._one_at_a_time = asyncio.Semaphore(1)
        self._one_upload = asyncio.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()  # file ids, by key: of this bot alone

    async def draw(self, makes_file: MakesFile) -> bytes | None:
        """The picture or spreadsheet; ``None`` when it cannot be made."""
        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(makes_file)
        except Exception:  # whatever a bug raises: the words matter more
            log.exception("a file cannot be made; its words are sent")
            return None

    async def upload(self, request: Request, content: bytes) -> Outcome:
        """Make ``request`` with what was made for it; the same file for many chats goes up once."""
        key = request.file_key
        if not key:
            return await self._upload(request, content)
        if key not in self._known:
            async with self._one_upload:  # whoever waits here sends it by what comes of this one
                if key not in self._known:
                    outcome = await self._upload(request, content)
                    if file_id := file_of(outcome.result):
                        self._known[key] = file_id
                        if len(self._known) > MOST_KNOWN:
                            self._known.popitem(last=False)
                    return outcome
        if (known := self._known.get(key)) is not None:
            body = with_file(request.method, request.body, known)
            outcome = await self._api.call(request.method, body)
            if not picture_refused(outcome):
                return outcome
            self._known.pop(key, None)  # Telegram has it no more
        return await self._upload(request, content)

    async def _upload(self, request: Request, content: bytes) -> Outcome:
        file = Upload(file_field(request.method), content, request.file_name)
        return await self._api.upload(request.method, orjson.loads(request.body), [file])
