"""A warning's messages as CAP and as JSON: what the database has, in the words of the views."""

from __future__ import annotations

from typing import Any

from alerts import alert_message_store
from alerts.headquarters import headquarters_name
from alerts.lifecycle import AlertMessage
from alerts.model import Alert
from alerts.publishing.cap import CapMessage, Reference
from alerts.publishing.cap_out import as_xml
from alerts.publishing.model import PublishingProblem
from bot.messages.facts import warned_name
from bot.publishing.as_json import time
from bot.services.services import Services
from bot.views.cap import CapFacts, cap_message
from contacts import people_store, place_store
from data.database import Connection
from data.errors import NotFound


def message_of(
    connection: Connection, alert: Alert, number: int
) -> tuple[AlertMessage, list[AlertMessage]]:
    """A message of a warning, and those before it.

    :raises NotFound: ``NO_MESSAGE``.
    """
    messages = alert_message_store.of_alert(connection, alert.id)
    found = next((message for message in messages if message.number == number), None)
    if found is None:
        raise NotFound(PublishingProblem.NO_MESSAGE, alert=alert.id, number=number)
    return found, [message for message in messages if message.number < number]


def cap_xml(connection: Connection, alert: Alert, number: int, services: Services) -> bytes:
    """A message of a warning as a CAP 1.2 file.

    :raises NotFound: ``NO_MESSAGE``.
    """
    return as_xml(cap_of(connection, alert, number, services), services.settings.time.info)


def cap_of(connection: Connection, alert: Alert, number: int, services: Services) -> CapMessage:
    """A message of a warning in the words of CAP.

    :raises NotFound: ``NO_MESSAGE``.
    """
    message, before = message_of(connection, alert, number)
    return cap_message(_facts(connection, alert, message, before, services))


def message_json(
    connection: Connection, alert: Alert, number: int, services: Services
) -> dict[str, Any]:
    """A message as JSON; its XML is asked for by its identifier.

    :raises NotFound: ``NO_MESSAGE``.
    """
    message, before = message_of(connection, alert, number)
    headline = cap_of(connection, alert, number, services).infos[0].headline
    return {
        "number": message.number,
        "identifier": message.identifier,
        "type": message.type.value,
        "kinds": [kind.value for kind in message.kinds],
        "sent_at": time(message.sent_at),
        "headline": headline,
        "level": message.terms.level.value,
        "text": message.terms.description,
        "areas": list(message.terms.areas),
        "expires_at": time(message.terms.expires_at),
        "note": message.note,
        "references": [earlier.identifier for earlier in before],
    }


def sender_of(message: AlertMessage, services: Services) -> str:
    """CAP's ``sender`` of a message: as configured, else the unit's code."""
    return services.settings.publish.sender or message.identifier[:14]


def _facts(
    connection: Connection,
    alert: Alert,
    message: AlertMessage,
    before: list[AlertMessage],
    services: Services,
) -> CapFacts:
    terms, gazetteer = message.terms, services.gazetteer
    by = people_store.person(connection, message.by_id)
    home = alert.areas[0] if by is None else by.division_code
    office = gazetteer.name(home)
    unit = headquarters_name(services.rules.headquarters, home, alert.hazard.family, office)
    names = place_store.names(connection, terms.places) if terms.places else {}
    told = (*before, message)
    return CapFacts(
        identifier=message.identifier,
        sender=sender_of(message, services),
        sent_at=message.sent_at,
        status=alert.status,
        type=message.type,
        kind=message.kind,
        hazard=alert.hazard,
        level=terms.level,
        text=terms.description,
        place=warned_name(services, terms.areas, terms.places, names),
        areas=[(code, gazetteer.path(code) or code) for code in terms.areas],
        expires_at=terms.expires_at,
        lead_minutes=terms.lead_minutes,
        office=office,
        headquarters=unit,
        issued_by=terms.issued_by,
        contact=services.settings.publish.contact,
        note=message.note,
        shape=terms.shape,
        places=list(names.values()),
        references=tuple(
            Reference(sender_of(one, services), one.identifier, one.sent_at) for one in before
        ),
        first=told[0].identifier,
    )
