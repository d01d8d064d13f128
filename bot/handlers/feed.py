"""/feed: the latest reports from the spot, for those who command or watch there."""

from __future__ import annotations

from typing import Any

import orjson
from telegram.ext import BaseHandler

from alerts.lookup import Refusal
from alerts.outbox.deliveries import Delivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.positions import store as position_store
from bot.actions.field_reports import FeedPage, FeedShow
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.messages.field_reports import reports_request
from bot.telegram.outgoing import Request
from bot.views.patrol import field_reports as views
from bot.views.screen import Screen
from contacts import people_store
from contacts.access import may_see_positions, may_watch, require
from contacts.people import Person
from data.database import Connection
from data.errors import NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(feed=feed)


async def feed(context: Context) -> None:
    """/feed."""
    person = _watching(context)
    await context.say(await context.read(lambda c: _page(c, context, person, 0)))


async def turn(context: Context, action: FeedPage) -> None:
    """Another page."""
    person = _watching(context)
    screen = await context.read(lambda c: _page(c, context, person, action.page))
    await context.toast()
    await context.show(screen)


async def show(context: Context, action: FeedShow) -> None:
    """👁 看: the picture itself, and all of its album."""
    person = _watching(context)
    chat = context.incoming.effective_chat
    assert chat is not None

    def look(c: Connection) -> Request:
        report = position_store.field_report(c, action.id)
        if report is None:
            raise NotFound(Refusal.UNKNOWN)
        sender = people_store.person(c, report.person_id)
        assert sender is not None
        require(may_see_positions(person, sender))
        facts = context.facts(c)
        one = Delivery(0, MessageKind.FIELD_REPORT, Lane.ANSWER, 0, chat.id, context.language)
        return reports_request(facts, one, field_report_store.album(c, report)[:10], phones=True)

    request = await context.read(look)
    await context.toast()
    await context.voice.say(request.method, orjson.loads(request.body), chat.id)


TAPS: dict[type, TapHandler] = {FeedPage: turn, FeedShow: show}


def _watching(context: Context) -> Person:
    person = context.known()
    require(may_watch(person, [person.division_code]))
    return person


def _page(c: Connection, context: Context, person: Person, page: int) -> Screen:
    code = person.division_code
    total = field_report_store.count(c, code)
    page = min(page, max(0, -(-total // views.PAGE_SIZE) - 1))
    found = field_report_store.latest(c, code, views.PAGE_SIZE, page * views.PAGE_SIZE)
    people = people_store.people(c, {one.person_id for one in found})
    gazetteer = context.services.gazetteer
    entries = [
        views.FeedEntry(
            one,
            people[one.person_id],
            gazetteer.name(one.division_code or people[one.person_id].division_code),
            len(field_report_store.album(c, one)),
        )
        for one in found
    ]
    place = gazetteer.name(code)
    return views.feed(entries, total, page, place, context.language, zone=context.services.zone)
