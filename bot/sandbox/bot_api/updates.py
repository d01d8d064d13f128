"""How a bot gets its updates: long polling, or a webhook they are posted to."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import orjson

from bot.sandbox.bot_api.accounts import BotAccount, Update, WebhookRegistration
from bot.sandbox.bot_api.errors import (
    ApiError,
    bad_request,
    terminated_by_other,
    terminated_by_webhook,
    webhook_is_active,
)
from bot.sandbox.bot_api.methods.parameters import Parameters
from bot.sandbox.bot_api.world import World

log = logging.getLogger(__name__)

MOST = 100  # updates in one answer
LONGEST_POLL_SECONDS = 50
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 10.0
POST_SECONDS = 60.0  # what the bot has to answer one post


class UpdateDelivery:
    """Gives every bot its updates: to a poll that waits, or by posts to its webhook."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._polls: dict[int, asyncio.Future[None]] = {}  # bot id -> the poll that waits
        self._workers: dict[int, list[asyncio.Task[None]]] = {}
        self._arrived: dict[int, asyncio.Event] = {}
        self._session: aiohttp.ClientSession | None = None

    def arrived(self, bot: BotAccount) -> None:
        """Take note that an update was queued for the bot."""
        poll = self._polls.get(bot.id)
        if poll is not None and not poll.done():
            poll.set_result(None)
        if (event := self._arrived.get(bot.id)) is not None:
            event.set()

    @property
    def polling(self) -> bool:
        """Whether any bot waits in a long poll."""
        return bool(self._polls)

    async def stop(self) -> None:
        """End every poll and every delivery."""
        for bot in self._world.bots.values():
            await self._stop_workers(bot)
            self._end_poll(bot, terminated_by_other())
        if self._session is not None:
            await self._session.close()
            self._session = None

    # -- long polling -----------------------------------------------------------------------------

    async def get_updates(self, bot: BotAccount, parameters: Parameters) -> list[Update]:
        """Updates from ``offset`` on; those before it are forgotten. A newer poll ends this one."""
        if bot.webhook is not None:
            raise webhook_is_active()
        self._end_poll(bot, terminated_by_other())
        self._note_kinds(bot, parameters)
        offset = parameters.integer("offset") or 0
        limit = min(MOST, max(1, parameters.integer("limit") or MOST))
        seconds = min(LONGEST_POLL_SECONDS, max(0, parameters.integer("timeout") or 0))
        self._forget(bot, offset)
        if not bot.updates and seconds:
            poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._polls[bot.id] = poll
            self._world.event("polling", None, bot=bot.id)
            try:
                await asyncio.wait_for(poll, seconds)
            except TimeoutError:
                return []
            finally:
                if self._polls.get(bot.id) is poll:
                    del self._polls[bot.id]
        return [bot.updates[i] for i in range(min(limit, len(bot.updates)))]

    def _forget(self, bot: BotAccount, offset: int) -> None:
        """A positive offset confirms what is before it; a negative one keeps so many."""
        before = len(bot.updates)
        if offset > 0:
            while bot.updates and bot.updates[0]["update_id"] < offset:
                bot.updates.popleft()
        elif offset < 0:
            while len(bot.updates) > -offset:
                bot.updates.popleft()
        if before and not bot.updates:
            self._world.event("updates_taken", None, bot=bot.id)

    def _end_poll(self, bot: BotAccount, why: ApiError) -> None:
        poll = self._polls.pop(bot.id, None)
        if poll is not None and not poll.done():
            poll.set_exception(why)

    @staticmethod
    def _note_kinds(bot: BotAccount, parameters: Parameters) -> None:
        """The list given last stays in force; an empty one means the default."""
        kinds = parameters.json("allowed_updates")
        if isinstance(kinds, list):
            bot.allowed_updates = frozenset(kinds) or None

    # -- webhook ----------------------------------------------------------------------------------

    async def set_webhook(self, bot: BotAccount, parameters: Parameters) -> bool:
        """An empty url is deleteWebhook. Plain http is allowed here: the sandbox is on loopback."""
        url = parameters.text("url")
        if not url:
            return await self.delete_webhook(bot, parameters)
        if not url.startswith(("http://", "https://")):
            raise bad_request("bad webhook: invalid webhook URL specified")
        secret = parameters.text("secret_token")
        if len(secret) > 256 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise bad_request("secret token contains unallowed characters")
        most = parameters.integer("max_connections") or 40
        if not 1 <= most <= 100:
            raise bad_request("bad webhook: max_connections must be 1 to 100")
        self._note_kinds(bot, parameters)
        await self._stop_workers(bot)
        self._end_poll(bot, terminated_by_webhook())
        if parameters.flag("drop_pending_updates"):
            bot.updates.clear()
        bot.webhook = WebhookRegistration(url, secret, most)
        if self._session is None:
            self._session = aiohttp.ClientSession()
        self._arrived[bot.id] = asyncio.Event()
        self._arrived[bot.id].set()
        loop = asyncio.get_running_loop()
        self._workers[bot.id] = [loop.create_task(self._deliver(bot)) for _ in range(most)]
        return True

    async def delete_webhook(self, bot: BotAccount, parameters: Parameters) -> bool:
        bot.webhook = None
        await self._stop_workers(bot)
        if parameters.flag("drop_pending_updates"):
            bot.updates.clear()
        return True

    def get_webhook_info(self, bot: BotAccount) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": bot.webhook.url if bot.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates) + bot.posting,
        }
        if bot.webhook is not None:
            info["max_connections"] = bot.webhook.max_connections
            if bot.webhook.last_error_date:
                info["last_error_date"] = bot.webhook.last_error_date
                info["last_error_message"] = bot.webhook.last_error_message
        if bot.allowed_updates is not None:
            info["allowed_updates"] = sorted(bot.allowed_updates)
        return info

    async def _stop_workers(self, bot: BotAccount) -> None:
        workers = self._workers.pop(bot.id, [])
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._arrived.pop(bot.id, None)

    async def _deliver(self, bot: BotAccount) -> None:
        """One of max_connections: takes an update and posts it until the bot says 2xx."""
        arrived = self._arrived[bot.id]
        while True:
            while not bot.updates:
                arrived.clear()
                await arrived.wait()
            update, rest = bot.updates.popleft(), FIRST_RETRY_SECONDS
            bot.posting += 1
            try:
                while not await self._post(bot, update):
                    await asyncio.sleep(rest)
                    rest = min(LONGEST_RETRY_SECONDS, rest * 2)
            except asyncio.CancelledError:
                bot.updates.appendleft(update)
                raise
            finally:
                bot.posting -= 1
            if not bot.updates and not bot.posting:
                self._world.event("updates_taken", None, bot=bot.id)

    async def _post(self, bot: BotAccount, update: Update) -> bool:
        webhook, session = bot.webhook, self._session
        if webhook is None or session is None:
            return False
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        try:
            async with session.post(
                webhook.url,
                data=orjson.dumps(update),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=POST_SECONDS),
            ) as response:
                await response.read()
                if 200 <= response.status < 300:
                    return True
                webhook.last_error_message = (
                    f"Wrong response from the webhook: {response.status} {response.reason}"
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            webhook.last_error_message = f"Connection failed: {type(error).__name__}"
        webhook.last_error_date = self._world.now()
        return False
