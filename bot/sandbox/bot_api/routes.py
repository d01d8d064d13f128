"""The Bot API over HTTP: reads a call, applies faults and limits, performs it, answers, logs it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.bot_api.accounts import BotAccount
from bot.sandbox.bot_api.call_log import CallLog
from bot.sandbox.bot_api.errors import (
    ApiError,
    bad_request,
    not_found,
    too_many_requests,
    unauthorized,
)
from bot.sandbox.bot_api.faults import Fault, FaultAction, FaultScript
from bot.sandbox.bot_api.limits import RateLimiter, RateLimits
from bot.sandbox.bot_api.methods.call import MethodCall
from bot.sandbox.bot_api.methods.parameters import Parameters
from bot.sandbox.bot_api.methods.table import LIMITED, METHODS, SPELLINGS
from bot.sandbox.bot_api.updates import UpdateDelivery
from bot.sandbox.bot_api.world import World

_GATEWAY_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
_REASONS[504] = "Gateway Time-out"
_NOT_PERFORMED = (
    FaultAction.ANSWER,
    FaultAction.HTML,
    FaultAction.HANG_BEFORE,
    FaultAction.DROP_BEFORE,
    FaultAction.STORM,
)


class BotApiRoutes:
    """Serves ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

    def __init__(
        self, world: World, faults: FaultScript, calls: CallLog, limits: RateLimits | None
    ) -> None:
        self._world = world
        self._faults = faults
        self._calls = calls
        self._limits = limits
        self._limiters: dict[int, RateLimiter] = {}
        self._updates = UpdateDelivery(world)
        world.on_update = self._updates.arrived

    def add_routes(self, app: web.Application) -> None:
        """Mount the Bot API and the downloads."""
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)

    def set_limits(self, limits: RateLimits | None) -> None:
        """Enforce these from now on, with empty windows."""
        self._limits = limits
        self._limiters.clear()

    @property
    def polling(self) -> bool:
        """Whether any bot waits in a long poll."""
        return self._updates.polling

    async def stop(self) -> None:
        """End every poll and every webhook delivery."""
        await self._updates.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        at = self._world.monotonic()
        spelled = request.match_info["method"]
        method = SPELLINGS.get(spelled.lower(), spelled)
        chat_id: int | None = None
        code, result = 200, None
        try:
            bot = self._world.bots.get(request.match_info["token"])
            if bot is None:
                raise unauthorized()
            parameters = await read_parameters(request)
            chat_id = parameters.chat_number()
            fault = self._faults.meet(method, chat_id, bot.id, at) if self._faults else None
            if fault is not None and fault.action in _NOT_PERFORMED:
                return await self._go_wrong(request, fault, at, method, chat_id)
            if fault is not None and fault.action is FaultAction.DELAY:
                await asyncio.sleep(self._faults.delay(fault))
            try:
                result = await self._perform(bot, method, parameters, chat_id)
            finally:
                if fault is not None and fault.action is not FaultAction.DELAY:
                    await self._swallow(request, fault)
            if fault is not None and fault.action is FaultAction.HTML_AFTER:
                self._log(at, method, chat_id, fault.error_code, result)
                return gateway_page(fault.error_code)
            if fault is not None and fault.action is FaultAction.DROP_AFTER:
                self._log(at, method, chat_id, 0, result)  # nobody hears the answer
                return web.Response()
            body = orjson.dumps({"ok": True, "result": result})
        except ApiError as error:
            code, body = error.code, orjson.dumps(error.body())
        self._log(at, method, chat_id, code, result)
        response = web.Response(body=body, status=code, content_type="application/json")
        if code == 429:
            response.headers["Retry-After"] = str(orjson.loads(body)["parameters"]["retry_after"])
        return response

    async def _perform(
        self, bot: BotAccount, method: str, parameters: Parameters, chat_id: int | None
    ) -> Any:
        """Perform a call, within the limits.

        :raises ApiError: when Telegram would refuse it.
        """
        perform = METHODS.get(method)
        if perform is not None:
            if self._limits is not None and method in LIMITED and chat_id is not None:
                self._limit(bot, method, parameters, chat_id)
            return perform(MethodCall(self._world, bot, parameters))
        match method:
            case "getUpdates":
                return await self._updates.get_updates(bot, parameters)
            case "setWebhook":
                return await self._updates.set_webhook(bot, parameters)
            case "deleteWebhook":
                return await self._updates.delete_webhook(bot, parameters)
            case "getWebhookInfo":
                return self._updates.get_webhook_info(bot)
            case "logOut" | "close":
                return True
        raise not_found()

    def _limit(self, bot: BotAccount, method: str, parameters: Parameters, chat_id: int) -> None:
        assert self._limits is not None
        limiter = self._limiters.get(bot.id)
        if limiter is None:
            limiter = self._limiters[bot.id] = RateLimiter(self._limits)
        messages = 1
        if method == "sendMediaGroup" and isinstance(media := parameters.json("media"), list):
            messages = max(1, len(media))
        wait = limiter.admit(
            self._world.monotonic(), chat_id, is_group=chat_id < 0, messages=messages
        )
        if wait:
            raise too_many_requests(wait)

    # -- going wrong ------------------------------------------------------------------------------

    async def _go_wrong(
        self, request: web.Request, fault: Fault, at: float, method: str, chat_id: int | None
    ) -> web.StreamResponse:
        """Answer a call that a fault keeps from being performed."""
        self._world.event("fault", None, action=fault.action.value, method=method, to=chat_id)
        match fault.action:
            case FaultAction.HANG_BEFORE:
                await asyncio.sleep(fault.seconds)
                drop(request)
                code = 0
            case FaultAction.DROP_BEFORE:
                drop(request)
                code = 0
            case FaultAction.HTML:
                self._log(at, method, chat_id, fault.error_code, None)
                return gateway_page(fault.error_code)
            case FaultAction.STORM:
                raise too_many_requests(self._faults.storm_retry_after(fault, at))
            case _:
                parameters = None
                if fault.retry_after is not None:
                    parameters = {"retry_after": fault.retry_after}
                raise ApiError(fault.error_code, fault.description, parameters)
        self._log(at, method, chat_id, code, None)
        return web.Response()

    async def _swallow(self, request: web.Request, fault: Fault) -> None:
        """Hold back the answer of a call that was performed, for a while or for good."""
        if fault.action is FaultAction.HANG:
            await asyncio.sleep(fault.seconds)
        elif fault.action is FaultAction.DROP_AFTER:
            drop(request)

    def _log(self, at: float, method: str, chat_id: int | None, code: int, result: Any) -> None:
        if self._calls.enabled:
            message_id = result.get("message_id", 0) if isinstance(result, dict) else 0
            self._calls.add(at, method, chat_id or 0, code, message_id)

    # -- downloads --------------------------------------------------------------------------------

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] not in self._world.bots:
            error = unauthorized()
        else:
            stored = self._world.files.by_path(request.match_info["path"])
            if stored is not None:
                return web.Response(body=stored.content)
            error = ApiError(404, "Not Found: file not found")
        return web.json_response(error.body(), status=error.code)


def gateway_page(code: int) -> web.Response:
    """An HTML error page, as a proxy in front of Telegram answers it."""
    title = f"{code} {_REASONS.get(code, 'Error')}"
    return web.Response(status=code, text=_GATEWAY_PAGE.format(title), content_type="text/html")


def drop(request: web.Request) -> None:
    """Close the socket without an answer."""
    if request.transport is not None:
        request.transport.abort()


async def read_parameters(request: web.Request) -> Parameters:
    """The parameters of a request, from its query and whichever kind of body it has.

    :raises ApiError: 400 when the body cannot be read.
    """
    given: dict[str, Any] = dict(request.query) if request.query_string else {}
    if not request.body_exists:
        return Parameters(given)
    kind = request.content_type
    if kind == "application/json":
        raw = await request.read()
        try:
            body = orjson.loads(raw) if raw else {}
        except orjson.JSONDecodeError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("expected a JSON object")
        return Parameters({**given, **body} if given else body)
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        uploads: dict[str, tuple[str, bytes]] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = (value.filename, value.file.read())
            elif isinstance(value, bytes | bytearray):
                uploads[name] = (name, bytes(value))
            else:
                given[name] = value
        return Parameters(given, uploads)
    return Parameters(given)
