"""Gauges: how they stand, and their curves, for whoever commands or is on duty.

What it shows with is loaded when somebody asks: most offices start without gauges.
"""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture
from alerts.sources.gauges.model import Quantity
from bot.actions.water import GaugeCurve, GaugeList
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.views.screen import Screen
from contacts.access import may_open_board, require
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(water=water)


async def water(context: Context) -> None:
    """/water: the gauges of one's division; with a name behind it, the curve of that gauge."""
    person = _watching(context)
    words = " ".join(context.args or ()).strip()
    if not words:
        await context.say(await context.read(lambda c: _listed(context, c, person, 0)))
        return
    from alerts.sources.gauges.overview import overview
    from alerts.sources.gauges.shown import by_words
    from bot.views import water as views

    rules, now = context.services.rules.water, context.now
    rows = await context.read(lambda c: overview(c, person.division_code, now, rules))
    found = by_words({row.station.code: row.station for row in rows}.values(), words)
    if len(found) != 1:
        await context.say(views.not_one(found, words, context.language))
        return
    quantity = next(row.quantity for row in rows if row.station.code == found[0].code)
    await context.write(lambda c: _send_curve(c, person, found[0].code, quantity, context))


async def page(context: Context, action: GaugeList) -> None:
    """Another page of the list."""
    person = _watching(context)
    screen = await context.read(lambda c: _listed(context, c, person, action.page))
    await context.toast()
    await context.show(screen)


async def curve(context: Context, action: GaugeCurve) -> None:
    """📈: the curve of a gauge that is in the list."""
    from alerts.sources.gauges.overview import overview
    from alerts.sources.gauges.shown import by_token

    person, rules, now = _watching(context), context.services.rules.water, context.now
    rows = await context.read(lambda c: overview(c, person.division_code, now, rules))
    station = by_token([row.station for row in rows], action.token)
    if station is None:
        from bot.views.water import gone

        await context.toast(gone(context.language))
        return
    await context.write(lambda c: _send_curve(c, person, station.code, action.quantity, context))
    await context.toast()


TAPS: dict[type, TapHandler] = {GaugeCurve: curve, GaugeList: page}


def _watching(context: Context) -> Person:
    person = context.known()
    require(may_open_board(person), division=person.division_code)
    return person


def _listed(context: Context, c: Connection, person: Person, page: int) -> Screen:
    from alerts.sources.gauges.overview import figures_of, overview
    from bot.views import water as views
    from bot.views.paging import last_page

    rules, now = context.services.rules.water, context.now
    rows = overview(c, person.division_code, now, rules)
    page = min(page, last_page(len(rows), views.ON_A_PAGE))
    shown = rows[page * views.ON_A_PAGE : (page + 1) * views.ON_A_PAGE]
    return views.water_list(
        [(row, figures_of(c, row, rules), row.level(rules)) for row in shown],
        len(rows),
        page,
        context.services.gazetteer.name(person.division_code),
        now,
        context.language,
        zone=context.zone,
    )


def _send_curve(
    c: Connection, person: Person, code: str, quantity: Quantity, context: Context
) -> None:
    message = Picture(gauge=f"{code}:{quantity.value}")
    key = f"curve:{code}:{quantity.value}:{person.id}"
    delivery = to_person(person, message, Lane.ANSWER, coalesce_key=key)
    outbox_store.add(c, delivery, context.now)
