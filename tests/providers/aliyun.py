"""Aliyun's voice and SMS services, and their message queue, from what Aliyun publishes.

It checks signatures by itself, keeps the documented shapes and limits (a number once a minute, five
times an hour, twenty a day), knows no request it had before, and tells of calls by callback and by
queue, as often as the story wants.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.providers.cloud import HANGS_UP, TAKES_AND_HANGS_UP, Cloud

KEY_ID, KEY_SECRET = "LTAI-of-the-county", "secret-of-the-county"
LENT_SECRET, LENT_TOKEN = "secret-of-the-lent-key", "token-of-the-lent-key"
VISIBLE_AGAIN = timedelta(seconds=30)
XMLNS = "http://mns.aliyuncs.com/doc/v1/"
BEIJING = ZoneInfo("Asia/Shanghai")
APPROVED = {"TTS_1", "TTS_2", "TTS_3", "TTS_4", "SMS_1"}
LIMITS = ((timedelta(minutes=1), 1, "分钟"), (timedelta(hours=1), 5, "小时"))


class Aliyun(Cloud):
    """Rings people up and writes SMS."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.calls: list[dict[str, str]] = []  # parameters of what was taken, with its id
        self.nonces: set[str] = set()
        self.rung: defaultdict[str, list[datetime]] = defaultdict(list)
        self.no_money = False
        self.queued: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._numbers = itertools.count(1)

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/", self._rpc)
        router.add_get("/queues/{name}/messages", self._receive)
        router.add_delete("/queues/{name}/messages", self._delete)

    def of(self, number: str) -> list[dict[str, str]]:
        """What was taken for a number (+86139…), in order."""
        national = number.removeprefix("+86")
        numbers = {national, f"0{national}", f"86{national}"}
        return [
            call
            for call in self.calls
            if call.get("CalledNumber", call.get("PhoneNumbers")) in numbers
        ]

    # -- what it is asked ----------------------------------------------------------------------

    async def _rpc(self, request: web.Request) -> web.StreamResponse:
        action = request.headers.get("x-acs-action", "")
        if (fault := self._unsigned(request)) is not None:
            return _answer(400, fault)
        parameters = dict(parse_qsl(request.query_string, keep_blank_values=True))
        if action == "QueryTokenForMnsQueue":
            return self._lend(parameters)
        plan = self.next_plan()
        if self.down:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if plan == HANGS_UP:
            return self.hang_up(request)
        if plan and plan != TAKES_AND_HANGS_UP:
            return _answer(400 if plan.startswith("Throttling") else 200, plan)
        if self.no_money:
            return _answer(200, "isv.AMOUNT_NOT_ENOUGH")
        wrong = self._wrong_call(parameters) if action == "IvrCall" else _wrong_sms(parameters)
        if wrong:
            return _answer(200, wrong)
        if action == "IvrCall" and (words := self._too_often(parameters["CalledNumber"])):
            return _answer(200, "isv.BUSINESS_LIMIT_CONTROL", words)
        kept = "CallId" if action == "IvrCall" else "BizId"
        parameters[kept] = f"11610300000^{next(self._numbers)}"
        self.calls.append(parameters)
        if plan == TAKES_AND_HANGS_UP:
            return self.hang_up(request)
        return web.json_response(
            {"Code": "OK", "Message": "OK", "RequestId": "r", kept: parameters[kept]}
        )

    def _unsigned(self, request: web.Request) -> str | None:
        """Why the request is not believed."""
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(.*),SignedHeaders=(.*),Signature=([0-9a-f]{64})",
            request.headers.get("Authorization", ""),
        )
        if found is None:
            return "IncompleteSignature"
        at = datetime.fromisoformat(request.headers["x-acs-date"])
        if abs(self.clock() - at) > timedelta(minutes=15):
            return "InvalidTimeStamp.Expired"
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(nonce)
        pairs = sorted(parse_qsl(request.query_string, keep_blank_values=True))
        query = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in pairs)
        names = found[2].split(";")
        headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
        text = "\n".join(
            ["POST", "/", query, headers, found[2], request.headers["x-acs-content-sha256"]]
        )
        digest = f"ACS3-HMAC-SHA256\n{hashlib.sha256(text.encode()).hexdigest()}"
        right = hmac.new(KEY_SECRET.encode(), digest.encode(), hashlib.sha256).hexdigest()
        known = found[1] == KEY_ID
        return None if known and right == found[3] else "SignatureDoesNotMatch"

    def _wrong_call(self, told: dict[str, str]) -> str | None:
        if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}", told.get("CalledNumber", "")):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        if not (1 <= len(told.get("OutId", "").encode()) <= 15):
            return "isv.INVALID_PARAMETERS"
        if told.get("PlayTimes", "1") not in "123" or not told.get("CalledShowNumber"):
            return "isv.INVALID_PARAMETERS"
        codes = [told.get("StartCode"), told.get("ByeCode", "TTS_4")]
        codes += [told.get(f"MenuKeyMap.{place}.Code") for place in (1, 2, 3)]
        if not set(codes) <= APPROVED:
            return "isv.TTS_TEMPLATE_ILLEGAL"
        spoken = json.loads(told.get("StartTtsParams", "{}"))
        missing = {"warning", "text", "sender"} - spoken.keys()
        if missing or not all(spoken.values()):
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        if any(set(value) & set("#/:%¥【】") for value in spoken.values()):
            return "isv.INVALID_PARAMETERS"
        return None

    def _too_often(self, number: str) -> str:
        now, rung = self.clock(), self.rung[number]
        for within, most, named in LIMITS:
            if sum(at > now - within for at in rung) >= most:
                return f"触发{named}级流控Permits:{most}"
        rung.append(now)
        return ""

    def _lend(self, told: dict[str, str]) -> web.Response:
        if not told["QueueName"].endswith(told["MessageType"]):
            return _answer(400, "InvalidParameter")
        made = self.clock().astimezone(BEIJING)
        lent = {
            "AccessKeyId": "STS.lent",
            "AccessKeySecret": LENT_SECRET,
            "SecurityToken": LENT_TOKEN,
            "CreateTime": f"{made:%Y-%m-%d %H:%M:%S}",
            "ExpireTime": f"{made + timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        }
        return web.json_response({"Code": "OK", "MessageTokenDTO": lent, "RequestId": "r"})

    # -- what it tells -------------------------------------------------------------------------

    def over(
        self, call: dict[str, str], status: str, seconds: int = 0, **more: str
    ) -> dict[str, Any]:
        """A VoiceReport of a call."""
        now = self.clock().astimezone(BEIJING)
        return {
            "call_id": call["CallId"],
            "start_time": f"{now - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}",
            "end_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "duration": str(seconds),
            "status_code": status,
            "hangup_direction": "用户",
            "status_msg": "执行完成",
            "out_id": call["OutId"],
            "caller": call["CalledShowNumber"],
            "callee": call["CalledNumber"],
            "voice_type": "voice",
            **more,
        }

    def pressed(self, call: dict[str, str], key: str) -> dict[str, Any]:
        """A VoiceCallReport: a key, while the call is under way."""
        now = self.clock().astimezone(BEIJING)
        return {
            "call_id": call["CallId"],
            "status_code": "300000",
            "dtmf": key,
            "status_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "out_id": call["OutId"],
        }

    def arrived(self, sms: dict[str, str], success: bool, code: str, words: str) -> dict[str, Any]:
        """An SmsReport."""
        now = self.clock().astimezone(BEIJING)
        return {
            "phone_number": sms["PhoneNumbers"].removeprefix("86"),
            "send_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "report_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "success": success,
            "err_code": code,
            "err_msg": words,
            "sms_size": "1",
            "biz_id": sms["BizId"],
            "out_id": sms["OutId"],
        }

    def wrote(self, number: str, text: str, sequence: str = "") -> dict[str, Any]:
        """An SmsUp."""
        now = self.clock().astimezone(BEIJING)
        return {
            "phone_number": number.removeprefix("+86"),
            "content": text,
            "send_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "dest_code": "1234",
            "sequence_id": sequence or str(next(self._numbers)),
        }

    async def push(self, token: str, kind: str, *items: Any) -> int:
        """Tell by callback; returns the status."""
        status, answer = await self.post(f"/aliyun/{token}/{kind}", told=list(items))
        if status == 200:
            assert json.loads(answer)["code"] == 0  # only a number is looked for
        return status

    def put(self, queue: str, *items: Any) -> None:
        """Tell by queue."""
        for item in items:
            body = base64.b64encode(json.dumps(item).encode()).decode()
            self.queued[queue].append({"id": str(next(self._numbers)), "body": body, "seen": None})

    async def _receive(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if not self._lent(request, b""):
            return _error(403, "AccessDenied")
        now = self.clock()
        waiting = [
            one
            for one in self.queued[name]
            if one["seen"] is None or now - one["seen"] >= VISIBLE_AGAIN
        ]
        if not waiting:
            return _error(404, "MessageNotExist")
        told = ""
        for one in waiting[: int(request.query["numOfMessages"])]:
            one["seen"] = now
            told += (
                f"<Message><MessageId>{one['id']}</MessageId>"
                f"<ReceiptHandle>r-{one['id']}</ReceiptHandle>"
                f"<MessageBody>{escape(one['body'])}</MessageBody></Message>"
            )
        return _xml(200, f'<Messages xmlns="{XMLNS}">{told}</Messages>')

    async def _delete(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._lent(request, body):
            return _error(403, "AccessDenied")
        gone = set(re.findall(r"<ReceiptHandle>r-(\d+)</ReceiptHandle>", body.decode()))
        name = request.match_info["name"]
        self.queued[name] = [one for one in self.queued[name] if one["id"] not in gone]
        return web.Response(status=204)

    def _lent(self, request: web.Request, body: bytes) -> bool:
        """Whether it is signed with the lent key, as the message service signs."""
        given = request.headers
        text = "\n".join(
            [
                request.method,
                given.get("content-md5", ""),
                given.get("content-type", "") if body else "",
                given["date"],
                f"x-mns-version:{given['x-mns-version']}",
                request.raw_path,
            ]
        )
        mac = hmac.new(LENT_SECRET.encode(), text.encode(), hashlib.sha1).digest()
        right = f"MNS STS.lent:{base64.b64encode(mac).decode()}"
        return right == given.get("Authorization") and given.get("security-token") == LENT_TOKEN


def _wrong_sms(told: dict[str, str]) -> str | None:
    if not re.fullmatch(r"(\+?86|0086)?1[3-9]\d{9}", told.get("PhoneNumbers", "")):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    if told.get("SignName") != "敦化应急":
        return "isv.SMS_SIGNATURE_ILLEGAL"
    if told.get("TemplateCode") not in APPROVED:
        return "isv.SMS_TEMPLATE_ILLEGAL"
    variables = json.loads(told.get("TemplateParam", "{}"))
    if {"warning", "text"} - variables.keys():
        return "isv.TEMPLATE_MISSING_PARAMETERS"
    if not all(0 < len(value) <= 35 for value in variables.values()):
        return "isv.PARAM_LENGTH_LIMIT"
    if any("http" in value for value in variables.values()):
        return "isv.PARAM_NOT_SUPPORT_URL"
    return None


def _answer(status: int, code: str, words: str = "…") -> web.Response:
    told = {"Code": code, "Message": words, "RequestId": "r"}
    return web.json_response(told, status=status)


def _xml(status: int, body: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{body}'
    return web.Response(status=status, text=text, content_type="text/xml", charset="utf-8")


def _error(status: int, code: str) -> web.Response:
    return _xml(status, f'<Error xmlns="{XMLNS}"><Code>{code}</Code><Message>…</Message></Error>')
