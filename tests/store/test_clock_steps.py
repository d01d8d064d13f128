"""What was written down before tells a start when it is at least."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from alerts.oversight.clock_steps import BEHIND, not_before, note_step
from contacts import bot_store
from data import audit
from data.database import Database
from tests.roster import BOT_ID, NOW

pytestmark = pytest.mark.one_database

LATER = NOW + timedelta(days=9)


@dataclass(frozen=True)
class Step:
    by: timedelta
    followed: bool


@pytest.fixture
def used(database: Database) -> Database:
    """The trail began at ``NOW``; the bot was heard nine days later."""
    database.do(lambda c: audit.append(c, NOW, [audit.Entry("alert.released", "alert:1")]))
    database.do(lambda c: bot_store.note_heard(c, BOT_ID, LATER))
    return database


def known(database: Database, wall: datetime) -> datetime | None:
    return database.read(lambda c: not_before(c, wall))


@pytest.mark.both_databases
def test_a_clock_that_says_less_than_is_written_down_is_not_believed(used: Database) -> None:
    assert known(used, LATER + timedelta(hours=50)) is None
    assert known(used, LATER - BEHIND) is None  # that much, machines differ
    for wall in (datetime(1970, 1, 1, tzinfo=UTC), LATER - timedelta(hours=1)):
        assert known(used, wall) == LATER


def test_after_a_step_back_was_told_a_restart_believes_the_clock(used: Database) -> None:
    """The clock had run ahead: somebody put it right and started us again, as they were told."""
    used.do(lambda c: note_step(c, Step(timedelta(hours=-3), followed=False), LATER))
    assert known(used, LATER - timedelta(hours=3)) is None
    assert known(used, NOW - timedelta(days=1)) == LATER  # before anything was: it is no clock
    used.do(lambda c: note_step(c, Step(timedelta(hours=3), followed=True), LATER))
    assert known(used, LATER - timedelta(hours=3)) == LATER


def test_nothing_is_known_of_an_empty_installation(upgraded_url: str) -> None:
    with closing(Database(upgraded_url)) as database:
        assert database.read(audit.last)[1] is None
        assert database.read(bot_store.newest_heard_until) is None
        assert known(database, datetime(1970, 1, 1, tzinfo=UTC)) is None
