"""The day's forest-fire danger: read by everybody known, set by commanders (/danger).

And on a day of the highest: the answers to its orders and to its zero report.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from telegram.ext import BaseHandler

from alerts.patrol.red_days.orders import answer
from alerts.plans.sheets import parse_day
from alerts.season.fire_danger import set_danger
from alerts.season.model import Danger, DangerLevel, parse_danger_level
from alerts.season.store import danger_on
from bot.actions.red_days import RedDayAnswer
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.views.patrol import fire_danger as views
from bot.views.patrol import red_days as red_day_views
from bot.views.screen import Screen
from contacts.divisions.gazetteer import Found
from contacts.people import Person

_DAYS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(danger=danger)


async def danger(context: Context) -> None:
    """/danger [敦化市] [红] [明天]."""
    person = context.known()
    today = context.now.astimezone(context.services.zone).date()
    place, level, day = _parsed(context.args or [], today)
    code = person.division_code
    gazetteer = context.services.gazetteer
    if place:
        found = gazetteer.find(place, within=person.division_code)
        if found.division is None:
            several = found.candidates if found.outcome is Found.AMBIGUOUS else ()
            await context.say(views.place_unclear(place, several, context.language))
            return
        code = found.division.code
    if level is None:
        known = await context.read(lambda c: danger_on(c, code, day))
        await context.say(_shown(context, known))
        return
    await _set(context, person, code, day, level, today)


async def red_day_answered(context: Context, action: RedDayAnswer) -> None:
    """收到, 无火情, 有火情: the answer to what a red danger day asks."""
    person, now = context.known(), context.now
    ask, told = await context.write(lambda c: answer(c, action.id, person, action.answer, now))
    await context.toast()
    await context.show(
        red_day_views.answered(ask, told, context.language, zone=context.services.zone)
    )


TAPS: dict[type, TapHandler] = {RedDayAnswer: red_day_answered}


async def _set(
    context: Context, person: Person, code: str, day: date, level: DangerLevel, today: date
) -> None:
    result = await context.write(
        lambda c: set_danger(c, person, code, day, level, context.now, today=today)
    )
    name = context.services.gazetteer.name(code)
    await context.say(views.danger_set(result, name, context.language))


def _shown(context: Context, known: Danger) -> Screen:
    gazetteer = context.services.gazetteer
    above = known.decided_for not in (None, known.division_code)
    return views.danger_of(
        known,
        gazetteer.name(known.division_code),
        gazetteer.name(known.decided_for or "") if above else "",
        context.language,
    )


def _parsed(words: list[str], today: date) -> tuple[str, DangerLevel | None, date]:
    """The place, the level and the day of a line, in any order; today when no day is named."""
    place: list[str] = []
    level: DangerLevel | None = None
    day = today
    for word in words:
        as_level, as_day = parse_danger_level(word), parse_day(word)
        if as_level is not None and level is None:
            level = as_level
        elif word.lower() in _DAYS:
            day = today + timedelta(days=_DAYS[word.lower()])
        elif as_day is not None:
            day = as_day
        else:
            place.append(word)
    return " ".join(place), level, day
