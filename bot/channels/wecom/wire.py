"""What we ask WeCom and what its answers mean. Pure.

The shapes are the published ones: document/path/91039 (gettoken), 95402 (getuserid), 90236
(message/send), 94888 (update_template_card), 90313 (error codes), 90312 (limits).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import orjson

from alerts.channels.model import Trouble
from alerts.channels.store import LONGEST_PROVIDER_ID
from bot.channels.events import Handle, OutgoingCall, SpentCard
from bot.channels.sending import Outcome, Result
from bot.channels.unforeseen import in_words
from bot.views.warnings.card_replies import link_words, text_hint
from contacts.channels import Cause

TOKEN_PATH = "/cgi-bin/gettoken"
LOOKUP_PATH = "/cgi-bin/user/getuserid"
SEND_PATH = "/cgi-bin/message/send"
UPDATE_PATH = "/cgi-bin/message/update_template_card"

NO_ANSWER = -100
"""Not a code of WeCom's: there was no answer that could be read."""
NOT_REACHED = -101
"""Not a code of WeCom's: nothing was sent."""

_LONGEST_TITLE = 36  # characters; as are those below
_LONGEST_WORDS = 160
_LONGEST_BUTTON = 10
_TEXTCARD_TITLE = 128  # bytes
_TEXTCARD_WORDS = 512
_LONGEST_TEXT = 2048
_SAME_FOR = 3600
"""Seconds in which WeCom drops the same message: longer than we hand one over again."""

_TASK_ID = re.compile(r"(\d{1,18}-\d{1,4})@(\d{1,12})", re.ASCII)

_BLUE, _GREY = 1, 2


@dataclass(frozen=True, slots=True)
class Told:
    """What WeCom said to one request: 0 is well."""

    code: int
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """One field, where it is a text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


# -- requests ------------------------------------------------------------------------------------


def task_id(call: OutgoingCall) -> str:
    """What a card is called: WeCom gives it back with the button.

    An application uses each once. Our own numbers begin anew in a new database; with the time when
    the call was queued they are others all the same.
    """
    assert call.queued_at is not None
    return f"{call.handle}@{int(call.queued_at.timestamp())}"


def read_task_id(task: str) -> tuple[Handle, int] | None:
    """The handle in a card's name, and when its call was queued; ``None``: it is none of ours."""
    found = _TASK_ID.fullmatch(task)
    handle = None if found is None else Handle.read(found[1])
    return None if found is None or handle is None else (handle, int(found[2]))


def message(call: OutgoingCall, account: str, agent_id: int, *, cards: bool) -> dict[str, Any]:
    """One message to one member.

    :param cards: with buttons; else a link to the answer page, and without a page plain words:
        WeChat's own plug-in 微信插件 and clients before 3.1.6 show no card with buttons.
    """
    sent: dict[str, Any] = {
        "touser": account,
        "agentid": agent_id,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": _SAME_FOR,
    }
    if cards and call.asks:
        return sent | {"msgtype": "template_card", "template_card": _button_card(call)}
    if call.link:
        return sent | {"msgtype": "textcard", "textcard": _text_card(call)}
    if not call.asks:
        words = _bytes(f"{call.title}\n{call.text}", _LONGEST_TEXT)
        return sent | {"msgtype": "text", "text": {"content": words}}
    hint = text_hint(call.language)
    words = _bytes(f"{call.title}\n{call.text}", _LONGEST_TEXT - len(f"\n{hint}".encode()))
    return sent | {"msgtype": "text", "text": {"content": f"{words}\n{hint}"}}


def _button_card(call: OutgoingCall) -> dict[str, Any]:
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": _cut(call.title, _LONGEST_TITLE)},
        "sub_title_text": _cut(call.text, _LONGEST_WORDS),
        "task_id": task_id(call),
        "button_list": [
            {
                "text": _cut(words, _LONGEST_BUTTON),
                "style": _BLUE if place == 0 else _GREY,
                "key": key,
            }
            for place, (key, words) in enumerate(call.buttons.items())
        ],
    }
    if call.link:
        words = link_words(call.language)
        card["horizontal_content_list"] = [
            {"type": 1, "keyname": words.asked, "value": words.tapped, "url": call.link}
        ]
    return card


def _text_card(call: OutgoingCall) -> dict[str, Any]:
    return {
        "title": _bytes(call.title, _TEXTCARD_TITLE),
        "description": _bytes(call.text, _TEXTCARD_WORDS),
        "url": call.link,
        "btntxt": link_words(call.language).button,
    }


def without_buttons(card: SpentCard, agent_id: int) -> dict[str, Any]:
    """A card that was sent, changed for its member: a code does so once, for 72 hours."""
    return {
        "userids": [card.account],
        "agentid": agent_id,
        "response_code": card.provider_id,
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": _cut(card.title, _LONGEST_TITLE)},
            "sub_title_text": _cut(card.text, _LONGEST_WORDS),
            "button_list": [{"text": _cut(card.mark, _LONGEST_BUTTON), "style": _GREY, "key": "0"}],
            "replace_text": _cut(card.mark, _LONGEST_BUTTON),
        },
    }


def changed(told: Told) -> Outcome:
    """What became of a change; one that is refused will not be made later either."""
    if told.code in (0, _CODE_SPENT):
        return Outcome(Result.ACCEPTED)
    outcome = outcome_of(told, "")
    unsure = outcome.result is Result.UNCERTAIN and told.code != NO_ANSWER
    return replace(outcome, result=Result.REFUSED) if unsure else outcome


_CODE_SPENT = 60140
"""The code of a card was used, or is too old."""


def mobile(number: str) -> str:
    """A stored number as WeCom has it: Chinese ones without +86."""
    return number.removeprefix("+86")


# -- answers -------------------------------------------------------------------------------------


def read_answer(status: int, body: bytes) -> Told:
    """What stands in an answer."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("errcode", 0), int):
        busy = status in (429, 503)
        return Told(_BUSY if busy else NO_ANSWER, {})
    if status != 200 and not told.get("errcode"):
        return Told(NO_ANSWER, {})
    return Told(told.get("errcode", 0), told)


_BUSY = -1  # 系统繁忙
TOO_OFTEN = 45009
"""接口调用超过限制: it passes within a minute, as a rule."""
_AT_ONCE = 45033  # 接口并发调用超过限制
_TOO_OFTEN_SECONDS = 60.0

STALE_TOKEN = frozenset({40014, 41001, 42001})
"""The access token is not good any more: one is fetched anew."""

NO_MEMBER = frozenset({40003, 43004, 46004, 50002, 60103, 60111, 81013})
"""Nobody has that number or account, or the application does not show with them 可见范围."""

_OURS: dict[int, str] = {
    40001: "secret 不对 / the secret is wrong",
    40013: "corp_id 不对 / corp_id is wrong",
    40056: "agent_id 不对 / agent_id is wrong",
    40125: "secret 不对 / the secret is wrong",
    42009: "agent_id 和 secret 不是同一个应用 / agent_id and secret are of two applications",
    48002: "应用没有这个接口的权限 / the application may not use this interface",
    50003: "应用已停用 / the application is switched off",
    60011: "应用没有权限，请检查可见范围 / no right: look at its 可见范围",
    60020: "本机出口 IP 不在“企业可信IP”里 / our address is not among its 企业可信IP",
    301002: "agent_id 和 secret 不是同一个应用 / agent_id and secret are of two applications",
}
"""What an officer of WeCom has to mend, before anything is sent."""

_WRONG = range(40000, 48000)  # this very message: too long, a field missing


def to_mend(code: int) -> str:
    """What is wrong with the settings here or there, in words; empty when nothing is."""
    return _OURS.get(code, "")


def outcome_of(told: Told, account: str) -> Outcome:
    """What became of a message to one member."""
    code = told.code
    if code == 0:
        unreached = f"{told.text('invaliduser')}|{told.text('unlicenseduser')}"
        if account.casefold() in unreached.casefold().split("|"):
            return Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
        # By its code the buttons can be taken off a card; nothing else asks for either.
        changes = told.text("response_code")
        kept = changes if 0 < len(changes) <= LONGEST_PROVIDER_ID else told.text("msgid")
        return Outcome(Result.ACCEPTED, provider_id=kept or None)
    if code in NO_MEMBER:
        return Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
    if code in _OURS:
        return Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words=f"{code} {_OURS[code]}")
    if code == TOO_OFTEN:
        return Outcome(Result.LATER, after=_TOO_OFTEN_SECONDS)
    if code in (_BUSY, _AT_ONCE, NOT_REACHED) or code in STALE_TOKEN:
        return Outcome(Result.LATER)
    if code == NO_ANSWER:
        return Outcome(Result.UNCERTAIN)
    words = in_words(code, told.text("errmsg").partition(", hint")[0])
    # Of a code that nobody foresaw it is not known that it will be the same again.
    return Outcome(Result.REFUSED if code in _WRONG else Result.UNCERTAIN, words=words)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _bytes(text: str, longest: int) -> str:
    """Cut to so many bytes, at a character."""
    encoded = text.encode()
    if len(encoded) <= longest:
        return text
    return encoded[: longest - 3].decode(errors="ignore") + "…"
