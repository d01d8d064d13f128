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

from alerts.acts import ActKind
from alerts.joining import heard
from bot.handlers import errors
from bot.handlers.context import Context
from bot.handlers.lapsing import ActKey, act_key, may_lapse
from bot.runtime.answer_taps import AnswerTaps
from bot.runtime.member_rights import complete
from bot.runtime.strangers import Strangers
from bot.services.async_database import LONGEST_REST
from bot.services.services import Services
from bot.telegram.acts import done_at
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
        self._failed: dict[ActKey | None, list[int]] = {}  # what is tried again at the next start
        self.handled: Counter[str] = Counter()  # by kind, since the start; a tap is one
        self.strangers = Strangers(services, voice, lambda kind: self.handled.update([kind]))

    def handle(self, raw: dict[str, Any]) -> Awaitable[None]:
        """Handle one update; it stays in the inbox when that failed for a bug.

        Those that come by the thousand are on their way at once, by the group.
        """
        taken = self._answers.take(raw)
        return self._handle(raw) if taken is None else taken

    async def _handle(self, raw: dict[str, Any]) -> None:
        try:
            update = Update.de_json(complete(raw), self._application.bot)
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
                await self._set_aside(raw)
                return
            self.handled["tap" if update.callback_query else "message"] += 1
            if self._failed:
                await self._repeated(raw)
            return

    def not_again(self, left: list[dict[str, Any]], failed: set[int]) -> set[int]:
        """Which updates that failed in an earlier process are not tried again, by number.

        Those of too long ago, and those that their person did again since. What tells a fact keeps
        its own time, and a call for help says how late it is: those are tried.
        """
        now, rules = self._services.clock(), self._services.rules.acts
        given_up = set()
        for raw in left:
            number = raw["update_id"]
            if number in failed and may_lapse(raw):
                later = (other for other in left if other["update_id"] > number)
                key = act_key(raw)
                repeated = key is not None and any(act_key(other) == key for other in later)
                if repeated or rules.late(ActKind.OTHER, done_at(raw, now), now):
                    given_up.add(number)
                else:
                    self._failed.setdefault(key, []).append(number)
        return given_up

    async def _repeated(self, raw: dict[str, Any]) -> None:
        """What failed before is not tried again once its person has done it again."""
        earlier = self._failed.pop(act_key(raw), None)
        if earlier is not None:
            bot_id = self._voice.bot_id
            with suppress(StoreError):
                await self._services.database.run(lambda c: inbox.give_up(c, bot_id, earlier))

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
        if context.may_be_back and (person := context.person) is not None:
            bot_id, rules = self._voice.bot_id, self._services.rules.warnings
            await self._services.database.run(
                lambda c: heard(c, person.id, bot_id, rules, context.now)
            )
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

    async def _set_aside(self, raw: dict[str, Any]) -> None:
        number = raw["update_id"]
        if may_lapse(raw):
            self._failed.setdefault(act_key(raw), []).append(number)
        with suppress(StoreError):
            await self._services.database.run(lambda c: inbox.failed(c, self._voice.bot_id, number))

    def _count_taps(self, count: int) -> None:
        self.handled["tap"] += count
