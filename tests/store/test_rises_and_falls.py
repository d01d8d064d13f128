"""Rises and falls of a level before their parts have run, and what people answer meanwhile.

In whatever order: nobody is asked twice for what they answered, and in the end nobody's answer is
to less than what is in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import alert_message_store
from alerts.calls import CallOutcome, CallState
from alerts.lifecycle import RANK, Change
from alerts.model import Level
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.messages import MessageKind
from alerts.sending import claim, record
from alerts.updates import carrying_out
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.databases import FILLED
from tests.memory import in_memory
from tests.roster import TOWNSHIP_HEAD, VILLAGERS
from tests.store.test_updates import BOT_ID, EVERYTHING, RULES, Warning_, after

PEOPLE = {row["id"]: row for row in (TOWNSHIP_HEAD, *VILLAGERS)}

ACTS = st.one_of(
    st.sampled_from(["red", "orange", "part", "sent"]),
    st.sampled_from([f"tap {number}" for number in range(len(PEOPLE))]),
)


class Course:
    """A warning, and what everybody has read and answered."""

    def __init__(self, database: Database) -> None:
        self.warning, self.minutes = Warning_(database), 1.0
        self.read: dict[int, int] = {}  # the version of the last button of each
        self.answered: dict[int, int] = {}  # that of the button they answered by
        self.left_alone: dict[int, int] = {}  # by a rise when it was taken back: and their calls
        self.calls_then: dict[int, int] = {}  # how many calls were queued to them by then

    def rests(self, person_id: int) -> bool:
        """Whether they have answered, and nothing is asked of them."""
        return self.warning.call(PEOPLE[person_id]).state is CallState.ACKNOWLEDGED

    def acts(self, act: str) -> None:
        self.minutes += 1
        name, _, number = act.partition(" ")
        what: dict[str, Callable[[], object]] = {
            "red": lambda: self._changes(Level.RED),
            "orange": lambda: self._changes(Level.ORANGE),
            "part": lambda: self.carries_on(1),
            "sent": self.sends,
            "tap": lambda: self._taps([*PEOPLE.values()][int(number)]),
        }
        what[name]()

    def _changes(self, level: Level) -> None:
        if self.warning.alert.level is level:
            return
        self.warning.change(Change(level=level), self.minutes)
        calls = self.calls()
        fell = level is Level.ORANGE
        self.left_alone = {
            number: calls[number] for number in PEOPLE if fell and self.rests(number)
        }

    def carries_on(self, parts: int) -> None:
        now = after(self.minutes)
        for _ in range(parts):
            if not self.warning.database.do(
                lambda c: carrying_out.carry_on(c, RULES, now, limit=1)
            ):
                break

    def sends(self) -> None:
        now, version = after(self.minutes), self.warning.alert.version

        def unit(c: Connection) -> list[int]:
            taken = claim(c, "test", now, EVERYTHING, BOT_ID)
            made = [Attempt(one, Result.SENT, 9000 + one.id, version=version) for one in taken]
            record(c, made, RULES, now)
            return [one.person_id or 0 for one in taken if one.kind is MessageKind.CALL]

        called = self.warning.database.do(unit)
        assert len(called) == len(set(called)), "nobody reads the same words twice at once"
        for person_id in called:
            self.read[person_id] = version

    def _taps(self, row: dict[str, Any]) -> None:
        asked = self.read.get(row["id"])
        if asked is None:
            return
        outcome = self.warning.tap(row, self.minutes, asked=asked)
        if outcome is CallOutcome.RAISED:  # what they are answered with has a button of now
            asked = self.read[row["id"]] = self.warning.alert.version
            self.minutes += 0.5
            outcome = self.warning.tap(row, self.minutes, asked=asked)
        if outcome is CallOutcome.RECORDED:
            self.answered[row["id"]] = asked
            self.calls_then[row["id"]] = self.calls()[row["id"]]

    def calls(self) -> dict[int, int]:
        """How often each was called, or will be."""
        query = select(deliveries.c.person_id).where(
            deliveries.c.alert_id == self.warning.id,
            deliveries.c.kind == MessageKind.CALL.value,
            deliveries.c.state != "dropped",
        )
        found: dict[int, int] = defaultdict(int)
        for person_id in self.warning.database.read(lambda c: list(c.execute(query).scalars())):
            found[person_id] += 1
        return found


@pytest.mark.one_database
@settings(max_examples=20, deadline=None)
@given(st.lists(ACTS, min_size=3, max_size=14))
def test_nobody_is_asked_twice_and_nobody_is_left_unasked(acts: list[str]) -> None:
    with (
        TemporaryDirectory(dir=in_memory()) as folder,
        closing(Database(FILLED.sqlite(Path(folder)))) as database,
        patch.object(carrying_out, "AT_ONCE", 1),
    ):
        course = Course(database)
        for act in acts:
            course.acts(act)
        course.minutes += 1
        course.carries_on(99)
        said = database.read(lambda c: alert_message_store.of_alert(c, course.warning.id))
        levels = {message.number: RANK[message.terms.level] for message in said}
        now, calls = RANK[course.warning.alert.level], course.calls()
        for person_id, row in PEOPLE.items():
            call = course.warning.call(row)
            asked = course.answered.get(person_id, 0)
            if call.state is CallState.ACKNOWLEDGED:
                assert levels[asked] >= now, "their answer is to what is in force, or to more"
            else:
                assert call.state is CallState.WAITING and calls[person_id]
            rose = any(
                levels[number] > levels[number - 1] for number in levels if number > max(asked, 1)
            )
            if asked and not rose:
                assert call.state is CallState.ACKNOWLEDGED, "answered, and asked for no more since"
                # What waited then is dropped perhaps; nothing is added.
                assert calls[person_id] <= course.calls_then[person_id]
            if person_id in course.left_alone:
                assert course.rests(person_id), "a rise that is over asks nobody any more"
                assert calls[person_id] <= course.left_alone[person_id]
