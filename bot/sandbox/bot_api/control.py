"""Routes under ``/sandbox/``: what people do, what happened, faults, for another process.

Used by the page with the phones and by benches.

Answers ``{"ok": true, "result": ...}``, or 400 ``{"ok": false, "description"}``. Bodies are JSON.

- ``POST /sandbox/people/<action>``, ``POST /sandbox/groups/<action>``: arguments by name, as
  ``People`` and ``Groups`` take them; ``content`` (a file) in base64.
- ``POST /sandbox/taps`` ``{"taps": [{...}]}``: many at once; ``GET /sandbox/taps?since=N``: seconds
  from tap to answer, and of each tap from the Nth on when it was made and answered (or null).
- ``GET /sandbox/answer?query_id=&timeout=``: waits for a tap's answer.
- ``GET /sandbox/messages?chat_id=&bot=``, ``/sandbox/keyboard?chat_id=&user_id=&bot=``,
  ``/sandbox/chats``, ``/sandbox/file?file_id=``.
- ``GET /sandbox/events``: server-sent events, ``?chat_id=`` for one chat's.
- ``GET /sandbox/stats?methods=a,b``, ``/sandbox/log?since=N``, ``POST /sandbox/log/clear``.
- ``GET|POST|DELETE /sandbox/faults``; ``POST /sandbox/limits`` (fields of ``RateLimits``, or null).
- ``POST /sandbox/network`` ``{"up": false}``: stop listening for good or for ``seconds``.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from itertools import islice
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.bot_api.errors import SandboxMistake
from bot.sandbox.bot_api.faults import Fault, FaultAction
from bot.sandbox.bot_api.limits import RateLimits
from bot.sandbox.bot_api.server import BotApiServer

PEOPLE = frozenset(
    "add_user add_group press_start send_text edit_text react forward tap press_key share_contact "
    "send_location move_live_location stop_live_location send_photo send_video send_video_note "
    "send_voice send_document block_bot unblock_bot deactivate inject_update".split()
)
GROUPS = frozenset("add_group add_bot remove_bot join leave promote migrate".split())
PATIENCE_SECONDS = 30.0
HEARTBEAT_SECONDS = 15.0

Handler = Callable[[web.Request], Awaitable[Any]]


def add_routes(app: web.Application, server: BotApiServer) -> None:
    """Mount ``/sandbox/...``; for ``BotApiServer(app_extensions=...)``."""
    control = _Control(server)
    for method, path, handler in (
        ("POST", "people/{action}", control.people),
        ("POST", "groups/{action}", control.groups),
        ("POST", "taps", control.tap_many),
        ("GET", "taps", control.tap_seconds),
        ("GET", "answer", control.answer),
        ("GET", "messages", control.messages),
        ("GET", "keyboard", control.keyboard),
        ("GET", "chats", control.chats),
        ("GET", "stats", control.stats),
        ("GET", "log", control.log),
        ("POST", "log/clear", control.clear_log),
        ("GET", "faults", control.list_faults),
        ("POST", "faults", control.add_fault),
        ("DELETE", "faults", control.clear_faults),
        ("POST", "limits", control.limits),
        ("POST", "network", control.network),
    ):
        app.router.add_route(method, f"/sandbox/{path}", _answering(handler))
    app.router.add_get("/sandbox/events", control.events)
    app.router.add_get("/sandbox/file", control.file)


def _answering(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            body, status = {"ok": True, "result": await handler(request)}, 200
        except (SandboxMistake, TypeError, ValueError, KeyError, TimeoutError) as error:
            body, status = {"ok": False, "description": f"{type(error).__name__}: {error}"}, 400
        return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")

    return answer


async def _arguments(request: web.Request) -> Any:
    raw = await request.read()
    return orjson.loads(raw) if raw else {}


class _Control:
    def __init__(self, server: BotApiServer) -> None:
        self._server = server
        self._back: asyncio.Task[None] | None = None  # the network's return

    async def people(self, request: web.Request) -> Any:
        return await self._act(request, self._server.people, PEOPLE)

    async def groups(self, request: web.Request) -> Any:
        return await self._act(request, self._server.groups, GROUPS)

    async def _act(self, request: web.Request, actor: object, allowed: frozenset[str]) -> Any:
        action = request.match_info["action"]
        if action not in allowed:
            raise SandboxMistake(f"no such action: {action}")
        arguments = await _arguments(request)
        if isinstance(arguments.get("content"), str):
            arguments["content"] = base64.b64decode(arguments["content"])
        return getattr(actor, action)(**arguments)

    async def tap_many(self, request: web.Request) -> list[str]:
        taps = (await _arguments(request))["taps"]
        return [self._server.people.tap(**tap) for tap in taps]

    async def tap_seconds(self, request: web.Request) -> dict[str, Any]:
        queries = self._server.world.queries
        asked = islice(queries.values(), int(request.query.get("since", 0)), None)
        times = [(query.tapped_at, query.answered_at) for query in asked]
        seconds = [answered - tapped for tapped, answered in times if answered is not None]
        return {"taps": len(queries), "seconds": seconds, "times": times}

    async def answer(self, request: web.Request) -> dict[str, Any]:
        seconds = float(request.query.get("timeout", PATIENCE_SECONDS))
        return await self._server.watch.callback_answer(request.query["query_id"], timeout=seconds)

    async def messages(self, request: web.Request) -> list[dict[str, Any]]:
        return self._server.messages(int(request.query["chat_id"]), request.query.get("bot"))

    async def keyboard(self, request: web.Request) -> dict[str, Any] | None:
        user_id = request.query.get("user_id")
        return self._server.keyboard(
            int(request.query["chat_id"]),
            int(user_id) if user_id else None,
            request.query.get("bot"),
        )

    async def chats(self, _request: web.Request) -> dict[str, Any]:
        world = self._server.world
        return {
            "bots": [bot.user for bot in world.bots.values()],
            "users": [person.user for person in world.persons.values()],
            "groups": [
                {**world.described(chat), "members": {str(k): v for k, v in chat.members.items()}}
                for chat in world.groups.values()
            ],
        }

    async def stats(self, request: web.Request) -> dict[str, Any]:
        methods = request.query.get("methods")
        return self._server.calls.stats(methods.split(",") if methods else None)

    async def log(self, request: web.Request) -> list[dict[str, Any]]:
        return self._server.calls.rows(int(request.query.get("since", 0)))

    async def clear_log(self, _request: web.Request) -> bool:
        self._server.calls.clear()
        return True

    async def list_faults(self, _request: web.Request) -> list[dict[str, Any]]:
        return [{**asdict(f), "action": f.action.value} for f in self._server.faults]

    async def add_fault(self, request: web.Request) -> bool:
        fields = await _arguments(request)
        self._server.faults.add(Fault(**{**fields, "action": FaultAction(fields["action"])}))
        return True

    async def clear_faults(self, _request: web.Request) -> bool:
        self._server.faults.clear()
        return True

    async def limits(self, request: web.Request) -> bool:
        fields = await _arguments(request)
        self._server.set_limits(None if fields is None else RateLimits(**fields))
        return True

    async def network(self, request: web.Request) -> bool:
        """Takes effect after the answer has left; with ``seconds`` it comes back by itself."""
        wish = await _arguments(request)
        seconds = wish.get("seconds")

        async def change() -> None:
            await asyncio.sleep(0.05)
            if not wish["up"]:
                await self._server.refuse_connections()
                if seconds is None:
                    return
                await asyncio.sleep(float(seconds))
            await self._server.accept_connections()

        self._back = asyncio.get_running_loop().create_task(change())
        return True

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, for the page."""
        stored = self._server.world.files.by_id(request.query.get("file_id", ""))
        if stored is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.content)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one JSON object each."""
        only = int(request.query["chat_id"]) if "chat_id" in request.query else None
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        with self._server.watch.subscribe() as subscription:
            await response.prepare(request)
            try:
                await response.write(b": here\n\n")
                while True:
                    try:
                        event = await asyncio.wait_for(subscription.queue.get(), HEARTBEAT_SECONDS)
                    except TimeoutError:
                        await response.write(b": still here\n\n")
                        continue
                    if only is None or event["chat_id"] == only:
                        await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
            except ConnectionResetError:
                return response
