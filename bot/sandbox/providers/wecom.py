"""WeCom as the sandbox and the tests play it: its server, its members, what they press and type.

It keeps the published shapes, limits and error codes (document/path/90236, 90312, 90313): a member
who gets too much gets nothing, and nobody is told; a token ends; who asks for too many unknown
numbers is locked out; a callback that is not answered within five seconds comes again, three times.
"""

from __future__ import annotations

import itertools
import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web
from defusedxml import ElementTree

from bot.channels.wecom.letters import read_envelope
from bot.channels.wecom.sealing import RANDOM_BYTES, Seal
from bot.sandbox.providers.card import Card

TOKEN_LASTS = timedelta(hours=2)
CODE_LASTS = timedelta(hours=72)
MEMBER_MINUTE = 30
MEMBER_HOUR = 1000
CALLS_A_MINUTE = 10_000
CALLBACK_SECONDS = 5.0
CALLBACK_TIMES = 3
HANGS_UP = -1000
"""Planned in place of an error code: the connection is closed without an answer."""
TAKES_AND_HANGS_UP = -1001
"""The same, after the message went to the member."""

_TASK_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@")


@dataclass(slots=True)
class Member:
    """Somebody of the corporation.

    :param visible: the application shows with them: they are in its 可见范围.
    :param licensed: the corporation has paid for their account's use by interfaces.
    """

    userid: str
    mobile: str = ""
    visible: bool = True
    licensed: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """How a callback was answered; 0: not at all."""

    status: int
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Corporation:
    """What its administrator sees of the application, and what we are told of it."""

    corp_id: str = "wwsandbox0000000001"
    agent_id: int = 1000002
    secret: str = "secret-of-the-sandbox-application"
    token: str = "tokenOfTheSandbox"
    aes_key: str = "c2FuZGJveCBzYW5kYm94IHNhbmRib3ggc2FuZGJveCA"


class WecomServer:
    """The server, and the apps of its members.

    :param clock: the time of the story or the sandbox.
    """

    def __init__(self, corporation: Corporation, clock: Callable[[], datetime]) -> None:
        self.corporation = corporation
        self.callback = ""
        """Where the application's callback points; empty: none is set up."""
        self.members: dict[str, Member] = {}
        self.down = False
        self.planned: deque[int] = deque()
        """Error codes for the next messages, whatever they are."""
        self.sent: list[dict[str, Any]] = []
        """Every message that was taken, delivered or not."""
        self.asked: list[str] = []
        """The path of every request."""
        self._clock = clock
        self._seal = Seal(corporation.token, corporation.aes_key, corporation.corp_id)
        self._tokens: dict[str, datetime] = {}
        self._cards: defaultdict[str, list[Card]] = defaultdict(list)
        self._tasks: set[str] = set()
        self._written: defaultdict[str, list[datetime]] = defaultdict(list)
        self._calls: deque[datetime] = deque(maxlen=CALLS_A_MINUTE)
        self._same: dict[str, datetime] = {}
        self._missed: list[datetime] = []
        self._numbers = itertools.count(1)
        self.app = web.Application()
        self.app.router.add_get("/cgi-bin/gettoken", self._gettoken)
        self.app.router.add_post("/cgi-bin/user/getuserid", self._getuserid)
        self.app.router.add_post("/cgi-bin/message/send", self._send)
        self.app.router.add_post("/cgi-bin/message/update_template_card", self._update)
        self._codes: dict[str, tuple[str, str, datetime]] = {}  # of whose card, sent when

    def add(self, userid: str, mobile: str = "") -> Member:
        """Somebody joins; ``mobile`` as WeCom has it, without +86."""
        member = Member(userid, mobile)
        self.members[userid.casefold()] = member
        return member

    def end_tokens(self) -> None:
        """No token that was given is good any more."""
        self._tokens.clear()

    # -- what members see and do -----------------------------------------------------------------

    def messages(self, account: str) -> list[Card]:
        """What this member has in their app, oldest first."""
        return list(self._cards[account.casefold()])

    async def press(self, card_id: str, account: str, key: str, **how: Any) -> list[Told]:
        """This member presses a button; the card then looks as the bot says."""
        told = await self.tell(
            account,
            {
                "MsgType": "event",
                "Event": "template_card_event",
                "EventKey": key,
                "TaskId": card_id,
                "CardType": "button_interaction",
                "ResponseCode": secrets.token_urlsafe(16),
            },
            **how,
        )
        for answer in told:
            self._changed(account, card_id, answer.reply)
        return told

    async def write(self, account: str, text: str, **how: Any) -> list[Told]:
        """This member types something to the bot; its reply is among their messages."""
        words = {"MsgType": "text", "Content": text, "MsgId": str(7_000_000 + next(self._numbers))}
        self._arrives(account, title="", text=text, mine=True)
        told = await self.tell(account, words, **how)
        for answer in told[:1]:
            reply = _field(answer.reply, "Content")
            if reply:
                self._arrives(account, title="", text=reply)
        return told

    async def sends(self, account: str, kind: str, **fields: str) -> list[Told]:
        """This member sends a picture, a voice or a place."""
        number = str(7_000_000 + next(self._numbers))
        return await self.tell(account, {"MsgType": kind, **fields, "MsgId": number})

    async def opens(self, account: str) -> list[Told]:
        """This member opens the application's chat."""
        return await self.tell(
            account, {"MsgType": "event", "Event": "enter_agent", "EventKey": ""}
        )

    async def leaves(self, account: str) -> list[Told]:
        """The application does not show with this member any more."""
        self.members[account.casefold()].visible = False
        return await self.tell(
            account, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""}
        )

    async def joins(self, account: str) -> list[Told]:
        """The application shows with this member again."""
        self.members[account.casefold()].visible = True
        return await self.tell(account, {"MsgType": "event", "Event": "subscribe", "EventKey": ""})

    # -- callbacks -------------------------------------------------------------------------------

    async def tell(
        self,
        account: str,
        fields: Mapping[str, str],
        *,
        times: int = 1,
        late: float = 0.0,
        seal: Seal | None = None,
    ) -> list[Told]:
        """Tell of something at the callback, ``times`` times; how each was answered.

        :param late: seconds since it was signed. ``seal``: another one than the application's.
        """
        now = self._clock()
        member = self.members.get(account.casefold())
        letter = {
            "ToUserName": self.corporation.corp_id,
            "FromUserName": account if member is None else member.userid,
            "CreateTime": str(int(now.timestamp() - late)),
            **fields,
            "AgentID": str(self.corporation.agent_id),
        }
        plain = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in letter.items())
        sealing = seal or self._seal
        timestamp, nonce = str(int(now.timestamp() - late)), secrets.token_hex(5)
        encrypted, signed = sealing.closed(
            f"<xml>{plain}</xml>".encode(), timestamp, nonce, secrets.token_bytes(RANDOM_BYTES)
        )
        query = {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}
        head = f"<ToUserName>{self.corporation.corp_id}</ToUserName>"
        body = f"<xml>{head}<Encrypt>{encrypted}</Encrypt><AgentID/></xml>".encode()
        return [await self._post(query, body) for _ in range(times)]

    async def tries_address(self) -> Told:
        """The administrator saves the callback's address: WeCom tries it."""
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(5)
        echo = str(secrets.randbits(60))
        encrypted, signed = self._seal.closed(
            echo.encode(), timestamp, nonce, secrets.token_bytes(RANDOM_BYTES)
        )
        query = {
            "msg_signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": encrypted,
        }  # fmt: skip
        async with aiohttp.ClientSession() as http, http.get(self.callback, params=query) as answer:
            right = answer.status == 200 and await answer.text() == echo
            return Told(answer.status, "ok" if right else "")

    async def _post(self, query: Mapping[str, str], body: bytes) -> Told:
        timeout = aiohttp.ClientTimeout(total=CALLBACK_SECONDS)
        for _ in range(CALLBACK_TIMES if self.callback else 0):
            try:
                async with (
                    aiohttp.ClientSession(timeout=timeout) as http,
                    http.post(self.callback, params=query, data=body) as answer,
                ):
                    return Told(answer.status, self._opened(await answer.read()))
            except (aiohttp.ClientError, TimeoutError):
                continue
        return Told(0)

    def _opened(self, reply: bytes) -> str:
        """What is in a sealed reply."""
        if not reply:
            return ""
        root = ElementTree.fromstring(reply)
        given, timestamp, nonce = (
            root.findtext(name, "") for name in ("MsgSignature", "TimeStamp", "Nonce")
        )
        return self._seal.opened(given, timestamp, nonce, read_envelope(reply)).decode()

    def _changed(self, account: str, card_id: str, reply: str) -> None:
        if _field(reply, "MsgType") != "update_template_card":
            return
        held = self._cards[account.casefold()]
        for place, card in enumerate(held):
            if card.id == card_id:
                desc = _field(reply, "TemplateCard/MainTitle/Desc")
                words = _field(reply, "TemplateCard/SubTitleText")
                held[place] = replace(
                    card,
                    title=_field(reply, "TemplateCard/MainTitle/Title"),
                    text="\n".join(filter(None, (desc, words))),
                    buttons={},
                    answered=_field(reply, "TemplateCard/ReplaceText"),
                )

    # -- requests --------------------------------------------------------------------------------

    async def _gettoken(self, request: web.Request) -> web.StreamResponse:
        self._came(request)
        asked = request.query
        if asked.get("corpid") != self.corporation.corp_id:
            return _said(40013, "invalid corpid")
        if asked.get("corpsecret") != self.corporation.secret:
            return _said(40001, "invalid credential")
        now = self._clock()
        good = [token for token, until in self._tokens.items() if until > now]
        token = good[0] if good else secrets.token_urlsafe(48)
        self._tokens[token] = self._tokens.get(token, now + TOKEN_LASTS)
        left = int((self._tokens[token] - now).total_seconds())
        return _said(0, "ok", access_token=token, expires_in=left)

    async def _getuserid(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request):
            return refused
        now = self._clock()
        self._missed = [at for at in self._missed if now - at < timedelta(days=1)]
        # The published words name the limit and no code: this one is a guess.
        if len(self._missed) > max(10, len(self.members) // 5):
            return _said(45009, "api freq out of limit")
        wanted = (await request.json()).get("mobile")
        for member in self.members.values():
            if wanted and member.mobile == wanted and member.visible:
                return _said(0, "ok", userid=member.userid)
        self._missed.append(now)
        return _said(46004, "user no exist")

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if refused := self._refused(request):
            return refused
        planned = self.planned.popleft() if self.planned else 0
        if planned == HANGS_UP:
            return _hangs_up(request)
        if planned not in (0, TAKES_AND_HANGS_UP):
            return _said(planned, "planned")
        said = self._taken(body.decode(), await request.json())
        return _hangs_up(request) if planned == TAKES_AND_HANGS_UP else said

    def _taken(self, body: str, message: Mapping[str, Any]) -> web.Response:
        if message.get("agentid") != self.corporation.agent_id:
            return _said(40056, "invalid agentid")
        account = str(message.get("touser", "")).casefold()
        member = self.members.get(account)
        if member is None or not member.visible:
            return _said(81013, "user & party & tag all invalid", invaliduser=account)
        card = message.get("template_card", {})
        if message.get("msgtype") == "template_card" and not _well_formed(card):
            return _said(40035, "invalid parameter")
        now, task = self._clock(), card.get("task_id", "")
        msgid = f"m{next(self._numbers)}"
        if message.get("enable_duplicate_check"):
            within = timedelta(seconds=message.get("duplicate_check_interval", 1800))
            at = self._same.get(body)
            if at is not None and now - at < within:
                return _said(0, "ok", msgid=msgid)
            self._same[body] = now
        if task and task in self._tasks:
            return _said(40035, "invalid parameter: task_id exists")  # the code is a guess
        self._tasks.add(task)
        self.sent.append(dict(message))
        if not member.licensed:
            return _said(0, "ok", msgid=msgid, unlicenseduser=account)
        self._deliver(account, message, task or msgid, now)
        code = secrets.token_urlsafe(16)
        self._codes[code] = (account, task or msgid, now)
        return _said(0, "ok", msgid=msgid, response_code=code)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self._refused(request):
            return refused
        if body.get("agentid") != self.corporation.agent_id:
            return _said(40056, "invalid agentid")
        known = self._codes.pop(body.get("response_code", ""), None)  # good once
        if known is None or self._clock() - known[2] > CODE_LASTS:
            return _said(60140, "invalid response_code")
        account, card_id, _ = known
        card = body["template_card"]
        if not _well_formed(card | {"task_id": card_id}) or body.get("userids") != [account]:
            return _said(40035, "invalid parameter")
        held = self._cards[account]
        for place, shown in enumerate(held):
            if shown.id == card_id:
                held[place] = replace(
                    shown,
                    title=card["main_title"]["title"],
                    text=card.get("sub_title_text", ""),
                    buttons={},
                    answered=card["replace_text"],
                )
        return _said(0, "ok")

    def _deliver(self, account: str, message: Mapping[str, Any], name: str, now: datetime) -> None:
        written = self._written[account]
        lately = [sum(now - at < within for at in written) for within in _WITHIN]
        if lately[0] >= MEMBER_MINUTE or lately[1] >= MEMBER_HOUR:
            return  # dropped, and nobody is told
        written.append(now)
        if message["msgtype"] == "template_card":
            card = message["template_card"]
            links = [line["url"] for line in card.get("horizontal_content_list", ())]
            self._arrives(
                account,
                card["main_title"]["title"],
                card.get("sub_title_text", ""),
                id=name,
                buttons={button["key"]: button["text"] for button in card["button_list"]},
                link=links[0] if links else "",
            )
        elif message["msgtype"] == "textcard":
            card = message["textcard"]
            self._arrives(account, card["title"], card["description"], link=card["url"])
        else:
            self._arrives(account, "", message["text"]["content"])

    def _arrives(self, account: str, title: str, text: str, **more: Any) -> None:
        named = {"id": f"t{next(self._numbers)}", **more}
        card = Card(account=account, at=self._clock(), title=title, text=text, **named)
        self._cards[account.casefold()].append(card)

    def _refused(self, request: web.Request) -> web.StreamResponse | None:
        """What any request may be told instead of being done."""
        self._came(request)
        now = self._clock()
        if len(self._calls) == CALLS_A_MINUTE and now - self._calls[0] < _WITHIN[0]:
            return _said(45009, "api freq out of limit")
        self._calls.append(now)
        until = self._tokens.get(request.query.get("access_token", ""))
        if until is None:
            return _said(40014, "invalid access_token")
        return _said(42001, "access_token expired") if until <= now else None

    def _came(self, request: web.Request) -> None:
        self.asked.append(request.path)
        if self.down:
            raise web.HTTPBadGateway


_WITHIN = (timedelta(minutes=1), timedelta(hours=1))


def _well_formed(card: Mapping[str, Any]) -> bool:
    task, buttons = card.get("task_id", ""), card.get("button_list", [])
    return (
        card.get("card_type") == "button_interaction"
        and bool(card.get("main_title", {}).get("title"))
        and 0 < len(task) <= 128
        and set(task) <= _TASK_ID
        and 0 < len(buttons) <= 6
        and all(button.get("text") and button.get("key") for button in buttons)
        and len(card.get("horizontal_content_list", ())) <= 6
    )


def _said(code: int, words: str, **more: Any) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": words, **more})


def _hangs_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _field(reply: str, path: str) -> str:
    return str(ElementTree.fromstring(reply).findtext(path, "")) if reply else ""
