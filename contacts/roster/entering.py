"""The new persons of a long file, entered some at a time before the rest of it is written.

They are not active until then: nobody sees them, and a busy bot's taps get their turn between. What
an import that was killed has left is found by the next as persons to be made active.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from contacts.people import Person
from contacts.roster import store as roster_store
from contacts.roster.changes import Changes
from data.audit import Hiding
from data.database import Connection, Database

AT_ONCE = 2000
"""New persons entered in one transaction (ours): some hundredths of a second."""

REST_SECONDS = 0.01
"""Between two of them: another process that waits to write has its turn."""


class Entering:
    """The new persons of one file who are entered before the rest."""

    def __init__(
        self,
        database: Database,
        now: datetime,
        told: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        """Make one; ``told`` hears how many are entered, and of how many."""
        self._told = told
        self._database = database
        self._now = now
        self._entered: dict[int, Person] = {}

    def enter(self, changes: Changes[Person], taken: Collection[str] = ()) -> int:
        """Enter all but a last part of the new persons; returns how many.

        Not those whose account somebody else lets go of by the same file.

        :param taken: numbers that somebody else lets go of by it.
        """
        leaving = {
            change.before.telegram_id
            for change in changes.changed
            if change.after.telegram_id != change.before.telegram_id
        }
        free = [
            person
            for person in changes.new
            if (person.telegram_id is None or person.telegram_id not in leaving)
            and person.phone not in taken
        ]
        parts = deque(_parts(free))
        if not parts:
            return 0
        hiding = self._database.read(Hiding.of)
        newcomers = roster_store.newcomers_of(parts[0], hiding, self._now)
        while parts:
            some = parts.popleft()
            entered = self._database.write(
                partial(roster_store.enter, newcomers=newcomers, now=self._now)
            )
            # While the writer works, the next ones are made ready.
            if parts:
                newcomers = roster_store.newcomers_of(parts[0], hiding, self._now)
            self._entered.update(zip(entered.result(), some, strict=True))
            self._told(len(self._entered), len(free))
            time.sleep(REST_SECONDS)
        return len(self._entered)

    def activate(self, connection: Connection, changes: Changes[Person]) -> Changes[Person]:
        """Make them active with the rest of the file; returns what is left to be written of it."""
        if not self._entered:
            return changes
        roster_store.activate(connection, self._entered)
        entered = set(self._entered.values())
        return replace(
            changes,
            new=tuple(person for person in changes.new if person not in entered),
            # Compared again in between, they are persons to be made active.
            changed=tuple(
                change for change in changes.changed if change.before.id not in self._entered
            ),
            entered=len(self._entered),
        )

    def told(self, written: Changes[Person]) -> Changes[Person]:
        """What the import did, with those entered before among the new."""
        return replace(written, new=(*self._entered.values(), *written.new), entered=0)


def _parts(people: list[Person]) -> Iterator[list[Person]]:
    for start in range(0, len(people) - AT_ONCE, AT_ONCE):
        yield people[start : start + AT_ONCE]
