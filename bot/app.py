"""The only place where the parts are put together: one bot, its store, its sender, its handlers."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, BaseHandler, ExtBot

from alerts.delivery import recover
from bot.clock import utc_now
from bot.config import Settings
from bot.desk import Desk
from bot.handlers import all_handlers, errors
from bot.handlers.context import Context
from bot.rendering import Rendering
from bot.rules import rules_of
from bot.schedule import Ticks, schedule
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Kind, Outcome
from bot.telegram.intake import ALLOWED_UPDATES, Intake
from bot.telegram.transport import AiohttpRequest, Connections
from bot.telegram.webhook import Webhook
from data import inbox
from data.database import Database
from data.errors import JiaoyingError, StoreError

if TYPE_CHECKING:
    from data.geo import Boundaries

log = logging.getLogger(__name__)

# python-telegram-bot's new way with durations; without it, every live location is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

STORE_RETRIES = 5
"""How often an update is tried again while the database does not answer, a second longer each."""


def settle_heap() -> None:
    """What is loaded by now stays: the collector need not walk it while taps are waiting.

    With its defaults, each of its long rounds (50 to 100 ms) makes a message late, and costs a
    quarter of the CPU of sending.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class App:
    """One bot at work; make it in a running event loop. ``start`` it, then it runs until ``stop``.

    :param clock: where the time comes from; the sandbox and the tests move it.
    :param ticking: whether the schedule runs by itself; tests tick by hand.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Callable[[], datetime] = utc_now,
        ticking: bool = True,
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self._ticking = ticking
        token = settings.telegram.bots[0].token.reveal()
        base = settings.telegram.api_base_url
        self._connections = Connections()
        self.api = BotApi(self._connections, token, base)
        self.worker = f"{socket.gethostname()[:16]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        rules = rules_of(settings)
        self.desk = Desk(
            database,
            rules,
            settings.telegram.limits,
            clock,
            None,  # type: ignore[arg-type]  # the dispatcher, two lines on
            int(self.api.bot_id),
            self._load_boundaries,
            settings=settings,
        )
        self.dispatcher = Dispatcher(
            database,
            self.api,
            settings.telegram.limits,
            rules,
            clock,
            Rendering(self.desk),
            self.worker,
        )
        self.desk.sender = self.dispatcher
        self.intake = Intake(database, self.api, clock, self.handle)
        self.ticks = Ticks(self.desk)
        request = AiohttpRequest(self._connections)
        bot: ExtBot[None] = ExtBot(token, f"{base}/bot", f"{base}/file/bot", request, request)
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder().bot(bot).updater(None).build()
        )
        self._handlers: list[BaseHandler[Any, Any, Any]] = all_handlers()
        self._tasks: list[asyncio.Task[None]] = []
        self._scheduler = schedule(
            self.ticks,
            sweep_seconds=settings.schedule.sweep_seconds,
            card_seconds=settings.schedule.card_seconds,
        )
        self._webhook: Webhook | None = None

    async def start(self) -> None:
        """Send first: what an earlier process left undone goes out before anything is asked."""
        await self._connections.open()
        await asyncio.wrap_future(self.database.write(lambda c: recover(c, None, self.clock())))
        self._spawn(self.dispatcher.run(), "dispatcher")
        settle_heap()
        if self._ticking:
            self._scheduler.start()
        self._spawn(self._take_in(), "intake")

    async def ready(self) -> None:
        """Wait until Telegram knows us and updates are being taken in."""
        await self._is_ready.wait()

    async def stop(self) -> None:
        """Finish what is under way, give back the rest, let go."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._webhook is not None:
            await self._webhook.stop()
        for task in reversed(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        with suppress(Exception):
            await self.application.bot.shutdown()
        await self._connections.close()
        self.desk.readers.shutdown(wait=False)

    async def forever(self) -> None:
        """Run until one of the parts dies (which is a bug) or the caller cancels."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    # -- updates ----------------------------------------------------------------------------------

    async def handle(self, raw: dict[str, Any]) -> None:
        """One update, from the inbox to its effect; it stays in the inbox if it had none."""
        try:
            update = Update.de_json(raw, self.application.bot)
        except Exception:
            log.exception("update %s cannot be read", raw.get("update_id"))
            await self._set_aside(raw["update_id"])
            return
        for attempt in range(STORE_RETRIES):
            context = Context.of(update, self.application, self.desk)
            try:
                await self._through_handlers(update, context)
            except StoreError as error:
                log.error("update %s waits for the database: %s", update.update_id, error)
                if attempt == 0:
                    await errors.refused(update, context, error)
                await asyncio.sleep(1 + attempt)
                continue
            except JiaoyingError as error:
                await errors.refused(update, context, error)
            except Exception:
                log.exception("update %s failed", update.update_id)
                await errors.unexpected(update, context)
                await self._set_aside(update.update_id)
                return
            await self._settle(context)
            return

    async def _through_handlers(self, update: Update, context: Context) -> None:
        await context.load()
        for handler in self._handlers:
            check = handler.check_update(update)
            if check is not None and check is not False:
                await handler.handle_update(update, self.application, check, context)
                return

    async def _settle(self, context: Context) -> None:
        """The update is done with: off the inbox, and no tap is left spinning."""
        await context.toast()
        if not context.wrote:
            with suppress(StoreError):
                await context.write(lambda _: None)

    async def _set_aside(self, update_id: int) -> None:
        with suppress(StoreError):
            await asyncio.wrap_future(
                self.database.write(lambda c: inbox.failed(c, self.desk.bot_id, update_id))
            )

    # -- starting ---------------------------------------------------------------------------------

    _is_ready: asyncio.Event

    def _spawn(self, coroutine: Any, name: str) -> None:
        if not self._tasks:
            self._is_ready = asyncio.Event()
        self._tasks.append(asyncio.get_running_loop().create_task(coroutine, name=name))

    async def _take_in(self) -> None:
        """Introduce ourselves, finish what was taken in before, then take in more."""
        me = await self._until_ok("getMe")
        self.desk.bot_username = me.result.get("username") or ""
        await self.application.bot.initialize()
        await self.intake.resume()
        telegram = self.settings.telegram
        if telegram.mode == "webhook":
            self._webhook = Webhook(telegram.webhook, self.intake)
            await self._webhook.start()
            await self._until_ok(
                "setWebhook",
                {
                    "url": telegram.webhook.url,
                    "secret_token": telegram.webhook.secret_token.reveal(),
                    "allowed_updates": ALLOWED_UPDATES,
                },
            )
            self._is_ready.set()
            await asyncio.Event().wait()
        await self.api.call("deleteWebhook", {"drop_pending_updates": False})
        self._is_ready.set()
        await self.intake.poll()

    async def _until_ok(self, method: str, payload: dict[str, Any] | None = None) -> Outcome:
        """Ask until Telegram answers; a wrong token is said loudly, and asked again."""
        rest = 1.0
        while True:
            outcome = await self.api.call(method, payload)
            if outcome.ok:
                return outcome
            if outcome.kind is Kind.UNAUTHORIZED:
                log.error(
                    "Telegram 不认机器人 %s 的令牌：请检查 config.toml 的 [[telegram.bots]] token"
                    " / Telegram refuses the token of bot %s: check [[telegram.bots]] token",
                    self.api.bot_id,
                    self.api.bot_id,
                )
            else:
                log.warning("%s: %s %s", method, outcome.kind.value, outcome.description)
            await asyncio.sleep(outcome.retry_after or rest)
            rest = min(30.0, rest * 2)

    def _load_boundaries(self) -> Boundaries:
        from contacts.boundary_import import load_boundaries

        return load_boundaries(self.settings.database.url, Path.cwd())
