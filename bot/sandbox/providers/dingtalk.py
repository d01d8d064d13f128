"""DingTalk as its developers see it: HTTP APIs, Stream connection, members who press and write.

It keeps the published shapes, limits and codes (open.dingtalk.com); a test connects DingTalk's own
client to it. Tickets are good once and for 90 seconds; who is told ``disconnect`` hears nothing
more; a callback that got no answer is told again with the same id.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from bot.sandbox.providers.card import Card
from bot.sandbox.providers.trouble import HANGS_UP, Limit, Trouble, meets

TOKEN_SECONDS = 7200
TICKET_SECONDS = 90
MOST_CONNECTIONS = 50
ANSWER_SECONDS = 3.0
TEMPLATE_BUTTONS = {"1": "✅ 收到", "2": "🆘 需要支援"}
"""What the office's template says on its buttons: a template has its words, not we."""

CARD_TOPIC = "/v1.0/card/instances/callback"
WORDS_TOPIC = "/v1.0/im/bot/messages/get"
_LINK = re.compile(r"\[([^]]+)\]\(dtmd://dingtalkclient/sendMessage\?content=([^)]+)\)")


@dataclass
class Member:
    """Somebody of the organisation."""

    user_id: str
    number: str  # +86139…
    stopped_robot: bool = False
    left: bool = False


@dataclass
class Sent:
    """A card, or a message, as DingTalk keeps it."""

    id: str  # a card's outTrackId, a message's processQueryKey
    at: datetime
    words: dict[str, str]  # a card's variables, a message's parameters
    kind: str  # card, sampleMarkdown, sampleText
    shown_to: list[str] = field(default_factory=list)
    private: dict[str, dict[str, str]] = field(default_factory=dict)


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class DingtalkServer:
    """One app, with a robot, of one organisation in DingTalk.

    :param clock: the time by which tokens end and limits count.
    :param template: the id of the office's card template; empty: it has none.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        robot_code: str,
        clock: Callable[[], datetime],
        *,
        template: str = "",
    ) -> None:
        self._app = (client_id, client_secret)
        self._robot = robot_code
        self._template = template
        self._clock = clock
        self.members: dict[str, Member] = {}
        self.sent: dict[str, Sent] = {}
        self.asked: list[str] = []  # the path of every request
        self.trouble = Trouble()
        self.patience = ANSWER_SECONDS
        self._tokens: dict[str, datetime] = {}
        self._tickets: dict[str, datetime] = {}
        self._connections: dict[web.WebSocketResponse, web.Request] = {}
        self._pending: dict[str, dict[str, Any]] = {}  # callbacks that got no answer yet
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._of_app = Limit(20, timedelta(seconds=1), clock)
        self.connected, self.alone = asyncio.Event(), asyncio.Event()
        self.application = web.Application()
        post = self.application.router.add_post
        post("/v1.0/oauth2/accessToken", self._token)
        post("/topapi/v2/user/getbymobile", self._look_up)
        post("/v1.0/card/instances/createAndDeliver", self._card)
        post("/v1.0/card/instances/deliver", self._deliver)
        post("/v1.0/robot/oToMessages/batchSend", self._message)
        post("/v1.0/gateway/connections/open", self._open)
        self.application.router.add_put("/v1.0/card/instances", self._change)
        self.application.router.add_get("/connect", self._connection)

    # -- members, as the page and the stories move them ----------------------------------------

    def has(self, user_id: str, number: str) -> Member:
        """Somebody joins the organisation."""
        self.members[user_id] = Member(user_id, number)
        return self.members[user_id]

    def messages(self, account: str) -> list[Card]:
        """What this member has in their app, oldest first."""
        return [_as_card(sent, account) for sent in self.sent.values() if account in sent.shown_to]

    async def press(self, card_id: str, account: str, key: str) -> None:
        """This member presses a button; the card then looks as the bot says."""
        sent = self.sent[card_id]
        if sent.kind == "card":
            await self.say_again(self.pressed(card_id, account, key))
            return
        # A link that writes for them.
        words = [unquote(link[2]) for link in _LINK.finditer(sent.words["text"])]
        await self.write(account, words[int(key) - 1])

    def pressed(self, card_id: str, account: str, key: str) -> str:
        """A press, not told yet. :returns: its id."""
        content = {"cardPrivateData": {"actionIds": [f"button{key}"], "params": {"key": key}}}
        told = {
            "extension": "{}",
            "corpId": "corp",
            "type": "actionCallback",
            "userId": account,
            "userIdType": 1,
            "content": json.dumps(content),
            "outTrackId": card_id,
            "spaceId": account,
            "spaceType": "IM_ROBOT",
        }
        return self._callback(CARD_TOPIC, told)

    async def write(self, account: str, text: str) -> None:
        """This member types something to the robot; its reply is among their messages."""
        await self.sends(account, "text", {"text": {"content": text}})

    async def sends(self, account: str, kind: str, said: dict[str, Any]) -> None:
        """This member sends something: a text, a picture, an audio."""
        told = {
            "msgId": f"msg-{next(self._numbers)}",
            "conversationType": "1",
            "conversationId": f"cid-{account}",
            "senderStaffId": account,
            "senderCorpId": "corp",
            "createAt": int(self._clock().timestamp() * 1000),
            "msgtype": kind,
            "robotCode": self._robot,
            **said,
        }
        await self.say_again(self._callback(WORDS_TOPIC, told))

    async def say_again(self, only: str = "") -> None:
        """Tell callbacks that got no answer yet, as DingTalk does by itself."""
        for message_id, message in list(self._pending.items()):
            if only in ("", message_id):
                await self.tell(message)

    async def drop(self) -> None:
        """Every connection breaks, without a farewell."""
        for request in list(self._connections.values()):
            if request.transport is not None:
                request.transport.abort()
        await self.alone.wait()

    async def disconnect(self) -> None:
        """DingTalk is about to end all connections, says so, and is silent."""
        leaving, self._connections = self._connections, {}
        self.connected.clear()
        for socket in leaving:
            message = self._system("disconnect", {"reason": "connection is expired"})
            await socket.send_str(json.dumps(message))

    def end_tokens(self) -> None:
        """All tokens are over, long before their time."""
        self._tokens.clear()

    # -- the Stream connection -----------------------------------------------------------------

    def _callback(self, topic: str, told: dict[str, Any]) -> str:
        message_id = f"m-{next(self._numbers)}"
        headers = {
            "appId": "app",
            "connectionId": "c",
            "contentType": "application/json",
            "messageId": message_id,
            "time": str(int(self._clock().timestamp() * 1000)),
            "topic": topic,
        }
        self._pending[message_id] = {
            "specVersion": "1.0",
            "type": "CALLBACK",
            "headers": headers,
            "data": json.dumps(told),
        }
        return message_id

    def _system(self, topic: str, told: dict[str, Any]) -> dict[str, Any]:
        headers = {"contentType": "application/json", "topic": topic, "time": "0"}
        headers["messageId"] = f"s-{next(self._numbers)}"
        data = json.dumps(told)
        return {"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": data}

    async def ping(self) -> dict[str, Any]:
        """Ask whether the other side is there; what it says."""
        return await self.tell(self._system("ping", {"opaque": "0d4d"}))

    async def tell(self, message: dict[str, Any]) -> dict[str, Any]:
        """Tell the bot, over one of its connections; what it answers, empty when nothing."""
        if not self._connections:
            return {}
        socket, message_id = random.choice(list(self._connections)), message["headers"]["messageId"]
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = answered
        try:
            await socket.send_str(json.dumps(message))
            answer = await asyncio.wait_for(answered, self.patience)
        except (TimeoutError, ConnectionError):
            return {}
        finally:
            self._waiting.pop(message_id, None)
        if answer["code"] == 200:
            told = self._pending.pop(message_id, message)
            if told["headers"]["topic"] == CARD_TOPIC:
                self._update(json.loads(told["data"]), json.loads(answer["data"])["response"])
        return answer

    def _update(self, pressed: dict[str, Any], response: dict[str, Any]) -> None:
        """The card looks as the answer to a press says."""
        sent = self.sent[pressed["outTrackId"]]
        if response:
            options = response["cardUpdateOptions"]
            assert options["updateCardDataByKey"] and options["updatePrivateDataByKey"]
        sent.words |= response.get("cardData", {}).get("cardParamMap", {})
        private = response.get("userPrivateData", {}).get("cardParamMap", {})
        sent.private.setdefault(pressed["userId"], {}).update(private)

    async def _open(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if (planned := self.trouble.next()) is not None:
            return meets(request, planned)
        body = await request.json()
        if (body.get("clientId"), body.get("clientSecret")) != self._app:
            told = {"code": "authFailed", "message": "鉴权失败"}
            return web.json_response(told, status=401)
        topics = {each["topic"] for each in body["subscriptions"] if each["type"] == "CALLBACK"}
        if not topics or len(self._connections) >= MOST_CONNECTIONS:
            return web.json_response({"code": "invalidParameter"}, status=400)
        ticket = f"ticket/{next(self._numbers)}+="
        self._tickets[ticket] = self._clock() + timedelta(seconds=TICKET_SECONDS)
        endpoint = str(request.url.with_scheme("ws").with_path("/connect"))
        return web.json_response({"endpoint": endpoint, "ticket": ticket})

    async def _connection(self, request: web.Request) -> web.StreamResponse:
        until = self._tickets.pop(request.query.get("ticket", ""), None)
        if until is None or until <= self._clock():
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._connections[socket] = request
        self.alone.clear()
        self.connected.set()
        again = asyncio.create_task(self.say_again())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    answer = json.loads(message.data)
                    waiting = self._waiting.get(answer["headers"]["messageId"])
                    if waiting is not None and not waiting.done():
                        waiting.set_result(answer)
        finally:
            again.cancel()
            self._connections.pop(socket, None)
            if not self._connections:
                self.connected.clear()
                self.alone.set()
        return socket

    # -- the HTTP APIs -------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if (planned := self.trouble.next()) is not None:
            return meets(request, planned)
        body = await request.json()
        if (body.get("appKey"), body.get("appSecret")) != self._app:
            return web.json_response({"code": "invalidClientIdOrSecret"}, status=400)
        token = f"token-{next(self._numbers)}"
        self._tokens[token] = self._clock() + timedelta(seconds=TOKEN_SECONDS)
        return web.json_response({"accessToken": token, "expireIn": TOKEN_SECONDS})

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        """The older API: always status 200, and codes of its own."""
        self.asked.append(request.path)
        if (planned := self.trouble.next()) is not None:
            return meets(request, planned)
        if not self._knows(request.query.get("access_token", "")):
            told = {"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"}
            return web.json_response(told)
        if self._of_app.over(request.path):
            return web.json_response({"errcode": 90018, "errmsg": "超过QPS限制"})
        number = "+86" + (await request.json())["mobile"]
        member = next((m for m in self.members.values() if m.number == number), None)
        if member is None or member.left:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        return web.json_response({"errcode": 0, "result": {"userid": member.user_id}})

    async def _card(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._made)

    async def _deliver(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._put)

    async def _change(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._changed)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, self._written)

    def _knows(self, token: str) -> bool:
        return self._tokens.get(token, self._clock()) > self._clock()

    async def _asked(
        self, request: web.Request, does: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> web.StreamResponse:
        self.asked.append(request.path)
        planned = self.trouble.next()
        if planned is not None and not planned.after_all:
            return meets(request, planned)
        try:
            if not self._knows(request.headers.get("x-acs-dingtalk-access-token", "")):
                raise _Refused(401, "InvalidAuthentication")
            if self._of_app.over(request.path):
                raise _Refused(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
            told = does(await request.json())
        except _Refused as refused:
            body = {"code": refused.code, "message": refused.code, "requestid": "r"}
            return web.json_response(body, status=refused.status)
        if planned is not None:
            return meets(request, planned._replace(status=HANGS_UP))
        return web.json_response(told)

    def _made(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self._template or body["cardTemplateId"] != self._template:
            raise _Refused(400, "param.templateNotExist")
        if body["callbackType"] != "STREAM":
            raise _Refused(400, "param.invalid")
        words = body["cardData"]["cardParamMap"]
        if not all(isinstance(value, str) for value in words.values()):
            raise _Refused(400, "param.invalid")
        track = body["outTrackId"]
        if track in self.sent:
            raise _Refused(400, "param.cardAlreadyExist")
        account = self._space(body)
        self.sent[track] = Sent(track, self._clock(), dict(words), "card", [account])
        return {
            "success": True,
            "result": {"outTrackId": track, "deliverResults": _put_well(account)},
        }

    def _changed(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = self.sent.get(body["outTrackId"])
        if sent is None or sent.kind != "card":
            raise _Refused(400, "param.cardNotExist")
        assert body["cardUpdateOptions"]["updateCardDataByKey"], "else the other words are gone"
        sent.words |= body["cardData"]["cardParamMap"]
        return {"success": True, "result": True}

    def _put(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["outTrackId"] not in self.sent:
            raise _Refused(400, "param.cardNotExist")
        account = self._space(body)
        self.sent[body["outTrackId"]].shown_to.append(account)
        return {"success": True, "result": _put_well(account)}

    def _space(self, body: dict[str, Any]) -> str:
        """Before whom a card is to be put."""
        kind, _, account = body["openSpaceId"].partition(".card//IM_ROBOT.")
        model = body["imRobotOpenDeliverModel"]
        if kind != "dtv1" or model != {"spaceType": "IM_ROBOT", "robotCode": self._robot}:
            raise _Refused(400, "param.openDeliverModelEmpty")
        if account not in self.members or self.members[account].left:
            raise _Refused(400, "param.userIdNotExist")
        return str(account)

    def _written(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["robotCode"] != self._robot:
            raise _Refused(400, "robot.notExist")
        if body["msgKey"] not in ("sampleMarkdown", "sampleText"):
            raise _Refused(400, "param.invalid")
        words, key = json.loads(body["msgParam"]), f"q-{next(self._numbers)}"
        known = [user for user in body["userIds"] if user in self.members]
        told = {
            "processQueryKey": key,
            "invalidStaffIdList": [user for user in body["userIds"] if user not in known],
            "flowControlledStaffIdList": [],
            "filteredStaffIdList": [user for user in known if self.members[user].stopped_robot],
        }
        shown = [user for user in known if not self.members[user].stopped_robot]
        self.sent[key] = Sent(key, self._clock(), words, body["msgKey"], shown)
        return told


def _put_well(account: str) -> list[dict[str, Any]]:
    return [{"spaceType": "IM_ROBOT", "spaceId": account, "success": True, "errorMsg": ""}]


def _as_card(sent: Sent, account: str) -> Card:
    """A card or a message as it looks to one person."""
    words = sent.words | sent.private.get(account, {})
    if sent.kind == "card":
        answered = words["answered"]
        notice = f"\n\n{words['notice']}" if words["notice"] else ""
        return Card(
            sent.id,
            account,
            sent.at,
            words["title"],
            words["text"] + notice,
            {} if answered else dict(TEMPLATE_BUTTONS),
            answered,
            words["link"],
        )
    if sent.kind == "sampleText":
        return Card(sent.id, account, sent.at, "", words["content"])
    buttons = {str(number): link[1] for number, link in enumerate(_LINK.finditer(words["text"]), 1)}
    text = _LINK.sub("", words["text"]).strip()
    return Card(sent.id, account, sent.at, words["title"], text, buttons)
