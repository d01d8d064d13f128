"""Roll calls (点名): composed in a few taps or one line, watched, repeated, closed."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls.calling import Started
from alerts.patrol.roll_calls.model import USUAL_MINUTES, Whom, check_minutes
from bot.actions.parsing import parse
from bot.actions.roll_calls import (
    RollCallArea,
    RollCallDo,
    RollCallDraft,
    RollCallStart,
    RollCallStop,
    RollCallTap,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.handlers.written_command import words_of
from bot.messages.roll_calls import list_screen, result_screen
from bot.views.division_menu import menu_within
from bot.views.patrol import roll_call_wizard as wizard
from bot.views.patrol import roll_calls as views
from bot.views.screen import Screen
from contacts.access import may_call_roll, require
from contacts.divisions.codes import CODE_LENGTH
from contacts.divisions.gazetteer import Found
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(rollcall=rollcall)


async def rollcall(context: Context) -> None:
    """/rollcall, or in one line: /rollcall 敦化市 巡护员 20."""
    await compose(context, context.after_command)


async def start(context: Context) -> None:
    """📣 点名, the key."""
    await compose(context, "")


async def compose(context: Context, line: str) -> None:
    """Ask for what the line leaves open, then show the preview."""
    person = context.known()
    whom: Whom | None = None
    minutes: int | None = None
    names = []
    for word in words_of(line):
        bare = word.removesuffix("分钟").removesuffix("分")
        if whom is None and (found := wizard.parse_whom(word)) is not None:
            whom = found
        elif minutes is None and bare.isdecimal() and len(bare) < CODE_LENGTH:
            minutes = int(bare)
        else:
            names.append(word)
    _permit(context, person, "".join(names))
    if minutes is not None:
        check_minutes(minutes)
    if not names:
        await _ask(context, _ask_area(context, person, person.division_code, 0))
        return
    whom = whom or Whom.PATROL
    minutes = USUAL_MINUTES if minutes is None else minutes
    await _named(context, "".join(names), whom, minutes)


async def typed(context: Context, text: str) -> None:
    """The name of an area."""
    _caller(context)
    await _named(context, text, None, None)


async def area(context: Context, action: RollCallArea) -> None:
    """One division, and those below it."""
    person = _caller(context)
    screen = _ask_area(context, person, action.code, action.page)
    await context.toast()

    def unit(c: Connection) -> None:
        conversations.put(c, context.account, ConversationTopic.ROLL_CALL, {}, context.now)
        context.will_show(c, screen)

    await context.write(unit)


async def draft(context: Context, action: RollCallDraft) -> None:
    """Something was chosen: ask for the rest, or show the preview."""
    screen = await _next(context, action)
    await context.toast()
    await context.show(screen)


async def confirmed(context: Context, action: RollCallStart) -> None:
    """✅ 开始点名: the preview becomes the result, and grows."""
    person, now = context.known(), context.now
    query = context.incoming.callback_query
    message = None if query is None else query.message
    chat_id = context.account if message is None else message.chat.id
    message_id = None if message is None else message.message_id

    def unit(c: Connection) -> Started:
        conversations.end(c, context.account)
        started = roll_calls.start(
            c,
            person,
            action.code,
            action.whom,
            action.minutes,
            now,
            chat_id=chat_id,
            message_id=message_id,
        )
        context.will_show(c, result_screen(context.facts(c), started.roll_call, context.language))
        return started

    started = await context.write(unit)
    place = context.services.gazetteer.name(action.code)
    await context.toast("" if started.new else views.already_running(place, context.language))


async def stop(context: Context, _action: RollCallStop) -> None:
    """✖️ 取消."""

    def unit(c: Connection) -> None:
        conversations.end(c, context.account)
        context.will_show(c, wizard.stopped(context.language))

    await context.write(unit)


async def tapped(context: Context, action: RollCallTap) -> None:
    """A button under the result."""
    person, now, toast = context.known(), context.now, ""
    if action.do is RollCallDo.MAP:
        await context.write(lambda c: roll_calls.want_map(c, action.id, person, now))
        await context.toast()
        return
    if action.do is RollCallDo.AGAIN:
        count = await context.write(lambda c: roll_calls.ask_again(c, action.id, person, now))
        toast = views.asked_again(count, context.language)
    elif action.do is RollCallDo.CLOSE:
        await context.write(lambda c: roll_calls.close(c, action.id, person, now))

    def look(c: Connection) -> Screen:
        roll_call = roll_calls.watched(c, action.id, person)
        facts = context.facts(c)
        if action.do in (RollCallDo.SILENT, RollCallDo.FAR):
            far = action.do is RollCallDo.FAR
            return list_screen(
                facts, roll_call, person, context.language, far=far, page=action.page
            )
        return result_screen(facts, roll_call, context.language)

    screen = await context.read(look)
    await context.toast(toast)
    listed = action.do in (RollCallDo.SILENT, RollCallDo.FAR)
    if listed and action.page == 0 and not _from_list(context):
        await context.say(screen)  # the result stays where it is, and grows
    else:
        await context.show(screen)


TAPS: dict[type, TapHandler] = {
    RollCallArea: area,
    RollCallDraft: draft,
    RollCallStart: confirmed,
    RollCallStop: stop,
    RollCallTap: tapped,
}


def _caller(context: Context) -> Person:
    """The person who sent it, who may call the roll of their division.

    :raises NotAllowed: somebody nobody knows, or who neither commands nor is on duty.
    """
    person = context.known()
    require(may_call_roll(person, person.division_code), roll_call=person.division_code)
    return person


def _permit(context: Context, person: Person, named: str) -> None:
    """Go on only when ``person`` may call any roll; the place they named is the one refused.

    :raises NotAllowed: whoever neither commands nor is on duty.
    """
    gazetteer, own = context.services.gazetteer, person.division_code
    found = gazetteer.find(named, within=own).division if named else None
    require(may_call_roll(person, own), roll_call=own if found is None else found.code)


def _from_list(context: Context) -> bool:
    """Whether the tap came from a list: then the list turns its page in place."""
    query = context.incoming.callback_query
    message = None if query is None else query.message
    markup = getattr(message, "reply_markup", None)
    rows = [] if markup is None else markup.inline_keyboard
    taps = (parse(button.callback_data or "") for row in rows for button in row)
    return any(isinstance(tap, RollCallTap) and tap.do is RollCallDo.SHOW for tap in taps)


def _ask_area(context: Context, person: Person, code: str, page: int) -> Screen:
    menu = menu_within(context.services.gazetteer, code, own=person.division_code)
    return wizard.ask_area(context.language, menu, page=page)


async def _named(context: Context, text: str, whom: Whom | None, minutes: int | None) -> None:
    person = context.known()
    found = context.services.gazetteer.find(text, within=person.division_code, careful=True)
    if found.outcome is Found.EXACT and found.division is not None:
        screen = await _next(context, RollCallDraft(found.division.code, whom, minutes))

        def unit(c: Connection) -> None:
            conversations.end(c, context.account)
            context.will_say(c, screen)

        await context.write(unit)
    else:
        unknown = found.outcome is Found.UNKNOWN
        which = wizard.which_area(
            text, found.candidates, context.language, whom, minutes, unknown=unknown
        )
        await _ask(context, which)


async def _ask(context: Context, screen: Screen) -> None:
    """Ask for the area; its name may be typed."""

    def unit(c: Connection) -> None:
        conversations.put(c, context.account, ConversationTopic.ROLL_CALL, {}, context.now)
        context.will_say(c, screen)

    await context.write(unit)


async def _next(context: Context, action: RollCallDraft) -> Screen:
    person = context.known()
    require(may_call_roll(person, action.code), roll_call=action.code)
    language, place = context.language, context.services.gazetteer.name(action.code)
    if action.whom is None:
        return wizard.ask_whom(action.code, place, language)
    if action.minutes is None:
        return wizard.ask_minutes(action.code, action.whom, place, language)
    whom, minutes = action.whom, action.minutes
    counts = await context.read(lambda c: roll_calls.preview(c, person, action.code, whom, minutes))
    seconds = context.time_to_finish(counts.reachable)
    return wizard.preview(action, counts, seconds, place, language)
