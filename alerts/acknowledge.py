"""Answering a call (收到): by button, under a group's post, in words, without Telegram, by proxy.

Buttons are pressed by the thousand when a warning goes out: ``by_buttons`` answers as many as came
together in a fixed number of statements, and comes to what one after the other would come to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts import alert_store, asked_by_then, call_store, calls, one_card_store, open_calls_store
from alerts.accounts import note_use
from alerts.calls import PROXIED, Call, CallOutcome, Proxy, Reach, Via
from alerts.cards import progress_card_store
from alerts.channels import queue_store
from alerts.escalation import next_step, report_due
from alerts.lookup import Refusal, call_of_another, person_of
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.messages import MessageKind
from alerts.reach import reached_again
from alerts.reopening import open_again
from alerts.rules import LANES, Rules
from alerts.standing_down import about_call, call_up_again, stand_down
from alerts.withdrawals.model import is_asked_again
from contacts import people_store
from contacts.access import may_record_proxy
from contacts.people import MAY_BE_BACK, Contact, Person
from data.audit import Entry, append, last_done, when_done
from data.database import Connection
from data.errors import JiaoyingError, NotAllowed, NotFound

WHOLE_SECOND = timedelta(seconds=1)
"""Messages bear whole seconds: one may seem to be older than what it answers."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """Somebody tried to change a call: what became of it, and all that is said about it."""

    outcome: CallOutcome
    call: Call  # as it is now
    alert: Alert
    person: Person  # the call's addressee


NO_ACCOUNT = 0
"""The number of no Telegram account."""


class Pressed(NamedTuple):
    """An answer button was pressed: of a call, or of an alert, under its post in a group."""

    telegram_id: int  # who pressed it; ``NO_ACCOUNT`` when it was answered without Telegram
    call_id: int | None
    alert_id: int | None = None  # where there is no call
    instead: Via | None = None  # not pressed: how it was answered, which can only mean this call
    at: datetime | None = None  # when it was done, if that was long before now
    asked: int | None = None  # with which message of the warning its button asked; else not known

    @property
    def via(self) -> Via:
        """How it was answered."""
        if self.instead is not None:
            return self.instead
        return Via.GROUP if self.call_id is None else Via.BUTTON


def by_button(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    rules: Rules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> CallResult:
    """The button of a call was pressed, by whoever it was.

    :param done_at: when, if that was before now.
    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    return _alone(connection, Pressed(telegram_id, call_id, at=done_at), rules, now)


def by_group_button(
    connection: Connection,
    alert_id: int,
    telegram_id: int,
    rules: Rules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> CallResult:
    """The button under a group's post was pressed: it counts only for members who have a call.

    :param done_at: when, if that was before now.
    :raises NotAllowed: with a ``Refusal``: a stranger, or somebody who was not called.
    """
    return _alone(connection, Pressed(telegram_id, None, alert_id, at=done_at), rules, now)


def by_buttons(
    connection: Connection,
    taps: Sequence[Pressed],
    rules: Rules,
    now: datetime,
    languages: dict[int, str] | None = None,
) -> list[CallResult | JiaoyingError]:
    """Many answer buttons were pressed, in this order; what became of each.

    A refusal (``NotFound``, ``NotAllowed``) is a result, not raised: nothing was written for it,
    and it holds nobody else up.

    :param languages: filled with the language of each account that is known, as soon as it is
        read: whatever goes wrong afterwards can be said in it.
    """
    asked = _asked(connection, taps)
    if languages is not None:
        languages |= {
            tap.telegram_id: person.language
            for tap, (person, _) in zip(taps, asked, strict=True)
            if person is not None
        }
    results = _record(connection, taps, asked, rules, now)
    _reached_after_all(connection, taps, asked, rules, now)
    return results


def _record(
    connection: Connection,
    taps: Sequence[Pressed],
    asked: Sequence[tuple[Person | None, Call | None]],
    rules: Rules,
    now: datetime,
) -> list[CallResult | JiaoyingError]:
    """Record these answers, in this order.

    :param asked: for each, who answers and the call that they mean.
    """
    alert_ids = {call.alert_id for _, call in asked if call is not None}
    alerts = alert_store.alerts_by_id(connection, alert_ids)
    older = _older_of(connection, asked, alerts)
    current: dict[int, Call] = {}  # as this group has left them
    results: list[CallResult | JiaoyingError] = []
    recorded: list[CallResult] = []
    had_read: list[tuple[Call, Alert]] = []
    for tap, (person, found) in zip(taps, asked, strict=True):
        call = None if found is None else current.get(found.id, found)
        if (refused := _refusal(tap, person, call)) is not None:
            results.append(refused)
            continue
        assert person is not None and call is not None
        if _given_before(tap, call):
            changed, outcome = call, CallOutcome.BEFORE
        elif _asked_before(tap, call, alerts[call.alert_id]):
            changed, outcome = call, CallOutcome.RAISED
        else:
            at, since = calls.answer_time(call, tap.at, now), alerts[call.alert_id].over_since
            changed, outcome = calls.acknowledge(call, tap.via, at, since)
        current[call.id] = changed
        result = CallResult(outcome, changed, alerts[call.alert_id], person)
        results.append(result)
        if outcome is CallOutcome.RECORDED:
            if asked_by_then.has_read(call, tap.asked, result.alert):
                had_read.append((call, result.alert))
            recorded += [result, *_older_too(result, older.get(call.id, ()), alerts, current)]
    if recorded:
        running = [alert for alert in alerts.values() if alert.in_force]
        due = {alert.id: report_due(rules.policies[alert.level], now) for alert in running}
        answers = [(result.call, due.get(result.alert.id)) for result in recorded]
        call_store.save_answers(connection, answers)
        asked_by_then.note_answered(connection, had_read)
        append(connection, now, [_entry(result, now) for result in recorded])
        told = [_answered(result) for result in recorded if result.person.telegram_id is not None]
        outbox_store.add_many(connection, told, now)
        stand_down(connection, [result.call for result in recorded], now)
        if over := {alert.id for alert in alerts.values() if not alert.chasing}:
            answered = over & {result.call.alert_id for result in recorded}
            progress_card_store.look_again(connection, answered)
    return results


def _reached_after_all(
    connection: Connection,
    taps: Sequence[Pressed],
    asked: Sequence[tuple[Person | None, Call | None]],
    rules: Rules,
    now: datetime,
) -> None:
    """Whoever answers in their own chat is not out of reach: other calls of theirs go out."""
    back: dict[int, Person] = {}
    for tap, (person, call) in zip(taps, asked, strict=True):
        if call is None or person is None:
            continue
        if person.contact is Contact.OK and call.reach is not Reach.UNREACHABLE:  # nearly always
            continue
        if tap.call_id is None or call.person_id != person.id:
            continue
        if person.active and (person.contact in MAY_BE_BACK or call.reach is Reach.UNREACHABLE):
            back[person.id] = person
    if not back:
        return
    lost = [person.id for person in back.values() if person.contact in MAY_BE_BACK]
    people_store.set_contact(connection, dict.fromkeys(lost, Contact.OK), now)
    reached_again(connection, back, rules, now)


def open_calls(
    connection: Connection, telegram_id: int, typed_at: datetime | None = None
) -> list[tuple[Call, Alert]]:
    """The calls this account has still to answer, the newest first: what a typed 收到 may mean.

    :param typed_at: words mean no call that was made after them.
    :raises NotAllowed: a stranger.
    """
    person = person_of(connection, telegram_id)
    found = []
    for call in open_calls_store.open_calls_of(connection, [person.id]):
        alert = alert_store.alert(connection, call.alert_id)
        if typed_at is not None and call.called_at > typed_at + WHOLE_SECOND:
            continue
        if alert is not None and alert.in_force:
            found.append((call, alert))
    return sorted(found, key=lambda pair: pair[0].id, reverse=True)


NEWEST_CALLS = 10
"""Of so many calls of a person messages are known again."""


def call_of_message(
    connection: Connection, person_id: int, chat_id: int, message_id: int
) -> tuple[Call, Alert] | None:
    """The call of this person that a message of ours is about: for replies and reactions.

    Open, answered or over; ``None`` when the message is about none of their newest.
    """
    newest = alert_store.calls_of_person(connection, person_id, limit=NEWEST_CALLS)
    by_message = {call.message_id: (call, alert) for call, alert in newest}
    if message_id in by_message:
        return by_message[message_id]
    call_id = outbox_store.call_of_message(
        connection, [alert.id for _, alert in newest], chat_id, message_id
    )
    return next((pair for pair in newest if pair[0].id == call_id), None)


def posted_in_group(
    connection: Connection,
    calls_open: list[tuple[Call, Alert]],
    chat_id: int,
    message_id: int | None = None,
) -> list[tuple[Call, Alert]]:
    """Of these calls, those whose warning was posted in the group (as this message)."""
    posts = [
        (pair, progress_card_store.card(connection, pair[1].id, chat_id)) for pair in calls_open
    ]
    return [
        pair for pair, post in posts if post is not None and message_id in (None, post.message_id)
    ]


def by_words(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    rules: Rules,
    now: datetime,
    *,
    via: Via = Via.WORDS,
    done_at: datetime | None = None,
    asked: int | None = None,
) -> CallResult:
    """收到 was typed (or said otherwise, ``via``), and can only mean this call.

    :param done_at: when, if that was before now.
    :param asked: with which message of the warning that asked which it replies to.
    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    answer = Pressed(telegram_id, call_id, instead=via, at=done_at, asked=asked)
    return _alone(connection, answer, rules, now)


def by_person(
    connection: Connection,
    call_id: int,
    person_id: int,
    via: Via,
    rules: Rules,
    now: datetime,
    *,
    done_at: datetime | None = None,
    asked: int | None = None,
) -> CallResult:
    """Somebody answered their call by a way that is not Telegram: with or without an account there.

    Whoever calls this knows that it was they: by a signed link, or the telephone it came from.

    :param done_at: when, if that was before now.
    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: somebody who left the roster, or not the addressee.
    """
    person = people_store.person(connection, person_id)
    answer = Pressed(NO_ACCOUNT, call_id, instead=via, at=done_at, asked=asked)
    whose = [(person, call_store.call(connection, call_id))]
    [result] = _record(connection, [answer], whose, rules, now)
    if isinstance(result, JiaoyingError):
        raise result
    return result


def by_proxy(
    connection: Connection,
    call_id: int,
    telegram_id: int,
    how: Proxy,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> CallResult:
    """An officer reached the person otherwise; recorded with who said so and how.

    The person reads that, and what is to be done, where Telegram reaches them.

    :param done_at: when the officer said so, if that was before now.
    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = call_of_another(connection, call_id, officer, may_record_proxy, now)
    at = calls.answer_time(call, done_at, now)
    changed, outcome = calls.proxy(call, officer.id, how.value, at, alert.over_since)
    detail = {"how": how.value, **when_done(at, now)}
    entry = Entry(PROXIED, f"call:{call.id}", officer.id, detail)
    done = saved(connection, CallResult(outcome, changed, alert, person), entry, now)
    if outcome is CallOutcome.RECORDED:
        note_use(connection, officer, now)
        stand_down(connection, [changed], now)
        if person.reachable:
            outbox_store.add(connection, _answered(done), now)
    return done


def take_proxy_back(
    connection: Connection, call_id: int, telegram_id: int, rules: Rules, now: datetime
) -> CallResult:
    """The officer recorded it by mistake: the person is called as before.

    That goes for a minute (``TOO_LATE`` afterwards). Calling that was complete goes on.

    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = call_of_another(connection, call_id, officer, may_record_proxy, now)
    recorded_at = last_done(connection, PROXIED, f"call:{call.id}")
    changed, outcome = calls.take_back(call, officer.id, recorded_at, now)
    if not alert.in_force:
        outcome = CallOutcome.CLOSED
    if outcome is not CallOutcome.RECORDED:
        return CallResult(outcome, call, alert, person)
    due = next_step(rules.policies[alert.level], changed.ladder_state)
    call_store.save_call(connection, changed, due=None if due is None else due.at)
    append(connection, now, [Entry("call.proxy_taken_back", f"call:{call.id}", officer.id)])
    alert = open_again(connection, alert, officer.id, now)
    call_up_again(connection, changed, alert, rules, now)
    if recorded_at is not None:
        queue_store.say_after_all(connection, call.id, recorded_at, now)
    done = CallResult(outcome, changed, alert, person)
    if person.reachable:
        if call.message_id is None:
            outbox_store.add_calls_again(connection, [call.id], LANES[alert.level], now)
        else:
            outbox_store.add(connection, _answered(done), now)
    return done


def saved(
    connection: Connection,
    attempt: CallResult,
    entry: Entry,
    now: datetime,
    *,
    report_due: datetime | None = None,
) -> CallResult:
    """Store the call as the attempt left it, with its audit entry; nothing if nothing changed.

    :param report_due: when a report that is still missing is asked for.
    """
    if attempt.outcome is CallOutcome.RECORDED:
        call_store.save_call(connection, attempt.call, report_due=report_due)
        append(connection, now, [entry])
        if not attempt.alert.chasing:
            progress_card_store.look_again(connection, [attempt.alert.id])
    return attempt


def _alone(connection: Connection, tap: Pressed, rules: Rules, now: datetime) -> CallResult:
    [result] = by_buttons(connection, [tap], rules, now)
    if isinstance(result, JiaoyingError):
        raise result
    return result


def _asked(
    connection: Connection, taps: Sequence[Pressed]
) -> list[tuple[Person | None, Call | None]]:
    """Who pressed each button, and the call that it means."""
    found: dict[int, tuple[Person | None, Call | None]] = {}
    private = {n: tap for n, tap in enumerate(taps) if tap.call_id is not None}
    if private:
        rows = [(n, tap.telegram_id, tap.call_id) for n, tap in private.items()]
        found |= call_store.pressed(connection, rows)
    if len(private) < len(taps):
        rows = [
            (n, tap.telegram_id, tap.alert_id) for n, tap in enumerate(taps) if n not in private
        ]
        found |= call_store.pressed_in_group(connection, rows)
    return [found[n] for n in range(len(taps))]


def _refusal(tap: Pressed, person: Person | None, call: Call | None) -> JiaoyingError | None:
    """Why a pressed button is not taken as an answer."""
    if person is None or not person.active:
        return NotAllowed(Refusal.NOT_LINKED)
    if call is None:
        if tap.call_id is None:
            return NotAllowed(Refusal.NO_CALL, alert=tap.alert_id)
        return NotFound(Refusal.UNKNOWN, call=tap.call_id)
    if call.person_id != person.id:
        return NotAllowed(Refusal.NOT_YOURS, call=call.id)
    return None


def _given_before(tap: Pressed, call: Call) -> bool:
    """Whether an answer was given before the one that counts no more was taken back or doubted."""
    if tap.at is None or not call.open or not is_asked_again(call):
        return False
    return tap.at + WHOLE_SECOND < call.called_at


def _older_of(
    connection: Connection,
    asked: Sequence[tuple[Person | None, Call | None]],
    alerts: dict[int, Alert],
) -> dict[int, list[Call]]:
    """What an answer to each of these calls answers besides: older calls of the same danger, whose
    button the newer card bears. ``alerts`` is filled with theirs."""
    newer = {call.id: call for _, call in asked if call is not None and not call.stood_down}
    found = one_card_store.older_open(connection, list(newer.values()))
    if found:
        alerts |= alert_store.alerts_by_id(connection, {older.alert_id for older, _ in found})
    older_of: dict[int, list[Call]] = {}
    for older, call in found:
        older_of.setdefault(call.id, []).append(older)
    return older_of


def _older_too(
    result: CallResult,
    older: Sequence[Call],
    alerts: Mapping[int, Alert],
    current: dict[int, Call],
) -> list[CallResult]:
    """The older calls that this answer answers; ``current`` is brought up to date."""
    via, at = result.call.answered_via, result.call.answered_at
    assert via is not None and at is not None
    found = []
    for call in older:
        before = current.get(call.id, call)
        changed, outcome = calls.acknowledge(before, via, calls.answer_time(before, at, at))
        if outcome is CallOutcome.RECORDED:
            current[call.id] = changed
            found.append(CallResult(outcome, changed, alerts[call.alert_id], result.person))
    return found


def _asked_before(tap: Pressed, call: Call, alert: Alert) -> bool:
    """Whether the button is of before the level rose, and everybody was asked again."""
    return call.open and tap.asked is not None and tap.asked < alert.asked_version


def _entry(result: CallResult, now: datetime) -> Entry:
    call = result.call
    assert call.answered_via is not None and call.answered_at is not None
    detail: dict[str, object] = {"via": call.answered_via.value, "alert": result.alert.id}
    detail |= when_done(call.answered_at, now)
    return Entry("call.acknowledged", f"call:{call.id}", result.person.id, detail)


def _answered(result: CallResult) -> NewDelivery:
    """The call's message says what is to be done now."""
    return about_call(MessageKind.ANSWERED, result.call, result.person)
