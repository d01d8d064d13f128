"""The local Bot API server, put together: for the sandbox, for tests, for benches.

In a test::

    async with BotApiServer(clock=clock) as server:
        settings.api_base_url = server.base_url
        server.people.add_user(7, "王芳", phone="+8613900000000")
        server.people.press_start(7, "CODE")
        message = await server.watch.next_message(7)
        tap = server.people.tap(7, 7, message["message_id"], text="收到")
        answer = await server.watch.callback_answer(tap)

``people`` and ``groups`` act at once (no await); ``watch`` waits; ``faults`` goes wrong on purpose;
``calls`` is the log. ``BotApiServer(app_extensions=(control.add_routes,))`` offers the same by HTTP
under ``/sandbox/``. As a process of its own: ``python -m bot.sandbox.bot_api --help``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.bot_api.accounts import BotAccount, Message
from bot.sandbox.bot_api.call_log import CallLog
from bot.sandbox.bot_api.faults import FaultScript
from bot.sandbox.bot_api.groups import Groups
from bot.sandbox.bot_api.limits import RateLimits
from bot.sandbox.bot_api.people import People
from bot.sandbox.bot_api.routes import BotApiRoutes
from bot.sandbox.bot_api.watch import EventWatch
from bot.sandbox.bot_api.world import WhichBot, World

TOKEN = "1000000001:sandbox-sandbox-sandbox-sandbox-001"
LARGEST_BODY = 64 * 1024 * 1024  # bytes; Telegram takes 50 MB by multipart

Extension = Callable[[web.Application, "BotApiServer"], None]


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class BotApiServer:
    """A Bot API server on loopback, with people, groups and messages of its own."""

    def __init__(
        self,
        tokens: Sequence[str] = (TOKEN,),
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        limits: RateLimits | None = None,
        keep_messages: bool = True,
        log_calls: bool = True,
        population: int = 0,
        app_extensions: Sequence[Extension] = (),
        seed: int = 0,
    ) -> None:
        """
        :param clock: dates of messages; the sandbox's own clock can be moved.
        :param monotonic: seconds for limits, faults and the log.
        :param limits: enforced per token; None enforces nothing.
        :param keep_messages: False keeps only the newest, and nothing piles up in ``watch``.
        :param population: everybody with an id up to this has pressed Start already, and every
            negative id is a group with the bots in it.
        :param app_extensions: called with the application and this server, to add routes.
        :param seed: of the faults' chance.
        """
        self.world = World(clock, monotonic, keep_messages=keep_messages, population=population)
        self.people = People(self.world)
        self.groups = Groups(self.world)
        self.watch = EventWatch(self.world, collect=keep_messages)
        self.faults = FaultScript(seed)
        self.calls = CallLog(time.time() - monotonic(), enabled=log_calls)
        self.world.on_event = self.watch.publish
        self.bot_api = BotApiRoutes(self.world, self.faults, self.calls, limits)
        for token in tokens:
            self.add_bot(token)
        self.app = web.Application(client_max_size=LARGEST_BODY)
        self.bot_api.add_routes(self.app)
        for extend in app_extensions:
            extend(self.app, self)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.host, self.port = "127.0.0.1", 0

    async def __aenter__(self) -> BotApiServer:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, keepalive_timeout=75.0
        )
        await self._runner.setup()
        self.host, self.port = host, port
        await self.accept_connections()

    async def stop(self) -> None:
        """Close every connection; polls end with 409."""
        await self.bot_api.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = self._site = None

    async def accept_connections(self) -> None:
        """Listen again after ``refuse_connections``, on the same port."""
        if self._runner is None or self._site is not None:
            return
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self._site = site  # not before: where the port is taken, the next attempt must try again
        if not self.port:
            self.port = self._runner.addresses[0][1]

    async def refuse_connections(self) -> None:
        """Stop listening and drop every open connection, as if the network had gone."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        if self._runner is not None and self._runner.server is not None:
            for connection in self._runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()

    @property
    def base_url(self) -> str:
        """The address for ``telegram.api_base_url`` (without ``/bot``)."""
        return f"http://{self.host}:{self.port}"

    def add_bot(
        self,
        token: str,
        first_name: str = "叫应",
        username: str | None = None,
        *,
        can_read_all_group_messages: bool = False,
    ) -> BotAccount:
        """Add a bot. Its id is the token's first part.

        :raises ValueError: when the token does not begin with a number and a colon.
        """
        number, colon, _ = token.partition(":")
        if not (colon and number.isascii() and number.isdigit()):
            raise ValueError("a token is <number>:<secret>")
        user = {
            "id": int(number),
            "is_bot": True,
            "first_name": first_name,
            "username": username or f"jiaoying_{number}_bot",
        }
        bot = BotAccount(token, user, can_read_all_group_messages)
        self.world.bots[token] = bot
        return bot

    def started_with_everybody(self) -> None:
        """Everybody has started every bot, every bot is in every group; nobody is told.

        No update, no message: as if it had happened long ago.
        """
        for bot in self.world.bots.values():
            for person in self.world.persons.values():
                person.started.add(bot.id)
            for chat in self.world.groups.values():
                chat.members.setdefault(bot.id, "member")

    def set_limits(self, limits: RateLimits | None) -> None:
        """Enforce these from now on, with empty windows."""
        self.bot_api.set_limits(limits)

    def messages(self, chat_id: int, bot: WhichBot = None) -> list[Message]:
        """What a chat holds now, oldest first; Telegram-shaped, with ``html`` where given."""
        chat = self.world.chat(self.world.bot(bot), chat_id)
        return [record.shown() for record in chat.messages.values()]

    def keyboard(
        self, chat_id: int, user_id: int | None = None, bot: WhichBot = None
    ) -> dict[str, Any] | None:
        """The reply keyboard a person sees in a chat."""
        chat = self.world.chat(self.world.bot(bot), chat_id)
        return chat.keyboards.get(chat_id if user_id is None else user_id)
