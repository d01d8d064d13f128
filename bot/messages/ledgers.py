"""The ledger of calls (叫应台账) as a file in the chat, to an officer who asked for it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import orjson

from alerts.headquarters import headquarters_name
from alerts.ledger import ledger_rows
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import LedgerSheet
from alerts.report_facts import CallLine, ReportFacts, report_facts
from bot.messages.facts import Facts
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from contacts.access import may_see_phone, may_watch
from contacts.divisions.codes import contains
from contacts.people import Person

LEDGERS = Topic()


@LEDGERS.says(LedgerSheet)
def _ledger(facts: Facts, delivery: Delivery, message: LedgerSheet) -> Request | None:
    from bot.views.report.ledger import as_ledger, ledger_caption, ledger_name

    alert = facts.alert(delivery)
    viewer = facts.officer(delivery)
    if viewer is None or not may_watch(viewer, alert.areas).allowed:
        return None
    gazetteer, language = facts.services.gazetteer, viewer.language
    told = report_facts(facts.connection, alert.id, gazetteer, trail=False)
    told = _seen_by(facts, told, viewer, message.division)
    place = facts.place(viewer.division_code)
    known = facts.services.rules.headquarters
    office = headquarters_name(known, viewer.division_code, alert.hazard.family, place) or place
    zone = facts.services.rules.warnings.zone
    area = facts.place(message.division) if message.division else facts.area(alert)
    caption = ledger_caption(alert, area, len(ledger_rows(told)), language, facts.now, zone)
    return Request(
        "sendDocument",
        orjson.dumps({"chat_id": delivery.chat_id, "caption": caption, "parse_mode": "HTML"}),
        partial(as_ledger, told, gazetteer, office, language, facts.now, zone),
        file_name=ledger_name(told, language, zone),
        numbers=tuple(line.person.phone for line in told.calls if line.person.phone),
    )


def _seen_by(facts: Facts, told: ReportFacts, viewer: Person, division: str) -> ReportFacts:
    """The calls of a division, with the numbers that ``viewer`` may read."""
    hidden = facts.services.settings.privacy.board_only

    def seen(line: CallLine) -> CallLine:
        if not hidden and may_see_phone(viewer, line.person).allowed:
            return line
        return replace(line, person=replace(line.person, phone="", other_phones=""))

    return replace(
        told,
        calls=tuple(seen(line) for line in told.calls if _lies_in(line, division)),
        villages={
            code: village
            for code, village in told.villages.items()
            if not division or contains(division, code)
        },
    )


def _lies_in(line: CallLine, division: str) -> bool:
    if not division:
        return True
    codes = (line.call.division_code, *(post.division_code for post in line.further))
    return any(contains(division, code) for code in codes)
