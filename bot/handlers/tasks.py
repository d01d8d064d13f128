"""Tasks of the five lists: /tasks, and the buttons and answers of one task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.loop.tasks import checking, count_store, event_store, store, working
from alerts.loop.tasks.acting import known_task
from alerts.loop.tasks.lifecycle import check_reason
from alerts.loop.tasks.model import UNFINISHED, Note, Responsible, Task, TaskProblem, TaskState
from alerts.loop.tasks.whose import answers_for
from bot.actions.tasks import AssignTap, ExtendTap, TaskAct, TaskListTap, TaskTap, TaskView
from bot.compose.task_line import parse_deadline
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.handlers.task_posts import chosen, offered, who_is_meant
from bot.messages.tasks import evidence_request, shown, shown_many
from bot.views.paging import last_page
from bot.views.screen import Screen
from bot.views.tasks import card, lists
from contacts.access import may_be_informed, require
from contacts.people import Person, Role
from data.database import Connection
from data.errors import InvalidInput, NotAllowed

_ASKS = (
    TaskAct.PROGRESS,
    TaskAct.DONE,
    TaskAct.EXTEND,
    TaskAct.BACK,
    TaskAct.WITHDRAW,
    TaskAct.ASSIGN,
)


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(tasks=tasks)


async def tasks(context: Context) -> None:
    """/tasks: one's own; officers see those below by the keys under it. /tasks 17: that one."""
    word = context.after_command.strip().lstrip("#＃")
    if word.isdecimal():
        await context.say(await context.read(lambda c: _card(c, context, int(word[:18]))))
        return
    await context.say(await context.read(lambda c: _list(c, context, TaskListTap(TaskView.MINE))))


async def turn(context: Context, action: TaskListTap) -> None:
    """A page, or another list."""
    screen = await context.read(lambda c: _list(c, context, action))
    await context.toast()
    await context.show(screen)


async def tapped(context: Context, action: TaskTap) -> None:
    """A button of one task."""
    if action.act in (TaskAct.SHOW, TaskAct.HISTORY):
        screen = await context.read(lambda c: _card(c, context, action.id, action.act))
        await context.toast()
        await context.show(screen)
    elif action.act is TaskAct.FILES:
        await _send_files(context, action.id)
    elif action.act in _ASKS:
        await _ask(context, action.id, action.act)
    else:
        await _do(context, action.id, action.act)


async def prolong(context: Context, action: ExtendTap) -> None:
    """By how much was tapped; why is asked."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        task = known_task(c, action.id)
        until = max(task.due_at, now) + timedelta(hours=action.hours)
        state = {"task": task.id, "act": TaskAct.EXTEND.value, "until": until.timestamp()}
        conversations.put(c, context.account, ConversationTopic.TASK, state, now)
        one = shown(context.facts(c), task, person)
        context.will_show(c, card.ask_reason(one, TaskAct.EXTEND, context.language))

    await context.write(unit)
    await context.toast()


async def typed(context: Context, text: str) -> None:
    """The answer in words: progress, that it is done, why it is sent back, until when."""
    task_id, act = int(context.asked["task"]), TaskAct(context.asked["act"])
    person, rules, now = context.known(), context.services.rules.tasks, context.now
    done_at = context.done_at

    def extend(c: Connection) -> Task:
        until, reason = _until(context, text)
        return working.ask_extension(c, task_id, person, until, reason, now)

    def done(c: Connection) -> Task:
        return working.submit(c, task_id, person, Note(text), rules, now, done_at=done_at)

    acts: dict[TaskAct, Callable[[Connection], Task | None]] = {
        TaskAct.PROGRESS: lambda c: working.add_progress(
            c, task_id, person, Note(text), rules, now, done_at=done_at
        ),
        TaskAct.DONE: done,
        TaskAct.EXTEND: extend,
        TaskAct.BACK: lambda c: _confirm_reason(c, context, task_id, act, text),
        TaskAct.WITHDRAW: lambda c: _confirm_reason(c, context, task_id, act, text),
        TaskAct.ASSIGN: lambda c: _assigned(c, context, task_id, text),
    }
    word = TaskAct.SUBMIT if act is TaskAct.DONE else act

    def unit(c: Connection) -> None:
        if act is TaskAct.DONE and _missing(c, task_id) and not known_task(c, task_id).state.ended:
            _keep_words(c, context, task_id, text)
            return
        task = acts[act](c)
        if task is None:
            return
        conversations.end(c, context.account)
        context.will_say(c, _told(c, context, task, word))

    await context.write(unit)


def _confirm_reason(c: Connection, context: Context, task_id: int, act: TaskAct, text: str) -> None:
    """The reason is shown, with the button that alone sends the task back, or withdraws it."""
    task = known_task(c, task_id)
    check_reason(task, text)
    one = shown(context.facts(c), task, context.known())
    nonce = conversations.put_words(c, context.account, context.conversation, text, context.now)
    context.will_say(c, card.confirm_reason(one, act, text, nonce, context.language))


def with_reason(c: Connection, context: Context, asked: Mapping[str, Any], words: str) -> Screen:
    """↩️ 退回, ☑️ 撤销: with the reason that was shown."""
    task_id, act, by = int(asked["task"]), TaskAct(asked["act"]), context.known()
    if act is TaskAct.BACK:
        rules = context.services.rules.tasks
        task = checking.send_back(c, task_id, by, words, rules, context.now)
    else:
        assert act is TaskAct.WITHDRAW
        task = checking.withdraw(c, task_id, by, words, context.now)
    return _told(c, context, task, act)


async def assign(context: Context, action: AssignTap) -> None:
    """改派, to somebody of the division."""
    person, rules, now = context.known(), context.services.rules.tasks, context.now

    def unit(c: Connection) -> None:
        code = known_task(c, action.id).responsible.division_code
        post = _post(code, chosen(c, code, f"p{action.person_id}"))
        if post is None:  # who was offered has left meanwhile
            context.will_show(c, _ask_whom(c, context, action.id))
            return
        task = checking.change(c, action.id, person, rules, now, responsible=post)
        conversations.end(c, context.account)
        context.will_show(c, _told(c, context, task, TaskAct.ASSIGN))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {
    TaskTap: tapped,
    TaskListTap: turn,
    ExtendTap: prolong,
    AssignTap: assign,
}


def _post(code: str, who: list[Any] | None) -> Responsible | None:
    return None if who is None else Responsible(code, Role(who[0]), who[1], who[2])


def _ask_whom(c: Connection, context: Context, task_id: int, unknown: str = "") -> Screen:
    task = known_task(c, task_id)
    found = offered(c, task.responsible.division_code, context.language)
    people = [(int(one.value[1:]), one.words) for one in found if one.value[1:].isdecimal()]
    one = shown(context.facts(c), task, context.known())
    return card.ask_assign(one, people, context.language, unknown)


def _assigned(c: Connection, context: Context, task_id: int, word: str) -> Task | None:
    """Given to who is written; ``None``: nobody there is called so."""
    code = known_task(c, task_id).responsible.division_code
    post = _post(code, who_is_meant(c, code, word.strip()))
    if post is None:
        context.will_say(c, _ask_whom(c, context, task_id, word.strip()[:20]))
        return None
    by, rules = context.known(), context.services.rules.tasks
    return checking.change(c, task_id, by, rules, context.now, responsible=post)


def _keep_words(c: Connection, context: Context, task_id: int, text: str) -> None:
    """It is said to be done, and what shows it is still missing: the words are kept."""
    person, rules, now = context.known(), context.services.rules.tasks, context.now
    task = working.add_progress(c, task_id, person, Note(text), rules, now, done_at=context.done_at)
    state = {"task": task_id, "act": TaskAct.DONE.value}
    conversations.put(c, context.account, ConversationTopic.TASK, state, now)
    one = shown(context.facts(c), task, person)
    context.will_say(c, card.kept(one, _missing(c, task_id), context.language, done=True))


def _missing(c: Connection, task_id: int) -> frozenset[Any]:
    task = known_task(c, task_id)
    return task.evidence - event_store.shown(c, task.id)


def _until(context: Context, text: str) -> tuple[datetime, str]:
    """Until when, and why: by the button, or both in one line."""
    told = context.asked.get("until")
    if told is not None:
        return datetime.fromtimestamp(float(told), UTC), text
    found = parse_deadline(text, context.done_at, context.services.zone)
    if found is None:
        raise InvalidInput(TaskProblem.NO_TIME)
    return found


async def _ask(context: Context, task_id: int, act: TaskAct) -> None:
    """A question, whose answer is typed or sent."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        task = known_task(c, task_id)
        one = shown(context.facts(c), task, person)
        language = context.language
        if task.state.ended or not _may(one, act):
            _require_reader(person, task)
            context.will_show(c, card.task_screen(one, language, context.zone))
            return
        state = {"task": task_id, "act": act.value}
        conversations.put(c, context.account, ConversationTopic.TASK, state, now)
        if act is TaskAct.PROGRESS:
            screen = card.ask_progress(one, language)
        elif act is TaskAct.DONE:
            screen = card.ask_done(one, _missing(c, task_id), language)
        elif act is TaskAct.EXTEND:
            screen = card.ask_extension(one, language)
        elif act is TaskAct.ASSIGN:
            screen = _ask_whom(c, context, task_id)
        else:
            screen = card.ask_reason(one, act, language)
        context.will_say(c, screen)

    await context.write(unit)
    await context.toast()


def _may(one: card.ShownTask, act: TaskAct) -> bool:
    """Whether the question is still this reader's: else the task as it stands is shown."""
    if act is TaskAct.BACK:
        return one.checks and one.task.state is TaskState.SUBMITTED
    if act in (TaskAct.WITHDRAW, TaskAct.ASSIGN):
        return one.charge
    return one.theirs and one.task.state is not TaskState.SUBMITTED


async def _do(context: Context, task_id: int, act: TaskAct) -> None:
    """A button that acts at once."""
    person, rules, now = context.known(), context.services.rules.tasks, context.now
    acts: dict[TaskAct, Callable[[Connection], Task]] = {
        TaskAct.TAKE: lambda c: working.take(c, task_id, person, rules, now),
        TaskAct.SUBMIT: lambda c: working.submit(
            c, task_id, person, Note(), rules, now, done_at=context.done_at
        ),
        TaskAct.STRIKE: lambda c: checking.strike_off(c, task_id, person, now),
        TaskAct.GRANT: lambda c: checking.decide_extension(
            c, task_id, person, rules, now, granted=True
        ),
        TaskAct.REFUSE: lambda c: checking.decide_extension(
            c, task_id, person, rules, now, granted=False
        ),
        TaskAct.WATCH: lambda c: checking.supervise(c, task_id, person, rules, now, on=True),
        TaskAct.UNWATCH: lambda c: checking.supervise(c, task_id, person, rules, now, on=False),
    }

    def unit(c: Connection) -> None:
        task = acts[act](c)
        conversations.end(c, context.account)
        context.will_show(c, _told(c, context, task, act))

    await context.write(unit)
    await context.toast()


async def _send_files(context: Context, task_id: int) -> None:
    """📎: what came with it, the newest last."""
    person = context.known()

    def unit(c: Connection) -> None:
        task = known_task(c, task_id)
        _require_reader(person, task)
        facts = context.facts(c)
        events = [event for event in event_store.of_task(c, task_id) if event.note.shows]
        for event in events[-working.MOST_FILES :]:
            request = evidence_request(facts, context.chat_id_here, context.language, task, event)
            if request is not None:
                context.will_make(c, request, context.chat_id_here)

    await context.write(unit)
    await context.toast()


def _told(c: Connection, context: Context, task: Task, act: TaskAct) -> Screen:
    one = shown(context.facts(c), task, context.known())
    return card.told(one, act, context.language, context.zone)


def card_of(c: Connection, context: Context, task_id: int, *, head: str) -> Screen:
    """A task that was meant, below why it is shown (HTML)."""
    task = known_task(c, task_id)
    _require_reader(context.known(), task)
    one = shown(context.facts(c), task, context.known())
    return card.task_screen(one, context.language, context.zone, head=head)


def _card(c: Connection, context: Context, task_id: int, act: TaskAct = TaskAct.SHOW) -> Screen:
    person, facts = context.known(), context.facts(c)
    task = known_task(c, task_id)
    _require_reader(person, task)
    one = shown(facts, task, person)
    if act is TaskAct.HISTORY:
        events = [(event, facts.by(event.by)) for event in event_store.of_task(c, task_id)]
        return card.history_screen(one, events, context.language, context.zone)
    return card.task_screen(one, context.language, context.zone)


def _require_reader(person: Person, task: Task) -> None:
    """A task is read by whose it is or was, and by who is informed of the post's division.

    :raises NotAllowed: with ``NOT_YOURS``.
    """
    had = person.id in (task.created_by, task.taken_by, task.submitted_by, task.ended_by)
    informed = may_be_informed(person, task.responsible.division_code).allowed
    if not (had or informed or answers_for(person, task)):
        raise NotAllowed(TaskProblem.NOT_YOURS, task=task.id)


def _list(c: Connection, context: Context, action: TaskListTap) -> Screen:
    person, view = context.on_watch(c), action.view
    code, now = person.division_code, context.now
    officer = may_be_informed(person, code).allowed
    if view is not TaskView.MINE:
        require(may_be_informed(person, code), division=code)
    found, total, page = _page(c, context, person, action)
    return lists.list_screen(
        view,
        shown_many(context.facts(c), found, person),
        total,
        page,
        context.services.gazetteer.name(code),
        context.language,
        context.zone,
        in_list=action.in_list,
        officer=officer,
        counts=_counts(c, code, now) if officer else None,
    )


def _page(
    c: Connection, context: Context, person: Person, action: TaskListTap
) -> tuple[list[Task], int, int]:
    """The tasks of a page, how many there are in all, and which page that is."""
    size, view = lists.PAGE_SIZE, action.view
    if view is TaskView.MINE:
        mine = store.of_person(c, person)
        page = min(action.page, last_page(len(mine), size))
        return mine[page * size : (page + 1) * size], len(mine), page
    wanted = store.Wanted(
        states=(TaskState.SUBMITTED,) if view is TaskView.CHECK else UNFINISHED,
        in_list=action.in_list,
        overdue_at=context.now if view is TaskView.OVERDUE else None,
        supervised=view is TaskView.WATCHED,
    )
    total = store.count_within(c, [person.division_code], wanted)
    page = min(action.page, last_page(total, size))
    found = store.page_within(c, [person.division_code], wanted, size, page * size)
    return found, total, page


def _counts(c: Connection, code: str, now: datetime) -> dict[TaskView, int]:
    counts = count_store.of_views(c, code, now)
    return {
        TaskView.BELOW: counts.open,
        TaskView.OVERDUE: counts.overdue,
        TaskView.CHECK: counts.submitted,
        TaskView.WATCHED: counts.supervised,
    }
