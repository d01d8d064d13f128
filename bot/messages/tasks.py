"""What a delivery about tasks says: how they stand when it leaves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.loop.tasks import event_store, store
from alerts.loop.tasks.checking import is_ones_own, may_check
from alerts.loop.tasks.model import Task, TaskEvent, TaskEventKind, TaskState
from alerts.loop.tasks.whose import Whose, answers_for, fits, whose, whose_many
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.outbox.task_messages import TaskAbove, TaskCheck, TaskEvidence, TaskNews, TaskWord
from bot.messages.facts import Facts
from bot.messages.requests import as_file, as_message, as_place
from bot.messages.topic import Topic
from bot.telegram.outgoing import FilesOfOthers, Request
from bot.views.screen import Screen, payload
from bot.views.tasks import news
from bot.views.tasks.card import ShownTask, task_screen
from bot.views.warnings.parts import plain_title
from contacts import place_store
from contacts.access import may_release, may_take_charge
from contacts.people import Person

TASKS = Topic()

_RUNS = (TaskState.OPEN, TaskState.TAKEN)
_OF_ENDED = (TaskWord.STRUCK_OFF, TaskWord.WITHDRAWN)


def shown_many(facts: Facts, tasks: Sequence[Task], reader: Person | None) -> list[ShownTask]:
    """Tasks with their names, for lists: in a few statements, whatever their number."""
    codes = {task.place_code for task in tasks} | {task.responsible.place_code for task in tasks}
    names = place_store.names(facts.connection, codes - {""})
    holders = whose_many(facts.connection, tasks, facts.now)
    found = []
    for task in tasks:
        theirs, post = holders[task.id], task.responsible
        holder = "、".join(person.name for person in theirs.told[:2])
        found.append(
            ShownTask(
                task,
                names.get(task.place_code) or facts.place(task.division_code),
                names.get(post.place_code) or facts.place(post.division_code),
                facts.now,
                holder="" if theirs.handed_over else holder,
                vacant=theirs.vacant,
                out_of_reach=theirs.out_of_reach,
                theirs=reader is not None and _has(reader, task, theirs),
                charge=may_take_charge(reader, post.division_code).allowed,
            )
        )
    return found


def shown(facts: Facts, task: Task, reader: Person | None) -> ShownTask:
    """One task with everything of it."""
    (brief,) = shown_many(facts, [task], reader)
    history = event_store.of_task(facts.connection, task.id)
    parts = store.parts_of(facts.connection, task.id)
    alert = None if task.alert_id is None else facts.alert_numbered(task.alert_id)
    theirs = whose(facts.connection, task, facts.now)
    another = task.state is TaskState.TAKEN and reader is not None and task.taken_by != reader.id
    return replace(
        brief,
        giver=facts.by(task.created_by),
        alert="" if alert is None else plain_title(alert, facts.area(alert), _language(reader)),
        asked_by=facts.by(task.asked_by),
        ended_by=facts.by(task.ended_by),
        submitted_by=facts.by(task.submitted_by),
        reason=_reason(task, history),
        done_words=_last_words(history, TaskEventKind.SUBMITTED),
        files=sum(1 for event in history if event.note.shows),
        parts=tuple((part.id, part.title, part.state.ended) for part in parts),
        theirs=brief.theirs and not another,
        checks=reader is not None and may_check(facts.connection, reader, task),
        own=reader is not None
        and brief.charge
        and is_ones_own(facts.connection, task, reader, theirs),
    )


def _has(reader: Person, task: Task, theirs: Whose) -> bool:
    """Whether it is the reader's to do: officers above only where the post is vacant."""
    wanted = task.responsible
    if reader.id in (task.taken_by, wanted.person_id):
        return True
    held = any(fits(post, wanted) for post in reader.posts)
    return held or (theirs.handed_over and answers_for(reader, task))


def own_tasks(facts: Facts, person: Person, most: int) -> tuple[list[ShownTask], int]:
    """The first tasks of a person, and how many there are."""
    found = store.of_person(facts.connection, person)
    return shown_many(facts, found[:most], person), len(found)


def evidence_request(
    facts: Facts, chat_id: int, language: str, task: Task, event: TaskEvent
) -> Request | None:
    """A file or a position that came with a task; of another bot's file it is brought over."""
    (brief,) = shown_many(facts, [task], None)
    note, file = event.note, event.note.file
    if file is None:
        if note.lon is None or note.lat is None:
            return None
        return as_place(chat_id, note.lon, note.lat)
    caption = news.evidence_caption(brief, facts.by(event.by), note.words, language)
    screen = Screen(caption)
    request = as_file(chat_id, screen, file.kind.value, file.file_id)
    if file.bot_id in (None, facts.bot_id):
        return request
    away = {file.file_id: file.bot_id}
    return replace(request, files_of_others=FilesOfOthers(away, payload(screen, chat_id)))


@TASKS.says(TaskNews)
def _news(facts: Facts, delivery: Delivery, message: TaskNews) -> Request | None:
    tasks = _read(facts, message.tasks)
    if message.message_id is not None:
        return _as_it_stands(facts, delivery, tasks, message.message_id)
    ended = message.why in _OF_ENDED
    now = facts.now
    tasks = [one for one in tasks if one.state.ended is ended and still_true(one, message.why, now)]
    if not tasks:
        return None  # done, or withdrawn, while this waited to be sent
    total = message.total - (len(message.tasks) - len(tasks))
    screen = news.news_screen(
        message.why,
        _shown_for(facts, delivery, tasks),
        total,
        delivery.language,
        facts.zone,
        vacant=message.vacant,
        out_of_reach=message.out_of_reach,
    )
    return as_message(delivery.chat_id, screen)


@TASKS.says(TaskCheck)
def _check(facts: Facts, delivery: Delivery, message: TaskCheck) -> Request | None:
    task = store.task(facts.connection, message.task)
    if task is not None and message.message_id is not None:
        return _as_it_stands(facts, delivery, [task], message.message_id)
    if task is None or not (task.state is TaskState.SUBMITTED or task.asked_until is not None):
        return None
    (one,) = _shown_for(facts, delivery, [task])
    why = ""
    if task.asked_until is not None:
        history = event_store.of_task(facts.connection, task.id)
        why = _last_words(history, TaskEventKind.EXTENSION_ASKED)
    screen = news.check_screen(one, delivery.language, facts.zone, again=message.again, why=why)
    return as_message(delivery.chat_id, screen)


def _as_it_stands(
    facts: Facts, delivery: Delivery, tasks: Sequence[Task], message_id: int
) -> Request | None:
    """An edit of what was said of one task: how it stands, and what can still be pressed."""
    if len(tasks) != 1:
        return None
    (one,) = _shown_for(facts, delivery, tasks)
    screen = task_screen(one, delivery.language, facts.zone)
    return as_message(delivery.chat_id, screen, message_id)


@TASKS.says(TaskAbove)
def _above(facts: Facts, delivery: Delivery, message: TaskAbove) -> Request | None:
    wanted = (TaskState.SUBMITTED,) if message.unchecked else _RUNS
    tasks = [task for task in _read(facts, message.tasks) if task.state in wanted]
    if not message.unchecked:
        tasks = [task for task in tasks if task.due_at <= facts.now]
    if not tasks:
        return None  # done, or prolonged, while this waited to be sent
    total = message.total - (len(message.tasks) - len(tasks))
    screen = news.above_screen(
        _shown_for(facts, delivery, tasks),
        total,
        delivery.language,
        facts.zone,
        unchecked=message.unchecked,
    )
    return as_message(delivery.chat_id, screen)


@TASKS.says(TaskEvidence)
def _evidence(facts: Facts, delivery: Delivery, message: TaskEvidence) -> Request | None:
    event = event_store.event(facts.connection, message.event)
    task = None if event is None else store.task(facts.connection, event.task_id)
    if event is None or task is None:
        return None
    return evidence_request(facts, delivery.chat_id, delivery.language, task, event)


@TASKS.says_kind(MessageKind.LISTS_TOLD)
def _lists_told(facts: Facts, delivery: Delivery) -> Request | None:
    # Loaded when somebody is told, once an office.
    from alerts.template_files.holding import templates_in
    from alerts.template_files.model import TemplateKind
    from bot.views.template_lists import told

    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    if reader is None or not may_release(reader, [reader.division_code]).allowed:
        return None
    division, folders = reader.division_code, facts.services.rules.folders
    found = templates_in(facts.connection, TemplateKind.LIST, division, folders)
    screen = told(found, facts.place(division), delivery.language)
    return as_message(delivery.chat_id, screen)


def _read(facts: Facts, ids: Collection[int]) -> list[Task]:
    known = store.tasks(facts.connection, ids)
    return [known[task_id] for task_id in ids if task_id in known]


def _shown_for(facts: Facts, delivery: Delivery, tasks: Sequence[Task]) -> list[ShownTask]:
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    if len(tasks) == 1:
        return [shown(facts, tasks[0], reader)]
    return shown_many(facts, tasks, reader)


def still_true(task: Task, why: TaskWord, now: datetime) -> bool:
    """Whether it is still true: what was taken, or submitted, needs no reminder of that; nor is a
    deadline near that has passed, or overdue what was prolonged."""
    if why is TaskWord.TAKE and task.state is not TaskState.OPEN:
        return False
    if why in (TaskWord.TAKE, TaskWord.REMIND) and task.due_at <= now:
        return False  # that it is due is told by the next look
    if why in (TaskWord.DUE, TaskWord.OVERDUE) and task.due_at > now:
        return False
    return task.state is not TaskState.SUBMITTED or why in (TaskWord.SUPERVISED, *_OF_ENDED)


def _reason(task: Task, history: Sequence[TaskEvent]) -> str:
    if task.state is TaskState.WITHDRAWN:
        return _last_words(history, TaskEventKind.WITHDRAWN)
    if task.state in _RUNS:
        return _last_words(history, TaskEventKind.RETURNED)
    return ""


def _last_words(history: Sequence[TaskEvent], kind: TaskEventKind) -> str:
    return next((event.note.words for event in reversed(history) if event.kind is kind), "")


def _language(reader: Person | None) -> str:
    return "zh" if reader is None else reader.language
