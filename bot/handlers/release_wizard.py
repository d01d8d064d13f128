"""Composing a warning in a few taps. The draft is a conversation: a restart loses nothing."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.conversation_store import Topic
from alerts.model import Draft, Hazard, Level
from alerts.preview import DraftProblem, check, check_length, preview
from alerts.release import Released, release
from alerts.templates import texts
from bot.actions.release import ReleaseStep, ReleaseTap, opened_area
from bot.compose.release_draft import Composing
from bot.compose.release_line import Missing, parse_release_line
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.messages.facts import area_name
from bot.views.division_menu import menu_within
from bot.views.screen import Screen
from bot.views.warnings import release_wizard as views
from contacts.access import may_release, require
from contacts.divisions.gazetteer import Found
from data.database import Connection
from data.errors import InvalidInput


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(warn=warn)


async def warn(context: Context) -> None:
    """/warn 红 暴雨 敦化市 立即转移低洼地群众."""
    await from_line(context, context.after_command)


async def start(context: Context) -> None:
    """⚠️ 发布预警."""
    context.commander()
    await _go(context, Composing(), new_message=True)


async def prepared(context: Context, composing: Composing) -> None:
    """A warning drafted elsewhere: straight to its preview."""
    context.commander()
    await _go(context, composing, new_message=True)


async def from_line(context: Context, line: str) -> None:
    """A whole warning in one line; whatever it leaves open is asked for, then the preview."""
    person = context.commander()
    if not line.strip():
        await context.say(views.warn_usage(context.language))
        return
    said = parse_release_line(line, context.services.gazetteer, within=person.division_code)
    if Missing.LEVEL in said.missing or Missing.HAZARD in said.missing:
        await context.say(views.warn_usage(context.language))
        return
    assert said.level is not None and said.hazard is not None
    text = said.text or texts(said.hazard, said.level)[0]
    composing = Composing(
        said.level, said.hazard, said.areas, text, None, True, said.exercise, adding=False
    )
    if said.unclear is not None:
        name, resolution = said.unclear
        await _save(context, replace(composing, adding=True))
        await context.say(
            views.area_unknown(name, resolution.candidates, context.language)
            if resolution.outcome is Found.UNKNOWN
            else views.area_ambiguous(
                name, resolution.candidates, resolution.total, context.language
            )
        )
        return
    await _go(context, composing, new_message=True)


async def stepped(context: Context, action: ReleaseTap) -> None:
    """A button of the wizard."""
    context.commander()
    if action.step is ReleaseStep.START:
        await _go(context, Composing())
        return
    composing = _composing(context)
    if action.step is ReleaseStep.STOP:
        await _stop(context)
    elif composing is None:
        await context.toast()
        await context.show(views.wizard_lost(context.language))
    elif action.step is ReleaseStep.CONFIRM:
        await _confirm(context, composing, action.value)
    elif action.step is ReleaseStep.OPEN:
        await _open(context, composing, action)
    elif action.step is ReleaseStep.TEXT and action.value == "own":
        await _save(context, replace(composing, typing=True))
        await context.toast()
        await context.say(
            views.ask_own_text(context.language, context.services.rules.warnings.max_text)
        )
    else:
        await _go(context, _chosen(context, composing, action))


async def typed(context: Context, text: str) -> None:
    """The name of an area, or the warning in own words, or a page the commander did not expect."""
    composing = _composing(context)
    if composing is None or composing.level is None or composing.hazard is None:
        await context.say(views.wizard_lost(context.language))
    elif composing.typing:
        check_length(text, context.services.rules.warnings)
        await _go(context, replace(composing, text=text, typing=False), new_message=True)
    elif not composing.areas or composing.adding:
        await _named(context, composing, text)
    else:
        await _go(context, replace(composing, text=text), new_message=True)


TAPS: dict[type, TapHandler] = {ReleaseTap: stepped}


def _composing(context: Context) -> Composing | None:
    conversation = context.conversation
    if conversation is None or conversation.topic is not Topic.RELEASE:
        return None
    return Composing.from_state(conversation.state)


def _chosen(context: Context, composing: Composing, action: ReleaseTap) -> Composing:
    """The draft after a choice; a forged value leaves it as it was."""
    step, value = action.step, action.value
    if step is ReleaseStep.LEVEL and value in {one.value for one in Level}:
        return replace(composing, level=Level(value))
    if step is ReleaseStep.HAZARD and value in {one.value for one in Hazard}:
        return replace(composing, hazard=Hazard(value))
    if step is ReleaseStep.HERE and value in context.services.gazetteer:
        return _with_area(context, composing, value)
    if step is ReleaseStep.MORE:
        return replace(composing, adding=True)
    if step is ReleaseStep.TEXT and composing.level and composing.hazard and value.isdecimal():
        choices = texts(composing.hazard, composing.level)
        if int(value) < len(choices):
            return replace(composing, text=choices[int(value)])
    if step is ReleaseStep.LEAD and (value == "none" or (value.isdecimal() and len(value) <= 4)):
        minutes = None if value == "none" else int(value)
        return replace(composing, lead_minutes=minutes, lead_chosen=True)
    if step is ReleaseStep.EXERCISE:
        return replace(composing, exercise=value == "1")
    if step is ReleaseStep.CHANGE:
        return composing.without(value)
    return composing


def _with_area(context: Context, composing: Composing, code: str) -> Composing:
    require(may_release(context.known(), [code]))
    areas = (*composing.areas, code) if composing.adding else (code,)
    return replace(composing, areas=tuple(dict.fromkeys(areas)), adding=False)


async def _named(context: Context, composing: Composing, text: str) -> None:
    person = context.known()
    found = context.services.gazetteer.find(text, within=person.division_code)
    if found.outcome is Found.EXACT and found.division is not None:
        await _go(context, _with_area(context, composing, found.division.code), new_message=True)
    elif found.outcome is Found.AMBIGUOUS:
        await context.say(
            views.area_ambiguous(text, found.candidates, found.total, context.language)
        )
    else:
        await context.say(views.area_unknown(text, found.candidates, context.language))


async def _open(context: Context, composing: Composing, action: ReleaseTap) -> None:
    """Show the divisions below one."""
    code, page = opened_area(action)
    await context.toast()
    await context.show(_ask_area(context, composing, code, page))


async def _confirm(context: Context, composing: Composing, nonce: str) -> None:
    """确认发布: the draft is consumed in the transaction that releases it, so twice is once."""
    person, now, rules = context.commander(), context.now, context.services.rules.warnings
    if nonce != composing.nonce or not composing.complete:
        await context.toast()
        await context.show(views.wizard_lost(context.language))
        return
    draft = _draft(context, composing)
    account = context.account

    def unit(c: Connection) -> Released | None:
        still = conversations.get(c, account, now)
        if still is None or still.state.get("nonce") != nonce:
            return None
        conversations.end(c, account)
        return release(c, draft, person, rules, now)

    released = await context.write(unit)
    await context.toast()
    if released is None:
        await context.show(views.wizard_lost(context.language))
        return
    place = area_name(context.services, draft.areas)
    await context.show(views.released_now(released, draft, context.language, place))


async def _stop(context: Context) -> None:
    account = context.account
    await context.write(lambda c: conversations.end(c, account))
    await context.toast()
    await context.show(views.stopped(context.language))


async def _save(context: Context, composing: Composing) -> None:
    account, now, state = context.account, context.now, composing.as_state()
    await context.write(lambda c: conversations.put(c, account, Topic.RELEASE, state, now))


async def _go(context: Context, composing: Composing, *, new_message: bool = False) -> None:
    """Save the draft and ask for what is missing; when nothing is, show the preview."""
    if composing.complete:
        composing = replace(composing, nonce=secrets.token_hex(4))
        try:
            screen = await _preview(context, composing)
        except InvalidInput as error:
            if error.code is DraftProblem.NOBODY:  # the next thing typed is another area
                await _save(context, composing.without("area"))
            raise
    else:
        screen = _next(context, composing)
    await _save(context, composing)
    await context.toast()
    await (context.say(screen) if new_message else context.show(screen))


def _next(context: Context, composing: Composing) -> Screen:
    language = context.language
    if composing.level is None:
        return views.ask_level(language)
    if composing.hazard is None:
        return views.ask_hazard(composing.level, language)
    if not composing.areas or composing.adding:
        return _ask_area(context, composing, "", 0)
    if not composing.text:
        place = area_name(context.services, composing.areas)
        choices = texts(composing.hazard, composing.level)
        return views.ask_text(composing.level, composing.hazard, language, place, choices)
    return views.ask_lead(language)


def _ask_area(context: Context, composing: Composing, code: str, page: int) -> Screen:
    person, gazetteer = context.known(), context.services.gazetteer
    if composing.level is None or composing.hazard is None:
        return _next(context, replace(composing, areas=()))
    return views.ask_area(
        context.language,
        menu_within(gazetteer, code, own=person.division_code),
        page=page,
        level=composing.level,
        hazard=composing.hazard,
        chosen=[gazetteer.name(area) for area in composing.areas],
    )


def _draft(context: Context, composing: Composing) -> Draft:
    return composing.draft(area_name(context.services, composing.areas))


async def _preview(context: Context, composing: Composing) -> Screen:
    person, rules = context.known(), context.services.rules.warnings
    draft = _draft(context, composing)
    check(draft, rules, draft.areas)
    counts = await context.read(lambda c: preview(c, draft, person, rules))
    seconds = context.services.time_to_finish(counts.reachable, counts.groups)
    place = area_name(context.services, draft.areas)
    return views.preview(draft, counts, seconds, context.language, place, nonce=composing.nonce)
