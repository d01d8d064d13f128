"""Which villages are cut off: found by silence, said by officers; and when that ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts import alert_store
from alerts.accounts import note_use
from alerts.cut_off import store
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
from alerts.lookup import person_of, watched_alert
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.messages import CutOffList, ErrandAsk
from alerts.rules import LANES, Rules
from alerts.validity import chased, in_force
from contacts import people_store
from contacts.access import may_take_charge, require
from contacts.divisions.codes import ancestors, overlap
from contacts.duty_store import now_on_watch, officers_above_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotFound

CHUNK = 50
"""Villages dealt with in one transaction."""

MOST_AT_ONCE = 500
"""Villages found in one look (ours): of a province that is silent altogether the others follow."""


class Silent(NamedTuple):
    """A village silent by every way."""

    alert_id: int
    code: str


@dataclass(frozen=True, slots=True)
class CutOffResult:
    """Somebody said something of a village: what became of it."""

    outcome: Outcome
    alert: Alert
    code: str
    cut_off: CutOff | None = None


# -- by itself ---------------------------------------------------------------------------------


def silent(
    connection: Connection,
    warnings: Rules,
    rules: CutOffRules,
    now: datetime,
    *,
    limit: int = MOST_AT_ONCE,
) -> list[Silent]:
    """Villages that are silent by every way, and not known to be cut off; reads only."""
    found: list[Silent] = []
    for alert in _looked_at(connection, rules, now):
        policy = warnings.policies[alert.level]
        codes = store.silent_villages(
            connection, alert.id, policy, rules, now, limit=limit - len(found)
        )
        found += [Silent(alert.id, code) for code in codes]
        if len(found) >= limit:
            break
    return found


def find(
    connection: Connection,
    warnings: Rules,
    rules: CutOffRules,
    now: datetime,
    looked: Sequence[Silent],
) -> int:
    """Of these those that are silent still become a list of their own, for those above; how many.

    :param looked: what ``silent`` found a moment ago.
    """
    among: dict[int, list[str]] = {}
    for each in looked:
        among.setdefault(each.alert_id, []).append(each.code)
    found = 0
    for alert in _looked_at(connection, rules, now):
        if alert.id not in among:
            continue
        policy = warnings.policies[alert.level]
        codes = store.silent_villages(
            connection, alert.id, policy, rules, now, among=among[alert.id]
        )
        if codes:
            store.add(connection, alert.id, codes, None, now)
            append(connection, now, [_entry("alert.cut_off_found", alert, code) for code in codes])
            tell_officers(connection, alert, codes, CutOffList(News.FOUND), now)
        found += len(codes)
    return found


def _looked_at(connection: Connection, rules: CutOffRules, now: datetime) -> list[Alert]:
    """Warnings whose people are called, and were long ago enough to be found silent."""
    if not rules.minutes:
        return []
    before = now - timedelta(minutes=rules.minutes)
    return [
        alert
        for alert in alert_store.alerts(connection, State.RELEASED, limit=1000)
        if chased(alert, now) and alert.released_at is not None and alert.released_at <= before
    ]


def anything_to_end(connection: Connection) -> bool:
    """Whether ``end_what_is_over`` would find a village; reads only, and mostly one row."""
    return store.any_open(connection) and bool(store.ending(connection, 1))


def end_what_is_over(connection: Connection, now: datetime, *, limit: int = CHUNK) -> int:
    """Villages that answered, or whose warning ended, are not cut off any more; how many."""
    ending = store.ending(connection, limit)
    for cut_off, how in ending:
        alert = alert_store.alert(connection, cut_off.alert_id)
        assert alert is not None
        end_one(connection, alert, cut_off, how, None, now)
        if how is CutOffEnd.ANSWERED:
            news = CutOffList(News.ANSWERED, cut_off.id)
            tell_officers(connection, alert, [cut_off.division_code], news, now)
    return len(ending)


def end_left_out(connection: Connection, alert: Alert, now: datetime) -> int:
    """The warning was narrowed, or the list of a response is shorter: nobody need go any more to a
    village that it is not for, or of which it called people and calls none; how many there were."""
    found = 0
    for cut_off in store.open_of(connection, alert.id, limit=MOST_AT_ONCE):
        code = cut_off.division_code
        called = store.calls_of_village(connection, alert.id, code)
        relieved = alert.hazard.response and bool(called)
        here = overlap([code], alert.areas) and not relieved
        if here or any(not call.left_out for call, _person in called):
            continue
        end_one(connection, alert, cut_off, CutOffEnd.OVER, None, now)
        tell_officers(connection, alert, [code], CutOffList(News.LEFT_OUT, cut_off.id), now)
        found += 1
    return found


# -- by officers -------------------------------------------------------------------------------


def mark(
    connection: Connection, alert_id: int, telegram_id: int, code: str, now: datetime
) -> CutOffResult:
    """An officer says that a village is cut off.

    It stays so until somebody of it answers after that, or an officer says otherwise.

    :raises NotFound: no such warning.
    :raises NotAllowed: a stranger, or the village is not in their charge.
    :raises InvalidInput: the village is not one of the warning's.
    """
    officer, alert = _in_charge(connection, alert_id, telegram_id, code, now)
    if not overlap([code], alert.areas) or code.endswith("000"):
        raise InvalidInput(CutOffProblem.NOT_OF_WARNING, division=code, alert=alert.id)
    known = store.open_at(connection, alert.id, code)
    if known is not None or not in_force(alert, now):
        outcome = Outcome.OVER if known is None else Outcome.ALREADY
        return CutOffResult(outcome, alert, code, known)
    note_use(connection, officer, now)
    store.add(connection, alert.id, [code], officer.id, now)
    append(connection, now, [_entry("alert.cut_off_marked", alert, code, officer.id)])
    made = store.open_at(connection, alert.id, code)
    assert made is not None
    news = CutOffList(News.MARKED, made.id)
    tell_officers(connection, alert, [code], news, now, but={officer.id})
    return CutOffResult(Outcome.RECORDED, alert, code, made)


def unmark(
    connection: Connection, cut_off_id: int, telegram_id: int, now: datetime
) -> CutOffResult:
    """An officer says that a village is not cut off: it is not found so again in this warning.

    :raises NotFound: no such row.
    :raises NotAllowed: a stranger, or the village is not in their charge.
    """
    officer, alert, cut_off = permit(connection, cut_off_id, telegram_id, now)
    if not cut_off.open:
        return CutOffResult(Outcome.OVER, alert, cut_off.division_code, cut_off)
    note_use(connection, officer, now)
    end_one(connection, alert, cut_off, CutOffEnd.UNMARKED, officer.id, now)
    news = CutOffList(News.UNMARKED, cut_off.id)
    tell_officers(connection, alert, [cut_off.division_code], news, now, but={officer.id})
    return CutOffResult(Outcome.RECORDED, alert, cut_off.division_code, cut_off)


def permit(
    connection: Connection, cut_off_id: int, telegram_id: int, now: datetime
) -> tuple[Person, Alert, CutOff]:
    """The officer, the warning and the row, when the village is in their charge.

    :raises NotFound: no such row.
    :raises NotAllowed: a stranger, or the village is not in their charge.
    """
    cut_off = store.cut_off(connection, cut_off_id)
    if cut_off is None:
        raise NotFound(CutOffProblem.UNKNOWN, cut_off=cut_off_id)
    code = cut_off.division_code
    officer, alert = _in_charge(connection, cut_off.alert_id, telegram_id, code, now)
    return officer, alert, cut_off


def _in_charge(
    connection: Connection, alert_id: int, telegram_id: int, code: str, now: datetime
) -> tuple[Person, Alert]:
    officer = now_on_watch(connection, person_of(connection, telegram_id), now)
    alert = watched_alert(connection, alert_id, officer)
    require(may_take_charge(officer, code), division=code)
    return officer, alert


# -- both --------------------------------------------------------------------------------------


def end_one(
    connection: Connection,
    alert: Alert,
    cut_off: CutOff,
    how: CutOffEnd,
    by: int | None,
    now: datetime,
) -> None:
    """A village is not cut off any more; whoever is on the way there need not go on."""
    store.end(connection, cut_off.id, how, by, now)
    detail = {"how_ended": how.value}
    entry = _entry("alert.cut_off_ended", alert, cut_off.division_code, by, **detail)
    append(connection, now, [entry])
    running = store.open_errand(connection, cut_off.id)
    if running is not None:
        call_off(connection, alert, running, now)


def call_off(connection: Connection, alert: Alert, errand: Errand, now: datetime) -> None:
    """Whoever is asked to go, or on the way, need not: they are told while the warning holds."""
    store.change_errand(connection, errand.id, state=ErrandState.ENDED.value, due_at=None)
    runner = people_store.person(connection, errand.person_id)
    if runner is not None and runner.reachable and in_force(alert, now):
        outbox_store.add(connection, to_runner(alert, runner, ErrandAsk(errand.id, over=True)), now)


def to_runner(alert: Alert, runner: Person, message: ErrandAsk) -> NewDelivery:
    """What is said to whoever is sent to a village: before all else of the warning's level."""
    return to_person(runner, message, LANES[alert.level], role=runner.role.value, alert_id=alert.id)


def tell_officers(
    connection: Connection,
    alert: Alert,
    codes: Iterable[str],
    message: CutOffList,
    now: datetime,
    *,
    but: Collection[int] = (),
) -> None:
    """The list to the duty officers of the township and of the county above these villages.

    One message an officer. Where nobody there can be reached, whoever released the warning gets it.
    """
    villages = set(codes)
    townships = {next(iter(ancestors(code)), code) for code in villages}
    above = officers_above_many(connection, villages | townships, now)
    sender = people_store.person(connection, alert.sender_id)
    instead = [sender] if sender is not None and sender.reachable else []
    told: dict[int, Person] = {}
    for code in villages | townships:
        reachable = [officer for officer in above.get(code, ()) if officer.reachable]
        told.update((officer.id, officer) for officer in reachable or instead)
    kind = "" if message.news is None else message.news.value
    about = message.errand or message.cut_off or 0
    outbox_store.add_many(
        connection,
        [
            to_person(
                officer,
                message,
                LANES[alert.level],
                role=officer.role.value,
                alert_id=alert.id,
                coalesce_key=f"cut_off:{alert.id}:{officer.id}:{kind}:{about}",
            )
            for officer in told.values()
            if officer.id not in but
        ],
        now,
    )


def _entry(action: str, alert: Alert, code: str, by: int | None = None, **detail: object) -> Entry:
    return Entry(action, f"alert:{alert.id}", by, {"division": code, **detail})
