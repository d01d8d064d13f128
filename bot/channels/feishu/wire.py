"""What goes to Feishu's HTTP API and what comes back from it, as data. Pure.

Sources: open.feishu.cn, "自建应用获取 tenant_access_token", "通过手机号或邮箱获取用户 ID",
"发送消息", "更新应用发送的消息卡片", "频控策略".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from alerts.channels.model import Trouble
from bot.channels.events import OutgoingCall, SpentCard
from bot.channels.feishu.card import card, over_card
from bot.channels.reference import reference
from bot.channels.sending import Outcome, Result
from bot.channels.unforeseen import in_words
from contacts.channels import Cause
from contacts.phones import CHINA

TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"
LOOK_UP_PATH = "/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id"
MESSAGES_PATH = "/open-apis/im/v1/messages?receive_id_type=open_id"

CARD_PATH = "/open-apis/im/v1/messages/{message}"
"""Of one card that was sent: it is changed by PATCH, for 14 days."""

RESET_HEADER = "x-ogw-ratelimit-reset"
"""Seconds until a limit is over."""

OK = 0
TOKEN_INVALID = frozenset({99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677})
"""The token is missing, over or not one: a new one is asked for, once."""

_TOO_MANY = 99991400  # of the app
_TOO_MANY_TO_ONE = frozenset({230020, 11232, 11247})  # to this very person

ONE_PERSONS_REST = 5.0
"""Seconds that somebody is left alone who gets too much from us at once (ours)."""

_BEING_SENT = 230049  # the same uuid is on its way
_CAUSES = {
    230013: Cause.NOT_LINKED,  # the app is not open to this person
    230029: Cause.NOT_LINKED,  # has left
    230034: Cause.NOT_LINKED,  # no such open_id
    230053: Cause.BLOCKED,  # the person stopped the bot
    230022: Cause.CARRIER_BLOCKED,  # sensitive words
    230028: Cause.CARRIER_BLOCKED,  # did not pass the audit
}
_OF_THIS_MESSAGE = range(230000, 231000)
"""Codes of messages; others are about the app, its rights, or Feishu itself."""

_TO_MEND = frozenset({10003, 10014, 99991672, 230006, 230027, 230035})
"""A wrong id or secret, no bot, no rights: an administrator's to mend."""


def token_request(app_id: str, app_secret: str) -> dict[str, str]:
    """The body that asks for a token."""
    return {"app_id": app_id, "app_secret": app_secret}


def token_of(told: Mapping[str, Any]) -> tuple[str, float] | None:
    """The token, and for how many seconds it is good."""
    token, seconds = told.get("tenant_access_token"), told.get("expire")
    if code_of(told) != OK or not isinstance(token, str) or not isinstance(seconds, int):
        return None
    return token, float(seconds)


def look_up_request(number: str) -> dict[str, Any]:
    """The body that asks whose number this is. Chinese ones go without +86."""
    return {"mobiles": [number.removeprefix(CHINA)], "include_resigned": False}


def account_of(told: Mapping[str, Any]) -> str | None:
    """The open_id that was found; ``None``: nobody of this organisation has the number."""
    data = told.get("data")
    users = data.get("user_list") if isinstance(data, dict) else None
    for user in users if isinstance(users, list) else ():
        if isinstance(user, dict) and isinstance(user.get("user_id"), str) and user["user_id"]:
            return str(user["user_id"])
    return None


def card_request(call: OutgoingCall, account: str) -> dict[str, str]:
    """The body that sends the card; by one ``uuid`` (50 characters) it is sent once in an hour."""
    return {
        "receive_id": account,
        "msg_type": "interactive",
        "content": orjson.dumps(card(call)).decode(),
        "uuid": reference(call),
    }


def change_request(card: SpentCard) -> dict[str, str]:
    """The body that changes a card that was sent: it has no buttons any more."""
    return {"content": orjson.dumps(over_card(card.title, card.text)).decode()}


def text_request(account: str, text: str, uuid: str) -> dict[str, str]:
    """The body that sends plain words."""
    return {
        "receive_id": account,
        "msg_type": "text",
        "content": orjson.dumps({"text": text}).decode(),
        "uuid": uuid,
    }


def code_of(told: Mapping[str, Any]) -> int:
    """Feishu's code: 0 is right."""
    code = told.get("code")
    return code if isinstance(code, int) else -1


def outcome_of(status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> Outcome:
    """What Feishu's answer to a message, or to a question before it, means for the call."""
    code = code_of(told)
    if status == 200 and code == OK:
        data = told.get("data")
        message = data.get("message_id") if isinstance(data, dict) else None
        return Outcome(Result.ACCEPTED, message if isinstance(message, str) else None)
    rest = seconds_of(headers.get(RESET_HEADER))
    if code in _TOO_MANY_TO_ONE:
        return Outcome(Result.HELD, after=rest or ONE_PERSONS_REST)
    if status == 429 or code == _TOO_MANY:
        return Outcome(Result.LATER, after=rest)
    if code in _TO_MEND:
        return Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words=str(code))
    if code in _CAUSES:
        return Outcome(Result.REFUSED, cause=_CAUSES[code])
    if status >= 500 or code == _BEING_SENT or (code == -1 and status == 200):
        return Outcome(Result.UNCERTAIN)
    if code == -1 or code in TOKEN_INVALID:
        return Outcome(Result.LATER)
    # One that nobody foresaw may be this person's alone: the others do not wait for it.
    result = Result.REFUSED if code in _OF_THIS_MESSAGE else Result.UNCERTAIN
    return Outcome(result, words=in_words(code, told.get("msg")))


def seconds_of(text: str | None) -> float | None:
    """How long a header says to wait."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return float(text)
