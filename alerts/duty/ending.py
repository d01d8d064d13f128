"""How asks about duty end: decided, lapsed when their time comes, or when somebody leaves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from alerts.duty import ask_store
from alerts.duty.model import Ask, AskKind, AskState
from alerts.duty.who import heads, tell
from alerts.outbox import shown_store
from alerts.outbox.duty_messages import DutyAsked, DutyEvent, DutyNews
from contacts import duty_plan_store, people_store
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection


def end(
    connection: Connection, ask: Ask, state: AskState, now: datetime, by: Person | None = None
) -> Ask:
    """Decide it, and tell whoever did not: both, where it lapsed; the office, where it holds, or
    where nobody took a watch that was handed over."""
    ask_store.decide(connection, ask.id, state, now)
    known = people_store.people(connection, [ask.asked_by, ask.asked_of])
    told = [person for person in known.values() if by is None or person.id != by.id]
    missed = ask.kind is AskKind.HAND_OVER and state is AskState.LAPSED and by is None
    if state is AskState.AGREED or missed:
        ids = {ask.asked_by, ask.asked_of}
        told += [head for head in heads(connection, ask.division_code) if head.id not in ids]
    about = lambda asked: (asked.ask_id,)  # noqa: E731
    shown_store.edit(connection, DutyAsked, about, [ask.id], now, since=ask.asked_at)
    message = DutyNews(DutyEvent(state.value), ask.id)
    tell(connection, [person for person in told if person.active], message, now)
    entry = Entry(
        f"duty.{state.value}", f"duty:{ask.id}", None if by is None else by.id, told_of(ask)
    )
    append(connection, now, [entry])
    found = ask_store.ask_of(connection, ask.id)
    assert found is not None
    return found


def lapse_of(connection: Connection, person_ids: Iterable[int], now: datetime) -> None:
    """Somebody left: what they asked, and were asked, ends."""
    for person_id in person_ids:
        duty_plan_store.look_again_for(connection, person_id, now)
        for ask in ask_store.open_asks(connection, person_id):
            end(connection, ask, AskState.LAPSED, now)


def told_of(ask: Ask) -> dict[str, Any]:
    return {
        "ask": ask.id,
        "kind": ask.kind.value,
        "division": ask.division_code,
        "by": ask.asked_by,
        "of": ask.asked_of,
        "shift": ask.shift_id,
        "back": ask.back_id,
        "starts_at": ask.starts_at.isoformat(),
        "ends_at": ask.ends_at.isoformat(),
    }
