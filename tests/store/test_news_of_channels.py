"""What other channels only tell, by rows: to each address once, and while it is true."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from alerts.channels import news, news_store, store
from alerts.channels.model import NEWS_FOR, Kind, Progress
from contacts.channels import Channel
from data.database import Database
from data.tables.channels import untold_ends
from tests.called_by_channels import (
    RULES,
    UNLINKED,
    add_person,
    at,
    call_off,
    look,
    of,
    ring,
    warn,
)

TELLING = replace(RULES, news_by=frozenset({Channel.SMS}))
LANDLINE, SECOND = "+864333230001", "+8613900000002"


def ends(database: Database, alert_id: int) -> dict[str, Progress]:
    """By address, how far its telling has got; each is told at one address once."""
    found = [each for each in of(database, UNLINKED, alert_id) if each.kind is Kind.END]
    assert {each.channel for each in found} <= {Channel.SMS}
    assert len({each.address for each in found}) == len(found)
    return {each.address: each.state for each in found}


def test_the_end_is_told_once_to_each_address_that_took_the_call(database: Database) -> None:
    add_person(database, other_phones=f"{LANDLINE}、{SECOND}")
    alert_id = warn(database)
    look(database)
    ring(database)
    ring(database, 0, Channel.SMS)
    call_off(database, alert_id)
    assert database.read(lambda c: news.anything_untold(c, at(2)))
    # In parts: killed between two, the next process goes on.
    while database.do(lambda c: news.tell_ends(c, TELLING, at(2), limit=3)):
        pass
    assert not database.read(lambda c: c.execute(select(untold_ends)).all())
    mobile = UNLINKED["phone"]
    queued = Progress.QUEUED
    assert ends(database, alert_id) == {mobile: queued, LANDLINE: queued, SECOND: queued}
    claimed = database.do(lambda c: store.claim(c, Channel.SMS, "x", at(3), 100))
    theirs = [each for each in claimed if each.person_id == UNLINKED["id"]]
    assert {(each.address, each.kind) for each in theirs} == {
        (mobile, Kind.END),
        (SECOND, Kind.END),
    }
    assert ends(database, alert_id)[LANDLINE] is Progress.DROPPED, "an SMS reaches no landline"
    assert all(
        database.read(lambda c, one=each: news_store.still_to_be_told(c, one.id, at(3)))
        for each in theirs
    )
    # What was not handed over for six hours is told no more.
    late = at(NEWS_FOR.total_seconds() / 60 + 3)
    database.do(lambda c: store.free_claims(c, late, late))
    assert database.read(lambda c: store.any_pointless(c, late))
    database.do(lambda c: store.drop_pointless(c, late, 100))
    assert set(ends(database, alert_id).values()) == {Progress.DROPPED}
    assert not database.read(lambda c: store.any_pointless(c, late))


def test_where_no_channel_can_tell_it_nothing_is_queued(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database)
    call_off(database, alert_id)
    while database.do(lambda c: news.tell_ends(c, RULES, at(2))):
        pass
    assert ends(database, alert_id) == {}
    assert not database.read(lambda c: news.anything_untold(c, at(2)))
