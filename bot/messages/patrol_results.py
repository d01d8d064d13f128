"""What patrols came to as a workbook in the chat, to an officer who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.duty_messages import PatrolSheet
from alerts.patrol.results.reading import Line, persons_of
from bot.messages.facts import Facts
from bot.messages.topic import Topic
from bot.services.services import Services
from bot.telegram.outgoing import Request
from contacts.access import may_be_informed

PATROL_RESULTS = Topic()


@PATROL_RESULTS.says(PatrolSheet)
def _sheet(facts: Facts, delivery: Delivery, message: PatrolSheet) -> Request | None:
    from bot.views.patrol.results_sheet import as_workbook, sheet_name

    viewer = facts.officer(delivery)
    if viewer is None or not may_be_informed(viewer, message.division).allowed:
        return None
    month = date.fromisoformat(f"{message.month}-01")
    place, language = facts.place(message.division), viewer.language
    return Request(
        "sendDocument",
        orjson.dumps({"chat_id": delivery.chat_id}),
        partial(
            as_workbook,
            _pieces(facts.services, message.division, month),
            place,
            month,
            facts.services.gazetteer.path,
            language,
        ),
        file_name=sheet_name(place, month, language),
    )


def _pieces(services: Services, code: str, month: date) -> Iterator[list[Line]]:
    """The persons, read when the workbook is written, in a thread of its own."""
    return iter(services.database.blocking.read(lambda c: list(persons_of(c, code, month))))
