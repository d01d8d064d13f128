"""交接班: who goes says what is open and what they want to add; who comes confirms it.

Nobody has to write: when the watch changes hands and nothing was written, what is open goes to who
comes by itself. Nobody confirms it either: the head of office is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from alerts.duty import handover_store as store
from alerts.duty.model import MAX_WORDS, DutyProblem, DutyRules, HandOver, HandOverStep
from alerts.duty.open_things_store import open_things
from alerts.duty.who import heads, tell
from alerts.outbox import shown_store
from alerts.outbox.duty_messages import DutyHandover
from contacts import duty_plan_store, people_store
from contacts.duty_plan import Change, Shift, changes
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotFound

CHUNK = 20
"""Hand-overs moved on in one transaction."""

RECEIVED_WITHIN = timedelta(minutes=30)

_NOT_GIVEN = (HandOverStep.PLANNED, HandOverStep.ASKED)


def plan_handovers(
    connection: Connection, code: str, plan: list[Shift], rules: DutyRules, now: datetime
) -> None:
    """Plan the hand-overs of the next hours, and call off those that the plan has no more.

    :param plan: the division's shifts from before now until some hours from now.
    """
    ahead = timedelta(minutes=rules.handover_minutes)
    coming = {}
    if rules.handover_minutes > 0:
        coming = {change.at: change for change in changes(plan, now, now + ahead + AHEAD)}
    for known in store.planned(connection, code, now):
        if known.at not in coming:
            store.change(connection, known.id, step=HandOverStep.OFF, due_at=None)
    for at in coming:
        store.plan(connection, code, at, max(now, at - ahead))


AHEAD = timedelta(hours=2)
"""So far ahead hand-overs are planned: longer than until the plan is looked at again (ours)."""

EARLIEST = timedelta(days=2)
"""Longer before a hand-over nobody is asked for its note: a day at most, by the settings."""


def change_at(connection: Connection, code: str, at: datetime) -> Change | None:
    """Who goes and who comes at that moment; ``None``: the plan changed, nobody does."""
    moment = timedelta(minutes=1)
    plan = duty_plan_store.plan(connection, code, at - moment, at + moment)
    found = changes(plan, at, at + timedelta(milliseconds=1))
    return found[0] if found else None


def move_due(connection: Connection, now: datetime, rules: DutyRules, *, limit: int = CHUNK) -> int:
    """Take the steps that are due; how many."""
    found = store.due(connection, now, limit)
    for handover in found:
        _move(connection, handover, rules, now)
    return len(found)


def _move(connection: Connection, handover: HandOver, rules: DutyRules, now: datetime) -> None:
    change = change_at(connection, handover.division_code, handover.at)
    if _over(connection, handover, now):
        store.change(connection, handover.id, step=HandOverStep.OFF, due_at=None)
    elif handover.step is HandOverStep.GIVEN:
        store.change(connection, handover.id, step=HandOverStep.MISSED, due_at=None)
        missed = DutyHandover(handover.id, missed=True)
        tell(connection, heads(connection, handover.division_code), missed, now)
        entry = Entry("duty.handover_missed", f"handover:{handover.id}", None, _detail(handover))
        append(connection, now, [entry])
    elif change is None:
        store.change(connection, handover.id, step=HandOverStep.OFF, due_at=None)
    elif handover.step is HandOverStep.PLANNED and now < handover.at:
        store.change(connection, handover.id, step=HandOverStep.ASKED, due_at=handover.at)
        going = people_store.people(connection, change.going)
        tell(connection, list(going.values()), DutyHandover(handover.id), now)
    else:
        _give(connection, handover, change, None, "", rules, now)


def _over(connection: Connection, handover: HandOver, now: datetime) -> bool:
    """Whether the watch that began with it has ended: nobody is to read it, or missed it, by now.

    So after an outage.
    """
    plan = duty_plan_store.plan(
        connection, handover.division_code, handover.at, handover.at + timedelta(milliseconds=1)
    )
    begun = [shift for shift in plan if shift.starts_at == handover.at]
    return bool(begun) and all(shift.ends_at <= now for shift in begun)


def hand_over(
    connection: Connection,
    person: Person,
    handover_id: int,
    words: str | None,
    rules: DutyRules,
    now: datetime,
) -> HandOver:
    """Hand over now, with these words (``None``: those that were written before, if any).

    Again, with other words: who comes reads these, too.

    :raises JiaoyingError: NO_HANDOVER; NOT_YOURS: not on the watch that goes; HANDED_OVER: it was
        confirmed; WORDS_TOO_LONG.
    """
    handover, change = _own(connection, person, handover_id)
    check_words(words or "")
    written = handover.words if words is None else words.strip()
    if handover.step is HandOverStep.GIVEN and handover.given_by and written == handover.words:
        return handover
    return _give(connection, handover, change, person, written, rules, now)


def check_words(words: str) -> None:
    """:raises InvalidInput: with ``WORDS_TOO_LONG``."""
    if len(words) > MAX_WORDS:
        raise InvalidInput(DutyProblem.WORDS_TOO_LONG, most=MAX_WORDS, length=len(words))


def own(connection: Connection, person: Person, handover_id: int) -> HandOver:
    """A hand-over that the person can still give.

    :raises JiaoyingError: NO_HANDOVER, NOT_YOURS, HANDED_OVER.
    """
    return _own(connection, person, handover_id)[0]


def _own(connection: Connection, person: Person, handover_id: int) -> tuple[HandOver, Change]:
    handover = store.handover(connection, handover_id, lock=True)
    if handover is None or handover.step is HandOverStep.OFF:
        raise NotFound(DutyProblem.NO_HANDOVER)
    change = change_at(connection, handover.division_code, handover.at)
    if change is None:
        raise NotFound(DutyProblem.NO_HANDOVER)
    if person.id not in change.going:
        raise Conflict(DutyProblem.NOT_YOURS)
    if handover.step is HandOverStep.RECEIVED:
        raise Conflict(DutyProblem.HANDED_OVER)
    return handover, change


def hand_over_now(connection: Connection, code: str, person: Person, now: datetime) -> None:
    """Somebody took over at this moment: they get what is open, to confirm it."""
    handover = _at_this_moment(connection, code, now)
    if handover.step is not HandOverStep.PLANNED:
        return
    things = open_things(connection, code, now)
    _received(connection, handover, person, now, open_things=things, given_at=now)
    tell(connection, [person], DutyHandover(handover.id, coming=True), now)


def pass_on(
    connection: Connection, code: str, giver: Person, person: Person, words: str, now: datetime
) -> tuple[HandOver, dict[str, int]]:
    """Who goes and who comes agreed at this moment: what was open and written is noted, received.

    Returns the hand-over, and what was open.
    """
    handover = _at_this_moment(connection, code, now)
    things = open_things(connection, code, now)
    given = {"given_by": giver.id, "given_at": now, "words": words, "open_things": things}
    _received(connection, handover, person, now, **given)
    return handover, things


def _at_this_moment(connection: Connection, code: str, now: datetime) -> HandOver:
    store.plan(connection, code, now, now + RECEIVED_WITHIN)
    handover = store.at_moment(connection, code, now)
    assert handover is not None
    return handover


def _received(
    connection: Connection, handover: HandOver, by: Person, at: datetime, **given: Any
) -> None:
    """Who comes has it; nothing is due any more.

    :param given: what else becomes known of it at that moment.
    """
    got = {"step": HandOverStep.RECEIVED, "received_by": by.id, "received_at": at}
    store.change(connection, handover.id, **given, **got, due_at=None)
    since = handover.at - EARLIEST
    shown_store.edit(connection, DutyHandover, _asked_in, [handover.id], at, since=since)


def _asked_in(message: DutyHandover) -> tuple[int, ...]:
    """The hand-over that a message asks to be given, or confirmed."""
    return () if message.received or message.missed else (message.handover_id,)


def receive(
    connection: Connection,
    person: Person,
    handover_id: int,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> HandOver:
    """✅ 已接班: who comes confirms that they have read it; twice is once.

    :param done_at: when they did, if that was before now.
    :raises JiaoyingError: NO_HANDOVER; NOT_COMING: not on the watch that begins.
    """
    handover = store.handover(connection, handover_id, lock=True)
    if handover is None or handover.step in (*_NOT_GIVEN, HandOverStep.OFF):
        raise NotFound(DutyProblem.NO_HANDOVER)
    if handover.received_by is not None:
        return handover
    coming = coming_of(connection, handover, now)
    if person.id not in coming:
        raise Conflict(DutyProblem.NOT_COMING)
    at = min(now, max(done_at or now, handover.given_at or handover.at))
    _received(connection, handover, person, at)
    detail = {**_detail(handover), **when_done(at, now)}
    entry = Entry("duty.received", f"handover:{handover.id}", person.id, detail)
    append(connection, now, [entry])
    change = change_at(connection, handover.division_code, handover.at)
    given = {handover.given_by} if handover.given_by else set(change.going if change else ())
    going = people_store.people(connection, [each for each in given if each])
    tell(connection, list(going.values()), DutyHandover(handover.id, received=True), now)
    found = store.handover(connection, handover.id)
    assert found is not None
    return found


def coming_of(connection: Connection, handover: HandOver, now: datetime) -> set[int]:
    """Who may confirm it: those who come, and whoever is on watch there by now."""
    change = change_at(connection, handover.division_code, handover.at)
    coming = set(change.coming) if change is not None else set()
    if now >= handover.at:
        plan = duty_plan_store.plan(
            connection, handover.division_code, now, now + timedelta(milliseconds=1)
        )
        coming |= {shift.person_id for shift in plan if shift.covers(now)}
        coming -= change.going if change is not None else set()
    return coming


def _give(
    connection: Connection,
    handover: HandOver,
    change: Change,
    by: Person | None,
    words: str,
    rules: DutyRules,
    now: datetime,
) -> HandOver:
    things = open_things(connection, handover.division_code, now)
    wait = timedelta(minutes=rules.received_minutes)
    store.change(
        connection,
        handover.id,
        step=HandOverStep.GIVEN,
        given_by=None if by is None else by.id,
        given_at=now,
        words=words,
        open_things=things,
        due_at=max(now, handover.at) + wait if rules.received_minutes > 0 else None,
    )
    coming = people_store.people(connection, change.coming)
    message = DutyHandover(handover.id, coming=True)
    tell(connection, list(coming.values()), message, now, key=f"handover:{handover.id}")
    detail = {**_detail(handover), "open": things}
    entry = Entry(
        "duty.handed_over", f"handover:{handover.id}", None if by is None else by.id, detail
    )
    append(connection, now, [entry])
    found = store.handover(connection, handover.id)
    assert found is not None
    return found


def _detail(handover: HandOver) -> dict[str, str]:
    return {"division": handover.division_code, "at": handover.at.isoformat()}
