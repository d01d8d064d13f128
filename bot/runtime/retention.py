"""What is kept for a time, and deleted by itself when that is over; looked for in chunks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from data.database import Connection

FORGOTTEN_AT_ONCE = 5000
"""Numbers of handled updates deleted in one transaction: a tap never waits long for the writer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept for a time.

    :param any_old: whether anything of it is to go; only reads.
    :param delete: deletes it, or a chunk of it; a false answer: nothing of it is left.
    :param in_chunks: whether it is looked again after each chunk.
    """

    any_old: Callable[[Connection], bool]
    delete: Callable[[Connection], object]
    in_chunks: bool = False


async def delete_what_is_old(services: Services, _found: bool, now: datetime) -> None:
    """Positions, updates set aside and the numbers of those handled, kept long enough."""
    await _delete_positions(services, now)
    database, everything = services.database, _kept(services, now)
    # All is asked in one read: nearly always nothing is old.
    for old in await database.ask(lambda c: [kept for kept in everything if kept.any_old(c)]):
        while await database.run(old.delete) and old.in_chunks:
            if not await database.ask(old.any_old):
                break


async def _delete_positions(services: Services, now: datetime) -> None:
    database, days = services.database, services.settings.positions.retention_days
    after, more = 0, True
    while more:
        batch = await database.ask(partial(old_positions, now=now, days=days, after_id=after))
        if batch.ids:
            await database.run(partial(delete_old, now=now, days=days, after_id=after))
        after, more = batch.last_id, batch.more


def _kept(services: Services, now: datetime) -> list[Kept]:
    """All but positions, in the order in which it goes."""
    settings = services.settings

    def before(days: float) -> datetime:
        return now - timedelta(days=days)

    days = settings.positions.retention_days
    seen_before, asked_before = before(settings.privacy.access_log_days), now - REQUEST_FOR
    said_before, received_before = now - announcing.KEPT, before(settings.sources.keep_days)
    ended_before = before(settings.tasks.keep_days)
    today = now.astimezone(services.rules.shifts.zone).date()
    first_day = today - timedelta(days=settings.patrol.results_days)
    # Of daily reports as old as what may be archived the townships' own go: a day at a time.
    archived = before(settings.history.after_days).date()
    hooks = [hook.name for hook in settings.webhooks if hook.url]
    return [
        Kept(
            lambda c: access_log_store.any_before(c, seen_before),
            lambda c: access_log_store.delete_before(c, seen_before),
        ),
        Kept(
            lambda c: link_store.any_request_before(c, asked_before),
            lambda c: link_store.delete_requests_before(c, asked_before),
        ),
        Kept(
            lambda c: board_link_store.any_dead(c, now),
            lambda c: board_link_store.delete_dead(c, now),
        ),
        # The sums of patrol days.
        Kept(
            lambda c: patrol_results.any_before(c, first_day),
            lambda c: patrol_results.delete_before(c, first_day),
            in_chunks=True,
        ),
        # What providers of channels told, robots said and other systems asked.
        Kept(
            lambda c: robot_store.any_before(c, said_before),
            lambda c: robot_store.forget(c, said_before),
        ),
        Kept(
            lambda c: event_store.any_forgettable(c, now),
            lambda c: event_store.forget(c, now),
        ),
        Kept(
            lambda c: api_token_store.any_old(c, now),
            lambda c: api_token_store.delete_old(c, now),
        ),
        Kept(
            lambda c: publishing_store.any_forgotten(c, hooks, now),
            lambda c: publishing_store.give_up_forgotten(c, hooks, now),
        ),
        Kept(
            lambda c: publishing_store.any_old(c, now),
            lambda c: publishing_store.delete_old(c, now),
            in_chunks=True,
        ),
        Kept(
            lambda c: message_store.any_raw_before(c, received_before),
            lambda c: message_store.forget_raw(c, received_before),
            in_chunks=True,
        ),
        Kept(
            lambda c: forgetting_store.any_ended_before(c, ended_before),
            lambda c: forgetting_store.delete_ended_before(c, ended_before),
            in_chunks=True,
        ),
        Kept(
            lambda c: daily_store.any_townships_before(c, archived),
            lambda c: daily_store.forget_townships(c, archived),
            in_chunks=True,
        ),
        Kept(
            lambda c: old_updates(c, now, days),
            lambda c: forget_updates(c, now, days),
        ),
        Kept(
            lambda c: inbox.any_forgettable(c, now),
            lambda c: inbox.forget_handled(c, now, FORGOTTEN_AT_ONCE),
            in_chunks=True,
        ),
    ]
