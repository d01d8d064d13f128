"""Who has not answered, as a workbook to telephone from: by township, a line for the answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from alerts.calls import Reach
from alerts.model import Alert
from bot.locale import translator
from bot.views.channels import how_it_went
from bot.views.clock import clock, file_time, whole_minutes
from bot.views.report.xlsx import fill
from bot.views.screen import bold
from bot.views.vocabulary import called_name
from bot.views.warnings.parts import title
from bot.views.warnings.silent_list import SilentCall, out_of_reach
from contacts.phones import masked

_WIDTHS = (6, 30, 14, 14, 18, 12, 26, 14, 14, 30)


def as_sheet(
    rows: Sequence[SilentCall],
    numbers: Collection[int],
    language: str,
    now: datetime,
) -> bytes:
    """The list as XLSX.

    :param numbers: the calls, by id, of those whose telephone number the reader may read.
    """
    _ = translator(language)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _("未回应")
    header = [
        _("序号"),
        _("地方"),
        _("姓名"),
        _("职务"),
        _("电话"),
        _("未回应（分钟）"),
        _("为什么没有回应"),
        _("替补已回应"),
        _("谁在打"),
        _("叫应结果（手写）"),
    ]
    lines = [
        [
            number,
            row.place,
            row.person.name,
            called_name(row.call, row.person, language),
            "、".join(row.person.numbers) if row.call.id in numbers else masked(row.person.phone),
            whole_minutes((now - row.call.called_at).total_seconds()),
            _why(row, language),
            row.stand_in or None,
            row.ringing.officer if row.ringing is not None else None,
            None,
        ]
        for number, row in enumerate(rows, start=1)
    ]
    fill(sheet, [header, *lines], _WIDTHS)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_caption(
    alert: Alert, place: str, persons: int, language: str, now: datetime, zone: tzinfo
) -> str:
    """What stands under the file (HTML)."""
    _ = translator(language)
    lines = [
        title(alert, place, language),
        bold(_("📵 未回应 {count} 人").format(count=persons)),
        _("{time} 的名单；有人回应后请重新导出。").format(time=clock(now, zone)),
        _("内有电话号码，只供叫应，用完请删除。"),
    ]
    return "\n".join(lines)


def sheet_name(place: str, now: datetime, language: str, zone: tzinfo) -> str:
    """The file's name: 未回应-敦化市-0312.xlsx."""
    _ = translator(language)
    safe = "".join(letter for letter in place if letter.isalnum())[:20]
    return _("未回应-{place}-{time}.xlsx").format(place=safe, time=file_time(now, zone))


def _why(row: SilentCall, language: str) -> str:
    by_channels = [how_it_went(tried, language) for tried in row.tried]
    return "；".join([_by_telegram(row, language), *by_channels])


def _by_telegram(row: SilentCall, language: str) -> str:
    _ = translator(language)
    if row.call.reach is Reach.UNREACHABLE:
        return _("联系不上：{why}").format(why=out_of_reach(row.person, language))
    if row.call.reach is Reach.QUEUED:
        return _("消息还在排队")
    return _("已送达，没有按「收到」")
