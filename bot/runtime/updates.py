"""Handles an update: from the inbox through the handlers to its effect, never lost on the way."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from itertools import count
from typing import Any

from telegram import Update
from telegram.ext import Application, BaseHandler

from bot.handlers import errors
from bot.handlers.context import Context
from bot.services.services import Services
from bot.telegram.voice import Voice
from data import inbox
from data.errors import JiaoyingError, StoreError

log = logging.getLogger(__name__)

LONGEST_STORE_REST = 10.0
"""Seconds between two tries of an update while the database does not answer; it is never given up:
a second at first, a second longer each time."""


class Updates:
    """The updates of one bot."""

    def __init__(
        self,
        services: Services,
        voice: Voice,
        application: Application[Any, Any, Any, Any, Any, Any],
        handlers: list[BaseHandler[Any, Any, Any]],
    ) -> None:
        self._services = services
        self._voice = voice
        self._application = application
        self._handlers = handlers
        self.handled: Counter[str] = Counter()  # by kind, since the start; a tap is one

    async def handle(self, raw: dict[str, Any]) -> None:
        """Handle one update; it stays in the inbox when that failed for a bug."""
        try:
            update = Update.de_json(raw, self._application.bot)
        except Exception:
            log.exception("update %s cannot be read", raw.get("update_id"))
            await self._set_aside(raw["update_id"])
            return
        for attempt in count():
            context = Context.of(update, self._application, self._services, self._voice)
            try:
                await self._through_handlers(update, context)
            except StoreError as error:
                log.error("update %s waits for the database: %s", update.update_id, error)
                if attempt == 0:
                    await errors.refused(context, error)
                await asyncio.sleep(min(LONGEST_STORE_REST, 1 + attempt))
                continue
            except JiaoyingError as error:
                await errors.refused(context, error)
            except Exception:
                log.exception("update %s failed", update.update_id)
                await errors.unexpected(context)
                await self._set_aside(update.update_id)
                return
            await self._settle(context)
            self.handled["tap" if update.callback_query else "message"] += 1
            return

    async def not_stored(self, raw: dict[str, Any], error: StoreError) -> None:
        """An update could not even be taken in: it will come again, but say now what is true."""
        with suppress(Exception):
            update = Update.de_json(raw, self._application.bot)
            context = Context.of(update, self._application, self._services, self._voice)
            await errors.refused(context, error)

    async def _through_handlers(self, update: Update, context: Context) -> None:
        await context.load()
        for handler in self._handlers:
            check = handler.check_update(update)
            if check is not None and check is not False:
                await handler.handle_update(update, self._application, check, context)
                return

    async def _settle(self, context: Context) -> None:
        """Answer a tap that no handler answered, and take the update off the inbox."""
        await context.toast()
        if not context.wrote:
            with suppress(StoreError):
                await context.write(lambda _: None)

    async def _set_aside(self, update_id: int) -> None:
        with suppress(StoreError):
            await self._services.database.run(
                lambda c: inbox.failed(c, self._voice.bot_id, update_id)
            )
