"""One bot at work: it takes updates in and sends messages, each while this process may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from telegram.ext import Application, ApplicationBuilder, ExtBot

from alerts.reach import bot_down, bot_up, falling_silent, silent
from alerts.sending import recover
from bot.messages.rendering import Rendering
from bot.services.async_database import AsyncDatabase
from bot.services.services import Services
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Outcome, OutcomeKind
from bot.telegram.file_bridge import FileBridge
from bot.telegram.intake import ALLOWED_UPDATES, NOTED_EVERY, Intake
from bot.telegram.lookout import Lookout
from bot.telegram.transport import AiohttpRequest, Connections
from bot.telegram.voice import Voice
from bot.views.menu import everybodys_menus
from bot.watch.vitals import BotVitals
from contacts import bot_store
from contacts.bots import Down
from data.database import Connection
from data.errors import StoreError

if TYPE_CHECKING:
    from bot.runtime.updates import Updates

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
ASK_AGAIN_SECONDS = 30.0
OFFER_AGAIN_SECONDS = (30.0, 300.0, 3600.0)
READ_AGAIN_SECONDS = 1.0
LONGEST_HALT = 120.0
"""Seconds a bot may be told to wait before its people count as unreachable (ours): a red warning's
first rungs are two and five minutes apart."""


class Line:
    """Everything of one bot token. Make it in a running event loop.

    Only one process may send for a bot, and one take its updates in. Which one, the leases say:
    they call ``send``, ``stop_sending``, ``take_in`` and ``stop_taking_in``.

    :param outbox: the same database, with threads of its own to render messages in: no tap waits
        for a warning's.
    :param lookout: tells the bots of this process what was queued for them.
    :param process: the name of this process.
    :param may_send: whether the bot's pace is ours at this very moment; from any thread.
    """

    _dispatchers = count(1)  # of this process: each claims under a name of its own

    def __init__(
        self,
        token: str,
        *,
        services: Services,
        outbox: AsyncDatabase,
        lookout: Lookout,
        connections: Connections,
        process: str,
        may_send: Callable[[], bool],
    ) -> None:
        telegram = services.settings.telegram
        base = telegram.api_base_url
        self._services = services
        self._database = services.database
        self._outbox = outbox
        self._lookout = lookout
        self._clock = services.clock
        self._process = process
        self._may_send = may_send
        self._webhook = telegram.mode == "webhook"
        self._alone = services.database.blocking.is_sqlite  # no other process takes in after us
        hides = services.settings.privacy.board_only
        self.api = BotApi(connections, token, base, hides_numbers=hides)
        self.bot_id = int(self.api.bot_id)
        others = [
            BotApi(connections, bot.token.reveal(), base, hides_numbers=hides)
            for bot in telegram.bots
        ]
        owners = {int(api.bot_id): api for api in others}
        self._bridge = FileBridge(self.api, owners, services.database, services.clock)
        self.voice = Voice(self.api, services.clock)
        request = AiohttpRequest(connections)
        bot: ExtBot[None] = ExtBot(token, f"{base}/bot", f"{base}/file/bot", request, request)
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder().bot(bot).updater(None).build()
        )
        self._updates: Updates | None = None  # these are made when they are first needed
        self._intake: Intake | None = None
        self.ready = asyncio.Event()
        self._sending: list[asyncio.Task[None]] = []
        self._began = asyncio.Event()  # to send
        self._taking: asyncio.Task[None] | None = None
        self._beside: list[asyncio.Task[None]] = []  # what taking in does not wait for
        self._ending: asyncio.Task[None] | None = None  # of sending

    @property
    def updates(self) -> Updates:
        """What handles the bot's updates."""
        if self._updates is None:
            from bot.handlers import all_handlers  # a start sends before it has them
            from bot.runtime.updates import Updates

            self._updates = Updates(self._services, self.voice, self.application, all_handlers())
        return self._updates

    @property
    def intake(self) -> Intake:
        """What takes the bot's updates in."""
        if self._intake is None:
            updates = self.updates
            self._intake = Intake(
                self._services.database,
                self.api,
                self._clock,
                updates.handle,
                updates.not_stored,
                updates.not_again,
                updates.strangers,
            )
        return self._intake

    @property
    def dispatcher(self) -> Dispatcher | None:
        """What sends the bot's messages; ``None`` while another process does."""
        return self.voice.dispatcher

    @property
    def busy(self) -> bool:
        """Whether anything is being handled or waits to be sent."""
        sends = self.dispatcher is not None and self.dispatcher.busy
        takes_in = self._intake is not None and self._intake.busy
        strangers = self._updates is not None and self._updates.strangers.busy
        return takes_in or strangers or self.voice.busy or sends

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What runs now; a task that ends by itself is a bug."""
        return [*self._sending, *([self._taking] if self._taking else [])]

    def vitals(self) -> BotVitals:
        """How the bot runs in this process, for the watch."""
        dispatcher = self.dispatcher
        return BotVitals(
            self.bot_id,
            sends=dispatcher is not None,
            takes_in=self._taking is not None,
            polls=not self._webhook,
            died=any(task.done() for task in self.tasks),
            heard_at=None if self._intake is None else self._intake.heard_at,
            requests=None if dispatcher is None else dict(dispatcher.results),
            handled={} if self._updates is None else dict(self._updates.handled),
            held=None if dispatcher is None else dispatcher.held,
            halted_seconds=0.0 if dispatcher is None else dispatcher.halted_for,
        )

    # -- sending ----------------------------------------------------------------------------------

    async def send(self) -> None:
        """Begin to send; what an earlier process left undone goes out first.

        :raises StoreError: nothing was begun.
        """

        def queue_again(connection: Connection) -> None:
            # The writer may come to it late: by then the rows may be the next process's.
            if self._may_send():
                recover(connection, self.bot_id, self._clock())

        await self._database.run(queue_again)
        self.voice.dispatcher = Dispatcher(
            self._outbox,
            self.api,
            self._bridge,
            self._services.settings.telegram.limits,
            self._services.rules.warnings,
            self._clock,
            Rendering(self._services, self.bot_id),
            f"{self._process}/{next(self._dispatchers)}",
            self._lookout,
            held=self._may_send,
            shows_numbers=not self._services.settings.privacy.board_only,
        )
        self._began.set()
        loop = asyncio.get_running_loop()
        self._sending = [
            loop.create_task(self.voice.dispatcher.run(), name=f"dispatch {self.bot_id}"),
            loop.create_task(self._watch(self.voice.dispatcher), name=f"watch {self.bot_id}"),
        ]

    async def first_messages(self) -> None:
        """Wait until what waited for us is about to leave; at once where another process sends."""
        if self._may_send():
            await self._began.wait()
            if self.dispatcher is not None:
                await self.dispatcher.looked()

    async def stop_sending(self) -> None:
        """Stop sending: finish what is under way, give the rest back to the outbox.

        Whoever stops waiting for it does not hurry it.
        """
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end_sending())
        await asyncio.shield(self._ending)

    async def _end_sending(self) -> None:
        tasks, self._sending = self._sending, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.voice.dispatcher = self._ending = None

    async def _watch(self, dispatcher: Dispatcher) -> None:
        """Tell the ladders when the bot cannot speak, and when it can again."""
        known = await self._known_down()
        if known is not None:  # a process that died may have left some of its people
            with suppress(StoreError):
                await self._tell(known)
        time, ask_at = asyncio.get_running_loop().time, 0.0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            down = known
            if dispatcher.unauthorized or known is Down.REVOKED:
                if time() >= ask_at:
                    ask_at = time() + ASK_AGAIN_SECONDS
                    down = await self._revoked(dispatcher, known)
            elif dispatcher.halted_for > LONGEST_HALT:
                down = Down.HALTED
            elif dispatcher.halted_for == 0:
                down = None
            if down is not known:
                with suppress(StoreError):
                    await self._tell(down)
                    known = down

    async def _known_down(self) -> Down | None:
        """Why the bot cannot speak, as its people's ladders were told."""
        while True:
            try:
                row = await self._database.ask(lambda c: bot_store.bot(c, self.bot_id))
            except StoreError as error:
                log.warning("bot %s: %s", self.bot_id, error)
                await asyncio.sleep(READ_AGAIN_SECONDS)
            else:
                return None if row is None else row.down

    async def _revoked(self, dispatcher: Dispatcher, known: Down | None) -> Down | None:
        """Ask again whether Telegram refuses the token; ``known`` when it does not say."""
        outcome = await self.api.call("getMe")
        if outcome.kind is OutcomeKind.UNAUTHORIZED:
            return Down.REVOKED
        if outcome.ok:
            dispatcher.unauthorized = False
            return None
        return known

    async def _tell(self, down: Down | None) -> None:
        """In parts: a bot may have a province of people, and taps wait for each part."""
        database, now, rules = self._database, self._clock(), self._services.rules.warnings
        concerned = 0
        if down is None:
            while await database.ask(lambda c: silent(c, self.bot_id)):
                concerned += await database.run(lambda c: bot_up(c, self.bot_id, rules, now))
            log.warning("bot %s speaks again; %d calls go out", self.bot_id, concerned)
        else:
            while await database.ask(lambda c: falling_silent(c, self.bot_id, down)):
                concerned += await database.run(lambda c: bot_down(c, self.bot_id, down, now))
            log.error("bot %s is %s; %d calls move on", self.bot_id, down.value, concerned)

    # -- taking in --------------------------------------------------------------------------------

    async def take_in(self) -> None:
        """Begin to take the bot's updates in."""
        self._taking = asyncio.get_running_loop().create_task(
            self._take_in(), name=f"intake {self.bot_id}"
        )

    async def stop_taking_in(self) -> None:
        """Take no more updates in; what is being handled goes on."""
        tasks = [*([self._taking] if self._taking else []), *self._beside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._taking is not None:
            with suppress(StoreError):
                await self.intake.note_heard()
        self._taking, self._beside = None, []

    async def _take_in(self) -> None:
        """Learn who the bot is, handle what was taken in before, then take in more."""
        await self.introduce()
        await self.application.bot.initialize()
        loop = asyncio.get_running_loop()
        self._beside = [
            loop.create_task(self._read_roster(), name=f"roster {self.bot_id}"),
            loop.create_task(self._offer_commands(), name=f"commands {self.bot_id}"),
        ]
        await self._resume()
        if self._webhook:
            await self._set_webhook()
            self.ready.set()
            await self.intake.hear_webhook()
        await self.api.call("deleteWebhook", {"drop_pending_updates": False})
        asked = asyncio.Event()
        noting = asyncio.get_running_loop().create_task(self._note_heard(asked))
        try:
            await self._poll(asked.set)
        finally:
            noting.cancel()

    async def _read_roster(self) -> None:
        """Nothing waits for it: the first update reads the roster where it was not read by then."""
        with suppress(StoreError):
            await self.updates.strangers.read_roster()

    async def _note_heard(self, asked_once: asyncio.Event) -> None:
        """Write down again and again until when the bot was heard; ready after the first time."""
        await asked_once.wait()
        while True:
            with suppress(StoreError):
                await self.intake.note_heard()
            self.ready.set()
            await asyncio.sleep(NOTED_EVERY.total_seconds())

    async def _poll(self, asked_once: Callable[[], None]) -> None:
        if self._alone:
            await self.intake.poll(asked_once)
        else:
            async with asyncio.TaskGroup() as together:
                together.create_task(self.intake.poll(asked_once))
                together.create_task(self.intake.look_after_others())

    async def _resume(self) -> None:
        """Handle what was taken in before, once the database says what that is."""
        while True:
            try:
                return await self.intake.resume()
            except StoreError as error:
                log.warning("bot %s: %s", self.bot_id, error)
                await asyncio.sleep(READ_AGAIN_SECONDS)

    async def _offer_commands(self) -> None:
        """Tell Telegram the commands behind its menu button; nothing waits for it."""
        for menu in everybodys_menus():
            for rest in (*OFFER_AGAIN_SECONDS, None):
                outcome = await self.api.call("setMyCommands", menu)
                if outcome.ok:
                    break
                log.info("setMyCommands: %s %s", outcome.kind.value, outcome.description)
                if rest is None:
                    return  # at the next start
                await asyncio.sleep(max(rest, outcome.retry_after or 0.0))

    async def introduce(self) -> None:
        """Learn the bot's own name: links and QR sheets bear it."""
        me = await self._until_ok("getMe")
        name = self.voice.username = me.result.get("username") or ""
        with suppress(StoreError):
            await self._database.run(lambda c: bot_store.introduce(c, self.bot_id, name))

    @property
    def webhook_path(self) -> str:
        """Where Telegram pushes this bot's updates; each of several bots has its own."""
        telegram = self._services.settings.telegram
        path = telegram.webhook.path
        return path if len(telegram.bots) == 1 else f"{path.rstrip('/')}/{self.bot_id}"

    async def _set_webhook(self) -> None:
        telegram = self._services.settings.telegram
        url = telegram.webhook.url
        if len(telegram.bots) > 1:
            url = f"{url.rstrip('/')}/{self.bot_id}"
        await self._until_ok(
            "setWebhook",
            {
                "url": url,
                "secret_token": telegram.webhook.secret_token.reveal(),
                "allowed_updates": ALLOWED_UPDATES,
            },
        )

    async def _until_ok(self, method: str, payload: dict[str, Any] | None = None) -> Outcome:
        """Make a request until Telegram accepts it, loudly when it refuses the token."""
        rest = 1.0
        while True:
            outcome = await self.api.call(method, payload)
            if outcome.ok:
                return outcome
            if outcome.kind is OutcomeKind.UNAUTHORIZED:
                log.error(
                    "Telegram 不认机器人 %s 的令牌：请检查 config.toml 的 [[telegram.bots]] token"
                    " / Telegram refuses the token of bot %s: check [[telegram.bots]] token",
                    self.bot_id,
                    self.bot_id,
                )
            else:
                log.warning("%s: %s %s", method, outcome.kind.value, outcome.description)
            await asyncio.sleep(outcome.retry_after or rest)
            rest = min(30.0, rest * 2)
