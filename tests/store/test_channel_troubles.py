"""What a provider refuses, as a row: noted, told, over; and deliveries by a provider's names."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from alerts.channels import store, trouble_store
from alerts.channels.model import Trouble
from alerts.oversight.auditing import look as audit
from alerts.oversight.findings import FindingKind, OversightRules
from contacts.channels import Cause, Channel
from data.database import Database
from data.tables.channels import channel_deliveries
from tests.called_by_channels import UNLINKED, add_person, at, look, of, receipt, ring, warn

pytestmark = pytest.mark.both_databases


def test_a_trouble_is_a_finding_until_the_provider_takes_something(database: Database) -> None:
    def note(trouble: Trouble, words: str, minutes: float) -> None:
        database.do(lambda c: trouble_store.note(c, Channel.SMS, trouble, words, at(minutes)))

    note(Trouble.NO_MONEY, "isv.AMOUNT_NOT_ENOUGH", 0)
    note(Trouble.NO_MONEY, "isv.AMOUNT_NOT_ENOUGH", 1)
    both = (Channel.SMS, Channel.VOICE)
    [known] = database.read(lambda c: trouble_store.standing(c, both))
    assert (known.first_at, known.last_at) == (at(0), at(1))
    note(Trouble.NOT_APPROVED, "isv.SIGN\n" * 30, 2)
    # However long ago: nothing was mended while nobody was called.
    found = database.read(lambda c: audit(c, at(3 * 24 * 60), OversightRules(channels=both)))
    [finding] = [one for one in found if one.kind is FindingKind.CHANNEL_REFUSED]
    [[channel, trouble, words]] = finding.facts["refused"]
    assert (channel, trouble) == ("sms", "not_approved") and words.isprintable()
    database.do(lambda c: trouble_store.over(c, Channel.VOICE, at(3)))
    assert len(database.read(lambda c: trouble_store.standing(c, both))) == 1
    assert database.read(lambda c: trouble_store.standing(c, [Channel.VOICE])) == [], "not used"
    database.do(lambda c: trouble_store.over(c, Channel.SMS, at(3)))
    assert database.read(lambda c: trouble_store.standing(c, both)) == []


def test_a_delivery_is_known_by_its_providers_name_or_is_the_last_without_one(
    database: Database,
) -> None:
    add_person(database)
    alert = warn(database)
    look(database)
    [called] = of(database, UNLINKED, alert)[:1]
    number, voice = called.address, called.channel

    def named(provider_id: str) -> int | None:
        known = database.read(lambda c: store.by_provider_id(c, voice, provider_id))
        return None if known is None else known.id

    def unnamed() -> int | None:
        known = database.read(lambda c: store.last_without_provider_id(c, voice, number))
        return None if known is None else known.id

    assert unnamed() is None, "it was not handed over"
    ring(database)
    assert named(f"p{called.id}") == called.id and named("p") is None and unnamed() is None
    lost = update(channel_deliveries).values(provider_id=None)
    database.do(lambda c: c.execute(lost))
    assert unnamed() == called.id
    assert receipt(database, called.id, Cause.SUSPENDED, 1)
    assert unnamed() is None, "it has ended"
