"""The result of a roll call: it grows in one message and one picture, and ends with the silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.outbox.deliveries import Kind
from alerts.outbox.lanes import Lane
from alerts.outbox.store import Outbox
from alerts.patrol.roll_calls.model import Counts, RollCall, Standing
from alerts.patrol.roll_calls.roll_store import Roll
from alerts.patrol.roll_calls.store import RollCalls, drop_asks
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection

MAP_REST = timedelta(seconds=60)
"""Between two pictures of one roll call (ours): a picture costs a hundred messages' bytes."""


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``move_on`` would find work: asked every few seconds, so it reads little."""
    store = RollCalls(connection)
    return bool(
        store.over(now)
        or store.stale()
        or store.undrawn(now - MAP_REST)
        or any(store.reach_changed(one) for one in store.running_ones())
    )


def move_on(connection: Connection, now: datetime) -> None:
    """Close what is over, and bring the results and pictures up to date."""
    store = RollCalls(connection)
    for roll_call in store.over(now):
        end(connection, roll_call, None, now)
    for running in store.running_ones():
        if store.reach_changed(running):
            store.unreached(running)
    for roll_call in store.stale():
        _show(connection, roll_call, Roll(connection, roll_call.id).counts(), now)
    for roll_call in store.undrawn(now - MAP_REST):
        counts = Roll(connection, roll_call.id).counts()
        store.change(roll_call.id, map_at=now, map_shown=counts.digest(roll_call))
        queue_map(connection, roll_call.id, roll_call.chat_id, roll_call.language, now)


def end(connection: Connection, roll_call: RollCall, by: int | None, now: datetime) -> RollCall:
    """It is over: the final result, and the silent to whoever called and to those in charge."""
    store = RollCalls(connection)
    drop_asks(connection, roll_call.id)
    store.unreached(roll_call.id)
    store.change(roll_call.id, closed_at=now, closed_by=by, map_shown=None)
    closed = store.roll_call(roll_call.id)
    assert closed is not None
    counts = Roll(connection, roll_call.id).counts()
    detail = {"there": counts.there, "silent": counts.silent, "unreachable": counts.unreachable}
    trail(connection, roll_call.id, "closed", by, now, detail)
    _show(connection, closed, counts, now)
    silent = Roll(connection, roll_call.id).divisions(Standing.ASKED, Standing.UNREACHABLE)
    desks = duty_officers_many(connection, silent, now)
    told: dict[int, Person] = {}
    for division in silent:
        for officer in desks[division]:
            if officer.reachable and officer.telegram_id != roll_call.chat_id:
                told[officer.id] = officer
    chats = {officer.telegram_id: officer.language for officer in told.values()}
    if silent:
        chats[roll_call.chat_id] = roll_call.language
    for chat_id, language in chats.items():
        assert chat_id is not None
        params = {"roll_call": roll_call.id}
        Outbox(connection).add(
            Kind.ROLL_CALL_SILENT, Lane.ORANGE, chat_id, now, language=language, params=params
        )
    return closed


def _show(connection: Connection, roll_call: RollCall, counts: Counts, now: datetime) -> None:
    RollCalls(connection).shows(roll_call, counts)
    Outbox(connection).add(
        Kind.ROLL_CALL_RESULT,
        Lane.ANSWER,
        roll_call.chat_id,
        now,
        language=roll_call.language,
        params={"roll_call": roll_call.id},
        coalesce_key=f"roll-call-result:{roll_call.id}",
    )


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
    Outbox(connection).add(
        Kind.PICTURE,
        Lane.ANSWER,
        chat_id,
        now,
        language=language,
        params={"roll_call": roll_call_id, **({"new": True} if new else {})},
        coalesce_key=f"roll-call-map:{roll_call_id}:{chat_id}",
    )


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
