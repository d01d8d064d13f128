"""Reports from the spot (现场上报): sent by anybody, looked through by officers (/feed)."""

from __future__ import annotations

from typing import Any

from telegram import Message
from telegram.ext import BaseHandler, filters

from alerts.acknowledge import open_calls
from alerts.calls import Via
from alerts.cries import cry_in
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import FieldReport
from alerts.patrol.field_reports.reporting import ALBUM_PARTS, Cried, album_for, report_from_spot
from alerts.seen import note_reports_shown
from alerts.typed_answers import says_received
from bot.actions.field_reports import FeedPage, FeedShow
from bot.handlers import (
    change_areas,
    cries,
    hotspots,
    release_areas,
    sent_tables,
    task_evidence,
    templates,
)
from bot.handlers.calls import will_answer, will_say_not_counted
from bot.handlers.context import Context
from bot.handlers.distress import added_screen
from bot.handlers.replied import replied_to
from bot.handlers.routes import IN_PRIVATE, TapHandler, commands, message
from bot.messages.field_reports import reports_request
from bot.telegram.outgoing import Request
from bot.views.patrol import cries as cry_views
from bot.views.patrol import field_reports as views
from bot.views.patrol.positions import ask_field_report as ask_view
from bot.views.screen import Screen
from contacts import people_store
from contacts.access import may_watch, require
from contacts.people import Person
from data.database import Connection

_ELSEWHERE = (
    change_areas.drawing,
    sent_tables.file_sent,
    release_areas.drawing,
    templates.file_sent,
    task_evidence.media,
)
"""What a file may be beside a report: each says whether it was."""

_MEDIA = filters.PHOTO | filters.VIDEO | filters.VIDEO_NOTE | filters.VOICE | filters.Document.ALL


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command, and everything a report may be made of."""
    return [*commands(feed=feed), message(_MEDIA & IN_PRIVATE, media)]


async def media(context: Context) -> None:
    """📷 现场上报: a photo, video, voice or document from the spot; or a warning's area, drawn."""
    for meant in _ELSEWHERE:
        if await meant(context):
            return
    message, person = context.message, context.known()
    kind, file_id = _file(message)
    copy = bool(context.services.settings.media.directory)
    caption = message.caption or ""
    replied, cry = await replied_to(context), cry_in(caption)
    to_call = None if replied is None else replied.call

    def unit(c: Connection) -> None:
        open_now = open_calls(c, context.account)
        answers = None if to_call is None or not to_call.open else to_call.id
        said = says_received(caption) and not context.forwarded
        if to_call is None and len(open_now) == 1 and said:
            answers = open_now[0][0].id
        reported = report_from_spot(
            c,
            person,
            kind,
            file_id,
            message.caption,
            context.now,
            media_group_id=message.media_group_id,
            bot_id=context.voice.bot_id,
            copy=copy,
            alert_id=None if to_call is None else to_call.alert_id,
            to_officers=to_call is not None,
            cry=cry,
            done_at=context.done_at,
        )
        if reported.distress is not None:
            duty = context.facts(c).duty_phone(person)
            context.will_say(c, added_screen(reported.distress, context.language, duty))
        elif reported.first and (cry is None or reported.groups):
            told = reported.groups or reported.officers
            duty = "" if told else context.facts(c).duty_phone(person)
            context.will_say(c, views.recorded(reported, context.language, duty))
        if answers is not None:
            asked = None if replied is None else replied.asked
            will_answer(c, context, answers, Via.MEDIA, asked=asked)
        elif reported.first and to_call is None:
            will_say_not_counted(c, context)
        if cry is not None and reported.distress is None:
            heard = Cried(reported.officers)
            context.preface = cries.late_note(context)
            context.will_say(c, cry_views.heard(cry, heard, person, context.language))
        hotspots.evidence_came(c, context)

    await context.write(unit)


async def ask_field_report(context: Context) -> None:
    """📷 现场上报, the key."""
    await context.say(ask_view(context.language))


async def feed(context: Context) -> None:
    """/feed: the latest reports of the reader's division."""
    reader = _watching(context)
    await context.say(await context.read(lambda c: _page(c, context, reader, 0)))


async def turn(context: Context, action: FeedPage) -> None:
    """Another page."""
    reader = _watching(context)
    screen = await context.read(lambda c: _page(c, context, reader, action.page))
    await context.toast()
    await context.show(screen)


async def show(context: Context, action: FeedShow) -> None:
    """👁 看: the picture itself, and all of its album."""
    reader = _watching(context)
    chat = context.incoming.effective_chat
    assert chat is not None

    def look(c: Connection) -> tuple[Request, list[FieldReport]]:
        album = album_for(c, action.id, reader)[:ALBUM_PARTS]
        facts = context.facts(c)
        return reports_request(facts, chat.id, context.language, album, phones=True), album

    request, album = await context.read(look)
    await context.toast()

    def unit(c: Connection) -> None:
        note_reports_shown(c, reader, album, context.now)
        context.will_make(c, request, chat.id)

    await context.write(unit)


TAPS: dict[type, TapHandler] = {FeedPage: turn, FeedShow: show}


def _watching(context: Context) -> Person:
    person = context.known()
    require(may_watch(person, [person.division_code]), feed=person.division_code)
    return person


def _page(c: Connection, context: Context, reader: Person, page: int) -> Screen:
    code = reader.division_code
    total = field_report_store.count(c, code)
    page = min(page, max(0, -(-total // views.PAGE_SIZE) - 1))
    reports = field_report_store.latest(c, code, views.PAGE_SIZE, page * views.PAGE_SIZE)
    senders = people_store.people(c, {report.person_id for report in reports})
    gazetteer = context.services.gazetteer
    entries = [
        views.FeedEntry(
            report,
            senders[report.person_id],
            gazetteer.path_below(
                report.division_code or senders[report.person_id].division_code, code
            ),
            len(field_report_store.album(c, report)),
        )
        for report in reports
    ]
    place = gazetteer.name(code)
    return views.feed(entries, total, page, place, context.language, zone=context.zone)


def _file(message: Message) -> tuple[str, str | None]:
    if message.photo:
        return "photo", message.photo[-1].file_id
    for kind in ("video", "video_note", "voice", "document"):
        found = getattr(message, kind)
        if found is not None:
            return kind, found.file_id
    return "text", None
