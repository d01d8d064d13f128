"""What somebody was asked who answers in words, or by a sign: said again, with its buttons.

收到 is for warnings. Whoever says it to a task, an errand or a shift is told plainly that nothing
was recorded, and gets the buttons that answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson

from alerts.outbox import asking_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from bot.actions.cut_off import ErrandGoing
from bot.actions.duty import DutyAnswer, DutyReceived
from bot.actions.hotspots import HotspotAccept
from bot.actions.parsing import parse
from bot.actions.roster_checks import RosterAnswer
from bot.actions.tasks import TaskAct, TaskTap
from bot.handlers import tasks
from bot.handlers.context import Context
from bot.handlers.replied import Replied
from bot.messages.registry import RENDERERS
from bot.views.questions import press_below
from data.database import Connection

_FIRST = (ErrandGoing, DutyAnswer, DutyReceived, HotspotAccept, RosterAnswer)
"""The first button of what still waits to be answered; of a task that it is taken on."""


def say_again(c: Connection, context: Context, message_id: int, *, still: bool = True) -> bool:
    """Say again what this message of ours asks; whether it asks anything.

    :param still: only where it was not answered yet.
    """
    asked = asking_store.message_of(c, context.chat_id_here, message_id)
    return asked is not None and _say(c, context, asked, waiting=still)


def say_to_reply(c: Connection, context: Context, replied: Replied) -> bool:
    """To words in reply to a message that is no call's: what it asks, or the task it shows."""
    if replied.call is not None or replied.message_id is None:
        return False
    if say_again(c, context, replied.message_id, still=False):
        return True
    if replied.task is not None:
        head = press_below(context.language)
        context.will_say(c, tasks.card_of(c, context, replied.task, head=head))
    return replied.task is not None


def say_what_waits(c: Connection, context: Context) -> bool:
    """Say again the newest thing that was asked here and is not answered; whether there is one."""
    for asked in asking_store.newest(c, context.chat_id_here, context.now):
        if _say(c, context, asked, waiting=True):
            return True
    return False


def _say(c: Connection, context: Context, asked: Delivery, *, waiting: bool = False) -> bool:
    request = RENDERERS[asked.kind](context.facts(c), asked)
    if request is None or request.method != "sendMessage":
        return False
    body = orjson.loads(request.body)
    buttons = list(_buttons(body))
    pressed = buttons and (not waiting or _waits(buttons[0]))
    if not pressed and asked.kind is not MessageKind.ROLL_CALL:  # a key of the keyboard answers it
        return False
    body["text"] = f"{press_below(context.language)}\n\n{body['text']}"
    context.will_make(c, replace(request, body=orjson.dumps(body)), context.chat_id_here)
    return True


def _buttons(body: dict[str, Any]) -> Iterable[str]:
    for row in body.get("reply_markup", {}).get("inline_keyboard", ()):
        for button in row:
            if "callback_data" in button:
                yield button["callback_data"]


def _waits(data: str) -> bool:
    action = parse(data)
    if isinstance(action, TaskTap):
        return action.act is TaskAct.TAKE
    return isinstance(action, _FIRST)
