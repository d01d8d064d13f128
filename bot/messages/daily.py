"""The daily report, its files, and what the tier above says about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import orjson

from alerts.loop.daily import store
from alerts.loop.daily.days import Period
from alerts.loop.daily.reading import DailyReport, read_report
from alerts.loop.daily.remarks import Remark
from alerts.outbox.daily_messages import DailyFile, DailyNews, RemarkNews
from alerts.outbox.deliveries import Delivery
from bot.actions.daily import FileKind
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views import daily as views
from bot.views.daily import SaidRemark
from bot.views.screen import Screen
from contacts.access import may_be_informed, may_remark
from contacts.divisions.codes import Tier, tier_of
from contacts.people import Person

DAILY = Topic()


def screen_of(
    facts: Facts, report: DailyReport, reader: Person, language: str, missed: int = 0
) -> Screen:
    """A report with what was said about it, and with what its reader may do."""
    below = () if report.made_at is None else below_of(facts, report.division_code)
    return views.report_screen(
        report,
        facts.place,
        language,
        remarks=[said(facts, remark) for remark in report.own_remarks],
        remarks_below=report.period is Period.DAY
        and any(may_remark(reader, code).allowed for code in below[:1]),
        missed=missed,
        zone=facts.zone,
    )


def below_of(facts: Facts, code: str) -> Sequence[str]:
    """The divisions right below one that are remarked on: villages are not."""
    children = facts.services.gazetteer.children(code)
    return [child.code for child in children if child.tier is not Tier.VILLAGE]


def said(facts: Facts, remark: Remark) -> SaidRemark:
    """A remark with the name of whoever made it."""
    return SaidRemark(remark, facts.by(remark.by_id))


@DAILY.says(DailyNews)
def _report(facts: Facts, delivery: Delivery, message: DailyNews) -> Request | None:
    reader = facts.officer(delivery)
    if reader is None or not may_be_informed(reader, message.division).allowed:
        return None
    report = _read(facts, message.division, message.day, Period.DAY)
    screen = screen_of(facts, report, reader, delivery.language, message.missed)
    return as_message(delivery.chat_id, screen)


@DAILY.says(RemarkNews)
def _remark(facts: Facts, delivery: Delivery, message: RemarkNews) -> Request | None:
    remark = store.remark(facts.connection, message.remark_id)
    if remark is None:
        return None
    screen = views.remark_news(said(facts, remark), facts.place, delivery.language)
    return as_message(delivery.chat_id, screen)


@DAILY.says(DailyFile)
def _file(facts: Facts, delivery: Delivery, message: DailyFile) -> Request | None:
    # Here: openpyxl and ReportLab take longer to load than most messages take to be made.
    from bot.views.report.daily_lines import DailySheets

    reader, language = facts.officer(delivery), delivery.language
    if reader is None or not may_be_informed(reader, message.division).allowed:
        return None
    report = _read(facts, message.division, message.day, Period(message.period), curves=True)
    sheets = DailySheets(
        report,
        facts.services.gazetteer,
        tuple(said(facts, remark) for remark in report.remarks),
        language,
        facts.zone.zone,
    )
    kind = FileKind.PDF if message.pdf else FileKind.XLSX
    caption = views.file_caption(report, facts.place, language, facts.zone)
    return Request(
        "sendDocument",
        orjson.dumps({"chat_id": delivery.chat_id, "caption": caption, "parse_mode": "HTML"}),
        partial(_made, sheets, kind),
        file_name=views.file_name(report, facts.place, kind, language),
    )


def _made(sheets: object, kind: FileKind) -> bytes:
    """Away from the event loop, when the message leaves."""
    if kind is FileKind.PDF:
        from bot.views.report.daily_pdf import as_daily_pdf

        return as_daily_pdf(sheets)  # type: ignore[arg-type]
    from bot.views.report.daily_xlsx import as_daily_xlsx

    return as_daily_xlsx(sheets)  # type: ignore[arg-type]


def _read(
    facts: Facts, code: str, day: str, period: Period, *, curves: bool = False
) -> DailyReport:
    rules = facts.services.rules.daily
    return read_report(
        facts.connection,
        code,
        period,
        date.fromisoformat(day),
        facts.now,
        rules,
        curves=curves,
    )


def widest_of(person: Person) -> str:
    """The widest division whose report somebody may read: of their posts that are informed."""
    codes = [
        post.division_code
        for post in person.posts
        if may_be_informed(person, post.division_code).allowed
    ]
    return min(codes, key=lambda code: (tier_of(code).depth, code), default=person.division_code)
