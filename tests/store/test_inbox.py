"""The inbox: an update has its effect once, whoever handles it and however often it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from data import inbox
from data.database import Database
from data.inbox import KEPT_FOR, MOST_ATTEMPTS, AlreadyHandled
from data.tables.running import handled_updates
from tests.roster import BOT_ID, NOW

OTHER_BOT = BOT_ID + 1


def update(number: int, text: str = "收到") -> dict[str, Any]:
    return {"update_id": number, "message": {"text": text, "odd": "\u0000\\ \"'"}}


def put(database: Database, *numbers: int, bot: int = BOT_ID) -> list[int]:
    updates = [update(number) for number in numbers]
    return database.do(lambda c: inbox.put(c, bot, updates, NOW))


def waiting(database: Database, bot: int = BOT_ID) -> list[int]:
    return [found["update_id"] for found in database.read(lambda c: inbox.pending(c, bot))]


def test_what_is_stored_comes_back_as_it_came(database: Database) -> None:
    assert put(database, 1) == [1]
    assert database.read(lambda c: inbox.pending(c, BOT_ID)) == [update(1)]


def test_the_same_update_is_taken_in_once(database: Database) -> None:
    assert sorted(put(database, 2, 1, 2)) == [1, 2]
    assert put(database, 1, 3) == [3]
    assert put(database, 1, bot=OTHER_BOT) == [1]  # another bot's numbers are its own
    assert (waiting(database), waiting(database, OTHER_BOT)) == ([1, 2, 3], [1])
    assert put(database) == []


def test_an_update_that_comes_again_after_it_was_handled_is_known(database: Database) -> None:
    put(database, 1, 2)
    database.do(lambda c: inbox.done(c, BOT_ID, 1, NOW))
    assert database.do(lambda c: inbox.done_many(c, BOT_ID, [2], NOW)) == {2}
    assert put(database, 1, 2, 3) == [3]
    assert put(database, 1, bot=OTHER_BOT) == [1]


def test_an_update_handled_before_rolls_the_second_effect_back(database: Database) -> None:
    put(database, 1)
    database.do(lambda c: inbox.done(c, BOT_ID, 1, NOW))

    def again(c: Any) -> None:
        inbox.put(c, BOT_ID, [update(7)], NOW)  # its effect
        inbox.done(c, BOT_ID, 1, NOW)

    with pytest.raises(AlreadyHandled):
        database.do(again)
    assert waiting(database) == []


def test_of_a_group_only_those_still_there_are_taken(database: Database) -> None:
    put(database, 1, 2, 3)
    database.do(lambda c: inbox.done(c, BOT_ID, 2, NOW))
    assert database.do(lambda c: inbox.done_many(c, BOT_ID, [1, 2, 9], NOW)) == {1}
    assert database.do(lambda c: inbox.done_many(c, OTHER_BOT, [3], NOW)) == set()
    assert waiting(database) == [3]


def test_handled_numbers_are_kept_for_two_days_and_no_longer(database: Database) -> None:
    put(database, 1, 2)
    database.do(lambda c: inbox.done(c, BOT_ID, 1, NOW))
    later = NOW + timedelta(hours=1)
    database.do(lambda c: inbox.done(c, BOT_ID, 2, later))
    over = NOW + KEPT_FOR
    assert not database.read(lambda c: inbox.any_forgettable(c, over))
    over += timedelta(milliseconds=1)
    assert database.read(lambda c: inbox.any_forgettable(c, over))
    assert database.do(lambda c: inbox.forget_handled(c, over, 10)) == 1
    left = database.read(lambda c: c.execute(select(handled_updates.c.update_id)).scalars().all())
    assert left == [2]
    assert put(database, 1, 2) == [1]


def test_numbers_are_forgotten_a_few_at_a_time(database: Database) -> None:
    put(database, *range(10))
    database.do(lambda c: inbox.done_many(c, BOT_ID, range(10), NOW))
    over = NOW + KEPT_FOR + timedelta(seconds=1)
    counts = [database.do(lambda c: inbox.forget_handled(c, over, 4)) for _ in range(4)]
    assert counts == [4, 4, 2, 0]
    query = select(func.count()).select_from(handled_updates)
    assert database.read(lambda c: c.execute(query).scalar()) == 0


def test_what_cannot_be_read_is_kept_and_never_tried_again(database: Database) -> None:
    put(database, 1, 2)
    database.do(lambda c: inbox.unreadable(c, BOT_ID, 1))
    assert waiting(database) == [2]
    assert database.read(lambda c: inbox.untried(c, BOT_ID)) == [2]
    assert database.read(lambda c: inbox.stored(c, BOT_ID, [1])) == [update(1)]
    assert put(database, 1) == []


def test_what_fails_is_tried_at_some_starts_and_then_set_aside(database: Database) -> None:
    put(database, 1)
    for _ in range(MOST_ATTEMPTS):
        assert waiting(database) == [1]
        database.do(lambda c: inbox.failed(c, BOT_ID, 1))
    assert waiting(database) == []
    database.do(lambda c: inbox.failed(c, BOT_ID, 9))  # it is gone: nothing to count


def test_what_failed_before_is_known_and_can_be_given_up(database: Database) -> None:
    """Of its bot, and neither what nobody tried yet nor what was set aside already."""
    put(database, 1, 2, 3, 4)
    put(database, 1, 2, bot=OTHER_BOT)

    def fail(number: int, times: int, bot: int = BOT_ID) -> None:
        for _ in range(times):
            database.do(lambda c: inbox.failed(c, bot, number))

    def tried(bot: int = BOT_ID) -> set[int]:
        return database.read(lambda c: inbox.failed_ids(c, bot))

    assert tried() == set()
    fail(1, 1)
    fail(2, MOST_ATTEMPTS - 1)
    fail(3, MOST_ATTEMPTS)
    fail(2, 1, OTHER_BOT)
    assert (tried(), tried(OTHER_BOT)) == ({1, 2}, {2})
    database.do(lambda c: inbox.give_up(c, BOT_ID, [2, 4, 9]))
    assert (tried(), tried(OTHER_BOT)) == ({1}, {2})
    assert waiting(database) == [1, 4]  # what nobody tried is not given up
    database.do(lambda c: inbox.give_up(c, BOT_ID, []))
    assert waiting(database) == [1, 4]


def test_when_each_was_taken_in_is_known_by_its_number(database: Database) -> None:
    later = NOW + timedelta(minutes=5)
    put(database, 1)
    database.do(lambda c: inbox.put(c, BOT_ID, [update(2)], later))
    database.do(lambda c: inbox.put(c, OTHER_BOT, [update(2)], NOW))
    assert database.read(lambda c: inbox.received_at(c, BOT_ID)) == {1: NOW, 2: later}
    assert database.read(lambda c: inbox.received_at(c, OTHER_BOT)) == {2: NOW}


def test_setting_aside_touches_no_update_of_another_number_or_bot(database: Database) -> None:
    put(database, 1, 2)
    put(database, 1, bot=OTHER_BOT)
    database.do(lambda c: inbox.unreadable(c, BOT_ID, 1))
    assert (waiting(database), waiting(database, OTHER_BOT)) == ([2], [1])
    database.do(lambda c: inbox.failed(c, OTHER_BOT, 1))
    assert database.read(lambda c: inbox.untried(c, BOT_ID)) == [2]
    assert database.read(lambda c: inbox.untried(c, OTHER_BOT)) == []
    database.do(lambda c: inbox.done(c, BOT_ID, 2, NOW))
    assert waiting(database, OTHER_BOT) == [1]


def test_handled_numbers_are_those_of_their_bot(database: Database) -> None:
    put(database, 1)
    put(database, 1, 2, bot=OTHER_BOT)
    database.do(lambda c: inbox.done(c, BOT_ID, 1, NOW))
    database.do(lambda c: inbox.done_many(c, OTHER_BOT, [1], NOW + timedelta(hours=1)))
    over = NOW + KEPT_FOR + timedelta(milliseconds=1)
    assert database.do(lambda c: inbox.forget_handled(c, over, 10)) == 1
    assert put(database, 1) == [1]
    assert put(database, 1, bot=OTHER_BOT) == []


def test_an_update_that_is_noted_already_is_taken_off_the_inbox(database: Database) -> None:
    """As a process stored it while another had handled it: the effect is once, and no error."""
    put(database, 1, 2)
    noted = [{"bot_id": BOT_ID, "update_id": number, "at": NOW} for number in (1, 2)]
    database.do(lambda c: c.execute(insert(handled_updates), noted))
    assert database.do(lambda c: inbox.done_many(c, BOT_ID, [1], NOW)) == {1}
    database.do(lambda c: inbox.done(c, BOT_ID, 2, NOW))
    assert waiting(database) == []
