"""How warnings stand: the list of them (/status), and the progress card of each."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts import report
from alerts.lookup import watched_alert, watched_alerts
from alerts.model import IN_FORCE, Alert, State
from bot.actions.warnings import LookAt, StatusOf
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.messages.facts import Facts
from bot.messages.releases import card_screen
from bot.views.screen import Screen
from bot.views.warnings import progress as views
from contacts.access import may_look_into, require
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(status=status)


async def status(context: Context) -> None:
    """/status, 📊 态势; /status 敦化市: of one place; /status 12: the card of one warning."""
    person, named, language = context.known(), context.after_command.strip(), context.language
    if named.isdecimal() and len(named) < _SHORTEST_CODE:
        number = int(named)
        await context.say(
            await context.read(
                lambda c: card_screen(
                    context.facts(c), watched_alert(c, number, person), language, person
                )
            )
        )
        return
    code = _place_named(context, person, named) if named else ""

    def look(c: Connection) -> Screen:
        alerts = watched_alerts(c, person, State.PENDING, *IN_FORCE)
        if named and not code:
            return views.no_such_place(named, language)
        if code:
            alerts = [alert for alert in alerts if overlap([code], alert.areas)]
        facts = context.facts(c)
        return status_screen(facts, alerts, language, facts.place(code) if code else "")

    await context.say(await context.read(look))


async def status_of(context: Context, action: StatusOf) -> None:
    """The progress card of one warning."""
    person = context.known()
    screen = await context.read(
        lambda c: card_screen(
            context.facts(c), watched_alert(c, action.id, person), context.language, person
        )
    )
    await context.toast()
    await context.show(screen)


async def look_at(context: Context, action: LookAt) -> None:
    """The progress card of one warning, below what is being read."""
    person = context.known()
    screen = await context.read(
        lambda c: card_screen(
            context.facts(c), watched_alert(c, action.id, person), context.language, person
        )
    )
    await context.toast()
    await context.say(screen)


_SHORTEST_CODE = 6
"""Digits of the shortest code of a division: fewer are the number of a warning."""


def _place_named(context: Context, person: Person, named: str) -> str:
    """The division that was named; empty when there is no one place of that name.

    :raises NotAllowed: it is neither the person's, nor above it, nor below.
    """
    found = context.services.gazetteer.find(named, within=person.division_code, careful=True)
    code = "" if found.division is None else found.division.code
    own = person.division_code
    if code and not overlap([code], [own]):
        require(may_look_into(person, code), division=code)
    return code


TAPS: dict[type, TapHandler] = {StatusOf: status_of, LookAt: look_at}


def status_screen(facts: Facts, alerts: list[Alert], language: str, place: str = "") -> Screen:
    """These warnings, a line each, with how many have answered.

    :param place: the one that was asked about, for when there is none.
    """
    lines = [
        views.StatusLine(alert, facts.area(alert), report.progress(facts.connection, alert))
        for alert in alerts
    ]
    return views.status_list(lines, language, facts.now, place=place, zone=facts.zone)
