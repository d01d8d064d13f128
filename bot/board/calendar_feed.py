"""The calendar of a person's shifts, for the calendar program of their phone.

The address is all a program shows: whatever is wrong with it, the answer is the same (404), but for
one of ours that was ended or whose person is there no more (410), so that programs stop asking.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.services.async_database import AsyncDatabase
from bot.services.geography import Geography
from bot.views.duty.calendar import as_calendar
from contacts import (
    board_link_store,
    calendar_link_store,
    calendar_links,
    duty_plan_store,
    people_store,
)
from contacts.calendar_links import CalendarPass
from contacts.duty_plan import Shift
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

PATH = "/calendar/{name}.ics"

BACK = timedelta(days=31)
AHEAD = timedelta(days=366)
"""The shifts that a calendar holds (ours)."""


@dataclass(frozen=True, slots=True)
class _Read:
    made_at: datetime
    language: str
    shifts: list[Shift]


class CalendarFeed:
    """Serves calendars; ``add_to`` the web server that is there."""

    def __init__(
        self,
        secret: str,
        database: AsyncDatabase,
        geography: Geography,
        clock: Callable[[], datetime],
    ) -> None:
        self._secret = secret
        self._database = database
        self._geography = geography
        self._clock = clock
        self._key: bytes | None = None

    def add_to(self, app: web.Application) -> None:
        """Serve it there."""
        app.router.add_get(PATH, self._calendar)

    async def _calendar(self, request: web.Request) -> web.Response:
        try:
            calendar = calendar_links.verify(request.match_info["name"], await self._signing_key())
            if calendar is None:
                raise web.HTTPNotFound
            now = self._clock()
            read = await self._database.ask(lambda c: _read(c, calendar, now))
        except StoreError as error:
            log.error("calendar not read: %s", error)
            raise web.HTTPServiceUnavailable from error
        if read is None:
            raise web.HTTPGone
        name = self._geography.gazetteer.name
        # Away from the event loop: the library takes its time to load, and for each shift.
        body = await asyncio.to_thread(
            as_calendar,
            [(shift, name(shift.division_code)) for shift in read.shifts],
            read.made_at,
            read.language,
        )
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=body, content_type="text/calendar", charset="utf-8", headers=headers
        )

    async def _signing_key(self) -> bytes:
        if self._key is None:
            secret = self._secret or await self._database.ask(board_link_store.secret)
            self._key = calendar_links.key_of(secret)
        return self._key


def _read(connection: Connection, calendar: CalendarPass, now: datetime) -> _Read | None:
    made_at = calendar_link_store.made_at(connection, calendar.link_id, calendar.person_id)
    person = people_store.person(connection, calendar.person_id)
    if made_at is None or person is None or not calendar_links.still_good(calendar, person):
        return None
    shifts = duty_plan_store.shifts_of(connection, person.id, now - BACK, now + AHEAD)
    return _Read(made_at, person.language, shifts)
