"""A cry for help or of alarm in words (着火了, 救命): it reaches a person, whatever was asked."""

from __future__ import annotations

from alerts.cries import Cry
from alerts.patrol.distress.model import arrived_late
from alerts.patrol.field_reports.reporting import cry_out
from bot.handlers.context import Context
from bot.handlers.distress import added_screen
from bot.views.patrol import cries as views
from data.database import Connection


async def cried(context: Context, cry: Cry, text: str) -> None:
    """Tell the duty officers, and the person whom to telephone and what to press."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        heard = cry_out(c, person, cry, text, now, done_at=context.done_at)
        if heard.distress is not None:
            duty = context.facts(c).duty_phone(person)
            context.will_say(c, added_screen(heard.distress, context.language, duty))
            return
        context.preface = late_note(context)
        context.will_say(c, views.heard(cry, heard, person, context.language))

    await context.write(unit)


def late_note(context: Context) -> str:
    """That a cry came late, and that it was passed on now (HTML); empty when it came at once."""
    if not arrived_late(context.done_at, context.now):
        return ""
    return views.late_note(context.done_at, context.language, zone=context.zone)
