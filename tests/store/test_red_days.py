"""Red fire-danger days in the database: each step once, and only where the day is red."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.patrol.red_days import store as red_day_store
from alerts.patrol.red_days.model import AskAnswer, RedDayRules
from alerts.patrol.red_days.orders import answer, due, take
from alerts.season.model import DangerLevel
from alerts.season.store import save_dangers
from contacts import people_store
from data.database import Connection, Database
from data.errors import NotAllowed, NotFound
from tests.roster import COUNTY, RANGER, VILLAGERS, VILLAGES

RULES = RedDayRules()
DAY = date(2027, 4, 2)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 4, 2, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


def red(c: Connection, code: str = COUNTY, level: DangerLevel = DangerLevel.RED) -> None:
    save_dangers(c, [(code, DAY, level)], at(6))


def carry_out(c: Connection, now: datetime) -> int:
    """As the tick does: every step that is due; how many messages were queued."""
    return sum(take(c, step, now, RULES) for step in due(c, now, RULES))


@pytest.mark.one_database
def test_each_step_is_done_once(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        assert not due(c, at(6, 59), RULES)
        assert carry_out(c, at(6, 59)) == 0
        steps = ((7, 0, 5), (7, 30, 5), (8, 0, 1), (17, 0, 5), (17, 30, 5), (18, 0, 1))
        for hour, minute, messages in steps:
            now = at(hour, minute)
            assert due(c, now, RULES)
            assert carry_out(c, now) == messages
            assert not due(c, now, RULES)
            assert carry_out(c, now) == 0

    database.do(unit)


@pytest.mark.one_database
def test_a_village_below_that_is_not_red_is_left_alone(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        red(c, VILLAGES[0], DangerLevel.ORANGE)
        assert carry_out(c, at(7)) == 3

    database.do(unit)


def test_a_day_that_is_red_no_more_is_not_chased(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        carry_out(c, at(7))
        red(c, level=DangerLevel.ORANGE)
        assert not due(c, at(8), RULES)
        assert not due(c, at(17), RULES)

    database.do(unit)


@pytest.mark.one_database
def test_a_part_declared_red_by_itself_later_asks_nobody_twice(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        assert carry_out(c, at(7)) == 5
        red(c, VILLAGES[1])
        assert carry_out(c, at(7, 10)) == 0
        assert len(red_day_store.silent(c, DAY, "orders", COUNTY)) == 5

    database.do(unit)


def test_only_the_one_asked_answers_and_may_change_it(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        carry_out(c, at(17))
        asks = {ask.person_id: ask for ask in red_day_store.silent(c, DAY, "zero_report", COUNTY)}
        ranger = people_store.person(c, RANGER["id"])
        other = people_store.person(c, VILLAGERS[0]["id"])
        assert ranger is not None and other is not None
        mine = asks[ranger.id].id
        with pytest.raises(NotAllowed):
            answer(c, mine, other, AskAnswer.NO_FIRE, at(17, 1))
        with pytest.raises(NotAllowed):
            answer(c, mine, ranger, AskAnswer.RECEIVED, at(17, 1))
        with pytest.raises(NotFound):
            answer(c, 9999, ranger, AskAnswer.NO_FIRE, at(17, 1))
        ask, told = answer(c, mine, ranger, AskAnswer.NO_FIRE, at(17, 1))
        assert ask.answer == "no_fire" and told == ()
        ask, told = answer(c, mine, ranger, AskAnswer.FIRE, at(17, 2))
        assert ask.answer == "fire" and [person.name for person in told] == ["县值班"]
        assert answer(c, mine, ranger, AskAnswer.FIRE, at(17, 3))[1] == ()

    database.do(unit)


def test_an_answer_counts_from_when_it_was_given(database: Database) -> None:
    def unit(c: Connection) -> None:
        red(c)
        carry_out(c, at(7))
        asks = red_day_store.silent(c, DAY, "orders", COUNTY)
        for ask, done_at, counts in zip(asks, (at(7, 20), at(6)), (at(7, 20), at(7)), strict=False):
            person = people_store.person(c, ask.person_id)
            assert person is not None
            found, _ = answer(c, ask.id, person, AskAnswer.RECEIVED, at(9), done_at=done_at)
            assert found.answered_at == counts

    database.do(unit)
