"""Once a season everybody is asked, still you, still here: the answers, the silent, a no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from alerts.accounts import untie
from alerts.outbox.messages import MessageKind
from alerts.roster_checks import asking, store
from alerts.roster_checks.model import CheckCounts, RosterCheck, RosterCheckProblem, StillThere
from contacts import people_store
from contacts.access import Access
from contacts.coverage import Proof
from contacts.coverage_store import readiness
from contacts.leaving import retire
from contacts.people import RIGHTS, Contact, Person
from data import audit
from data.database import Database
from data.errors import InvalidInput, NotAllowed, NotFound
from data.tables.alerts import deliveries
from data.tables.contacts import people, posts
from tests.roster import (
    CITY,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    VILLAGERS,
    VILLAGES,
)

OTHER_VILLAGE = ELSEWHERE = "222402100200"
LATER = NOW + timedelta(hours=1)


def person(database: Database, person_id: int) -> Person:
    found = database.read(lambda c: people_store.person(c, person_id))
    assert found is not None
    return found


def begin(database: Database, code: str = TOWNSHIP) -> RosterCheck:
    started = database.do(lambda c: asking.start(c, None, code, NOW))
    assert started.new
    return started.check


def say(database: Database, check: RosterCheck, person_id: int, said: StillThere) -> None:
    who = person(database, person_id)
    database.do(lambda c: asking.answer(c, check.id, who, said, LATER, done_at=LATER))


def queued(database: Database, kind: MessageKind) -> list[int]:
    """To whom messages of this kind are queued, by account."""
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == kind.value)
    return sorted(database.read(lambda c: list(c.execute(query).scalars())))


def counts(database: Database, check: RosterCheck) -> CheckCounts:
    return database.read(lambda c: store.counts(c, check.id))


def test_everybody_below_is_asked_once_and_who_cannot_be_is_counted(database: Database) -> None:
    lost = {VILLAGERS[2]["id"]: Contact.BLOCKED}
    database.do(lambda c: people_store.set_contact(c, lost, NOW))
    check = begin(database)
    found = counts(database, check)
    below = database.read(lambda c: people_store.people_within(c, TOWNSHIP))
    assert (found.silent, found.unreachable) == (len(below), 1)
    reachable = sorted(each.telegram_id or 0 for each in below if each.reachable)
    assert queued(database, MessageKind.ROSTER_ASK) == reachable
    again = database.do(lambda c: asking.start(c, None, TOWNSHIP, LATER))
    assert (again.new, again.check) == (False, check)
    assert queued(database, MessageKind.ROSTER_ASK) == reachable


@pytest.mark.one_database
def test_a_yes_confirms_the_roster_and_proves_the_channel(database: Database) -> None:
    check = begin(database)
    say(database, check, VILLAGERS[0]["id"], StillThere.YES)
    assert counts(database, check).yes == 1
    ready = database.read(lambda c: readiness(c, area=VILLAGES[0]))
    holder = next(post.holder for post in ready.posts if post.holder.id == VILLAGERS[0]["id"])
    assert holder.named_at == LATER
    assert holder.proven is not None
    assert holder.proven == (LATER, Proof.CONFIRMED)
    assert not queued(database, MessageKind.ROSTER_DENIED)


@pytest.mark.parametrize("said", [StillThere.ELSEWHERE, StillThere.NOT_ME])
@pytest.mark.one_database
def test_a_no_is_told_to_the_tier_above_and_covers_nothing(
    database: Database, said: StillThere
) -> None:
    ranger = VILLAGES[1]
    check = begin(database)
    for who in (VILLAGERS[1], RANGER):
        say(database, check, who["id"], said)
        say(database, check, who["id"], said)  # pressed twice
    above = {each.telegram_id for each in rights(database)}
    told = queued(database, MessageKind.ROSTER_DENIED)
    assert set(told) == above
    assert len(told) == 2 * len(above)
    assert database.read(lambda c: readiness(c, area=ranger)).coverage.covered == 0
    assert person(database, VILLAGERS[1]["id"]).active, "is called until the list is changed"
    say(database, check, VILLAGERS[1]["id"], StillThere.YES)  # the wrong button, before
    assert database.read(lambda c: readiness(c, area=ranger)).coverage.covered == 1


def test_that_a_no_was_taken_back_is_told_to_whoever_was_told_of_it(database: Database) -> None:
    """Of a post in another county, too, and not to those above the first post alone."""
    head = VILLAGERS[0]
    elsewhere = {"person_id": head["id"], "role": head["role"], "division_code": OTHER_VILLAGE}
    database.do(lambda c: c.execute(insert(posts).values(elsewhere)))
    check = begin(database, CITY)
    who = person(database, head["id"])
    [there] = [post for post in who.posts if post.division_code == OTHER_VILLAGE]
    no = StillThere.ELSEWHERE
    database.do(lambda c: asking.answer(c, check.id, who, no, LATER, done_at=LATER, gone=there))
    assert queued(database, MessageKind.ROSTER_DENIED) == [STRANGER_COMMANDER["telegram_id"]]
    say(database, check, head["id"], StillThere.YES)
    told = [STRANGER_COMMANDER["telegram_id"]] * 2
    assert queued(database, MessageKind.ROSTER_DENIED) == told


def test_it_is_told_to_nobody_who_is_officer_there_no_more_or_never_heard_of_it(
    database: Database,
) -> None:
    check, head = begin(database), VILLAGERS[0]["id"]
    say(database, check, head, StillThere.ELSEWHERE)
    gone, never, *others = sorted(rights(database), key=lambda one: one.id)

    def meanwhile(c: Connection) -> None:
        theirs = deliveries.c.kind == MessageKind.ROSTER_DENIED.value
        moved = update(people).where(people.c.id == gone.id)
        c.execute(moved.values(division_code=ELSEWHERE))
        dropped = theirs & (deliveries.c.person_id == never.id)
        c.execute(update(deliveries).where(dropped).values(state="dropped"))

    database.do(meanwhile)
    before = queued(database, MessageKind.ROSTER_DENIED)
    say(database, check, head, StillThere.YES)
    told = queued(database, MessageKind.ROSTER_DENIED)
    assert others or told == before
    assert sorted(told) == sorted([*before, *(one.telegram_id for one in others)])


def rights(database: Database) -> list[Person]:
    return database.read(lambda c: people_store.people_of(c, TOWNSHIP, RIGHTS))


def test_half_way_the_silent_are_asked_again_and_at_the_end_they_are_listed(
    database: Database,
) -> None:
    check = begin(database)
    say(database, check, VILLAGERS[0]["id"], StillThere.YES)
    database.do(lambda c: c.execute(deliveries.delete()))
    half = NOW + timedelta(days=4)  # at the hour at which it was begun
    assert database.read(lambda c: store.due(c, half - timedelta(seconds=1))) == []
    assert database.read(lambda c: store.due(c, half)) == [check.id]
    database.do(lambda c: asking.move_on(c, check.id, half))
    assert database.read(lambda c: store.due(c, half)) == []
    again = queued(database, MessageKind.ROSTER_ASK)
    assert VILLAGERS[0]["telegram_id"] not in again
    assert VILLAGERS[1]["telegram_id"] in again
    database.do(lambda c: retire(c, VILLAGERS[2]["id"], half))
    end = NOW + timedelta(days=7)
    database.do(lambda c: asking.move_on(c, check.id, end))
    closed = database.read(lambda c: store.check(c, check.id))
    assert closed is not None and not closed.open
    silent = [each.id for each in database.read(lambda c: store.silent(c, closed))]
    assert VILLAGERS[1]["id"] in silent
    assert VILLAGERS[0]["id"] not in silent
    assert VILLAGERS[2]["id"] not in silent, "who left is asked nothing"
    assert queued(database, MessageKind.ROSTER_SILENT)
    assert database.read(lambda c: store.due(c, end + timedelta(days=400))) == []
    assert database.do(lambda c: asking.start(c, None, TOWNSHIP, end)).new, "the next season"
    assert database.read(audit.verify).broken is None


def test_who_may_begin_and_who_is_asked_about(database: Database) -> None:
    villager, duty = person(database, VILLAGERS[0]["id"]), person(database, TOWNSHIP_DUTY["id"])
    commander = person(database, COUNTY_COMMANDER["id"])
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: asking.start(c, villager, TOWNSHIP, NOW))
    assert refused.value.code is Access.NOT_ON_DUTY
    with pytest.raises(NotAllowed):
        database.do(lambda c: asking.start(c, duty, COUNTY, NOW))
    for days in (0, 61):
        with pytest.raises(InvalidInput) as wrong:
            database.do(lambda c, days=days: asking.start(c, None, TOWNSHIP, NOW, days))
        assert wrong.value.code is RosterCheckProblem.DAYS
    with pytest.raises(InvalidInput) as empty:
        database.do(lambda c: asking.start(c, None, "222403102000", NOW))
    assert empty.value.code is RosterCheckProblem.NOBODY
    check = database.do(lambda c: asking.start(c, duty, TOWNSHIP, NOW)).check
    with pytest.raises(NotFound) as stranger:
        database.do(
            lambda c: asking.answer(c, check.id, commander, StillThere.YES, LATER, done_at=LATER)
        )
    assert stranger.value.code is RosterCheckProblem.NOT_ASKED


def test_checks_that_overlap_ask_nobody_in_vain(database: Database) -> None:
    below = begin(database)
    above = begin(database, COUNTY)
    assert counts(database, above).asked > counts(database, below).asked
    say(database, above, VILLAGERS[0]["id"], StillThere.YES)
    assert counts(database, below).yes == counts(database, above).yes == 1
    # Whoever is asked by a check above is not asked by one more.
    again = database.do(lambda c: asking.start(c, None, VILLAGES[1], LATER))
    assert (again.new, again.check) == (False, above)
    within = database.read(lambda c: store.counts(c, above.id, TOWNSHIP))
    assert within.asked == counts(database, below).asked


@pytest.mark.parametrize("said", [StillThere.ELSEWHERE, StillThere.NOT_ME])
def test_a_wrong_account_that_is_unlinked_leaves_no_doubt(
    database: Database, said: StillThere
) -> None:
    head = VILLAGERS[1]
    check = begin(database)
    for person_id in (head["id"], RANGER["id"]):
        say(database, check, person_id, said)
        assert database.do(lambda c, who=person_id: untie(c, who, LATER, leaves=False))
        database.do(lambda c, who=person_id: people_store.set_link(c, who, 900 + who, NOW))
    covered = database.read(lambda c: readiness(c, area=VILLAGES[1])).coverage.covered
    assert covered == (1 if said is StillThere.NOT_ME else 0)
    answer = database.read(lambda c: store.answer_of(c, check.id, head["id"]))
    assert answer is (None if said is StillThere.NOT_ME else said), "the next one is asked again"


@pytest.mark.one_database
def test_a_check_of_one_day_ends_without_a_reminder(database: Database) -> None:
    check = database.do(lambda c: asking.start(c, None, TOWNSHIP, NOW, 1)).check
    database.do(lambda c: c.execute(deliveries.delete()))
    assert database.read(lambda c: store.due(c, NOW + timedelta(hours=23))) == []
    database.do(lambda c: asking.move_on(c, check.id, NOW + timedelta(days=1)))
    assert not queued(database, MessageKind.ROSTER_ASK)
    assert queued(database, MessageKind.ROSTER_SILENT)


@pytest.mark.parametrize("still", [True, False])
def test_whoever_began_it_reads_the_list_only_while_in_charge_there(
    database: Database, still: bool
) -> None:
    by = person(database, COUNTY_COMMANDER["id"])
    check = database.do(lambda c: asking.start(c, by, TOWNSHIP, NOW, 1)).check
    if not still:
        moved = update(people).where(people.c.id == by.id).values(division_code=ELSEWHERE)
        database.do(lambda c: c.execute(moved))
    database.do(lambda c: asking.move_on(c, check.id, NOW + timedelta(days=1)))
    assert (by.telegram_id in queued(database, MessageKind.ROSTER_SILENT)) is still
