"""A task is made in the chat: /task, in one line or asked step by step; or of a report."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import Conversation, ConversationTopic
from alerts.loop.tasks import store
from alerts.loop.tasks.creating import create
from alerts.loop.tasks.model import (
    Cause,
    CauseKind,
    Evidence,
    NewTask,
    Responsible,
    Task,
    TaskList,
)
from alerts.loop.tasks.reports import reported
from alerts.loop.tasks.whose import whose
from bot.actions.tasks import NewTaskStep, NewTaskTap, TaskOf
from bot.compose.task_line import parse_task_line
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.handlers.task_posts import chosen, offered, who_is_meant
from bot.messages.tasks import shown
from bot.views.late import preview_note
from bot.views.screen import Screen, bold
from bot.views.tasks import card, wizard
from bot.views.tasks.wizard import Drafted
from bot.views.vocabulary import office_name
from contacts.access import may_be_informed, require
from contacts.divisions.codes import ancestors
from contacts.people import Person, Role
from data.database import Connection

State = dict[str, Any]


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(task=task)


async def task(context: Context) -> None:
    """/task 敦化市黄泥河镇 修涵洞 3天 张三; what is left out is asked for."""
    person = _officer(context)
    state: State = {"list": TaskList.TASK.value, "evidence": []}
    words = context.after_command.strip()
    await context.write(lambda c: _go_on(c, context, _read(c, context, person, state, words)))


async def step(context: Context, action: NewTaskTap) -> None:
    """A button while a task is being made."""
    _officer(context)
    if action.step is NewTaskStep.START:
        await context.toast()
        state: State = {"list": TaskList.TASK.value, "evidence": []}
        await context.write(lambda c: _go_on(c, context, state))
        return

    def unit(c: Connection) -> None:
        found = conversations.get(c, context.account, context.now)
        if action.step is NewTaskStep.STOP:
            conversations.end(c, context.account)
            context.will_show(c, wizard.stopped(context.language))
        elif found is None or found.topic is not ConversationTopic.NEW_TASK:
            context.will_show(c, wizard.lost(context.language))
        elif action.step is NewTaskStep.CONFIRM:
            _confirm(c, context, found, action.value)
        else:
            changed = _changed(c, context, dict(found.state), action)
            _go_on(c, context, changed, in_place=True)

    await context.write(unit)
    await context.toast()


async def typed(context: Context, text: str) -> None:
    """The answer to what is missing."""
    person = _officer(context)
    state = dict(context.asked)
    await context.write(lambda c: _go_on(c, context, _answered(c, context, person, state, text)))


async def of_cause(context: Context, action: TaskOf) -> None:
    """转为清单: a problem for the list, made of what somebody reported; once."""
    person = _officer(context)
    cause = Cause(action.cause, action.id)

    def unit(c: Connection) -> None:
        made = store.of_cause(c, cause)
        if made is not None:
            one = shown(context.facts(c), made, person)
            context.will_say(c, card.already(one, context.language, context.zone))
            return
        report = reported(c, cause, person)
        state: State = {
            "list": TaskList.PROBLEM.value,
            "evidence": [Evidence.PHOTO.value],
            "title": report.title,
            "measure": report.words,
            "where": report.division_code,
            "place": report.place_code,
            "spot": report.spot,
            "alert": report.alert_id,
            "cause": [cause.kind.value, cause.id],
            "code": report.division_code,
        }
        _go_on(c, context, state)

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {NewTaskTap: step, TaskOf: of_cause}


def _officer(context: Context) -> Person:
    """Whoever may give a task: who is informed of their division."""
    person = context.known()
    require(may_be_informed(person, person.division_code), division=person.division_code)
    return person


def _read(c: Connection, context: Context, person: Person, state: State, text: str) -> State:
    """What a line adds to what is known."""
    services = context.services
    line = parse_task_line(
        text,
        services.gazetteer,
        within=person.division_code,
        now=context.done_at,
        zone=services.zone,
    )
    if line.in_list is not None:
        state["list"] = line.in_list.value
    if line.code:
        state["code"] = line.code
    if line.unclear:
        state["unclear"] = [candidate.path for candidate in line.unclear]
    if line.due_at is not None:
        state["due"] = line.due_at.timestamp()
    words = list(line.words)
    if words and state.get("code"):
        # Whoever does it stands last, or right behind the place.
        for at in (len(words) - 1, 0):
            who = who_is_meant(c, state["code"], words[at]) if len(words) > 1 else None
            if who is not None:
                state["who"] = who
                words.pop(at)
                break
    if words:
        state["title"] = " ".join(words)
    return state


def _answered(c: Connection, context: Context, person: Person, state: State, text: str) -> State:
    missing = _missing(state, context.now)
    state.pop("past", None)
    if missing == "title":
        found = _read(c, context, person, state, text)
        found.setdefault("title", text.strip())
        return found
    line = parse_task_line(
        text,
        context.services.gazetteer,
        within=person.division_code,
        now=context.done_at,
        zone=context.zone,
    )
    if missing == "code":
        state.pop("unclear", None)
        if line.code:
            state["code"] = line.code
        elif line.unclear:
            state["unclear"] = [candidate.path for candidate in line.unclear]
    elif missing == "who":
        who = who_is_meant(c, state["code"], text.strip())
        state.pop("unknown", None)
        state.update({"who": who} if who is not None else {"unknown": text.strip()[:20]})
    elif line.due_at is not None:
        state["due"] = line.due_at.timestamp()
    return state


def _changed(c: Connection, context: Context, state: State, action: NewTaskTap) -> State:
    """What a button adds; nothing, where it is forged."""
    try:
        return _with(c, context, dict(state), action)
    except (LookupError, ValueError, OverflowError):
        return state


def _with(c: Connection, context: Context, state: State, action: NewTaskTap) -> State:
    value = action.value
    if action.step is NewTaskStep.LIST:
        state["list"] = TaskList(value).value
    elif action.step is NewTaskStep.HOURS:
        state["due"] = (context.now + timedelta(hours=int(value))).timestamp()
    elif action.step is NewTaskStep.EVIDENCE:
        state["evidence"] = sorted(set(state["evidence"]) ^ {Evidence(value).value})
    elif action.step is NewTaskStep.POST:
        state["who"] = chosen(c, state["code"], value)
    elif action.step is NewTaskStep.ASK:
        if value == "above":
            state["code"] = ancestors(state["code"])[0]
            value = "who"
        for key in {"title": ("title",), "who": ("who",), "when": ("due",)}.get(
            value, ("code", "who")
        ):
            state.pop(key, None)
    return state


def _missing(state: Mapping[str, Any], now: datetime) -> str:
    """What is asked next; empty: nothing."""
    for key in ("title", "code", "who", "due"):
        if not state.get(key):
            return key
    return "due" if state["due"] <= now.timestamp() else ""


def _go_on(c: Connection, context: Context, state: State, *, in_place: bool = False) -> None:
    """Ask for what is missing, or show all of it."""
    missing, language, now = _missing(state, context.now), context.language, context.now
    if state.get("code"):
        require(may_be_informed(context.known(), state["code"]), division=state["code"])
    screen = _question(c, context, state, missing)
    if not missing:
        state["nonce"] = secrets.token_hex(4)
        drafted = _drafted(c, context, state)
        screen = wizard.preview(drafted, state["nonce"], now, language, context.zone)
    conversations.put(
        c, context.account, ConversationTopic.NEW_TASK, state, now, hears=bool(missing)
    )
    (context.will_show if in_place else context.will_say)(c, screen)


def _question(c: Connection, context: Context, state: State, missing: str) -> Screen:
    language, services = context.language, context.services
    title = state.get("title", "")
    if missing == "code":
        return wizard.ask_place(title, language, state.pop("unclear", ()))
    if missing == "who":
        place = services.gazetteer.name(state["code"])
        people = offered(c, state["code"], language)
        above = _above(context, state["code"])
        return wizard.ask_post(title, place, people, language, state.pop("unknown", ""), above)
    if missing == "due":
        past = state.pop("due", None)
        at = None if past is None else datetime.fromtimestamp(past, UTC)
        soon = bool(state.get("alert"))
        return wizard.ask_deadline(title, language, past=at, soon=soon, zone=context.zone)
    return wizard.ask_title(language)


def _above(context: Context, code: str) -> str:
    """The division above, where the officer may give tasks there, too: who asks for help cannot do
    it alone."""
    above = next(iter(ancestors(code)), "")
    if not above or not may_be_informed(context.known(), above).allowed:
        return ""
    return context.services.gazetteer.name(above)


def _new(context: Context, state: Mapping[str, Any]) -> NewTask:
    role, place, person_id = state["who"]
    cause, spot = state.get("cause"), state.get("spot")
    return NewTask(
        state["title"],
        datetime.fromtimestamp(state["due"], UTC),
        Responsible(state["code"], Role(role), place, person_id),
        TaskList(state["list"]),
        measure=state.get("measure", ""),
        division_code=state.get("where", ""),
        place_code=state.get("place", ""),
        lon=spot[0] if spot else None,
        lat=spot[1] if spot else None,
        evidence=frozenset(map(Evidence, state["evidence"])),
        created_by=context.known().id,
        alert_id=state.get("alert"),
        cause=None if cause is None else Cause(CauseKind(cause[0]), int(cause[1])),
    )


def _drafted(c: Connection, context: Context, state: Mapping[str, Any]) -> Drafted:
    new = _new(context, state)
    post = new.responsible
    facts = context.facts(c)
    theirs = whose(c, store.unmade(new, context.now), context.now)
    place = facts.names_of([(post.division_code, post.place_code)])
    where = place[post.division_code, post.place_code]
    named = facts.by(post.person_id)
    words = office_name(where, post.role, context.language)
    return Drafted(
        new.title,
        facts.place(new.division_code or post.division_code),
        f"{words} · {named}" if named else words,
        new.due_at,
        new.in_list,
        new.evidence,
        "、".join(person.name for person in theirs.told[:3]),
        theirs.vacant,
        theirs.out_of_reach,
    )


def _confirm(c: Connection, context: Context, asked: Conversation, nonce: str) -> None:
    """✅ 列入清单: once, however often it is pressed."""
    state, rules = asked.state, context.services.rules.acts
    if state.get("nonce") != nonce:
        context.will_show(c, wizard.lost(context.language))
        return
    old = rules.old_preview(asked.updated_at, context.now)
    if old or _missing(state, context.now):  # who has the post may be another; the deadline over
        if old:
            zone, shown_at = context.zone, asked.updated_at
            context.preface = preview_note(shown_at, context.now, context.language, zone=zone)
        _go_on(c, context, dict(state), in_place=True)
        return
    conversations.end(c, context.account)
    made: Task = create(c, _new(context, state), context.now, context.services.rules.tasks)
    one = shown(context.facts(c), made, context.known())
    head = bold(card.listed_words(made, context.language))
    context.will_show(c, card.task_screen(one, context.language, context.zone, head=head))
