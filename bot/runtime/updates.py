"""Handles an update: from the inbox through the handlers to its effect, never lost on the way."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from itertools import count
from typing import Any

from telegram import Update
from telegram.ext import Application, BaseHandler

from bot.handlers import errors
from bot.handlers.context import Context
from bot.runtime.answer_taps import AnswerTaps
from bot.services.async_database import LONGEST_REST
from bot.services.services import Services
from bot.telegram.voice import Voice
from data import inbox
from data.errors import JiaoyingError, StoreError
from data.inbox import AlreadyHandled

log = logging.getLogger(__name__)


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
        self._answers = AnswerTaps(services, voice, self._count_taps)
        self.handled: Counter[str] = Counter()  # by kind, since the start; a tap is one

    def handle(self, raw: dict[str, Any]) -> Awaitable[None]:
        """Handle one update; it stays in the inbox when that failed for a bug.

        Those that come by the thousand are on their way at once, by the group.
        """
        taken = self._answers.take(raw)
        return self._handle(raw) if taken is None else taken

    async def _handle(self, raw: dict[str, Any]) -> None:
        try:
            update = Update.de_json(raw, self._application.bot)
        except Exception as error:  # noqa: BLE001 - whatever the library makes of it
            await self._unreadable(raw, error)
            return
        for attempt in count():
            context = Context.of(update, self._application, self._services, self._voice, raw)
            try:
                await self._to_its_end(update, context)
            except AlreadyHandled:
                log.info("update %s was handled before", update.update_id)
                return
            except StoreError as error:
                log.error("update %s waits for the database: %s", update.update_id, error)
                if attempt == 0:
                    with suppress(Exception):  # telling must not keep it from being done
                        await errors.refused(context, error)
                await asyncio.sleep(min(LONGEST_REST, 1 + attempt))
                continue
            except Exception:
                log.exception("update %s failed", update.update_id)
                await errors.unexpected(context)
                await self._set_aside(update.update_id)
                return
            self.handled["tap" if update.callback_query else "message"] += 1
            return

    async def not_stored(self, raw: dict[str, Any], error: StoreError) -> None:
        """An update could not even be taken in: it will come again, but say now what is true."""
        with suppress(Exception):
            update = Update.de_json(raw, self._application.bot)
            context = Context.of(update, self._application, self._services, self._voice, raw)
            await errors.refused(context, error)

    async def _to_its_end(self, update: Update, context: Context) -> None:
        """Through the handlers; a refusal is told. Then it is off the inbox, and a tap answered."""
        try:
            await self._through_handlers(update, context)
        except (AlreadyHandled, StoreError):
            raise
        except JiaoyingError as error:
            await errors.refused(context, error)
        await context.toast()
        if not context.wrote:
            await context.write(lambda _: None)

    async def _through_handlers(self, update: Update, context: Context) -> None:
        await context.load()
        for handler in self._handlers:
            check = handler.check_update(update)
            if check is not None and check is not False:
                await handler.handle_update(update, self._application, check, context)
                return

    async def _unreadable(self, raw: dict[str, Any], error: Exception) -> None:
        """Kept as it came, and said once: no later release's start is an error because of it."""
        number, kinds = raw["update_id"], [key for key in raw if key != "update_id"]
        log.error("update %s (%s) cannot be read: %r", number, ", ".join(kinds), error)
        with suppress(StoreError):
            await self._services.database.run(
                lambda c: inbox.unreadable(c, self._voice.bot_id, number)
            )

    async def _set_aside(self, update_id: int) -> None:
        with suppress(StoreError):
            await self._services.database.run(
                lambda c: inbox.failed(c, self._voice.bot_id, update_id)
            )

    def _count_taps(self, count: int) -> None:
        self.handled["tap"] += count
