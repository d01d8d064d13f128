"""Patrollers: positions, reports from the spot, calls for help."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, MessageHandler, filters

from alerts.acknowledge import Refusal
from alerts.patrol import distress
from alerts.patrol.check_in import check_in
from alerts.patrol.checkins import CheckInRules, Fix
from alerts.patrol.distress import Raised
from alerts.patrol.field_reports import report_from_spot
from alerts.patrol.store import Position
from bot import callbacks
from bot.handlers.context import Context
from bot.views import membership
from bot.views import patrol as views
from bot.views.menu import menu_for
from bot.views.screen import Screen
from contacts import store as contacts
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed

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
    position = await _check_in(context, message)
    if position is None:
        return
    gazetteer = context.desk.gazetteer
    place = gazetteer.name(position.division_code) if position.division_code else ""
    recorded = views.position_recorded(position, place, context.language, zone=context.desk.zone)
    await context.say(Screen(recorded.text, menu_for(context.person, context.language)))


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
    first_of_album = message.media_group_id is None or bool(message.caption)
    _, told = await context.write(
        lambda c: report_from_spot(
            c,
            person,
            kind,
            file_id,
            message.caption,
            context.now,
            media_group_id=message.media_group_id,
        )
    )
    if first_of_album:
        await context.say(views.field_report_recorded(told, context.language))


async def ask_position(context: Context) -> None:
    """The words 📍 一键报位, typed: Telegram sends a position only by its own key."""
    await context.say(views.ask_position(context.language))


async def ask_field_report(context: Context) -> None:
    """📷 现场上报, the key."""
    await context.say(views.ask_field_report(context.language))


async def raise_distress(context: Context) -> None:
    """🆘 求救: at once, no questions before; a mistake is undone after."""
    person, now = context.person, context.now
    if person is None:
        await context.say(views.distress_stranger(context.language))
        return
    raised = await context.write(lambda c: distress.raise_distress(c, person, now))
    told, ask = views.distress_raised(
        raised.call, raised.officers, context.language, again=raised.already
    )
    await context.say(told)
    await context.say(ask)


async def heard(context: Context, text: str) -> bool:
    """Words of somebody in distress go on to the officers; whether that was so."""
    person, now = context.person, context.now
    assert person is not None
    added = await context.write(lambda c: distress.add_to_distress(c, person, now, note=text))
    if added is None:
        return False
    await context.say(views.field_report_recorded(len(added.officers), context.language))
    return True


async def distress_take(context: Context, action: callbacks.DistressTake) -> None:
    """🙋 我来处置."""
    officer, now = _known(context), context.now
    raised = await context.write(lambda c: distress.take(c, action.id, officer, now))
    await _show_state(context, raised)


async def distress_clear(context: Context, action: callbacks.DistressClear) -> None:
    """✅ 人已安全，解除."""
    officer, now = _known(context), context.now
    raised = await context.write(lambda c: distress.clear(c, action.id, officer, now))
    await _show_state(context, raised)


async def distress_undo(context: Context, action: callbacks.DistressUndo) -> None:
    """↩️ 误报，撤销."""
    person, now = _known(context), context.now
    raised = await context.write(lambda c: distress.undo(c, action.id, person, now))
    await context.toast()
    zone = context.desk.zone
    state = views.distress_state(raised.call, person, person.name, context.language, zone=zone)
    await context.show(state)


async def distress_raise(context: Context, action: callbacks.DistressRaise) -> None:
    """The same from a button under a message."""
    await context.toast()
    await raise_distress(context)


TAPS: dict[type, Any] = {
    callbacks.DistressTake: distress_take,
    callbacks.DistressClear: distress_clear,
    callbacks.DistressUndo: distress_undo,
    callbacks.DistressRaise: distress_raise,
}


def _known(context: Context) -> Person:
    if context.person is None:
        raise NotAllowed(Refusal.NOT_LINKED)
    return context.person


async def _show_state(context: Context, raised: Raised) -> None:
    call = raised.call

    def look(c: Connection) -> Screen:
        person = contacts.person(c, call.person_id)
        by = contacts.person(c, call.cleared_by or call.taken_by or 0)
        assert person is not None
        return views.distress_state(
            call,
            person,
            "" if by is None else by.name,
            context.language,
            zone=context.desk.zone,
        )

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def _check_in(context: Context, message: Message) -> Position | None:
    person, location = context.person, message.location
    assert person is not None and location is not None
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
    boundaries = context.desk.boundaries
    inside = boundaries.contains_province(fix.lon, fix.lat)
    code = boundaries.locate(fix.lon, fix.lat) if inside else None
    settings = context.desk.settings.positions
    rules = CheckInRules(settings.max_accuracy_m, settings.max_age_seconds)

    def unit(c: Connection) -> Position | None:
        position = check_in(
            c,
            person,
            fix,
            code,
            rules,
            inside_province=inside,
            message_id=message.message_id,
            live=live,
        )
        if position is not None:
            distress.add_to_distress(c, person, context.now, position_id=position.id)
        return position

    return await context.write(unit)


def _file(message: Message) -> tuple[str, str | None]:
    if message.photo:
        return "photo", message.photo[-1].file_id
    for kind in ("video", "video_note", "voice", "document"):
        found = getattr(message, kind)
        if found is not None:
            return kind, found.file_id
    return "text", None
