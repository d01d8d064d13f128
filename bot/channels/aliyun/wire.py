"""What Aliyun is asked for a call or an SMS, and what its answer means. Pure.

Voice: ``IvrCall`` of dyvmsapi. SMS: ``SendSms`` of dysmsapi. Both speak by registered templates and
bear our handle as ``OutId``. Neither knows a request it had before: after a silence it is asked
again, and its own limit (a number once a minute) keeps the number from ringing twice at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from alerts.channels.model import Kind, Trouble
from bot.channels.aliyun.signing import signed_call
from bot.channels.cloud import CloudReply, CloudRequest, unwell
from bot.channels.events import OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.stamped_names import stamped_name
from bot.channels.template_words import spoken_variables, variables
from bot.channels.unforeseen import in_words
from bot.config.settings_clouds import AliyunSettings
from bot.views.warnings.spoken import AGAIN_KEY
from contacts.channels import Cause, Channel
from contacts.phones import CHINA, is_mobile

VERSION = "2017-05-25"
"""Of both services."""

LONGEST_OUT_ID = 15  # bytes

A_MINUTE, AN_HOUR = 60.0, 900.0
"""Seconds a number is left alone after it rang too often, by the minute and by the hour (ours): of
the hour nobody knows how much is left."""

_KEYS = ("1", "2", AGAIN_KEY)

_MONEY = frozenset({"isv.AMOUNT_NOT_ENOUGH", "isv.AMOUNT_NOT_ENOUG", "isv.OUT_OF_SERVICE"})
_APPROVED = (
    "isv.SMS_SIGN", "isv.SIGN_", "isv.SMS_TEMPLATE", "isv.TTS_TEMPLATE", "isv.TEMPLATE_ILLEGAL",
    "isv.TEMPLATE_MISSING", "isv.VOICE_FILE", "isv.VOICE_CODE", "isv.BILLID", "BillidNotExist",
    "isv.DISPLAY_NUMBER", "isv.PRODUCT_UN", "isv.SMS_TEST", "isv.QUALIFICATION",
)  # fmt: skip
_ALLOWED = (
    "isp.RAM_PERMISSION_DENY", "isv.ACCOUNT_", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "IncompleteSignature", "Forbidden", "NoPermission", "isv.DENY_IP_RANGE", "InvalidTimeStamp",
)  # fmt: skip
_USED_UP = frozenset({"isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
_NUMBERS = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.CALLED_NUMBER_ILLEGAL", "isv.NO_NOT_EXIST"})
_BARRED = ("isv.COMPLAINT_REJECT", "ComplaintReject", "isv.BLACK_KEY", "isv.SMS_CONTENT_ILLEGAL")


def request(
    call: OutgoingCall, settings: AliyunSettings, now: datetime, nonce: str
) -> CloudRequest | None:
    """What is asked for one call; ``None``: Aliyun rings no such number from here."""
    parameters = parameters_of(call, settings)
    if parameters is None:
        return None
    spoken = call.channel is Channel.VOICE
    return signed_call(
        settings.voice_url if spoken else settings.sms_url,
        "IvrCall" if spoken else "SendSms",
        VERSION,
        parameters,
        settings.access_key_id,
        settings.access_key_secret.reveal(),
        now,
        nonce,
    )


def parameters_of(call: OutgoingCall, settings: AliyunSettings) -> dict[str, str] | None:
    """The parameters of the request for one call; ``None``: the number is not one of China's."""
    if call.channel is Channel.VOICE:
        return _ivr(call, settings) if call.to.startswith(CHINA) else None
    return {
        "PhoneNumbers": call.to.removeprefix("+"),
        "SignName": settings.sign_name,
        "TemplateCode": _sms_template(call, settings),
        "TemplateParam": _json(variables(call.variables, settings.sms_variables)),
        "OutId": stamped_name(call, LONGEST_OUT_ID),
    }


def _ivr(call: OutgoingCall, settings: AliyunSettings) -> dict[str, str]:
    spoken = _json(spoken_variables(call.variables, settings.voice_variables))
    first = (_is_test(call) and settings.test_template) or settings.start_template
    if not call.asks:
        first = settings.voice_news_template
    parameters = {
        "CalledShowNumber": settings.show_number,
        "CalledNumber": national(call.to),
        "StartCode": first,
        "StartTtsParams": spoken,
        "PlayTimes": str(settings.play_times),
        "Timeout": str(settings.key_seconds * 1000),
        "OutId": stamped_name(call, LONGEST_OUT_ID),
    }
    if settings.bye_template:
        parameters["ByeCode"] = settings.bye_template
    # In a test nobody is told of a call for help.
    help_template = settings.received_template if _is_test(call) else settings.help_template
    said = {"1": settings.received_template, "2": help_template}
    for place, key in enumerate(_KEYS if call.asks else (AGAIN_KEY,), start=1):
        menu = f"MenuKeyMap.{place}."
        parameters[menu + "Key"] = key
        parameters[menu + "Code"] = said.get(key) or first
        if not said.get(key):
            parameters[menu + "TtsParams"] = spoken
    return parameters


def _sms_template(call: OutgoingCall, settings: AliyunSettings) -> str:
    if not call.asks:
        return settings.sms_news_template
    return (_is_test(call) and settings.sms_test_template) or settings.sms_template


def _is_test(call: OutgoingCall) -> bool:
    """Whether it proves a number, and warns of nothing."""
    return call.kind == Kind.TEST.value


def national(number: str) -> str:
    """A stored Chinese number as it is dialled there: 13900000001, 04333230001."""
    digits = number.removeprefix(CHINA)
    return digits if is_mobile(number) else f"0{digits}"


def outcome_of(reply: CloudReply) -> Outcome:
    """What Aliyun's answer to a call or an SMS means."""
    told = reply.told()
    code, words = str(told.get("Code", "")), str(told.get("Message", ""))
    if code == "OK":
        kept = told.get("CallId") or told.get("BizId")
        return Outcome(Result.ACCEPTED, provider_id=kept if isinstance(kept, str) else None)
    if not code:
        return unwell(reply)
    if code.startswith(("Throttling", "ServiceUnavailable")):
        return Outcome(Result.LATER, after=reply.retry_after)
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        return _too_often(words)
    if (trouble := _trouble(code)) is not None:
        return Outcome(Result.LATER, trouble=trouble, words=code)
    if code in _NUMBERS:
        return Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)
    if code.startswith(_BARRED):
        return Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED)
    if reply.status >= 500 or code.startswith(("isp.", "InternalError")):
        return Outcome(Result.UNCERTAIN)
    return Outcome(Result.REFUSED, words=in_words(code, words))


def _too_often(words: str) -> Outcome:
    """This number, not the whole channel: once a minute, five times an hour, twenty a day."""
    if "天级" in words:
        return Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED)
    return Outcome(Result.HELD, after=AN_HOUR if "小时" in words else A_MINUTE)


def _trouble(code: str) -> Trouble | None:
    """What somebody has to mend before Aliyun takes anything again."""
    if code in _MONEY:
        return Trouble.NO_MONEY
    if code in _USED_UP:
        return Trouble.USED_UP
    if code.startswith(_APPROVED):
        return Trouble.NOT_APPROVED
    return Trouble.NOT_ALLOWED if code.startswith(_ALLOWED) else None


def _json(told: Mapping[str, str]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
