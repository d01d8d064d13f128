"""What Twilio is asked for a call or an SMS, what it answers, what it tells and is told. Pure.

A call bears its words with it (TwiML), so that it speaks though we cannot be reached just then; a
key and the end of the call come to our address, which holds our handle. Every request of Twilio's
is signed: HMAC-SHA1 with the account's token over the address and the sorted fields.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape, quoteattr

from alerts.channels.model import Trouble
from bot.channels.cloud import CloudReply, CloudRequest, unwell
from bot.channels.events import CallReport, ChannelAnswer, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.stamped_names import read_name, stamped_name
from bot.config.settings_clouds import TwilioSettings
from contacts.channels import Cause, Channel, Receipt
from contacts.phones import normalise
from data.errors import InvalidInput

SIGNATURE_HEADER = "X-Twilio-Signature"

KEY_PATH = "/twilio/key"
CALL_PATH = "/twilio/call"
SMS_STATUS_PATH = "/twilio/sms-status"
SMS_PATH = "/twilio/sms"

LONGEST_TWIML = 4000
"""Characters of the words that go with a call, by Twilio's rules."""

LONGEST_WORDS = 1000  # characters of an SMS

_PORT = re.compile(r":\d+$")

Fields = Mapping[str, str]

_NO_MONEY = frozenset({10001, 20005, 20006, 30002, 90010})
"""The account is suspended or not active: mostly its balance."""

_NOT_APPROVED = frozenset({21210, 21212, 21606, 21608, 21659, 21660, 21703, 30034})
"""The number we ring up from is not ours, not registered, or cannot do this."""

_NOT_ALLOWED = frozenset({20003, 20403, 20404, 21215, 21216, 21408, 13227})
"""Wrong key, or calls and SMS into that country are switched off."""

_NUMBERS = frozenset({13223, 13224, 21201, 21211, 21214, 21217, 21614, 30005})
_CAUSES: Mapping[int, Cause] = {
    21610: Cause.BLOCKED,  # they wrote STOP
    30003: Cause.OUT_OF_REACH,
    30004: Cause.BLOCKED,
    30005: Cause.NO_SUCH_NUMBER,
    30007: Cause.CARRIER_BLOCKED,
    30008: Cause.OUT_OF_REACH,
    32005: Cause.OUT_OF_REACH,
}
_CALLS: Mapping[str, Cause] = {"busy": Cause.BUSY, "no-answer": Cause.NO_ANSWER}
_SIP: Mapping[str, Cause] = {
    "404": Cause.NO_SUCH_NUMBER,
    "410": Cause.NO_SUCH_NUMBER,
    "480": Cause.OUT_OF_REACH,
    "486": Cause.BUSY,
    "603": Cause.REJECTED,
}


def request(call: OutgoingCall, settings: TwilioSettings, callbacks: str) -> CloudRequest:
    """What is asked for one call or SMS.

    :param callbacks: our address as Twilio reaches it.
    """
    spoken, handle = call.channel is Channel.VOICE, stamped_name(call)
    fields: list[tuple[str, str]] = [("To", call.to), ("From", settings.from_number)]
    if spoken:
        fields += [
            ("Twiml", asking(call.text, address(callbacks, KEY_PATH, handle), settings)),
            ("Timeout", str(settings.ring_seconds)),
            ("StatusCallback", address(callbacks, CALL_PATH, handle)),
            ("StatusCallbackEvent", "completed"),
        ]
    else:
        fields += [
            ("Body", call.text),
            ("StatusCallback", address(callbacks, SMS_STATUS_PATH, handle)),
        ]
    account = quote(settings.account_sid, safe="")
    token = f"{settings.account_sid}:{settings.auth_token.reveal()}".encode()
    resource = "Calls" if spoken else "Messages"
    return CloudRequest(
        "POST",
        f"{settings.url.rstrip('/')}/2010-04-01/Accounts/{account}/{resource}.json",
        {
            "Authorization": f"Basic {base64.b64encode(token).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        urlencode(fields).encode(),
    )


def address(callbacks: str, path: str, handle: str) -> str:
    """Where Twilio is to tell us of a call."""
    return f"{callbacks.rstrip('/')}{path}?call={quote(handle, safe='')}"


# -- what is spoken ------------------------------------------------------------------------------


def asking(text: str, key_address: str, settings: TwilioSettings) -> str:
    """Speak, twice, and wait for a key meanwhile and afterwards."""

    def written(words: str) -> str:
        return (
            f'<Response><Gather input="dtmf" numDigits="1" method="POST"'
            f' timeout="{settings.key_seconds}" action={quoteattr(key_address)}>'
            f'<Say language="{_language(words)}" loop="2">{escape(words)}</Say>'
            "</Gather></Response>"
        )

    whole = written(text)
    if len(whole) <= LONGEST_TWIML:
        return whole
    # What the keys mean stands at the end; the middle is what can be left out.
    tail, room = text[-60:], LONGEST_TWIML - len(written("")) - 61
    head = text[:room]
    while len(written(f"{head}…{tail}")) > LONGEST_TWIML:  # by what had to be escaped
        head = head[: -max(1, len(head) // 8)]
    return written(f"{head}…{tail}")


def spoken_answer(say: str, recorded: bool, key_address: str, settings: TwilioSettings) -> str:
    """What is said to a key: that it is recorded, and the call is over; else ask once more."""
    if recorded or not say:
        words = f'<Say language="{_language(say)}">{escape(say)}</Say>' if say else ""
        return f"<Response>{words}<Hangup/></Response>"
    return asking(say, key_address, settings)


def written_answer(say: str) -> str:
    """What is written back to an SMS; nothing to strangers and automats."""
    return f"<Response><Message>{escape(say)}</Message></Response>" if say else "<Response/>"


def _language(text: str) -> str:
    return "zh-CN" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en-US"


# -- what it answers -----------------------------------------------------------------------------


def outcome_of(reply: CloudReply) -> Outcome:
    """What Twilio's answer to a call or an SMS means."""
    told = reply.told()
    if reply.status in (200, 201) and isinstance(told.get("sid"), str):
        return Outcome(Result.ACCEPTED, provider_id=told["sid"])
    code = told.get("code")
    if reply.status == 429 or reply.status >= 500 or not isinstance(code, int):
        refused = reply.status in (401, 403)
        trouble = Trouble.NOT_ALLOWED if refused else None
        words = str(reply.status) if refused else ""
        later = unwell(reply)
        return Outcome(later.result, after=later.after, trouble=trouble, words=words)
    if (trouble := _trouble(code)) is not None:
        return Outcome(Result.LATER, trouble=trouble, words=str(code))
    if code in _NUMBERS:
        return Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)
    return Outcome(Result.REFUSED, cause=_CAUSES.get(code))


def _trouble(code: int) -> Trouble | None:
    if code in _NO_MONEY:
        return Trouble.NO_MONEY
    if code in _NOT_APPROVED:
        return Trouble.NOT_APPROVED
    return Trouble.NOT_ALLOWED if code in _NOT_ALLOWED else None


# -- what it tells -------------------------------------------------------------------------------


def signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Twilio's signature of a request: its address, then each field with its value, sorted."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    signed = text.encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.new(token.encode(), signed, hashlib.sha1).digest()).decode()


def is_signed(token: str, url: str, fields: Iterable[tuple[str, str]], given: str) -> bool:
    """Whether a request is Twilio's.

    It signs the address with its port or without, as it pleases.
    """
    told = list(fields)
    return given.isascii() and any(
        hmac.compare_digest(signature(token, one, told), given)
        for one in {_without_port(url), _with_port(url)}
    )


def read_key(fields: Fields, call: str, now: datetime) -> ChannelAnswer | None:
    """The key that was pressed; ``None``: it is about no call of ours."""
    named, key = read_name(call), fields.get("Digits", "").strip()[:10]
    if named is None or not key:
        return None
    event, who = f"twilio {fields.get('CallSid') or call} {key}", _number(fields.get("To"))
    return ChannelAnswer(event, Channel.VOICE, now, named.handle, who, key, queued=named.queued)


def read_call(fields: Fields, call: str, now: datetime) -> CallReport | None:
    """What became of a call; ``None``: it is about none of ours, or not over."""
    named, status = read_name(call), fields.get("CallStatus", "")
    if named is None or status not in ("completed", "busy", "no-answer", "failed", "canceled"):
        return None
    seconds = _seconds(fields.get("CallDuration", ""))
    done = status == "completed"
    cause = _CALLS.get(status) or _SIP.get(fields.get("SipResponseCode", ""))
    machine = fields.get("AnsweredBy", "").startswith(("machine", "fax"))
    if done:
        cause = Cause.NO_ANSWER if machine else None if seconds else Cause.CUT_SHORT
    receipt = Receipt.DELIVERED if done and cause is None else None
    event = f"twilio {fields.get('CallSid') or call} {status}"
    return CallReport(event, named.handle, now, receipt, cause, seconds, queued=named.queued)


def read_sms_status(fields: Fields, call: str, now: datetime) -> CallReport | None:
    """What became of an SMS; ``None``: of none of ours, or it is still under way."""
    named, status = read_name(call), fields.get("MessageStatus", "")
    receipt = {"delivered": Receipt.DELIVERED, "read": Receipt.READ}.get(status)
    if named is None or (receipt is None and status not in ("undelivered", "failed")):
        return None
    code = fields.get("ErrorCode", "")
    cause = _CAUSES.get(int(code)) if code.isascii() and code.isdigit() else None
    event = f"twilio {fields.get('MessageSid') or call} {status}"
    failed = None if receipt else cause
    return CallReport(event, named.handle, now, receipt, failed, queued=named.queued)


def read_sms(fields: Fields, now: datetime) -> ChannelAnswer | None:
    """What somebody wrote; ``None``: nothing, or from no number."""
    who, what = _number(fields.get("From")), fields.get("Body", "").replace("\0", "").strip()
    if who is None or not what:
        return None
    event = f"twilio {fields.get('MessageSid') or f'{who} {what}'}"
    return ChannelAnswer(event, Channel.SMS, now, None, who, what[:LONGEST_WORDS])


def _number(text: str | None) -> str | None:
    try:
        return normalise(text or "")
    except InvalidInput:
        return None


def _seconds(text: str) -> float | None:
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else None


def _without_port(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=_PORT.sub("", parts.netloc)))


def _with_port(url: str) -> str:
    parts = urlsplit(url)
    if parts.port is not None:
        return url
    port = 443 if parts.scheme == "https" else 80
    return urlunsplit(parts._replace(netloc=f"{parts.netloc}:{port}"))
