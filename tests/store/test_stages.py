"""A warning planned in stages holds until its danger is over; its second person is waited for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts import alert_message_store, alert_store
from alerts.holding import hold, send_anew
from alerts.model import Alert, Draft, Hazard, Level, State
from alerts.release import confirm
from alerts.rules import Rules
from alerts.stages import store
from alerts.stages.plan import StageState, StoredPlan
from alerts.stages.planning import EVERYTHING, draft_at, move, plan_stages, release_stage
from alerts.stages.sweep import run_due
from alerts.updates import pending_store
from alerts.updates.confirming import confirm_change
from alerts.updates.pending import lapse, withdraw_change
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from tests.roster import CITY, CITY_COMMANDER, CITY_DIRECTOR, NOW

pytestmark = pytest.mark.one_database

RULES = Rules()
DAY, HOUR = 1440, 60
CHIEF, SECOND = CITY_COMMANDER, CITY_DIRECTOR


def draft(level: Level, area: str) -> Draft:
    return Draft(level, Hazard.RAINSTORM, (area,), "沿河注意", headline="暴雨预警")


def who(connection: Connection, row: Any) -> Person:
    found = people_store.person(connection, row["id"])
    assert found is not None
    return found


class Plan_:
    """A plan, by whom, and when its danger is expected."""

    def __init__(
        self, database: Database, wanted: Draft, by: Any, days: float, *, by_itself: bool = False
    ) -> None:
        self.database, self.by, self.wanted = database, by, wanted
        self.onset = NOW + timedelta(days=days)
        self.id = database.do(
            lambda c: plan_stages(
                c, wanted, self.onset, who(c, by), RULES, NOW, by_itself=by_itself
            )
        )

    @property
    def stored(self) -> StoredPlan:
        found = self.database.read(lambda c: store.plan(c, self.id))
        assert found is not None
        return found

    @property
    def alert(self) -> Alert:
        number = self.stored.alert_id
        assert number is not None
        found = self.database.read(lambda c: alert_store.alert(c, number))
        assert found is not None
        return found

    def before(self, minutes: float) -> datetime:
        return self.onset - timedelta(minutes=minutes)

    def goes_out(self, lead: int, now: datetime) -> None:
        self.database.do(lambda c: release_stage(c, self.id, lead, who(c, self.by), RULES, now))

    def sweep(self, now: datetime) -> None:
        for _ in range(4):
            self.database.do(lambda c: run_due(c, RULES, now))

    def moves(self, days: float, now: datetime) -> None:
        self.onset = NOW + timedelta(days=days)
        self.database.do(lambda c: move(c, self.id, self.onset, who(c, self.by), RULES, now))

    def over(self, lead: int) -> datetime:
        """When it ends once this stage is out."""
        return self.onset + RULES.lasts(draft_at(self.wanted, lead, RULES))

    def state(self, lead: int) -> StageState:
        stage = self.stored.plan.stage(lead)
        assert stage is not None
        return stage.state


def test_a_week_ahead_its_first_message_says_its_end_and_everybody_may_be_called_at_once(
    database: Database,
) -> None:
    plan = Plan_(database, draft(Level.YELLOW, CITY), CHIEF, 10)
    plan.goes_out(7 * DAY, NOW)
    [message] = database.read(lambda c: alert_message_store.of_alert(c, plan.alert.id))
    assert message.terms.expires_at == plan.alert.expires_at == plan.over(7 * DAY)
    plan.goes_out(EVERYTHING, NOW + timedelta(hours=1))
    assert (plan.alert.level, plan.alert.stage) == (Level.YELLOW, None)


def test_confirmed_or_sent_anew_it_still_holds_until_its_danger_is_over(database: Database) -> None:
    plan = Plan_(database, draft(Level.RED, CITY), CHIEF, 5 / 24)
    plan.goes_out(6 * HOUR, NOW)
    assert plan.alert.state is State.PENDING
    now = NOW + timedelta(minutes=10)
    database.do(lambda c: confirm(c, plan.alert.id, who(c, SECOND), RULES, now))
    assert (plan.alert.state, plan.alert.expires_at) == (State.RELEASED, plan.over(6 * HOUR))
    database.do(lambda c: hold(c, plan.alert, now))
    database.do(lambda c: send_anew(c, plan.alert.id, who(c, CHIEF), RULES, now))
    assert plan.alert.expires_at == plan.over(6 * HOUR)


def test_a_danger_that_comes_later_is_warned_of_for_longer_and_an_earlier_one_no_less(
    database: Database,
) -> None:
    plan = Plan_(database, draft(Level.YELLOW, CITY), CHIEF, 7)
    plan.goes_out(7 * DAY, NOW)
    plan.moves(9, NOW + timedelta(hours=1))  # later than a warning is prolonged by hand
    longer = plan.over(7 * DAY)
    assert (plan.alert.expires_at, plan.alert.stage, plan.alert.version) == (longer, 7 * DAY, 2)
    [_, message] = database.read(lambda c: alert_message_store.of_alert(c, plan.alert.id))
    assert [kind.value for kind in message.kinds] == ["extend"]
    plan.moves(8, NOW + timedelta(hours=2))
    assert (plan.alert.expires_at, plan.alert.version) == (longer, 2)

    waits = Plan_(database, draft(Level.RED, CITY), CHIEF, 5 / 24)
    waits.goes_out(6 * HOUR, NOW)
    waits.moves(1, NOW)
    assert waits.alert.state is State.PENDING
    assert waits.alert.expires_at == waits.over(6 * HOUR)


@pytest.mark.parametrize("by_itself", [False, True])
def test_a_stage_that_waits_for_its_second_person_is_not_out(
    database: Database, by_itself: bool
) -> None:
    plan = Plan_(database, draft(Level.RED, CITY), CHIEF, 1.1, by_itself=by_itself)
    plan.goes_out(3 * DAY, NOW)  # blue: one person decides
    plan.sweep(NOW)

    def proposed(lead: int, now: datetime) -> int:
        plan.sweep(now)
        if not by_itself:
            plan.goes_out(lead, now)
        waits = database.read(lambda c: pending_store.waiting(c, plan.alert.id))
        assert waits is not None
        plan.sweep(now + timedelta(minutes=5))
        assert plan.state(lead) is StageState.ASKED
        return waits.id

    proposed(6 * HOUR, plan.before(6 * HOUR))
    later = plan.before(6 * HOUR) + timedelta(minutes=61)
    database.do(lambda c: lapse(c, later))
    plan.sweep(later)
    stage = plan.stored.plan.stage(6 * HOUR)
    assert stage is not None
    assert (stage.state, stage.reminded) == (StageState.ASKED, True), "it is asked about again"
    # Refused, it is not proposed by itself again; the next stage raises the level all the same.
    change = proposed(3 * HOUR, plan.before(3 * HOUR))
    database.do(lambda c: withdraw_change(c, change, who(c, SECOND), plan.before(170)))
    plan.sweep(plan.before(165))
    assert database.read(lambda c: pending_store.waiting(c, plan.alert.id)) is None
    change = proposed(HOUR, plan.before(HOUR))
    now = plan.before(50)
    database.do(lambda c: confirm_change(c, change, who(c, SECOND), RULES, now))
    plan.sweep(now + timedelta(minutes=1))
    assert plan.alert.level is Level.RED
    assert plan.state(HOUR) is StageState.RELEASED
    assert not plan.stored.running
