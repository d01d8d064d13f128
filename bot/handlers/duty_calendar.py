"""📆 the address of a phone's calendar of one's own shifts."""

from __future__ import annotations

from alerts.duty.model import DutyProblem
from bot.actions.duty import CalendarWish, DutyCalendar
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.duty import calendar_on
from bot.views.duty import calendar
from contacts import board_link_store, calendar_link_store, calendar_links
from contacts.calendar_links import CalendarPass
from data import audit
from data.database import Connection
from data.errors import NotFound


async def calendar_wanted(context: Context, action: DutyCalendar) -> None:
    """📆 a new address, or its end."""
    person, now, account = context.known(), context.now, context.account
    settings = context.services.settings.board

    def unit(c: Connection) -> None:
        subject = f"person:{person.id}"
        if action.wish is CalendarWish.END:
            if calendar_link_store.end(c, person.id, now):
                audit.append(c, now, [audit.Entry("calendar.ended", subject, person.id, {})])
            context.will_show(c, calendar.ended(context.language))
            return
        if not calendar_on(context.facts(c)):
            raise NotFound(DutyProblem.LINK_OFF)
        link_id = None
        if action.wish is CalendarWish.SHOW:
            link_id = calendar_link_store.current(c, person.id)
        if link_id is None:
            link_id = calendar_link_store.renew(c, person.id, now)
            # Which address, never the address itself: the trail's readers must not open it.
            detail = {"link": link_id}
            audit.append(c, now, [audit.Entry("calendar.link", subject, person.id, detail)])
        key = calendar_links.key_of(settings.secret.reveal() or board_link_store.secret(c))
        name = calendar_links.sign(CalendarPass(link_id, person.id, account), key)
        url = f"{settings.public_url.rstrip('/')}/calendar/{name}.ics"
        context.will_show(c, calendar.address(url, context.language))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {DutyCalendar: calendar_wanted}
