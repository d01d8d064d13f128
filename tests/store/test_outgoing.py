"""What goes out to other systems, and tokens, as rows; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from alerts.closing import close, expire
from alerts.lookup import known_alert
from alerts.oversight import publishing_store as watched
from alerts.publishing import store
from alerts.publishing.model import Event, Happened, Outcome, next_try
from alerts.reopening import open_again
from alerts.restored import make_ready
from contacts import api_token_store, people_store, token_making
from contacts.api_token_store import Done
from contacts.api_tokens import Ended, Scope
from data.database import Connection, Database
from data.errors import NotFound
from data.tables.alerts import alerts
from data.tables.publishing import outgoing_events, webhook_deliveries
from tests.roster import COUNTY, COUNTY_COMMANDER, NOW

WANTED = {"province": ("released", "counts"), "city": ("released", "lifted")}
MINUTE = timedelta(minutes=1)


def put_alert(c: Connection, identifier: str = "22240341600100_20260702030000_0") -> int:
    row = {
        "identifier": identifier,
        "status": "Actual",
        "level": "red",
        "hazard": "rainstorm",
        "headline": "红",
        "description": "转移",
        "areas": [COUNTY],
        "state": "released",
        "sender_id": COUNTY_COMMANDER["id"],
        "created_at": NOW,
        "released_at": NOW,
        "expires_at": NOW + timedelta(days=1),
    }
    key = c.execute(insert(alerts).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


@pytest.fixture
def alert(database: Database) -> int:
    return database.do(put_alert)


def spread(database: Database, *events: Event) -> None:
    for event in events:
        database.do(lambda c, one=event: store.add(c, one))  # type: ignore[misc]
    database.do(lambda c: store.spread(c, store.unspread(c, 100), WANTED, NOW))


def test_each_webhook_gets_what_it_wants_and_only_the_newest_counts(
    database: Database, alert: int
) -> None:
    counts = [Event(0, Happened.COUNTS, alert, NOW, detail={"calls": n}) for n in (1, 2)]
    first = Event(0, Happened.RELEASED, alert, NOW, 1)
    spread(database, first, counts[0])
    spread(database, counts[1], Event(0, Happened.CLOSED, alert, NOW))
    assert database.read(lambda c: store.unspread(c, 9)) == []
    due = database.read(lambda c: store.due(c, "province", NOW, 9))
    kinds = [database.read(lambda c, n=one.event_id: store.event(c, n)) for one in due]  # type: ignore[misc]
    assert [(one.kind, one.detail) for one in kinds if one] == [
        (Happened.RELEASED, None),
        (Happened.COUNTS, {"calls": 2}),
    ]
    assert len(database.read(lambda c: store.due(c, "city", NOW, 9))) == 1
    assert database.read(lambda c: store.any_due(c, ["city", "nobody"], NOW))
    assert not database.read(lambda c: store.any_due(c, ["nobody"], NOW))
    last = database.read(lambda c: store.last_counts(c, alert))
    assert last is not None and last.detail == {"calls": 2}


def test_how_calling_and_warning_end_is_told_too(database: Database, alert: int) -> None:
    database.do(lambda c: close(c, alert, None, "", NOW))
    closed = database.read(lambda c: known_alert(c, alert))
    database.do(lambda c: open_again(c, closed, None, NOW))
    database.do(lambda c: expire(c, NOW + timedelta(days=2)))
    told = [one.kind for one in database.read(lambda c: store.unspread(c, 9))]
    assert told == [Happened.CLOSED, Happened.REOPENED, Happened.EXPIRED]


def test_what_follows_of_a_warning_waits_for_what_came_before(
    database: Database, alert: int
) -> None:
    spread(database, Event(0, Happened.RELEASED, alert, NOW, 1))
    [first] = database.read(lambda c: store.due(c, "city", NOW, 9))
    back_off = NOW + 5 * MINUTE

    def fails(error: str) -> None:
        database.do(lambda c: store.failed(c, first.id, None, error, back_off, NOW))

    fails("refused")
    spread(database, Event(0, Happened.LIFTED, alert, NOW, 2))
    assert database.read(lambda c: store.due(c, "city", NOW, 9)) == []
    due = database.read(lambda c: store.due(c, "city", back_off, 9))
    assert due[0].id == first.id and len(due) == 2
    # What a receiver answers and never takes holds the rest up for a while; being out, for good.
    back_off = NOW + timedelta(hours=3)
    later = NOW + timedelta(hours=2)
    fails("refused")
    assert len(database.read(lambda c: store.due(c, "city", later, 9))) == 1
    fails("unreachable")
    assert database.read(lambda c: store.due(c, "city", later, 9)) == []
    # Another warning's is taken: the receiver is back, and this one's need not wait any longer.
    other = database.do(lambda c: put_alert(c, "22240341600100_20260702030000_1"))
    spread(database, Event(0, Happened.RELEASED, other, NOW, 1))
    [news] = database.read(lambda c: store.due(c, "city", NOW, 9))
    database.do(lambda c: store.sent(c, news, 200, NOW))
    [first_again, _] = database.read(lambda c: store.due(c, "city", NOW, 9))
    assert first_again.id == first.id
    fails("refused")  # it was there, and did not take this: soon again, but not at once
    database.do(lambda c: store.sent(c, news, 200, NOW))
    assert database.read(lambda c: store.due(c, "city", NOW, 9)) == []
    assert len(database.read(lambda c: store.due(c, "city", NOW + store.SOON, 9))) == 2


def test_a_delivery_fails_dies_and_is_sent_again(database: Database, alert: int) -> None:
    spread(database, Event(0, Happened.RELEASED, alert, NOW, 1))
    [one] = database.read(lambda c: store.due(c, "city", NOW, 9))
    later = next_try(one, 503, NOW)
    database.do(lambda c: store.failed(c, one.id, 503, "refused", later, NOW))
    assert database.read(lambda c: store.due(c, "city", NOW, 9)) == []
    half_an_hour = NOW + 30 * MINUTE
    waiting = database.read(lambda c: watched.not_told(c, half_an_hour, NOW))
    assert (waiting.count, waiting.oldest_at) == (1, NOW)
    [again] = database.read(lambda c: store.due(c, "city", half_an_hour, 9))
    assert (again.attempts, again.status, again.error) == (1, 503, "refused")
    database.do(lambda c: store.failed(c, one.id, None, "timeout", None, half_an_hour))
    [letter] = database.read(lambda c: store.dead(c, "city"))
    assert (letter.state, letter.attempts) == (Outcome.DEAD, 2)
    # Said too late: it is not waiting any more.
    database.do(lambda c: store.sent(c, one, 200, half_an_hour))
    standing = {one.webhook: one for one in database.read(store.standings)}
    assert (standing["city"].dead, standing["city"].last_sent) == (1, None)
    assert (standing["province"].waiting, standing["province"].oldest_waiting) == (1, NOW)
    assert database.do(lambda c: store.send_again(c, half_an_hour, [letter.id + 99])) == 0
    assert database.do(lambda c: store.send_again(c, half_an_hour, webhook="city")) == 1
    database.do(lambda c: store.sent(c, one, 204, half_an_hour))
    assert database.read(lambda c: store.dead(c)) == []
    # Nobody configures the other webhook any more.
    then = NOW + timedelta(days=2)
    assert database.do(lambda c: store.give_up_forgotten(c, ["province", "city"], then)) == 0
    assert database.do(lambda c: store.give_up_forgotten(c, ["city"], then)) == 1


def test_what_was_told_is_forgotten_and_what_was_not_is_kept(
    database: Database, alert: int
) -> None:
    message = Event(0, Happened.RELEASED, alert, NOW, 1)
    spread(database, message, Event(0, Happened.CLOSED, alert, NOW))
    much_later = NOW + timedelta(days=100)
    assert database.do(lambda c: store.delete_old(c, much_later)) == 1  # told to nobody
    late = database.read(lambda c: watched.not_filed(c, NOW + timedelta(hours=1)))
    assert late.count == 1
    [unfiled] = database.read(lambda c: store.unfiled(c, 9))
    database.do(lambda c: store.filed(c, [unfiled.id], NOW))
    assert not database.read(lambda c: store.any_old(c, much_later))  # webhooks wait for it still
    for one in ("province", "city"):
        [due] = database.read(lambda c, name=one: store.due(c, name, NOW, 9))  # type: ignore[misc]
        database.do(lambda c, one=due: store.sent(c, one, 200, NOW))  # type: ignore[misc]
    assert database.do(lambda c: store.delete_old(c, much_later)) == 1
    for table in (outgoing_events, webhook_deliveries):
        assert database.read(lambda c, t=table: c.execute(select(t)).all()) == []  # type: ignore[misc]


def test_after_a_restore_no_token_is_good_and_nothing_stale_is_told(
    database: Database, alert: int
) -> None:
    spread(database, Event(0, Happened.RELEASED, alert, NOW, 1))
    person = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert person is not None
    database.do(lambda c: token_making.make(c, person, "省", [], COUNTY, 9, bytes(37), NOW))
    database.do(lambda c: make_ready(c, NOW))
    assert database.read(api_token_store.every) == []
    assert not database.read(lambda c: store.any_due(c, list(WANTED), NOW + timedelta(days=1)))
    assert [one.error for one in database.read(store.dead)] == ["restored", "restored"]


def test_a_token_is_found_used_ended_once_and_its_requests_remembered(
    database: Database, alert: int
) -> None:
    assert alert
    person = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert person is not None
    number, made = database.do(
        lambda c: token_making.make(c, person, "省", [Scope.RELEASE], COUNTY, 9, bytes(37), NOW)
    )
    kept = database.read(lambda c: api_token_store.by_public(c, made.public))
    assert kept is not None and kept.scopes == {Scope.READ, Scope.RELEASE}
    assert kept.good(NOW) and not kept.good(NOW + timedelta(days=9))
    database.do(lambda c: api_token_store.used(c, number, "private", NOW))
    done = Done("d" * 64, 201, '{"alert": 1}')
    database.do(lambda c: api_token_store.note_done(c, number, "key-0001", done, NOW))
    assert database.read(lambda c: api_token_store.done(c, number, "key-0001")) == done
    assert database.read(lambda c: api_token_store.done(c, number, "key-0002")) is None
    assert not database.read(lambda c: api_token_store.any_old(c, NOW))
    assert database.do(lambda c: api_token_store.delete_old(c, NOW + timedelta(days=8))) == 1
    ended = database.do(lambda c: token_making.end(c, number, Ended.REVOKED, NOW))
    assert replace(ended, used_at=None, used_from=None) == kept
    with pytest.raises(NotFound):
        database.do(lambda c: token_making.end(c, number, Ended.LEFT, NOW))
    assert database.read(api_token_store.every) == []
    [old] = database.read(lambda c: api_token_store.every(c, ended=True))
    assert (old.ended_how, old.used_from) == (Ended.REVOKED, "private")
