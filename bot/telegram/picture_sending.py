"""Draws a picture when it is about to leave, and uploads it."""

from __future__ import annotations

import asyncio
import logging

import orjson

from bot.telegram.bot_api import BotApi
from bot.telegram.failures import Outcome
from bot.telegram.outgoing import Outgoing
from bot.telegram.picture_requests import FILENAME, file_field

log = logging.getLogger(__name__)


class Pictures:
    """One bot's pictures, drawn one at a time: drawing takes a processor for a moment."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._turn = asyncio.Semaphore(1)

    async def drawn(self, item: Outgoing) -> bytes | None:
        """The picture; ``None`` when it cannot be drawn, and ``item`` is its words from then on."""
        assert item.picture is not None
        try:
            async with self._turn:
                return await asyncio.to_thread(item.picture)
        except Exception:  # whatever a bug raises: the words matter more
            log.exception("a picture cannot be drawn; its words are sent")
            item.as_words()
            return None

    async def upload(self, item: Outgoing, content: bytes) -> Outcome:
        """Send what was drawn."""
        fields = orjson.loads(item.body)
        return await self._api.upload(
            item.method, fields, file_field(item.method), content, FILENAME
        )
