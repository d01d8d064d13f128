"""How warnings stand: the list of them (/status), and the progress card of each."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts import report
from alerts.cards import progress_card_store
from alerts.lookup import watched_alert, watched_alerts
from alerts.loop.evacuation import standing
from alerts.model import IN_FORCE, Alert, State
from alerts.season.closed_store import closed_in
from bot.actions.named_places import PlaceCommand
from bot.actions.warnings import LookAt, StatusOf
from bot.handlers.context import Context
from bot.handlers.named_places import alert_number, place_named
from bot.handlers.routes import TapHandler, commands
from bot.messages.facts import Facts
from bot.messages.releases import card_screen, departments_of
from bot.views.patrol.closed_time import with_closed
from bot.views.screen import Screen
from bot.views.warnings import progress as views
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(status=status)


async def status(context: Context) -> None:
    """/status, 📊 态势; /status 敦化市: of one place; /status 12: the card of one warning."""
    person, named = await context.read(context.on_watch), context.after_command.strip()
    if (number := alert_number(named)) is not None:
        await context.write(lambda c: _will_open(c, context, number, person))
        return
    code = await place_named(context, PlaceCommand.STATUS, named)
    if code is not None:
        await status_of_place(context, code)


async def status_of_place(context: Context, code: str) -> None:
    """The warnings of a division; of all that the reader may see when ``code`` is empty."""
    person, language = await context.read(context.on_watch), context.language

    def look(c: Connection) -> Screen:
        alerts = watched_alerts(c, person, State.PENDING, *IN_FORCE)
        if code:
            alerts = [alert for alert in alerts if overlap([code], alert.areas)]
        facts = context.facts(c)
        screen = status_screen(facts, alerts, language, facts.place(code) if code else "")
        today = context.now.astimezone(context.zone).date()
        closed = closed_in(c, code or person.division_code, today)
        return with_closed(screen, closed, language)

    await context.say(await context.read(look))


async def status_of(context: Context, action: StatusOf) -> None:
    """The progress card of one warning."""
    person = await context.read(context.on_watch)

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.id, person)
        progress_card_store.go_on(c, alert.id, context.chat_id_here)
        screen = card_screen(context.facts(c), alert, context.language, person)
        context.will_show(c, screen, card_of=alert)

    await context.write(unit)


async def look_at(context: Context, action: LookAt) -> None:
    """The progress card of one warning, below what is being read."""
    person = await context.read(context.on_watch)
    await context.write(lambda c: _will_open(c, context, action.id, person))
    await context.toast()


def _will_open(c: Connection, context: Context, alert_id: int, person: Person) -> None:
    alert = watched_alert(c, alert_id, person)
    screen = card_screen(context.facts(c), alert, context.language, person)
    context.will_say(c, screen, card_of=alert)


TAPS: dict[type, TapHandler] = {StatusOf: status_of, LookAt: look_at}


def status_screen(facts: Facts, alerts: list[Alert], language: str, place: str = "") -> Screen:
    """These warnings, a line each, with how many have answered.

    :param place: the one that was asked about, for when there is none.
    """
    lines = [
        views.StatusLine(
            alert,
            facts.area(alert),
            report.progress(facts.connection, alert),
            facts.last_change(alert),
            departments_of(facts, alert),
            standing.evacuation_of(facts.connection, alert),
        )
        for alert in alerts
    ]
    moving = [line.alert for line in lines if line.evacuation and line.evacuation.target.any]
    in_all = standing.evacuation_in_all(facts.connection, moving) if len(moving) > 1 else None
    return views.status_list(
        lines, language, facts.now, place=place, in_all=in_all, zone=facts.zone
    )
