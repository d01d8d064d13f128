"""What a test call says: facts read when it is about to be said."""

from __future__ import annotations

from alerts.channels.delivery_rows import ChannelDelivery
from alerts.test_calls import store
from bot.channels.events import Handle, OutgoingCall
from bot.messages.facts import Facts
from bot.views.warnings.spoken import speaking_seconds
from bot.views.warnings.test_words import (
    TEST_KEYS,
    buttons_of_test,
    spoken_test,
    title_of_test,
    variables_of_test,
    written_test,
)
from contacts.channels import ACCOUNTS, Channel


def outgoing_test(facts: Facts, delivery: ChannelDelivery) -> OutgoingCall | None:
    """A delivery of a test as it is handed over; ``None``: the test is over."""
    assert delivery.test_line_id is not None  # a rule of the table
    line = store.line(facts.connection, delivery.test_line_id)
    test = None if line is None else store.test_call(facts.connection, line.test_id)
    if line is None or test is None or not test.open:
        return None
    person = None if line.person_id is None else facts.person(line.person_id)
    language = "zh" if person is None else person.language
    name = "" if person is None else person.name
    sender = facts.place(test.division_code)
    spoken = delivery.channel is Channel.VOICE
    if spoken:
        text = spoken_test(name, facts.place(line.division_code), sender, language)
    else:
        text = written_test(name, sender, line.code, delivery.channel, language)
    return OutgoingCall(
        handle=Handle(delivery.id, delivery.attempts),
        channel=delivery.channel,
        kind=delivery.kind.value,
        to=delivery.address,
        text=text,
        variables=variables_of_test(name, sender, line.code, language),
        keys=TEST_KEYS if spoken else {},
        seconds=speaking_seconds(text, language) if spoken else 0.0,
        exercise=True,
        valid_until=test.ends_at,
        title=title_of_test(language),
        buttons=buttons_of_test(language) if delivery.channel in ACCOUNTS else {},
        language=language,
        queued_at=delivery.created_at,
    )
