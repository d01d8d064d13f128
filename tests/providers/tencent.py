"""Tencent Cloud's SMS service, from what it publishes: signature, limits, codes, callbacks."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.providers.cloud import HANGS_UP, TAKES_AND_HANGS_UP, Cloud

SECRET_ID, SECRET_KEY = "AKID-of-the-county", "secret-key-of-the-county"
APP, SIGN, TEMPLATE = "1400006666", "敦化应急", "1110"
BEIJING = ZoneInfo("Asia/Shanghai")


class Tencent(Cloud):
    """Writes SMS."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.sent: list[dict[str, Any]] = []
        self.no_money = False
        self.written: dict[str, datetime] = {}  # when a number last got one
        self._numbers = itertools.count(1)

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/", self._send)

    def of(self, number: str) -> list[dict[str, Any]]:
        return [sms for sms in self.sent if sms["PhoneNumberSet"] == [number]]

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        plan = self.next_plan()
        if self.down:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if not self._signed(request, body):
            return _error("AuthFailure.SignatureFailure")
        told = json.loads(body)
        if plan == HANGS_UP:
            return self.hang_up(request)
        if plan and plan != TAKES_AND_HANGS_UP:
            return _error(plan) if plan.startswith("RequestLimit") else self._status(told, plan)
        wrong = self._wrong(told)
        if wrong:
            return self._status(told, wrong)
        told["SerialNo"] = f"2019:{next(self._numbers)}"
        self.sent.append(told)
        if plan == TAKES_AND_HANGS_UP:
            return self.hang_up(request)
        return self._status(told, "Ok", told["SerialNo"])

    def _wrong(self, told: dict[str, Any]) -> str | None:
        if self.no_money:
            return "FailedOperation.InsufficientBalanceInSmsPackage"
        [number] = told["PhoneNumberSet"]
        if not re.fullmatch(r"\+861[3-9]\d{9}", number):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if (told["SmsSdkAppId"], told["SignName"], told["TemplateId"]) != (APP, SIGN, TEMPLATE):
            return "FailedOperation.TemplateUnapprovedOrNotExist"
        if len(told["TemplateParamSet"]) != 2:
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        if not all(0 < len(value) <= 35 for value in told["TemplateParamSet"]):
            return "InvalidParameterValue.TemplateParameterLengthLimit"
        if len(told["SessionContext"].encode()) >= 512:
            return "InvalidParameterValue.ContentLengthLimit"
        now, last = self.clock(), self.written.get(number)
        if last is not None and now - last < timedelta(seconds=30):
            return "LimitExceeded.PhoneNumberThirtySecondLimit"
        self.written[number] = now
        return None

    def _status(self, told: dict[str, Any], code: str, serial: str = "") -> web.Response:
        status = {
            "SerialNo": serial,
            "PhoneNumber": told["PhoneNumberSet"][0],
            "Fee": 1,
            "SessionContext": told["SessionContext"],
            "Code": code,
            "Message": "…",
            "IsoCode": "CN",
        }
        return web.json_response({"Response": {"SendStatusSet": [status], "RequestId": "r"}})

    def _signed(self, request: web.Request, body: bytes) -> bool:
        given = request.headers
        timestamp = int(given["X-TC-Timestamp"])
        date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
        if abs(self.clock().timestamp() - timestamp) > 300:
            return False
        text = (
            f"POST\n/\n\ncontent-type:{given['Content-Type']}\nhost:{given['Host']}\n\n"
            f"content-type;host\n{hashlib.sha256(body).hexdigest()}"
        )
        scope = f"{date}/sms/tc3_request"
        text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(text.encode()).hexdigest()}"
        key = ("TC3" + SECRET_KEY).encode()
        for part in (date, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return given["Authorization"] == (
            f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={right}"
        )

    # -- what it tells -------------------------------------------------------------------------

    def arrived(
        self, sms: dict[str, Any], code: str = "DELIVRD", words: str = ""
    ) -> dict[str, Any]:
        now = self.clock().astimezone(BEIJING)
        return {
            "user_receive_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "nationcode": "86",
            "mobile": sms["PhoneNumberSet"][0].removeprefix("+86"),
            "report_status": "SUCCESS" if code == "DELIVRD" else "FAIL",
            "errmsg": code,
            "description": words,
            "sid": sms["SerialNo"],
        }

    def wrote(self, number: str, text: str) -> dict[str, Any]:
        return {
            "extend": "",
            "mobile": number.removeprefix("+86"),
            "nationcode": "86",
            "sign": SIGN,
            "text": text,
            "time": int(self.clock().timestamp()),
        }

    async def tell(self, token: str, what: str, told: Any) -> int:
        """By callback: ``receipts`` or ``replies``; returns the status."""
        status, answer = await self.post(f"/tencent/{token}/{what}", told=told)
        if status == 200:
            assert json.loads(answer) == {"result": 0, "errmsg": "OK"}
        return status


def _error(code: str) -> web.Response:
    return web.json_response(
        {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "r"}}
    )
