"""What is sent while a task asks for it: a picture, a file, a voice, a position; no sticker."""

from __future__ import annotations

from telegram import Message

from alerts import conversation_store as conversations
from alerts.conversation_store import Conversation, ConversationTopic
from alerts.loop.tasks import event_store, working
from alerts.loop.tasks.model import Evidence, Note, TaskFile, TaskProblem
from alerts.patrol.positions.model import Position
from bot.actions.tasks import TaskAct
from bot.handlers.context import Context
from bot.handlers.replied import replied_to
from bot.messages.tasks import shown
from bot.views.tasks import card
from data.database import Connection
from data.errors import InvalidInput

_ASKING = (TaskAct.PROGRESS.value, TaskAct.DONE.value)
_KINDS = {
    "photo": Evidence.PHOTO,
    "video": Evidence.VIDEO,
    "video_note": Evidence.VIDEO,
    "voice": Evidence.VOICE,
    "document": Evidence.DOCUMENT,
}


def asked_by(context: Context) -> tuple[int, TaskAct] | None:
    """The task whose progress or end waits for what is sent now."""
    question = context.conversation
    if question is None or question.topic is not ConversationTopic.TASK or not question.open:
        return None
    if question.state["act"] not in _ASKING:
        return None
    return int(question.state["task"]), TaskAct(question.state["act"])


async def media(context: Context) -> bool:
    """Whether a picture, file or voice was kept as a task's."""
    asked = asked_by(context)
    replied = await replied_to(context)
    if replied is not None and replied.call is not None:
        return False
    if replied is not None and replied.task is not None:
        # In reply to a task's message it is that task's, whatever another asks for.
        kind = asked[1] if asked is not None and asked[0] == replied.task else TaskAct.PROGRESS
        asked = replied.task, kind
    file = None if asked is None else _file(context.message, context.voice.bot_id)
    if asked is None or file is None:
        return False
    note = Note((context.message.caption or "").strip(), file)
    album = context.message.media_group_id or ""
    await context.write(lambda c: _keep(c, context, asked, note, album))
    return True


def position_came(c: Connection, context: Context, position: Position) -> None:
    """A position that nothing is doubtful about is kept as a task's, too."""
    asked = asked_by(context)
    if asked is not None and not position.doubts:
        _keep(c, context, asked, Note(lon=position.fix.lon, lat=position.fix.lat))


def refuse_sticker(context: Context) -> None:
    """A sticker shows nothing; without a question it is like any other.

    :raises InvalidInput: with ``STICKER``.
    """
    if asked_by(context) is not None:
        raise InvalidInput(TaskProblem.STICKER)


def _keep(
    c: Connection, context: Context, asked: tuple[int, TaskAct], note: Note, album: str = ""
) -> None:
    task_id, act = asked
    person, now = context.known(), context.now
    rules, done_at = context.services.rules.tasks, context.done_at
    task = working.add_progress(c, task_id, person, note, rules, now, done_at=done_at)
    question, more = context.conversation, {"task": task_id, "act": act.value, "album": album}
    before = {} if question is None else question.state
    if question is None or _is_about(question, task_id):
        conversations.put(
            c, context.account, ConversationTopic.TASK, {**before, **more}, now, hears=True
        )
        if album and before.get("album") == album:
            return  # an album is answered once
    one = shown(context.facts(c), task, person)
    if task.state.ended:  # since it was sent
        context.will_say(c, card.told(one, act, context.language, context.zone))
        return
    missing = task.evidence - event_store.shown(c, task.id)
    context.will_say(c, card.kept(one, missing, context.language, done=act is TaskAct.DONE))


def _is_about(question: Conversation, task_id: int) -> bool:
    """Whether what was asked waits for evidence of this task: nothing else that is being written
    (a draft, words that wait for their button) is given up for a picture."""
    state = question.state
    asks = question.topic is ConversationTopic.TASK and "nonce" not in state
    return asks and state["task"] == task_id


def _file(message: Message, bot_id: int) -> TaskFile | None:
    if message.photo:
        return TaskFile(Evidence.PHOTO, message.photo[-1].file_id, bot_id)
    for name, kind in _KINDS.items():
        found = getattr(message, name)
        if found:
            return TaskFile(kind, found.file_id, bot_id)
    return None
