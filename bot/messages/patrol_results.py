"""What patrols came to as a workbook in the chat, to an officer who asked for it."""

from __future__ import annotations

from datetime import date
from functools import partial

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.duty_messages import PatrolSheet
from alerts.patrol.results.reading import persons_of
from bot.messages.facts import Facts
from bot.messages.topic import Topic
from bot.services.services import Services
from bot.telegram.outgoing import Request
from contacts.access import may_be_informed
from data.database import Connection

PATROL_RESULTS = Topic()


@PATROL_RESULTS.says(PatrolSheet)
def _sheet(facts: Facts, delivery: Delivery, message: PatrolSheet) -> Request | None:
    from bot.views.patrol.results_sheet import sheet_name

    viewer = facts.officer(delivery)
    if viewer is None or not may_be_informed(viewer, message.division).allowed:
        return None
    month = date.fromisoformat(f"{message.month}-01")
    place, language = facts.place(message.division), viewer.language
    return Request(
        "sendDocument",
        orjson.dumps({"chat_id": delivery.chat_id}),
        partial(_made, facts.services, message.division, month, place, language),
        file_name=sheet_name(place, month, language),
    )


def _made(services: Services, code: str, month: date, place: str, language: str) -> bytes:
    """Read and written when the message leaves, in a thread of its own, a piece at a time."""
    from bot.views.patrol.results_sheet import as_workbook

    def written(connection: Connection) -> bytes:
        persons = persons_of(connection, code, month)
        return as_workbook(persons, place, month, services.gazetteer.path, language)

    return services.database.blocking.read(written)
