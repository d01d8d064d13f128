"""What a scripted person does on seeing a message. Pure; chance comes in as an argument.

They read the words on buttons as people do: a button that says 收到 is pressed when the warning is
understood, 已转移群众 when the work is done. The delays are invented, in seconds of the sandbox's
own clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any

from bot.sandbox.bot_api.accounts import Message
from bot.sandbox.bot_api.keyboards import buttons
from bot.sandbox.cast.roster import Temper
from contacts.people import Role


class Deed(Enum):
    """What a person can do with the phone."""

    TAP = "tap"
    WRITE = "write"
    LOCATE = "locate"  # 📍 一键报位


@dataclass(frozen=True, slots=True)
class Intention:
    """Something a person will do in ``after`` seconds: tap the button ``words``, or write them.

    ``plan`` is what the script remembers of it, until it is forgotten.
    """

    after: float
    deed: Deed
    words: str
    chat_id: int
    message_id: int = 0
    plan: str = ""


@dataclass(slots=True)
class Script:
    """One scripted person: who they are, how they act, what they have planned already.

    ``ending`` is the words of the report's button, ``words`` what is then written.
    """

    account: int
    role: Role
    temper: Temper
    ending: str = ""
    words: str = ""
    home: str = ""  # division code
    strays: bool = False  # far from there when the roll is called
    mute: bool = False  # where nobody can be heard when it is
    planned: set[str] = field(default_factory=set)


ANSWER = "收到"
PROXY = "已电话叫应"
UNREACHED = "联系不上"
RINGING = "ring"  # a plan that is over with the call
BEING_RUNG = "电话语音"  # by the machine: an officer lets it try first
PATIENCE_MINUTES = 8  # the rung at which the list is the officer's to work through
_WAITED = re.compile(r"(\d+)\s*(分钟|小时|天)[^\n]*未回应")
_REPORT = "已转移群众"
_ROLL_CALL, _POSITION = "📣 点名", "一键报位"
_STILL_ME, _NO_LONGER = "还管这里", "不管这里了"  # buttons of a roster check
_BLOCKED = "无法执行"
# What the bot asks in words after a report's button.
_ASKS = ("转移了多少户", "请用一句话说明原因", "需要什么支援")

_DELAYS: Mapping[Temper, tuple[float, float]] = {
    Temper.PROMPT: (15, 90),
    Temper.AFTER_REMINDER: (10, 70),  # after the reminder
    Temper.LATE: (330, 440),  # five minutes bring the stand-in
    Temper.IN_GROUP: (20, 80),
}
_DESK_SECONDS = (45, 75)  # one telephone call
_WALK_SECONDS = (10, 80)  # to see the question and to press the key
_WORK_SECONDS = (60, 200)  # from the answer to the report
_WRITE_SECONDS = (15, 40)  # a sentence


def reactions(script: Script, message: Message, dice: Random) -> list[Intention]:
    """What this person is going to do about a bot's message, new or edited.

    Remembers in ``script.planned`` what was planned, so that an edit does not plan it twice.
    """
    return list(_reactions(script, message, dice))


def ending_for(number: int, dice: Random) -> tuple[str, str]:
    """The report the ``number``-th villager will make: its button and the words that follow."""
    if number == 4:
        return "需要支援", "两台车，卧床老人 3 名"
    if number == 9:
        return _BLOCKED, "进屯的桥被冲断，车过不去"
    if number % 5 == 3:
        return "已完成", ""
    households = dice.randint(3, 18)
    return _REPORT, f"{households}户 {households * 2 + dice.randint(0, households)}人"


def _reactions(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    if message["chat"]["id"] < 0:
        yield from _in_group(script, message, dice)
    elif script.role is Role.DUTY_OFFICER and _offers(message, PROXY):
        yield from _at_the_desk(script, message, dice)
    elif _is_roll_call(message):
        yield from _roll_call(script, message, dice)
    elif _offers(message, _STILL_ME):
        yield from _roster_check(script, message, dice)
    elif script.words and any(ask in str(message.get("text", "")) for ask in _ASKS):
        yield from _in_words(script, message, dice)
    elif _offers(message, ANSWER):
        yield from _answer(script, message, dice)
    elif script.ending and _offers(message, script.ending):
        report = f"report {_data(message)}"
        yield from _once(script, report, script.ending, message, _WORK_SECONDS, dice)


def _in_group(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    """Press the button of the group's post, once a post."""
    if script.temper is Temper.IN_GROUP and _offers(message, ANSWER):
        post = f"post {message['chat']['id']} {message['message_id']}"
        yield from _once(script, post, ANSWER, message, _DELAYS[script.temper], dice)


def _at_the_desk(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    """Telephone somebody of the list of the silent, and press the button that says so.

    Each line struck off makes the list another one: the next call takes its time again. Whoever
    stands there still is rung again.
    """
    ring = _to_ring(message)
    if ring is not None:
        what = f"{RINGING} {ring['callback_data']}"
        yield from _once(script, what, ring["text"], message, _DESK_SECONDS, dice)


def _is_roll_call(message: Message) -> bool:
    text = str(message.get("text", ""))
    return _ROLL_CALL in text and _POSITION in text and "点名已到" not in text


def _roll_call(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    """Send a position, once for each time it is asked for."""
    asked = f"roll {message['message_id']}"
    if script.temper is Temper.NEVER or script.mute or asked in script.planned:
        return
    script.planned.add(asked)
    yield Intention(dice.uniform(*_WALK_SECONDS), Deed.LOCATE, "", message["chat"]["id"])


def _roster_check(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    """Most are still there; whoever cannot carry out a warning says so here, too."""
    if script.temper is Temper.NEVER or script.mute:
        return
    gone = script.ending == _BLOCKED and _offers(message, _NO_LONGER)
    check = f"check {_data(message)}"
    yield from _once(script, check, _NO_LONGER if gone else _STILL_ME, message, _WALK_SECONDS, dice)


def _in_words(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    """Write what was asked for after a report's button."""
    asked = f"asked {message['message_id']}"
    if asked not in script.planned:
        script.planned.add(asked)
        after = dice.uniform(*_WRITE_SECONDS)
        yield Intention(after, Deed.WRITE, script.words, message["chat"]["id"])


def _to_ring(message: Message) -> dict[str, Any] | None:
    """Whom to telephone first: whoever nothing reaches, then whoever is silent for long."""
    entries = str(message.get("text", "")).split("\n\n")
    for button in buttons(message):
        name, proxy, _ = button["text"].removeprefix("📞").partition(PROXY)
        entry = next((entry for entry in entries if name.strip() in entry), "")
        waited = _WAITED.search(entry)
        long = waited is not None and (waited[2] != "分钟" or int(waited[1]) >= PATIENCE_MINUTES)
        unreached = UNREACHED in entry and BEING_RUNG not in entry
        if proxy and (unreached or long):
            return button
    return None


def _answer(script: Script, message: Message, dice: Random) -> Iterator[Intention]:
    call = f"call {_data(message)}"
    seen = f"{call} {message['message_id']}"
    if seen in script.planned:
        return  # an edit of what was read already
    script.planned.add(seen)
    reminded = sum(plan.startswith(call + " ") for plan in script.planned) > 1
    if script.temper is Temper.NEVER or script.temper is Temper.IN_GROUP:
        return
    if script.temper is Temper.AFTER_REMINDER and not reminded:
        return
    yield from _once(script, call, ANSWER, message, _DELAYS[script.temper], dice)


def _once(
    script: Script,
    what: str,
    words: str,
    message: Message,
    between: tuple[float, float],
    dice: Random,
) -> Iterator[Intention]:
    if what in script.planned:
        return
    script.planned.add(what)
    chat_id, message_id = message["chat"]["id"], message["message_id"]
    yield Intention(dice.uniform(*between), Deed.TAP, words, chat_id, message_id, what)


def _offers(message: Message, words: str) -> bool:
    return any(words in button["text"] for button in buttons(message))


def _data(message: Message) -> Any:
    """What the first button stands for: the same on every copy of one call."""
    return next((b.get("callback_data") for b in buttons(message)), None)
