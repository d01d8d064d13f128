"""Positions of patrollers: one-tap (一键报位), live as they move, or told by an officer instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from telegram.ext import BaseHandler, filters

from alerts.patrol.check_in import Arrived, check_in, spot_of
from alerts.patrol.positions.model import Fix, Position
from alerts.patrol.shifts.missed import reached
from bot.actions.shifts import PatrolReached
from bot.handlers import hotspots, task_evidence
from bot.handlers.context import Context
from bot.handlers.routes import IN_PRIVATE, TapHandler, message
from bot.views.menu import menu_for
from bot.views.patrol import positions as views
from bot.views.patrol import shifts as shift_views
from bot.views.patrol.roll_calls import answer_lines
from bot.views.screen import Screen
from contacts.divisions.codes import Tier, tier_of
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Positions in private; Telegram edits the message of a live one as it moves."""
    edited_in_private = filters.UpdateType.EDITED_MESSAGE & filters.ChatType.PRIVATE
    return [
        message(filters.LOCATION & IN_PRIVATE, located),
        message(filters.LOCATION & edited_in_private, moved),
    ]


async def located(context: Context) -> None:
    """📍 一键报位, or a live location that begins."""
    person = context.known()
    gazetteer, zone = context.services.gazetteer, context.zone
    near = context.services.geography.nearest_village

    def where(position: Position) -> str:
        """The county by the map, and the village: by its place, else that of the person's post."""
        code = position.division_code
        if not code:
            return ""
        county, village = gazetteer.name(code), near(position.fix.lon, position.fix.lat)
        if village is not None:
            name, away_m = gazetteer.path_below(village[0], code), village[1]
            return views.near_village(county, name, away_m, context.language)
        if tier_of(person.division_code).depth > Tier.COUNTY.depth:
            post = gazetteer.path_below(person.division_code, code)
            return views.of_post(county, post, context.language)
        return county

    def said(c: Connection, arrived: Arrived) -> None:
        position = arrived.position
        if position is None:
            return
        place = where(position)
        more = [
            *answer_lines(arrived.roll_calls, context.language),
            *shift_views.check_in_lines(arrived.zones, arrived.plan, context.language, zone=zone),
        ]
        recorded = views.position_recorded(position, place, context.language, zone=zone, more=more)
        context.will_say(c, Screen(recorded.text, menu_for(person, context.language)))
        hotspots.evidence_came(c, context)
        task_evidence.position_came(c, context, position)

    await _check_in(context, said)


async def moved(context: Context) -> None:
    """A live location moved: kept as a track, answered never."""
    if context.person is not None:
        await _check_in(context, lambda _c, _arrived: None)


async def ask_position(context: Context) -> None:
    """The words 📍 一键报位, typed: Telegram sends a position only by its own key."""
    await context.say(views.ask_position(context.language))


async def patrol_reached(context: Context, action: PatrolReached) -> None:
    """✅ 已联系上: an officer has spoken with a patroller whose position was missing."""
    officer, now = context.known(), context.now
    rules = context.services.rules.shifts

    def unit(c: Connection) -> Person:
        person = reached(c, action.id, officer, now, rules, done_at=context.done_at)
        context.will_take_button_away(c)
        return person

    person = await context.write(unit)
    await context.toast(shift_views.reached(person, context.language))


TAPS: dict[type, TapHandler] = {PatrolReached: patrol_reached}


async def _check_in(context: Context, then: Callable[[Connection, Arrived], None]) -> None:
    """Keep the position, and do ``then`` in the same unit."""
    message, person, now = context.message, context.known(), context.now
    location = message.location
    assert location is not None
    taken = message.edit_date or message.date
    if message.forward_origin is not None:
        taken = message.forward_origin.date
    fix = Fix(
        location.longitude,
        location.latitude,
        taken.astimezone(UTC),
        now,
        location.horizontal_accuracy,
        forwarded=message.forward_origin is not None,
    )
    spot = spot_of(context.services.boundaries, person, fix.lon, fix.lat)
    rules = context.services.rules.arrivals
    message_id = message.message_id
    live = location.live_period is not None or message.edit_date is not None

    def unit(c: Connection) -> None:
        then(c, check_in(c, person, fix, spot, rules, now, message_id=message_id, live=live))

    await context.write(unit)
