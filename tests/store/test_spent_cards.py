"""Which cards in other apps answer nothing any more and are to lose their buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, update

from alerts import call_store
from alerts.channels import address_store, spent_card_store, store, take_back_store
from alerts.channels.model import Kind
from alerts.channels.queue_store import NewChannelDelivery, add
from alerts.test_calls import store as test_store
from bot.channels import spent_cards
from contacts.channels import Channel
from data.database import Connection, Database
from data.tables.alerts import alerts, calls
from data.tables.channels import channel_deliveries
from tests.called_by_channels import HEAD, UNLINKED, add_person, at, call_off, warn

pytestmark = pytest.mark.both_databases


def cards(database: Database, sent_at: float = 0) -> tuple[int, dict[str, int]]:
    """A warning with a card to each of two persons: by name."""
    add_person(database)
    alert_id = warn(database)

    def unit(c: Connection) -> dict[str, int]:
        found = {}
        for row in (UNLINKED, HEAD):
            call = call_store.call_of(c, alert_id, row["id"])
            assert call is not None
            account = f"ou_{row['id']}"
            address_store.enter(c, row["id"], Channel.FEISHU, account)
            add(
                c,
                [
                    NewChannelDelivery(
                        call.id, alert_id, row["id"], Channel.FEISHU, account, Kind.CALL
                    )
                ],
                at(0),
            )
        for claimed in store.claim(c, Channel.FEISHU, "here", at(sent_at), 10):
            store.accepted(c, claimed.id, f"om_{claimed.id}", at(sent_at))
            found[claimed.address] = claimed.id
        return found

    return alert_id, database.do(unit)


def spent(database: Database, minutes: float) -> set[int]:
    def unit(c: Connection) -> set[int]:
        since = at(minutes) - spent_card_store.CHANGED_FOR[Channel.FEISHU]
        found: set[int] = set()
        for turn in spent_card_store.turns(c, since):
            rows = spent_card_store.spent(c, turn, Channel.FEISHU, at(minutes), 10)
            found |= {row.id for row in rows}
        return found

    return database.read(unit)


def test_a_card_is_spent_when_its_warning_is_over_and_is_taken_once(database: Database) -> None:
    alert_id, sent = cards(database)
    assert spent(database, 1) == set()
    call_off(database, alert_id)
    assert spent(database, 2) == set(sent.values())
    first, second = sent.values()
    database.do(lambda c: take_back_store.told(c, [first], at(2)))
    assert spent(database, 2) == {second}
    assert spent(database, 15 * 24 * 60) == set(), "Feishu changes none that is so old"


def test_a_card_of_a_test_is_spent_when_that_is_over(database: Database) -> None:
    add_person(database)
    person, area = UNLINKED["id"], UNLINKED["division_code"]

    def begun(c: Connection) -> tuple[int, int]:
        values = {"division_code": area, "started_by": person, "channels": "feishu"}
        test = test_store.add(c, values | {"started_at": at(0), "ends_at": at(60)})
        line = {"test_id": test.id, "person_id": person, "division_code": area}
        line |= {"channel": "feishu", "address": "ou_1", "code": "1234"}
        test_store.add_lines(c, [line])
        [its] = test_store.open_lines_of(c, [person])
        said = {"call_id": 0, "alert_id": 0, "person_id": person, "channel": "feishu"}
        said |= {"address": "ou_1", "kind": "test", "state": "accepted", "test_line_id": its.id}
        said |= {"not_before": at(0), "created_at": at(0), "accepted_at": at(0)}
        key = c.execute(insert(channel_deliveries).values(said)).inserted_primary_key
        assert key is not None
        return test.id, int(key[0])

    test_id, card = database.do(begun)
    assert spent(database, 1) == set()
    database.do(lambda c: test_store.close(c, test_id, at(2)))
    assert spent(database, 3) == {card}
    database.do(lambda c: take_back_store.told(c, [card], at(3)))
    assert spent(database, 3) == set()


def test_so_it_is_where_the_warning_is_no_more_or_another_card_asks(database: Database) -> None:
    alert_id, sent = cards(database)
    mine, other = (sent[f"ou_{row['id']}"] for row in (UNLINKED, HEAD))

    def changed(c: Connection) -> None:
        its = alerts.c.id == alert_id
        c.execute(update(alerts).where(its).values(asked_version=2, version=2, changed_at=at(5)))

    database.do(changed)
    assert spent(database, 5) == set(), "nobody was asked again yet"

    def asked_again(c: Connection) -> None:
        theirs = calls.c.person_id == UNLINKED["id"]
        c.execute(update(calls).where(theirs).values(called_at=at(5)))

    database.do(asked_again)
    assert spent(database, 5) == {mine}

    def left_out(c: Connection) -> None:
        theirs = calls.c.person_id == HEAD["id"]
        c.execute(update(calls).where(theirs).values(state="left_out"))

    database.do(left_out)
    assert spent(database, 6) == {mine, other}


def test_a_card_that_left_after_the_rise_asks_what_is_asked_now(database: Database) -> None:
    alert_id, _sent = cards(database, sent_at=6)

    def raised(c: Connection) -> None:
        its = alerts.c.id == alert_id
        c.execute(update(alerts).where(its).values(asked_version=2, version=2, changed_at=at(5)))
        c.execute(update(calls).where(calls.c.alert_id == alert_id).values(called_at=at(5)))

    database.do(raised)
    assert spent(database, 7) == set()


@pytest.mark.one_database
async def test_a_card_of_which_nothing_can_be_said_keeps_no_other_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its person, or its call, is not there any more."""
    alert_id, sent = cards(database)
    call_off(database, alert_id)
    first, second = sorted(sent.values())
    taken: list[int] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield None

    async def at_once(_self: object, _sender: object, card: int) -> bool:
        taken.append(card)
        return True

    async def ask(unit: Callable[[Connection], Any]) -> Any:
        return database.do(unit)

    monkeypatch.setattr(spent_cards, "Facts", lambda *_: None)
    monkeypatch.setattr(
        spent_cards, "spent_card", lambda _, one: None if one.id == first else one.id
    )
    monkeypatch.setattr(spent_cards.SpentCards, "_take", at_once)
    services: Any = SimpleNamespace(database=SimpleNamespace(ask=ask, run=ask), clock=lambda: at(2))
    work = spent_cards.SpentCards(services, Channel.FEISHU, opened, per_second=0.4)  # one a look
    for _ in range(2):
        await work.take(True, at(2))
    assert taken == [second] and spent(database, 2) == {second}, "what was taken is noted elsewhere"
