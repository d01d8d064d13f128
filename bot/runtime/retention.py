"""What is kept for a time, and deleted by itself when that is over; looked for in chunks."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from alerts.channels import announcing, event_store, robot_store
from alerts.loop.daily import store as daily_store
from alerts.loop.tasks import forgetting_store
from alerts.patrol.positions.retention import delete_old, forget_updates, old_positions, old_updates
from alerts.patrol.results import store as patrol_results
from alerts.publishing import store as publishing_store
from alerts.sources.cap import message_store
from bot.services.services import Services
from contacts import access_log_store, api_token_store, board_link_store, link_store
from contacts.link_requests import REQUEST_FOR
from data import inbox

FORGOTTEN_AT_ONCE = 5000
"""Numbers of handled updates deleted in one transaction: a tap never waits long for the writer."""


async def delete_what_is_old(services: Services, _found: bool, now: datetime) -> None:
    """Positions, updates set aside and the numbers of those handled, kept long enough."""
    database, days = services.database, services.settings.positions.retention_days
    after, more = 0, True
    while more:
        batch = await database.ask(partial(old_positions, now=now, days=days, after_id=after))
        if batch.ids:
            await database.run(partial(delete_old, now=now, days=days, after_id=after))
        after, more = batch.last_id, batch.more
    seen_before = now - timedelta(days=services.settings.privacy.access_log_days)
    if await database.ask(lambda c: access_log_store.any_before(c, seen_before)):
        await database.run(lambda c: access_log_store.delete_before(c, seen_before))
    asked_before = now - REQUEST_FOR
    if await database.ask(lambda c: link_store.any_request_before(c, asked_before)):
        await database.run(lambda c: link_store.delete_requests_before(c, asked_before))
    if await database.ask(lambda c: board_link_store.any_dead(c, now)):
        await database.run(lambda c: board_link_store.delete_dead(c, now))
    await _delete_patrol_days(services, now)
    await _delete_what_was_told(services, now)
    kept = now - timedelta(days=services.settings.sources.keep_days)
    while await database.ask(lambda c: message_store.any_raw_before(c, kept)):
        await database.run(lambda c: message_store.forget_raw(c, kept))
    await _delete_tasks(services, now)
    await _forget_townships(services, now)
    if await database.ask(lambda c: old_updates(c, now, days)):
        await database.run(lambda c: forget_updates(c, now, days))
    if await database.ask(lambda c: inbox.any_forgettable(c, now)):
        while await database.run(lambda c: inbox.forget_handled(c, now, FORGOTTEN_AT_ONCE)):
            continue


async def _delete_tasks(services: Services, now: datetime) -> None:
    database, over = services.database, now - timedelta(days=services.settings.tasks.keep_days)
    while await database.ask(lambda c: forgetting_store.any_ended_before(c, over)):
        await database.run(lambda c: forgetting_store.delete_ended_before(c, over))


async def _delete_patrol_days(services: Services, now: datetime) -> None:
    """The sums of patrol days, kept long enough."""
    database, days = services.database, services.settings.patrol.results_days
    first = now.astimezone(services.rules.shifts.zone).date() - timedelta(days=days)
    while await database.ask(lambda c: patrol_results.any_before(c, first)):
        await database.run(lambda c: patrol_results.delete_before(c, first))


async def _delete_what_was_told(services: Services, now: datetime) -> None:
    """What providers of channels told, robots said and other systems asked, kept long enough."""
    database, said_before = services.database, now - announcing.KEPT
    if await database.ask(lambda c: robot_store.any_before(c, said_before)):
        await database.run(lambda c: robot_store.forget(c, said_before))
    if await database.ask(lambda c: event_store.any_forgettable(c, now)):
        await database.run(lambda c: event_store.forget(c, now))
    if await database.ask(lambda c: api_token_store.any_old(c, now)):
        await database.run(lambda c: api_token_store.delete_old(c, now))
    hooks = [hook.name for hook in services.settings.webhooks if hook.url]
    await database.run(lambda c: publishing_store.give_up_forgotten(c, hooks, now))
    while await database.ask(lambda c: publishing_store.any_old(c, now)):
        await database.run(lambda c: publishing_store.delete_old(c, now))


async def _forget_townships(services: Services, now: datetime) -> None:
    """Of daily reports as old as what may be archived the townships' own: a day at a time."""
    database, kept = services.database, timedelta(days=services.settings.history.after_days)
    day = (now - kept).date()
    while await database.ask(lambda c: daily_store.any_townships_before(c, day)):
        await database.run(lambda c: daily_store.forget_townships(c, day))
