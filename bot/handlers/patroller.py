"""Patrollers: positions, reports from the spot, calls for help."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from alerts.patrol.distress import calling as distress
from alerts.patrol.field_reports.reporting import report_from_spot
from alerts.patrol.positions.check_in import check_in
from alerts.patrol.positions.model import CheckInRules, Fix
from alerts.patrol.positions.store import Position
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls.calling import Answered
from alerts.patrol.shifts.missed import CheckedIn, checked_in
from alerts.patrol.zones.model import Verdict, judge
from alerts.patrol.zones.store import zones_of
from bot.handlers import hotspots
from bot.handlers.context import Context
from bot.handlers.distress import added_screen
from bot.views import membership
from bot.views.menu import menu_for
from bot.views.patrol import positions as views
from bot.views.patrol.field_reports import recorded
from bot.views.patrol.roll_calls import answer_lines
from bot.views.patrol.shifts import check_in_lines
from bot.views.screen import Screen
from contacts.divisions.codes import county_of
from data.database import Connection

_MEDIA = filters.PHOTO | filters.VIDEO | filters.VIDEO_NOTE | filters.VOICE | filters.Document.ALL


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Positions (a live one is edited as it moves) and media, in private."""
    private = filters.ChatType.PRIVATE
    return [
        MessageHandler(filters.LOCATION & private & filters.UpdateType.MESSAGE, located),
        MessageHandler(filters.LOCATION & private & filters.UpdateType.EDITED_MESSAGE, moved),
        MessageHandler(_MEDIA & private & filters.UpdateType.MESSAGE, media),
    ]


async def located(update: Update, context: Context) -> None:
    """📍 一键报位, or a live location that begins."""
    message = update.effective_message
    assert message is not None
    if context.person is None:
        await context.say(membership.welcome_stranger(context.language))
        return
    position, verdict, checked, called = await _check_in(context, message)
    if position is None:
        return
    gazetteer = context.services.gazetteer
    place = gazetteer.name(position.division_code) if position.division_code else ""
    zone = context.services.zone
    more = [
        *answer_lines(called, context.language),
        *check_in_lines(verdict, checked, context.language, zone=zone),
    ]
    recorded = views.position_recorded(position, place, context.language, zone=zone, more=more)
    await context.say(Screen(recorded.text, menu_for(context.person, context.language)))
    await hotspots.evidence_came(context)


async def moved(update: Update, context: Context) -> None:
    """A live location moved: kept as a track, answered never."""
    message = update.effective_message
    assert message is not None
    if context.person is not None:
        await _check_in(context, message)


async def media(update: Update, context: Context) -> None:
    """📷 现场上报: a photo, video, voice or document from the spot."""
    message, person = update.effective_message, context.person
    assert message is not None
    if person is None:
        await context.say(membership.welcome_stranger(context.language))
        return
    kind, file_id = _file(message)
    copy = bool(context.services.settings.media.directory)
    reported = await context.write(
        lambda c: report_from_spot(
            c,
            person,
            kind,
            file_id,
            message.caption,
            context.now,
            media_group_id=message.media_group_id,
            bot_id=context.voice.bot_id,
            copy=copy,
        )
    )
    if reported.distress is not None:
        await context.say(added_screen(reported.distress, context.language))
    elif reported.first:
        await context.say(recorded(reported, context.language))
    await hotspots.evidence_came(context)


async def ask_position(context: Context) -> None:
    """The words 📍 一键报位, typed: Telegram sends a position only by its own key."""
    await context.say(views.ask_position(context.language))


async def ask_field_report(context: Context) -> None:
    """📷 现场上报, the key."""
    await context.say(views.ask_field_report(context.language))


Stored = tuple[Position | None, Verdict | None, CheckedIn | None, list[Answered]]


async def _check_in(context: Context, message: Message) -> Stored:
    """Store the position; what it means for the person's zones, watches and roll calls."""
    person, location = context.known(), message.location
    assert location is not None
    live = location.live_period is not None or message.edit_date is not None
    taken = message.edit_date or message.date
    if message.forward_origin is not None:
        taken = message.forward_origin.date
    fix = Fix(
        location.longitude,
        location.latitude,
        taken.astimezone(UTC),
        context.now,
        location.horizontal_accuracy,
        forwarded=message.forward_origin is not None,
    )
    boundaries = context.services.boundaries
    inside = boundaries.contains_province(fix.lon, fix.lat)
    code = boundaries.locate(fix.lon, fix.lat) if inside else None
    settings = context.services.settings.positions
    rules = CheckInRules(settings.max_accuracy_m, settings.max_age_seconds)

    shifts = context.services.rules.shifts

    far_m = context.services.settings.patrol.roll_call_far_m
    own, home_m = county_of(person.division_code) or person.division_code, None
    if boundaries.has(own):
        home_m = max(0.0, boundaries.distance_m(own, fix.lon, fix.lat))

    def unit(c: Connection) -> Stored:
        awaited = live and not fix.forwarded and roll_calls.awaited(c, person, context.now)
        position = check_in(
            c,
            person,
            fix,
            code,
            rules,
            inside_province=inside,
            message_id=message.message_id,
            live=live,
            awaited=awaited,
        )
        if position is not None:
            distress.add_to_distress(c, person, context.now, position_id=position.id)
        if fix.forwarded:  # somebody else's position is no sign of life
            return position, None, None, []
        checked = checked_in(c, person, fix.taken_at, context.now, shifts)
        if position is None:
            return None, None, checked, []
        verdict = None
        if not position.doubts:
            zones = zones_of(c, person.id, person.division_code)
            verdict = judge(zones, fix.lon, fix.lat, fix.accuracy_m)
        outside = home_m if verdict is None else verdict.outside_m
        called = roll_calls.answered(c, person, position, outside, far_m, context.now)
        return position, None if message.edit_date is not None else verdict, checked, called

    return await context.write(unit)


def _file(message: Message) -> tuple[str, str | None]:
    if message.photo:
        return "photo", message.photo[-1].file_id
    for kind in ("video", "video_note", "voice", "document"):
        found = getattr(message, kind)
        if found is not None:
            return kind, found.file_id
    return "text", None
