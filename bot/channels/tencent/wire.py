"""What Tencent Cloud is asked for an SMS, what it answers, and what it tells afterwards. Pure.

``SendSms`` of sms 2021-01-11, signed TC3-HMAC-SHA256 ("签名方法 v3"). A receipt names the SMS by
``sid``, which the answer to ``SendSms`` gave as ``SerialNo``; a reply names only its number.
Neither is signed: they come to an address that only Tencent Cloud knows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import orjson

from alerts.channels.model import Kind, Trouble
from bot.channels.carrier_words import cause_of
from bot.channels.cloud import CloudReply, CloudRequest, unwell
from bot.channels.events import ChannelAnswer, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.template_words import variables
from bot.channels.unforeseen import in_words
from bot.config.settings_clouds import TencentSettings
from contacts.channels import Cause, Channel
from contacts.phones import normalise
from data.errors import InvalidInput

ALGORITHM = "TC3-HMAC-SHA256"
VERSION = "2021-01-11"
SERVICE = "sms"
_CONTENT = "application/json; charset=utf-8"
_BEIJING = ZoneInfo("Asia/Shanghai")

A_MOMENT, AN_HOUR = 60.0, 900.0
"""Seconds a number is left alone that got too much in half a minute, and in an hour (ours)."""

LONGEST_WORDS = 1000  # characters of an SMS

_TEST = Kind.TEST.value

_MONEY = frozenset(
    {
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "UnauthorizedOperation.ServiceSuspendDueToArrears",
    }
)
_USED_UP = (
    "LimitExceeded.AppDailyLimit", "LimitExceeded.DailyLimit", "LimitExceeded.AppMainland",
    "LimitExceeded.AppGlobal", "LimitExceeded.AppCountry",
)  # fmt: skip
_APPROVED = (
    "FailedOperation.Signature", "FailedOperation.MissingSignature", "FailedOperation.Template",
    "FailedOperation.MissingTemplate", "FailedOperation.Qualification",
    "FailedOperation.NotEnterprise", "InvalidParameterValue.SdkAppId",
    "InvalidParameterValue.TemplateParameter", "InvalidParameter.AppidAndBizId",
    "UnsupportedOperation.",
)  # fmt: skip
_ALLOWED = ("AuthFailure", "UnauthorizedOperation", "IpNotInWhitelist", "IpInBlacklist")
_LATER = ("RequestLimitExceeded", "ResourceInsufficient", "ResourceUnavailable")
_NUMBERS = ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberParseFail")
_BARRED = (
    "FailedOperation.ContainSensitiveWord", "InvalidParameter.DirtyWord",
    "InvalidParameterValue.ProhibitedUseUrl", "InvalidParameterValue.ContentLength",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """Whether an SMS arrived, of which we know what Tencent Cloud calls it."""

    sid: str
    number: str | None
    at: datetime
    arrived: bool
    cause: Cause | None


def request(call: OutgoingCall, settings: TencentSettings, now: datetime) -> CloudRequest:
    """What is asked for one SMS."""
    given = variables(call.variables, settings.template_variables)
    body = {
        "PhoneNumberSet": [call.to],
        "SmsSdkAppId": settings.sdk_app_id,
        "SignName": settings.sign_name,
        "TemplateId": _template(call, settings),
        "TemplateParamSet": [given[name] for name in settings.template_variables],
        "SessionContext": str(call.handle),
    }
    return signed(
        settings.url,
        SERVICE,
        "SendSms",
        VERSION,
        settings.region,
        orjson.dumps(body),
        settings.secret_id,
        settings.secret_key.reveal(),
        now,
    )


def _template(call: OutgoingCall, settings: TencentSettings) -> str:
    if not call.asks:
        return settings.news_template_id
    return (call.kind == _TEST and settings.test_template_id) or settings.template_id


def signed(
    url: str,
    service: str,
    action: str,
    version: str,
    region: str,
    body: bytes,
    secret_id: str,
    secret_key: str,
    now: datetime,
) -> CloudRequest:
    """A request to one of Tencent Cloud's services."""
    at, host = now.astimezone(UTC), urlsplit(url).netloc
    timestamp, date = str(int(at.timestamp())), at.strftime("%Y-%m-%d")
    asked = "\n".join(
        [
            "POST",
            "/",
            "",
            f"content-type:{_CONTENT}\nhost:{host}\n",
            "content-type;host",
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{date}/{service}/tc3_request"
    to_sign = "\n".join([ALGORITHM, timestamp, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    authorization = (
        f"{ALGORITHM} Credential={secret_id}/{scope}, "
        f"SignedHeaders=content-type;host, Signature={key.hex()}"
    )
    headers = {
        "Authorization": authorization,
        "Content-Type": _CONTENT,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Timestamp": timestamp,
        "X-TC-Version": version,
        "X-TC-Region": region,
    }
    return CloudRequest("POST", url.rstrip("/") + "/", headers, body)


def outcome_of(reply: CloudReply) -> Outcome:
    """What the answer to one SMS means: of the request, or of its only number."""
    told = reply.told().get("Response")
    if not isinstance(told, dict):
        return unwell(reply)
    error = told.get("Error")
    if isinstance(error, dict):
        return _refused(str(error.get("Code", "")))
    numbers = told.get("SendStatusSet")
    status = numbers[0] if isinstance(numbers, list) and numbers else None
    if not isinstance(status, dict):
        return unwell(reply)
    if status.get("Code") == "Ok":
        serial = status.get("SerialNo")
        return Outcome(Result.ACCEPTED, provider_id=serial if isinstance(serial, str) else None)
    return _refused(str(status.get("Code", "")))


def _refused(code: str) -> Outcome:
    if code.startswith("LimitExceeded.PhoneNumber"):
        if "Daily" in code:
            return Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED)
        return Outcome(Result.HELD, after=AN_HOUR if "Hour" in code else A_MOMENT)
    if code == "LimitExceeded.DeliveryFrequencyLimit":
        return Outcome(Result.HELD, after=A_MOMENT)
    if (trouble := _trouble(code)) is not None:
        return Outcome(Result.LATER, trouble=trouble, words=code)
    if code.startswith((*_LATER, "LimitExceeded")):
        return Outcome(Result.LATER)
    if code.startswith(_NUMBERS):
        return Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)
    if code == "FailedOperation.PhoneNumberInBlacklist":
        return Outcome(Result.REFUSED, cause=Cause.BLOCKED)
    if code.startswith(_BARRED):
        return Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED)
    if code.startswith("InternalError"):
        return Outcome(Result.UNCERTAIN)
    return Outcome(Result.REFUSED, words=in_words(code))


def _trouble(code: str) -> Trouble | None:
    if code in _MONEY:
        return Trouble.NO_MONEY
    if code.startswith(_USED_UP):
        return Trouble.USED_UP
    if code.startswith(_APPROVED):
        return Trouble.NOT_APPROVED
    return Trouble.NOT_ALLOWED if code.startswith(_ALLOWED) else None


def read_receipts(body: bytes, now: datetime) -> list[SmsReceipt]:
    """What a callback of receipts brings.

    :raises InvalidInput: it is not what Tencent Cloud sends.
    """
    found = []
    for item in _objects(body):
        sid = _text(item, "sid")
        if not sid:
            continue
        arrived = _text(item, "report_status") == "SUCCESS"
        cause = cause_of(_text(item, "errmsg"), _text(item, "description"))
        number, at = _number(item), _time(_text(item, "user_receive_time"), now)
        found.append(SmsReceipt(sid, number, at, arrived, None if arrived else cause))
    return found


def read_replies(body: bytes, now: datetime) -> list[ChannelAnswer]:
    """The replies that a callback brings: one, or several.

    :raises InvalidInput: it is not what Tencent Cloud sends.
    """
    found = []
    for item in _objects(body):
        who, what = _number(item), _text(item, "text")[:LONGEST_WORDS]
        if who is None or not what:
            continue
        at = _unix(item.get("time"), now)
        event = f"tencent {who} {int(at.timestamp())} {what}"
        found.append(ChannelAnswer(event, Channel.SMS, at, None, who, what))
    return found


def _objects(body: bytes) -> list[dict[str, Any]]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("not_json") from error
    items = told if isinstance(told, list) else [told]
    if not all(isinstance(item, dict) for item in items):
        raise InvalidInput("not_objects")
    return items


def _text(item: Mapping[str, Any], field: str) -> str:
    value = item.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _number(item: Mapping[str, Any]) -> str | None:
    country, number = _text(item, "nationcode"), _text(item, "mobile")
    try:
        return normalise(f"+{country}{number}" if country else number)
    except InvalidInput:
        return None


def _time(text: str, now: datetime) -> datetime:
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING)
        return min(at.astimezone(UTC), now)
    except (ValueError, OverflowError):
        return now


def _unix(value: Any, now: datetime) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return now
    try:
        return min(datetime.fromtimestamp(value, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
