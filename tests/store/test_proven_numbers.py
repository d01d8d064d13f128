"""Which numbers count in coverage without Telegram: proven, the person's own, at work, not old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alerts.channels import address_store
from alerts.test_calls.model import HowProven
from contacts import people_store
from contacts.address_standing import GOOD_FOR, ProofRules
from contacts.address_standing_store import proven_people
from contacts.channels import Cause, Channel
from contacts.coverage import ANY_HAZARD
from contacts.coverage_store import readiness
from data.database import Database
from data.tables.contacts import people
from data.tables.running import audit as trail
from tests.roster import NOW, VILLAGERS

pytestmark = pytest.mark.one_database
HEAD = VILLAGERS[0]
LONG_AGO = NOW - timedelta(days=9000)
"""A provider's clock may be wrong; the trail's is ours."""


@pytest.mark.both_databases
def test_a_proven_number_counts_until_it_changes_fails_or_grows_old(database: Database) -> None:
    """Only in a channel that some ladder names, and only while it is the person's own."""

    voice, phone, who = Channel.VOICE, HEAD["phone"], HEAD["id"]
    rules = ProofRules((voice,))
    unlinked = update(people).where(people.c.id == who).values(telegram_id=None)
    database.do(lambda c: c.execute(unlinked))

    def counts(after: timedelta = timedelta(0), rules: ProofRules = rules) -> bool:
        return who in database.read(lambda c: proven_people(c, rules, NOW + after))

    def fails(cause: Cause) -> None:
        database.do(
            lambda c: address_store.note_failure(c, who, voice, phone, cause, LONG_AGO, NOW)
        )

    database.do(lambda c: address_store.note_success(c, who, voice, phone, NOW))
    assert not counts()  # it rang there; nobody said that it is theirs
    database.do(lambda c: address_store.prove(c, who, voice, phone, HowProven.KEY, NOW, NOW))
    assert counts() and not counts(rules=ProofRules((Channel.SMS,)))
    assert counts(GOOD_FOR) and not counts(GOOD_FOR + timedelta(seconds=1))
    assert counts(10 * GOOD_FOR, ProofRules((voice,), None))
    for _ in range(3):
        assert counts()
        fails(Cause.NO_ANSWER)
    assert not counts()
    marked = select(trail.c.at).where(trail.c.action == "address.marked")
    assert database.read(lambda c: c.execute(marked).scalars().all()) == [NOW]
    database.do(lambda c: address_store.note_success(c, who, voice, phone, NOW))
    assert counts()
    fails(Cause.NO_SUCH_NUMBER)
    assert not counts()
    database.do(lambda c: address_store.note_success(c, who, voice, phone, NOW))
    village = [HEAD["division_code"]]
    reached = database.read(lambda c: readiness(c, ANY_HAZARD, village[0], rules, NOW))
    [held] = [post for post in reached.posts if post.holder.id == who]
    assert held.holder.counts and not held.holder.reachable
    database.do(lambda c: people_store.set_phone(c, who, "+8613911112222"))
    assert not counts()
