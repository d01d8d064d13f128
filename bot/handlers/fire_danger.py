"""The day's forest-fire danger: read by everybody known, set by commanders (/danger).

And on a day of the highest: the answers to its orders and to its zero report.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from telegram.ext import BaseHandler

from alerts.acts import ActKind
from alerts.patrol.red_days.orders import answer, preview
from alerts.plans.sheets import parse_day
from alerts.season.closed_store import closed_in
from alerts.season.fire_danger import in_scale, permit_danger, set_danger
from alerts.season.model import (
    DangerLevel,
    DangerScale,
    parse_danger_level,
    parse_scale,
    scale_of_word,
    scales_of,
)
from alerts.season.store import danger_on
from bot.actions.named_places import DangerPlaceMeant
from bot.actions.red_days import LeaveDanger, RedDayAnswer, SetDanger, scale_of
from bot.handlers import late
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.handlers.written_command import words_of
from bot.views.patrol import fire_danger as views
from bot.views.patrol import red_days as red_day_views
from bot.views.patrol.closed_time import with_closed
from bot.views.screen import Screen
from contacts.access import may_release
from contacts.divisions.gazetteer import Found, Gazetteer, Resolution
from contacts.people import Person
from data.database import Connection

PREVIEW_HOLDS = timedelta(minutes=15)
"""How long the button of a preview sets what it shows: it sends orders at once (ours)."""

_DAYS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2}


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(danger=danger)


async def danger(context: Context) -> None:
    """/danger [敦化市] [红] [气象|指挥部] [明天]."""
    person = context.known()
    # 今天 and 明天 are those of the day on which it was typed.
    typed_on = context.done_at.astimezone(context.zone).date()
    code = person.division_code
    gazetteer = context.services.gazetteer
    words = list(_apart(words_of(context.after_command), gazetteer, code))
    place, level, day, scale = _parsed(words, typed_on)
    if place:
        found = gazetteer.find(place, within=person.division_code, careful=True)
        if found.division is None:
            await context.say(_unclear(context, place, found, (level, day, scale)))
            return
        code = found.division.code
    if level is None:
        await context.say(await context.read(lambda c: _shown(context, c, code, day)))
        return
    await _set(context, person, code, day, level, scale)


async def danger_place_meant(context: Context, action: DangerPlaceMeant) -> None:
    """One of several places of the name: it is asked of that place, or set there."""
    person = context.known()
    if action.level:
        level = DangerLevel(action.level)
        scale = scale_of(action.whose)
        await _set(context, person, action.code, action.day, level, scale, tapped=action)
        await context.toast()
        return
    await context.toast()
    await context.say(await context.read(lambda c: _shown(context, c, action.code, action.day)))


async def red_day_answered(context: Context, action: RedDayAnswer) -> None:
    """收到, 无火情, 有火情: the answer to what a red danger day asks."""
    person, now = context.known(), context.now
    ask, told = await context.write(
        lambda c: answer(c, action.id, person, action.answer, now, done_at=context.done_at)
    )
    await context.toast()
    await context.show(red_day_views.answered(ask, told, context.language, zone=context.zone))


async def set_danger_now(context: Context, action: SetDanger) -> None:
    """确认下达 or 确认撤回, of a preview just shown; an older one is shown anew."""
    person, level = context.known(), DangerLevel(action.level)
    today = context.now.astimezone(context.zone).date()
    await context.toast()
    if context.now - action.shown_at > PREVIEW_HOLDS:
        await context.show(views.danger_outdated(context.language))
        return
    result = await context.write(
        lambda c: set_danger(
            c, person, action.code, action.day, level, context.now, today=today, scale=action.scale
        )
    )
    name = context.services.gazetteer.name(action.code)
    await context.show(views.danger_set(result, name, context.language))


async def leave_danger(context: Context, _action: LeaveDanger) -> None:
    """取消: nothing is set."""
    await context.toast()
    await context.show(views.danger_left(context.language))


TAPS: dict[type, TapHandler] = {
    RedDayAnswer: red_day_answered,
    SetDanger: set_danger_now,
    DangerPlaceMeant: danger_place_meant,
    LeaveDanger: leave_danger,
}


async def _set(
    context: Context,
    person: Person,
    code: str,
    day: date,
    level: DangerLevel,
    scale: DangerScale | None,
    *,
    tapped: DangerPlaceMeant | None = None,
) -> None:
    """Set it; what sends orders to people, or recalls them, is shown and confirmed first.

    So is what was typed long ago, or ``tapped``; and whose colours it is, where that is not clear.
    """
    today = context.now.astimezone(context.zone).date()
    old = late.is_late(context, ActKind.ORDER)
    if old and tapped is not None:
        context.preface = late.tap_note(context, late.label_of(context, tapped))
    elif old:
        context.preface = late.words_note(context, context.message.text or "")
    permit_danger(person, code, day, today=today)
    in_scale(scale, level)
    now, rules, gazetteer = context.now, context.services.rules.red_days, context.services.gazetteer
    follows = await context.read(lambda c: preview(c, code, day, level, now, rules))
    scales = scales_of(level) if scale is None else (scale,)
    if level is DangerLevel.RED or follows.recalled or old or len(scales) > 1:
        screen = views.danger_preview(
            follows,
            [SetDanger.of(code, day, level, now, each) for each in scales],
            gazetteer.name(code),
            gazetteer.path(code),
            now,
            context.language,
            zone=context.zone,
        )
        await context.say(screen)
        return
    result = await context.write(
        lambda c: set_danger(c, person, code, day, level, now, today=today, scale=scales[0])
    )
    await context.say(views.danger_set(result, gazetteer.name(code), context.language))


def _unclear(
    context: Context,
    place: str,
    found: Resolution,
    wanted: tuple[DangerLevel | None, date, DangerScale | None],
) -> Screen:
    """What of a line is no place: 「紫」 of 敦化市 紫, or the whole."""
    gazetteer, within = context.services.gazetteer, context.known().division_code
    words = place.split(" ")
    for at, word in enumerate(
        words if found.outcome is Found.UNKNOWN and wanted[0] is None else ()
    ):
        others = " ".join(words[:at] + words[at + 1 :])
        if others and gazetteer.find(others, within=within, careful=True).division is not None:
            return views.no_level(word, context.language)
    total = found.total if found.outcome is Found.AMBIGUOUS else 0
    return views.place_unclear(place, found.candidates, total, context.language, wanted=wanted)


def _shown(context: Context, connection: Connection, code: str, day: date) -> Screen:
    known = danger_on(connection, code, day)
    gazetteer = context.services.gazetteer
    above = known.decided_for not in (None, known.division_code)
    screen = views.danger_of(
        known,
        gazetteer.name(known.division_code),
        gazetteer.name(known.decided_for or "") if above else "",
        context.language,
        may_set=may_release(context.person, [known.division_code]).allowed,
    )
    return with_closed(screen, closed_in(connection, code, day), context.language)


def _apart(words: list[str], gazetteer: Gazetteer, own: str) -> Iterator[str]:
    """A place and a level without a space between them (敦化市红) are two words."""
    for word in words:
        name = (
            "" if gazetteer.bears(word, within=own) else gazetteer.name_at_start(word, within=own)
        )
        if name and parse_danger_level(word[len(name) :]) is not None:
            yield name
            word = word[len(name) :]
        yield word


def _parsed(
    words: list[str], today: date
) -> tuple[str, DangerLevel | None, date, DangerScale | None]:
    """The place, the level, the day and whose colours of a line, in any order; today when no day
    is named."""
    place: list[str] = []
    level: DangerLevel | None = None
    scale: DangerScale | None = None
    day = today
    for word in words:
        as_level, as_day = parse_danger_level(word), parse_day(word)
        as_scale = parse_scale(word)
        if as_level is not None and level is None:
            level, scale = as_level, scale or scale_of_word(word)
        elif as_scale is not None:
            scale = as_scale
        elif word.lower() in _DAYS:
            day = today + timedelta(days=_DAYS[word.lower()])
        elif as_day is not None:
            day = as_day
        else:
            place.append(word)
    return " ".join(place), level, day, scale
