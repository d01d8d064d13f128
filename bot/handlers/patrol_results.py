"""/patrol: what one's own patrols come to; for officers, those of the divisions below."""

from __future__ import annotations

from datetime import date
from typing import Any

from telegram.ext import BaseHandler

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.duty_messages import PatrolSheet
from alerts.outbox.lanes import Lane
from alerts.patrol.results.reading import month_below, own_month
from bot.actions.duty import PatrolMonth, PatrolWorkbook
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.views.patrol import results as views
from bot.views.screen import Screen
from contacts.access import may_be_informed, require
from contacts.people import PATROLLING
from data.audit import Entry, append
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(patrol=patrol)


async def patrol(context: Context) -> None:
    """/patrol, and /patrol 敦化市."""
    person = context.known()
    code = await place_named(context, PlaceCommand.PATROL, context.after_command.strip())
    if code is None:
        return
    informed = may_be_informed(person, person.division_code).allowed
    if not code and (person.holds(PATROLLING) or not informed):
        rules = context.services.rules.shifts
        told = await context.read(lambda c: own_month(c, person, context.now, rules))
        await context.say(views.own(told, context.language))
        return
    await patrol_of_place(context, code)


async def patrol_of_place(context: Context, code: str) -> None:
    """The running month of a division, the reader's own when ``code`` is empty."""
    code = code or context.known().division_code
    screen = await _month(context, code, _today(context).replace(day=1), 0)
    await context.say(screen)


async def month_tapped(context: Context, action: PatrolMonth) -> None:
    """Another month, page or division."""
    month = views.month_of_number(action.month)
    if month is None:
        await context.toast()
        return
    screen = await _month(context, action.code, month, action.page)
    await context.toast()
    await context.show(screen)


async def _month(context: Context, code: str, month: date, page: int) -> Screen:
    require(may_be_informed(context.known(), code), division=code)
    gazetteer = context.services.gazetteer
    lines = await context.read(lambda c: month_below(c, code, month))
    return views.below(
        code,
        gazetteer.name(code),
        month,
        lines,
        page,
        _today(context),
        gazetteer.name,
        context.language,
    )


def _today(context: Context) -> date:
    return context.now.astimezone(context.services.rules.shifts.zone).date()


async def workbook(context: Context, action: PatrolWorkbook) -> None:
    """📥 导出表格."""
    person, now = context.known(), context.now
    require(may_be_informed(person, action.code), division=action.code)
    month = views.month_of_number(action.month)

    def unit(c: Connection) -> None:
        if month is None or person.telegram_id is None:
            return
        message = PatrolSheet(action.code, f"{month:%Y-%m}")
        key = f"patrol:{action.code}:{month:%Y-%m}:{person.id}"
        outbox_store.add_many(c, [to_person(person, message, Lane.ANSWER, coalesce_key=key)], now)
        detail = {"division": action.code, "month": f"{month:%Y-%m}"}
        append(c, now, [Entry("patrol.exported", f"division:{action.code}", person.id, detail)])

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {PatrolMonth: month_tapped, PatrolWorkbook: workbook}
