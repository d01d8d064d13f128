"""Counting by household: somebody of the village, or an officer who was told, ticks who was moved.

A household counts once, whoever ticks it and how often. What is ticked late, after the warning has
ended or was narrowed, counts too, and is said to be late; of a warning that should not have been
issued nothing does that was ticked afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts import alert_message_store, call_store, report_store
from alerts.acknowledge import by_person
from alerts.calls import Call, CallOutcome, CallState, Report, Via
from alerts.follow_up import comes_after_cancelling, report_by_person
from alerts.lifecycle import Terms
from alerts.lookup import known_alert, person_of
from alerts.loop.evacuation import card_store, figure_store, move_store
from alerts.loop.evacuation.counting import Figures, MoveState, Ticks, moved
from alerts.loop.evacuation.figure_store import Holder
from alerts.loop.evacuation.model import Card, Household
from alerts.loop.evacuation.move_store import Move, TickedBy
from alerts.loop.evacuation.settling import settle
from alerts.loop.evacuation.sheltering import tell_if_overfull
from alerts.model import Alert, State
from alerts.reports import ReportFact
from alerts.rules import Rules
from contacts.access import Access, may_see_households, require
from contacts.divisions.codes import contains
from contacts.duty_store import duty_divisions
from contacts.people import Person
from data.audit import Entry, append, when_done
from data.database import Connection
from data.errors import Conflict, NotFound


class TickProblem(Enum):
    """Why a household was not ticked."""

    NO_CARD = "no_evacuation_card"
    NO_HOUSEHOLD = "no_household"  # it is not on the list any more
    NOT_RELEASED = "evacuation_not_released"
    ELSEWHERE = "evacuation_elsewhere"  # the warning is not for this village
    NOT_LISTED = "households_not_listed"  # the card lists nobody by name


class TickOutcome(Enum):
    """What became of a tick."""

    RECORDED = "recorded"
    LATE = "late"  # recorded, after the warning had ended
    LEFT_OUT = "left_out"  # recorded, after the warning was narrowed: it is no more for there
    ALREADY = "already"  # it stood so
    OVERTAKEN = "overtaken"  # it was ticked otherwise since: that stands
    CANCELLED = "cancelled"  # the warning should not have been issued: nothing was recorded


@dataclass(frozen=True, slots=True)
class Ticked:
    """What became of a tick, and how the village stands now.

    ``before``: the tick that stood before, of one household.
    """

    outcome: TickOutcome
    alert: Alert
    card: Card
    ticks: Ticks
    person: Person
    state: MoveState = MoveState.MOVED
    household: Household | None = None
    before: Move | None = None


def permit(
    connection: Connection, alert_id: int, card_id: int, telegram_id: int, now: datetime
) -> tuple[Person, Alert, Card]:
    """Who may count the households of a card in a warning: asked before its list is shown.

    :raises NotFound: no such warning, or card (``TickProblem``).
    :raises NotAllowed: a stranger, or somebody who is not responsible there.
    :raises Conflict: the warning is not for that village and never was, or it was not released.
    """
    person, alert = person_of(connection, telegram_id), known_alert(connection, alert_id)
    card = card_store.card(connection, card_id)
    if card is None:
        raise NotFound(TickProblem.NO_CARD, card=card_id)
    require(_may_count(connection, person, card, now), division=card.division_code)
    if alert.state in (State.PENDING, State.REFUSED):
        raise Conflict(TickProblem.NOT_RELEASED, alert=alert_id)
    if not is_for(alert, card) and not _was_for(connection, alert, card):
        raise Conflict(TickProblem.ELSEWHERE, alert=alert_id, division=card.division_code)
    return person, alert, card


def is_for(alert: Alert | Terms, card: Card) -> bool:
    """Whether the warning is for the place of a card."""
    inside = any(contains(area, card.division_code) for area in alert.areas)
    return inside or card.place_code in alert.besides


def _was_for(connection: Connection, alert: Alert, card: Card) -> bool:
    """Whether it was, before it was narrowed: who is on the road still arrives."""
    said = alert_message_store.of_alert(connection, alert.id)
    return any(is_for(message.terms, card) for message in said)


def _may_count(connection: Connection, person: Person, card: Card, now: datetime) -> Access:
    if person.id == card.organiser_id:
        return Access.ALLOWED
    duties = duty_divisions(connection, person.id, now)
    return may_see_households(person, card.division_code, duties)


def tick(
    connection: Connection,
    alert_id: int,
    household_id: int,
    telegram_id: int,
    state: MoveState,
    rules: Rules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> Ticked:
    """One household stands so now.

    :param done_at: when it was ticked, if that was before now.
    :raises NotFound, NotAllowed, Conflict: see ``permit``; the household is not listed any more.
    """
    household = card_store.household(connection, household_id)
    if household is None:
        raise NotFound(TickProblem.NO_HOUSEHOLD, household=household_id)
    person, alert, card = permit(connection, alert_id, household.card_id, telegram_id, now)
    known = move_store.of_card(connection, alert_id, card.id)
    before = known.get(household_id)
    stands = MoveState.HOME if before is None else before.state
    if stands is state:
        ticks = move_store.ticks_of(connection, alert_id, card.division_code) or Ticks()
        return Ticked(TickOutcome.ALREADY, alert, card, ticks, person, state, household, before)
    if before is not None and done_at is not None and before.at > done_at:
        ticks = move_store.ticks_of(connection, alert_id, card.division_code) or Ticks()
        outcome = TickOutcome.OVERTAKEN
        return Ticked(outcome, alert, card, ticks, person, state, household, before)
    done = _record(connection, alert, card, person, [household], state, rules, now, done_at)
    return Ticked(done.outcome, alert, card, done.ticks, person, state, household, before)


def tick_rest(
    connection: Connection,
    alert_id: int,
    card_id: int,
    telegram_id: int,
    rules: Rules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> Ticked:
    """全部已转: every household of a card of which nothing is ticked was moved.

    Those that are away, or will not go, stay as they are.

    :raises NotFound, NotAllowed, Conflict: see ``permit``.
    """
    person, alert, card = permit(connection, alert_id, card_id, telegram_id, now)
    listed = card_store.households(connection, card_id)
    if not listed:
        raise Conflict(TickProblem.NOT_LISTED, card=card_id)
    known = move_store.of_card(connection, alert_id, card_id)
    left = [
        household
        for household in listed
        if household.id not in known or known[household.id].state is MoveState.HOME
    ]
    if not left:
        ticks = move_store.ticks_of(connection, alert_id, card.division_code) or Ticks()
        return Ticked(TickOutcome.ALREADY, alert, card, ticks, person)
    return _record(connection, alert, card, person, left, MoveState.MOVED, rules, now, done_at)


def _record(
    connection: Connection,
    alert: Alert,
    card: Card,
    person: Person,
    households: Sequence[Household],
    state: MoveState,
    rules: Rules,
    now: datetime,
    done_at: datetime | None,
) -> Ticked:
    at = now if done_at is None else min(now, max(done_at, alert.released_at or done_at))
    code = card.division_code
    if comes_after_cancelling(alert, Report.MOVED, at):
        ticks = move_store.ticks_of(connection, alert.id, code) or Ticks()
        return Ticked(TickOutcome.CANCELLED, alert, card, ticks, person)
    holders = figure_store.calls_there(connection, alert.id, code)
    own = next((each for each in holders if each.person_id == person.id), None)
    via = TickedBy.OFFICER if own is None and not _of_village(person, card) else TickedBy.OWN
    ticked = [Move(each.id, state, each.persons, person.id, at) for each in households]
    move_store.tick(connection, alert.id, code, ticked, via)
    ticks = move_store.count_again(connection, alert.id, code)
    detail = {
        "card": card.id,
        "households": [each.number for each in households],
        "state": state.value,
        **when_done(at, now),
    }
    append(connection, now, [Entry("households.ticked", f"alert:{alert.id}", person.id, detail)])
    _tell_call(connection, alert, code, own, holders, person, rules, now, at)
    shelter_id = None if card.shelter is None else card.shelter.id
    tell_if_overfull(connection, alert, shelter_id, now)
    outcome = TickOutcome.RECORDED if is_for(alert, card) else TickOutcome.LEFT_OUT
    if not alert.in_force and at >= alert.ended_at:
        outcome = TickOutcome.LATE
    return Ticked(outcome, alert, card, ticks, person)


def _tell_call(
    connection: Connection,
    alert: Alert,
    code: str,
    own: Holder | None,
    holders: Collection[Holder],
    person: Person,
    rules: Rules,
    now: datetime,
    at: datetime,
) -> None:
    """What counts of the village is what one of its calls reports.

    Who ticks in their own village has answered. An officer's ticks answer for nobody.
    """
    left_out = [each for each in holders if each.state is CallState.LEFT_OUT]
    answered = [each for each in holders if each.answered] or left_out
    holding = [each for each in answered if each.holds]
    holder = own or next(iter([*holding, *answered]), None)
    if holder is None:
        return
    call = call_store.call(connection, holder.call_id)
    assert call is not None
    found, said = move_store.sums_in(connection, alert.id, code)[code]
    counted = moved(found, said).counted
    if holder.left_out:  # their call goes on elsewhere, and says nothing of here any more
        _tell_left_out(connection, call, holder, code, counted, at)
        settle(connection, alert.id, code, of=call.id)
        return
    if call.open and by_person(
        connection, call.id, person.id, Via.BUTTON, rules, now, done_at=at
    ).outcome not in (CallOutcome.RECORDED, CallOutcome.ALREADY):
        return
    report_by_person(
        connection,
        call.id,
        call.person_id,
        Report.MOVED,
        now,
        where=(code, holder.place_code),
        done_at=at,
        households=counted.households,
        persons=counted.persons,
        sure=True,
        ticked=True,
        by=person.id,
    )
    settle(connection, alert.id, code, of=call.id)


def _tell_left_out(
    connection: Connection, call: Call, holder: Holder, code: str, counted: Figures, at: datetime
) -> None:
    figure_store.told_of_left_out(connection, holder, code, at)
    figures = (counted.households, counted.persons)
    where = (code, holder.place_code)
    told = ReportFact(call.id, Report.MOVED, at, *figures, None, *where, alone=True)
    report_store.add(connection, call, told)


def _of_village(person: Person, card: Card) -> bool:
    return person.id == card.organiser_id or any(
        post.division_code == card.division_code for post in person.posts
    )
