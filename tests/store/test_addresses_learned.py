"""What is said of an address is unlearned: by a word from it, or when it takes a message again."""

from __future__ import annotations

from typing import Any

import pytest

from alerts import call_store
from alerts.channels import address_store, store
from alerts.channels.addresses import addresses_of
from alerts.channels.answers import Taking, take
from alerts.channels.model import Kind
from alerts.channels.queue_store import NewChannelDelivery, add
from contacts import people_store
from contacts.channels import Cause, Channel
from data.database import Connection, Database
from tests.called_by_channels import RULES, UNLINKED, add_person, at, look, of, receipt, ring, warn

pytestmark = pytest.mark.both_databases

PHONE, ID, ACCOUNT = UNLINKED["phone"], UNLINKED["id"], "zhang"


def fails(
    database: Database, channel: Channel, address: str, cause: Cause | None, minutes: float = 0
) -> None:
    where = ID, channel, address
    database.do(lambda c: address_store.note_failure(c, *where, cause, at(minutes), at(minutes)))


def failing(database: Database) -> dict[tuple[str, str], Cause | None]:
    known = database.read(lambda c: address_store.of_people(c, [ID]))
    return {(one.channel.value, one.address): one.cause for one in known if one.failures}


def written_to(database: Database) -> list[str]:
    def unit(c: Connection) -> list[str]:
        person = people_store.person(c, ID)
        assert person is not None
        return addresses_of(c, [person], Channel.WECOM)[ID]

    return database.read(unit)


def writes(database: Database, channel: Channel, who: str, what: str, minutes: float) -> Taking:
    given: Any = (f"e{what}{minutes}", who, what, at(minutes), RULES, at(minutes))
    return database.do(lambda c: take(c, channel, *given)).taking


def test_any_word_from_a_number_says_that_it_exists(database: Database) -> None:
    add_person(database)
    alert_id = warn(database)
    look(database)
    ring(database)
    [rung] = [one for one in of(database, UNLINKED, alert_id) if one.channel is Channel.VOICE]
    assert receipt(database, rung.id, Cause.NO_SUCH_NUMBER)
    fails(database, Channel.SMS, PHONE, Cause.SUSPENDED, 1)
    assert failing(database) == {
        ("voice", PHONE): Cause.NO_SUCH_NUMBER,
        ("sms", PHONE): Cause.SUSPENDED,
    }
    assert writes(database, Channel.SMS, PHONE, "桥断了", -20) is Taking.NOT_UNDERSTOOD
    assert failing(database), "it was written before"
    assert writes(database, Channel.SMS, PHONE, "桥断了", 2) is Taking.NOT_UNDERSTOOD
    assert failing(database) == {}
    [worked] = {
        one.last_success_at
        for one in database.read(lambda c: address_store.of_people(c, [ID]))
        if one.address == PHONE
    }
    assert worked == at(2), "when they wrote, and no later"
    # Their clock may be behind ours: a failure of a moment later is the earlier one.
    fails(database, Channel.SMS, PHONE, Cause.SUSPENDED, 9)
    assert writes(database, Channel.SMS, PHONE, "水来了", 6) is Taking.NOT_UNDERSTOOD
    assert failing(database) == {}


def test_an_account_that_failed_for_no_known_cause_is_written_to(database: Database) -> None:
    add_person(database)
    database.do(lambda c: address_store.enter(c, ID, Channel.WECOM, ACCOUNT))
    fails(database, Channel.WECOM, ACCOUNT, None)
    assert written_to(database) == [ACCOUNT]


def test_an_account_that_is_refused_is_looked_up_and_then_tried_again(database: Database) -> None:
    """One refusal gives nobody up: an application that was left out of for an hour is back."""
    add_person(database)
    database.do(lambda c: address_store.enter(c, ID, Channel.WECOM, ACCOUNT))
    assert written_to(database) == [ACCOUNT]
    fails(database, Channel.WECOM, ACCOUNT, Cause.NOT_LINKED)
    assert written_to(database) == [PHONE]
    fails(database, Channel.WECOM, PHONE, Cause.NOT_LINKED)
    assert written_to(database) == [ACCOUNT]
    # WeCom takes a message to it: there is such an account.
    alert_id = warn(database)

    def sent(c: Connection) -> None:
        call = call_store.call_of(c, alert_id, ID)
        assert call is not None
        row = NewChannelDelivery(call.id, alert_id, ID, Channel.WECOM, ACCOUNT, Kind.CALL)
        add(c, [row], at(1))
        [claimed] = store.claim(c, Channel.WECOM, "here", at(1), 10)
        store.accepted(c, claimed.id, "m1", at(1))

    database.do(sent)
    assert failing(database) == {("wecom", PHONE): Cause.NOT_LINKED}
    # Proven long ago, then refused: any word restores it.
    assert writes(database, Channel.WECOM, ACCOUNT, "收到", 2) is Taking.RECORDED
    fails(database, Channel.WECOM, ACCOUNT, Cause.BLOCKED, 3)
    assert writes(database, Channel.WECOM, ACCOUNT, "在路上", 4) is Taking.NOT_UNDERSTOOD
    assert failing(database) == {("wecom", PHONE): Cause.NOT_LINKED}
    assert written_to(database) == [ACCOUNT]
