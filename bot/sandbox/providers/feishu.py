"""Feishu as its developers see it: HTTP API, long connection, members who press and write.

It keeps the published shapes, limits and codes (open.feishu.cn), and what is known of its long
connection from Feishu's own client, which a test connects to it: one-way tickets, 50 connections,
events to one of them at random, 3 seconds for an answer; a press is never repeated, what somebody
writes is repeated until it is answered.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from bot.channels.feishu.frames import CONTROL, DATA, Frame, decode, encode
from bot.sandbox.providers.card import Card
from bot.sandbox.providers.trouble import HANGS_UP, Limit, Trouble, meets

TOKEN_SECONDS = 7200
UUID_GOOD = timedelta(hours=1)
CARD_GOOD = timedelta(days=14)
LARGEST_CARD = 30 * 1024  # bytes
MOST_CONNECTIONS = 50
ANSWER_SECONDS = 3.0
FAILED_TOAST = "出错了，请稍后重试 (200671)"
_BUTTON_TYPES = {"default", "primary", "danger", "text", "primary_filled", "danger_filled"}


@dataclass
class Member:
    """Somebody of the organisation."""

    open_id: str
    number: str  # +86139…
    may_use_app: bool = True
    stopped_bot: bool = False
    left: bool = False


@dataclass
class Sent:
    """A message of the bot's, as Feishu keeps it."""

    id: str
    account: str
    at: datetime
    kind: str
    content: dict[str, Any]
    uuid: str
    toasts: list[tuple[str, str, str]] = field(default_factory=list)  # who saw which, and what


class _Refused(Exception):
    def __init__(self, code: int, msg: str, status: int = 400, **headers: str) -> None:
        super().__init__(msg)
        self.code, self.msg, self.status, self.headers = code, msg, status, headers


class FeishuServer:
    """One app of one organisation in Feishu.

    :param clock: the time by which tokens end and limits count.
    :param splits: events come in so many frames.
    """

    def __init__(
        self, app_id: str, app_secret: str, clock: Callable[[], datetime], *, splits: int = 1
    ) -> None:
        self._app = (app_id, app_secret)
        self._clock = clock
        self._splits = splits
        self.members: dict[str, Member] = {}
        self.sent: dict[str, Sent] = {}
        self.asked: list[str] = []  # the path of every request
        self.trouble = Trouble()
        self.patience = ANSWER_SECONDS
        self._tokens: dict[str, datetime] = {}
        self._tickets: set[str] = set()
        self._connections: dict[web.WebSocketResponse, web.Request] = {}
        self._pending: dict[str, dict[str, Any]] = {}  # what was written and not answered yet
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._of_app = Limit(50, timedelta(seconds=1), clock)
        self._of_member = Limit(5, timedelta(seconds=1), clock)
        self.connected, self.alone = asyncio.Event(), asyncio.Event()
        self.application = web.Application()
        post = self.application.router.add_post
        post("/open-apis/auth/v3/tenant_access_token/internal", self._token)
        post("/open-apis/contact/v3/users/batch_get_id", self._look_up)
        post("/open-apis/im/v1/messages", self._message)
        post("/callback/ws/endpoint", self._endpoint)
        self.application.router.add_patch("/open-apis/im/v1/messages/{message}", self._change)
        self.application.router.add_get("/ws", self._connection)

    # -- members, as the page and the stories move them ----------------------------------------

    def has(self, open_id: str, number: str) -> Member:
        """Somebody joins the organisation."""
        self.members[open_id] = Member(open_id, number)
        return self.members[open_id]

    def messages(self, account: str) -> list[Card]:
        """What this member has in their app, oldest first."""
        return [_card(sent) for sent in self.sent.values() if sent.account == account]

    async def press(self, card_id: str, account: str, key: str) -> None:
        """This member presses a button; the card then looks as the bot says."""
        await self.pressed(card_id, account, key)

    async def pressed(
        self,
        card_id: str,
        account: str,
        key: str,
        *,
        event_id: str = "",
        late: float = 0.0,
        value: dict[str, str] | None = None,
    ) -> str:
        """Press, and read the toast.

        :param event_id: of a press that is told once more.
        :param late: seconds that it was on its way.
        :param value: in place of what the button says.
        """
        sent = self.sent[card_id]
        if value is None:
            values = [each["value"] for each in _callbacks(sent.content)]
            value = next(each for each in values if each["key"] == key)
        event = {
            "operator": {"tenant_key": "t", "open_id": account, "union_id": f"on_{account}"},
            "token": f"c-{next(self._numbers)}",
            "action": {"tag": "button", "timezone": "Asia/Shanghai", "value": value},
            "host": "im_message",
            "context": {"open_message_id": card_id, "open_chat_id": f"oc_{account}"},
        }
        told = await self.tell(
            self._event("card.action.trigger", event, event_id, late, micro=True)
        )
        answer = told.get("toast", {"type": "error", "content": FAILED_TOAST})
        if told.get("card", {}).get("type") == "raw":
            _check_card(told["card"]["data"])
            sent.content = told["card"]["data"]
        sent.toasts.append((account, answer["type"], answer["content"]))
        return str(answer["content"])

    async def write(self, account: str, text: str) -> None:
        """This member types something to the bot; its reply is among their messages."""
        await self.sends(account, "text", {"text": text})

    async def sends(self, account: str, kind: str, content: dict[str, Any]) -> None:
        """This member sends something: a text, an image, an audio."""
        number = next(self._numbers)
        event = {
            "sender": {"sender_id": {"open_id": account}, "sender_type": "user"},
            "message": {
                "message_id": f"om_in_{number}",
                "chat_id": f"oc_{account}",
                "chat_type": "p2p",
                "message_type": kind,
                "content": json.dumps(content),
            },
        }
        told = self._event("im.message.receive_v1", event)
        self._pending[told["header"]["event_id"]] = told
        await self.say_again()

    async def read(self, account: str, *, times: int = 1) -> None:
        """This member opens the chat: all that is there is read.

        :param times: so often it is told.
        """
        names = [sent.id for sent in self.sent.values() if sent.account == account]
        at = str(int(self._clock().timestamp() * 1000))
        reader = {"reader_id": {"open_id": account}, "read_time": at, "tenant_key": "t"}
        event = {"reader": reader, "message_id_list": names}
        told = self._event("im.message.message_read_v1", event)
        for _ in range(times):
            await self.tell(told)

    async def say_again(self) -> None:
        """Tell what was written and not answered yet, as Feishu does after 15 s, 5 min and 1 h."""
        for told in list(self._pending.values()):
            await self.tell(told)

    async def drop(self) -> None:
        """Every connection breaks, without a farewell."""
        for request in list(self._connections.values()):
            if request.transport is not None:
                request.transport.abort()
        await self.alone.wait()

    def end_tokens(self) -> None:
        """All tokens are over, long before their time."""
        self._tokens.clear()

    # -- the long connection -------------------------------------------------------------------

    async def tell(self, told: dict[str, Any]) -> dict[str, Any]:
        """Tell the bot, over one of its connections; what it answers, empty when nothing."""
        if not self._connections:
            return {}
        socket = random.choice(list(self._connections))
        message_id = f"m-{next(self._numbers)}"
        payload = json.dumps(told).encode()
        size = -(-len(payload) // self._splits)
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = answered
        try:
            for seq in range(self._splits):
                headers = {
                    "type": "event",
                    "message_id": message_id,
                    "trace_id": f"trace-{message_id}",
                    "sum": str(self._splits),
                    "seq": str(seq),
                }
                part = payload[seq * size : (seq + 1) * size]
                await socket.send_bytes(encode(Frame(DATA, headers, part, service=7)))
            answer = await asyncio.wait_for(answered, self.patience)
        except (TimeoutError, ConnectionError):
            return {}
        finally:
            del self._waiting[message_id]
        if answer["code"] == 200:
            self._pending.pop(told["header"]["event_id"], None)
        data = answer.get("data")
        return json.loads(base64.b64decode(data)) if data else {}

    def _event(
        self,
        kind: str,
        event: dict[str, Any],
        event_id: str = "",
        late: float = 0.0,
        *,
        micro: bool = False,
    ) -> dict[str, Any]:
        at = self._clock().timestamp() - late
        return {
            "schema": "2.0",
            "header": {
                "event_id": event_id or f"ev-{next(self._numbers)}",
                "event_type": kind,
                "create_time": str(int(at * (1_000_000 if micro else 1000))),
                "token": "verification",
                "tenant_key": "t",
                "app_id": self._app[0],
            },
            "event": event,
        }

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if (planned := self.trouble.next()) is not None:
            return meets(request, planned)
        body = await request.json()
        if (body.get("AppID"), body.get("AppSecret")) != self._app:
            return web.json_response({"code": 10014, "msg": "app secret invalid"})
        if len(self._connections) >= MOST_CONNECTIONS:
            return web.json_response({"code": 1000040350, "msg": "too many connections"})
        number = next(self._numbers)
        ticket = f"ticket-{number}"
        self._tickets.add(ticket)
        url = request.url.with_scheme("ws").with_path("/ws")
        query = {"device_id": str(number), "service_id": "7", "access_key": "k", "ticket": ticket}
        config = {
            "ReconnectCount": -1,
            "ReconnectInterval": 120,
            "ReconnectNonce": 30,
            "PingInterval": 120,
        }
        return web.json_response(
            {
                "code": 0,
                "msg": "",
                "data": {"URL": str(url.with_query(query)), "ClientConfig": config},
            }
        )

    async def _connection(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            refused = {"handshake-status": "514", "handshake-msg": "auth failed"}
            return web.Response(status=401, headers=refused | {"handshake-autherrcode": "1"})
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._connections[socket] = request
        self.alone.clear()
        self.connected.set()
        again = asyncio.create_task(self.say_again())
        try:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    await self._heard(socket, decode(message.data))
        finally:
            again.cancel()
            self._connections.pop(socket, None)
            if not self._connections:
                self.connected.clear()
                self.alone.set()
        return socket

    async def _heard(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        if frame.method == CONTROL and frame.headers.get("type") == "ping":
            config = json.dumps({"PingInterval": 90}).encode()
            await socket.send_bytes(encode(Frame(CONTROL, {"type": "pong"}, config, service=7)))
        elif frame.method == DATA:
            waiting = self._waiting.get(frame.headers["message_id"])
            if waiting is not None and not waiting.done():
                waiting.set_result(json.loads(frame.payload))

    # -- the HTTP API --------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if (planned := self.trouble.next()) is not None:
            return meets(request, planned)
        body = await request.json()
        if (body.get("app_id"), body.get("app_secret")) != self._app:
            return web.json_response({"code": 10014, "msg": "app secret invalid"})
        token = f"t-{next(self._numbers)}"
        self._tokens[token] = self._clock() + timedelta(seconds=TOKEN_SECONDS)
        told = {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": TOKEN_SECONDS}
        return web.json_response(told)

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._found)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._taken)

    async def _change(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._changed)

    def _changed(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        sent = self.sent.get(request.match_info["message"])
        if sent is None:
            raise _Refused(230001, "ext=invalid message_id")
        if self._clock() - sent.at > CARD_GOOD:
            raise _Refused(230031, "The message has been sent for more than 14 days.")
        card = json.loads(body["content"])
        _check_card(card)
        sent.content = card
        return {}

    async def _asked(
        self, request: web.Request, does: Callable[[web.Request, dict[str, Any]], dict[str, Any]]
    ) -> web.StreamResponse:
        self.asked.append(request.path)
        planned = self.trouble.next()
        if planned is not None and not planned.after_all:
            return meets(request, planned)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            if self._tokens.get(token, self._clock()) <= self._clock():
                raise _Refused(99991663, "Invalid access token for authorization.")
            if self._of_app.over(request.path):
                raise _Refused(99991400, "request trigger frequency limit", 429, reset="1")
            data = does(request, await request.json())
        except _Refused as refused:
            headers = {f"x-ogw-ratelimit-{name}": value for name, value in refused.headers.items()}
            told = {"code": refused.code, "msg": refused.msg}
            return web.json_response(told, status=refused.status, headers=headers)
        if planned is not None:
            return meets(request, planned._replace(status=HANGS_UP))
        return web.json_response({"code": 0, "msg": "success", "data": data})

    def _found(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if request.query.get("user_id_type") != "open_id":
            raise _Refused(40001, "user_id_type")
        found = []
        for mobile in body["mobiles"]:
            number = mobile if mobile.startswith("+") else "+86" + mobile
            known = [m.open_id for m in self.members.values() if m.number == number and not m.left]
            found.append({"mobile": mobile, "user_id": known[0]} if known else {"mobile": mobile})
        return {"user_list": found}

    def _taken(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if request.query.get("receive_id_type") != "open_id":
            raise _Refused(230001, "ext=invalid receive_id_type")
        self._check_receiver(body["receive_id"])
        uuid = body.get("uuid", "")
        if len(uuid) > 50:
            raise _Refused(230001, "ext=uuid too long")
        for sent in self.sent.values():
            if uuid and sent.uuid == uuid and self._clock() - sent.at < UUID_GOOD:
                return {"message_id": sent.id}
        if self._of_member.over(body["receive_id"]):
            raise _Refused(230020, "This operation triggers the frequency limit.")
        content = json.loads(body["content"])
        if body["msg_type"] == "interactive":
            if len(body["content"].encode()) > LARGEST_CARD:
                raise _Refused(230025, "The length of the message content reaches its limit.")
            _check_card(content)
        elif body["msg_type"] != "text" or not isinstance(content.get("text"), str):
            raise _Refused(230001, "ext=invalid msg_type")
        message_id = f"om_{next(self._numbers)}"
        self.sent[message_id] = Sent(
            message_id, body["receive_id"], self._clock(), body["msg_type"], content, uuid
        )
        return {"message_id": message_id, "msg_type": body["msg_type"]}

    def _check_receiver(self, open_id: str) -> None:
        member = self.members.get(open_id)
        if member is None:
            raise _Refused(230034, "The receive_id is invalid.")
        if member.left:
            raise _Refused(230029, "The user has resigned.")
        if not member.may_use_app:
            raise _Refused(230013, "Bot has NO availability to this user.")
        if member.stopped_bot:
            raise _Refused(230053, "The user has stopped the bot from sending messages.")


def _check_card(card: dict[str, Any]) -> None:
    """What Feishu's card JSON 2.0 asks for, as far as our cards use it."""
    try:
        assert card["schema"] == "2.0"
        assert card["header"]["title"]["tag"] == "plain_text"
        assert card["config"].get("update_multi", True) is True
        for element in card["body"]["elements"]:
            assert element["tag"] in {"div", "hr", "button"}
            if element["tag"] == "div":
                assert isinstance(element["text"]["content"], str)
            if element["tag"] == "button":
                assert element["type"] in _BUTTON_TYPES
                assert 0 < len(element["text"]["content"]) <= 100
                assert element["behaviors"]
                for behaviour in element["behaviors"]:
                    if behaviour["type"] == "callback":
                        assert isinstance(behaviour["value"], dict)
                    else:
                        assert behaviour["default_url"].startswith("http")
    except (AssertionError, KeyError, TypeError) as error:
        raise _Refused(230099, "Failed to create card content") from error


def _callbacks(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        behaviour | {"words": element["text"]["content"]}
        for element in content.get("body", {}).get("elements", ())
        for behaviour in element.get("behaviors", ())
        if behaviour["type"] == "callback"
    ]


def _card(sent: Sent) -> Card:
    """A message as it looks to the person."""
    if sent.kind == "text":
        return Card(sent.id, sent.account, sent.at, "", sent.content["text"])
    elements = sent.content["body"]["elements"]
    words = [each["text"]["content"] for each in elements if each["tag"] == "div"]
    links = [
        behaviour["default_url"]
        for each in elements
        for behaviour in each.get("behaviors", ())
        if behaviour["type"] == "open_url"
    ]
    return Card(
        sent.id,
        sent.account,
        sent.at,
        title=sent.content["header"]["title"]["content"],
        text=words[0],
        buttons={each["value"]["key"]: each["words"] for each in _callbacks(sent.content)},
        answered=words[1] if len(words) > 1 else "",
        link=links[0] if links else "",
    )
