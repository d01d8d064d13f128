"""Twilio's calls and messages, from what it publishes: it speaks TwiML and signs what it asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from aiohttp import web

from tests.providers.cloud import HANGS_UP, TAKES_AND_HANGS_UP, Cloud

ACCOUNT, TOKEN = "AC0123456789abcdef0123456789abcdef", "token-of-the-office"
FROM = "+15005550006"


class Twilio(Cloud):
    """Rings people up and writes SMS."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.taken: list[dict[str, str]] = []
        self.public = "https://callbacks.example"  # our address as it knows it
        self._numbers = itertools.count(1)

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/2010-04-01/Accounts/{account}/{kind}.json", self._make)

    def of(self, number: str) -> list[dict[str, str]]:
        return [made for made in self.taken if made["To"] == number]

    async def _make(self, request: web.Request) -> web.StreamResponse:
        posted = await request.post()
        fields = {name: value for name, value in posted.items() if isinstance(value, str)}
        plan = self.next_plan()
        if self.down:
            return web.json_response({"code": 20503, "status": 503}, status=503)
        wanted = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return _error(401, 20003)
        if plan == HANGS_UP:
            return self.hang_up(request)
        if plan and plan != TAKES_AND_HANGS_UP:
            status, code = plan.split()
            return _error(int(status), int(code))
        if not re.fullmatch(r"\+[1-9]\d{6,14}", fields.get("To", "")):
            return _error(400, 21211)
        if fields.get("From") != FROM:
            return _error(400, 21606)
        spoken = request.match_info["kind"] == "Calls"
        if spoken and (len(fields["Twiml"]) > 4000 or not ElementTree.fromstring(fields["Twiml"])):
            return _error(400, 21624)
        fields["sid"] = f"{'CA' if spoken else 'SM'}{next(self._numbers):032x}"
        self.taken.append(fields)
        if plan == TAKES_AND_HANGS_UP:
            return self.hang_up(request)
        return web.json_response({"sid": fields["sid"], "status": "queued"}, status=201)

    def spoken(self, call: dict[str, str]) -> str:
        """What is said when the call is picked up."""
        return said_in(call["Twiml"])

    async def press(self, call: dict[str, str], key: str, **how: str) -> tuple[int, str]:
        """A key, while it listens: at the address that the call gave."""
        gather = ElementTree.fromstring(call["Twiml"])[0]
        fields = {"CallSid": call["sid"], "To": call["To"], "From": FROM, "Digits": key}
        return await self.tells(gather.get("action") or "", fields, **how)

    async def ends(self, call: dict[str, str], status: str, seconds: int = 0) -> int:
        fields = {"CallSid": call["sid"], "To": call["To"], "CallStatus": status}
        fields |= {"CallDuration": str(seconds)} if status == "completed" else {}
        return (await self.tells(call["StatusCallback"], fields))[0]

    async def arrives(self, sms: dict[str, str], status: str, error: str = "") -> int:
        fields = {"MessageSid": sms["sid"], "MessageStatus": status, "To": sms["To"]}
        fields |= {"ErrorCode": error} if error else {}
        return (await self.tells(sms["StatusCallback"], fields))[0]

    async def writes(self, number: str, text: str, sid: str = "", **how: str) -> tuple[int, str]:
        sid = sid or f"SM{next(self._numbers):032x}"
        fields = {"MessageSid": sid, "From": number, "To": FROM, "Body": text}
        return await self.tells(f"{self.public}/twilio/sms", fields, **how)

    async def tells(self, url: str, fields: dict[str, str], token: str = TOKEN) -> tuple[int, str]:
        """Tell us, signed, at an address as we are known by."""
        assert url.startswith(self.public), url
        text = url + "".join(name + fields[name] for name in sorted(fields))
        mac = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
        signature = {"X-Twilio-Signature": base64.b64encode(mac).decode()}
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return await self.post(path, fields=fields, headers=signature)


def said_in(twiml: str) -> str:
    """What stands in ``<Say>`` or ``<Message>``."""
    document = ElementTree.fromstring(twiml)
    return "".join(part.text or "" for part in document.iter() if part.tag in ("Say", "Message"))


def hangs_up(twiml: str) -> bool:
    return any(part.tag == "Hangup" for part in ElementTree.fromstring(twiml))


def _error(status: int, code: int) -> web.Response:
    return web.json_response({"code": code, "message": "…", "status": status}, status=status)
