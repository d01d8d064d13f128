"""What goes to DingTalk's HTTP API and what comes back from it, as data. Pure.

Sources: open.dingtalk.com, "获取企业内部应用的 accessToken", "根据手机号查询用户",
"创建并投放卡片", "更新卡片", "批量发送人与机器人会话中机器人消息", "全局错误码".

With a card template of the office's own (``docs/channels.md`` says how to make it) people press
buttons. Without one they get a message that says what to reply; its links write the reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from yarl import URL

from alerts.channels.model import Trouble
from bot.channels.events import OutgoingCall, SpentCard
from bot.channels.reference import reference
from bot.channels.sending import Outcome, Result, of_a_change
from bot.channels.unforeseen import in_words
from bot.views.warnings.card_replies import link_words, text_hint
from contacts.channels import Cause
from contacts.phones import CHINA

TOKEN_PATH = "/v1.0/oauth2/accessToken"
LOOK_UP_PATH = "/topapi/v2/user/getbymobile"
CARD_PATH = "/v1.0/card/instances/createAndDeliver"
DELIVER_PATH = "/v1.0/card/instances/deliver"
UPDATE_PATH = "/v1.0/card/instances"  # by PUT
MESSAGE_PATH = "/v1.0/robot/oToMessages/batchSend"

TOKEN_HEADER = "x-acs-dingtalk-access-token"

ALREADY_THERE = "param.cardAlreadyExist"
"""The card was made before: by a request of which we got no answer."""

_CAUSES = {
    "staffId.notExisted": Cause.NOT_LINKED,
    "param.userIdNotExist": Cause.NOT_LINKED,
    "param.contentUnsafe": Cause.CARRIER_BLOCKED,
}
_NOBODY = frozenset({60121, 60003, 40104, 40022, 33012})  # no such person, or no mobile number
_TOKEN_CODES = frozenset({40001, 40014, 42001, 41001})  # of the older API
_TROUBLE = (
    ("param.template", Trouble.NOT_APPROVED),  # there is none, or it is not published
    ("robot.", Trouble.NOT_ALLOWED),
    ("Forbidden.", Trouble.NOT_ALLOWED),  # no right to use the interface
)
"""What an administrator has to mend: by how the code begins. No fault of this very call."""

_NO_RIGHT = 60011  # of the older API

ONE_PERSONS_REST = 15.0
"""Seconds that somebody is left alone who gets too much from us at once (ours)."""

_REPLIES = {"1": "收到", "2": "需要支援"}
_WRITES = URL("dtmd://dingtalkclient/sendMessage")
"""A link that writes for whoever taps it (DingTalk's)."""


def token_request(client_id: str, client_secret: str) -> dict[str, str]:
    """The body that asks for a token."""
    return {"appKey": client_id, "appSecret": client_secret}


def token_of(told: Mapping[str, Any]) -> tuple[str, float] | None:
    """The token, and for how many seconds it is good."""
    token, seconds = told.get("accessToken"), told.get("expireIn")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        return None
    return token, float(seconds)


def look_up_request(number: str) -> dict[str, str]:
    """The body that asks whose number this is. Chinese ones go without +86."""
    return {"mobile": number.removeprefix(CHINA)}


def account_of(told: Mapping[str, Any]) -> str | Outcome:
    """The userid that was found; or what becomes of the call without one."""
    code, result = _older_code(told), told.get("result")
    user = result.get("userid") if isinstance(result, dict) else None
    if code == 0 and isinstance(user, str) and user:
        return user
    if code in _NOBODY or code == 0:
        return Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
    if code == _NO_RIGHT:
        return Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words=str(code))
    return Outcome(Result.LATER)


def wants_a_new_token(status: int, told: Mapping[str, Any]) -> bool:
    """Whether DingTalk does not know our token any more."""
    return (
        status == 401
        or told.get("code") == "InvalidAuthentication"
        or _older_code(told) in _TOKEN_CODES
    )


def card_request(call: OutgoingCall, account: str, template: str, robot: str) -> dict[str, Any]:
    """The body that makes a card of the office's template and puts it before this person."""
    words = {"title": call.title, "text": call.text, "link": call.link}
    return {
        "cardTemplateId": template,
        "outTrackId": reference(call),
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": words | {"answered": "", "notice": ""}},
        "imRobotOpenSpaceModel": {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": call.title},
            "notification": {"alertContent": call.title, "notificationOff": False},
        },
    } | deliver_request(call, account, robot)


def deliver_request(call: OutgoingCall, account: str, robot: str) -> dict[str, Any]:
    """The body that puts a card that was made already before this person."""
    return {
        "outTrackId": reference(call),
        "userIdType": 1,
        "openSpaceId": f"dtv1.card//IM_ROBOT.{account}",
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": robot},
    }


def change_request(card: SpentCard) -> dict[str, Any]:
    """The body that changes a card that was sent: what stands there takes its buttons away."""
    return {
        "outTrackId": reference(card),
        "userIdType": 1,
        "cardData": {"cardParamMap": {"answered": card.text, "notice": ""}},
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
    }


def changed(status: int, told: Mapping[str, Any]) -> Outcome:
    """What became of a change."""
    if status == 200:
        return Outcome(Result.ACCEPTED)
    return of_a_change(outcome_of(status, told, ""), status)


def message_request(call: OutgoingCall, account: str, robot: str) -> dict[str, Any]:
    """The body that sends the call as a message, where there is no template."""
    lines = [f"#### {_plain(call.title)}", *map(_plain, call.text.splitlines())]
    lines += [
        f"[{words}]({_WRITES.with_query(content=_REPLIES[key])})"
        for key, words in call.buttons.items()
        if key in _REPLIES
    ]
    if call.link:
        lines.append(f"[{link_words(call.language).tapped}]({call.link})")
    if call.asks:
        lines.append(text_hint(call.language))
    return _message(account, robot, "sampleMarkdown", title=call.title, text="\n\n".join(lines))


def text_request(account: str, robot: str, text: str) -> dict[str, Any]:
    """The body that sends plain words."""
    return _message(account, robot, "sampleText", content=text)


def _message(account: str, robot: str, kind: str, **words: str) -> dict[str, Any]:
    return {
        "robotCode": robot,
        "userIds": [account],
        "msgKey": kind,
        "msgParam": orjson.dumps(words).decode(),
    }


def outcome_of(status: int, told: Mapping[str, Any], account: str) -> Outcome:
    """What DingTalk's answer to a card or a message means for the call."""
    if status == 200:
        return _taken(told, account)
    code = str(told.get("code", ""))
    if "Quota" in code:
        return Outcome(Result.LATER, trouble=Trouble.USED_UP, words=code)
    if status in (429, 503) or "Limit" in code or "Throttl" in code:
        return Outcome(Result.LATER)
    if trouble := next((kind for begins, kind in _TROUBLE if code.startswith(begins)), None):
        return Outcome(Result.LATER, trouble=trouble, words=code)
    if code in _CAUSES:
        return Outcome(Result.REFUSED, cause=_CAUSES[code])
    if status >= 500:
        return Outcome(Result.UNCERTAIN)
    if not code or wants_a_new_token(status, told):
        return Outcome(Result.LATER)
    # One that nobody foresaw may be this person's alone: the others do not wait for it.
    result = Result.REFUSED if code.startswith("param.") else Result.UNCERTAIN
    return Outcome(result, words=in_words(code, told.get("message")))


def _taken(told: Mapping[str, Any], account: str) -> Outcome:
    if account in _strings(told.get("invalidStaffIdList")):
        return Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
    if account in _strings(told.get("flowControlledStaffIdList")):
        return Outcome(Result.HELD, after=ONE_PERSONS_REST)
    if account in _strings(told.get("filteredStaffIdList")):
        return Outcome(Result.REFUSED)
    if isinstance(key := told.get("processQueryKey"), str):
        return Outcome(Result.ACCEPTED, key)
    if told.get("success") is not True:
        return Outcome(Result.UNCERTAIN)
    result = told.get("result")
    # "deliver" tells the list itself, "createAndDeliver" an object that has it.
    put = result.get("deliverResults") if isinstance(result, dict) else result
    for one in put if isinstance(put, list) else ():
        if isinstance(one, dict) and one.get("success") is False:
            busy = "busy" in str(one.get("errorMsg", ""))
            return Outcome(Result.LATER if busy else Result.REFUSED)
    track = result.get("outTrackId") if isinstance(result, dict) else None
    return Outcome(Result.ACCEPTED, track if isinstance(track, str) else None)


def _older_code(told: Mapping[str, Any]) -> int | None:
    """The code of the API before v1.0; 88 hides another one behind itself."""
    code = told.get("errcode")
    hidden = str(told.get("sub_code", ""))
    if code == 88 and hidden.isascii() and hidden.isdigit():
        return int(hidden)
    return code if isinstance(code, int) else None


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain(line: str) -> str:
    """A line in which nobody's words become a link."""
    return line.replace("](", "] (")
