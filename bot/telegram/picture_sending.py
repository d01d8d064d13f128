"""Draws a picture when it is about to leave, and uploads it."""

from __future__ import annotations

import asyncio
import logging

import orjson

from bot.telegram.bot_api import BotApi, Upload
from bot.telegram.failures import Outcome
from bot.telegram.outgoing import MakesFile, Request
from bot.telegram.picture_requests import file_field

log = logging.getLogger(__name__)


class PictureSender:
    """One bot's pictures, drawn one at a time: drawing takes a processor for a moment."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._one_at_a_time = asyncio.Semaphore(1)

    async def draw(self, makes_file: MakesFile) -> bytes | None:
        """The picture or spreadsheet; ``None`` when it cannot be made."""
        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(makes_file)
        except Exception:  # whatever a bug raises: the words matter more
            log.exception("a file cannot be made; its words are sent")
            return None

    async def upload(self, request: Request, content: bytes) -> Outcome:
        """Make ``request`` with what was made for it."""
        file = Upload(file_field(request.method), content, request.file_name)
        return await self._api.upload(request.method, orjson.loads(request.body), [file])
