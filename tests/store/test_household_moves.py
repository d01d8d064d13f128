"""Households ticked by several at once, figures said beside: every sum says the same, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from alerts import call_store, progress_store, report_store
from alerts.acknowledge import by_button
from alerts.calls import CallOutcome, Report
from alerts.closing import cancel, lift
from alerts.follow_up import report as tell
from alerts.lookup import known_alert
from alerts.loop.evacuation import card_store, frail_store, move_store, standing, ticking
from alerts.loop.evacuation.counting import Figures, MoveState
from alerts.loop.evacuation.returning import call_home, homecoming
from alerts.loop.evacuation.sheltering import shelter_uses
from alerts.loop.evacuation.ticking import TickOutcome
from alerts.model import Draft, Hazard, Level, State
from alerts.outbox.messages import MessageKind
from alerts.proxy_reports import report_for
from alerts.release import release
from alerts.report import progress
from alerts.rules import Rules
from alerts.withdrawals.model import Withdrawn
from alerts.withdrawals.withdrawing import doubt
from contacts import people_store
from contacts.access import Access
from data.database import Connection, Database
from data.errors import Conflict, JiaoyingError, NotAllowed
from data.tables.alerts import alerts, calls, deliveries
from data.tables.household_moves import household_moves
from tests.evacuated import PERSONS, add_card
from tests.every_case import hold_for_every
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)

pytestmark = pytest.mark.one_database

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.FLASH_FLOOD, (COUNTY,), "立即转移", headline="山洪红色预警")
HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]
"""``OTHER`` is of the next village: in these tests a cadre of the first one, too."""


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


def person(c: Connection, row: dict[str, Any]) -> Any:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


class Village:
    """A red warning, and a village of it with a card of twelve households."""

    def __init__(self, database: Database) -> None:
        self.database = database

        def unit(c: Connection) -> tuple[int, int]:
            c.execute(
                calls.metadata.tables["people"]
                .update()
                .where(calls.metadata.tables["people"].c.id == OTHER["id"])
                .values(division_code=VILLAGES[0])
            )
            card_id = add_card(c)
            return card_id, release(c, DRAFT, person(c, COUNTY_COMMANDER), RULES, NOW).alert_id

        self.card_id, self.alert_id = database.do(unit)
        listed = database.read(lambda c: card_store.households(c, self.card_id))
        self.ids = [each.id for each in sorted(listed, key=lambda each: each.number)]

    def call(self, row: dict[str, Any]) -> Any:
        return self.database.read(lambda c: call_store.call_of(c, self.alert_id, row["id"]))

    def answers(self, row: dict[str, Any]) -> None:
        call_id = self.call(row).id
        self.database.do(lambda c: by_button(c, call_id, row["telegram_id"], RULES, after(1)))

    def ticks(
        self,
        number: int,
        state: MoveState = MoveState.MOVED,
        *,
        by: dict[str, Any] = HEAD,
        at: float = 2,
        done_at: float | None = None,
    ) -> ticking.Ticked:
        return self.database.do(
            lambda c: ticking.tick(
                c,
                self.alert_id,
                self.ids[number - 1],
                by["telegram_id"],
                state,
                RULES,
                after(at),
                done_at=None if done_at is None else after(done_at),
            )
        )

    def says(
        self, households: int, persons: int, *, by: dict[str, Any] = HEAD, at: float = 2
    ) -> CallOutcome:
        call_id = self.call(by).id

        def unit(c: Connection) -> CallOutcome:
            return tell(
                c,
                call_id,
                by["telegram_id"],
                Report.MOVED,
                after(at),
                households=households,
                persons=persons,
                sure=True,
            ).outcome

        return self.database.do(unit)

    def count(self) -> Any:
        return self.database.read(
            lambda c: standing.village_count(c, known_alert(c, self.alert_id), VILLAGES[0])
        )

    def holds(self) -> None:
        """Calls, progress and the sums of households all say the same."""

        def look(c: Connection) -> None:
            alert = known_alert(c, self.alert_id)
            count = standing.village_count(c, alert, VILLAGES[0])
            known = move_store.of_card(c, self.alert_id, self.card_id)
            for state, found in (
                (MoveState.MOVED, count.ticks and count.ticks.moved),
                (MoveState.AWAY, count.ticks and count.ticks.away),
                (MoveState.REFUSED, count.ticks and count.ticks.refused),
            ):
                these = [move.persons for move in known.values() if move.state is state]
                assert (found or Figures()) == (len(these), sum(these))
            running = progress(c, alert, VILLAGES[0])
            assert (running.households, running.persons) == count.moved.counted
            whole = standing.evacuation_of(c, alert)
            assert (
                whole.moved == count.moved.counted == standing.evacuation_of(c, alert, COUNTY).moved
            )
            assert progress_store.differing(c, self.alert_id) == set()
            holding = select(func.count()).where(
                calls.c.alert_id == self.alert_id, calls.c.households > 0
            )
            assert c.execute(holding).scalar_one() <= 1

        self.database.read(look)


@pytest.fixture
def village(database: Database) -> Village:
    return Village(database)


_acts = st.lists(
    st.tuples(
        st.sampled_from([HEAD["id"], OTHER["id"], TOWNSHIP_DUTY["id"]]),
        st.sampled_from([*MoveState, "says"]),
        st.integers(1, 12),
    ),
    min_size=1,
    max_size=12,
)
_ROWS = {row["id"]: row for row in (HEAD, OTHER, TOWNSHIP_DUTY)}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=_acts)
def test_whoever_ticks_and_says_what_the_sums_agree(
    database: Database, acts: list[tuple[int, Any, int]]
) -> None:
    village = Village(database)  # each time in a warning of its own
    village.answers(HEAD)
    for minute, (who, what, number) in enumerate(acts, start=2):
        if what != "says":
            village.ticks(number, what, by=_ROWS[who], at=minute)
        elif who != TOWNSHIP_DUTY["id"]:
            if village.call(_ROWS[who]).open:
                village.answers(_ROWS[who])
            village.says(number, 3 * number, by=_ROWS[who], at=minute)
        village.holds()


def test_a_household_ticked_twice_or_by_two_counts_once(village: Village) -> None:
    village.answers(HEAD)
    assert village.ticks(1).outcome is TickOutcome.RECORDED
    again = village.ticks(1, at=3)
    assert again.outcome is TickOutcome.ALREADY and again.before is not None
    assert (again.before.by_id, again.before.at) == (HEAD["id"], after(2))
    other = village.ticks(1, by=OTHER, at=4)
    assert other.outcome is TickOutcome.ALREADY
    assert village.call(OTHER).open  # nothing was recorded
    assert village.ticks(2, by=OTHER, at=5).outcome is TickOutcome.RECORDED
    assert village.call(OTHER).answered  # who ticks is there
    assert village.count().moved.counted == (2, PERSONS[0] + PERSONS[1])
    village.holds()
    rows = select(
        household_moves.c.household_id, household_moves.c.state, household_moves.c.current
    )
    assert len(village.database.read(lambda c: c.execute(rows).all())) == 2
    village.ticks(1, MoveState.HOME, at=6)
    kept = village.database.read(lambda c: c.execute(rows).all())
    assert [(row.state, row.current) for row in kept if row.household_id == village.ids[0]] == [
        ("moved", False),
        ("home", True),
    ]
    village.holds()


def test_ticks_count_and_figures_that_differ_stand_beside(village: Village) -> None:
    village.answers(HEAD)
    village.answers(OTHER)
    village.says(3, 9)
    assert village.count().moved == (Figures(3, 9), None)
    village.says(12, 35, by=OTHER, at=3)  # the latest counts: both mean the whole village
    assert village.count().moved.counted == (12, 35)
    village.ticks(1, at=4)
    village.ticks(2, MoveState.AWAY, at=4)
    village.ticks(3, MoveState.REFUSED, at=4)
    assert village.count().moved == (Figures(1, PERSONS[0]), None)
    village.says(12, 35, at=5)
    found = village.count()
    assert found.moved == (Figures(1, PERSONS[0]), Figures(12, 35))
    assert found.left == (10, 35 - PERSONS[0] - PERSONS[1])
    village.holds()
    whole = village.database.read(
        lambda c: standing.evacuation_of(c, known_alert(c, village.alert_id))
    )
    assert whole.differing == 1
    facts = village.database.read(lambda c: report_store.of_alert(c, village.alert_id))
    assert (12, 35) in {(fact.households, fact.persons) for fact in facts}  # nothing is lost


def test_what_is_nearer_to_the_households_counts_and_nothing_is_added(village: Village) -> None:
    def in_county() -> tuple[int, int]:
        found = village.database.read(
            lambda c: progress(c, known_alert(c, village.alert_id), COUNTY)
        )
        return found.households, found.persons

    village.answers(HEAD)
    village.answers(TOWNSHIP_HEAD)
    village.says(20, 60, by=TOWNSHIP_HEAD)  # of the township as a whole
    assert in_county() == (20, 60)
    village.says(12, 35, at=3)
    assert in_county() == (12, 35), "the village counts for itself"
    village.says(30, 90, by=TOWNSHIP_HEAD, at=4)
    assert in_county() == (12, 35)
    village.ticks(1, at=5)
    call = village.call(HEAD)
    village.database.do(  # an officer who was rung up says it for them: beside the ticks
        lambda c: report_for(
            c, call.id, TOWNSHIP_DUTY["telegram_id"], Report.MOVED, after(6), households=11,
            persons=30, sure=True,
        )
    )  # fmt: skip
    assert in_county() == (1, PERSONS[0])
    assert village.count().moved.said == (11, 30)
    village.holds()


def test_an_answer_that_is_doubted_takes_its_persons_ticks_along(village: Village) -> None:
    village.answers(HEAD)
    village.ticks(1)
    village.ticks(2, MoveState.AWAY)
    village.ticks(3, by=OTHER, at=3)
    call = village.call(HEAD)
    done = village.database.do(
        lambda c: doubt(c, call.id, COUNTY_DUTY["telegram_id"], "没有到岗", RULES, after(5))
    )
    assert done.outcome is Withdrawn.RECORDED and village.call(HEAD).open
    assert village.count().moved.counted == (1, PERSONS[2])
    assert village.call(HEAD).households is None and village.call(OTHER).households == 1
    village.holds()
    kept = select(func.count()).select_from(household_moves)
    assert village.database.read(lambda c: c.execute(kept).scalar_one()) == 5  # the history, too


def test_a_tick_that_arrives_after_another_does_not_undo_it(village: Village) -> None:
    village.answers(HEAD)
    village.ticks(1, MoveState.REFUSED, at=5)
    late = village.ticks(1, by=OTHER, at=10, done_at=3)
    assert late.outcome is TickOutcome.OVERTAKEN and late.before is not None
    assert late.before.state is MoveState.REFUSED and late.before.by_id == HEAD["id"]
    assert village.count().moved.counted == Figures()
    assert village.ticks(1, by=OTHER, at=11).outcome is TickOutcome.RECORDED
    village.holds()


def test_all_that_is_left_is_ticked_at_once(village: Village) -> None:
    village.answers(HEAD)
    village.ticks(5, MoveState.REFUSED)

    def rest(c: Connection, minute: float = 3) -> ticking.Ticked:
        account = HEAD["telegram_id"]
        return ticking.tick_rest(
            c, village.alert_id, village.card_id, account, RULES, after(minute)
        )

    assert village.database.do(rest).outcome is TickOutcome.RECORDED
    assert village.count().moved.counted == (11, 34)
    assert village.count().left == (1, 1)  # who will not go is still to be moved
    assert village.database.do(rest).outcome is TickOutcome.ALREADY
    village.holds()


def test_more_than_the_card_asks_for_is_asked_about(village: Village) -> None:
    village.answers(HEAD)
    call_id, account = village.call(HEAD).id, HEAD["telegram_id"]

    def told(c: Connection, **more: Any) -> CallOutcome:
        figures = {"households": 13, "persons": 40} | more
        return tell(c, call_id, account, Report.MOVED, after(2), **figures).outcome

    assert village.database.do(told) is CallOutcome.DOUBTED
    assert village.database.do(lambda c: told(c, households=12)) is CallOutcome.RECORDED
    assert village.database.do(lambda c: told(c, sure=True)) is CallOutcome.RECORDED
    assert village.count().excess and not village.count().left.any
    duty = TOWNSHIP_DUTY["telegram_id"]
    by_phone = village.database.do(
        lambda c: report_for(c, call_id, duty, Report.MOVED, after(3), households=14)
    )
    assert by_phone.outcome is CallOutcome.DOUBTED


def test_who_may_tick(village: Village) -> None:
    def may(row: dict[str, Any], verdict: Access | None) -> None:
        if verdict is None:
            assert village.ticks(1, by=row).card.id == village.card_id
            return
        with pytest.raises(NotAllowed) as refused:
            village.ticks(1, by=row)
        assert refused.value.code is verdict

    hold_for_every(
        [
            (HEAD, None),
            (TOWNSHIP_DUTY, None),
            (COUNTY_DUTY, None),
            (VILLAGERS[2], Access.NOT_OF_VILLAGE),
            (RANGER, Access.NOT_OF_VILLAGE),
            (STRANGER_COMMANDER, Access.NOT_OF_VILLAGE),
        ],
        lambda case: may(*case),
    )
    assert not village.call(HEAD).open  # the head ticked first


def test_an_officers_ticks_answer_for_nobody(village: Village) -> None:
    done = village.ticks(1, by=TOWNSHIP_DUTY)
    assert done.outcome is TickOutcome.RECORDED and village.call(HEAD).open
    assert village.count().moved.counted == (1, PERSONS[0])
    village.answers(HEAD)
    village.ticks(2, by=TOWNSHIP_DUTY, at=4)
    assert village.call(HEAD).households == 2
    village.holds()


def test_late_ticks_count_and_those_of_a_warning_issued_in_error_do_not(village: Village) -> None:
    village.answers(HEAD)
    by = village.database.read(lambda c: person(c, COUNTY_COMMANDER))
    village.database.do(lambda c: lift(c, village.alert_id, by, after(10)))
    assert village.ticks(1, at=12, done_at=9).outcome is TickOutcome.RECORDED
    assert village.ticks(2, at=12).outcome is TickOutcome.LATE
    village.holds()
    cancelled = Village(village.database)
    cancelled.answers(HEAD)
    village.database.do(lambda c: cancel(c, cancelled.alert_id, by, after(10)))
    assert cancelled.ticks(1, at=12).outcome is TickOutcome.CANCELLED
    assert cancelled.ticks(1, at=12, done_at=5).outcome is TickOutcome.RECORDED
    assert cancelled.count().moved.counted == (1, PERSONS[0])


def test_the_frail_leave_the_list_when_they_are_moved(village: Village) -> None:
    def left(division: str = "") -> list[tuple[int, bool]]:
        def look(c: Connection) -> list[tuple[int, bool]]:
            alert = known_alert(c, village.alert_id)
            found = frail_store.not_moved(c, alert, division, limit=9)
            assert len(found) == frail_store.count_not_moved(c, alert, division)
            return [(each.household.number, each.refused) for each in found]

        return village.database.read(look)

    assert left() == left(TOWNSHIP) == left(VILLAGES[0]) == [(5, False), (9, False)]
    assert left(VILLAGES[1]) == []
    village.answers(HEAD)
    village.says(12, 35)  # all, says the village: nobody is named
    assert left() == []
    village.ticks(5, MoveState.REFUSED)
    assert left() == [(5, True), (9, False)]
    village.ticks(9, MoveState.AWAY, at=3)
    village.ticks(5, at=3)
    assert left() == []


def test_a_shelter_that_is_overfull_is_told_once(village: Village) -> None:
    village.answers(HEAD)

    def uses(c: Connection) -> tuple[int, int, int, int]:
        [use] = shelter_uses(c, known_alert(c, village.alert_id))
        return use.assigned, use.arrived, use.over, use.short

    def told() -> int:
        query = select(func.count()).where(deliveries.c.kind == MessageKind.SHELTER_FULL.value)
        return int(village.database.read(lambda c: c.execute(query).scalar_one()))

    assert village.database.read(uses) == (35, 0, 0, 5)
    village.says(10, 29)
    assert village.database.read(uses) == (35, 29, 0, 5) and not told()
    village.says(11, 31, at=3)
    assert village.database.read(uses) == (35, 31, 1, 5)
    assert told() == 2  # the township's and the county's duty officer
    village.says(12, 35, at=4)
    assert told() == 2
    village.ticks(1, at=5)
    assert village.database.read(uses) == (35, PERSONS[0], 0, 5)


def test_home_are_called_those_who_were_moved_and_only_once(village: Village) -> None:
    by = village.database.read(lambda c: person(c, COUNTY_COMMANDER))

    def refused(act: Any) -> Any:
        with pytest.raises(JiaoyingError) as error:
            village.database.do(act)
        return error.value.code.value

    assert refused(lambda c: homecoming(c, village.alert_id, by, RULES)) == "nobody_moved"
    village.answers(HEAD)
    village.ticks(1)
    found = village.database.read(lambda c: homecoming(c, village.alert_id, by, RULES))
    assert found.draft.areas == (VILLAGES[0],) and found.still_in_force
    assert found.moved.moved == (1, PERSONS[0]) and found.persons == 2
    head = village.database.read(lambda c: person(c, HEAD))
    assert refused(lambda c: call_home(c, village.alert_id, head, RULES, after(9))) == (
        "not_commanding"
    )
    done = village.database.do(lambda c: call_home(c, village.alert_id, by, RULES, after(9)))
    home = village.database.read(lambda c: known_alert(c, done.alert_id))
    assert home.hazard is Hazard.FLOOD_RETURN and home.state is State.RELEASED
    assert refused(lambda c: call_home(c, village.alert_id, by, RULES, after(9))) == "nobody_moved"
    assert refused(lambda c: call_home(c, done.alert_id, by, RULES, after(9))) == (
        "return_of_no_warning"
    )
    village.database.do(lambda c: cancel(c, done.alert_id, by, after(10)))  # it was too early
    again = village.database.do(lambda c: call_home(c, village.alert_id, by, RULES, after(20)))
    assert again.alert_id != done.alert_id
    assert village.database.read(lambda c: c.execute(select(func.count(alerts.c.id))).scalar()) >= 3


def test_a_village_that_the_warning_is_not_for_is_not_counted_in_it(village: Village) -> None:
    elsewhere = Draft(Level.RED, Hazard.FLASH_FLOOD, (VILLAGES[2],), "立即转移", headline="山洪")

    def go(c: Connection) -> int:
        return release(c, elsewhere, person(c, COUNTY_COMMANDER), RULES, NOW).alert_id

    other = village.database.do(go)
    account = TOWNSHIP_DUTY["telegram_id"]
    with pytest.raises(Conflict):
        village.database.do(
            lambda c: ticking.tick(
                c, other, village.ids[0], account, MoveState.MOVED, RULES, after(2)
            )
        )
