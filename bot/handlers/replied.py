"""Which call somebody means who replies to one of our messages, or reacts to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from telegram import Message

from alerts import alert_store
from alerts.acknowledge import call_of_message
from alerts.calls import Call
from alerts.conversation_store import ConversationTopic
from alerts.lookup import own_call
from alerts.model import Alert
from alerts.outbox import outcome_store
from bot.actions.codec import Action
from bot.actions.cut_off import AssignRunner, CutOffVillage, FindRunner
from bot.actions.duty import DutyHandOverNow, DutyReceived, DutyWrite
from bot.actions.parsing import parse
from bot.actions.tasks import AssignTap, ExtendTap, TaskTap
from bot.actions.warnings import CallAnswer, GroupAnswer, ReportPlace, ReportPlaces, ReportTap
from bot.handlers.context import Context
from data.database import Connection
from data.errors import JiaoyingError


@dataclass(frozen=True, slots=True)
class Replied:
    """Somebody replied to a message of ours: the call that it is about, if it is about one.

    ``asked``: the message is of before the level rose, and asked with this one of the warning.
    ``subjects``: what else its buttons are about.
    """

    call: Call | None = None
    alert: Alert | None = None
    asked: int | None = None
    message_id: int | None = None
    subjects: frozenset[tuple[ConversationTopic, int]] = frozenset()

    @property
    def task(self) -> int | None:
        """The one task that it is about, if it is about one."""
        tasks = {number for topic, number in self.subjects if topic is ConversationTopic.TASK}
        return tasks.pop() if len(tasks) == 1 else None


async def replied_to(context: Context) -> Replied | None:
    """What the message of this update replies to; ``None``: to nothing of ours."""
    reply = post_replied_to(context)
    if reply is None:
        return None
    numbers = _call_numbers(reply)
    found = await meant(context, reply.message_id, numbers.pop() if len(numbers) == 1 else None)
    return replace(found, subjects=frozenset(_subjects(taps_of(reply))))


def post_replied_to(context: Context) -> Message | None:
    """The message of ours that the message of this update replies to."""
    reply = context.message.reply_to_message
    if reply is None or reply.from_user is None:
        return None
    return reply if reply.from_user.id == context.voice.bot_id else None


def alerts_named(message: Message) -> set[int]:
    """The warnings that the buttons under a group's post name."""
    return {tap.id for tap in taps_of(message) if isinstance(tap, GroupAnswer)}


async def meant(context: Context, message_id: int, call_id: int | None = None) -> Replied:
    """The call that a message of ours in this chat is about.

    :param call_id: the call that its buttons name, where they name one.
    """
    person, chat_id = context.known(), context.chat_id_here

    def look(c: Connection) -> Replied:
        if call_id is not None:
            try:
                call = own_call(c, call_id, person)
            except JiaoyingError:
                return Replied(message_id=message_id)
            alert = alert_store.alert(c, call.alert_id)
        else:
            found = call_of_message(c, person.id, chat_id, message_id)
            if found is None:
                return Replied(message_id=message_id)
            call, alert = found
        asked = _asked_before(c, call, alert, chat_id, message_id)
        return Replied(call, alert, asked, message_id)

    return await context.read(look)


def _asked_before(
    c: Connection, call: Call, alert: Alert | None, chat_id: int, message_id: int
) -> int | None:
    if alert is None or not alert.raised or alert.asked_at is None or not call.open:
        return None
    old = message_id != call.message_id and outcome_store.sent_before(
        c, chat_id, message_id, alert.asked_at
    )
    return alert.asked_version - 1 if old else None


def _call_numbers(message: Message) -> set[int]:
    """The calls that the buttons under a message name."""
    taps = taps_of(message)
    return {tap.id for tap in taps if isinstance(tap, CallAnswer)} | {
        tap.call_id for tap in taps if isinstance(tap, ReportTap | ReportPlaces | ReportPlace)
    }


def _subjects(taps: Iterable[Action]) -> Iterator[tuple[ConversationTopic, int]]:
    """What buttons name that a question may be about."""
    for tap in taps:
        if isinstance(tap, TaskTap | ExtendTap | AssignTap):
            yield ConversationTopic.TASK, tap.id
        elif isinstance(tap, DutyHandOverNow | DutyWrite | DutyReceived):
            yield ConversationTopic.HANDOVER, tap.id
        elif isinstance(tap, AssignRunner):
            yield ConversationTopic.RUNNER, tap.cut_off
        elif isinstance(tap, CutOffVillage | FindRunner):
            yield ConversationTopic.RUNNER, tap.id


def taps_of(message: Message) -> list[Action]:
    """What the buttons under a message ask for."""
    rows = [] if message.reply_markup is None else message.reply_markup.inline_keyboard
    data = [button.callback_data for row in rows for button in row]
    found = [parse(text) for text in data if isinstance(text, str)]
    return [tap for tap in found if tap is not None]
