"""A warning changes while it runs: who is asked again, called, told, stood down; row by row."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from alerts import alert_message_store, alert_store, call_store
from alerts.acknowledge import Pressed, by_buttons
from alerts.calls import CallOutcome, CallState
from alerts.lifecycle import Change, ChangeKind, MessageType, terms_of
from alerts.model import Alert, Draft, Hazard, Level
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.rules import Rules
from alerts.updates.changing import changed, update
from alerts.updates.model import Updated
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW, VILLAGERS

RULES = Rules()
DRAFT = Draft(Level.ORANGE, Hazard.RAINSTORM, (COUNTY,), "做好转移准备")
HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def commander(c: Connection, row: Any = COUNTY_COMMANDER) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


class Warning_:
    """A warning that is being changed."""

    def __init__(self, database: Database, draft: Draft = DRAFT) -> None:
        self.database = database
        self.id = database.do(lambda c: release(c, draft, commander(c), RULES, NOW).alert_id)

    @property
    def alert(self) -> Alert:
        found = self.database.read(lambda c: alert_store.alert(c, self.id))
        assert found is not None
        return found

    def change(self, change: Change, minutes: float = 10) -> Updated:
        def unit(c: Connection) -> Updated:
            by, now = commander(c), after(minutes)
            would = changed(c, self.id, change, by, RULES, now)
            return update(c, self.id, change, by, RULES, now, counted=would)

        return self.database.do(unit)

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
