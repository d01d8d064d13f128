"""What a delivery about reports from the spot says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alerts import alert_store
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import FieldReports
from alerts.patrol.distress.model import arrived_late
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import FieldReport
from alerts.patrol.positions import store as position_store
from bot.messages.facts import Facts
from bot.messages.requests import TOGETHER, as_album, as_file, as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import FilesOfOthers, Request
from bot.views.patrol import field_reports as views
from bot.views.screen import Screen, payload

FIELD_REPORTS = Topic()


@FIELD_REPORTS.says(FieldReports)
def _field_reports(facts: Facts, delivery: Delivery, message: FieldReports) -> Request | None:
    parts = [
        part
        for report_id in message.ids
        if (part := field_report_store.field_report(facts.connection, report_id)) is not None
    ]
    if not parts:
        return None
    if message.words:
        parts = [replace(parts[0], file_id=None)]
    chat_id = delivery.chat_id
    came_at = delivery.queued_at
    late = came_at is not None and arrived_late(parts[0].at, came_at)
    return reports_request(facts, chat_id, delivery.language, parts, phones=chat_id > 0, late=late)


def reports_request(
    facts: Facts,
    chat_id: int,
    language: str,
    parts: Sequence[FieldReport],
    *,
    phones: bool,
    late: bool = False,
) -> Request:
    """One report, or the parts of an album, to a chat; files of another bot are brought over.

    :param phones: whether the sender's number is shown.
    :param late: whether it was long on its way here.
    """
    first = parts[0]
    here = facts.bot_id
    files = [(part.kind, part.file_id) for part in parts if part.file_id is not None]
    away = {
        part.file_id: part.bot_id
        for part in parts
        if part.file_id is not None and part.bot_id not in (None, here)
    }
    screen = _screen(facts, first, parts, language, phones=phones, late=late)
    if not files:
        return as_message(chat_id, screen)
    kinds = {kind for kind, _ in files}
    if len(files) > 1 and (kinds <= set(TOGETHER) or kinds == {"document"}):
        request = as_album(chat_id, screen, files)
    else:
        request = as_file(chat_id, screen, *files[0])
        away = {key: value for key, value in away.items() if key == files[0][1]}
    if not away:
        return request
    words = _screen(facts, first, parts, language, phones=phones, late=late, elsewhere=True)
    return replace(request, files_of_others=FilesOfOthers(away, payload(words, chat_id)))


def _screen(
    facts: Facts,
    first: FieldReport,
    parts: Sequence[FieldReport],
    language: str,
    *,
    phones: bool,
    late: bool,
    elsewhere: bool = False,
) -> Screen:
    person = facts.person(first.person_id)
    assert person is not None
    position = (
        None
        if first.position_id is None
        else position_store.position(facts.connection, first.position_id)
    )
    alert = None if first.alert_id is None else alert_store.alert(facts.connection, first.alert_id)
    captions = dict.fromkeys(part.caption for part in parts if part.caption)
    return views.report(
        first,
        person,
        facts.services.gazetteer.path(first.division_code or person.division_code),
        position,
        language,
        caption="\n".join(captions),
        about="" if alert is None else alert.headline,
        show_phone=phones,
        elsewhere=elsewhere,
        late_seconds=(facts.now - first.at).total_seconds() if late else 0.0,
        listable=phones and not elsewhere,
        zone=facts.zone,
    )
