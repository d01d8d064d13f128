"""What people type: a key of their keyboard, a cry for help, 收到, the answer to a question; or a
sign (👍) to a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from telegram import ReactionType, ReactionTypeEmoji
from telegram.ext import BaseHandler, MessageReactionHandler, filters

from alerts import alert_store, call_store
from alerts import conversation_store as conversations
from alerts.acknowledge import NEWEST_CALLS
from alerts.acts import ActKind
from alerts.calls import Call, Report, Via
from alerts.conversation_store import Conversation, ConversationTopic
from alerts.cries import Cry, calls_for_help, cry_in, only_a_cry
from alerts.figures_in_words import parse_moved, says_moved
from alerts.follow_up import check_moved
from alerts.loop.tasks.acting import known_task
from alerts.model import IN_FORCE, Alert, State
from alerts.patrol.distress.calling import add_to_distress
from alerts.reports import CALLING_FOR_HELP
from alerts.typed_answers import says_received
from alerts.typed_reports import report_said
from bot.actions.tasks import TaskAct
from bot.handlers import (
    asked,
    board,
    calls,
    cries,
    cut_off,
    daily,
    distress,
    duty,
    ending,
    field_reports,
    follow_up,
    hotspots,
    late,
    new_tasks,
    positions,
    progress,
    proxy_reports,
    release_areas,
    release_wizard,
    roll_calls,
    roster,
    silent_list,
    stages,
    tasks,
    templates,
    test_calls,
    warning_changes,
    withdrawals,
)
from bot.handlers.context import Context
from bot.handlers.replied import Replied, meant, replied_to
from bot.handlers.routes import Handler, handled_by, message
from bot.views.membership import help_message
from bot.views.menu import Item, item_of
from bot.views.questions import edited_unused, forwarded_words, key_forwarded, not_taken
from bot.views.tasks import card
from bot.views.warnings.follow_up import figures_of_none, figures_of_which
from bot.views.warnings.parts import report_buttons
from bot.views.warnings.unused_words import help_of_none, words_unused
from data.database import Connection

RECEIVED_SIGNS = frozenset({"👍"})
"""Reactions to a call's message that mean 收到."""

TOLD_LATE = timedelta(days=3)
"""After the end of a warning figures are still taken for it (ours): who was moved is a fact."""

_KEYS: dict[Item, Handler] = {
    Item.RELEASE: release_wizard.start,
    Item.STATUS: progress.status,
    Item.SILENT: silent_list.who,
    Item.COVERAGE: roster.coverage,
    Item.HANDBOOK: roster.handbook,
    Item.ROLL_CALL: roll_calls.start,
    Item.HOTSPOTS: hotspots.hotspots,
    Item.FEED: field_reports.feed,
    Item.BOARD: board.board,
    Item.TASKS: calls.my_tasks,
    Item.DUTY_PHONE: roster.duty_phones,
    Item.POSITION: positions.ask_position,
    Item.FIELD_REPORT: field_reports.ask_field_report,
    Item.DISTRESS: distress.raise_distress,
}

_ANSWERS: dict[ConversationTopic, Callable[[Context, str], Awaitable[None]]] = {
    ConversationTopic.RELEASE: release_areas.typed,
    ConversationTopic.STAGES: stages.typed,
    ConversationTopic.TASK: tasks.typed,
    ConversationTopic.NEW_TASK: new_tasks.typed,
    ConversationTopic.REPORT: follow_up.report_told,
    ConversationTopic.PROXY_REPORT: proxy_reports.told,
    ConversationTopic.DISCHARGE: silent_list.discharge_reason,
    ConversationTopic.RUNNER: cut_off.runner_told,
    ConversationTopic.CUT_OFF: cut_off.village_told,
    ConversationTopic.DOUBT: withdrawals.doubt_reason,
    ConversationTopic.ANSWERED: withdrawals.name_told,
    ConversationTopic.CHANGE: warning_changes.typed,
    ConversationTopic.TEMPLATE: templates.typed,
    ConversationTopic.CLOSE: ending.close_reason,
    ConversationTopic.DAILY_REMARK: daily.words_told,
    ConversationTopic.ROLL_CALL: roll_calls.typed,
    ConversationTopic.HANDOVER: duty.words_told,
}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Texts that are no command, and reactions.

    An edited text is not said twice: it may answer a call, or be a warning's.
    """
    text = filters.TEXT & ~filters.COMMAND
    new, edited = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    return [
        message(text & new & filters.ChatType.PRIVATE, private_text),
        message(text & edited & filters.ChatType.PRIVATE, edited_text),
        message(filters.CAPTION & edited & filters.ChatType.PRIVATE, edited_caption),
        message(filters.COMMAND & edited & filters.ChatType.PRIVATE, edited_line),
        message(text & new & filters.ChatType.GROUPS, group_text),
        MessageReactionHandler(
            handled_by(reacted),
            message_reaction_types=MessageReactionHandler.MESSAGE_REACTION_UPDATED,
        ),
    ]


async def private_text(context: Context) -> None:
    """A text in the private chat: a key, a cry for help, 收到, an answer; or none of these.

    A key that is forwarded was somebody else's: 🆘 求救 goes on as words, the others do nothing.
    """
    context.known()
    text = (context.message.text or "").strip()
    if (item := item_of(text)) is not None and not context.forwarded:
        await _KEYS[item](context)
        return
    if item is not None and cry_in(text) is None:
        await context.say(key_forwarded(text, context.language))
        return
    replied, question = await replied_to(context), _question(context)
    cry = cry_in(text)
    danger = only_a_cry(text) or not _writes_of_danger(question)
    if cry is not None and danger and not _says_why(question, cry, text):
        await _cried(context, cry, text, replied, question)
    elif says_received(text) and not context.forwarded:
        context.leave_question()
        await calls.received(context, replied)
    elif question is not None and _answers(question, replied):
        if late.is_late(context, ActKind.END) and not _tells_fact(question):
            await late.say_not_done(context, text)
        else:
            await _ANSWERS[question.topic](context, text)
    elif replied is not None and replied.call is not None and _has_answered(replied.call):
        await _about_call(context, replied.call, text)
    else:
        await unanswered(context, text, replied)


async def edited_text(context: Context) -> None:
    """受到 edited into 收到 counts; so does the text of a warning that is being written.

    An edit is the answer to no other question.
    """
    if context.person is None:
        return
    text = (context.message.text or "").strip()
    if says_received(text):
        await calls.received_by_edit(context, await replied_to(context))
    elif await _composed_text_edited(context, text):
        return
    elif (cry := cry_in(text)) is not None:
        await cries.cried(context, cry, text)
    elif not await calls.not_counted(context):
        await edited_line(context)


async def edited_line(context: Context) -> None:
    """What waits to be confirmed is as it was first written, and it is said so."""
    question = context.conversation
    if question is not None and "nonce" in question.state:
        await context.say(edited_unused(context.language))


async def _composed_text_edited(context: Context, text: str) -> bool:
    """Whether it is the text of a change, or of a warning, that was edited."""
    changed = await warning_changes.text_edited(context, text)
    return changed or await release_wizard.text_edited(context, text)


async def edited_caption(context: Context) -> None:
    """The words under a picture became a cry for help: it was passed on without them."""
    caption = context.message.caption or ""
    cry = cry_in(caption)
    if cry is not None and context.person is not None:
        await cries.cried(context, cry, caption)


async def group_text(context: Context) -> None:
    """A text in a group: only 收到 of somebody known means anything; the bot stays quiet."""
    said = says_received(context.message.text or "")
    if context.person is not None and said and not context.forwarded:
        await calls.received(context)


async def reacted(context: Context) -> None:
    """👍 to a call's message is 收到; any other sign is not, and whoever gave it is told."""
    reaction = context.incoming.message_reaction
    if reaction is None or context.person is None or reaction.chat.type != "private":
        return
    signs = set(_emoji(reaction.new_reaction)) - set(_emoji(reaction.old_reaction))
    if not signs:
        return  # taken back: what was answered stays answered
    replied = await meant(context, reaction.message_id)
    meant_call = replied.call
    if meant_call is not None and not meant_call.open:
        return
    if meant_call is not None and signs & RECEIVED_SIGNS:
        await calls.answered(context, meant_call.id, Via.REACTION, asked=replied.asked)
        return

    def unit(c: Connection) -> None:
        if meant_call is not None or not asked.say_again(c, context, reaction.message_id):
            calls.will_say_not_counted(c, context)

    await context.write(unit)


async def unanswered(
    context: Context, text: str, replied: Replied | None = None, *, about: Call | None = None
) -> None:
    """Words that answer nothing: of somebody in distress they go on; else it is said plainly.

    Figures and reports (需要支援) count, where only one warning asks for them.

    :param replied: what they were written in reply to.
    :param about: the answered call that this was about.
    """
    person, now = context.known(), context.now
    question, language = context.conversation, context.language

    def unit(c: Connection) -> None:
        added = add_to_distress(c, person, now, note=text)
        if added is not None:
            phone = context.facts(c).duty_phone(person)
            context.will_say(c, distress.added_screen(added, language, phone))
            return
        if test_calls.code_typed(c, context, text):
            return
        if replied is not None and asked.say_to_reply(c, context, replied):
            return
        silent = not calls.will_say_not_counted(c, context)
        if question is not None:
            asks = _asked_figures(question)
            if not (asks and _figures_unasked(c, context, text, replied, question=question)):
                _drop(c, context, question)
        elif silent and not (
            _figures_unasked(c, context, text, replied, about=about)
            or asked.say_what_waits(c, context)
            or _report_unasked(c, context, text, about)
        ):
            context.will_say(c, help_message(person, language))

    await context.write(unit)


def _drop(c: Connection, context: Context, question: Conversation) -> None:
    """The question is not open any more, and whoever was asked is told what was not done."""
    about, thing, buttons = _warning_of(c, context, question), "", None
    if question.topic is ConversationTopic.REPORT:
        place = question.state.get("place")
        buttons = report_buttons(question.state["call"], context.language, place=place)
    if question.topic is ConversationTopic.TASK:
        task = known_task(c, int(question.state["task"]))
        thing, buttons = f"#{task.id} {task.title}", card.look_button(task, context.language)
    screen = not_taken(question.topic, context.language, buttons, about=about, thing=thing)
    context.will_say(c, screen)
    if not _composes(question) and "nonce" not in question.state:
        conversations.end(c, context.account)


def _warning_of(
    c: Connection, context: Context, question: Conversation
) -> tuple[Alert, str] | None:
    """The warning that a question was about, and its place; ``None``: it was about none."""
    alert_id, call_id = question.state.get("alert"), question.state.get("call")
    if call_id is not None:
        call = call_store.call(c, call_id)
        alert_id = None if call is None else call.alert_id
    alert = None if alert_id is None else alert_store.alert(c, alert_id)
    return None if alert is None else (alert, context.facts(c).area(alert))


def _figures_unasked(
    c: Connection,
    context: Context,
    text: str,
    replied: Replied | None,
    *,
    question: Conversation | None = None,
    about: Call | None = None,
) -> bool:
    """Figures that nobody asks for are of the one warning in force; else a button is.

    Whether they were figures.

    :param question: what was asked, and is not open any more.
    :param about: the answered call that this was about.
    """
    figures = parse_moved(text)
    if figures is None:
        return False
    found = _whose_figures(c, context, question, about)
    about_another = replied is not None and replied.call is not None
    runs = len(found) == 1 and found[0][1].state in IN_FORCE
    own = question is None and says_moved(text) and not context.forwarded
    if runs and own and not about_another:
        follow_up.record_figures(c, context, found[0][0].id, figures)
    elif found:
        check_moved(*figures)  # a button holds no others
        places = calls.places_of(c, context, found)
        same = question is not None and [call.id for call, _ in found] == [question.state["call"]]
        place = question.state.get("place") if question is not None and same else None
        context.will_say(c, figures_of_which(found, figures, places, context.language, place))
        if question is not None:
            conversations.end(c, context.account)
    else:
        phone = context.facts(c).duty_phone(context.known())
        context.will_say(c, figures_of_none(context.language, phone))
    return True


def _report_unasked(c: Connection, context: Context, text: str, about: Call | None) -> bool:
    """What whoever has answered writes further: a report, or the buttons that report.

    Whether a warning asks for any; who needs help is told whom to ring up where none does.
    """
    newest = alert_store.calls_of_person(c, context.known().id, limit=NEWEST_CALLS)
    found = [(call, alert) for call, alert in newest if alert.state in IN_FORCE and call.answered]
    if about is not None:
        found = [pair for pair in found if pair[0].id == about.id]
    said = None if context.forwarded else report_said(text)
    if said is Report.MOVED and any(alert.hazard.homeward for _, alert in found):
        said = None  # a call home moves nobody
    if said is not None and len(found) == 1:
        follow_up.record_said(c, context, found[0][0].id, said, text)
    elif found:
        places = calls.places_of(c, context, found)
        context.will_say(c, words_unused(found, places, context.language, said=said))
    elif said in CALLING_FOR_HELP:
        phone = context.facts(c).duty_phone(context.known())
        context.will_say(c, help_of_none(context.language, phone))
    return bool(found) or said in CALLING_FOR_HELP


def _whose_figures(
    c: Connection, context: Context, question: Conversation | None, about: Call | None
) -> list[tuple[Call, Alert]]:
    """The calls that figures may be of, which nobody asks for."""
    newest = alert_store.calls_of_person(c, context.known().id, limit=NEWEST_CALLS)
    meant = about.id if about is not None else None if question is None else question.state["call"]
    named = [
        (call, alert)
        for call, alert in newest
        if call.id == meant and _has_answered(call) and alert.state is not State.CANCELLED
    ]
    running = [(call, alert) for call, alert in newest if alert.state in IN_FORCE]
    # Who is on the road when their village is left out, or the warning ends, arrives still.
    return (
        named
        or [(call, alert) for call, alert in running if call.answered]
        or [(call, alert) for call, alert in running if call.left_out]
        or [(call, alert) for call, alert in newest if _told_late(call, alert, context)]
    )


def _told_late(call: Call, alert: Alert, context: Context) -> bool:
    """Whether figures may be of a warning that is over: lately, and not issued in error."""
    over = alert.lifted_at or alert.expires_at
    lately = over > context.now - TOLD_LATE
    return call.answered and lately and alert.state in (State.LIFTED, State.EXPIRED)


def _asked_figures(question: Conversation) -> bool:
    about = question.topic is ConversationTopic.REPORT
    return about and question.state["report"] == Report.MOVED.value


async def _cried(
    context: Context, cry: Cry, text: str, replied: Replied | None, question: Conversation | None
) -> None:
    """The cry first; and what else the text is."""
    told = question if question is not None and _tells_fact(question) else None
    if told is None:
        context.leave_question()
    # Whoever rings up must know that the words may be another's.
    words = forwarded_words(text, context.language) if context.forwarded else text
    await cries.cried(context, cry, words)
    if says_received(text) and not context.forwarded:
        await calls.received(context, replied)
    elif told is not None and told.state.get("report") != Report.MOVED.value:
        await _ANSWERS[told.topic](context, text)
    elif question is not None and told is None:
        await context.write(lambda c: _drop(c, context, question))
    else:
        await calls.not_counted(context)


def _has_answered(call: Call) -> bool:
    return call.answered or call.left_out


async def _about_call(context: Context, call: Call, text: str) -> None:
    """In reply to the message of a call that is answered: what is reported is of its warning."""
    figures = parse_moved(text)
    if figures is None or not says_moved(text):  # 老人三个 may be those who are left
        await unanswered(context, text, about=call)
    else:
        await follow_up.figures_told(context, call.id, figures)


def _question(context: Context) -> Conversation | None:
    found = context.conversation
    return found if found is not None and found.open else None


def _tells_fact(question: Conversation) -> bool:
    """Whether the answer is a fact, which counts from when it was typed, however late it comes."""
    if question.topic is ConversationTopic.TASK:
        return TaskAct(question.state["act"]) in (TaskAct.PROGRESS, TaskAct.DONE)
    return question.topic in (ConversationTopic.REPORT, ConversationTopic.PROXY_REPORT)


def _writes_of_danger(question: Conversation | None) -> bool:
    """Whether alarming words are what is asked for: a warning's, or an officer's to others."""
    if question is not None and question.topic is ConversationTopic.TASK:
        return not _tells_fact(question)
    return _composes(question) or (question is not None and question.topic in _OF_OFFICERS)


def _says_why(question: Conversation | None, cry: Cry, text: str) -> bool:
    """Whether it is the reason that was asked for, of another: 骨折住院 strikes somebody off."""
    asked_of = (ConversationTopic.DISCHARGE, ConversationTopic.DOUBT)
    of_another = question is not None and question.topic in asked_of
    return of_another and cry is Cry.RESCUE and not calls_for_help(text)


_OF_OFFICERS = frozenset(
    {
        ConversationTopic.NEW_TASK,
        ConversationTopic.HANDOVER,
        ConversationTopic.DAILY_REMARK,
        ConversationTopic.CLOSE,
        ConversationTopic.DISCHARGE,
        ConversationTopic.DOUBT,
    }
)


def _composes(question: Conversation | None) -> bool:
    """Whether the text of a warning is being written: it is full of alarming words."""
    composing = (ConversationTopic.RELEASE, ConversationTopic.CHANGE, ConversationTopic.TEMPLATE)
    return question is not None and question.topic in composing


def _answers(question: Conversation, replied: Replied | None) -> bool:
    """Whether a text answers the question: not when it replies to the message of another call, or
    to one about another task, village or hand-over."""
    if replied is None:
        return True
    its = next((question.state[key] for key in _SUBJECT if key in question.state), None)
    if replied.call is None:
        return not replied.subjects or (question.topic, its) in replied.subjects
    return bool(question.state.get("call") == replied.call.id) and (
        question.topic is ConversationTopic.REPORT
    )


_SUBJECT = ("task", "handover", "cut_off")
"""What a question was about, beside a call."""


def _emoji(reactions: Sequence[ReactionType]) -> Iterator[str]:
    for reaction in reactions:
        if isinstance(reaction, ReactionTypeEmoji):
            yield reaction.emoji
