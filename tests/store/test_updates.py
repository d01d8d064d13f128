"""A warning changes while it runs: who is asked again, called, told, stood down; row by row."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy import update as change_rows

from alerts import (
    alert_message_store,
    alert_store,
    call_store,
    large_release,
    progress_store,
)
from alerts import release as releasing
from alerts.acknowledge import Pressed, by_buttons, by_proxy
from alerts.calls import CallOutcome, CallState, Proxy, Report
from alerts.chase import sweep
from alerts.closing import close_finished, lift
from alerts.drafts import store as draft_store
from alerts.drafts.model import Proposal, ProposalKind, ProposalState
from alerts.drafts.settling import change_of
from alerts.follow_up import discharge, report
from alerts.holding import hold
from alerts.lifecycle import Change, ChangeKind, MessageType, Outcome, terms_of
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.report import summary
from alerts.rules import Rules
from alerts.sending import claim, record, still_true
from alerts.updates import carrying_out
from alerts.updates.changing import changed, update
from alerts.updates.confirming import confirm_change
from alerts.updates.model import ChangeProblem, ChangeState, Updated
from alerts.updates.pending import known_change, lapse
from alerts.withdrawals import store as withdrawal_store
from alerts.withdrawals.model import Withdrawal
from contacts import bot_store, people_store
from contacts.divisions.store import children_of
from contacts.people import Person, Role
from data.database import Connection, Database
from data.errors import Conflict, NotAllowed
from data.tables.alerts import call_posts, calls, deliveries
from data.tables.contacts import people, places, posts
from tests.roster import (
    BOT_ID,
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    STAND_IN,
    TOWNSHIP,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
    person,
)

RULES = Rules()
DRAFT = Draft(Level.ORANGE, Hazard.RAINSTORM, (COUNTY,), "做好转移准备")
HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]
DUTY_ACCOUNT = COUNTY_DUTY["telegram_id"]
EVERYTHING = dict.fromkeys(Lane, 1000)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def commander(c: Connection, row: Any = COUNTY_COMMANDER) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


class Warning_:
    """A warning that is being changed."""

    def __init__(
        self,
        database: Database,
        draft: Draft = DRAFT,
        by: Any = COUNTY_COMMANDER,
        minutes: float = 0,
    ) -> None:
        self.database = database
        self.id = database.do(
            lambda c: release(c, draft, commander(c, by), RULES, after(minutes)).alert_id
        )

    @property
    def alert(self) -> Alert:
        found = self.database.read(lambda c: alert_store.alert(c, self.id))
        assert found is not None
        return found

    def change(self, change: Change, minutes: float = 10, by: Any = COUNTY_COMMANDER) -> Updated:
        def unit(c: Connection) -> Updated:
            who, now = commander(c, by), after(minutes)
            would = changed(c, self.id, change, who, RULES, now)
            return update(c, self.id, change, who, RULES, now, counted=would)

        return self.database.do(unit)

    def confirm(self, change_id: int, by: Any) -> Updated:
        return self.database.do(
            lambda c: confirm_change(c, change_id, commander(c, by), RULES, after(20))
        )

    def call(self, row: Any) -> Any:
        return self.database.read(lambda c: call_store.call_of(c, self.id, row["id"]))

    def tap(self, row: Any, minutes: float, asked: int = 1) -> CallOutcome:
        press = Pressed(row["telegram_id"], self.call(row).id, asked=asked)
        [result] = self.database.do(lambda c: by_buttons(c, [press], RULES, after(minutes)))
        return result.outcome

    def queued(self) -> Counter[str]:
        query = select(deliveries.c.kind).where(
            deliveries.c.alert_id == self.id, deliveries.c.state == "queued"
        )
        return Counter(self.database.read(lambda c: list(c.execute(query).scalars())))


def arrive(warning: Warning_, minutes: float = 0) -> None:
    """Everything that is queued leaves, and arrives."""

    def unit(c: Connection) -> None:
        taken = claim(c, "test", after(minutes), EVERYTHING, BOT_ID)
        numbered = enumerate(taken, int(minutes * 1000) + 1)
        record(
            c,
            [Attempt(delivery, Result.SENT, number) for number, delivery in numbered],
            RULES,
            after(minutes),
        )

    warning.database.do(unit)


def give_post(database: Database, **values: Any) -> None:
    row = {"role": Role.VILLAGE_RESPONSIBLE.value, **values}
    database.do(lambda c: c.execute(insert(posts).values(row)))


def with_row(database: Database, person_id: int, **values: Any) -> None:
    database.do(
        lambda c: c.execute(change_rows(people).where(people.c.id == person_id).values(values))
    )


def posts_of(database: Database, call_id: int) -> set[str]:
    query = select(call_posts.c.division_code).where(call_posts.c.call_id == call_id)
    return set(database.read(lambda c: list(c.execute(query).scalars())))


def people_told(warning: Warning_, kind: MessageKind) -> set[int]:
    query = select(deliveries.c.person_id).where(
        deliveries.c.alert_id == warning.id,
        deliveries.c.kind == kind.value,
        deliveries.c.person_id.is_not(None),
        deliveries.c.state == "queued",
    )
    return set(warning.database.read(lambda c: list(c.execute(query).scalars())))


def test_a_raised_level_asks_everybody_again(database: Database) -> None:
    warning = Warning_(database)
    assert warning.tap(HEAD, 1) is CallOutcome.RECORDED
    called = warning.queued()[MessageKind.CALL.value]
    done = warning.change(Change(level=Level.RED))
    assert done.kinds == (ChangeKind.UPGRADE,)
    assert warning.alert.level is Level.RED and warning.alert.version == 2
    call = warning.call(HEAD)
    assert call.state is CallState.WAITING and call.called_at == after(10)
    # The old button answers nothing that is asked since; the new one does.
    assert warning.tap(HEAD, 11) is CallOutcome.RAISED
    assert warning.tap(HEAD, 12, asked=2) is CallOutcome.RECORDED
    assert warning.queued()[MessageKind.CALL.value] == called
    said = database.read(lambda c: alert_message_store.of_alert(c, warning.id))
    assert [message.type for message in said] == [MessageType.ALERT, MessageType.UPDATE]
    assert len({message.identifier for message in said}) == 2
    assert said[-1].terms == terms_of(warning.alert)


def test_who_answered_and_stays_is_told_only_what_changed(database: Database) -> None:
    """Extended, corrected, lowered: nobody is asked again; the silent stay silent."""
    warning = Warning_(database)
    arrive(warning)
    warning.tap(HEAD, 1)
    until = warning.alert.expires_at
    done = warning.change(Change(text="堤防巡查加密", longer=timedelta(hours=6)))
    assert done.kinds == (ChangeKind.CORRECT, ChangeKind.EXTEND)
    assert (done.asked, done.called, done.stood_down) == (0, 0, 0)
    assert warning.call(HEAD).state is CallState.ACKNOWLEDGED
    assert warning.call(OTHER).open and warning.call(OTHER).called_at == NOW
    assert warning.alert.expires_at == until + timedelta(hours=6)
    queued = warning.queued()
    assert queued[MessageKind.CHANGED.value] == done.told + 1  # and the group
    assert not queued[MessageKind.CALL.value]
    lowered = warning.change(Change(level=Level.BLUE), 20)
    assert lowered.kinds == (ChangeKind.DOWNGRADE,) and warning.alert.version == 3
    assert not warning.alert.raised


def test_an_added_area_calls_its_people_and_nobody_twice(database: Database) -> None:
    """The village's head holds a post in the added village too: told, not called again."""
    second = {"person_id": OTHER["id"], "division_code": VILLAGES[2], "rank": 1}
    give_post(database, **second)
    warning = Warning_(database, replace(DRAFT, areas=VILLAGES[:2]))
    arrive(warning)
    assert warning.tap(OTHER, 1) is CallOutcome.RECORDED
    assert warning.call(VILLAGERS[2]) is None
    done = warning.change(Change(add=(VILLAGES[2],)))
    assert done.kinds == (ChangeKind.ADD_AREA,) and done.called == 1
    assert warning.call(VILLAGERS[2]).called_at == after(10)
    assert warning.call(OTHER).state is CallState.ACKNOWLEDGED
    assert posts_of(database, warning.call(OTHER).id) == {VILLAGES[2]}
    assert people_told(warning, MessageKind.CHANGED) == {OTHER["id"]}
    assert not database.read(lambda c: progress_store.differing(c, warning.id))


def test_narrowed_those_outside_are_stood_down_and_told(database: Database) -> None:
    """Who was in charge of the township stays; the posts of whoever has one inside move there."""
    give_post(database, person_id=OTHER["id"], division_code=VILLAGES[2], rank=1)
    warning = Warning_(database, replace(DRAFT, areas=(TOWNSHIP,)))
    arrive(warning)
    warning.tap(HEAD, 1)
    done = warning.change(Change(remove=VILLAGES[:2]))
    assert done.kinds == (ChangeKind.NARROW,) and done.stood_down == 1
    assert warning.alert.areas and not set(VILLAGES[:2]) & set(warning.alert.areas)
    head, other, town = (warning.call(row) for row in (HEAD, OTHER, TOWNSHIP_HEAD))
    assert head.left_out and head.answered_before
    assert not other.left_out and other.open and other.division_code == VILLAGES[2]
    assert town.open and not town.left_out
    assert people_told(warning, MessageKind.NARROWED) == {HEAD["id"]}
    assert not database.read(lambda c: progress_store.differing(c, warning.id))
    # Widened again: it is a new call, and the answer of before does not count for it.
    back = warning.change(Change(add=VILLAGES[:1]), 20)
    head = warning.call(HEAD)
    assert back.asked == 1 and head.open and not head.left_out and head.called_at == after(20)


def test_who_was_struck_off_or_stood_down_reads_of_no_narrowing_and_counts_no_more(
    database: Database,
) -> None:
    warning = Warning_(database, replace(DRAFT, areas=(TOWNSHIP,)))
    arrive(warning)

    head = warning.call(HEAD).id
    database.do(lambda c: discharge(c, head, DUTY_ACCOUNT, "人在外地", after(3)))
    done = warning.change(Change(remove=VILLAGES[:2]))
    assert warning.call(HEAD).left_out and warning.call(OTHER).left_out
    assert done.stood_down == 1
    assert people_told(warning, MessageKind.NARROWED) == {OTHER["id"]}
    assert not database.read(lambda c: progress_store.differing(c, warning.id))


def test_a_closed_calling_goes_on_when_the_level_rises_or_somebody_new_is_called(
    database: Database,
) -> None:
    warning = Warning_(database, replace(DRAFT, areas=VILLAGES[:1]))
    arrive(warning)
    warning.tap(HEAD, 1)
    database.do(lambda c: close_finished(c, after(2)))
    assert warning.alert.state is State.CLOSED
    warning.change(Change(longer=timedelta(hours=1)), 5)
    assert warning.alert.state is State.CLOSED
    warning.change(Change(add=VILLAGES[1:2]), 6)
    assert warning.alert.state is State.RELEASED
    warning.tap(OTHER, 7)
    database.do(lambda c: close_finished(c, after(8)))
    assert warning.alert.state is State.CLOSED
    warning.change(Change(level=Level.RED), 9)
    assert warning.alert.state is State.RELEASED and warning.call(HEAD).open


def test_answers_of_before_stay_in_the_trail_and_what_was_reported_counts(
    database: Database,
) -> None:
    warning = Warning_(database)
    arrive(warning)
    warning.tap(HEAD, 1)
    call = warning.call(HEAD)
    moved = {"households": 12, "persons": 30}
    account = HEAD["telegram_id"]
    database.do(lambda c: report(c, call.id, account, Report.MOVED, after(2), **moved))
    database.do(lambda c: by_proxy(c, warning.call(OTHER).id, DUTY_ACCOUNT, Proxy.PHONE, after(3)))
    warning.change(Change(level=Level.RED))
    assert warning.call(OTHER).open and warning.call(OTHER).proxy_by is None
    call = warning.call(HEAD)
    assert call.open and call.report is None and (call.households, call.persons) == (12, 30)
    kept = database.read(lambda c: withdrawal_store.of_alert(c, warning.id))
    assert {answers[0].kind for answers in kept.values()} == {Withdrawal.RAISED} and len(kept) == 2
    summed = database.read(lambda c: summary(c, warning.alert))
    assert (summed.progress.households, summed.taken_back, summed.doubted) == (12, 0, 0)
    assert summed.reports == {Report.MOVED: 1}
    assert database.read(lambda c: withdrawal_store.waiting_again(c, warning.id)) == 0


def test_a_stand_in_who_was_stood_down_is_called_up_when_the_other_is_silent_again(
    database: Database,
) -> None:
    warning = Warning_(database)
    arrive(warning)
    for minute in (5, 10):  # reminded, then the stand-in is called
        database.do(lambda c, minute=minute: sweep(c, RULES, after(minute)))  # type: ignore[misc]
    assert warning.call(STAND_IN).open
    warning.tap(HEAD, 11)
    assert warning.call(STAND_IN).stood_down
    warning.change(Change(level=Level.RED), 12)
    assert warning.call(STAND_IN).stood_down  # the head is asked first
    arrive(warning, 12)
    for minute in (14, 17):  # 2 and 5 minutes after the red call
        database.do(lambda c, minute=minute: sweep(c, RULES, after(minute)))  # type: ignore[misc]
    stand_in = warning.call(STAND_IN)
    assert stand_in.open and stand_in.called_at == after(17)


def test_whoever_left_is_not_asked_and_who_followed_them_is_called(database: Database) -> None:
    warning = Warning_(database)
    arrive(warning)
    warning.tap(HEAD, 1)
    with_row(database, HEAD["id"], active=False)
    with_row(database, STAND_IN["id"], rank=1)
    warning.change(Change(level=Level.RED))
    assert warning.call(HEAD).state is CallState.ACKNOWLEDGED
    assert warning.call(STAND_IN).open and warning.call(STAND_IN).stand_in_for is None


def test_a_held_warning_is_changed_only_by_a_rise(database: Database) -> None:
    warning = Warning_(database)
    database.do(lambda c: hold(c, warning.alert, after(1)))
    with pytest.raises(Conflict) as refused:
        warning.change(Change(text="另有安排"), 2)
    assert refused.value.code is Outcome.HELD
    warning.change(Change(level=Level.RED), 3)
    assert not warning.alert.held and warning.call(HEAD).called_at == after(3)
    assert warning.queued()[MessageKind.CALL.value]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (Change(), Outcome.NOTHING_NEW),
        (Change(level=Level.ORANGE), Outcome.NOTHING_NEW),
        (Change(remove=(COUNTY,)), Outcome.NO_AREA_LEFT),
        (Change(remove=("222402000000",)), Outcome.NOT_ITS_AREA),
        (Change(expires_at=NOW), ChangeProblem.ENDS_EARLIER),
    ],
)
def test_what_changes_nothing_is_refused_and_says_why(
    database: Database, change: Change, outcome: Outcome | ChangeProblem
) -> None:
    warning = Warning_(database)
    with pytest.raises(Conflict) as refused:
        warning.change(change)
    assert refused.value.code is outcome
    assert warning.alert.version == 1


def test_a_rise_to_red_of_a_city_waits_for_the_second_person(database: Database) -> None:
    """What held before stays in force; another change made meanwhile is not undone by it."""
    draft = replace(DRAFT, areas=(CITY,))
    warning = Warning_(database, draft, by=CITY_COMMANDER)
    warning.tap(HEAD, 1)
    waits = warning.change(Change(level=Level.RED), by=CITY_COMMANDER)
    assert waits.pending is not None and warning.alert.level is Level.ORANGE
    assert warning.call(HEAD).state is CallState.ACKNOWLEDGED
    assert warning.queued()[MessageKind.CONFIRM_CHANGE.value]
    with pytest.raises(NotAllowed):
        warning.confirm(waits.pending, CITY_COMMANDER)
    with pytest.raises(NotAllowed):
        warning.confirm(waits.pending, COUNTY_COMMANDER)
    warning.change(Change(longer=timedelta(hours=30)), 12, by=CITY_COMMANDER)
    until = warning.alert.expires_at
    warning.confirm(waits.pending, CITY_DIRECTOR)
    alert = warning.alert
    assert (alert.level, alert.version, alert.expires_at) == (Level.RED, 3, until)
    assert warning.call(HEAD).open
    [*_, last] = database.read(lambda c: alert_message_store.of_alert(c, warning.id))
    assert (last.by_id, last.confirmed_by) == (CITY_COMMANDER["id"], CITY_DIRECTOR["id"])
    with pytest.raises(Conflict):
        warning.confirm(waits.pending, CITY_DIRECTOR)


def test_a_proposed_change_of_areas_alone_is_settled_by_the_second_person(
    database: Database,
) -> None:
    draft = replace(DRAFT, level=Level.RED)
    warning = Warning_(database, draft, by=CITY_COMMANDER)
    wider = replace(draft, areas=(CITY,), text=f"{draft.text} ")
    until, about = warning.alert.expires_at, warning.id
    made = Proposal("cap", "U1", wider, until, ProposalKind.UPDATE, changes=about)
    number = database.do(lambda c: draft_store.add(c, made, ProposalState.OPEN, NOW))
    stored = lambda: database.read(lambda c: draft_store.proposal(c, number))  # noqa: E731
    waits = warning.change(change_of(stored(), warning.alert, ""), by=CITY_COMMANDER)
    assert waits.pending is not None and stored().open
    warning.change(Change(longer=timedelta(hours=1)), 12, by=COUNTY_COMMANDER)
    assert stored().open  # that is not what was proposed
    warning.confirm(waits.pending, CITY_DIRECTOR)
    assert (stored().state, stored().alert_id) == (ProposalState.RELEASED, warning.id)


def test_a_change_that_waits_gives_way_and_lapses(database: Database) -> None:
    warning = Warning_(database, replace(DRAFT, areas=(CITY,)), by=CITY_COMMANDER)
    first = warning.change(Change(level=Level.RED), 1, by=CITY_COMMANDER)
    again = warning.change(Change(level=Level.RED), 2, by=CITY_COMMANDER)
    assert again.pending == first.pending, "pressed twice it asks once"
    second = warning.change(Change(level=Level.RED, text="立即转移"), 3, by=CITY_DIRECTOR)
    assert first.pending is not None and second.pending is not None
    states = lambda: [  # noqa: E731
        database.read(lambda c, number=number: known_change(c, number)).state  # type: ignore[misc]
        for number in (first.pending, second.pending)
    ]
    assert states() == [ChangeState.SUPERSEDED, ChangeState.PENDING]
    arrive(warning, 4)
    with_row(database, CITY_COMMANDER["id"], telegram_id=4_999)  # another account since
    database.do(lambda c: lapse(c, after(30)))
    assert states()[1] is ChangeState.PENDING
    by = CITY_DIRECTOR
    database.do(lambda c: lift(c, warning.id, commander(c, by), after(40)))
    database.do(lambda c: lapse(c, after(41)))
    assert states()[1] is ChangeState.LAPSED
    # The question is edited where it was asked, by the bot that asked; the news goes to who did.
    query = select(deliveries.c.chat_id, deliveries.c.bot_id, deliveries.c.params).where(
        deliveries.c.kind == MessageKind.CHANGE_DECIDED.value, deliveries.c.state == "queued"
    )
    told = database.read(lambda c: list(c.execute(query.order_by(deliveries.c.id))))
    asked = {(row.chat_id, row.bot_id) for row in told if "message" in row.params}
    assert (CITY_COMMANDER["telegram_id"], BOT_ID) in asked
    assert 4_999 not in {row.chat_id for row in told}
    said = database.read(lambda c: alert_message_store.of_alert(c, warning.id))
    assert [message.kind for message in said] == [ChangeKind.ALERT, ChangeKind.LIFT]
    assert said[-1].type is MessageType.CANCEL and said[-1].number == warning.alert.version == 2


def test_a_large_change_goes_on_in_parts_and_two_of_them_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in between, or changed once more: in the end everybody was asked, once."""
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)
    warning = Warning_(database)
    arrive(warning)
    warning.tap(HEAD, 1)
    warning.change(Change(level=Level.RED))
    assert database.read(lambda c: carrying_out.anything_unfinished(c, after(10)))
    assert not database.read(lambda c: alert_store.is_finished(c, warning.id))
    # No step of the old ladder is taken meanwhile.
    database.do(lambda c: sweep(c, RULES, after(25)))
    assert not warning.queued()[MessageKind.SILENT_LIST.value]
    warning.change(Change(longer=timedelta(hours=2)), 11)
    while database.do(lambda c: carrying_out.carry_on(c, RULES, after(12), limit=2)):
        pass
    assert warning.call(HEAD).open and warning.call(HEAD).called_at == after(12)
    called = warning.queued()[MessageKind.CALL.value]
    everybody = database.read(lambda c: progress_store.of_divisions(c, warning.id, [""])[""])
    assert called == everybody.waiting - everybody.unreachable
    assert [m.kind for m in database.read(lambda c: alert_message_store.of_alert(c, warning.id))][
        1:
    ] == [ChangeKind.UPGRADE, ChangeKind.EXTEND]
    # They were asked with what it says since the second: nobody is told that besides.
    assert not people_told(warning, MessageKind.CHANGED)


def test_a_change_of_a_release_that_is_not_finished_waits_for_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 1)
    warning = Warning_(database)
    warning.change(Change(level=Level.RED), 1)
    assert not database.read(lambda c: carrying_out.anything_unfinished(c, after(1)))
    while database.do(lambda c: large_release.carry_on(c, RULES, after(2), limit=3)):
        pass
    while database.do(lambda c: carrying_out.carry_on(c, RULES, after(2), limit=3)):
        pass
    # They were called with what the warning says by now: nobody is asked twice.
    head = warning.call(HEAD)
    assert head.open and head.steps == 0
    calls_of = Counter(
        database.read(
            lambda c: list(
                c.execute(
                    select(deliveries.c.person_id).where(
                        deliveries.c.alert_id == warning.id,
                        deliveries.c.kind == "call",
                        deliveries.c.state == "queued",
                    )
                ).scalars()
            )
        )
    )
    assert set(calls_of.values()) == {1}


def test_an_exercise_is_changed_as_one_and_needs_no_second_person(database: Database) -> None:
    draft = replace(DRAFT, areas=(CITY,), exercise=True)
    warning = Warning_(database, draft, by=CITY_COMMANDER)
    done = warning.change(Change(level=Level.RED), by=CITY_COMMANDER)
    assert done.pending is None and warning.alert.exercise and warning.alert.level is Level.RED


def test_what_waits_to_be_sent_of_before_is_not_sent_beside_what_is_sent_now(
    database: Database,
) -> None:
    """A call that was claimed and not sent when the level rose gives way to the new one."""
    warning = Warning_(database)
    held = database.do(lambda c: claim(c, "one", NOW, EVERYTHING, BOT_ID))
    warning.change(Change(level=Level.RED), 1)
    old = {delivery.id for delivery in held if delivery.kind is MessageKind.CALL}
    true = database.read(lambda c: still_true(c, held, after(1)))
    assert old and not old & true


def test_who_was_called_for_a_place_beside_the_areas_is_asked_again_with_the_others(
    database: Database,
) -> None:
    def enter(c: Connection) -> None:
        beside = next(code for code in sorted(children_of(c, COUNTY)) if code != TOWNSHIP)
        place = {"code": "R1", "kind": "reservoir", "name": "水库", "division_code": beside}
        c.execute(insert(places), [place])
        keeper = person(300, "库长", beside, Role.RESERVOIR_HEAD) | {"place_code": "R1"}
        c.execute(insert(people), [keeper])
        bot_store.assign(c)

    database.do(enter)
    warning = Warning_(database, replace(DRAFT, areas=(VILLAGES[0],), besides=("R1",)))
    for minutes, change in ((10, Change(level=Level.RED)), (20, Change(text="立即转移"))):
        done = warning.change(change, minutes)
        assert done.stood_down == 0
    query = select(calls.c.state).where(calls.c.person_id == 300)
    assert database.read(lambda c: c.execute(query).scalar_one()) == CallState.WAITING.value
