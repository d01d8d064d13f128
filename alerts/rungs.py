"""Climbing the rungs of one alert's ladder: who is told what, for the calls whose step is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts import call_post_store, call_store, one_card_store
from alerts.call_store import NewCall
from alerts.calls import Call, CallState, LadderState, Reach
from alerts.escalation import Step, next_step
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import LaneOrder
from alerts.outbox.messages import Chase, Reminder, SilentList, StandInToo, WarningCall
from alerts.report import scope_of
from alerts.rules import LANES, Rules
from alerts.standing_down import call_up_again
from contacts import people_store
from contacts.divisions.codes import Tier, tier_of
from contacts.duty_store import commanders_above_many, officers_above_many
from contacts.group_store import groups_containing
from contacts.groups import Purpose
from contacts.people import Office, Person, Role
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
        self.lane = LANES[alert.level]
        self.deliveries: list[NewDelivery] = []

    def take(self, steps: Mapping[Step, list[Call]]) -> list[Entry]:
        """The steps, and who takes each; returns what is to be in the trail beside them."""
        steps = defaultdict(list, steps)
        ids = {call.person_id for some in steps.values() for call in some}
        self.people = people_store.people(self.connection, ids)
        entries = self.stand_in(steps[Step.STAND_IN])
        again = steps[Step.REPEAT]
        self.lists([*steps[Step.DUTY_OFFICER], *again], self._duty_officers, Step.DUTY_OFFICER)
        upper = [call for call in again if call.steps & Step.COMMANDER]
        self.lists([*steps[Step.COMMANDER], *upper], self._commanders, Step.COMMANDER)
        outbox_store.add_many(self.connection, self.deliveries, self.now)
        return entries

    def remind(self, call_ids: Sequence[int], ladder_state: LadderState) -> None:
        """The same call again, as a new message: an old one does not ring.

        Where a newer card of the same danger bears its button, that one's reminder rings for both.

        :param ladder_state: how all of these calls stand.
        """
        if ladder_state.reach is Reach.UNREACHABLE:
            return
        if one_card_store.same_hazard(self.connection, [self.alert.id]):
            asked = call_store.calls(self.connection, call_ids)
            newer = one_card_store.newer_open(self.connection, asked)
            call_ids = [call.id for call in asked if call.id not in newer]
        minutes = int((self.now - ladder_state.called_at).total_seconds() // 60)
        outbox_store.add_reminders(
            self.connection, call_ids, Reminder(minutes), self.lane, self.now
        )

    def stand_in(self, calls: list[Call]) -> list[Entry]:
        """Call the next in rank, and name the silent in their group: the other channel."""
        self._chase_in_groups(calls)
        wanted = {key: call for call, keys in self._offices(calls).items() for key in keys}
        entries = []
        found = stand_ins(self.connection, wanted) if wanted else {}
        for key, deputies in found.items():
            silent = wanted[key]
            for person in deputies:
                if (entry := self._call_stand_in(silent, person)) is not None:
                    entries.append(entry)
        return entries

    def _offices(self, calls: list[Call]) -> dict[Call, list[tuple[Office, int]]]:
        """All offices for which these were called, each with the rank held there."""
        further = call_post_store.offices_of(self.connection, calls)
        found = {}
        for call in calls:
            office = _office(call)
            person = self.people[call.person_id]
            # Whoever has left the post meanwhile held it in the rank of the post they have.
            held = (post.rank for post in person.posts if post.office == office)
            found[call] = [(office, next(held, person.rank)), *further.get(call.id, ())]
        return found

    def lists(
        self,
        calls: list[Call],
        above: Callable[[set[str]], dict[str, list[Person]]],
        step: Step,
    ) -> None:
        """The silent list to those above; one message an officer, whatever the number of silent."""
        if not calls:
            return
        codes = divisions_of(self.connection, calls)
        officers = above(codes)
        told: dict[int, Person] = {}
        for code in codes:
            reachable = [officer for officer in officers.get(code, ()) if officer.reachable]
            # Nobody above can be reached: whoever released the warning must know.
            told.update((officer.id, officer) for officer in reachable or self._in_charge())
        for officer in told.values():
            scope = scope_of(officer.division_code, self.alert.areas)
            key = f"list:{self.alert.id}:{officer.id}"
            self.deliveries.append(self._to(officer, SilentList(step, scope), None, key))

    def _duty_officers(self, codes: set[str]) -> dict[str, list[Person]]:
        return officers_above_many(self.connection, codes, self.now)

    def _commanders(self, codes: set[str]) -> dict[str, list[Person]]:
        return commanders_above_many(self.connection, codes)

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
                place_code=person.place_code,
            ),
        )
        if call_id is None:
            return self._tell_too(silent, person)
        if person.reachable:
            name = self.people[silent.person_id].name
            self.deliveries.append(self._to(person, WarningCall(name), call_id, None))
        return Entry(
            "call.stand_in",
            f"call:{call_id}",
            None,
            {"for": silent.id, "person": person.id, "reachable": person.reachable},
        )

    def _tell_too(self, silent: Call, person: Person) -> Entry | None:
        """The next in rank has a call already: no second one, but they read whose post is silent.

        Two silent persons of one post have one stand-in, who knows it from the call itself.
        """
        own = call_store.call_of(self.connection, self.alert.id, person.id)
        assert own is not None
        if own.stand_in_for is not None and _office(own) == person.post.office:
            if own.stood_down or own.left_out:
                # Stood down when the other answered, or when the warning was narrowed; that one is
                # asked again, and silent.
                call_up_again(self.connection, silent, self.alert, self.rules, self.now)
            return None
        if person.reachable:
            key = f"too:{silent.id}:{person.id}"
            self.deliveries.append(self._to(person, StandInToo(silent.id), own.id, key))
        detail = {"for": silent.id, "person": person.id, "reachable": person.reachable}
        return Entry("call.stand_in_too", f"call:{own.id}", None, detail)

    def _chase_in_groups(self, calls: Iterable[Call]) -> None:
        """One post a group. It waits a little for those whose call was delivered a little later,
        and names everybody silent at the moment it leaves."""
        purpose = Purpose(self.alert.hazard.family.value)
        codes = divisions_of(self.connection, calls)
        groups = {
            group.chat_id: group
            for code in codes
            for group in groups_containing(self.connection, code, purpose)
        }
        waiting = outbox_store.queued_keys(self.connection, f"chase:{self.alert.id}:")
        for chat_id, group in groups.items():
            key = f"chase:{self.alert.id}:{chat_id}"
            if key not in waiting:
                self.deliveries.append(
                    NewDelivery(
                        Chase(group.division_code),
                        self.lane,
                        chat_id,
                        LaneOrder.GROUP,
                        alert_id=self.alert.id,
                        coalesce_key=key,
                        not_before=self.now + timedelta(seconds=GATHER_SECONDS),
                    )
                )

    def _to(
        self,
        person: Person,
        message: WarningCall | StandInToo | SilentList,
        call_id: int | None,
        coalesce_key: str | None,
    ) -> NewDelivery:
        return to_person(
            person,
            message,
            self.lane,
            order=_ORDERS[tier_of(person.division_code)],
            role=person.role.value,
            alert_id=self.alert.id,
            call_id=call_id,
            coalesce_key=coalesce_key,
        )


def _office(call: Call) -> Office:
    """The first post that a call is for."""
    return call.division_code, Role(call.role), call.place_code


def divisions_of(connection: Connection, calls: Iterable[Call]) -> set[str]:
    """Where the posts are for which these were called."""
    calls = list(calls)
    further = call_post_store.offices_of(connection, calls)
    elsewhere = {code for offices in further.values() for (code, _, _), _ in offices}
    return {call.division_code for call in calls} | elsewhere
