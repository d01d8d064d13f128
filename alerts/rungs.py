"""Climbing the rungs of one alert's ladder: who is told what, for the calls whose step is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from alerts import call_store
from alerts.call_store import NewCall
from alerts.calls import Call, CallState, LadderState, Reach
from alerts.escalation import Step, next_step
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.report import scope_of
from alerts.rules import LANES, Rules
from contacts import people_store
from contacts.divisions.codes import Tier, tier_of
from contacts.duty_store import commanders_above_many, officers_above_many
from contacts.group_store import groups_containing
from contacts.groups import Purpose
from contacts.people import Person
from contacts.targeting_store import stand_ins
from data.audit import Entry
from data.database import Connection

_ORDERS = {
    Tier.VILLAGE: LaneOrder.VILLAGE,
    Tier.TOWNSHIP: LaneOrder.TOWNSHIP,
    Tier.COUNTY: LaneOrder.COUNTY,
    Tier.CITY: LaneOrder.CITY,
    Tier.PROVINCE: LaneOrder.PROVINCE,
}


GATHER_SECONDS = 20
"""How long a group's post waits for more who are silent (ours): a province's calls are delivered
over minutes, and a group must not get a post for each of them."""


class Climb:
    """The steps of one alert at one moment."""

    def __init__(self, connection: Connection, alert: Alert, rules: Rules, now: datetime) -> None:
        self.connection = connection
        self.alert = alert
        self.rules = rules
        self.now = now
        self.people: dict[int, Person] = {}
        self.rows: list[dict[str, Any]] = []

    def take(self, steps: Mapping[Step, list[Call]]) -> list[Entry]:
        """The steps, and who takes each; returns what is to be in the trail beside them."""
        steps = defaultdict(list, steps)
        ids = {call.person_id for some in steps.values() for call in some}
        self.people = people_store.people(self.connection, ids)
        self.remind([*steps[Step.REMIND], *steps[Step.REPEAT]])
        entries = self.stand_in(steps[Step.STAND_IN])
        again = steps[Step.REPEAT]
        self.lists([*steps[Step.DUTY_OFFICER], *again], officers_above_many, Step.DUTY_OFFICER)
        upper = [call for call in again if call.steps & Step.COMMANDER]
        self.lists([*steps[Step.COMMANDER], *upper], commanders_above_many, Step.COMMANDER)
        outbox_store.add_many(self.connection, self.rows)
        return entries

    def remind(self, calls: Iterable[Call]) -> None:
        """The same call again, as a new message: an old one does not ring."""
        for call in calls:
            person = self.people[call.person_id]
            if person.telegram_id is not None and call.reach is not Reach.UNREACHABLE:
                self._queue(
                    MessageKind.REMIND,
                    LANES[self.alert.level],
                    person,
                    call.id,
                    {"minutes": int((self.now - call.called_at).total_seconds() // 60)},
                    f"remind:{call.id}",
                )

    def stand_in(self, calls: list[Call]) -> list[Entry]:
        """Call the next in rank, and name the silent in their group: the other channel."""
        self._chase_in_groups(calls)
        wanted = {
            (call.division_code, call.role, self.people[call.person_id].rank): call
            for call in calls
        }
        entries = []
        found = stand_ins(self.connection, wanted) if wanted else {}
        for (code, role, rank), deputies in found.items():
            silent = wanted[(code, role.value, rank)]
            for person in deputies:
                if (entry := self._call_stand_in(silent, person)) is not None:
                    entries.append(entry)
        return entries

    def lists(self, calls: list[Call], above: Any, step: Step) -> None:
        """The silent list to those above; one message an officer, whatever the number of silent."""
        if not calls:
            return
        codes = {call.division_code for call in calls}
        officers: dict[str, list[Person]] = above(
            self.connection, codes, *([self.now] if above is officers_above_many else [])
        )
        told: dict[int, Person] = {}
        for code in codes:
            reachable = [officer for officer in officers.get(code, ()) if officer.reachable]
            # Nobody above can be reached: whoever released the warning must know.
            told.update((officer.id, officer) for officer in reachable or self._in_charge())
        for officer in told.values():
            self._queue(
                MessageKind.SILENT_LIST,
                LANES[self.alert.level],
                officer,
                None,
                {"division": scope_of(officer.division_code, self.alert.areas), "step": int(step)},
                f"list:{self.alert.id}:{officer.id}",
            )

    def _in_charge(self) -> list[Person]:
        sender = people_store.person(self.connection, self.alert.sender_id)
        return [sender] if sender is not None and sender.telegram_id is not None else []

    def _call_stand_in(self, silent: Call, person: Person) -> Entry | None:
        reach = Reach.QUEUED if person.reachable else Reach.UNREACHABLE
        ladder_state = LadderState(CallState.WAITING, reach, self.now)
        due = next_step(self.rules.policies[self.alert.level], ladder_state)
        call_id = call_store.add_call(
            self.connection,
            NewCall(
                self.alert.id,
                person.id,
                person.division_code,
                person.role.value,
                reach,
                called_at=self.now,
                due_at=None if due is None else due.at,
                stand_in_for=silent.id,
            ),
        )
        if call_id is None:
            return None
        if person.reachable:
            name = self.people[silent.person_id].name
            self._queue(
                MessageKind.CALL,
                LANES[self.alert.level],
                person,
                call_id,
                {"for": name},
                None,
            )
        return Entry(
            "call.stand_in",
            f"call:{call_id}",
            None,
            {"for": silent.id, "person": person.id, "reachable": person.reachable},
        )

    def _chase_in_groups(self, calls: Iterable[Call]) -> None:
        """One post a group. It waits a little for those whose call was delivered a little later,
        and names everybody silent at the moment it leaves."""
        purpose = Purpose(self.alert.hazard.family.value)
        codes = {call.division_code for call in calls}
        groups = {
            group.chat_id: group
            for code in codes
            for group in groups_containing(self.connection, code, purpose)
        }
        waiting = outbox_store.queued_keys(self.connection, f"chase:{self.alert.id}:")
        for chat_id, group in groups.items():
            key = f"chase:{self.alert.id}:{chat_id}"
            if key not in waiting:
                params = {"division": group.division_code}
                row = self._row(MessageKind.CHASE, LANES[self.alert.level], chat_id, params, key)
                later = self.now + timedelta(seconds=GATHER_SECONDS)
                self.rows.append(row | {"place": int(LaneOrder.GROUP), "not_before": later})

    def _queue(
        self,
        kind: MessageKind,
        lane: Lane,
        person: Person,
        call_id: int | None,
        params: dict[str, Any],
        coalesce_key: str | None,
    ) -> None:
        assert person.telegram_id is not None
        row = self._row(kind, lane, person.telegram_id, params, coalesce_key)
        row["place"] = int(_ORDERS[tier_of(person.division_code)])
        row["language"] = person.language
        row["role"] = person.role.value
        row["call_id"] = call_id
        row["person_id"] = person.id
        self.rows.append(row)

    def _row(
        self,
        kind: MessageKind,
        lane: Lane,
        chat_id: int,
        params: dict[str, Any],
        coalesce_key: str | None,
    ) -> dict[str, Any]:
        return {
            "kind": kind.value,
            "lane": int(lane),
            "place": int(LaneOrder.VILLAGE),
            "chat_id": chat_id,
            "language": "zh",
            "role": None,
            "alert_id": self.alert.id,
            "call_id": None,
            "person_id": None,
            "params": params,
            "coalesce_key": coalesce_key,
            "not_before": self.now,
            "created_at": self.now,
        }
