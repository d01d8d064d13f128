"""What a delivery about jiaoying itself says."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import OversightNotice
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views import oversight
from bot.views.telephones import officer_and_number
from contacts import duty_store
from contacts.access import may_see_phone
from contacts.people import Person

OVERSIGHT = Topic()


@OVERSIGHT.says(OversightNotice)
def _told(facts: Facts, delivery: Delivery, message: OversightNotice) -> Request:
    codes = {bot["division"] for bot in message.facts.get("bots", [])}
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    screen = oversight.message(
        message.finding,
        message.telling,
        message.since,
        message.at,
        message.facts,
        {code: facts.place(code) for code in codes},
        delivery.language,
        officers={code: _officer(facts, code, reader) for code in sorted(codes)},
        administrator=facts.services.settings.telephones.administrator,
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


def _officer(facts: Facts, code: str, reader: Person | None) -> str:
    """Whom ``reader`` rings up about a division of which no message arrives: 敦化市 县值班 139…."""
    if reader is None or not reader.active:
        return ""
    found = duty_store.duty_officers(facts.connection, code, facts.now)
    officers = [person for person in found if person.id != reader.id]
    if not officers or not may_see_phone(reader, officers[0]).allowed:
        return ""
    return f"{facts.place(officers[0].division_code)} {officer_and_number(officers[0])}"
