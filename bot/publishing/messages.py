"""A warning's messages as CAP and as JSON: what the database has, in the words of the views."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from alerts import alert_message_store, alert_store
from alerts.headquarters import headquarters_name
from alerts.lifecycle import AlertMessage
from alerts.model import Alert, Hazard
from alerts.progress import Progress
from alerts.publishing import store
from alerts.publishing.cap import CapMessage, Reference
from alerts.publishing.cap_out import as_xml
from alerts.publishing.counts import counts_of
from alerts.publishing.model import Event, PublishingProblem
from bot.messages.facts import area_of_terms, warned_name
from bot.publishing.as_json import time
from bot.services.services import Services
from bot.views.cap import CapFacts, cap_message
from bot.views.cap_answers import AnswersFacts, answers_message
from bot.views.vocabulary import headline
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
    title = cap_of(connection, alert, number, services).infos[0].headline
    return {
        "number": message.number,
        "identifier": message.identifier,
        "type": message.type.value,
        "kinds": [kind.value for kind in message.kinds],
        "sent_at": time(message.sent_at),
        "headline": title,
        "level": message.terms.level.value,
        "text": message.terms.description,
        "areas": list(message.terms.areas),
        "expires_at": time(message.terms.expires_at),
        "note": message.note,
        "references": [earlier.identifier for earlier in before],
    }


def answers_xml(connection: Connection, event: Event, alert: Alert, services: Services) -> bytes:
    """What happened to a warning that no message says, with the numbers, as a CAP 1.2 ``Ack``.

    :raises NotFound: ``NO_MESSAGE``: it was never released.
    """
    last = said_at(connection, event)
    if last is None:
        raise NotFound(PublishingProblem.NO_MESSAGE, alert=alert.id, number=1)
    facts = AnswersFacts(
        identifier=answers_name(alert, event),
        sender=sender_of(last, services),
        at=event.at,
        status=alert.status,
        kind=event.kind,
        hazard=alert.hazard,
        title=title_of(connection, last, alert.hazard, services),
        title_en=title_of(connection, last, alert.hazard, services, "en"),
        counts={**_NOTHING, **(event.detail or counts_of(connection, alert))},
        reference=Reference(sender_of(last, services), last.identifier, last.sent_at),
        first=alert.identifier,
    )
    return as_xml(answers_message(facts), services.settings.time.info)


_NOTHING = asdict(Progress())


def said_at(connection: Connection, event: Event) -> AlertMessage | None:
    """The message that an event is of, else the last one before it; ``None``: there is none."""
    sent = alert_message_store.of_alert(connection, event.alert_id)
    if event.message_number is not None:
        return next((one for one in sent if one.number == event.message_number), None)
    before = [one for one in sent if one.sent_at <= event.at] or sent
    return before[-1] if before else None


def title_of(
    connection: Connection,
    message: AlertMessage,
    hazard: Hazard,
    services: Services,
    language: str = "zh",
) -> str:
    """What a warning was called with a message of it."""
    place = area_of_terms(connection, services, message.terms)
    return headline(message.terms.level, hazard, place, language)


def answers_name(alert: Alert, event: Event) -> str:
    """The identifier of such a message: of the warning's first, and the event's number."""
    return f"{alert.identifier}-{event.id}"


def event_of(connection: Connection, identifier: str) -> Event | None:
    """The event that such an identifier names, if that is one of the warning it names."""
    first, _, number = identifier.rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    event = store.event(connection, int(number))
    alert = None if event is None else alert_store.alert(connection, event.alert_id)
    named = event is not None and event.message_number is None and alert is not None
    return event if named and alert is not None and alert.identifier == first else None


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
