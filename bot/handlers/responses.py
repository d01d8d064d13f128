"""Emergency responses: raised with few taps or in one line; adjusted and ended as warnings are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram.ext import BaseHandler

from alerts.lookup import watched_alerts
from alerts.model import IN_FORCE, RESPONSES, Alert, Hazard
from bot.actions.responses import RaiseResponse, raised_at
from bot.compose.release_draft import UnfinishedDraft
from bot.compose.response_line import ResponseLine, parse_response_line
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.handlers.ending import question
from bot.handlers.offered_texts import offered
from bot.handlers.routes import TapHandler, commands
from bot.views.screen import Screen
from bot.views.warnings import responses as views
from bot.views.warnings.ending import ask_lift
from bot.views.warnings.release_line import line_notes
from contacts.access import may_cancel, may_release, require
from contacts.divisions.codes import overlap
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(response=response)


async def response(context: Context) -> None:
    """/response 防汛 Ⅱ级 敦化市 …; /response 终止 防汛; alone: what is in force, and the levels."""
    person = context.commander()
    words = context.after_command.strip()
    if not words:
        await context.say(await _choose(context))
        return
    line = parse_response_line(words, context.services.gazetteer, within=person.division_code)
    if line.end:
        await context.say(await _end(context, line))
    elif line.said.hazard is None:
        await context.say(await _choose(context))
    else:
        await _compose(context, line)


async def raise_response(context: Context, action: RaiseResponse) -> None:
    """A level was chosen: its text is asked for, then the preview."""
    person = context.commander()
    await context.toast()
    chosen = raised_at(action)
    if chosen is None:
        await context.say(await _choose(context))
        return
    hazard, level = chosen
    if await _adjusts(context, hazard, (person.division_code,)):
        return
    await release_wizard.prepared(
        context, UnfinishedDraft(level, hazard, (person.division_code,), lead_chosen=True)
    )


TAPS: dict[type, TapHandler] = {RaiseResponse: raise_response}


async def _compose(context: Context, line: ResponseLine) -> None:
    said, person = line.said, context.known()
    unclear = () if said.unclear is None else (said.unclear[0], *said.also_unclear)
    areas = said.areas or (() if unclear else (person.division_code,))
    require(may_release(person, areas or [person.division_code]), areas=areas)
    if said.hazard and not said.exercise and await _adjusts(context, said.hazard, areas):
        return
    text = said.text
    if not text and said.level is not None and said.hazard is not None and not unclear:
        text = (await offered(context, said.hazard, said.level))[0]
    unfinished = UnfinishedDraft(
        said.level,
        said.hazard,
        areas,
        text,
        lead_chosen=True,
        exercise=said.exercise,
        unclear=unclear,
        text_id=context.message.message_id,
    )
    note = line_notes(said.strange, context.language, response=True)
    await release_wizard.prepared(context, unfinished, note=note)


async def _adjusts(context: Context, hazard: Hazard, areas: Sequence[str]) -> bool:
    """Whether one is in force in exactly this division: then how it is adjusted is said."""

    def look(c: Connection) -> Screen | None:
        for alert, place in _named(c, context, _running(c, context, (hazard,), areas)):
            if alert.areas == tuple(areas) and not alert.exercise:
                return views.in_force_already(alert, place, context.language)
        return None

    screen = await context.read(look)
    if screen is not None:
        await context.say(screen)
    return screen is not None


async def _choose(context: Context) -> Screen:
    person, language = context.known(), context.language
    place = context.services.gazetteer.name(person.division_code)

    def look(c: Connection) -> Screen:
        running = _named(c, context, _running(c, context, RESPONSES, ()))
        return views.choose_response(place, running, language, context.zone)

    return await context.read(look)


async def _end(context: Context, line: ResponseLine) -> Screen:
    hazards = RESPONSES if line.said.hazard is None else (line.said.hazard,)

    def look(c: Connection) -> Screen:
        running = _named(c, context, _running(c, context, hazards, line.said.areas))
        if not running:
            return views.none_to_end(context.language)
        if len(running) > 1:
            return views.which_to_end(running, context.language)
        return question(c, context, running[0][0].id, ask_lift)[1]

    return await context.read(look)


def _running(
    c: Connection, context: Context, hazards: Sequence[Hazard], areas: Sequence[str]
) -> list[Alert]:
    """The responses in force that the person may end, newest first."""
    person = context.known()
    return [
        alert
        for alert in watched_alerts(c, person, *IN_FORCE)
        if alert.hazard in hazards
        and may_cancel(person, alert.areas).allowed
        and (not areas or overlap(areas, alert.areas))
    ]


def _named(c: Connection, context: Context, alerts: Sequence[Alert]) -> list[tuple[Alert, str]]:
    facts = context.facts(c)
    return [(alert, facts.area(alert)) for alert in alerts]
