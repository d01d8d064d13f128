"""The result of a roll call: it grows in one message and one picture, and ends with the silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture, RollCallResult, RollCallSilent
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.patrol.roll_calls.ask_store import drop_asks
from alerts.patrol.roll_calls.model import Counts, RollCall, Standing
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

MAP_REST = timedelta(seconds=60)
"""Between two pictures of one roll call (ours): a picture costs a hundred messages' bytes."""


def moving(connection: Connection, now: datetime) -> list[int]:
    """The roll calls that are over, or whose result or picture is out of date.

    Asked every few seconds, so it reads little.
    """
    changed = [
        running
        for running in roll_call_store.running_ids(connection)
        if roll_store.reach_changed(connection, running)
    ]
    found = {
        *roll_call_store.past_end(connection, now),
        *changed,
        *roll_call_store.stale(connection),
        *roll_call_store.undrawn(connection, now - MAP_REST),
    }
    return sorted(found)


def move_one_on(connection: Connection, roll_call_id: int, now: datetime) -> None:
    """Close a roll call if it is over, and bring its result and picture up to date."""
    if roll_call_id in roll_call_store.past_end(connection, now):
        end(connection, _known(connection, roll_call_id), None, now)
    elif roll_call_id in roll_call_store.running_ids(connection):
        roll_store.update_reach(connection, roll_call_id)
    roll_call = _known(connection, roll_call_id)
    if roll_call_id in roll_call_store.stale(connection):
        _show(connection, roll_call, roll_store.counts(connection, roll_call.id), now)
    if roll_call_id in roll_call_store.undrawn(connection, now - MAP_REST):
        counts = roll_store.counts(connection, roll_call.id)
        roll_call_store.change(
            connection, roll_call.id, map_at=now, map_shown=counts.digest(roll_call)
        )
        queue_map(connection, roll_call.id, roll_call.chat_id, roll_call.language, now)


def _known(connection: Connection, roll_call_id: int) -> RollCall:
    roll_call = roll_call_store.roll_call(connection, roll_call_id)
    assert roll_call is not None
    return roll_call


def end(connection: Connection, roll_call: RollCall, by: int | None, now: datetime) -> RollCall:
    """It is over: the final result, and the silent to whoever called and to those in charge."""
    drop_asks(connection, roll_call.id)
    roll_store.update_reach(connection, roll_call.id)
    roll_call_store.change(connection, roll_call.id, closed_at=now, closed_by=by, map_shown=None)
    closed = roll_call_store.roll_call(connection, roll_call.id)
    assert closed is not None
    counts = roll_store.counts(connection, roll_call.id)
    detail = {"present": counts.present, "silent": counts.silent, "unreachable": counts.unreachable}
    trail(connection, roll_call.id, "closed", by, now, detail)
    _show(connection, closed, counts, now)
    silent = roll_store.divisions(connection, roll_call.id, Standing.ASKED, Standing.UNREACHABLE)
    officers = duty_officers_many(connection, silent, now)
    told: dict[int, Person] = {}
    for division in silent:
        for officer in officers[division]:
            if officer.reachable and officer.telegram_id != roll_call.chat_id:
                told[officer.id] = officer
    chats = {officer.telegram_id: officer.language for officer in told.values()}
    if silent:
        chats[roll_call.chat_id] = roll_call.language
    message = RollCallSilent(roll_call.id)
    deliveries = [
        NewDelivery(message, Lane.ORANGE, chat_id, language=language)
        for chat_id, language in chats.items()
        if chat_id is not None
    ]
    outbox_store.add_many(connection, deliveries, now)
    return closed


def _show(connection: Connection, roll_call: RollCall, counts: Counts, now: datetime) -> None:
    roll_call_store.note_shown(connection, roll_call, counts)
    delivery = NewDelivery(
        RollCallResult(roll_call.id),
        Lane.ANSWER,
        roll_call.chat_id,
        language=roll_call.language,
        coalesce_key=f"roll-call-result:{roll_call.id}",
    )
    outbox_store.add(connection, delivery, now)


def queue_map(
    connection: Connection,
    roll_call_id: int,
    chat_id: int,
    language: str,
    now: datetime,
    *,
    new: bool = False,
) -> None:
    """A picture of how things stand, to this chat; ``new``: not in the place of the last."""
    delivery = NewDelivery(
        Picture(roll_call_id=roll_call_id, new=new),
        Lane.ANSWER,
        chat_id,
        language=language,
        coalesce_key=f"roll-call-map:{roll_call_id}:{chat_id}",
    )
    outbox_store.add(connection, delivery, now)


def trail(
    connection: Connection,
    roll_call_id: int,
    what: str,
    by: int | None,
    now: datetime,
    detail: Mapping[str, object],
) -> None:
    """One line of the audit trail about a roll call."""
    subject = f"roll_call:{roll_call_id}"
    append(connection, now, [Entry(f"roll_call.{what}", subject, by, dict(detail))])
