"""The ledger of a warning (叫应台账) as a workbook to be printed and filed with the tier above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from alerts.calls import ANSWERED_BY, Call, CallState, Reach, Via
from alerts.channels.model import Tried
from alerts.ledger import LedgerRow, LedgerSum, ledger_rows, ledger_sums
from alerts.model import Alert
from alerts.report import at_tier
from alerts.report_facts import ReportFacts
from alerts.withdrawals.model import Withdrawal, WithdrawnAnswer
from bot.locale import translator
from bot.views.channels import channel_name, how_it_went
from bot.views.clock import clock, dated_clock, day_clock
from bot.views.report.evacuated import WIDTHS, evacuation_rows
from bot.views.report.lines import Cell, answered_how, local_time
from bot.views.report.xlsx import begins_risky, write, write_value
from bot.views.screen import name
from bot.views.vocabulary import called_name, doubt_reason, report_name
from bot.views.warnings.cut_off import errand_words
from bot.views.warnings.left_out import not_counted_on
from bot.views.warnings.parts import title
from contacts.channels import Channel
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.phones import display

_WIDTHS = (5, 9, 10, 13, 9, 13, 15, 12, 24, 12, 14, 6, 18, 12, 6, 6, 20)  # in characters
_SUM_WIDTHS = (14, 16, 9, 9, 9, 9, 12, 9, 9, 10, 10, 10)
_HEADER = 4  # the row that names the columns
_LINE = 16  # points, the height of a line of text
_TIME = "mm-dd hh:mm"
_A4 = 9  # of Excel's paper sizes
_THIN = Side(style="thin")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def as_ledger(
    facts: ReportFacts,
    gazetteer: Gazetteer,
    office: str,
    language: str,
    now: datetime,
    zone: tzinfo,
) -> bytes:
    """The ledger as XLSX: every person and place, then the sums of counties and townships.

    :param office: who files it; empty where none is known.
    :param now: when it is made.
    """
    _ = translator(language)
    rows = ledger_rows(facts)
    names = {line.call.id: line.person.name for line in facts.calls}
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _("叫应台账")
    header = [
        _("序号"), _("市县"), _("乡镇"), _("村、地点"), _("姓名"), _("职务"), _("电话"),
        _("叫应时间"), _("怎么叫的、结果"), _("回应时间"), _("怎么回应的"), _("分钟"),
        _("反馈"), _("反馈时间"), _("户"), _("人"), _("备注"),
    ]  # fmt: skip
    lines: list[list[Cell]] = [
        [number, *_place(row, facts, gazetteer), *_cells(row, facts, names, language, zone)]
        for number, row in enumerate(rows, start=1)
    ]
    heading = _heading(facts, office, language, now, zone)
    _fill(first, heading, header, lines, _WIDTHS, language)
    second = book.create_sheet(_("汇总"))
    header = [
        _("市县"), _("乡镇"), _("应叫"), _("已回应"), _("其中代答"), _("已反馈"),
        _("已回应未反馈"), _("销号"), _("未回应"), _("回应率"), _("转移户数"), _("转移人数"),
    ]  # fmt: skip
    lines = [_sum_cells(found, gazetteer, language) for found in ledger_sums(rows)]
    _fill(second, heading, header, lines, _SUM_WIDTHS, language)
    moving = evacuation_rows(facts, language)
    if len(moving) > 1:
        columns, *villages = moving
        _fill(
            book.create_sheet(_("转移统计")),
            heading,
            [str(name) for name in columns],
            villages,
            WIDTHS,
            language,
        )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def ledger_caption(
    alert: Alert, place: str, rows: int, language: str, now: datetime, zone: tzinfo
) -> str:
    """What stands under the file (HTML): of what it is, and as of when."""
    _ = translator(language)
    words = _("📒 叫应台账：{place}，{count} 行，截至 {time}。内有电话号码，勿外传。")
    as_of = words.format(place=name(place), count=rows, time=clock(now, zone))
    return f"{title(alert, place, language)}\n{as_of}"


def ledger_name(facts: ReportFacts, language: str, zone: tzinfo) -> str:
    """The file's name: 叫应台账-7-敦化市暴雨红色预警-20260703.xlsx."""
    _ = translator(language)
    at = (facts.alert.released_at or facts.alert.created_at).astimezone(zone)
    headline = "".join(letter for letter in facts.alert.headline if letter.isalnum())[:40]
    return _("叫应台账-{alert}-{headline}-{date}.xlsx").format(
        alert=facts.alert.id, headline=headline, date=f"{at:%Y%m%d}"
    )


def _heading(
    facts: ReportFacts, office: str, language: str, now: datetime, zone: tzinfo
) -> tuple[str, str, str]:
    """The title; who files it and when; what warning it is about."""
    _ = translator(language)
    alert = facts.alert
    mark = _("【演练】") if alert.exercise else ""
    filed = [_("填报单位：{office}").format(office=office)] if office else []
    filed.append(_("制表时间：{time}").format(time=dated_clock(now, zone)))
    about = [_("预警编号：{identifier}").format(identifier=alert.identifier)]
    for words, at in (
        (_("发布：{time}"), alert.released_at),
        (_("解除：{time}"), alert.lifted_at),
        (_("取消：{time}"), alert.cancelled_at),
        (_("销号：{time}"), alert.closed_at),
    ):
        if at is not None:
            about.append(words.format(time=dated_clock(at, zone)))
    about.append(_("区域：{areas}").format(areas=facts.areas))
    title = _("{headline}叫应台账").format(headline=alert.headline)
    return f"{mark}{title}", "　".join(filed), "　".join(about)


def _place(row: LedgerRow, facts: ReportFacts, gazetteer: Gazetteer) -> tuple[str, str, str]:
    """City or county, township, and the village or place."""
    code, place = row.where
    tier = tier_of(code)
    names = [
        gazetteer.name(at_tier(code, above)) if tier.depth >= above.depth else ""
        for above in (Tier.COUNTY, Tier.TOWNSHIP, Tier.VILLAGE)
    ]
    names[0] = names[0] or gazetteer.name(code)
    names[2] = " ".join(filter(None, (names[2], facts.place_names.get(place, place))))
    return names[0], names[1], names[2]


def _cells(
    row: LedgerRow, facts: ReportFacts, names: dict[int, str], language: str, zone: tzinfo
) -> list[Cell]:
    call, person = row.line.call, row.line.person
    held = (call._replace(division_code=row.where[0], role=role) for role in row.roles)
    told = [
        "：".join(filter(None, (report_name(fact.report, language), fact.text)))
        for fact in row.reports
    ]
    return [
        person.name,
        "、".join(called_name(post, person, language) for post in held),
        "、".join(display(number) for number in person.numbers),
        local_time(row.line.first_called_at, zone),
        "；".join(_called_by(row, language)),
        local_time(call.answered_at, zone),
        answered_how(call, facts, language),
        None if row.line.seconds is None else round(row.line.seconds / 60, 1),
        "；".join(dict.fromkeys(told)),
        local_time(row.reports[-1].reported_at, zone) if row.reports else None,
        row.households,
        row.persons,
        "；".join(
            [
                *_remarks(row, facts, names, language),
                *_withdrawn(row.line.withdrawn, facts, language, zone),
                *_cut_off(row.where[0], facts, language, zone),
            ]
        ),
    ]


def _called_by(row: LedgerRow, language: str) -> Iterable[str]:
    """By what the person was called, and how it went by each."""
    _ = translator(language)
    call = row.line.call
    if call.delivered_at is not None or call.reach is Reach.DELIVERED:
        how = _("已送达")
    elif call.reach is Reach.UNREACHABLE:
        how = _("联系不上")
    else:
        how = _("没有送达")
    yield _("{channel}：{how}").format(channel=channel_name(Channel.TELEGRAM, language), how=how)
    for tried in row.line.tried:
        # A call that ended before the first try was not made by that channel.
        if call.open or tried != Tried(tried.channel, 0):
            yield _by_channel(tried, call, language)


def _by_channel(tried: Tried, call: Call, language: str) -> str:
    _ = translator(language)
    if call.answered_via is None or call.answered_via is not ANSWERED_BY.get(tried.channel):
        return how_it_went(tried, language)
    how = _("已答复")
    if tried.tries > 1:
        how = _("{how}（{count} 次）").format(how=how, count=tried.tries)
    return _("{channel}：{how}").format(channel=channel_name(tried.channel, language), how=how)


def _remarks(
    row: LedgerRow, facts: ReportFacts, names: dict[int, str], language: str
) -> Iterable[str]:
    _ = translator(language)
    call = row.line.call
    if call.stand_in_for is not None:
        yield _("替补，原叫 {name}").format(name=names.get(call.stand_in_for, "")).strip()
    if call.answered_via is Via.PROXY:
        yield _("{name} 代答").format(name=facts.names.get(call.proxy_by or 0, "")).strip()
    if call.stood_down:
        yield _("原来叫的人已有着落，不用顶替")
    elif call.discharge_reason and (call.left_out or call.state is CallState.DISCHARGED):
        by = facts.names.get(call.discharged_by or 0, "")
        reason = _("销号：{reason}").format(reason=call.discharge_reason or "")
        yield f"{reason}（{by}）" if by else reason
    if row.left_out:
        yield not_counted_on(facts.alert.hazard, language)
    elif call.state is CallState.CANCELLED:
        yield _("预警结束时还没有回应")


def _withdrawn(
    answers: Iterable[WithdrawnAnswer], facts: ReportFacts, language: str, zone: tzinfo
) -> Iterable[str]:
    """Answers that count no more: by whom, when and why."""
    _ = translator(language)
    for answer in answers:
        at = day_clock(answer.at, zone)
        if answer.kind is Withdrawal.TAKEN_BACK:
            yield _("{time} 本人撤回回应，重新叫应").format(time=at)
            continue
        if answer.kind is Withdrawal.RAISED:
            words = _("{answered} 曾回应，{time} 预警更新后重新叫应")
            yield words.format(answered=day_clock(answer.answered_at, zone), time=at)
            continue
        yield _("{time} {name} 存疑，重新叫应：{reason}").format(
            time=at,
            name=facts.names.get(answer.by_id or 0, ""),
            reason=doubt_reason(answer.reason, language),
        )


def _cut_off(code: str, facts: ReportFacts, language: str, zone: tzinfo) -> Iterable[str]:
    """That the village was cut off, and who was sent there."""
    _ = translator(language)
    for village in facts.cut_off.get(code, ()):
        yield _("{time} 起三断").format(time=day_clock(village.found_at, zone))
        for errand in facts.errands.get(village.id, ()):
            at = day_clock(errand.assigned_at, zone)
            who = facts.names.get(errand.person_id, "")
            yield errand_words(errand.state, at, who, language)


def _sum_cells(found: LedgerSum, gazetteer: Gazetteer, language: str) -> list[Cell]:
    _ = translator(language)
    if not found.division_code:
        names = [_("合计"), ""]
    elif not found.below:
        names = [gazetteer.name(found.division_code), _("小计")]
    elif found.below == found.division_code:
        names = ["", _("本级")]
    else:
        names = ["", gazetteer.name(found.below)]
    return [
        *names,
        found.calls,
        found.answered,
        found.proxied,
        found.reported,
        found.unreported,
        found.discharged,
        found.silent,
        f"{found.answered / found.calls:.1%}" if found.calls else "",
        found.households,
        found.persons,
    ]


def _fill(
    sheet: Worksheet,
    heading: Sequence[str],
    header: Sequence[str],
    lines: Sequence[Sequence[Cell]],
    widths: Sequence[int],
    language: str,
) -> None:
    """A sheet with its title, the lines about it, the table, and who signs; to print on A4."""
    _ = translator(language)
    columns, last = len(header), _HEADER + len(lines)
    # A look is worked out once: for each cell anew, a province's 12,000 rows took three times as
    # long.
    styles: dict[tuple[bool, type, bool], Any] = {}
    for number, words in enumerate(heading, start=1):
        write(sheet.cell(number, 1), words)
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=columns)
        # No program makes merged cells as high as their text: many areas take several lines.
        at_once = sum(widths) // 2  # Chinese characters beside each other
        sheet.row_dimensions[number].height = _LINE * (len(words) // at_once + 1)
        sheet.cell(number, 1).alignment = Alignment(wrap_text=True, vertical="center")
    sheet.cell(1, 1).font = Font(bold=True, size=18)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 2 * _LINE
    for number, line in enumerate((header, *lines), start=_HEADER):
        for column, value in enumerate(line, start=1):
            cell = sheet.cell(number, column)
            write_value(cell, value)
            kind = (number == _HEADER, type(value), begins_risky(cell))
            if kind not in styles:
                _style(cell, *kind)
                styles[kind] = cell._style
            cell._style = copy(styles[kind])
    write(sheet.cell(last + 2, 1), _("制表：　　　　　　　　审核：　　　　　　　　签发："))
    signed = {"start_row": last + 2, "end_row": last + 2}
    sheet.merge_cells(**signed, start_column=1, end_column=columns)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = f"A{_HEADER + 1}"
    sheet.auto_filter.ref = f"A{_HEADER}:{get_column_letter(columns)}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEADER}:{_HEADER}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4  # inches
    sheet.oddFooter.center.text = _("第 &P 页，共 &N 页")


def _style(cell: XlsxCell, header: bool, kind: type, risky: bool) -> None:
    """The look of a cell of the table."""
    centred = "center" if header or kind is not str else None
    cell.border = _GRID
    cell.alignment = Alignment(horizontal=centred, vertical="center", wrap_text=True)
    cell.quotePrefix = risky
    if kind is datetime:
        cell.number_format = _TIME
    if header:
        cell.font = Font(bold=True)
