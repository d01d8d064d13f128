"""交班: whoever is on duty asks a named colleague to take the watch, with or without a plan.

It counts once they agree: then they are on duty, have read what is open and what was written, and
whoever went has the receipt. Until then whoever asks stays on duty. Without an answer they are
asked again; then the head of office hears of it, and nothing has changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.accounts import note_use
from alerts.duty import ask_store
from alerts.duty.ending import end, told_of
from alerts.duty.handing_over import pass_on
from alerts.duty.model import (
    MAX_WORDS,
    Ask,
    AskKind,
    AskState,
    DutyProblem,
    DutyRules,
)
from alerts.duty.swapping import asked_person, free_of, to_answer
from alerts.duty.taking_over import UNPLANNED, begin_watch, running
from alerts.duty.who import require_watcher, tell
from alerts.outbox.duty_messages import DutyAsked
from contacts import duty_plan_store, duty_store, people_store
from contacts.duty_plan import Shift, Span
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, InvalidInput


def on_duty(connection: Connection, person: Person, code: str, now: datetime) -> bool:
    """Whether the person is on duty over a division: by its plan, or as its roster has it where
    nobody is on the plan."""
    there = duty_store.on_duty_in(connection, [code], now).get(code, [])
    return any(each.id == person.id for each in there)


def ask(
    connection: Connection,
    person: Person,
    code: str,
    other_id: int,
    words: str,
    rules: DutyRules,
    now: datetime,
) -> Ask:
    """Ask a colleague to take the watch from now on; asked twice, it is one, with the new words.

    :raises JiaoyingError: NOT_WATCHING, WORDS_TOO_LONG; YOURSELF, NOT_FOR_THEM, NOT_PROVEN,
        NOT_REACHED; BUSY: on watch there already, or elsewhere before the watch would end.
    """
    words = words.strip()
    if len(words) > MAX_WORDS:
        raise InvalidInput(DutyProblem.WORDS_TOO_LONG, most=MAX_WORDS, length=len(words))
    other = can_be_given_to(connection, person, code, other_id, now)
    same = next(
        (
            each
            for each in ask_store.open_hand_overs(connection, code, person.id)
            if each.asked_of == other.id
        ),
        None,
    )
    if same is not None:
        if words and words != same.words:
            ask_store.say_again(connection, same.id, words)
            tell(connection, [other], DutyAsked(same.id), now, key=f"duty_ask:{same.id}")
            same = replace(same, words=words)
        return same
    until = _until(connection, _own(connection, person, code, now), code, now)
    made = ask_store.add(
        connection,
        Ask(
            0,
            AskKind.HAND_OVER,
            code,
            None,
            None,
            now,
            until,
            person.id,
            other.id,
            now,
            AskState.OPEN,
            due_at=min(until, now + _patience(rules) / 2),
            words=words,
        ),
    )
    tell(connection, [other], DutyAsked(made.id), now, key=f"duty_ask:{made.id}")
    append(connection, now, [Entry("duty.asked", f"person:{other.id}", person.id, told_of(made))])
    return made


def can_be_given_to(
    connection: Connection, person: Person, code: str, other_id: int, now: datetime
) -> Person:
    """The colleague, if the person can hand over to them.

    :raises JiaoyingError: as ``ask``, but for the words.
    """
    if not on_duty(connection, person, code, now):
        there = duty_store.on_duty_in(connection, [code], now).get(code, [])
        names = "、".join(each.name for each in there)
        raise Conflict(DutyProblem.NOT_WATCHING, name=names)
    other = asked_person(connection, person, other_id, code, now)
    until = _until(connection, _own(connection, person, code, now), code, now)
    _free(connection, other, code, Span(now, until), now)
    return other


def answer(
    connection: Connection, person: Person, ask_id: int, now: datetime, *, agrees: bool
) -> Ask:
    """Take the watch, or decline it; the same answer twice is one.

    The ask that is returned is LAPSED where whoever asked is not on duty any more.

    :raises JiaoyingError: with a ``DutyProblem``.
    """
    asked = to_answer(connection, person, ask_id, agrees=agrees)
    if asked.state is not AskState.OPEN:
        return asked
    known = people_store.people(connection, [person.id, asked.asked_by])
    other, asker, code = known[person.id], known.get(asked.asked_by), asked.division_code
    if not agrees:
        return end(connection, asked, AskState.DECLINED, now, by=other)
    if asker is None or not asker.active or not on_duty(connection, asker, code, now):
        return end(connection, asked, AskState.LAPSED, now)
    require_watcher(connection, other, code, now)
    own = _own(connection, asker, code, now)
    span = Span(now, _until(connection, own, code, now))
    _free(connection, other, code, span, now)
    note_use(connection, other, now)
    span = begin_watch(connection, other, code, own, span.ends_at, now)
    duty_plan_store.look_at(connection, [code], now)
    _note(connection, asked, asker, other, span, now)
    ended = end(connection, asked, AskState.AGREED, now, by=other)
    for besides in ask_store.open_hand_overs(connection, code, asker.id):
        # Whoever else was asked need not answer; nobody is missed.
        end(connection, besides, AskState.LAPSED, now, by=asker)
    return ended


def chase(connection: Connection, asked: Ask, rules: DutyRules, now: datetime) -> bool:
    """Ask once more, where there is still time for it; whether there was."""
    last = min(asked.ends_at, asked.asked_at + _patience(rules))
    if asked.chased_at is not None or now >= last:
        return False
    ask_store.chased(connection, asked.id, now, last)
    known = people_store.people(connection, [asked.asked_of])
    tell(connection, list(known.values()), DutyAsked(asked.id, again=True), now)
    append(
        connection,
        now,
        [Entry("duty.asked_again", f"person:{asked.asked_of}", None, told_of(asked))],
    )
    return True


def _patience(rules: DutyRules) -> timedelta:
    """How long an answer is waited for: as long as for the receipt of a planned hand-over."""
    return timedelta(minutes=rules.received_minutes or DutyRules().received_minutes)


def _own(connection: Connection, person: Person, code: str, now: datetime) -> Shift | None:
    """The shift that they have there now; none where no plan is kept."""
    there = running(connection, code, now)
    return next((shift for shift in there if shift.person_id == person.id), None)


def _until(connection: Connection, own: Shift | None, code: str, now: datetime) -> datetime:
    """To the end of the shift; where nobody is on the plan after it, for half a day from now."""
    plan = duty_plan_store.plan(connection, code, now, now + UNPLANNED)
    last = min([now + UNPLANNED, *(each.starts_at for each in plan if each.starts_at > now)])
    return last if own is None else max(last, own.ends_at)


def _free(connection: Connection, other: Person, code: str, span: Span, now: datetime) -> None:
    """Their own next shift there begins earlier; any other is in the way."""
    own = duty_plan_store.shifts_of(connection, other.id, span.starts_at, span.ends_at)
    later = [each.id for each in own if each.division_code == code and each.starts_at > now]
    if not free_of(connection, other, span, later):
        raise Conflict(DutyProblem.BUSY, name=other.name)


def _note(
    connection: Connection, asked: Ask, asker: Person, other: Person, span: Span, now: datetime
) -> None:
    """What was open then, what was written, who gave and who received it."""
    code = asked.division_code
    made, things = pass_on(connection, code, asker, other, asked.words, now)
    about = {"division": code, "at": now.isoformat()}
    detail = about | {"open": things, "to": other.id, "until": span.ends_at.isoformat()}
    subject = f"handover:{made.id}"
    append(
        connection,
        now,
        [
            Entry("duty.handed_over", subject, asker.id, detail),
            Entry("duty.received", subject, other.id, about),
        ],
    )
