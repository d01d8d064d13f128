"""Somebody is sent to a village that is cut off, says whether they go, reports, and is chased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import alert_store, call_store, calls
from alerts.accounts import note_use
from alerts.calls import PROXIED, CallOutcome, Proxy
from alerts.cards import progress_card_store
from alerts.cut_off import model, store
from alerts.cut_off.finding import call_off, end_one, permit, tell_officers, to_runner
from alerts.cut_off.model import (
    CutOff,
    CutOffEnd,
    CutOffProblem,
    CutOffRules,
    Errand,
    ErrandState,
    News,
    Outcome,
)
from alerts.holding import hold
from alerts.lookup import known_alert, person_of
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.messages import CutOffList, ErrandAsk, MessageKind
from alerts.rules import Rules
from alerts.standing_down import about_call, stand_down
from alerts.validity import in_force, overdue
from contacts import people_store
from contacts.access import may_take_charge
from contacts.duty_store import now_on_watch
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import InvalidInput, NotAllowed, NotFound

CHUNK = 50
"""Late errands looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class ErrandResult:
    """What became of an attempt to send somebody, or of their word."""

    outcome: Outcome
    alert: Alert
    cut_off: CutOff
    errand: Errand | None
    runner: Person


def assign(
    connection: Connection,
    cut_off_id: int,
    telegram_id: int,
    person_id: int,
    rules: CutOffRules,
    now: datetime,
) -> ErrandResult:
    """An officer sends somebody to the village; whoever was sent before need not go.

    :raises NotFound: no such village, or person.
    :raises NotAllowed: a stranger, or the village is not in their charge.
    :raises InvalidInput: whoever is to go has left the roster.
    """
    officer, alert, cut_off = permit(connection, cut_off_id, telegram_id, now)
    runner = people_store.person(connection, person_id)
    if runner is None or not runner.active:
        raise InvalidInput(CutOffProblem.NO_RUNNER, person=person_id)
    if not cut_off.open or not in_force(alert, now):
        return ErrandResult(Outcome.OVER, alert, cut_off, None, runner)
    before = store.open_errand(connection, cut_off.id)
    if before is not None and before.person_id == runner.id:
        return ErrandResult(Outcome.ALREADY, alert, cut_off, before, runner)
    if before is not None:
        call_off(connection, alert, before, now)
    note_use(connection, officer, now)
    due = now + timedelta(minutes=rules.answer_minutes)
    errand_id = store.add_errand(connection, cut_off, runner.id, officer.id, due, now)
    _trail(connection, "errand.assigned", alert, cut_off, officer.id, now, person=runner.id)
    if runner.reachable:
        outbox_store.add(connection, to_runner(alert, runner, ErrandAsk(errand_id)), now)
    made = store.errand(connection, errand_id)
    return ErrandResult(Outcome.RECORDED, alert, cut_off, made, runner)


def answer(
    connection: Connection,
    errand_id: int,
    telegram_id: int,
    going: bool,
    rules: CutOffRules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> ErrandResult:
    """The runner says whether they go (我去、去不了); an officer may say it for them.

    :param done_at: when it was said, if that was before now: they report so long after that.
    :raises NotFound: no such errand.
    :raises NotAllowed: it is somebody else's.
    """
    by, alert, cut_off, errand, runner = _mine(connection, errand_id, telegram_id, now)
    at = model.said_at(errand, done_at, now)
    decided = model.answer(errand, going, rules, at)
    if decided is None or not in_force(alert, now):
        already = errand.state is ErrandState.GOING and going
        outcome = Outcome.ALREADY if already else Outcome.OVER
        return ErrandResult(outcome, alert, cut_off, errand, runner)
    state, due = decided
    store.change_errand(
        connection, errand.id, state=state.value, answered_at=at, due_at=due, asked_again=False
    )
    action = "errand.going" if going else "errand.declined"
    _trail(connection, action, alert, cut_off, by.id, now, person=runner.id, at=at)
    _news(connection, alert, errand, News.GOING if going else News.DECLINED, now)
    changed = store.errand(connection, errand.id)
    return ErrandResult(Outcome.RECORDED, alert, cut_off, changed, runner)


def report(
    connection: Connection,
    errand_id: int,
    telegram_id: int,
    arrived: bool,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> ErrandResult:
    """The runner reports (已到，人已通知; 到不了); an officer may say it for them.

    Who has been told there is recorded as reached, by the runner: an answer by proxy.

    :param done_at: when it was said, if that was before now.
    :raises NotFound: no such errand.
    :raises NotAllowed: it is somebody else's.
    """
    by, alert, cut_off, errand, runner = _mine(connection, errand_id, telegram_id, now)
    at = model.said_at(errand, done_at, now)
    in_time = at < _over_at(alert, cut_off, now)
    state = model.report(errand, arrived, ended_since=in_time)
    if state is None or not (in_time or in_force(alert, now)):
        already = errand.state is (ErrandState.ARRIVED if arrived else ErrandState.FAILED)
        outcome = Outcome.ALREADY if already else Outcome.OVER
        return ErrandResult(outcome, alert, cut_off, errand, runner)
    store.change_errand(
        connection, errand.id, state=state.value, reported_at=at, due_at=None, asked_again=False
    )
    action = "errand.arrived" if arrived else "errand.failed"
    _trail(connection, action, alert, cut_off, by.id, now, person=runner.id, at=at)
    if arrived:
        _told_there(connection, alert, cut_off, runner, at, now)
    if arrived and cut_off.open:
        end_one(connection, alert, cut_off, CutOffEnd.REACHED, runner.id, now)
    _news(connection, alert, errand, News.ARRIVED if arrived else News.FAILED, now)
    changed = store.errand(connection, errand.id)
    return ErrandResult(Outcome.RECORDED, alert, cut_off, changed, runner)


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``chase`` would find a late errand; reads only."""
    return bool(store.errands_due(connection, now, 1))


def chase(
    connection: Connection,
    warnings: Rules,
    rules: CutOffRules,
    now: datetime,
    *,
    limit: int = CHUNK,
) -> int:
    """Runners who are late with their word are asked once more, then the officers are told.

    Not where nobody looked for so long that the warning itself is to be decided about first.
    """
    late = store.errands_due(connection, now, limit)
    for errand in late:
        alert = alert_store.alert(connection, errand.alert_id)
        assert alert is not None
        if not in_force(alert, now) or not errand.open:
            store.change_errand(connection, errand.id, due_at=None)
            continue
        since = errand.due_at or now
        if not alert.held and alert.chasing and overdue(alert, since, now, warnings):
            hold(connection, alert, now)
            alert = known_alert(connection, alert.id)
        if alert.held:
            due = now + timedelta(minutes=rules.answer_minutes)
            store.change_errand(connection, errand.id, due_at=due)
            continue
        again, due_at = model.chase(errand, rules, now)
        runner = people_store.person(connection, errand.person_id)
        reachable = runner is not None and runner.reachable
        store.change_errand(connection, errand.id, due_at=due_at, asked_again=True)
        if again and reachable and runner is not None:
            message = ErrandAsk(errand.id, again=True)
            outbox_store.add(connection, to_runner(alert, runner, message), now)
        else:
            store.change_errand(connection, errand.id, due_at=None)
            _news(connection, alert, errand, News.SILENT, now)
    return len(late)


def _told_there(
    connection: Connection,
    alert: Alert,
    cut_off: CutOff,
    runner: Person,
    at: datetime,
    now: datetime,
) -> None:
    """The runner told the people of the village: their calls are answered by proxy.

    Not those of who lives elsewhere and answers for it too: the runner has not met them.
    """
    settled = []
    entries = []
    for call, person in store.calls_of_village(connection, alert.id, cut_off.division_code):
        theirs = call.division_code == cut_off.division_code and call.stand_in_for is None
        if not call.open or not theirs or person.id == runner.id:
            continue
        told_at = calls.answer_time(call, at, now)
        changed, outcome = calls.proxy(call, runner.id, Proxy.RUNNER.value, told_at)
        if outcome is not CallOutcome.RECORDED:
            continue
        call_store.save_call(connection, changed)
        settled.append(changed)
        detail = {"how": Proxy.RUNNER.value, **when_done(told_at, now)}
        entries.append(Entry(PROXIED, f"call:{call.id}", runner.id, detail))
        if person.reachable:
            outbox_store.add(connection, about_call(MessageKind.ANSWERED, changed, person), now)
    append(connection, now, entries)
    stand_down(connection, settled, now)
    if settled and not alert.chasing:
        progress_card_store.look_again(connection, [alert.id])


def _over_at(alert: Alert, cut_off: CutOff, now: datetime) -> datetime:
    """Since when the village is no more to be gone to because the warning ended; else long ago."""
    if cut_off.open and not in_force(alert, now):
        return alert.ended_at
    over = cut_off.ended_at if cut_off.ended_how is CutOffEnd.OVER else None
    return over or cut_off.found_at


def _mine(
    connection: Connection, errand_id: int, telegram_id: int, now: datetime
) -> tuple[Person, Alert, CutOff, Errand, Person]:
    errand = store.errand(connection, errand_id)
    if errand is None:
        raise NotFound(CutOffProblem.UNKNOWN, errand=errand_id)
    cut_off = store.cut_off(connection, errand.cut_off_id)
    runner = people_store.person(connection, errand.person_id)
    assert cut_off is not None and runner is not None
    by = person_of(connection, telegram_id)
    if by.id != runner.id:
        officer = now_on_watch(connection, by, now)
        if not may_take_charge(officer, errand.division_code).allowed:
            raise NotAllowed(CutOffProblem.NOT_YOUR_ERRAND, errand=errand_id)
    return by, known_alert(connection, errand.alert_id), cut_off, errand, runner


def _news(connection: Connection, alert: Alert, errand: Errand, news: News, now: datetime) -> None:
    message = CutOffList(news, errand.cut_off_id, errand.id)
    tell_officers(connection, alert, [errand.division_code], message, now)


def _trail(
    connection: Connection,
    action: str,
    alert: Alert,
    cut_off: CutOff,
    by: int,
    now: datetime,
    *,
    person: int,
    at: datetime | None = None,
) -> None:
    detail = {"division": cut_off.division_code, "person": person, **when_done(at or now, now)}
    append(connection, now, [Entry(action, f"alert:{alert.id}", by, detail)])
